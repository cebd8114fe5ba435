"""Better Stack's incident webhook (Better Uptime).

The same address may get monitors, on-call changes, log lines and status page messages; only ``data.type`` tells them
apart. A body without ``event`` is read by the times of the incident. A reopened incident keeps the time at which it was
resolved. A certificate or a domain that is going to expire is an incident as well, but no outage yet.

Facts are from Better Stack's pages on webhooks and on its API, and from public receivers. Some of them know events with
their resource in front, such as ``incident.created``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, Verbatim
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ObjectSource, facts, ignored, missing

_REOPENED = "reopened"
_EVENTS = {
    **dict.fromkeys(("started", "created", _REOPENED), Action.TRIGGER),
    "acknowledged": Action.UPDATE,
    "resolved": Action.RESOLVE,
}
_RESOURCE = "incident."
_COMMENTS = frozenset({"comment", "commented"})
_EXPIRABLE = ("ssl", "tls", "certificate", "domain")
_UNDECIDED = {"validating": Action.UPDATE, "unconfirmed": Action.IGNORE}


class IncidentSchema(Element):
    """An incident in JSON:API form."""

    event = Text()
    event_type = Text()
    type = Text(data_key="data.type")
    key = Key(data_key="data.id")
    title = Line(data_key="data.attributes.name")
    url = Text(data_key="data.attributes.url")
    text = Text(data_key="data.attributes.cause")
    status = Text(data_key="data.attributes.status")
    team = Text(data_key="data.attributes.team_name")
    started_at = Moment(data_key="data.attributes.started_at")
    acknowledged_at = Moment(data_key="data.attributes.acknowledged_at")
    resolved_at = Moment(data_key="data.attributes.resolved_at")
    reopened_at = Moment(data_key="data.attributes.reopened_at")
    monitor = Verbatim(data_key="data.relationships.monitor.data.id")
    heartbeat = Verbatim(data_key="data.relationships.heartbeat.data.id")


class BetterStack(ObjectSource):
    """``type: betterstack``."""

    name: ClassVar[str] = "betterstack"
    sender: ClassVar[str] = "Better Stack webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    element: ClassVar[type[Schema]] = IncidentSchema
    record = Record(
        title="Better Stack Uptime",
        resolves=Resolves.YES,
        setup=(
            "Add an outgoing webhook for incidents with the address of this source; the secret stands in the "
            "path, or in a custom header.",
        ),
        used=(
            "event, data.id, data.type, data.attributes.name, data.attributes.cause, data.attributes.url, "
            "data.attributes.started_at, data.attributes.resolved_at, data.attributes.reopened_at"
        ),
        limits=(
            "Monitor, on-call and status page messages at the same address are ignored.",
            "That a certificate or a domain is going to expire is told in words only; such an alert is minor.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One step of one incident."""
        if alert["type"] != "incident":
            what = alert["type"] or alert["event_type"] or alert["event"]
            if not what:
                raise missing("data.type")
            return ignored(alert["key"], f"{what} is no incident of a monitor", alert["title"])
        if not alert["key"]:
            raise missing("data.id")
        word = (alert["event"] or "").casefold().removeprefix(_RESOURCE)
        if word in _COMMENTS:
            return ignored(alert["key"], "a comment says nothing about the state of an incident", alert["title"])
        action = _EVENTS.get(word) or _by_state(alert)
        began = None if word == _REOPENED and not alert["reopened_at"] else alert["started_at"]
        at = {Action.RESOLVE: alert["resolved_at"], Action.UPDATE: alert["acknowledged_at"]}.get(action)
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"] or alert["url"],
            severity=AlertSeverity.MINOR if action is Action.TRIGGER and _will_expire(alert["text"]) else None,
            at=at if at or action is not Action.TRIGGER else alert["reopened_at"] or began,
            started_at=began,
            text=alert["text"],
            labels=facts(
                monitor=alert["title"],
                monitor_id=alert["monitor"],
                heartbeat_id=alert["heartbeat"],
                url=alert["url"],
                team=alert["team"],
            ),
            component=alert["title"],
            reason="the incident is not confirmed yet" if action is Action.IGNORE else None,
        )


def _will_expire(cause: str | None) -> bool:
    """Whether the cause is that something is going to expire; what did expire is down."""
    words = (cause or "").casefold()
    return "expir" in words and "expired" not in words and any(word in words for word in _EXPIRABLE)


def _by_state(alert: dict[str, Any]) -> Action:
    """What a body without an event says; what happened before the incident was reopened does not count any more."""
    status = (alert["status"] or "").casefold()
    if status == "resolved" or _counts(alert["resolved_at"], alert["reopened_at"]):
        return Action.RESOLVE
    if status in _UNDECIDED:
        return _UNDECIDED[status]
    acknowledged = status == "acknowledged" or _counts(alert["acknowledged_at"], alert["reopened_at"])
    return Action.UPDATE if acknowledged else Action.TRIGGER


def _counts(moment: datetime | None, reopened_at: datetime | None) -> bool:
    return moment is not None and (reopened_at is None or moment > reopened_at)
