"""The Cachet 2 sandbox answers as the recorded 2.4.1 and 2.3.18 did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from replay import Dialect, Outcome, SetClock, read, replay
from replay_exceptions import CACHET2, CACHET2_OLD

from bridge.sandbox.app import Sandbox
from bridge.sandbox.cachet2 import ProviderSandbox

IGNORED = frozenset({"verify_code", "duration", "meta.on_latest"})
LAST_OF_FIRST_DATABASE = 412
TEMPLATES = (
    ("Service Outage", "service-outage"),
    ("With if", "with-if"),
)


def _headers(auth: str | None) -> Mapping[str, str]:
    return {
        "token": {"X-Cachet-Token": "sandbox"},
        "staff": {"X-Cachet-Token": "sandbox-staff"},
        "bad": {"X-Cachet-Token": "nope"},
        "basic": {"Authorization": "Basic dXNlcjpwYXNz"},
    }.get(auth or "", {})


def _dialect() -> Dialect:
    site = ("http://status.example.test/api/v1", "http://localhost/cachet2/api/v1")
    return Dialect(
        ("/api/v1", "/cachet2/api/v1"), _headers, IGNORED, (site, ("http://status.example.test", "http://localhost/cachet2"))
    )


def _fresh(version: str) -> tuple[Sandbox, ProviderSandbox, SetClock]:
    clock = SetClock()
    sandbox = Sandbox(clock)
    plugin = sandbox.plugins["cachet2"]
    assert isinstance(plugin, ProviderSandbox)
    plugin.settings.seeded = False
    plugin.settings.version = version
    plugin.reset()
    return sandbox, plugin, clock


def _replay(version: str, exchanges: list[dict[str, Any]], exceptions: Mapping[str, str]) -> Outcome:
    sandbox, plugin, clock = _fresh(version)
    dialect = _dialect()
    recorded = next((e["body"]["data"] for e in exchanges if e["p"] == "/api/v1/incidents/templates" and e["s"] == 200), [])
    for template in recorded:
        made = datetime.fromisoformat(template["created_at"]).replace(tzinfo=UTC)
        row = {key: template[key] for key in ("name", "slug", "template", "deleted_at")}
        plugin.world.templates.add({**row, "created_at": made, "updated_at": made})

    def prepare(sandbox: Sandbox, exchange: Mapping[str, Any]) -> None:
        clock.moment = parsedate_to_datetime(exchange["at"])
        plugin.settings.release_service_up = not (exchange["p"].endswith("/version") and exchange["s"] == 500)

    dialect.prepare = prepare
    return replay(sandbox, exchanges, dialect, exceptions)


def test_the_recorded_2_4_exchanges_agree(capsys: pytest.CaptureFixture[str]) -> None:
    exchanges = [e for e in read("cachet2.jsonl") if int(e["n"]) <= LAST_OF_FIRST_DATABASE]
    outcome = _replay("2.4", exchanges, CACHET2)
    with capsys.disabled():
        print(f"\n{outcome.summary('cachet2 2.4')}")
    assert outcome.differed == {}
    assert set(outcome.excepted) <= CACHET2.keys()


def test_the_recorded_2_3_exchanges_agree(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = _replay("2.3", read("cachet2-v23.jsonl"), CACHET2_OLD)
    with capsys.disabled():
        print(f"\n{outcome.summary('cachet2 2.3')}")
    assert outcome.differed == {}
