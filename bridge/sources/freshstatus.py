"""Freshstatus webhooks.

Every value is a text, also "None" and "False". A note has its own ``id``; the incident that it belongs to is
``incident_id``. Closing an incident arrives as a note; an event that has its end in its name ends it too.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, Texts, Verbatim, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ObjectSource, facts, ignored, missing

_INCIDENT, _MAINTENANCE, _NOTE = "INCIDENT_", "MAINTENANCE_", "_NOTE_"
_BEGINS = frozenset({"OPEN", "REOPEN", "PLANNED", "START", "STARTED"})
_ENDS = frozenset({"CLOSE", "CLOSED", "RESOLVE", "RESOLVED", "COMPLETE", "COMPLETED", "DELETE", "DELETED"})
_OVER = frozenset({"closed", "completed", "resolved"})
_SAMPLE = "{notification_options}"


class EventSchema(Element):
    """One event of a page."""

    kind = Key(required=True, data_key="event_data.event_type")
    id = Key()
    incident_id = Key()
    title = Line()
    state = Text(data_key="incident_status")
    own_state = Text(data_key="status")
    description = Text()
    message = Text()
    services = Texts(data_key="affected_services")
    source = Line()
    private = Flag(data_key="is_private")
    options = Verbatim(data_key="notification_options")
    starts_at = Moment(data_key="start_time")
    ends_at = Moment(data_key="end_time")
    at = Moment(data_key="event_data.event_created_on")


class Freshstatus(ObjectSource):
    """``type: freshstatus``."""

    name: ClassVar[str] = "freshstatus"
    sender: ClassVar[str] = "Freshstatus webhook"
    element: ClassVar[type[Schema]] = EventSchema
    record = Record(
        title="Freshstatus",
        resolves=Resolves.YES,
        setup=("Add a webhook with the address of this source; the secret stands in the path: auth: {path: …}.",),
        used=("event_data.event_type, id, incident_id, title, incident_status, is_private"),
        limits=(
            "Nothing is signed.",
            "Private incidents are ignored.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened to one incident or one maintenance."""
        kind = alert["kind"].upper()
        is_note = _NOTE in kind
        key = alert["incident_id"] if is_note else alert["incident_id"] or alert["id"]
        works = kind.startswith(_MAINTENANCE)
        if not works and not kind.startswith(_INCIDENT):
            return ignored(key or alert["id"], f"{shown(kind)} says nothing about an incident", alert["title"])
        if not key:
            raise missing("incident_id" if is_note else "id")
        word = kind.removeprefix(_INCIDENT).removeprefix(_MAINTENANCE)
        over = word in _ENDS or (alert["state"] or alert["own_state"] or "").casefold() in _OVER
        named = ",".join(alert["services"] or ()).split(",")
        services = [name.strip().strip("'") for name in named if name.strip()]
        action = Action.RESOLVE if over else Action.TRIGGER if word in _BEGINS else Action.UPDATE
        return self.statement(
            notes,
            action,
            key,
            title=None if alert["private"] else alert["title"],
            severity=AlertSeverity.INFO if works and not over else None,
            at=alert["at"],
            started_at=alert["starts_at"],
            ended_at=None if works else alert["ends_at"],
            text=None if alert["private"] else alert["message"] or alert["description"],
            labels=facts(services=services, source=alert["source"]),
            component=services[0] if services else None,
            status=ComponentStatus.MAINTENANCE if works and not over else None,
            reason=_reason(alert),
        )


def _reason(alert: dict[str, Any]) -> str | None:
    if alert["private"]:
        return "it is private"
    return "test message" if alert["options"] == _SAMPLE else None
