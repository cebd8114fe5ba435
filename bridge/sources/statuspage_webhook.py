"""Webhooks of an Atlassian Statuspage, to whoever subscribed.

Facts are from captures of 2013 and 2017 and the vendor's example. Traps that are handled here:

* A body is about an incident or about a component, and never about both.
* A change of a component inside an incident arrives as two messages, in any order.
* Incidents that are entered afterwards, and maintenance that has not begun, say nothing about now.
* Nothing is signed: only a secret in the address proves anything.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, Word
from bridge.sources.pagewords import SEVERITIES, PageStatus
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ObjectSource, Raw, facts, missing, reach

_STATES: dict[str, Action] = {
    **dict.fromkeys(("investigating", "identified", "monitoring", "in_progress", "verifying"), Action.UPDATE),
    **dict.fromkeys(("resolved", "postmortem", "completed"), Action.RESOLVE),
    "scheduled": Action.IGNORE,
}
_WORKS = frozenset({"scheduled", "in_progress", "verifying", "completed"})
_BEGINS = frozenset({"in_progress"})
_SEVERITIES = {
    "none": AlertSeverity.INFO,
    "maintenance": AlertSeverity.INFO,
    "minor": AlertSeverity.MINOR,
    "major": AlertSeverity.MAJOR,
    "critical": AlertSeverity.CRITICAL,
}


class PageSchema(Element):
    """An incident or a component of a page."""

    page = Text(data_key="page.id")
    incident = Key(data_key="incident.id")
    title = Line(data_key="incident.name")
    state = Word({word: word for word in _STATES}, data_key="incident.status")
    impact = Word({word: word for word in _SEVERITIES}, data_key="incident.impact")
    backfilled = Flag(data_key="incident.backfilled")
    url = Text(data_key="incident.shortlink")
    updates = Raw(data_key="incident.incident_updates")
    components = Raw(data_key="incident.components")
    planned_for = Moment(data_key="incident.scheduled_for")
    started_at = Moment(data_key="incident.started_at")
    created_at = Moment(data_key="incident.created_at")
    updated_at = Moment(data_key="incident.updated_at")
    resolved_at = Moment(data_key="incident.resolved_at")
    component = Key(data_key="component_update.component_id")
    component_id = Key(data_key="component.id")
    component_name = Line(data_key="component.name")
    new_status = PageStatus(data_key="component_update.new_status")
    status = PageStatus(data_key="component.status")
    changed_at = Moment(data_key="component_update.created_at")


class StatuspageWebhook(ObjectSource):
    """``type: statuspage-webhook``."""

    name: ClassVar[str] = "statuspage-webhook"
    sender: ClassVar[str] = "webhook of Statuspage"
    element: ClassVar[type[Schema]] = PageSchema
    record = Record(
        title="Statuspage, as a source",
        resolves=Resolves.YES,
        setup=(
            "Subscribe the address of this source to the page with the subscriber type webhook; the secret "
            "stands in the path: auth: {path: …}.",
        ),
        used=("meta, page, incident, component, component_update"),
        limits=("Nothing is signed, and the subscription needs an address for complaints.",),
        secrets=("unsubscribe",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened on the page."""
        if alert["incident"]:
            return self._incident(alert, notes)
        key, status = alert["component"] or alert["component_id"], alert["new_status"] or alert["status"]
        if not key:
            raise missing("incident.id", "component_update.component_id")
        if status is None:
            raise missing("component_update.new_status")
        over = status is ComponentStatus.OPERATIONAL
        return self.statement(
            notes,
            Action.RESOLVE if over else Action.TRIGGER,
            f"component:{key}",
            title=alert["component_name"],
            severity=None if over else SEVERITIES[status],
            at=alert["changed_at"],
            labels=facts(page=alert["page"], component=alert["component_name"]),
            component=alert["component_name"],
            status=status,
        )

    def _incident(self, alert: dict[str, Any], notes: Notes) -> Event:
        if not (state := alert["state"]):
            raise missing("incident.status")
        action = _STATES[state]
        works = state in _WORKS
        if action is Action.UPDATE and (state in _BEGINS if works else _count(alert["updates"]) <= 1):
            action = Action.TRIGGER
        names = _names(alert["components"])
        return self.statement(
            notes,
            action,
            alert["incident"],
            title=alert["title"],
            severity=AlertSeverity.INFO if works else _SEVERITIES.get(alert["impact"] or ""),
            at=alert["updated_at"],
            started_at=alert["planned_for"] if works else alert["started_at"] or alert["created_at"],
            ended_at=alert["resolved_at"],
            text=_newest(alert["updates"]),
            labels=facts(page=alert["page"], state=state, impact=alert["impact"], components=names),
            component=names[0] if names else None,
            status=ComponentStatus.MAINTENANCE if works and action is not Action.RESOLVE else None,
            url=alert["url"],
            reason=_reason(alert, action),
        )


def _reason(alert: dict[str, Any], action: Action) -> str | None:
    if alert["backfilled"]:
        return "the incident was entered afterwards"
    return "the maintenance has not begun" if action is Action.IGNORE else None


def _count(updates: Any) -> int:
    """How many updates an incident has; one of them is its beginning."""
    return len(updates) if isinstance(updates, list) else 0


def _newest(updates: Any) -> str | None:
    """The text of the newest update, which stands first."""
    body = reach(updates, ("0", "body"))
    return body.strip() or None if isinstance(body, str) else None


def _names(components: Any) -> tuple[str, ...]:
    names = (reach(component, ("name",)) for component in (components if isinstance(components, list) else ()))
    return tuple(name.strip() for name in names if isinstance(name, str) and name.strip())
