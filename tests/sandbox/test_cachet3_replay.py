"""The Cachet 3 sandbox answers as the recorded servers did."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from replay import Dialect, Outcome, SetClock, read, replay
from replay_exceptions import CACHET3

from bridge.sandbox.app import Sandbox
from bridge.sandbox.cachet3 import ProviderSandbox

FIRST_DATABASE = (*range(1, 413), *range(443, 479))
BERLIN = range(413, 422)
MARIADB = range(422, 443)
PROTECTED, DISABLED, LIMITED = range(398, 404), range(404, 407), range(407, 413)
BETWEEN = 298
"""Calls that were made, and not recorded, between the first of a window and the last that it allowed."""
_FRESH = re.compile(r'"human": "(\d) seconds? ago", "string": "([^"]+)"')
_TABLES = {
    "components": "components", "componentGroups": "groups", "incidents": "incidents", "updates": "updates",
    "incidentTemplates": "templates", "schedules": "schedules", "metrics": "metrics", "metricPoints": "points",
    "subscribers": "subscribers",
}  # fmt: skip


def _headers(auth: str | None) -> Mapping[str, str]:
    tokens = {"all": "sandbox", "limited": "sandbox-limited", "expired": "old", "bad": "1|nope", "malformed": "nope"}
    return {"Authorization": f"Bearer {tokens[auth]}"} if auth else {}


class Recorded:
    """A sandbox like the recorded server."""

    def __init__(self, database: str = "sqlite", zone: str = "UTC") -> None:
        self.clock = SetClock()
        self.sandbox = Sandbox(self.clock)
        plugin = self.sandbox.plugins["cachet3"]
        assert isinstance(plugin, ProviderSandbox)
        self.plugin = plugin
        plugin.settings.seeded = False
        plugin.settings.rate_limit = None
        plugin.settings.database = database
        plugin.settings.zone = zone
        plugin.reset()

    def prepare(self, sandbox: Sandbox, exchange: Mapping[str, Any]) -> None:
        """Clock and switches as they stood at each recorded exchange."""
        self.clock.moment = self._moment(exchange) or self.clock.moment
        self.plugin.settings.api_protected = int(exchange["n"]) in PROTECTED
        self.plugin.settings.api_enabled = int(exchange["n"]) not in DISABLED
        self.plugin.settings.rate_limit = 300 if int(exchange["n"]) in LIMITED else None
        if exchange["n"] == "408":
            for _ in range(BETWEEN):
                sandbox.app.test_client().get("/cachet3/api/ping")
        if exchange["m"] == "POST" and exchange["s"] == 201:
            self._skip_ids(exchange["body"]["data"])

    def _moment(self, exchange: Mapping[str, Any]) -> datetime | None:
        """The server's time, read off the youngest date of the answer (no Date header was recorded)."""
        zone = ZoneInfo(self.plugin.settings.zone)
        found = _FRESH.findall(json.dumps(exchange["body"]))
        read_off = ((datetime.fromisoformat(text).replace(tzinfo=zone), int(ago)) for ago, text in found)
        moments = [moment.astimezone(UTC) + timedelta(seconds=ago) for moment, ago in read_off]
        return max(moments) if moments else None

    def _skip_ids(self, data: Mapping[str, Any]) -> None:
        """Objects that were made outside of the recording used up ids."""
        table = getattr(self.plugin.world, _TABLES[data["type"]])
        while table.last_id < int(data["id"]) - 1:
            table.burn_id()

    def replay(self, numbers: Sequence[int]) -> Outcome:
        exchanges = [e for e in read("cachet3.jsonl") if int(e["n"]) in numbers]
        sites = tuple((f"http://127.0.0.1:{port}/api", "http://localhost/cachet3/api") for port in (8093, 8094, 8095))
        dialect = Dialect(("/api", "/cachet3/api"), _headers, frozenset(), sites, self.prepare)
        return replay(self.sandbox, exchanges, dialect, CACHET3)


def replay_all() -> Outcome:
    outcome = Recorded().replay(FIRST_DATABASE)
    return outcome + Recorded(zone="Europe/Berlin").replay(BERLIN) + Recorded("mariadb").replay(MARIADB)


def test_the_recorded_exchanges_agree(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = replay_all()
    with capsys.disabled():
        print(f"\n{outcome.summary('cachet3')}")
    assert outcome.differed == {}
    assert set(outcome.excepted) == CACHET3.keys()
