"""incident.io's webhooks.

Facts are from incident.io's documentation and public receivers. Traps that are handled here:

* The resource stands under a key that is named like the event; status events nest the incident one level deeper.
* Names of states are free text, their categories are not.
* Incidents that were merged, declined or cancelled did not end: they never were.
* Private events carry an id only; tests, tutorials and incidents that are written down afterwards look like real ones.
* Alerts are what incidents are made of, and mostly not for customers: they are taken only where somebody says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.scale import ScaleOptions, ScaleSource
from bridge.sources.signatures.vendors import STANDARD_WEBHOOKS
from bridge.sources.single import Named, facts, ignored, missing

_INCIDENTS = "public_incident.incident_"
_ALERTS = {"public_alert.alert_created_": Action.TRIGGER, "public_alert.alert_resolved_": Action.RESOLVE}
_CREATED = "incident_created"
_TRIAGE = "triage"
_CATEGORIES = {
    _TRIAGE: Action.TRIGGER,
    "live": Action.TRIGGER,
    "paused": Action.UPDATE,
    **dict.fromkeys(("learning", "closed", "declined", "merged", "canceled", "cancelled"), Action.RESOLVE),
}
_SILENT = {"declined": "declined", "merged": "merged", "canceled": "canceled", "cancelled": "canceled"}
"""Categories that end an incident without anything having been fixed, in policy's spelling."""
_NOT_REAL = frozenset({"test", "tutorial", "retrospective"})
_PRIVATE = "private"


class IncidentIoOptions(ScaleOptions):
    """``triage``: take incidents that nobody has accepted yet; they are ignored by default.

    ``alerts``: take alerts too, each by itself; they are ignored by default.
    """

    triage = fields.Boolean(load_default=False)
    alerts = fields.Boolean(load_default=False)


class IncidentSchema(Element):
    """An event, with its incident where the event has it."""

    kind = Key(required=True, data_key="event_type")
    key = Key(data_key="incident.id")
    reference = Text(data_key="incident.reference")
    title = Line(data_key="incident.name")
    text = Text(data_key="incident.summary")
    url = Text(data_key="incident.permalink")
    visibility = Text(data_key="incident.visibility")
    mode = Text(data_key="incident.mode")
    category = Text(data_key="incident.incident_status.category")
    new_category = Text(data_key="new_status.category")
    state = Line(data_key="incident.incident_status.name")
    severity = Named("name", data_key="incident.severity")
    type = Named("name", data_key="incident.incident_type")
    note = Text(data_key="message")
    created_at = Moment(data_key="incident.created_at")
    updated_at = Moment(data_key="incident.updated_at")
    headline = Line(data_key="incident.title")
    description = Text(data_key="incident.description")
    source_url = Text(data_key="incident.source_url")
    deduplication = Text(data_key="incident.deduplication_key")
    resolved_at = Moment(data_key="incident.resolved_at")


class IncidentIo(ScaleSource):
    """``type: incident-io``."""

    name: ClassVar[str] = "incident-io"
    sender: ClassVar[str] = "incident.io webhook"
    options_schema: ClassVar[type[Schema]] = IncidentIoOptions
    element: ClassVar[type[Schema]] = IncidentSchema
    scheme = STANDARD_WEBHOOKS
    sender_id_header: ClassVar[tuple[str, ...]] = ("webhook-id", "svix-id")
    record = Record(
        title="incident.io",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook endpoint with the address of this source and the public incident events, and put "
            "its secret (whsec_…) under secrets.",
        ),
        used=(
            "event_type, id, reference, name, incident_status, severity, mode, visibility, permalink, "
            "created_at, updated_at"
        ),
        limits=(
            "Private incidents carry nothing but an id and are ignored.",
            "Alerts are ignored unless the setting alerts is true.",
            "An endpoint that fails for five days is turned off.",
        ),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event with its incident beside it, wherever it stood."""
        if "event_type" not in element and isinstance(element.get("data"), dict):
            element = element["data"]
        kind = element.get("event_type")
        told = element.get(kind, element) if isinstance(kind, str) else None
        told = told if isinstance(told, dict) else {}
        incident = told["incident"] if isinstance(told.get("incident"), dict) else told
        flat = {"event_type": kind, "incident": incident, "new_status": told.get("new_status")}
        return super().renamed({**flat, "message": told.get("message")})

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened to one incident."""
        kind: str = alert["kind"]
        if self.options.get("alerts") and kind.startswith(tuple(_ALERTS)):
            return self._alert(alert, notes)
        if not kind.startswith(_INCIDENTS):
            return ignored(alert["key"], f"{shown(kind)} says nothing about the state of a public incident")
        category = (alert["category"] or alert["new_category"] or "").casefold()
        if not alert["key"] or not category:
            raise missing("incident.incident_status.category" if alert["key"] else "incident.id")
        action = _CATEGORIES.get(category, Action.TRIGGER)
        if action is Action.TRIGGER and _CREATED not in kind:
            action = Action.UPDATE
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            severity=self.level(alert["severity"], notes),
            at=alert["updated_at"],
            started_at=alert["created_at"],
            text=alert["text"],
            labels=facts(
                severity=alert["severity"],
                type=alert["type"],
                status=alert["state"],
                category=category,
                reference=alert["reference"],
                resolution=_SILENT.get(category),
            ),
            url=alert["url"],
            internal_note=alert["note"],
            reason=self._nothing(alert, category),
        )

    def _alert(self, alert: dict[str, Any], notes: Notes) -> Event:
        """An alert began or is over; it has no severity of its own."""
        if not alert["key"]:
            raise missing("alert.id")
        action = next(action for start, action in _ALERTS.items() if alert["kind"].startswith(start))
        over = action is Action.RESOLVE
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["headline"],
            at=(alert["resolved_at"] if over else alert["created_at"]) or alert["updated_at"],
            started_at=alert["created_at"],
            ended_at=alert["resolved_at"],
            text=alert["description"],
            labels=facts(deduplication_key=alert["deduplication"]),
            url=alert["source_url"],
        )

    def _nothing(self, alert: dict[str, Any], category: str) -> str | None:
        """Why an incident is nobody's business outside, if it is not."""
        mode = (alert["mode"] or "").casefold()
        if mode in _NOT_REAL:
            return f"the mode of the incident is {mode}"
        if (alert["visibility"] or "").casefold() == _PRIVATE:
            return "the incident is private"
        return "the incident is in triage" if category == _TRIAGE and not self.options.get("triage") else None
