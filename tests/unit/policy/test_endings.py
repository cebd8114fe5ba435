"""How alerts end that nobody resolves, and what is said of those that were resolved without being repaired."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from policy_stage import Stage, at, ends, fires, route, whys

from bridge.model.enums import IncidentStatus
from bridge.model.state import Why
from bridge.policy import engine

PATIENCE = 600
STALE, WITHDRAWN = "stale by {{ component_names }}", "withdrawn"


@pytest.fixture
def stage() -> Stage:
    """A stage whose source is taken to have resolved what it says nothing about for ten minutes."""
    spoken = route()
    spoken = replace(spoken, wording=replace(spoken.wording, stale=STALE, withdrawn=WITHDRAWN))
    made = Stage(spoken)
    made.rules = replace(made.rules, resolve_after={"prometheus": timedelta(seconds=PATIENCE)})
    return made


def test_an_alert_of_which_nothing_is_heard_goes_stale(stage: Stage) -> None:
    stage.play(fires(), now=0)
    assert engine.next_due(stage.world.groups.values()) == at(PATIENCE)
    stage.play(now=PATIENCE - 1)
    assert stage.incident.is_open
    changes = stage.play(now=PATIENCE)
    assert whys(changes, Why.STALE, Why.CLOSED) == [Why.STALE, Why.CLOSED]
    assert (stage.incident.status, stage.messages[-1]) == (IncidentStatus.RESOLVED, "stale by Public API")


def test_a_repeat_is_a_sign_of_life(stage: Stage) -> None:
    stage.play(fires(), now=0)
    stage.play(fires(heard=500), now=500)
    stage.play(now=PATIENCE)
    assert stage.incident.is_open
    assert engine.next_due(stage.world.groups.values()) == at(500 + PATIENCE)
    stage.play(now=500 + PATIENCE)
    assert not stage.incident.is_open


def test_one_stale_alert_leaves_the_others_their_incident(stage: Stage) -> None:
    stage.play(fires("a"), now=0)
    stage.play(fires("b", heard=300, start=300), now=300)
    stage.play(now=PATIENCE)
    assert stage.incident.is_open
    stage.play(ends("b", end=700, heard=700), now=700)
    assert stage.messages[-1] == "The problems with Public API are over."


def test_an_alert_that_went_stale_may_fire_again(stage: Stage) -> None:
    stage.play(fires(), now=0)
    stage.play(now=PATIENCE)
    stage.play(fires(start=2000, heard=2000), now=2000)
    assert sorted(incident.is_open for incident in stage.incidents.values()) == [False, True]


def test_a_late_resolve_of_a_stale_alert_says_nothing(stage: Stage) -> None:
    stage.play(fires(), now=0)
    stage.play(now=PATIENCE)
    said = list(stage.messages)
    stage.play(ends(end=900, heard=900), now=900)
    assert stage.messages == said


def test_without_resolve_after_nothing_goes_stale() -> None:
    stage = Stage()
    stage.play(fires(), now=0)
    assert engine.next_due(stage.world.groups.values()) is None
    stage.play(now=10 * 86_400)
    assert stage.incident.is_open


@pytest.mark.parametrize("resolution", ["merged", "declined", "canceled"])
def test_what_was_not_repaired_is_not_called_repaired(stage: Stage, resolution: str) -> None:
    stage.play(fires(), now=0)
    stage.play(ends(labels={"service": "api", "resolution": resolution}), now=60)
    assert (stage.incident.status, stage.messages[-1]) == (IncidentStatus.RESOLVED, WITHDRAWN)
    assert stage.incident.notify is False


def test_one_repair_among_the_withdrawn_is_told(stage: Stage) -> None:
    stage.play(fires("a"), fires("b"), now=0)
    stage.play(ends("a", labels={"resolution": "merged"}), ends("b"), now=60)
    assert stage.messages[-1] == "The problems with Public API are over."
    assert stage.incident.notify is True


def test_a_delay_before_opening_runs_on_beside_the_patience(stage: Stage) -> None:
    stage.rules = replace(stage.rules, routes=(replace(stage.rules.routes[0], open_after=timedelta(seconds=60)),))
    stage.play(fires(), now=0)
    assert engine.next_due(stage.world.groups.values()) == at(60)
    stage.play(now=60)
    assert stage.incident.is_open
    assert engine.next_due(stage.world.groups.values()) == at(PATIENCE)
