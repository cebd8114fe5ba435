"""The status of a component is the worst that open, published incidents say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from policy_stage import Stage, fires

from bridge.model.enums import ComponentStatus, IncidentStatus, Publication
from bridge.model.objects import Incident
from bridge.policy.components import wanted_changes, wanted_status

OPERATIONAL, DEGRADED, MAJOR_OUTAGE = (
    ComponentStatus.OPERATIONAL,
    ComponentStatus.DEGRADED,
    ComponentStatus.MAJOR_OUTAGE,
)


@pytest.fixture
def outage() -> Incident:
    stage = Stage()
    stage.play(fires(), now=0)
    return stage.incident


def test_the_worst_of_several_incidents_is_shown(outage: Incident) -> None:
    slow = replace(outage, id="inc_slow", components={"api": DEGRADED, "web": DEGRADED})
    assert wanted_status("api", [slow, outage]) is MAJOR_OUTAGE
    assert wanted_status("web", [slow, outage]) is DEGRADED
    assert wanted_status("jobs", [slow, outage]) is OPERATIONAL


@pytest.mark.parametrize(
    "silent",
    [
        {"publication": Publication.HELD},
        {"publication": Publication.REJECTED},
        {"status": IncidentStatus.RESOLVED},
        {"status": IncidentStatus.POSTMORTEM},
    ],
    ids=["held says nothing", "rejected says nothing", "resolved says nothing", "a post-mortem says nothing"],
)
def test_only_what_is_open_and_published_speaks(outage: Incident, silent: dict[str, object]) -> None:
    incident = replace(outage, **silent)  # type: ignore[arg-type]
    assert wanted_status("api", [incident]) is OPERATIONAL


def test_only_what_differs_is_a_change(outage: Incident) -> None:
    shown = {"api": MAJOR_OUTAGE, "web": DEGRADED}
    assert wanted_changes(["api", "web", "jobs"], [outage], shown) == {"web": OPERATIONAL}
