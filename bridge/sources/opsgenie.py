"""Opsgenie's webhook, which Jira Service Management Operations sends in the same form.

Facts are from Atlassian's alert action data pages. Traps that are handled here:

* ``createdAt`` counts milliseconds and ``updatedAt`` nanoseconds.
* ``alias`` is the user's own key and comes back after a close; ``alertId`` does not.
* The priority is ``3`` in some bodies and ``P3`` in others, and most actions leave it out.
* An open alert that is deleted gets no Close.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts
from bridge.sources.record import Record, Resolves
from bridge.sources.scale import ScaleOptions, ScaleSource
from bridge.sources.single import Facts, Named, facts, ignored

_ACTIONS = {
    "create": Action.TRIGGER,
    "acknowledge": Action.UPDATE,
    "unacknowledge": Action.UPDATE,
    "updatepriority": Action.UPDATE,
    "updatemessage": Action.UPDATE,
    "updatedescription": Action.UPDATE,
    "close": Action.RESOLVE,
    "delete": Action.RESOLVE,
}


class OpsgenieOptions(ScaleOptions):
    """Settings; an alert without a priority is a P3."""

    severity = fields.Enum(AlertSeverity, by_value=True, load_default=AlertSeverity.MINOR)


class ActionSchema(Element):
    """One action on one alert."""

    action = Key(required=True)
    key = Key(required=True, data_key="alert.alertId")
    title = Line(data_key="alert.message")
    text = Text(data_key="alert.description")
    note = Text(data_key="alert.note")
    priority = Named("name", data_key="alert.priority")
    entity = Text(data_key="alert.entity")
    source = Text(data_key="alert.source")
    alias = Text(data_key="alert.alias")
    tags = Texts(data_key="alert.tags")
    teams = Texts(data_key="alert.teams")
    details = Facts(data_key="alert.details")
    created_at = Moment(data_key="alert.createdAt")
    updated_at = Moment(data_key="alert.updatedAt")


class Opsgenie(ScaleSource):
    """``type: opsgenie``."""

    name: ClassVar[str] = "opsgenie"
    sender: ClassVar[str] = "Opsgenie webhook"
    options_schema: ClassVar[type[Schema]] = OpsgenieOptions
    element: ClassVar[type[Schema]] = ActionSchema
    record = Record(
        title="Opsgenie and Jira Service Management",
        resolves=Resolves.YES,
        setup=(
            "Add an outgoing Webhook integration with the address of this source, and the token as a custom header.",
            "Send the actions Create, Acknowledge, UnAcknowledge, Update Priority, Close and Delete.",
        ),
        used=(
            "action, alert.alertId, alert.message, alert.priority, alert.tags, alert.entity, alert.createdAt,"
            " alert.updatedAt"
        ),
        limits=(
            "Nothing is signed.",
            "The priority is often missing except on Create.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What was done to one alert."""
        action = _ACTIONS.get(alert["action"].casefold())
        if action is None:
            reason = f"the action {alert['action']} says nothing about the state of an alert"
            return ignored(alert["key"], reason, alert["title"])
        priority = alert["priority"]
        if priority and priority.isdecimal():
            priority = f"P{priority}"
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            severity=self.level(priority, notes),
            at=alert["updated_at"] or (alert["created_at"] if action is Action.TRIGGER else None),
            started_at=alert["created_at"],
            text=alert["text"],
            labels={
                **(alert["details"] or {}),
                **facts(
                    entity=alert["entity"],
                    source=alert["source"],
                    alias=alert["alias"],
                    priority=priority,
                    tags=alert["tags"],
                    teams=alert["teams"],
                ),
            },
            component=alert["entity"],
            internal_note=alert["note"],
        )
