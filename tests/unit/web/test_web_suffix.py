"""The path that Prometheus and Alerta append by themselves leads to its source, and only to sources of its type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from web_side import AUTHORIZED, TOKEN, FixedClock, source

from bridge.config.settings import AuthKind, AuthSettings, Settings, StoreSettings
from bridge.policy.rules import Rules
from bridge.secret import Secret
from bridge.store import Store
from bridge.web.app import create_app

BODY = json.dumps([{"labels": {"alertname": "Down"}, "startsAt": "2026-11-21T04:00:00Z"}])


@pytest.fixture
def caller(tmp_path: Path, store: Store) -> Iterator[FlaskClient]:
    bearer = AuthSettings(AuthKind.BEARER, (Secret(TOKEN),))
    made = (
        source("am", "alertmanager", bearer),
        source("push", "prometheus-api", bearer),
        source("hub", "alerta", bearer),
        source("path", "prometheus-api", AuthSettings(AuthKind.PATH, (Secret("path-secret"),))),
    )
    settings = Settings(
        {item.name: item for item in made}, {}, {}, Rules((), {}), StoreSettings(tmp_path / "other-state")
    )
    with create_app(settings, store, FixedClock()).test_client() as client:
        yield client


@pytest.mark.parametrize("path", ["/hooks/push", "/hooks/push/api/v2/alerts"])
def test_both_addresses_take_an_alert(caller: FlaskClient, path: str) -> None:
    answer = caller.post(path, data=BODY, headers=AUTHORIZED)
    assert answer.status_code == 200
    assert answer.get_json()["events"] == 1


def test_the_forwarder_of_alerta_gets_what_another_alerta_would_answer(caller: FlaskClient) -> None:
    body = {"resource": "web01", "event": "Down", "environment": "Production", "severity": "major", "id": "1"}
    answer = caller.post("/hooks/hub/alert", json=body, headers=AUTHORIZED)
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["events"]) == (202, "ok", 1)
    assert caller.put("/hooks/hub/alert/1/action", json={"action": "close"}, headers=AUTHORIZED).status_code == 404


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/hooks/push/api/v2/alerts", {}, 401),
        ("/hooks/path/path-secret/api/v2/alerts", {}, 200),
        ("/hooks/path/wrong/api/v2/alerts", {}, 401),
        ("/hooks/am/api/v2/alerts", AUTHORIZED, 404),
        ("/hooks/nobody/api/v2/alerts", AUTHORIZED, 404),
    ],
)
def test_the_suffix_opens_nothing_else(caller: FlaskClient, path: str, headers: dict[str, str], status: int) -> None:
    assert caller.post(path, data=BODY, headers=headers).status_code == status
