"""Rows of Statuspage's public JSON, as any hosted page serves them, and some that only the REST API has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Severity, TextFormat
from bridge.model.facts import Seen
from bridge.model.loss import Losses
from bridge.model.objects import ComponentGroup, Incident, Maintenance
from bridge.providers.base.mapping import load
from bridge.providers.statuspage.reader import Reader
from bridge.providers.statuspage.translator import Translator
from bridge.providers.statuspage.wording import text_of

TRANSLATOR, READER = Translator(load("statuspage")), Reader(load("statuspage"))
NOBODY = [{"name": "No components were affected by this update."}]


def read(kind: Kind, row: dict[str, Any]) -> tuple[Any, Losses]:
    return READER.read(kind, TRANSLATOR.seen(kind, row), "page", lambda what, remote, at: f"{what}-{remote}")


def update(identity: str, status: str, body: str, minute: int, affected: Any = None) -> dict[str, Any]:
    at = f"2024-09-16T14:{minute:02}:00.250-07:00"
    return {
        "id": identity, "status": status, "body": body, "incident_id": "iii", "created_at": at, "updated_at": at,
        "display_at": at, "affected_components": affected, "deliver_notifications": True, "custom_tweet": None,
    }  # fmt: skip


def moved(code: str, now: str) -> dict[str, str]:
    return {"code": code, "name": f"Group - {code}", "old_status": "operational", "new_status": now}


def incident(*updates: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "iii", "name": "Slow answers", "status": updates[0]["status"], "impact": "major", "page_id": "p",
        "created_at": "2024-09-16T14:00:00.500-07:00", "updated_at": "2024-09-16T15:00:00.000-07:00",
        "monitoring_at": None, "resolved_at": None, "shortlink": "https://stspg.io/x", "incident_updates": [*updates],
        **more,
    }  # fmt: skip


def test_a_public_incident_is_read_with_its_updates_oldest_first_and_in_utc() -> None:
    row = incident(
        update("u2", "monitoring", "Fixed?", 30, [moved("aaa", "degraded_performance")]),
        update("u1", "investigating", "Looking.", 1, [moved("aaa", "major_outage"), moved("bbb", "partial_outage")]),
        started_at="2024-09-16T14:01:00.000-07:00",
        components=[{"id": "aaa", "status": "degraded_performance"}, {"id": "bbb", "status": "operational"}],
    )
    obj, losses = read(Kind.INCIDENT, row)
    assert isinstance(obj, Incident)
    assert [step.message.source for step in obj.updates] == ["Looking.", "Fixed?"]
    assert obj.started_at == datetime(2024, 9, 16, 21, 1, tzinfo=UTC)
    assert (obj.status, obj.impact) == (IncidentStatus.MONITORING, Severity.MAJOR)
    # What the incident last did to each, and not what the component happens to show.
    assert obj.components == {
        "component-aaa": ComponentStatus.DEGRADED,
        "component-bbb": ComponentStatus.PARTIAL_OUTAGE,
    }
    assert (obj.notify, losses) == (False, ())


def test_old_rows_without_start_components_and_ids_are_read() -> None:
    row = incident(update("u1", "resolved", "Over.", 1, NOBODY), resolved_at="2024-09-16T14:01:00.250-07:00")
    obj, losses = read(Kind.INCIDENT, row)
    assert obj.components == {}
    assert obj.started_at == datetime(2024, 9, 16, 21, 0, tzinfo=UTC)
    assert obj.resolved_at == datetime(2024, 9, 16, 21, 1, tzinfo=UTC)
    assert losses == ()


def test_what_a_closed_incident_did_to_a_component_is_not_guessed() -> None:
    row = incident(update("u1", "resolved", "Over.", 1), components=[{"id": "aaa", "status": "operational"}])
    obj, losses = read(Kind.INCIDENT, row)
    assert obj.components == {"component-aaa": ComponentStatus.UNKNOWN}
    assert [loss.field for loss in losses] == ["components"]


def test_an_open_incident_without_told_statuses_takes_those_that_are_shown() -> None:
    row = incident(update("u1", "identified", "Known.", 1), components=[{"id": "aaa", "status": "major_outage"}])
    assert read(Kind.INCIDENT, row)[0].components == {"component-aaa": ComponentStatus.MAJOR_OUTAGE}


def test_a_public_postmortem_is_there_once() -> None:
    row = incident(
        update("u2", "postmortem", "What happened.", 40), update("u1", "resolved", "Over.", 30), postmortem_body="x"
    )
    obj, _ = read(Kind.INCIDENT, {**row, "postmortem_published_at": "2024-09-17T00:00:00Z"})
    assert [step.status for step in obj.updates] == [IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM]


def test_a_public_maintenance_has_its_announcement_as_message() -> None:
    row = incident(
        update("u2", "in_progress", "Begun.", 20, [moved("aaa", "under_maintenance")]),
        update("u1", "scheduled", "We plan.", 1, NOBODY),
        scheduled_for="2024-09-16T14:20:00.000-07:00",
        scheduled_until="2024-09-16T15:20:00.000-07:00",
        components=[],
    )
    obj, _ = read(Kind.MAINTENANCE, row)
    assert isinstance(obj, Maintenance)
    assert (obj.message.source, obj.status) == ("We plan.", MaintenanceStatus.IN_PROGRESS)
    assert [step.message.source for step in obj.updates] == ["Begun."]
    assert obj.components == ("component-aaa",)
    assert obj.starts_at == datetime(2024, 9, 16, 21, 20, tzinfo=UTC)


def test_a_groups_row_among_the_public_components_is_a_group() -> None:
    row = {"id": "ggg", "name": "Core", "status": "operational", "group": True, "components": ["aaa"], "position": 1}
    obj, _ = read(Kind.COMPONENT_GROUP, row)
    assert isinstance(obj, ComponentGroup)
    assert obj.origin is not None
    assert obj.origin.raw["components"] == ["component-aaa"]


@pytest.mark.parametrize("word", ["", "melted"])
def test_a_component_without_a_known_status_is_unknown_and_never_sent_the_empty_word(word: str) -> None:
    obj, losses = read(Kind.COMPONENT, {"id": "aaa", "name": "API", "status": word})
    assert obj.status is ComponentStatus.UNKNOWN
    assert [loss.field for loss in losses] == ["component_status"]


def test_an_unknown_impact_is_at_least_minor_and_told() -> None:
    obj, losses = read(Kind.INCIDENT, incident(update("u1", "identified", "x", 1), impact="catastrophic"))
    assert obj.impact is Severity.MINOR
    assert [loss.had for loss in losses] == ["catastrophic"]


def test_a_body_with_tags_is_html_in_which_lines_end() -> None:
    assert text_of("One.<br />\nTwo.\nThree.").source == "One.<br>Two.<br>Three."
    assert text_of("5 < 6 and 7 > 6").format is TextFormat.PLAIN
    assert text_of(None).source == ""


def test_a_point_cannot_be_read() -> None:
    with pytest.raises(Refused, match="metric_point"):
        READER.read(Kind.METRIC_POINT, Seen("m/1", {}), "page", lambda *_: "x")
