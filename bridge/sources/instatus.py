"""Instatus webhooks: incidents, maintenance and components of an Instatus page.

The schema is that of Instatus' help pages, which also show how the signature is made: in hexadecimal, of what
``JSON.stringify`` writes. What is entered afterwards is told by ``backfilled``; maintenance that has not begun yet is
no statement about now.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, Word
from bridge.sources.pagewords import SEVERITIES, PageStatus, status_of
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures.vendors import INSTATUS
from bridge.sources.single import ObjectSource, Raw, facts, missing, reach

_STATES = {
    "investigating": Action.TRIGGER,
    "identified": Action.UPDATE,
    "monitoring": Action.UPDATE,
    "resolved": Action.RESOLVE,
}
_WORKS = {
    "notstartedyet": Action.IGNORE,
    "inprogress": Action.TRIGGER,
    "verifying": Action.UPDATE,
    "completed": Action.RESOLVE,
}


class PageSchema(Element):
    """One of an incident, a maintenance, or a component."""

    page = Text(data_key="page.url")
    incident = Key(data_key="incident.id")
    title = Line(data_key="incident.name")
    url = Text(data_key="incident.url")
    state = Word(_STATES, data_key="incident.status")
    impact = Text(data_key="incident.impact")
    backfilled = Flag(data_key="incident.backfilled")
    updates = Raw(data_key="incident.incident_updates")
    created_at = Moment(data_key="incident.created_at")
    updated_at = Moment(data_key="incident.updated_at")
    resolved_at = Moment(data_key="incident.resolved_at")
    works = Key(data_key="maintenance.id")
    works_title = Line(data_key="maintenance.name")
    works_url = Text(data_key="maintenance.url")
    works_state = Word(_WORKS, data_key="maintenance.status")
    works_updates = Raw(data_key="maintenance.maintenance_updates")
    works_backfilled = Flag(data_key="maintenance.backfilled")
    starts_at = Moment(data_key="maintenance.start_date")
    works_updated_at = Moment(data_key="maintenance.updated_at")
    works_ended_at = Moment(data_key="maintenance.resolved_at")
    component = Key(data_key="component_update.component_id")
    component_id = Key(data_key="component.id")
    component_name = Line(data_key="component.name")
    new_status = PageStatus(data_key="component_update.new_status")
    changed_at = Moment(data_key="component_update.created_at")


class Instatus(ObjectSource):
    """``type: instatus``."""

    name: ClassVar[str] = "instatus"
    sender: ClassVar[str] = "Instatus webhook"
    element: ClassVar[type[Schema]] = PageSchema
    scheme = INSTATUS
    record = Record(
        title="Instatus",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook subscription to the page with the address of this source, and put its secret under secrets.",
        ),
        used=(
            "page, incident.id, incident.name, incident.status, incident.impact, maintenance, component, "
            "component_update"
        ),
        limits=("No time is signed.",),
        secrets=("unsubscribe",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened on the page."""
        if alert["incident"]:
            return self._incident(alert, notes)
        if alert["works"]:
            return self._maintenance(alert, notes)
        if alert["component"] or alert["component_id"]:
            return self._component(alert, notes)
        raise missing("incident.id", "maintenance.id", "component_update.component_id")

    def _incident(self, alert: dict[str, Any], notes: Notes) -> Event:
        if alert["state"] is None:
            raise missing("incident.status")
        status = status_of(alert["impact"])
        return self.statement(
            notes,
            alert["state"],
            alert["incident"],
            title=alert["title"],
            severity=SEVERITIES.get(status) if status else None,
            at=alert["updated_at"] or alert["resolved_at"],
            started_at=alert["created_at"],
            ended_at=alert["resolved_at"],
            text=_newest(alert["updates"]),
            labels=facts(page=alert["page"], impact=alert["impact"]),
            status=status if alert["state"] is not Action.RESOLVE else ComponentStatus.OPERATIONAL,
            url=alert["url"],
            reason="the incident was entered afterwards" if alert["backfilled"] else None,
        )

    def _maintenance(self, alert: dict[str, Any], notes: Notes) -> Event:
        action = alert["works_state"]
        if action is None:
            raise missing("maintenance.status")
        return self.statement(
            notes,
            action,
            alert["works"],
            title=alert["works_title"],
            severity=None if action is Action.RESOLVE else AlertSeverity.INFO,
            at=alert["works_updated_at"],
            started_at=alert["starts_at"] if action is not Action.IGNORE else None,
            ended_at=alert["works_ended_at"],
            text=_newest(alert["works_updates"]),
            labels=facts(page=alert["page"]),
            status=ComponentStatus.OPERATIONAL if action is Action.RESOLVE else ComponentStatus.MAINTENANCE,
            url=alert["works_url"],
            reason=_nothing(alert, action),
        )

    def _component(self, alert: dict[str, Any], notes: Notes) -> Event:
        status = alert["new_status"]
        if status is None:
            raise missing("component_update.new_status")
        over = status is ComponentStatus.OPERATIONAL
        return self.statement(
            notes,
            Action.RESOLVE if over else Action.TRIGGER,
            f"component:{alert['component'] or alert['component_id']}",
            title=alert["component_name"],
            severity=None if over else SEVERITIES[status],
            at=alert["changed_at"],
            labels=facts(page=alert["page"], component=alert["component_name"]),
            component=alert["component_name"],
            status=status,
        )


def _nothing(alert: dict[str, Any], action: Action) -> str | None:
    """Why a maintenance says nothing about now, if it does not."""
    if alert["works_backfilled"]:
        return "the maintenance was entered afterwards"
    return "the maintenance has not begun" if action is Action.IGNORE else None


def _newest(updates: Any) -> str | None:
    """The text of the newest update; their order is not documented."""
    each = updates if isinstance(updates, list) else ()
    texts = [(reach(update, ("created_at",)), reach(update, ("body",))) for update in each]
    told = [(at if isinstance(at, str) else "", text) for at, text in texts if isinstance(text, str) and text.strip()]
    return max(told, key=lambda pair: pair[0])[1].strip() if told else None
