"""Alerts that their source knows of and keeps to itself: their incident is monitored, and never resolved by that."""

from __future__ import annotations

from typing import Any

import pytest
from policy_stage import Stage, ends, fires, said, whys

from bridge.model.enums import Action, ComponentStatus, IncidentStatus
from bridge.model.events import ReceivedEvent
from bridge.model.state import Why

MONITORING, INVESTIGATING = IncidentStatus.MONITORING, IncidentStatus.INVESTIGATING


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.play(fires("a"), now=0)
    return made


def mutes(key: str = "a", heard: float = 10, muted: bool = True, **more: Any) -> ReceivedEvent:
    return said(Action.UPDATE, key, heard=heard, happened=heard, start=0, severity=None, muted=muted, title="", **more)


def test_an_incident_whose_alerts_are_all_muted_is_monitored(stage: Stage) -> None:
    changes = stage.play(mutes(), now=10)
    assert stage.incident.status is MONITORING
    assert [update.status for update in stage.incident.updates] == [INVESTIGATING, MONITORING]
    assert stage.messages[-1] == "The problems with Public API are known and being dealt with. We keep watching."
    assert whys(changes, Why.CHANGED, Why.MONITORED) == [Why.CHANGED, Why.MONITORED]
    assert stage.incident.components == {"api": ComponentStatus.MAJOR_OUTAGE}


def test_being_muted_again_says_nothing_again(stage: Stage) -> None:
    stage.play(mutes(heard=10), now=10)
    changes = stage.play(mutes(heard=20), now=20)
    assert (changes.incidents, len(stage.messages)) == ((), 2)


def test_one_alert_that_is_not_muted_keeps_the_incident_investigated(stage: Stage) -> None:
    stage.play(fires("b", heard=5, start=5), now=5)
    stage.play(mutes("a"), now=10)
    assert stage.incident.status is INVESTIGATING
    stage.play(mutes("b", heard=20), now=20)
    assert stage.incident.status is MONITORING


@pytest.mark.parametrize("again", [mutes(heard=60, muted=False), fires(heard=60), fires("b", heard=60, start=60)])
def test_what_is_told_again_is_investigated_again(stage: Stage, again: ReceivedEvent) -> None:
    stage.play(mutes(), now=10)
    stage.play(again, now=60)
    assert stage.incident.status is INVESTIGATING
    assert stage.messages[-1].startswith("We are seeing further problems")


def test_a_monitored_incident_is_resolved_as_any_other(stage: Stage) -> None:
    stage.play(mutes(), now=10)
    stage.play(ends(end=60, heard=60), now=60)
    assert stage.incident.status is IncidentStatus.RESOLVED
    assert [update.status for update in stage.incident.updates][-1] is IncidentStatus.RESOLVED


def test_muting_reopens_nothing_that_is_over(stage: Stage) -> None:
    stage.play(ends(end=60, heard=60), now=60)
    changes = stage.play(mutes(heard=70), now=70)
    assert changes.incidents == ()
    assert whys(changes) == [Why.LATE]
