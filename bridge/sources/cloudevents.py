"""CloudEvents 1.0 over HTTP: structured, batched or binary (attributes in headers).

Facts are from the specification, its JSON format, HTTP binding and webhook document. ``source`` and ``id`` tell one
event from another; an alert is told by ``source`` and ``subject``. What an event says about its alert stands in the
data, else in the last part of its type.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import unquote

from marshmallow import Schema, ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event, Parsed
from bridge.secret import Secret
from bridge.sources.base import Knock, Reply
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.body import Json, clean, read_json
from bridge.sources.fields import Text
from bridge.sources.lifecycle import EnvelopeOptions, EnvelopeSchema, action_of_type, action_of_word, own_types, told_by

_ATTRIBUTES = ("id", "source", "specversion", "type")
_HEADERS = ("ce-id", "ce-source", "ce-specversion", "ce-type", "ce-subject", "ce-time")
_BOM = b"\xef\xbb\xbf"
_VERSIONS = ("1.0", "1")
_ORIGIN, _RATE = "webhook-request-origin", "webhook-request-rate"


class CloudEventSchema(EnvelopeSchema):
    """One event; ``action`` and ``key`` are what its data says."""

    id = Text(required=True)
    source = Text(required=True)
    specversion = Text(required=True)
    subject = Text()
    key = Text()


class CloudEvents(JsonSource):
    """``type: cloudevents``."""

    name: ClassVar[str] = "cloudevents"
    options_schema: ClassVar[type[Schema]] = EnvelopeOptions
    headers: ClassVar[tuple[str, ...]] = _HEADERS
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    handshake_methods: ClassVar[tuple[str, ...]] = ("OPTIONS",)
    token_parameter: ClassVar[str] = "access_token"  # noqa: S105 - the name of a parameter
    element: ClassVar[type[Schema]] = CloudEventSchema

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._types = own_types(options)

    def handshake(self, knock: Knock, secrets: Sequence[Secret]) -> Reply | None:
        """Let the sender deliver here, at the rate that it asks for."""
        origin = knock.headers.get(_ORIGIN)
        if not origin:
            return None
        headers = {"Allow": "POST", "WebHook-Allowed-Origin": origin}
        if rate := knock.headers.get(_RATE):
            headers["WebHook-Allowed-Rate"] = rate
        return Reply(200, "", headers=headers)

    def parse(self, delivery: Delivery) -> Parsed:
        """See ``bridge.sources.base.SourceType``; a validation request says nothing."""
        return Parsed(()) if delivery.method == "OPTIONS" else super().parse(delivery)

    def read(self, delivery: Delivery) -> Json:
        """The events, also where the attributes stand in headers and the body is the data."""
        kind = delivery.content_type.partition(";")[0].strip().casefold()
        if "ce-specversion" not in delivery.headers or kind.startswith("application/cloudevents"):
            return read_json(delivery.body)
        event: dict[str, Any] = {
            name.removeprefix("ce-"): unquote(delivery.headers[name]) for name in _HEADERS if name in delivery.headers
        }
        warnings: tuple[str, ...] = ()
        if _looks_like_json(delivery.body) or kind.endswith("json"):
            body = read_json(delivery.body) if delivery.body.strip() else Json(None)
            event["data"], warnings = body.data, body.warnings
        elif delivery.body:
            event["data"] = delivery.body.decode("utf-8", "replace")
        return Json(clean(event), warnings)

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The events of a batch, or the only one. A single one that is none is refused: its sender is to know."""
        if isinstance(data, dict):
            for name in _ATTRIBUTES:
                if data.get(name) in (None, ""):
                    raise Unparsable(f"This is not a CloudEvents 1.0 event: {name}: is missing.")
        return super().elements(data, notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The attributes, and what the data says."""
        data = _data_of(element)
        told = told_by(data) if isinstance(data, dict) else {"text": data}
        own = {name: element.get(name) for name in (*_ATTRIBUTES, "subject", "time")}
        return {**told, **own, "key": data.get("dedup_key") if isinstance(data, dict) else None}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What one event says about its alert."""
        if alert["specversion"] not in _VERSIONS:
            raise ValidationError({"specversion": ["only 1.0 is known."]})
        subject = alert["subject"] or alert["key"]
        if subject is None:
            raise ValidationError({"subject": ["is missing, and so is data.dedup_key."]})
        action = action_of_word(alert["action"]) or action_of_word(alert["status"])
        action = action or action_of_type(alert["type"], self._types)
        known = {"source": alert["source"], "type": alert["type"], "subject": subject}
        return self.statement(
            notes,
            action or Action.IGNORE,
            f"{alert['source']}:{subject}",
            title=alert["title"] or subject,
            word=alert["severity"],
            text=alert["text"],
            labels={**(alert["labels"] or {}), **known},
            component=alert["component"],
            url=alert["url"],
            at=alert["time"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"],
            reason=None if action and action is not Action.IGNORE else f"the type {alert['type']} concerns no alert",
        )


def _data_of(element: Mapping[str, Any]) -> Any:
    """The data: as it is, decoded from base 64, and read as JSON where it is JSON inside a text."""
    data, coded = element.get("data"), element.get("data_base64")
    if data is None and isinstance(coded, str):
        try:
            data = base64.b64decode(coded, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ValidationError({"data_base64": ["is not base 64."]}) from None
    if isinstance(data, str) and _looks_like_json(data.encode("utf-8", "replace")):
        try:
            return read_json(data.encode("utf-8", "replace")).data
        except Unparsable:
            return data
    return data


def _looks_like_json(body: bytes) -> bool:
    return body.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")
