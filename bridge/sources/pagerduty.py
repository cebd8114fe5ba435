"""PagerDuty's webhooks: V3 subscriptions, and V2 extensions where they still run.

Facts are from PagerDuty's developer documentation. Traps that are handled here:

* The data of an event is an incident only where its type says so; notes, responders and workflows name theirs.
* ``incident_key`` is not looked at: integrations use it again after a resolve.
* An incident that was merged into another one is "resolved"; the form of its reason changed more than once.
* The list of event types grows. What is not known says nothing about the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text
from bridge.sources.record import Record, Resolves
from bridge.sources.scale import ScaleSource
from bridge.sources.signatures.vendors import PAGERDUTY
from bridge.sources.single import Named, facts, ignored, missing

_ACTIONS: Mapping[str, Action] = {
    **dict.fromkeys(("triggered", "reopened"), Action.TRIGGER),
    **dict.fromkeys(("acknowledged", "unacknowledged", "priority_updated", "status_update_published"), Action.UPDATE),
    **dict.fromkeys(
        ("escalated", "delegated", "reassigned", "service_updated", "incident_type.changed"), Action.UPDATE
    ),
    "resolved": Action.RESOLVE,
}
_OF_V2 = {
    "trigger": "triggered",
    "acknowledge": "acknowledged",
    "unacknowledge": "unacknowledged",
    "resolve": "resolved",
    "assign": "reassigned",
    "escalate": "escalated",
    "delegate": "delegated",
}
_URGENCIES = {"high": AlertSeverity.MAJOR, "low": AlertSeverity.MINOR}
_PREFIX, _INCIDENT = "incident.", "incident"


class EventSchema(Element):
    """The one event of a V3 delivery."""

    event_id = Key(data_key="event.id")
    kind = Key(required=True, data_key="event.event_type")
    at = Moment(data_key="event.occurred_at")
    type = Text(data_key="event.data.type")
    id = Key(data_key="event.data.id")
    incident_id = Key(data_key="event.data.incident.id")
    title = Line(data_key="event.data.title")
    summary = Line(data_key="event.data.incident.summary")
    message = Text(data_key="event.data.message")
    number = Text(data_key="event.data.number")
    url = Text(data_key="event.data.html_url")
    incident_url = Text(data_key="event.data.incident.html_url")
    priority = Named("summary", "name", data_key="event.data.priority")
    urgency = Text(data_key="event.data.urgency")
    service = Named("summary", "name", data_key="event.data.service")
    service_id = Text(data_key="event.data.service.id")
    incident_type = Named("name", data_key="event.data.incident_type")
    resolve_reason = Named("type", data_key="event.data.resolve_reason")
    created_at = Moment(data_key="event.data.created_at")


class PagerDuty(ScaleSource):
    """``type: pagerduty``."""

    name: ClassVar[str] = "pagerduty"
    sender: ClassVar[str] = "PagerDuty webhook"
    element: ClassVar[type[EventSchema]] = EventSchema
    scheme = PAGERDUTY
    sender_id_header: ClassVar[str] = "x-webhook-id"
    record = Record(
        title="PagerDuty, V3 webhooks",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook subscription (Integrations, Generic Webhooks V3) with the address of this source "
            "and the scope you want.",
            "Copy the secret, which is shown once, under secrets. While you change it, list both.",
        ),
        used=(
            "event.event_type, event.occurred_at, event.data.id, event.data.title, event.data.status, "
            "event.data.priority, event.data.urgency, event.data.service, event.data.created_at"
        ),
        limits=(
            "A 4xx loses the message, and three lost in a row turn the subscription off for a day.",
            "No time is signed; the id of a delivery is remembered for three days.",
        ),
    )

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The event of V3, the messages of V2."""
        if isinstance(data, dict) and "event" not in data and "messages" in data:
            if not isinstance(data["messages"], list):
                raise Unparsable("This is not a PagerDuty webhook: “messages” must be a list.")
            return data["messages"]
        return super().elements(data, notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """A message of V2 as an event of V3.

        Raises:
            ValidationError: for a message of V1, which nobody sends any more.
        """
        if "event" not in element and str(element.get("type")).startswith(_PREFIX):
            raise ValidationError("This is PagerDuty's webhook V1, which is gone: add a V3 subscription.")
        if isinstance(word := element.get("event"), str):
            word = word.removeprefix(_PREFIX)
            told = element.get(_INCIDENT)
            told = told if isinstance(told, dict) else {}
            data = {"number": told.get("incident_number"), "type": _INCIDENT, **told}
            event = {"id": element.get("id"), "event_type": _PREFIX + _OF_V2.get(word, word), "data": data}
            element = {"event": {**event, "occurred_at": element.get("created_on")}}
        return super().renamed(element)

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened to one incident."""
        kind: str = alert["kind"]
        is_incident = alert["type"] == _INCIDENT or not (alert["type"] or alert["incident_id"])
        key = alert["id"] if is_incident else alert["incident_id"]
        action = _ACTIONS.get(kind.removeprefix(_PREFIX))
        if action is None:
            what = "test event" if kind == "pagey.ping" else f"{kind} says nothing about the state of an incident"
            return ignored(key or alert["event_id"], what, alert["title"] or alert["summary"])
        if not key:
            raise missing("event.data.id" if is_incident else "event.data.incident.id")
        merged = action is Action.RESOLVE and "merge" in (alert["resolve_reason"] or "")
        return self.statement(
            notes,
            action,
            key,
            title=alert["title"] or alert["summary"],
            severity=self.level(alert["priority"], notes) or _URGENCIES.get((alert["urgency"] or "").casefold()),
            at=alert["at"],
            started_at=alert["created_at"],
            text=alert["message"] if kind.endswith("status_update_published") else None,
            labels=facts(
                service=alert["service"],
                service_id=alert["service_id"],
                priority=alert["priority"],
                urgency=alert["urgency"],
                incident_type=alert["incident_type"],
                number=alert["number"],
                resolution="merged" if merged else None,
            ),
            component=alert["service"],
            url=alert["url"] if is_incident else alert["incident_url"],
        )
