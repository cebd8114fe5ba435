"""Committing decisions: all or nothing, and only over the state they were made on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import LeaseLost, StateChanged
from bridge.model.enums import (
    AlertSeverity,
    AlertStatus,
    ComponentStatus,
    IncidentStatus,
    Kind,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.events import Alert, AlertGroup, Delivery, Parsed
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.model.state import Changes, Decision, Why
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import INGEST, Lane
from bridge.store.state import Mark, Progress

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def alert(status: AlertStatus = AlertStatus.FIRING, route: str | None = "r") -> Alert:
    return Alert("prom", "k", status, AlertSeverity.MAJOR, "t", NOW, NOW, "dlv_1", route=route, group="grp_1")


def incident(status: IncidentStatus = IncidentStatus.INVESTIGATING) -> Incident:
    return Incident(
        id="inc_1",
        title="Tïtle 😀",
        status=status,
        impact=Severity.MAJOR,
        components={"api": ComponentStatus.DEGRADED},
        updates=(IncidentUpdate("upd_1", Text("m"), NOW, IncidentStatus.INVESTIGATING),),
        started_at=NOW,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        notify=True,
    )


def changes(status: IncidentStatus = IncidentStatus.INVESTIGATING) -> Changes:
    return Changes(
        alerts=(alert(),),
        groups=(AlertGroup("grp_1", "r", ("api",), ("prom/k",), "inc_1", due_at=NOW + timedelta(minutes=5)),),
        incidents=(incident(status),),
        components={"api": ComponentStatus.DEGRADED},
        decisions=(Decision(NOW, "inc_1", Why.OPENED, "opened", "dlv_1", "inc_1"),),
    )


MARKS = [Mark("public", ObjectKey(Kind.INCIDENT, "inc_1"), 1, 0)]


def test_what_is_committed_is_read_back_whole(store: Store) -> None:
    store.state.commit(store.state.snapshot([]), changes(), MARKS, NOW)
    world = store.state.snapshot([]).world
    assert world.incidents == {"inc_1": incident()}
    assert world.alerts == {"prom/k": alert()}, "members of groups come without being named"
    assert world.components == {"api": ComponentStatus.DEGRADED}
    assert world.groups["grp_1"].incident == "inc_1"
    assert [decision.why for decision in store.decisions("inc_1")] == [Why.OPENED]
    assert store.state.due_groups(NOW) == []
    assert store.state.due_groups(NOW + timedelta(minutes=5)) == ["grp_1"]
    assert [debt.key.id for debt in store.outbox.due("public", NOW, 10)] == ["inc_1"]


def test_a_commit_wakes_its_destinations_in_the_same_transaction(store: Store, valkey: str) -> None:
    store.state.commit(store.state.snapshot([]), changes(), MARKS, NOW)
    assert connect(valkey).llen("rq:queue:mirror") == 1


def test_a_decision_over_an_old_state_is_refused_and_leaves_nothing(store: Store) -> None:
    old = store.state.snapshot([])
    store.state.commit(old, changes(), MARKS, NOW)
    with pytest.raises(StateChanged):
        store.state.commit(old, Changes(components={"web": ComponentStatus.DEGRADED}), [], NOW)
    assert "web" not in store.state.component_statuses()


def test_without_the_lease_nothing_is_written(store: Store, valkey: str) -> None:
    lane = Lane(INGEST, "prom")
    lease = store.lanes.take(lane)
    assert lease is not None
    connect(valkey).hset(f"sb:lane:{lane}", "until", 1)
    assert store.lanes.take(lane) is not None
    with pytest.raises(LeaseLost):
        store.state.commit(store.state.snapshot([]), changes(), MARKS, NOW, lease=lease)
    assert store.incident("inc_1") is None


def test_a_batch_is_applied_once_even_when_two_workers_read_it(store: Store) -> None:
    accepted = store.accept(Delivery("dlv_1", "prom", NOW, b"{}"), Parsed(()))
    (entry,) = store.inbox.read("prom", "0-0", 10)
    progress = Progress("prom", "0-0", entry.position, 1)
    first, second = store.state.snapshot([]), store.state.snapshot([])
    store.state.commit(first, Changes(), [], NOW, progress=progress)
    with pytest.raises(StateChanged):
        store.state.commit(second, Changes(), [], NOW, progress=progress)
    assert accepted.delivery == "dlv_1"
    assert not store.inbox.is_behind("prom")


def test_a_resolved_incident_leaves_the_open_ones_and_stays_readable(store: Store) -> None:
    store.state.commit(store.state.snapshot([]), changes(), MARKS, NOW)
    closing = Changes(incidents=(incident(IncidentStatus.RESOLVED),), closed_groups=("grp_1",))
    store.state.commit(store.state.snapshot([]), closing, MARKS, NOW)
    assert store.open_incidents() == []
    assert store.incident("inc_1") is not None
    assert store.state.due_groups(NOW + timedelta(days=1)) == []


def test_component_revisions_grow_with_every_change(store: Store) -> None:
    for status in (ComponentStatus.DEGRADED, ComponentStatus.OPERATIONAL):
        store.state.commit(store.state.snapshot([]), Changes(components={"api": status}), [], NOW)
    assert store.state.component_statuses()["api"].revision == 2


def test_tombstones_are_forgotten_after_their_time_and_firing_alerts_never(store: Store) -> None:
    done = Alert("prom", "old", AlertStatus.RESOLVED, AlertSeverity.MAJOR, "t", NOW, NOW, "d", ended_at=NOW, route="r")
    store.state.commit(store.state.snapshot([]), Changes(alerts=(done, alert(route=None))), [], NOW)
    assert [item.key for item in store.unrouted_alerts()] == ["k"]
    assert store.state.forget_tombstones(NOW - timedelta(seconds=1)) == 0
    assert store.state.forget_tombstones(NOW + timedelta(seconds=1)) == 1
    assert set(store.state.snapshot(["prom/old", "prom/k"]).world.alerts) == {"prom/k"}
