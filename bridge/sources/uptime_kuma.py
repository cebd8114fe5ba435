"""Uptime Kuma's webhook, 1.x and 2.x: as JSON, as a form, or in the query of a GET.

Facts are from the Uptime Kuma source. Traps that are handled here:

* Heartbeat and monitor are null for the test button and for notices of expiring certificates and domains.
* ``heartbeat.time`` is UTC without saying so; ``localDateTime`` is not, and is not looked at.
* ``url`` is "https://" for monitors that have none. Old versions post passwords and tokens of the monitor along; only
  the members named here are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Delivery, Event
from bridge.sources.batch import JsonSource, Notes, ProbeOptions
from bridge.sources.body import Json, clean, read_json
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, TextMap, Word, to_text
from bridge.sources.form import read_json_in
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_MAINTENANCE = "the monitor is under maintenance"
_STATES = {
    "0": (Action.TRIGGER, None),
    "1": (Action.RESOLVE, None),
    "2": (Action.IGNORE, "the monitor is pending"),
    "3": (Action.IGNORE, _MAINTENANCE),
}
_DOMAIN, _EXPIRES = "Domain name ", " expire"
_PLACEHOLDER = "https://"
_STATE_MARK = re.compile(r"^\[.*\] \[(?:\U0001f534 Down|\u2705 Up)\]", re.DOTALL)


class UptimeKumaOptions(ProbeOptions):
    """``expiry``: make notices of expiring certificates and domains alerts of severity info; ignored by default."""

    expiry = fields.Boolean(load_default=False)


class HeartbeatSchema(Element):
    """A heartbeat with its monitor, or a message without them."""

    key = Key()
    state = Word(_STATES, data_key="heartbeat.status")
    name = Line()
    text = Text()
    url = Text()
    path = Line()
    kind = Line()
    tags = TextMap()
    at = Moment(data_key="heartbeat.time")
    down_at = Moment()
    message = Line()
    bare = Flag()


class UptimeKuma(JsonSource):
    """``type: uptime-kuma``."""

    name: ClassVar[str] = "uptime-kuma"
    options_schema: ClassVar[type[Schema]] = UptimeKumaOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "GET", "PUT")
    element: ClassVar[type[Schema]] = HeartbeatSchema

    _shape = Shape(
        key="monitor.id heartbeat.monitorID heartbeat.monitor_id",
        name="monitor.name",
        text="heartbeat.msg",
        url="monitor.url",
        path="monitor.pathName",
        kind="monitor.type",
        down_at="heartbeat.lastDownTime",
        message="msg",
        **{path: path for path in ("heartbeat.status", "heartbeat.time")},
    )
    record = Record(
        title="Uptime Kuma",
        resolves=Resolves.NO,
        setup=(
            "Add a notification of the type Webhook with the address of this source and the preset JSON.",
            'Put the token into “Additional Headers”: {"Authorization": "Bearer …"}.',
            "Set “Resend Notification” of the monitors, so that silence means something.",
        ),
        used=(
            "heartbeat.status, heartbeat.time, heartbeat.msg, heartbeat.lastDownTime, monitor.id, "
            "monitor.name, monitor.tags, msg"
        ),
        limits=(
            "It never sends again what could not be delivered, and tells nothing of a monitor that comes up "
            "after maintenance, is paused or deleted: set resolve_after to a little over two resends.",
        ),
        secrets=(
            "basic_auth_user",
            "body",
            "databaseQuery",
            "grpcBody",
            "grpcMetadata",
            "kafkaProducerMessage",
            "kafkaProducerSaslOptions",
            "mqttUsername",
            "rabbitmqUsername",
            "radiusUsername",
            "tlsCa",
            "tlsCert",
            "tlsKey",
        ),
    )

    def read(self, delivery: Delivery) -> Json:
        """The JSON body, the JSON text in the form's field ``data``, or the three JSON texts of a GET."""
        if delivery.body.strip() or not delivery.query:
            return read_json_in(delivery, "data")
        query = delivery.query
        if not any(name in query for name in ("msg", "heartbeat", "monitor")):
            raise Unparsable("The query has neither “msg” nor “heartbeat”.")
        told: dict[str, Any] = {"msg": query.get("msg")}
        for name in ("heartbeat", "monitor"):
            told[name] = read_json(query[name].encode("utf-8", "replace")).data if query.get(name) else None
        return Json(clean(told))

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Heartbeat and monitor as one."""
        bare = all(name in element and element[name] is None for name in ("heartbeat", "monitor"))
        return {**self._shape(element), "tags": _tags(inner(element, "monitor").get("tags")), "bare": bare}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One heartbeat, or a notice without one."""
        if alert["key"] is None and alert["state"] is None and (alert["message"] or alert["bare"]):
            if _STATE_MARK.search(alert["message"] or ""):  # a body of the user's own, with nothing but the message
                raise ValidationError({"monitor.id": ["is missing. Choose the preset JSON, or add monitorJSON."]})
            return self._notice(alert["message"] or "", notes)
        if alert["key"] is None or alert["state"] is None:
            raise ValidationError({"monitor.id" if alert["key"] is None else "heartbeat.status": ["is missing."]})
        action, reason = alert["state"]
        tags = alert["tags"] or {}
        known = {"name": alert["name"], "pathName": alert["path"], "type": alert["kind"]}
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["name"] or _bracketed(alert["message"]) or alert["message"],
            word=next((value for name, value in tags.items() if name.casefold() == "severity"), None),
            text=alert["text"],
            labels={**tags, **{name: value for name, value in known.items() if value}},
            url=None if alert["url"] == _PLACEHOLDER else alert["url"],
            status=ComponentStatus.MAINTENANCE if reason == _MAINTENANCE else None,
            at=alert["at"],
            started_at=alert["down_at"] if action is Action.RESOLVE else None,
            reason=reason,
        )

    def _notice(self, message: str, notes: Notes) -> Event:
        """The test button, or the notice that a certificate or a domain will expire: nothing else comes without."""
        bracketed = _bracketed(message)
        domain = message.removeprefix(_DOMAIN).split(" ")[0] if message.startswith(_DOMAIN) else None
        if _EXPIRES not in message or not (bracketed or domain):
            return self.statement(notes, Action.IGNORE, "test", title=message, reason="test button of Uptime Kuma")
        return self.statement(
            notes,
            Action.TRIGGER,
            f"{bracketed}:cert" if bracketed else f"{domain}:domain",
            title=message,
            severity=AlertSeverity.INFO,
            reason=None if self.options.get("expiry") else "notice that a certificate or a domain will expire",
        )


def _bracketed(message: str | None) -> str | None:
    """The name of the monitor at the beginning of a message: ``[Shop] [✅ Up] 200 - OK``."""
    return message[1 : message.find("]")] or None if message and message.startswith("[") and "]" in message else None


def _tags(tags: Any) -> dict[str, str]:
    """Name and value of each tag; a value may be blank."""
    pairs = (tag for tag in tags if isinstance(tag, dict)) if isinstance(tags, list) else ()
    return {to_text(tag["name"]): to_text(tag.get("value") or "") for tag in pairs if tag.get("name")}
