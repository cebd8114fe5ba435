"""A page that calls is looked at, and what it says counts for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from web_side import AUTHORIZED, TOKEN, FixedClock, source

from bridge.config.load import parse_settings
from bridge.config.settings import AuthKind, AuthSettings, Settings, StoreSettings
from bridge.policy.rules import Rules
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.lanes import POLL, Lane
from bridge.web.app import create_app

CONFIG = """\
sources:
  old: {type: cachet3, url: https://old.example.com, token: some-token}
  news: {type: generic, auth: {bearer: some-other-token}, page: %s}
destinations:
  intranet: {type: cachet3, url: https://status.internal, token: one-more-token}
mirrors:
  - {from: old, to: intranet}
"""


@pytest.fixture
def caller(tmp_path: Path, store: Store) -> Iterator[FlaskClient]:
    bearer = AuthSettings(AuthKind.BEARER, (Secret(TOKEN),))
    news = replace(source("news", "generic", bearer), page="old")
    settings = Settings({"news": news}, {}, {}, Rules((), {}), StoreSettings(tmp_path / "other-state"))
    with create_app(settings, store, FixedClock()).test_client() as client:
        yield client


def test_a_call_has_the_page_looked_at(caller: FlaskClient, store: Store) -> None:
    body = {"key": "k", "action": "trigger", "title": "Many errors"}
    answer = caller.post("/hooks/news", json=body, headers=AUTHORIZED)
    assert answer.status_code == 202
    assert answer.get_json()["events"] == 0
    next_at = store.pages.next_at("old")
    assert next_at is not None
    assert next_at.timestamp() == 0
    assert not store.lanes.wake(Lane(POLL, "old")), "a wake-up is queued already"


def test_a_call_without_the_token_has_nothing_looked_at(caller: FlaskClient, store: Store) -> None:
    assert caller.post("/hooks/news", json={"key": "k"}).status_code == 401
    assert store.pages.next_at("old") is None


def test_the_page_must_be_one_that_is_looked_at() -> None:
    good = parse_settings((CONFIG % "old").encode(), Path("bridge.yaml"), {})
    assert good.settings is not None
    assert good.settings.sources["news"].page == "old"
    bad = parse_settings((CONFIG % "odl").encode(), Path("bridge.yaml"), {})
    assert bad.settings is None
    assert "sources.news.page: there is no such page" in "\n".join(map(str, bad.problems))
