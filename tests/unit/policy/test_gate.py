"""Held incidents wait for a person, and nothing of them shows before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from policy_stage import Stage, at, ends, fires, route, rules, whys

from bridge.model.enums import ComponentStatus, IncidentStatus, Publication
from bridge.model.state import Changes, Why
from bridge.policy import engine
from bridge.policy.rules import Publish

PUBLISHED, HELD, REJECTED = Publication.PUBLISHED, Publication.HELD, Publication.REJECTED
MAJOR_OUTAGE, OPERATIONAL = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL


@pytest.fixture
def held() -> Stage:
    stage = Stage(route(publish=Publish.HOLD))
    stage.play(fires(), now=0)
    return stage


def test_a_route_that_holds_opens_held_incidents(held: Stage) -> None:
    assert held.incident.publication is HELD
    assert (held.whys, held.last.components) == ([Why.FIRED, Why.HELD], {})


def test_a_held_incident_goes_on_silently(held: Stage) -> None:
    held.play(fires("b"), now=10)
    held.play(ends("b", end=20), now=20)
    assert (len(held.incident.updates), held.incident.publication, held.world.components) == (3, HELD, {})


def test_approval_publishes_with_the_course_so_far(held: Stage) -> None:
    held.play(fires("b"), now=10)
    changes = held.judge(PUBLISHED, now=30)
    assert (held.incident.publication, len(held.incident.updates), held.incident.revision) == (PUBLISHED, 2, 3)
    assert changes.components == {"api": MAJOR_OUTAGE}
    assert whys(changes) == [Why.APPROVED, Why.COMPONENT_STATUS]


def test_a_held_incident_that_resolves_is_never_published(held: Stage) -> None:
    held.play(ends(), now=60)
    assert (held.incident.status, held.incident.publication) == (IncidentStatus.RESOLVED, HELD)
    changes = held.judge(PUBLISHED, now=70)
    assert (whys(changes), changes.incidents) == ([Why.CLOSED], ())
    assert "Nothing is published" in changes.decisions[0].text


def test_approval_of_a_resolved_incident_has_nothing_to_publish(held: Stage) -> None:
    resolved = replace(held.incident, status=IncidentStatus.RESOLVED)
    world = replace(held.world, incidents={resolved.id: resolved})
    changes = engine.decide(world, resolved.id, PUBLISHED, at(70), rules())
    assert (whys(changes), changes.incidents) == ([Why.CLOSED], ())


def test_a_rejected_incident_stays_internal_for_its_life(held: Stage) -> None:
    assert whys(held.judge(REJECTED, now=10)) == [Why.REJECTED]
    held.play(fires("b"), now=20)
    assert whys(held.judge(PUBLISHED, now=25)) == [Why.REJECTED]
    held.play(ends("a"), ends("b"), now=60)
    assert (held.incident.publication, held.incident.is_open, held.world.components) == (REJECTED, False, {})


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        pytest.param(PUBLISHED, Why.REPEATED, id="approving twice changes nothing"),
        pytest.param(REJECTED, Why.APPROVED, id="what is published cannot be rejected"),
    ],
)
def test_a_published_incident_is_not_judged_again(held: Stage, verdict: Publication, why: Why) -> None:
    held.judge(PUBLISHED, now=10)
    changes = held.judge(verdict, now=20)
    assert whys(changes) == [why]
    assert replace(changes, decisions=()) == Changes()


def test_an_unknown_incident_is_told_as_such(held: Stage) -> None:
    changes = engine.decide(held.world, "inc_other", PUBLISHED, at(1), rules())
    assert whys(changes) == [Why.CLOSED]


def test_nothing_can_be_held_by_verdict(held: Stage) -> None:
    with pytest.raises(ValueError, match="approved or rejected"):
        held.judge(HELD, now=1)


def test_a_held_incident_hides_no_published_one(held: Stage) -> None:
    held.rules = rules(route(name="other"))
    held.play(fires("b"), now=5)
    assert held.world.components == {"api": MAJOR_OUTAGE}
    held.play(ends("b"), now=60)
    assert held.world.components == {"api": OPERATIONAL}
