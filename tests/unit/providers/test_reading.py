"""What one row becomes on its way to a canonical object, and back to where it came from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from provider_stage import START, incident, update

from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Severity, TextFormat, Visibility
from bridge.model.facts import Seen
from bridge.model.objects import Component, Incident, Origin, Text
from bridge.providers.base.impact import severity_of
from bridge.providers.base.mapping import load
from bridge.providers.base.markup import loses_markup
from bridge.providers.base.notes import Notes
from bridge.providers.base.reading import Reading
from bridge.providers.base.text import render

WORDS = load("cachet2")
ROW = {"id": 7, "status": 9, "name": "API", "stickied": True}


def reading(**row: Any) -> Reading:
    def identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
        return f"{kind}-{remote_id}-{at:%H%M}" if at else f"{kind}-{remote_id}"

    return Reading(WORDS, "page", Kind.INCIDENT, Seen("7", {}, at=START, raw={**ROW, **row}), identify)


def came_from(provider: str, **raw: Any) -> Incident:
    return incident(origin=Origin("page", "7", raw, provider))


def lost(notes: Notes) -> dict[str, str]:
    return {loss.field: loss.became for loss in notes.losses}


def test_ids_come_from_whoever_reads() -> None:
    made = reading()
    assert made.id == "incident-7-0730"
    assert made.other(Kind.COMPONENT, 3) == "component-3"


def test_what_was_kept_is_in_the_origin_and_nothing_else() -> None:
    made = reading()
    made.keep("stickied", "absent")
    made.put("affected", {"3": 4})
    assert made.origin() == Origin("page", "7", {"stickied": True, "affected": {"3": 4}}, "cachet2")
    assert made.part(12, status=2) == Origin("page", "12", {"status": 2}, "cachet2")


def test_a_value_that_no_table_knows_is_noted_once_and_kept() -> None:
    made = reading()
    assert [made.word(IncidentStatus, 9, "status") for _ in range(2)] == [IncidentStatus.REPORTED] * 2
    assert [(loss.field, loss.had, loss.became) for loss in made.losses] == [("incident_status", "9", "reported")]
    assert made.origin().raw == {"status": 9}


def test_an_object_gets_back_the_value_it_came_with_as_long_as_it_means_the_same() -> None:
    notes = Notes(came_from("cachet2", status=9), WORDS)
    assert notes.word(IncidentStatus.REPORTED, "status") == 9
    assert notes.word(IncidentStatus.RESOLVED, "status") == 4
    assert Notes(came_from("cachet3", status=9), WORDS).word(IncidentStatus.REPORTED, "status") == 1


def test_a_part_gets_back_the_value_that_it_came_with_itself() -> None:
    notes = Notes(came_from("cachet2", status=4), WORDS)
    part = Origin("page", "12", {"status": 9}, "cachet2")
    assert notes.part_word(IncidentStatus.REPORTED, part, "status") == 9
    assert notes.part_word(IncidentStatus.REPORTED, replace(part, provider="cachet3"), "status") == 1
    assert notes.part_word(IncidentStatus.REPORTED, None, "status") == 1


def test_what_another_provider_had_of_its_own_is_told_unless_it_goes_along() -> None:
    foreign = came_from("cachet3", stickied=True, meta={"ticket": "A-1"}, guid="x")
    assert lost(Notes(foreign, WORDS)) == {"stickied": "", "meta": ""}
    taken = Notes(foreign, WORDS)
    assert taken.own("stickied", "guid") == {"stickied": True}
    assert lost(taken) == {"meta": ""}
    assert lost(Notes(came_from("cachet2", stickied=True, meta={"ticket": "A-1"}), WORDS)) == {}
    assert lost(Notes(came_from("cachet3", stickied=False, meta={}), WORDS)) == {}


def test_a_name_from_this_provider_stays_as_it_is_and_another_becomes_plain() -> None:
    assert Notes(came_from("cachet2"), WORDS).name("<b>API</b>  2", None) == "<b>API</b>  2"
    notes = Notes(incident(), WORDS)
    assert notes.name("<b>API</b>  2", None) == "API 2"
    assert lost(notes) == {"name": "API 2"}
    assert lost(Notes(incident(), WORDS)) == {}


def test_severity_is_lost_unless_there_is_none_to_lose() -> None:
    quiet = incident(impact=Severity.NONE, components={})
    for obj, expected in ((incident(), {"impact": ""}), (quiet, {}), (came_from("cachet2"), {})):
        notes = Notes(obj, WORDS)
        notes.severity_loss(obj, "No severity here.")
        assert lost(notes) == expected


def test_times_of_updates_are_told_together() -> None:
    notes = Notes(incident(), WORDS)
    later = replace(update("b"), at=START + timedelta(minutes=1))
    notes.update_time_losses([update("a"), later])
    assert [loss.had for loss in notes.losses] == ["2024-05-06T07:30:33Z, 2024-05-06T07:31:33Z"]
    notes.update_time_losses([])
    assert len(notes.losses) == 1


def test_labels_are_told_except_those_that_are_kept_in_another_form() -> None:
    component = Component("c", "API", ComponentStatus.OPERATIONAL, labels={"team": "core", "tier": "1"})
    notes = Notes(component, WORDS)
    notes.label_losses(component, {"tier": "One"})
    assert [loss.had for loss in notes.losses] == ["team=core"]


@pytest.mark.parametrize(
    ("source", "format_", "language", "less"),
    [
        ("Plain words.", TextFormat.MARKDOWN, TextFormat.HTML, False),
        ("**Bold** and [link](https://a.example)", TextFormat.MARKDOWN, TextFormat.HTML, False),
        ("# Heading", TextFormat.MARKDOWN, TextFormat.HTML, True),
        ("![picture](https://a.example/p.png)", TextFormat.MARKDOWN, TextFormat.HTML, True),
        ("| a | b |\n|---|---|\n| 1 | 2 |", TextFormat.MARKDOWN, TextFormat.HTML, True),
        ("# Heading", TextFormat.MARKDOWN, TextFormat.MARKDOWN, False),
        ("# Heading", TextFormat.PLAIN, TextFormat.HTML, False),
        ("**Bold**", TextFormat.MARKDOWN, TextFormat.PLAIN, True),
        ("Words.", TextFormat.MARKDOWN, TextFormat.PLAIN, False),
        ("<div><b>Bold</b> a_b</div>", TextFormat.HTML, TextFormat.MARKDOWN, False),
        ("", TextFormat.MARKDOWN, TextFormat.HTML, False),
    ],
)
def test_markup_is_lost_where_a_reader_would_miss_it(
    source: str, format_: TextFormat, language: TextFormat, less: bool
) -> None:
    text = Text(source, format_)
    assert loses_markup(text, render(text, language), language) is less


def test_an_incident_is_as_severe_as_its_worst_component() -> None:
    assert severity_of([]) is Severity.NONE
    assert severity_of([ComponentStatus.MAINTENANCE, ComponentStatus.UNKNOWN]) is Severity.NONE
    assert severity_of([ComponentStatus.DEGRADED, ComponentStatus.UNAVAILABLE]) is Severity.CRITICAL
    assert {severity_of([status]) for status in ComponentStatus} == set(Severity)


def test_who_sees_a_metric_is_never_more_than_is_known() -> None:
    assert [WORDS.shown_to(value) for value in (0, 1, 2)] == [
        Visibility.AUTHENTICATED,
        Visibility.PUBLIC,
        Visibility.HIDDEN,
    ]
    assert {WORDS.shown_to(value) for value in (3, None, "1", [1])} == {Visibility.HIDDEN}
    assert all(WORDS.shown_to(WORDS.showing(visibility)) is visibility for visibility in Visibility)
    with pytest.raises(ValueError, match="no metrics that are authenticated"):
        load("pingpong").showing(Visibility.AUTHENTICATED)
