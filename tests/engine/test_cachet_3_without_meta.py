"""A Cachet 3 that carries no marker behind the engine: nothing lost, nothing twice, and no stranger taken for ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus, Kind
from bridge.model.facts import LinkState, ObjectKey
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from tests.engine.harness import Bridge, Person, incident, update
from tests.engine.test_killed_at_every_step import STEPS, run_killed

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
THREE = [update(1), update(2, IncidentStatus.IDENTIFIED), update(3, IncidentStatus.RESOLVED)]
WHOLE = ["Step number 1.", "Step number 2.", "Step number 3."]


@pytest.fixture
def provider() -> str:
    return "cachet3"


@pytest.fixture(autouse=True)
def old(sandbox: Sandbox) -> Iterator[None]:
    settings = sandbox.plugins["cachet3"].settings
    settings.meta = False
    yield
    settings.meta = True


def told(bridge: Bridge) -> list[str]:
    """What the only incident says, from its first update to its last."""
    (shown,) = bridge.incidents("cachet3")
    return sorted(update.body for update in shown.updates)


@pytest.mark.parametrize("at", range(1, 25, 3))
def test_mirroring_that_is_killed_ends_right_and_once(bridge: Bridge, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    bridge.commit(incident(THREE[0]), api=MAJOR)
    first = run_killed(bridge, monkeypatch, "cachet3", at, *STEPS)
    if first < at:  # the first round had fewer steps: die in the second
        bridge.run(2)
        bridge.commit(incident(*THREE, revision=2), api=FINE)
        run_killed(bridge, monkeypatch, "cachet3", at - first, *STEPS)
    bridge.commit(incident(*THREE, revision=3), api=FINE)
    bridge.run(200, step=5)
    assert told(bridge) == WHOLE
    assert bridge.page("cachet3").open_incidents == ()
    assert bridge.status("cachet3") == "good"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_creation_whose_answer_is_lost_is_neither_lost_nor_made_twice(
    bridge: Bridge, sandbox: Sandbox, when: str
) -> None:
    sandbox.faults.add(Fault("reset", provider="cachet3", method="POST", when=when))  # type: ignore[arg-type]
    bridge.commit(incident(THREE[0]), api=MAJOR)
    bridge.run(2)
    bridge.commit(incident(*THREE, revision=2), api=FINE)
    bridge.run(200, step=5)
    assert told(bridge) == WHOLE


def test_where_two_are_equal_neither_is_taken_and_both_are_named(bridge: Bridge, sandbox: Sandbox) -> None:
    """Somebody has written the very same incident, and the answer to ours is lost."""
    obj = incident(THREE[0])
    Person(bridge.runtime.settings.destinations["cachet3"]).writes(obj)
    sandbox.faults.add(Fault("reset", provider="cachet3", method="POST", when="after", path="*/incidents"))
    bridge.commit(obj, api=MAJOR)
    bridge.run(200, step=5)
    link = bridge.store.links.get("cachet3", ObjectKey(Kind.INCIDENT, obj.id))
    assert len(bridge.incidents("cachet3")) == 2
    assert link.remote_id is None
    assert link.state is LinkState.DEAD
    assert "none is taken" in str(link.error)
