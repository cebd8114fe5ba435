"""An incident that sets the status of its components: what that did to them is known, whatever else goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus
from bridge.model.objects import Origin
from bridge.sandbox.faults import Fault
from tests.engine.harness import START, Bridge, incident, update

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
RESOLVED, POSTMORTEM = IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM


def fail_after_creation(bridge: Bridge, provider: str) -> None:
    """The first call about an incident that is there fails, and with it the slice, before a component has its turn."""
    bridge.sandbox.faults.add(Fault("status", provider, "*", "*incidents/*", status=503, times=1))


@pytest.mark.parametrize("updates", [2, 3])
def test_a_component_that_is_well_again_before_its_own_turn_is_shown_so(
    bridge: Bridge, provider: str, updates: int
) -> None:
    """Seen in a chaos run: the incident was late, had updates already, and its creation told nobody what it set."""
    steps = [update(number) for number in range(1, updates + 1)]
    bridge.run(2)
    fail_after_creation(bridge, provider)
    bridge.commit(incident(*steps, components={"api": MAJOR}), api=MAJOR)
    bridge.settle()
    steps.append(update(updates + 1, RESOLVED))
    bridge.commit(incident(*steps, components={"api": MAJOR}, revision=2), api=FINE)
    bridge.run(60, step=5)
    assert bridge.status(provider) == "good"
    assert bridge.owed() == 0


@pytest.mark.parametrize("last", [RESOLVED, POSTMORTEM])
def test_what_history_did_to_a_component_is_known_too(bridge: Bridge, provider: str, last: IncidentStatus) -> None:
    """Its newest update sets the status and is followed by others: what puts its time right, and a postmortem."""
    old = START - timedelta(days=30)
    steps = [update(1), update(2), update(3, RESOLVED), update(4, last)][: 3 if last is RESOLVED else 4]
    bridge.run(2)
    fail_after_creation(bridge, provider)
    past = incident(*steps, components={"api": MAJOR}, notify=False, started_at=old, origin=Origin("old", "1"))
    bridge.commit(past, api=MAJOR)
    bridge.settle()
    bridge.commit(replace(past, revision=2), api=FINE)
    bridge.run(60, step=5)
    assert bridge.status(provider) == "good"
    assert bridge.owed() == 0
