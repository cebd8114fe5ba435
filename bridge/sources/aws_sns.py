"""Amazon SNS, with CloudWatch alarms, EventBridge events, alerts of the managed Prometheus, or any text inside.

Facts are from the SNS developer guide, and from the guides of CloudWatch and of Managed Service for Prometheus. Traps
that are handled here:

* The region in an alarm is a name for people; where the ARN is missing it is rebuilt from the ARN of the topic.
* An alarm over many series tells of each as well, under the same ARN; one that is fine again does not end the others.
* Confirmations are no alerts. Whoever checks signatures visits their addresses, or does not.
* Raw delivery has neither envelope nor signature and is not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields, validate

from bridge.model.enums import Action
from bridge.model.events import Delivery, Event, Parsed
from bridge.sources.batch import Notes
from bridge.sources.body import read_json
from bridge.sources.cloudwatch import AlarmSource, AwsOptions
from bridge.sources.eventbridge import EventSource, message_of
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.labelled import members
from bridge.sources.promalert import PromAlertSource
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures.sns import SUBSCRIBE, SUBSCRIBE_URL
from bridge.sources.signatures.vendors import SNS
from bridge.sources.single import Facts, ObjectSource, Raw, facts, ignored, missing

_NOTIFICATION, _LEFT = "notification", "unsubscribeconfirmation"
_ARN_PARTS = 6


class SnsOptions(AwsOptions):
    """``text``: what a message that is no alarm is: an alert that nothing ever resolves, or ignored."""

    text = fields.Enum(
        Action,
        by_value=True,
        load_default=Action.TRIGGER,
        validate=validate.OneOf((Action.TRIGGER, Action.IGNORE), error="must be trigger or ignore."),
    )


class EnvelopeSchema(Element):
    """What SNS wraps around every message."""

    type = Text(required=True, data_key="Type")
    key = Key(required=True, data_key="MessageId")
    topic = Text(data_key="TopicArn")
    subject = Line(data_key="Subject")
    at = Moment(data_key="Timestamp")
    said = Raw()


class AlarmSchema(Element):
    """An alarm as CloudWatch writes it for people and SNS."""

    arn = Key(data_key="AlarmArn")
    title = Line(required=True, data_key="AlarmName")
    account = Text(data_key="AWSAccountId")
    state = Text(required=True, data_key="NewStateValue")
    old_state = Text(data_key="OldStateValue")
    text = Text(data_key="NewStateReason")
    description = Line(data_key="AlarmDescription")
    region = Text(data_key="Region")
    namespace = Text(data_key="Trigger.Namespace")
    metric = Text(data_key="Trigger.MetricName")
    at = Moment(data_key="StateChangeTime")
    series = Key(data_key="AlarmContributorId")
    attributes = Facts(data_key="AlarmContributorAttributes")
    topic = Text()
    sent_at = Moment()


class NotifiedAlarm(AlarmSource):
    """Reads the alarm inside a notification."""

    sender: ClassVar[str] = "CloudWatch alarm"
    element: ClassVar[type[Schema]] = AlarmSchema

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One change of one alarm, or of one of the series that it watches: these fire and recover each on its own."""
        key = alert["arn"] or _rebuilt(alert["topic"], alert["account"], alert["title"])
        if not key:
            raise missing("AlarmArn", "TopicArn")
        key = f"{key}:{alert['series']}" if alert["series"] else key
        alert["at"] = alert["at"] or alert["sent_at"]
        told = facts(**{name: alert[name] for name in ("account", "region", "namespace", "metric")})
        return self.alarm(alert, key, notes, {**(alert["attributes"] or {}), **told})


class AwsSns(ObjectSource):
    """``type: aws-sns``."""

    name: ClassVar[str] = "aws-sns"
    sender: ClassVar[str] = "message of Amazon SNS"
    options_schema: ClassVar[type[Schema]] = SnsOptions
    element: ClassVar[type[Schema]] = EnvelopeSchema
    scheme = SNS
    sender_id_header: ClassVar[str] = "x-amz-sns-message-id"
    record = Record(
        title="Amazon SNS, with CloudWatch alarms",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Write auth: {sns: {topics: [<ARN of the topic>]}}.",
            "Subscribe the address of this source to the topic, over HTTPS; the confirmation is visited by itself.",
            "Give the alarms an OK action as well as an alarm action. Leave raw message delivery off.",
        ),
        used=("Type, TopicArn, MessageId, Subject, Message, Timestamp"),
        limits=(
            "Without an OK action nothing is resolved.",
            "The order of messages is not kept by standard topics.",
        ),
        secrets=("Signature", "SubscribeURL", "Token", "UnsubscribeURL"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._alarms, self._events = NotifiedAlarm(options), EventSource(options)
        self._grouped = PromAlertSource(options)
        self._text: Action = options.get("text", Action.TRIGGER)

    def handover(self, delivery: Delivery, parsed: Parsed) -> str | None:
        """The address that confirms the subscription, for who wants to visit it by hand (``confirm: false``)."""
        message = read_json(delivery.body).data
        url = message.get("SubscribeURL") if isinstance(message, dict) else None
        is_new = isinstance(url, str) and message.get("Type") == SUBSCRIBE and SUBSCRIBE_URL.fullmatch(url)
        return f"To confirm the subscription, visit {url}" if is_new else None

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The envelope; one for each alert where the message is a group of Alertmanager's."""
        envelope = super().elements(data, notes)[0]
        said = message_of(envelope)
        if not isinstance(said, dict) or "receiver" not in said or not isinstance(said.get("alerts"), list):
            return [envelope]
        alerts = members(said, notes, sender="Alertmanager")
        return [{**envelope, "Message": alert if isinstance(alert, dict) else [alert]} for alert in alerts]

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The envelope, and what its message says."""
        return {**super().renamed(element), "said": message_of(element)}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The event of one message."""
        kind, said = alert["type"], alert["said"]
        if kind.casefold() != _NOTIFICATION:
            if kind.casefold() == _LEFT:
                notes.warn(f"Somebody ended the subscription of {shown(alert['topic'] or 'a topic')} to this source.")
            return ignored(alert["key"], f"{kind}: a handshake, no alert", alert["subject"])
        if isinstance(said, dict) and "detail-type" in said:
            return self._events.one(said, notes)
        if isinstance(said, dict) and "AlarmName" in said and "NewStateValue" in said:
            sent_at = alert["at"].isoformat() if alert["at"] else None
            return self._alarms.one({**said, "topic": alert["topic"], "sent_at": sent_at}, notes)
        if isinstance(said, dict) and "labels" in said and "startsAt" in said:
            return self._grouped.one(said, notes)
        if not isinstance(said, str):
            return ignored(alert["key"], "the message holds data that is no alarm", alert["subject"])
        return self.statement(
            notes,
            self._text,
            alert["key"],
            title=alert["subject"] or said,
            at=alert["at"],
            text=said,
            labels=facts(topic=alert["topic"]),
            reason="the message is no alarm" if self._text is Action.IGNORE else None,
        )


def _rebuilt(topic: str | None, account: str | None, name: str) -> str | None:
    """The ARN of an alarm, for bodies from before CloudWatch told it; the topic's account where none is named."""
    parts = (topic or "").split(":")
    if len(parts) != _ARN_PARTS:
        return None
    return f"arn:{parts[1]}:cloudwatch:{parts[3]}:{account or parts[4]}:alarm:{name}"
