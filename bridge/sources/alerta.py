"""Alerta: its alert object, as its forwarder and its webhooks post it.

Facts are from the Alerta source. ``id`` is that of the last message, so it is no key. ``correlate`` lists the names
that one matter takes ("down", "up"), so the first of them in the alphabet stands for all. Notes and history are
internal. The forwarder posts to ``/alert`` below the address that it is given, without a status and with the moment of
forwarding as ``createTime``. The short words of a status are those of the alarm model ISA 18.2, which an Alerta may
use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Line, Moment, Text, Texts, Verbatim, look_up
from bridge.sources.labelled import NEVER_PUBLISHED
from bridge.sources.record import Record, Resolves
from bridge.sources.severity import WORDS, meaning_of
from bridge.sources.shape import inner

_STATES = {
    **dict.fromkeys(("open", "unknown", "unack"), Action.TRIGGER),
    **dict.fromkeys(("ack", "assign", "acked"), Action.UPDATE),
    **dict.fromkeys(("closed", "expired", "norm", "rtnun"), Action.RESOLVE),
    **dict.fromkeys(("shelved", "blackout", "shlvd", "dsupr", "oosrv"), Action.IGNORE),
}
_GRADES = {
    **WORDS,
    **dict.fromkeys(("indeterminate", "informational", "debug", "trace", "unknown"), AlertSeverity.INFO),
}
_HEARTBEAT = "heartbeat"


class AlertaOptions(SourceOptions):
    """``ignore``: names of events that are accepted and never published."""

    ignore = fields.List(fields.String(), load_default=lambda: list(NEVER_PUBLISHED))


class AlertaSchema(Element):
    """One alert, or a heartbeat."""

    environment = Line()
    resource = Line()
    event = Line()
    correlate = Texts()
    severity = Verbatim()
    status = Text()
    text = Text()
    value = Line()
    service = Texts()
    group = Line()
    tags = Texts()
    kind = Line(data_key="type")
    origin = Line()
    url = Text(data_key="href")
    created_at = Moment(data_key="createTime")
    updated_at = Moment(data_key="updateTime")
    last_received_at = Moment(data_key="lastReceiveTime")
    received_at = Moment(data_key="receiveTime")


class Alerta(JsonSource):
    """``type: alerta``."""

    name: ClassVar[str] = "alerta"
    options_schema: ClassVar[type[Schema]] = AlertaOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    path_suffix: ClassVar[str] = "/alert"
    element: ClassVar[type[Schema]] = AlertaSchema
    record = Record(
        title="Alerta",
        resolves=Resolves.YES,
        setup=(
            "Forward with the plug-in forwarder: FWD_DESTINATIONS = [('<address of this source>', {'token': '…'}, "
            "['alerts'])]. Alerta appends /alert itself.",
            "Or post from a plug-in of your own to the address of this source.",
        ),
        used=(
            "environment, resource, event, correlate, severity, status, service, group, text, createTime, updateTime"
        ),
        limits=(
            "The id changes when Alerta forwards, so environment, resource and event tell an alert.",
            "Actions are forwarded by the id only and are not understood: an alert that an operator closes by hand "
            "stays open here until its severity is normal.",
        ),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._ignored = frozenset(options.get("ignore", NEVER_PUBLISHED))

    def answer(self, data: Any, events: Sequence[Event]) -> Mapping[str, Any]:
        """What another Alerta would answer; forwarders of older versions take anything else for a failure."""
        return {"status": "ok"}

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The alert or the heartbeat, also where it is wrapped as in an answer of the API."""
        return inner(element, "alert") or inner(element, "heartbeat") or element

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one alert."""
        if _HEARTBEAT in ((alert["kind"] or "").casefold(), (alert["event"] or "").casefold()):
            key = alert["origin"] or _HEARTBEAT
            return self.statement(notes, Action.IGNORE, key, reason="a heartbeat, not an alert")
        for name in ("resource", "event"):
            if alert[name] is None:
                raise ValidationError({name: ["is missing."]})
        action, reason = self._judge(alert)
        grade = _GRADES.get((alert["severity"] or "").casefold())
        name = min(alert["correlate"]) if alert["correlate"] else alert["event"]
        known = {name: alert[name] for name in ("environment", "resource", "event", "group", "value")}
        known["service"] = ",".join(alert["service"] or ()) or None
        known["tags"] = ",".join(alert["tags"] or ()) or None
        return self.statement(
            notes,
            action,
            f"{alert['environment'] or ''}/{alert['resource']}/{name}",
            title=f"{alert['event']} on {alert['resource']}",
            severity=grade if isinstance(grade, AlertSeverity) else None,
            word=None if isinstance(grade, AlertSeverity) else alert["severity"],
            text=alert["text"],
            labels={name: text for name, text in known.items() if text},
            url=alert["url"],
            at=alert["updated_at"] or alert["last_received_at"] or alert["received_at"],
            started_at=alert["created_at"],
            reason=reason,
        )

    def _judge(self, alert: Mapping[str, Any]) -> tuple[Action, str | None]:
        """A severity that says "over" counts whatever the status says, or an open incident would stay open."""
        if alert["event"] in self._ignored:
            return Action.IGNORE, f"{alert['event']} is on the ignore list"
        if meaning_of(alert["severity"]) is Action.RESOLVE:
            return Action.RESOLVE, None
        try:
            action = look_up(_STATES, alert["status"] or "") or Action.TRIGGER
        except ValidationError as error:
            raise ValidationError({"status": error.messages}) from None
        return action, f"the alert is in the status {alert['status']}" if action is Action.IGNORE else None
