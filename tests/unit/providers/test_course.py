"""The steps of an incident end where the incident is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.enums import IncidentStatus, Publication, Severity, TextFormat, Visibility
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.providers.base.course import course

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def incident(status: IncidentStatus, *phases: IncidentStatus | None) -> Incident:
    updates = tuple(IncidentUpdate(f"u{at}", Text("Words."), NOW, phase) for at, phase in enumerate(phases))
    return Incident(
        "inc", "Slow", status, Severity.MINOR, {}, updates, NOW, Visibility.PUBLIC, Publication.PUBLISHED, notify=False
    )


def test_a_closing_step_is_added_where_the_last_update_names_another_phase() -> None:
    steps = course(incident(IncidentStatus.RESOLVED, IncidentStatus.INVESTIGATING), TextFormat.MARKDOWN)
    assert [(step.id, step.status) for step in steps] == [
        ("u0", IncidentStatus.INVESTIGATING),
        ("u0.resolved", IncidentStatus.RESOLVED),
    ]
    assert steps[1].message == "The problem is over."
    assert steps[1].source == ""


@pytest.mark.parametrize("phase", [None, IncidentStatus.RESOLVED])
def test_nothing_is_added_where_the_last_update_stands_for_the_incident(phase: IncidentStatus | None) -> None:
    assert len(course(incident(IncidentStatus.RESOLVED, phase), TextFormat.PLAIN)) == 1


@given(
    st.sampled_from(IncidentStatus),
    st.lists(st.none() | st.sampled_from(IncidentStatus), min_size=1, max_size=4),
    st.sampled_from(TextFormat),
)
def test_the_last_step_always_is_the_phase_of_the_incident(
    status: IncidentStatus, phases: list[IncidentStatus | None], language: TextFormat
) -> None:
    steps = course(incident(status, *phases), language)
    assert steps[-1].status is status
    assert len(steps) - len(phases) in (0, 1)
    assert len({step.id for step in steps}) == len(steps)
    assert all(step.message for step in steps)
