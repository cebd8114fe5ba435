"""Who shares a rate budget: one token at one host, however its address is written."""

from __future__ import annotations

import pytest

from bridge.config.settings import DestinationSettings
from bridge.providers.base.mapping import load
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.budget import Budget, budget_id

TOKEN = Secret("t0ken")


@pytest.mark.parametrize(
    ("provider", "urls"),
    [
        ("statuspage", [None, "https://api.statuspage.io/v1", "https://API.statuspage.io/v1/"]),
        ("pingpong", [None, "https://api.pingpong.one", "https://api.pingpong.one/rest/v1/"]),
        ("cachet2", ["https://s.example.com", "https://s.example.com/", "https://s.example.com/api/v1"]),
    ],
)
def test_one_token_at_one_host_has_one_budget(provider: str, urls: list[str | None]) -> None:
    home = load(provider).limits.home
    assert len({budget_id(provider, TOKEN, url, home) for url in urls}) == 1


def test_another_token_host_or_provider_has_a_budget_of_its_own() -> None:
    one = budget_id("cachet2", TOKEN, "https://s.example.com")
    assert budget_id("cachet2", Secret("other"), "https://s.example.com") != one
    assert budget_id("cachet2", TOKEN, "https://t.example.com") != one
    assert budget_id("cachet3", TOKEN, "https://s.example.com") != one
    assert "t0ken" not in one


def _budget(store: Store, name: str, token: str) -> Budget:
    settings = DestinationSettings(name, name, Secret(token), url="http://127.0.0.1:1/api", rate=(2, 60.0))
    return store.budget(settings, None, reads_by_address=load(name).limits.reads_by_address)


def test_where_reads_count_by_address_all_tokens_share_them_and_writes_go_on(store: Store) -> None:
    mine, yours = _budget(store, "cachet3", "mine"), _budget(store, "cachet3", "yours")
    assert [mine.take(read=True), yours.take(read=True)] == [0.0, 0.0]
    assert mine.take(read=True) > 0
    assert yours.take(read=True) > 0
    assert [mine.take(), yours.take()] == [0.0, 0.0], "writing is counted apart, and by token"
    mine.penalise(30.0, read=True)
    assert mine.take() == 0.0
    assert yours.take(read=True) > 25


def test_elsewhere_reads_and_writes_share_a_budget(store: Store) -> None:
    budget = _budget(store, "statuspage", "mine")
    assert [budget.take(read=True), budget.take()] == [0.0, 0.0]
    assert budget.take(read=True) > 0
    assert budget.take() > 0
