"""Who shares a rate budget: one token at one host, however its address is written."""

from __future__ import annotations

import pytest

from bridge.providers.base.mapping import load
from bridge.secret import Secret
from bridge.store.budget import budget_id

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
