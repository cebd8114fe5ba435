"""FireHydrant's webhooks.

Facts are from public receivers. Traps that are handled here:

* Every CREATED is followed by an UPDATED with the same milestone.
* Severity and priority are objects, words, or null. The type of a severity tells exercises and works from outages;
  where there is only its name, FireHydrant's own names for them do.
* An incident that only some people may see is ``restricted``, as in FireHydrant's API; such incidents have a
  subscription of their own.
* Steps of a runbook send whatever somebody wrote; that is another body and is quarantined.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, shown, to_moment
from bridge.sources.record import Record, Resolves
from bridge.sources.scale import ScaleSource
from bridge.sources.signatures.vendors import FIREHYDRANT
from bridge.sources.single import Named, Raw, facts, ignored, missing, reach

_INCIDENT, _RESOLVED = "incident", "resolved"
_OVER = ("resolved", "closed", "retrospective_", "postmortem_")
_EXERCISE, _WORKS = "gameday", "maintenance"
_OPERATIONS = {"created": Action.TRIGGER, "updated": Action.UPDATE}


class IncidentSchema(Element):
    """One operation on one incident."""

    operation = Key(required=True, data_key="event.operation")
    resource = Text(data_key="event.resource_type")
    key = Key(data_key="data.incident.id")
    number = Text(data_key="data.incident.number")
    title = Line(data_key="data.incident.name")
    summary = Text(data_key="data.incident.summary")
    impact = Text(data_key="data.incident.customer_impact_summary")
    milestone = Text(data_key="data.incident.current_milestone")
    milestones = Raw(data_key="data.incident.milestones")
    severity = Named("slug", "name", data_key="data.incident.severity")
    kind = Text(data_key="data.incident.severity.type")
    priority = Named("slug", "name", data_key="data.incident.priority")
    impacted = Line(data_key="data.incident.impacts.0.name")
    url = Text(data_key="data.incident.private_status_page_url")
    private = Flag(data_key="data.incident.restricted")
    started_at = Moment(data_key="data.incident.started_at")
    created_at = Moment(data_key="data.incident.created_at")
    updated_at = Moment(data_key="data.incident.updated_at")


class FireHydrant(ScaleSource):
    """``type: firehydrant``."""

    name: ClassVar[str] = "firehydrant"
    sender: ClassVar[str] = "FireHydrant webhook"
    element: ClassVar[type[Schema]] = IncidentSchema
    scheme = FIREHYDRANT
    record = Record(
        title="FireHydrant",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook with the address of this source, subscribe it to incidents, and put its secret "
            "under secrets.",
        ),
        used=(
            "event.operation, event.resource_type, data.incident.id, data.incident.name, "
            "data.incident.current_milestone, data.incident.severity, data.incident.milestones, "
            "data.incident.started_at"
        ),
        limits=(
            "Runbook steps that send a webhook have a body of their own: use generic or custom.",
            "Incidents whose severity is for game days are ignored, and so are private ones.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened to one incident."""
        resource = alert["resource"] or _INCIDENT
        action = _OPERATIONS.get(alert["operation"].casefold())
        if resource.casefold() != _INCIDENT or action is None:
            what = f"{resource} {alert['operation']}"
            return ignored(alert["key"], f"{shown(what)} says nothing about the state of an incident", alert["title"])
        if not alert["key"]:
            raise missing("data.incident.id")
        if alert["private"]:
            return ignored(alert["key"], "the incident is private")
        milestone = (alert["milestone"] or "").casefold()
        if action is Action.UPDATE and milestone.startswith(_OVER):
            action = Action.RESOLVE
        ended_at = _reached(alert["milestones"], _RESOLVED) if action is Action.RESOLVE else None
        kind = (alert["kind"] or alert["severity"] or "").casefold()
        works = kind == _WORKS and action is not Action.RESOLVE
        told = (alert["updated_at"], _reached(alert["milestones"], milestone), ended_at)
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            severity=AlertSeverity.INFO if works or kind == _EXERCISE else self._severity(alert, notes),
            at=max((moment for moment in told if moment), default=None),
            started_at=alert["started_at"] or alert["created_at"],
            ended_at=ended_at,
            text=alert["impact"] or alert["summary"],
            labels=facts(
                severity=alert["severity"],
                priority=alert["priority"],
                milestone=alert["milestone"],
                impact=alert["impacted"],
                number=alert["number"],
            ),
            component=alert["impacted"],
            status=ComponentStatus.MAINTENANCE if works else None,
            url=alert["url"],
            reason="a game day is an exercise" if kind == _EXERCISE else None,
        )

    def _severity(self, alert: dict[str, Any], notes: Notes) -> AlertSeverity | None:
        return self.level(alert["severity"], notes) or self.level(alert["priority"], notes)


def _reached(milestones: Any, wanted: str) -> datetime | None:
    """When a milestone was reached; None when it was not, or nobody can tell."""
    for milestone in milestones if isinstance(milestones, list) else ():
        kind = reach(milestone, ("type",))
        if isinstance(milestone, Mapping) and isinstance(kind, str) and kind.casefold() == wanted:
            try:
                return to_moment(milestone.get("occurred_at"))
            except ValueError:
                return None
    return None
