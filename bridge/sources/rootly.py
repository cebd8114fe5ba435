"""Rootly's webhooks.

Facts are from Rootly's documentation and public receivers. Traps that are handled here: the severity is a slug or an
object; some receivers know incidents whose members stand under ``attributes``, as in Rootly's API; subscribing to
nothing in particular brings post-mortems, alerts, pulses and timelines as well; private incidents are sent too, and so
are those that only practise, or that are written down afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.scale import ScaleSource, rank_of
from bridge.sources.shape import inner
from bridge.sources.signatures.vendors import ROOTLY
from bridge.sources.single import Named, facts, ignored, missing

_SCHEDULED = "incident.scheduled."
_NOT_REAL = ("test", "example", "backfilled")
_ACTIONS = {
    "incident.created": Action.TRIGGER,
    "incident.updated": Action.UPDATE,
    "incident.mitigated": Action.UPDATE,
    "incident.resolved": Action.RESOLVE,
    "incident.cancelled": Action.RESOLVE,
    "incident.deleted": Action.RESOLVE,
    "incident.scheduled.in_progress": Action.TRIGGER,
    "incident.scheduled.completed": Action.RESOLVE,
}


class IncidentSchema(Element):
    """One event about one incident."""

    event_id = Key(data_key="event.id")
    kind = Key(required=True, data_key="event.type")
    at = Moment(data_key="event.issued_at")
    key = Key(data_key="data.id")
    title = Line(data_key="data.title")
    text = Text(data_key="data.summary")
    url = Text(data_key="data.url")
    slug = Text(data_key="data.slug")
    number = Text(data_key="data.sequential_id")
    state = Text(data_key="data.status")
    nature = Text(data_key="data.kind")
    severity = Named("slug", "name", data_key="data.severity")
    rating = Text(data_key="data.severity.severity")
    nested_severity = Named("slug", "name", data_key="data.severity.data.attributes")
    private = Flag(data_key="data.private")
    started_at = Moment(data_key="data.started_at")
    resolved_at = Moment(data_key="data.resolved_at")


class Rootly(ScaleSource):
    """``type: rootly``."""

    name: ClassVar[str] = "rootly"
    sender: ClassVar[str] = "Rootly webhook"
    element: ClassVar[type[Schema]] = IncidentSchema
    scheme = ROOTLY
    record = Record(
        title="Rootly",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook endpoint with the address of this source and the incident events, and put its "
            "secret under secrets.",
        ),
        used=(
            "event.type, event.issued_at, data.id, data.title, data.severity, data.status, data.started_at, "
            "data.resolved_at, data.url, data.private"
        ),
        limits=("Private incidents, tests and examples are ignored.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The members of the incident, also where they stand one level deeper."""
        if attributes := inner(element, "data", "attributes"):
            element = {**element, "data": {**attributes, "id": inner(element, "data").get("id")}}
        return super().renamed(element)

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened to one incident."""
        kind: str = alert["kind"].casefold()
        action = _ACTIONS.get(kind)
        if action is None or alert["private"]:
            what = "the incident is private" if action else f"{shown(kind)} says nothing about the state of an incident"
            return ignored(alert["key"] or alert["event_id"], what, None if alert["private"] else alert["title"])
        if not alert["key"]:
            raise missing("data.id")
        works = kind.startswith(_SCHEDULED) and action is Action.TRIGGER
        level = alert["severity"] or alert["nested_severity"]
        nature = (alert["nature"] or "").casefold()
        ended_at = alert["resolved_at"] if action is Action.RESOLVE else None
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            severity=AlertSeverity.INFO if works else self.level(level, notes) or rank_of(alert["rating"] or ""),
            at=max((moment for moment in (alert["at"], ended_at) if moment), default=None),
            started_at=alert["started_at"],
            ended_at=ended_at,
            text=alert["text"],
            labels=facts(severity=level, status=alert["state"], slug=alert["slug"], number=alert["number"]),
            status=ComponentStatus.MAINTENANCE if works else None,
            url=alert["url"],
            reason=f"the incident is of the kind {nature}" if nature.startswith(_NOT_REAL) else None,
        )
