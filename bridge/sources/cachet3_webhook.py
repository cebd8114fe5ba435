"""Webhooks of a Cachet 3 page.

Facts are from recorded deliveries. Traps that are handled here:

* Hidden, unpublished and members-only incidents are sent like all others.
* A body holds columns of the database: states are numbers, and nothing tells which components an incident concerns.
* ``component_status_changed`` follows ``component_updated`` and knows the number of the component only.
* Ids of components and of incidents overlap, so both are marked.
* Rows of subscribers hold addresses; nothing of them is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, Word, shown
from bridge.sources.pagewords import SEVERITIES
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures.vendors import CACHET3
from bridge.sources.single import ObjectSource, facts, ignored, missing

_STATUSES = {
    "1": ComponentStatus.OPERATIONAL,
    "2": ComponentStatus.DEGRADED,
    "3": ComponentStatus.PARTIAL_OUTAGE,
    "4": ComponentStatus.MAJOR_OUTAGE,
    "5": ComponentStatus.UNKNOWN,
    "6": ComponentStatus.MAINTENANCE,
}
_FIXED, _PUBLIC = "4", "1"
_PHASES = {"0": "reported", "1": "investigating", "2": "identified", "3": "watching", _FIXED: "fixed"}
_COMPONENT, _INCIDENT = "component_", "incident_"


class HookSchema(Element):
    """An event and the row that it concerns."""

    kind = Key(required=True, data_key="event")
    id = Key(data_key="body.id")
    component_id = Key(data_key="body.component_id")
    name = Line(data_key="body.name")
    text = Text(data_key="body.message")
    status = Text(data_key="body.status")
    new_status = Word(_STATUSES, data_key="body.new_status")
    enabled = Flag(data_key="body.enabled")
    visible = Text(data_key="body.visible")
    guid = Text(data_key="body.guid")
    occurred_at = Moment(data_key="body.occurred_at")
    published_at = Moment(data_key="body.published_at")
    created_at = Moment(data_key="body.created_at")
    updated_at = Moment(data_key="body.updated_at")
    deleted_at = Moment(data_key="body.deleted_at")


class Cachet3Webhook(ObjectSource):
    """``type: cachet3-webhook``."""

    name: ClassVar[str] = "cachet3-webhook"
    sender: ClassVar[str] = "webhook of Cachet 3"
    element: ClassVar[type[Schema]] = HookSchema
    scheme = CACHET3
    record = Record(
        title="Cachet 3, as a source",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook in the dashboard of Cachet 3 with the address of this source, all component and "
            "incident events, and a secret.",
        ),
        used=("event, body.id, body.name, body.status, body.message, body.component, body.updated_at"),
        limits=("Schedules and updates of incidents send no webhook: polling sees them.",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened on the page."""
        kind = alert["kind"].casefold()
        if kind.startswith(_COMPONENT):
            return self._component(alert, kind, notes)
        if kind.startswith(_INCIDENT):
            return self._incident(alert, kind, notes)
        return ignored(None, f"{shown(kind)} says nothing about a component or an incident")

    def _component(self, alert: dict[str, Any], kind: str, notes: Notes) -> Event:
        changed = kind == "component_status_changed"
        number = alert["component_id"] if changed else alert["id"]
        status = alert["new_status"] if changed else _STATUSES.get(alert["status"] or "")
        deleted = kind == "component_deleted"
        if not number:
            raise missing("body.component_id" if changed else "body.id")
        if status is None and kind == "component_created":  # a row that was just made has only what was set
            return ignored(f"component:{number}", "the component was made without a status", alert["name"])
        if status is None and not deleted:
            raise missing("body.new_status" if changed else "body.status")
        over = deleted or status is ComponentStatus.OPERATIONAL
        # The row that came just before has the name; an update need not repeat it.
        action = Action.RESOLVE if over else Action.UPDATE if changed else Action.TRIGGER
        return self.statement(
            notes,
            action,
            f"component:{number}",
            title=alert["name"],
            severity=None if over or status is None else SEVERITIES[status],
            at=alert["deleted_at"] or alert["updated_at"],
            labels=facts(component=alert["name"], component_id=number),
            component=alert["name"],
            status=None if deleted else status,
            reason="the component is hidden" if alert["enabled"] is False else None,
        )

    def _incident(self, alert: dict[str, Any], kind: str, notes: Notes) -> Event:
        if not alert["id"] or alert["status"] not in _PHASES:
            raise missing("body.status" if alert["id"] else "body.id")
        deleted = kind == "incident_deleted"
        over = deleted or alert["status"] == _FIXED
        action = Action.RESOLVE if over else Action.TRIGGER if kind == "incident_created" else Action.UPDATE
        at = alert["deleted_at"] or alert["updated_at"]
        hidden = _hidden(alert["visible"], alert["published_at"], at)
        return self.statement(
            notes,
            action,
            f"incident:{alert['id']}",
            title=None if hidden else alert["name"],
            at=at,
            started_at=alert["occurred_at"] or alert["created_at"],
            text=None if hidden else alert["text"],
            labels=facts(phase=_PHASES[alert["status"]], guid=alert["guid"]),
            reason=hidden,
        )


def _hidden(visible: str | None, published_at: datetime | None, at: datetime | None) -> str | None:
    """Why an incident is not for everybody, if it is not. Only what says that it is public counts as public."""
    if visible not in (_PUBLIC, "true"):
        return "the incident is not public"
    return "the incident is not published yet" if published_at and at and published_at > at else None
