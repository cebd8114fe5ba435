"""What one statement does to its alert."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import pytest
from policy_stage import at, ends, fires, said

from bridge.model.enums import Action, AlertSeverity, AlertStatus
from bridge.model.events import Alert, ReceivedEvent
from bridge.model.state import Why
from bridge.policy.alerts import DEFAULT_SEVERITY, Folded, fold

MAJOR, CRITICAL = AlertSeverity.MAJOR, AlertSeverity.CRITICAL


def play(events: Sequence[ReceivedEvent]) -> tuple[Alert | None, list[Why]]:
    reasons: list[Why] = []

    def step(alert: Alert | None, received: ReceivedEvent) -> Alert | None:
        folded = fold(alert, received)
        reasons.append(folded.why)
        return folded.alert

    return reduce(step, events, None), reasons


CASES = [
    pytest.param([fires()], "firing", Why.FIRED, id="a trigger on an unknown key begins a life"),
    pytest.param([said(Action.UPDATE)], "firing", Why.FIRED, id="an update on an unknown key counts as a trigger"),
    pytest.param([fires(), fires(heard=300)], "firing", Why.REPEATED, id="a re-send changes nothing"),
    pytest.param(
        [fires(happened=9), fires(happened=9)], "firing", Why.REPEATED, id="a re-send of a dated statement is a repeat"
    ),
    pytest.param(
        [fires(happened=9), ends(end=9, happened=9)],
        "resolved",
        Why.RESOLVED,
        id="a resolve dated in the second of the trigger ends it",
    ),
    pytest.param([fires(), ends()], "resolved", Why.RESOLVED, id="a resolve ends the life"),
    pytest.param([fires(), ends(end=0)], "resolved", Why.RESOLVED, id="an alert may end in the second it began"),
    pytest.param([fires(), ends(), ends()], "resolved", Why.REPEATED, id="a resolve that is sent again is a repeat"),
    pytest.param([ends()], "resolved", Why.UNKNOWN_RESOLVE, id="a resolve for an unknown alert leaves a tombstone"),
    pytest.param([ends(), fires(heard=61)], "resolved", Why.LATE, id="late firing after its resolve changes nothing"),
    pytest.param(
        [ends(), fires(start=60, heard=61)], "resolved", Why.LATE, id="a start in the very second of the end is late"
    ),
    pytest.param([fires(), ends(), fires(start=61)], "firing", Why.FIRED, id="a newer start is a new life"),
    pytest.param(
        [fires(start=100), ends(end=60)], "firing", Why.LATE, id="a resolve older than the start belongs to an old life"
    ),
    pytest.param(
        [fires(), fires(start=100), ends(end=60)],
        "firing",
        Why.LATE,
        id="a newer start tells of a resolve that comes too late",
    ),
    pytest.param(
        [fires(), ends(heard=60), fires(heard=120)], "resolved", Why.LATE, id="a retried firing after a minute is late"
    ),
    pytest.param(
        [fires(), ends(heard=60), fires(heard=60 + 901)],
        "firing",
        Why.FIRED,
        id="an old start that comes 15 minutes after the resolve is a new life",
    ),
    pytest.param(
        [fires(start=-9e6), ends(end=-8e6, heard=1), fires(start=-9e6, heard=2)],
        "resolved",
        Why.LATE,
        id="the 15 minutes count from the arrival of the resolve, not from its time",
    ),
    pytest.param(
        [fires(), ends(heard=60), fires(heard=1000), ends(heard=1010)],
        "resolved",
        Why.RESOLVED,
        id="a life that re-used its start can be resolved again",
    ),
    pytest.param(
        [fires(), ends(happened=60), fires(happened=90)],
        "firing",
        Why.FIRED,
        id="a trigger that happened after the resolve reopens whatever its start",
    ),
    pytest.param(
        [fires(happened=0), ends(happened=60), fires(happened=30, heard=5000)],
        "resolved",
        Why.LATE,
        id="a trigger that happened before the resolve is late whenever it arrives",
    ),
    pytest.param(
        [fires(), ends(), said(Action.UPDATE, start=0, happened=90)],
        "resolved",
        Why.LATE,
        id="a comment after the resolve does not reopen",
    ),
    pytest.param(
        [fires(happened=0), fires(happened=100), ends(happened=50)],
        "firing",
        Why.LATE,
        id="a resolve that happened before the last trigger is late",
    ),
    pytest.param(
        [fires(start=100, happened=100), ends(end=90, happened=200)],
        "resolved",
        Why.RESOLVED,
        id="an end dated back before the start still ends",
    ),
    pytest.param(
        [fires(start=None, heard=10), ends(end=None, heard=20)],
        "resolved",
        Why.RESOLVED,
        id="without times the order of arrival decides",
    ),
    pytest.param(
        [fires(start=None, heard=10), ends(end=None, heard=20), fires(start=None, heard=30)],
        "firing",
        Why.FIRED,
        id="without times a trigger after a resolve is a new life",
    ),
    pytest.param(
        [fires(start=7200, heard=10), ends(end=None, heard=20)],
        "resolved",
        Why.RESOLVED,
        id="a resolve without a time ends an alert whose source is an hour ahead",
    ),
    pytest.param(
        [fires(start=None, heard=10), ends(end=8, heard=20)],
        "resolved",
        Why.RESOLVED,
        id="an arrival is not held against a source whose clock is slow",
    ),
]


@pytest.mark.parametrize(("events", "status", "why"), CASES)
def test_events_are_placed_by_the_time_of_their_source(events: list[ReceivedEvent], status: str, why: Why) -> None:
    alert, reasons = play(events)
    assert alert is not None
    assert (alert.status, reasons[-1]) == (AlertStatus(status), why)


def test_an_ignored_statement_changes_nothing_and_says_why() -> None:
    folded = fold(None, said(Action.IGNORE, reason="test notification"))
    assert folded == Folded(None, Why.IGNORED, "test notification")


def test_a_repeat_gives_back_the_very_same_object() -> None:
    alert = fold(None, fires()).alert
    assert fold(alert, fires(heard=60, delivery="another")).alert is alert


def test_a_repeat_with_a_newer_time_is_remembered_as_seen() -> None:
    alert, reasons = play([fires(happened=0), fires(happened=30)])
    assert alert is not None
    assert (alert.seen_at, reasons[-1]) == (at(30), Why.REPEATED)


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [({"severity": MAJOR}, "severity", MAJOR), ({"title": "Worse"}, "title", "Worse")],
    ids=["a new severity is a change", "a new title is a change"],
)
def test_a_change_of_a_firing_alert_is_applied(change: dict[str, Any], field: str, value: object) -> None:
    alert, reasons = play([fires(), fires(heard=5, **change)])
    assert (getattr(alert, field), reasons[-1]) == (value, Why.CHANGED)


def test_an_older_statement_does_not_take_a_newer_severity_back() -> None:
    alert, reasons = play([fires(happened=0), fires(happened=20, severity=MAJOR), fires(happened=10)])
    assert alert is not None
    assert (alert.severity, reasons[-1]) == (MAJOR, Why.LATE)


def test_what_an_update_leaves_out_is_kept() -> None:
    alert, _ = play([fires(text="Details"), said(Action.UPDATE, severity=None, title="", labels={})])
    assert alert is not None
    assert (alert.severity, alert.title, alert.text) == (CRITICAL, "Alert a", "Details")
    assert alert.labels == {"service": "api"}


def test_an_alert_without_severity_is_major() -> None:
    alert, _ = play([fires(severity=None)])
    assert alert is not None
    assert alert.severity is DEFAULT_SEVERITY is MAJOR


def test_a_new_life_forgets_the_route_of_the_former() -> None:
    alert, _ = play([fires(), ends(), fires(start=100)])
    assert alert is not None
    assert (alert.started_at, alert.ended_at, alert.group) == (at(100), None, None)


def test_a_life_that_reused_its_start_began_when_it_was_heard() -> None:
    alert, _ = play([fires(), ends(heard=60), fires(heard=1000)])
    assert alert is not None
    assert alert.started_at == at(1000)


def test_the_latest_end_wins_whatever_the_order() -> None:
    late_end, _ = play([fires(), ends(end=60), ends(end=90)])
    early_end, _ = play([fires(), ends(end=90), ends(end=60)])
    assert late_end is not None
    assert early_end is not None
    assert late_end.ended_at == early_end.ended_at == at(90)
