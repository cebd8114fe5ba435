"""Events of Amazon EventBridge, whatever brought them here: CloudWatch alarms and AWS Health.

An event that travels inside an SNS notification is the same event. Facts are from the AWS Health documentation. Traps
that are handled here:

* ``endTime`` may stand in an event that is still open: only ``statusCode`` counts. Events of the first years have none.
* Planned changes and notices to the account are no outages. A change that is called off keeps its end, in the future.
* The region of the envelope is where the event was delivered, not where it hurts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.body import read_json
from bridge.sources.cloudwatch import AwsOptions, StateChange
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.single import Facts, ObjectSource, Raw, facts, ignored, missing, past

_HEALTH = "AWS Health Event"
_ISSUE, _MAINTENANCE = "issue", "scheduledchange"
_CATEGORIES = {_ISSUE: AlertSeverity.MAJOR, "investigation": AlertSeverity.MINOR, _MAINTENANCE: AlertSeverity.INFO}
_CODES = {"open": Action.TRIGGER, "upcoming": Action.TRIGGER, "closed": Action.RESOLVE}


class HealthSchema(Element):
    """An AWS Health event."""

    key = Key(required=True, data_key="detail.eventArn")
    code = Text(data_key="detail.statusCode")
    category = Text(required=True, data_key="detail.eventTypeCategory")
    type = Line(data_key="detail.eventTypeCode")
    service = Line(data_key="detail.service")
    region = Text(data_key="detail.eventRegion")
    scope = Text(data_key="detail.eventScopeCode")
    descriptions = Raw(data_key="detail.eventDescription")
    started_at = Moment(data_key="detail.startTime")
    ended_at = Moment(data_key="detail.endTime")
    updated_at = Moment(data_key="detail.lastUpdatedTime")
    communication = Text(data_key="detail.communicationId")
    account = Text(data_key="detail.affectedAccount")
    delivered_to = Text(data_key="account")
    metadata = Facts(data_key="detail.eventMetadata")
    time = Moment()


class HealthEvent(ObjectSource):
    """Reads an EventBridge event of AWS Health. Only the status code tells whether it is over."""

    sender: ClassVar[str] = "AWS Health event"
    element: ClassVar[type[Schema]] = HealthSchema

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One communication about one event."""
        category, action = alert["category"].casefold(), _CODES.get((alert["code"] or "open").casefold())
        if category not in _CATEGORIES or action is None:
            what = alert["category"] if category not in _CATEGORIES else f"status {alert['code']}"
            return ignored(alert["key"], f"{what} says nothing about an outage", alert["type"])
        if not alert["code"] and past(alert["ended_at"], alert["time"]):
            return ignored(alert["key"], "it tells no status, and an end that is past", alert["type"])
        severity = self.default_severity if category == _ISSUE else _CATEGORIES[category]
        ended_at = alert["ended_at"] if action is Action.RESOLVE else None
        if category == _MAINTENANCE:
            ended_at = past(ended_at, alert["time"])
        return self.statement(
            notes,
            action,
            alert["key"],
            title=_title(alert),
            severity=severity if action is Action.TRIGGER else None,
            at=_latest(alert["updated_at"], ended_at) or alert["time"],
            started_at=alert["started_at"],
            ended_at=ended_at,
            text=_description(alert["descriptions"]),
            labels={
                **(alert["metadata"] or {}),
                **facts(
                    service=alert["service"],
                    region=alert["region"],
                    category=alert["category"],
                    type=alert["type"],
                    scope=alert["scope"],
                    account=alert["account"] or alert["delivered_to"],
                ),
            },
            component=alert["service"],
            status=ComponentStatus.MAINTENANCE if category == _MAINTENANCE and action is Action.TRIGGER else None,
        )


class EnvelopeSchema(Element):
    """What EventBridge wraps around every event; SNS's word for its handshakes."""

    kind = Key(data_key="detail-type")
    id = Key()
    handshake = Text(data_key="Type")
    whole = Raw()


class EventSource(ObjectSource):
    """Base of the sources that get EventBridge events; also reads those that come in other wrappings."""

    sender: ClassVar[str] = "event of Amazon EventBridge"
    options_schema: ClassVar[type[Schema]] = AwsOptions
    element: ClassVar[type[Schema]] = EnvelopeSchema

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._alarms, self._health = StateChange(options), HealthEvent(options)

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The event, also where an SNS notification brought it."""
        if isinstance(data, dict) and data.get("Type") == "Notification" and "detail-type" not in data:
            data = message_of(data)
        return super().elements(_enveloped(data), notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The envelope, and the event itself for whoever reads its kind."""
        return {**super().renamed(element), "whole": element}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What one event says."""
        kind, event = alert["kind"], alert["whole"]
        if not kind and (alert["handshake"] or "").endswith("Confirmation"):
            return ignored(alert["id"], f"{alert['handshake']}: a handshake, no alert")
        if not kind:
            raise missing("detail-type", hint="An input transformer of the rule may have taken it away.")
        if kind == _HEALTH:
            return self._health.one(event, notes)
        match kind:
            case "CloudWatch Alarm State Change":
                return self._alarms.one(event, notes)
            case "CloudWatch Alarm Configuration Change":
                return self._alarms.set_up(self._alarms.loaded(event, notes), notes)
            case "CloudWatch Alarm Contributor State Change":
                return ignored(alert["id"], "one of the series of an alarm; the alarm has events of its own")
        return ignored(alert["id"], f"{shown(kind)} says nothing about an alarm")


def message_of(envelope: Mapping[str, Any]) -> Any:
    """The message of an SNS envelope: what its JSON says, else its text. A text that is a number is still a text."""
    message = envelope.get("Message")
    if not isinstance(message, str):
        return message
    try:
        said = read_json(message.encode("utf-8", "replace")).data
    except Unparsable:
        return message
    return _enveloped(said) if isinstance(said, dict | list) else message


def _enveloped(data: Any) -> Any:
    """The event, also where the rule passed only its ``detail`` on (``InputPath: $.detail``), as AWS Health has it."""
    alone = isinstance(data, dict) and "detail-type" not in data and "eventArn" in data and "eventTypeCategory" in data
    return {"detail-type": _HEALTH, "detail": data} if alone else data


def _description(each: Any) -> str | None:
    """What AWS says, in English where it says it in several languages."""
    told = [one for one in (each if isinstance(each, list) else (each,)) if isinstance(one, dict)]
    told.sort(key=lambda one: not str(one.get("language")).casefold().startswith("en"))
    text = told[0].get("latestDescription") if told else None
    return text.strip() or None if isinstance(text, str) else None


def _title(alert: Mapping[str, Any]) -> str | None:
    parts = (alert["service"], (alert["type"] or "").replace("_", " ").strip(), alert["region"])
    return " · ".join(part for part in parts if part) or None


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
