"""From accepted deliveries to published pages, through policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.model.enums import Action, AlertSeverity, Publication
from bridge.model.state import Changes, Why, World
from bridge.policy import engine
from bridge.policy.rules import Publish
from bridge.store.connection import connect
from bridge.sync.decisions.approve import UnknownIncident, approve, reject
from tests.engine.harness import START, Bridge


@pytest.fixture
def provider() -> str:
    return "statuspage"


def with_route(bridge: Bridge, **fields: object) -> Bridge:
    settings = bridge.runtime.settings
    route = replace(settings.rules.routes[0], **fields)  # type: ignore[arg-type]
    rules = replace(settings.rules, routes=(route,))
    return replace(bridge, runtime=replace(bridge.runtime, settings=replace(settings, rules=rules)))


def resolve(bridge: Bridge, key: str) -> None:
    now = bridge.clock.now()
    bridge.alert(key, Action.RESOLVE, ended_at=now, happened_at=now)


def test_alerts_of_one_component_are_one_incident_that_ends_with_the_last(bridge: Bridge) -> None:
    bridge.alert("a")
    bridge.run(2)
    bridge.alert("b", severity=AlertSeverity.MINOR)
    bridge.run(2)
    (shown,) = bridge.page("statuspage").open_incidents
    assert len(shown.updates) == 2
    resolve(bridge, "a")
    bridge.run(2)
    assert len(bridge.page("statuspage").open_incidents) == 1
    assert bridge.status("statuspage") == "minor", "what is left is only minor"
    resolve(bridge, "b")
    bridge.run(2)
    assert bridge.page("statuspage").open_incidents == ()
    assert bridge.status("statuspage") == "good"
    assert (len(bridge.incidents("statuspage")), bridge.owed()) == (1, 0)


def test_a_repeat_changes_nothing_and_makes_no_call(bridge: Bridge) -> None:
    bridge.alert("a")
    bridge.run(2)
    calls = len(bridge.sandbox.calls.all("statuspage", None))
    for _ in range(5):
        bridge.alert("a")
        bridge.run(2)
    assert len(bridge.sandbox.calls.all("statuspage", None)) == calls


def test_resolved_before_firing_publishes_nothing(bridge: Bridge) -> None:
    bridge.clock.advance(60)
    bridge.alert("a", Action.RESOLVE, ended_at=bridge.clock.now())
    bridge.run(2)
    bridge.alert("a")
    bridge.run(2)
    assert bridge.writes("statuspage") == []


def test_open_after_waits_and_a_short_alert_is_never_shown(bridge: Bridge) -> None:
    patient = with_route(bridge, open_after=timedelta(minutes=2))
    patient.alert("a")
    patient.run(60, step=10)
    resolve(patient, "a")
    patient.run(300, step=10)
    assert patient.incidents("statuspage") == []
    patient.alert("b", started_at=patient.clock.now())
    patient.run(150, step=10)
    assert len(patient.incidents("statuspage")) == 1


def test_a_held_incident_is_published_with_its_course_by_a_person_only(bridge: Bridge) -> None:
    held = with_route(bridge, publish=Publish.HOLD)
    held.alert("a")
    held.alert("b")
    held.run(30, step=5)
    assert held.writes("statuspage") == []
    (incident,) = held.store.open_incidents()
    assert incident.publication is Publication.HELD
    assert approve(held.runtime, incident.id[:8])[0].why is Why.APPROVED
    held.run(2)
    assert len(held.page("statuspage").open_incidents) == 1
    assert held.status("statuspage") == "critical"


def test_a_rejected_incident_stays_internal_for_good(bridge: Bridge) -> None:
    held = with_route(bridge, publish=Publish.HOLD)
    held.alert("a")
    held.run(5)
    (incident,) = held.store.open_incidents()
    reject(held.runtime, incident.id)
    resolve(held, "a")
    held.run(5)
    assert held.writes("statuspage") == []
    with pytest.raises(UnknownIncident, match="held incidents: none"):
        approve(held.runtime, "inc_nonsense")


def test_an_alert_without_a_route_is_kept_counted_and_not_published(bridge: Bridge) -> None:
    bridge.alert("a", labels={"service": "unheard-of"})
    bridge.run(2)
    assert [alert.key for alert in bridge.store.unrouted_alerts()] == ["a"]
    assert bridge.store.overview(bridge.runtime.settings, START).unrouted == 1
    assert bridge.writes("statuspage") == []


def test_a_delivery_that_breaks_the_policy_is_put_aside_and_the_others_go_on(
    bridge: Bridge, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = engine.advance

    def fragile(world: World, events: list[object], *rest: object) -> Changes:
        if any(event.event.dedup_key == "poison" for event in events):  # type: ignore[attr-defined]
            raise ValueError("boom")
        return real(world, events, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("bridge.sync.inbox.ingest.engine.advance", fragile)
    for key in ("a", "poison", "b"):
        bridge.alert(key)
    bridge.run(2)
    assert len(bridge.page("statuspage").open_incidents) == 1
    assert not bridge.store.inbox.is_behind("prom")
    assert connect(valkey).xlen("sb:quarantine") == 1


def test_a_storm_makes_few_calls(bridge: Bridge) -> None:
    for number in range(300):
        bridge.alert(f"alert-{number % 50}")
    bridge.run(5)
    assert len(bridge.writes("statuspage")) <= 2
