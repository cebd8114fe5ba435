"""Live work overtakes bulk work by at most one call, and what both touch is never called for at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus, Kind
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.model.state import Changes
from bridge.sandbox.faults import Fault
from bridge.store.outbox import BULK
from bridge.store.state import Mark
from bridge.sync.outbox import mirror as module
from bridge.sync.outbox.mirror import mirror
from tests.engine.harness import FINE, Bridge, incident, update

PAGE = "statuspage"
LATENCY = 0.1
LIVE = ObjectKey(Kind.INCIDENT, "inc_live")


@pytest.fixture
def provider() -> str:
    return PAGE


def owe_history(bridge: Bridge, count: int, component: str) -> None:
    """Incidents of four calls each, as a backfill owes them."""
    over = update(4, IncidentStatus.RESOLVED)
    past = incident(update(1), update(2), update(3), over, components={component: ComponentStatus.OPERATIONAL})
    found = tuple(replace(past, id=f"inc_past{number}") for number in range(count))
    marks = [Mark(PAGE, ObjectKey(Kind.INCIDENT, item.id), item.revision, BULK) for item in found]
    state = bridge.store.state
    state.commit(state.snapshot([]), Changes(incidents=found), marks, bridge.clock.now())


def calls_of(bridge: Bridge, identity: str) -> list[tuple[datetime, datetime]]:
    """When each call for an incident began and ended."""
    calls = [entry["call"] for entry in bridge.store.story.entries(identity) if "call" in entry]
    began = [datetime.fromisoformat(call["at"]) for call in calls]
    return [(at, at + timedelta(milliseconds=call["millis"])) for at, call in zip(began, calls, strict=True)]


def until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_live_incident_waits_for_a_call_that_is_under_way_and_never_runs_beside_one_that_touches_the_same(
    bridge: Bridge,
) -> None:
    mirror(bridge.runtime, PAGE)
    owe_history(bridge, 4, "api")
    bridge.sandbox.faults.add(Fault("latency", PAGE, seconds=LATENCY, times=None))
    work = threading.Thread(target=mirror, args=(bridge.runtime, PAGE))
    work.start()
    until(lambda: bridge.store.links.get(PAGE, ObjectKey(Kind.INCIDENT, "inc_past0")).intent)  # its call is under way
    bridge.commit(incident(identity=LIVE.id))
    committed = time.monotonic()
    until(lambda: bridge.store.outbox.get(PAGE, LIVE) is None)
    took = time.monotonic() - committed
    bridge.sandbox.faults.clear()
    work.join(30)
    assert not work.is_alive()
    bridge.run(seconds=5)
    assert bridge.owed() == 0
    past = [span for number in range(4) for span in calls_of(bridge, f"inc_past{number}")]
    (live,) = calls_of(bridge, LIVE.id)[:1]
    assert len(past) == 16, "each call was made once, whoever made way"
    assert all(end <= live[0] or live[1] <= begin for begin, end in past)
    assert sum(live[0] > begin for begin, _ in past) <= 3, "it did not wait for all sixteen"
    assert took < 16 * LATENCY


def test_a_bulk_object_that_made_way_keeps_its_place(bridge: Bridge) -> None:
    mirror(bridge.runtime, PAGE)
    owe_history(bridge, 2, "api")
    bridge.sandbox.faults.add(Fault("latency", PAGE, seconds=LATENCY, times=None))
    first = ObjectKey(Kind.INCIDENT, "inc_past0")
    work = threading.Thread(target=mirror, args=(bridge.runtime, PAGE))
    work.start()
    until(lambda: bridge.store.links.get(PAGE, first).remote_id)
    bridge.clock.advance(1)
    bridge.commit(incident(identity=LIVE.id))
    until(lambda: bridge.store.outbox.get(PAGE, LIVE) is None)
    bridge.sandbox.faults.clear()
    work.join(30)
    bridge.run(seconds=5)
    assert bridge.owed() == 0
    assert calls_of(bridge, first.id)[-1][0] < calls_of(bridge, "inc_past1")[0][0]


def test_a_slice_whose_time_is_over_stops_bulk_objects_after_one_call(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror(bridge.runtime, PAGE)
    owe_history(bridge, 1, "api")
    monkeypatch.setattr(module, "SLICE", 0.15)
    bridge.sandbox.faults.add(Fault("latency", PAGE, seconds=0.2, times=None))
    before = len(bridge.writes(PAGE))
    mirror(bridge.runtime, PAGE)
    assert len(bridge.writes(PAGE)) - before == 1
    bridge.sandbox.faults.clear()
    monkeypatch.undo()
    bridge.run(seconds=2)
    assert bridge.owed() == 0
    assert len(bridge.writes(PAGE)) - before == 4


def test_something_live_is_begun_at_once_while_a_slow_call_is_under_way(bridge: Bridge) -> None:
    """Nobody waits for the end of that call, nor for a look at the clock: a bell is heard."""
    mirror(bridge.runtime, PAGE)
    slow: Incident = incident(identity="inc_slow", components={"web": ComponentStatus.MAJOR_OUTAGE})
    bridge.commit(slow)
    bridge.sandbox.faults.add(Fault("latency", PAGE, "POST", seconds=0.6, times=1))
    work = threading.Thread(target=mirror, args=(bridge.runtime, PAGE))
    work.start()
    until(lambda: bridge.store.links.get(PAGE, ObjectKey(Kind.INCIDENT, "inc_slow")).intent)
    time.sleep(0.1)  # by now it listens
    bridge.commit(incident(identity=LIVE.id))
    work.join(30)
    (first,), (second,) = calls_of(bridge, "inc_slow")[:1], calls_of(bridge, LIVE.id)[:1]
    assert second[0] < first[1]
    bridge.run(seconds=2)
    assert bridge.owed() == 0


def test_an_incident_of_the_history_that_becomes_live_goes_on_as_live(bridge: Bridge) -> None:
    mirror(bridge.runtime, PAGE)
    past = incident(update(1), identity="inc_past", components={"api": ComponentStatus.MAJOR_OUTAGE})
    key = ObjectKey(Kind.INCIDENT, "inc_past")
    state = bridge.store.state
    state.commit(state.snapshot([]), Changes(incidents=(past,)), [Mark(PAGE, key, 1, BULK)], bridge.clock.now())
    bridge.sandbox.faults.add(Fault("latency", PAGE, seconds=LATENCY, times=None))
    work = threading.Thread(target=mirror, args=(bridge.runtime, PAGE))
    work.start()
    until(lambda: bridge.store.links.get(PAGE, key).intent)
    over = incident(update(1), update(2, IncidentStatus.RESOLVED), identity="inc_past", revision=2)
    bridge.commit(over, api=FINE)
    work.join(30)
    bridge.sandbox.faults.clear()
    bridge.run(seconds=5)
    assert bridge.owed() == 0
    (shown,) = bridge.incidents(PAGE)
    assert len(shown.updates) == 2
