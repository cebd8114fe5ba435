"""CloudWatch alarms, which come through SNS and through EventBridge: one key, the ARN, and one meaning of their states.

Facts are from the CloudWatch documentation. Traps that are handled here:

* A new alarm goes from INSUFFICIENT_DATA to OK: a resolve of nothing.
* INSUFFICIENT_DATA after ALARM means that nobody knows; the alarm stays open.
* An alarm whose actions are suppressed is muted on purpose. So is one that a mute rule covers; but that it is fine
  again is told to nobody a second time, so an OK counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import Notes, SourceOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.single import ObjectSource, facts, ignored, missing

_ALARM, _INSUFFICIENT, _OK = "ALARM", "INSUFFICIENT_DATA", "OK"
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))
"""How regions begin that are not in the partition "aws"."""


class AwsOptions(SourceOptions):
    """``deleted``: what a deleted alarm says: ``resolve`` closes what is open, ``ignore`` leaves it."""

    deleted = fields.Enum(Action, by_value=True, load_default=Action.IGNORE)


class AlarmSource(ObjectSource):
    """Base of both forms of a CloudWatch alarm."""

    def alarm(self, alert: dict[str, Any], key: str, notes: Notes, labels: Mapping[str, str], **more: Any) -> Event:
        """The event of an alarm that went from its old state to its new one."""
        new, old = alert["state"].upper(), (alert["old_state"] or "").upper()
        action = {_ALARM: Action.TRIGGER, _OK: Action.RESOLVE}.get(new, Action.UPDATE)
        reason = None
        if new not in (_ALARM, _OK, _INSUFFICIENT):
            reason = f"{new} is no state of an alarm"
        elif new == _INSUFFICIENT and old != _ALARM:
            reason = "the alarm has no data, and it was not in alarm before"
        return self.statement(
            notes,
            action,
            key,
            title=alert["title"],
            at=alert["at"],
            text=alert["text"],
            labels={**labels, **facts(alarm=alert["title"], state=new, description=alert["description"])},
            component=alert["title"],
            **{"reason": reason, **more},
        )


class StateChangeSchema(Element):
    """A change of an alarm, as EventBridge has it."""

    key = Key(data_key="resources.0")
    state = Text(required=True, data_key="detail.state.value")
    old_state = Text(data_key="detail.previousState.value")
    title = Line(data_key="detail.alarmName")
    text = Text(data_key="detail.state.reason")
    muted_by = Text(data_key="detail.state.actionsSuppressedBy")
    mute_rule = Text(data_key="detail.muteDetail.mutedByArn")
    description = Line(data_key="detail.configuration.description")
    at = Moment(data_key="detail.state.timestamp")
    time = Moment()
    account = Text()
    region = Text()
    operation = Text(data_key="detail.operation")


class StateChange(AlarmSource):
    """Reads an EventBridge event of CloudWatch; a change of the alarm's set-up is no change of its state."""

    sender: ClassVar[str] = "CloudWatch event"
    options_schema: ClassVar[type[Schema]] = AwsOptions
    element: ClassVar[type[Schema]] = StateChangeSchema

    def loaded(self, element: Any, notes: Notes) -> dict[str, Any]:
        """The fields of an event; one that names no resource is about the alarm of its account and region.

        Raises:
            ValidationError: when it cannot be understood, or tells no alarm.
        """
        alert = super().loaded(element, notes)
        if not alert["key"]:
            account, region, name = alert["account"], alert["region"], alert["title"]
            if not (account and region and name):
                raise missing("resources.0")
            partition = next((word for start, word in _PARTITIONS if region.startswith(start)), "aws")
            alert["key"] = f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}"
        return alert

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One change."""
        muted = f"the actions of the alarm are suppressed by {alert['muted_by']}" if alert["muted_by"] else None
        if not muted and alert["mute_rule"] and alert["state"].upper() != _OK:
            muted = f"the alarm is muted by {shown(alert['mute_rule'])}"
        labels = facts(account=alert["account"], region=alert["region"])
        alert["at"] = alert["at"] or alert["time"]
        return self.alarm(alert, alert["key"], notes, labels, **({"reason": muted} if muted else {}))

    def set_up(self, alert: dict[str, Any], notes: Notes) -> Event:
        """An alarm was created, changed or deleted."""
        operation = (alert["operation"] or "update").casefold()
        if operation == "delete" and self.options.get("deleted") is Action.RESOLVE:
            return self.statement(notes, Action.RESOLVE, alert["key"], title=alert["title"], at=alert["time"])
        return ignored(alert["key"], f"{operation} of the alarm's configuration", alert["title"])
