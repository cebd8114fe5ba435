"""AppDynamics HTTP request actions, with the template of ``docs/sources/appdynamics.md``.

Traps that are handled here: Velocity variables without a value stay as they are; times are Java's, with the name of
a zone; a digest may put several events into one request; only events of health rules belong to an incident.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape
from bridge.sources.single import facts, ignored, missing
from bridge.sources.values import ValueSource

_OPEN = "POLICY_OPEN"
_CHANGES = ("POLICY_UPGRADED", "POLICY_DOWNGRADED", "POLICY_CONTINUES")
_OVER = ("POLICY_CLOSE", "POLICY_CANCELED", "POLICY_CANCELLED")
_SAID = {"TRIGGER": Action.TRIGGER, "ACKNOWLEDGE": Action.UPDATE, "RESOLVE": Action.RESOLVE}
"""What templates of on-call tools say in words of their own, one template for each."""
_CRITICAL, _WARNING = ("CRITICAL", "UPGRADED"), ("WARNING", "DOWNGRADED")
_WORDS = 6
_ZONES = frozenset(("UT", "UTC", "GMT", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"))
_BY_WORD = {"ERROR": AlertSeverity.CRITICAL, "WARN": AlertSeverity.MINOR, "INFO": AlertSeverity.INFO}


_told_by = Shape(
    id="id event_id eventid event.id",
    event_type="event_type details.event_type eventtype event.eventType",
    incident_id="incident_id details.incident_id incident_key event.incident.id",
    severity="severity details.severity event.severity",
    name="name event_name details.event_name eventname event.displayName description",
    health_rule="health_rule health_rule_name details.health_rule_name event.healthRule.name",
    application="application app_name application_name details.application_name applicationname event.application.name",
    tier="tier tier_name details.tier_name tiername event.tier.name",
    node="node node_name details.node_name nodename event.node.name",
    summary="summary details.summary event.summaryMessage",
    message="message event_message details.message event.eventMessage",
    url="url event_deep_link link event.deepLink",
    event_time="event_time details.event_time eventtime event.eventTime",
)
"""Names of the template → where else their values stand; outer names in small letters and without blanks."""


class JavaDate(Moment):
    """``Thu May 02 00:54:06 UTC 2024``; a zone that mail does not know, such as CEST, makes it unreadable."""

    def _read(self, value: Any) -> datetime | None:
        words = value.split() if isinstance(value, str) else []
        if len(words) == _WORDS and words[-2] not in _ZONES:
            raise ValidationError("has a zone that nobody can tell.")
        return super()._read(value)


class EventSchema(Element):
    """The values of the template."""

    id = Key()
    kind = Key(required=True, data_key="event_type")
    key = Key(data_key="incident_id")
    severity = Text()
    title = Line(data_key="name")
    rule = Line(data_key="health_rule")
    application = Line()
    tier = Line()
    node = Line()
    summary = Text()
    message = Text()
    url = Text()
    at = JavaDate(data_key="event_time")


class AppDynamics(ValueSource):
    """``type: appdynamics``."""

    name: ClassVar[str] = "appdynamics"
    sender: ClassVar[str] = "AppDynamics request"
    element: ClassVar[type[Schema]] = EventSchema
    record = Record(
        title="AppDynamics",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Add an HTTP request template with the address and the payload of this page, and the token as a header.",
            "Use it in policies for open, upgraded, downgraded and closed events, with digest off.",
        ),
        used=(
            "event_type, incident_id, severity, name, health_rule, application, tier, node, event_time, "
            "summary, message, url"
        ),
        limits=("Templates without event type and incident id can never be closed.",),
    )

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The event, or those of a digest."""
        return data if isinstance(data, list) else super().elements(data, notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values under the names of the template; those of a few other tools' templates are known."""
        return _told_by({name.replace(" ", "").casefold(): value for name, value in element.items()})

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One step of a health rule violation."""
        kind = alert["kind"].upper()
        action = _action(kind)
        if action is None:
            return ignored(alert["key"] or alert["id"], f"{shown(kind)} is no health rule violation", alert["title"])
        if not alert["key"]:
            raise missing("incident_id", hint="Only events of health rules have one; use the template of the docs.")
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["rule"] or alert["title"],
            severity=None if action is Action.RESOLVE else _severity(kind, alert["severity"]),
            at=alert["at"],
            text=alert["summary"] or alert["message"],
            labels=facts(
                application=alert["application"],
                tier=alert["tier"],
                node=alert["node"],
                health_rule=alert["rule"],
                event_type=kind,
            ),
            component=alert["tier"] or alert["application"],
            url=alert["url"],
        )


def _action(kind: str) -> Action | None:
    if kind in _SAID:
        return _SAID[kind]
    if kind.startswith(_OPEN):
        return Action.TRIGGER
    if kind.startswith(_CHANGES):
        return Action.UPDATE
    return Action.RESOLVE if kind.startswith(_OVER) else None


def _severity(kind: str, word: str | None) -> AlertSeverity | None:
    """By the event type, which names the level; else by the severity of the notification."""
    if kind.endswith(_CRITICAL):
        return AlertSeverity.CRITICAL
    return AlertSeverity.MINOR if kind.endswith(_WARNING) else _BY_WORD.get((word or "").upper())
