"""A Cachet 2.3 behind the engine: nothing lost, nothing twice, although updates stand in one message."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus
from bridge.providers.cachet2 import elder
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from tests.engine.harness import Bridge, incident, update
from tests.engine.test_killed_at_every_step import STEPS, run_killed

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
THREE = [update(1), update(2, IncidentStatus.IDENTIFIED), update(3, IncidentStatus.RESOLVED)]


@pytest.fixture
def provider() -> str:
    return "cachet2"


@pytest.fixture(autouse=True)
def old(sandbox: Sandbox) -> Iterator[None]:
    settings = sandbox.plugins["cachet2"].settings
    settings.version = "2.3"
    yield
    settings.version = "2.4"


def told(bridge: Bridge) -> list[str]:
    """What the only incident says, piece by piece."""
    (shown,) = bridge.incidents("cachet2")
    opening, chapters = elder.chapters(shown.updates[0].body)
    return [opening, *(f"{chapter.status}: {chapter.message}" for chapter in chapters)]


WHOLE = ["Step number 1.", "identified: Step number 2.", "resolved: Step number 3."]


def test_an_incident_is_told_from_its_first_update_to_its_last(bridge: Bridge) -> None:
    for number in (1, 2, 3):
        bridge.commit(incident(*THREE[:number], revision=number), api=FINE if number == 3 else MAJOR)
        bridge.run(2)
        assert told(bridge) == WHOLE[:number]
    assert bridge.page("cachet2").open_incidents == ()
    assert bridge.status("cachet2") == "good"
    assert bridge.owed() == 0


@pytest.mark.parametrize("at", range(1, 25))
def test_mirroring_that_is_killed_ends_right_and_once(bridge: Bridge, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    bridge.commit(incident(THREE[0]), api=MAJOR)
    first = run_killed(bridge, monkeypatch, "cachet2", at, *STEPS)
    if first < at:  # the first round had fewer steps: die in the second
        bridge.run(2)
        bridge.commit(incident(*THREE, revision=2), api=FINE)
        run_killed(bridge, monkeypatch, "cachet2", at - first, *STEPS)
    bridge.commit(incident(*THREE, revision=3), api=FINE)
    bridge.run(200, step=5)
    assert told(bridge) == WHOLE
    assert bridge.page("cachet2").open_incidents == ()
    assert bridge.status("cachet2") == "good"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_write_whose_answer_is_lost_is_neither_lost_nor_made_twice(
    bridge: Bridge, sandbox: Sandbox, method: str, when: str
) -> None:
    sandbox.faults.add(Fault("reset", provider="cachet2", method=method, when=when))  # type: ignore[arg-type]
    bridge.commit(incident(THREE[0]), api=MAJOR)
    bridge.run(2)
    bridge.commit(incident(*THREE, revision=2), api=FINE)
    bridge.run(200, step=5)
    assert told(bridge) == WHOLE
