"""Kibana's webhook connector: the body is Mustache, typed by a person for each action of a rule.

Facts are from Elastic's documentation and issues. Traps that are handled here:

* The active group and "Recovered" are two actions with two bodies. An empty ``status`` is told by ``action_group``.
* ``alert.id`` is "*" or "query matched" for ungrouped rules, so the rule's id is part of the key.
* A summary of alerts has no ids; it is quarantined with the name of the setting that is wrong.
* Metric rules have action groups of their own for warnings and for missing data (``metrics.threshold.nodata``), under
  the same alert id. Missing data is not an outage.
* Variables that a rule does not know are rendered as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Verbatim, look_up
from bridge.sources.lifecycle import ACTION_WORDS
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape

_STATES = {**ACTION_WORDS, "active": Action.TRIGGER, "new": Action.TRIGGER, "recovered": Action.RESOLVE}
_RECOVERED, _NO_DATA, _WARNING = "recovered", "nodata", "warning"
_INSTANCE = ("alertInstanceId", "alert_instance_id")
"""What an alert was called while a rule was called an alert."""
_LABELS = ("rule_name", "rule_tags", "space_id", "alert_id", "action_group", "flapping")


class KibanaOptions(SourceOptions):
    """``no_data``: let alerts about missing data through; they are ignored by default."""

    no_data = fields.Boolean(load_default=False)


class KibanaSchema(Element):
    """The state of one alert of a rule."""

    rule_id = Key(required=True)
    alert_id = Key()
    status = Text()
    action_group = Line()
    severity = Verbatim()
    title = Line()
    text = Text()
    rule_name = Line()
    rule_tags = Texts()
    space_id = Line()
    flapping = Line()
    url = Text()
    at = Moment()


class Kibana(JsonSource):
    """``type: kibana``."""

    name: ClassVar[str] = "kibana"
    options_schema: ClassVar[type[Schema]] = KibanaOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    element: ClassVar[type[Schema]] = KibanaSchema

    _shape = Shape(
        rule_id="rule_id ruleId rule.id",
        alert_id="alertInstanceId alert_instance_id alert_id alertId alert.id",
        status="status state",
        action_group=(
            "action_group actionGroup alert.actionGroup alert.actionGroupName alertActionGroup alertActionGroupName"
        ),
        severity="severity",
        title="title",
        text="message reason context.message context.reason",
        rule_name="rule_name ruleName rule.name alertName alert_name",
        rule_tags="rule_tags rule.tags",
        space_id="space_id spaceId rule.spaceId",
        flapping="flapping alert.flapping",
        url="url rule_url rule.url context.alertDetailsUrl",
        at="date timestamp",
    )
    record = Record(
        title="Kibana alerting",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Add a Webhook connector with the address of this source and the token as a header.",
            "Add two actions to each rule, for each alert: one for the active group, one for Recovered, with "
            "the bodies of this page.",
        ),
        used=("status, action_group, rule_id, rule_name, alert_id, severity, title, message, date, url"),
        limits=("Summary actions name no alerts and cannot be followed.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The recommended body, or the variables as Kibana nests them, or as it called them until 7.13."""
        told = self._shape(element)
        if isinstance(told["status"], dict):  # the variable ``state`` of a rule, which is its memory
            told["status"] = None
        if told["rule_id"] is None and any(element.get(name) for name in _INSTANCE):
            told["rule_id"] = element.get("alertId") or element.get("alert_id")
        return told

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one alert of a rule."""
        if alert["alert_id"] is None:
            raise ValidationError({"alert_id": ["is missing: set the action frequency to “For each alert”."]})
        told = {**alert, "rule_tags": ",".join(alert["rule_tags"] or ())}
        action, group = _action(alert["status"], alert["action_group"]), _letters(alert["action_group"])
        is_no_data = action is not Action.RESOLVE and group.endswith(_NO_DATA) and not self.options.get("no_data")
        return self.statement(
            notes,
            action,
            f"{alert['rule_id']}:{alert['alert_id']}",
            title=alert["title"] or alert["rule_name"],
            word=alert["severity"] or (_WARNING if group.endswith(_WARNING) else None),
            text=alert["text"],
            labels={name: told[name] for name in _LABELS if told[name]},
            url=alert["url"],
            at=alert["at"],
            reason="missing data is not an outage" if is_no_data else None,
        )


def _letters(group: str | None) -> str:
    """An action group by id or by name: ``metrics.threshold.nodata``, ``No Data``."""
    return "".join(char for char in (group or "").casefold() if char.isalpha())


def _action(status: str | None, group: str | None) -> Action:
    """By the status; where that says nothing, every action group but "recovered" is a firing one.

    A status that is the name of the action group says no more than that.
    """
    if status is not None and not (group and status.casefold() == group.casefold()):
        try:
            return look_up(_STATES, status) or Action.TRIGGER
        except ValidationError as error:
            raise ValidationError({"status": error.messages}) from None
    if group is None:
        raise ValidationError({"status": ["is missing, and so is action_group."]})
    return Action.RESOLVE if group.casefold() == _RECOVERED else Action.TRIGGER
