"""Bulk work keeps to its share of a destination's rate, so a live incident never waits for the rate because of it."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace

import pytest

from bridge.cli.console import Console
from bridge.cli.status import show
from bridge.model.enums import IncidentStatus, Kind
from bridge.model.facts import ObjectKey
from bridge.model.state import Changes
from bridge.store.lanes import MIRROR, Lane
from bridge.store.outbox import BULK
from bridge.store.state import Mark
from bridge.sync.outbox.mirror import is_due, mirror
from tests.engine.harness import Bridge, incident, update, with_destination

PAGE = "statuspage"


@pytest.fixture
def provider() -> str:
    """The budget is the same for all of them."""
    return PAGE


def history(bridge: Bridge, count: int) -> None:
    """Incidents that are over, owed as a backfill owes them."""
    past = incident(update(1), update(2, IncidentStatus.RESOLVED), components={})
    found = tuple(replace(past, id=f"inc_past{number}") for number in range(count))
    marks = [Mark(PAGE, ObjectKey(Kind.INCIDENT, item.id), item.revision, BULK) for item in found]
    state = bridge.store.state
    state.commit(state.snapshot([]), Changes(incidents=found), marks, bridge.clock.now())


def limited(bridge: Bridge, rate: tuple[int, float], share: float) -> Bridge:
    mirror(bridge.runtime, PAGE)  # binds the components, by a listing that is not bulk work
    return with_destination(bridge, PAGE, rate=rate, bulk_share=share)


def told_by_status(bridge: Bridge) -> str:
    """The line of the destination."""
    shown = io.StringIO()
    show(Console(shown, terminal=False), bridge.store.overview(bridge.runtime.settings, bridge.clock.now()))
    return next(line for line in shown.getvalue().splitlines() if line.startswith(f"destinations\t{PAGE}\t"))


def test_a_live_incident_finds_room_in_a_rate_that_bulk_work_would_use_up(bridge: Bridge) -> None:
    bridge = limited(bridge, (20, 60.0), 0.5)
    history(bridge, 30)
    before = len(bridge.writes(PAGE))
    mirror(bridge.runtime, PAGE)
    assert len(bridge.writes(PAGE)) - before == 10
    state = bridge.store.lanes.state(Lane(MIRROR, PAGE))
    assert state.state == "ok", "the destination as a whole is not busy"
    assert state.bulk_from is not None
    assert not is_due(bridge.runtime, PAGE), "nothing wakes the lane for what would be refused"
    told = told_by_status(bridge)
    assert "ok" in told
    assert re.search(r"bulk work waits for its share of the rate, \d+s more", told)

    bridge.commit(incident(identity="inc_live"))
    assert is_due(bridge.runtime, PAGE)
    mirror(bridge.runtime, PAGE)
    assert "Problems with Public API" in [item.title for item in bridge.page(PAGE).open_incidents]
    assert bridge.store.outbox.get(PAGE, ObjectKey(Kind.INCIDENT, "inc_live")) is None


def test_a_live_incident_that_comes_while_bulk_work_is_under_way_goes_out_in_the_same_slice(bridge: Bridge) -> None:
    bridge = limited(bridge, (20, 60.0), 0.5)
    history(bridge, 30)
    bridge.commit(incident(identity="inc_live"))
    mirror(bridge.runtime, PAGE)
    assert bridge.store.outbox.get(PAGE, ObjectKey(Kind.INCIDENT, "inc_live")) is None


def test_bulk_work_goes_on_when_its_share_is_there_again_and_all_of_it_is_written_once(bridge: Bridge) -> None:
    bridge = limited(bridge, (20, 0.2), 0.5)
    history(bridge, 12)
    deadline = time.monotonic() + 30
    while bridge.owed() and time.monotonic() < deadline:
        mirror(bridge.runtime, PAGE)
        time.sleep(0.05)
        bridge.clock.advance(0.25)
    assert bridge.owed() == 0
    assert len(bridge.incidents(PAGE)) == 12
    created = [line for line in bridge.writes(PAGE) if line.startswith("POST") and line.endswith("/incidents")]
    assert len(created) == 12
    assert "bulk work" not in told_by_status(bridge)
    assert bridge.store.lanes.state(Lane(MIRROR, PAGE)).state == "ok"
