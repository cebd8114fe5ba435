"""The Cachet 2 sandbox answers as the recorded 2.4.1 and 2.3.18 did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from replay import Dialect, Outcome, SetClock, read, replay
from replay_exceptions import CACHET2, CACHET2_OLD, WITHOUT_BODY

from bridge.sandbox.app import Sandbox
from bridge.sandbox.cachet2 import ProviderSandbox
from bridge.sandbox.cachet2.world import component_row

IGNORED = frozenset({"verify_code", "duration", ".meta.on_latest"})
FIRST_DATABASE = range(1, 413)
SECOND_DATABASE = range(413, 457)
THIRD_DATABASE = range(457, 484)
SECOND_TEMPLATES = {
    "loop": "{% for item in items %}{{ item }}{% endfor %}",
    "filter": "{{ a|upper }}",
    "comp": "Component {{ incident.component_status }} {% if incident.visible %}visible{% endif %}",
    "bad": "{{ oops",
}


def _headers(auth: str | None) -> Mapping[str, str]:
    return {
        "token": {"X-Cachet-Token": "sandbox"},
        "staff": {"X-Cachet-Token": "sandbox-staff"},
        "bad": {"X-Cachet-Token": "nope"},
        "basic": {"Authorization": "Basic dXNlcjpwYXNz"},
    }.get(auth or "", {})


class Recorded:
    """A sandbox in the state in which the recording began."""

    def __init__(self, version: str = "2.4") -> None:
        self.clock = SetClock()
        self.sandbox = Sandbox(self.clock)
        plugin = self.sandbox.plugins["cachet2"]
        assert isinstance(plugin, ProviderSandbox)
        self.plugin = plugin
        plugin.settings.seeded = False
        plugin.settings.version = version
        self.date_format = plugin.settings.date_format
        plugin.reset()

    def add_template(self, slug: str, template: str, made: datetime, name: str = "") -> None:
        row = {"name": name or slug, "slug": slug, "template": template, "deleted_at": None}
        self.plugin.world.templates.add({**row, "created_at": made, "updated_at": made})

    def prepare(self, sandbox: Sandbox, exchange: Mapping[str, Any]) -> None:
        """The switches as they stood at each recorded exchange."""
        number, settings = int(exchange["n"]), self.plugin.settings
        self.clock.moment = parsedate_to_datetime(exchange["at"])
        settings.release_service_up = not (exchange["p"].endswith("/version") and exchange["s"] == 500)
        settings.always_authenticate = number in range(414, 420)
        settings.zone = "Europe/Berlin" if number in range(420, 427) else "UTC"
        settings.maintenance_mode = number in (435, 436)
        settings.verify_subscribers = number == 429
        settings.date_format = "%d/%m/%Y %H:%M" if number == 430 else self.date_format
        self._skip_ids(number)

    def _skip_ids(self, number: int) -> None:
        """Objects that were made outside of the recording used up ids; some of them are shown by what was recorded."""
        world = self.plugin.world
        if number == 429:
            self._add_readers("skip@example.test", *(f"unseen-{reader}@example.test" for reader in (2, 3, 4)))
        skipped = {429: ((world.subscriptions, 16),), 451: ((world.incidents, 3),)}
        for table, last in skipped.get(number, ()):
            while table.last_id < last:
                table.burn_id()

    def _add_readers(self, *addresses: str) -> None:
        """Subscribers who never answered; the first of them follows one component."""
        made, world = datetime(2026, 11, 21, 2, 53, 26, tzinfo=UTC), self.plugin.world
        times = {"created_at": made, "updated_at": made}
        for email in addresses:
            world.subscribers.add({"email": email, "verify_code": "c" * 42, "verified_at": None, **times})
        world.subscriptions.add({"subscriber_id": 1, "component_id": 1, **times})

    def replay(self, exchanges: Sequence[Mapping[str, Any]], exceptions: Mapping[str, str]) -> Outcome:
        sites = (
            ("http://status.example.test/api/v1", "http://localhost/cachet2/api/v1"),
            ("http://status.example.test", "http://localhost/cachet2"),
        )
        dialect = Dialect(("/api/v1", "/cachet2/api/v1"), _headers, IGNORED, sites, self.prepare)
        return replay(self.sandbox, map(_as_sent, exchanges), dialect, exceptions)


def _as_sent(exchange: Mapping[str, Any]) -> Mapping[str, Any]:
    """An exchange with the body that went over the wire."""
    return {**exchange, "form": ""} if exchange["n"] in WITHOUT_BODY and "form" in exchange else exchange


def _exchanges(numbers: range) -> list[dict[str, Any]]:
    """In the order of their times: a few were recorded later than their number says."""
    found = [e for e in read("cachet2.jsonl") if int(e["n"]) in numbers]
    return sorted(found, key=lambda e: parsedate_to_datetime(e["at"]))


def replay_first_database() -> Outcome:
    exchanges, recorded = _exchanges(FIRST_DATABASE), Recorded()
    listed = next(e for e in exchanges if e["n"] == "140")
    for row in listed["body"]["data"]:
        made = datetime.fromisoformat(row["created_at"]).replace(tzinfo=UTC)
        recorded.add_template(row["slug"], row["template"], made, row["name"])
    return recorded.replay(exchanges, CACHET2)


def replay_second_database() -> Outcome:
    recorded = Recorded()
    for slug, template in SECOND_TEMPLATES.items():
        recorded.add_template(slug, template, recorded.clock.moment)
    return recorded.replay(_exchanges(SECOND_DATABASE), CACHET2)


def replay_third_database() -> Outcome:
    recorded = Recorded()
    made = datetime(2026, 11, 21, 3, 1, 10, tzinfo=UTC)
    world = recorded.plugin.world
    about = "Generic component group for live testing"
    world.components.add(component_row("Generic Component", made, status=4, description=about))
    for table in (world.components, world.incidents, world.schedules):
        table.burn_id()
    return recorded.replay(_exchanges(THIRD_DATABASE), CACHET2)


def replay_old_version() -> Outcome:
    """In 2.3 templates and planned incidents are made in the dashboard only."""
    exchanges, recorded = read("cachet2-v23.jsonl"), Recorded("2.3")
    recorded.add_template("service-outage", "{{ service }} is down since {{ since }}.", recorded.clock.moment)
    before = recorded.replay([e for e in exchanges if int(e["n"]) < 147], CACHET2_OLD)
    made = datetime(2026, 11, 21, 2, 52, 7, tzinfo=UTC)
    recorded.plugin.world.incidents.add(
        {
            "name": "Planned work", "status": 0, "visible": 1, "stickied": False, "user_id": 1, "component_id": 0,
            "message": "Scheduled in the dashboard", "scheduled_at": datetime(2030, 1, 2, 3, 4, tzinfo=UTC), "meta": {},
            "occurred_at": made, "created_at": made, "updated_at": made, "deleted_at": None,
        }
    )  # fmt: skip
    after = recorded.replay([e for e in exchanges if int(e["n"]) >= 147], CACHET2_OLD)
    return before + after


def test_the_recorded_2_4_exchanges_agree(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = replay_first_database() + replay_second_database() + replay_third_database()
    with capsys.disabled():
        print(f"\n{outcome.summary('cachet2 2.4')}")
    assert outcome.differed == {}
    assert set(outcome.excepted) == CACHET2.keys()


def test_the_recorded_2_3_exchanges_agree(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = replay_old_version()
    with capsys.disabled():
        print(f"\n{outcome.summary('cachet2 2.3')}")
    assert outcome.differed == {}
    assert set(outcome.excepted) == CACHET2_OLD.keys()
