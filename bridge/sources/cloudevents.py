"""CloudEvents 1.0 over HTTP: structured, batched or binary (attributes in headers).

Facts are from the specification, its JSON format, HTTP binding and webhook document. ``source`` and ``id`` tell one
event from another; an alert is told by ``source`` and ``subject``. What an event says about its alert stands in the
data, else in the last part of its type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event, Parsed
from bridge.secret import Secret
from bridge.sources.base import Knock, Reply
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.body import Json
from bridge.sources.cloudevent import HEADERS, data_of, read_events
from bridge.sources.fields import Text, to_text
from bridge.sources.lifecycle import EnvelopeOptions, EnvelopeSchema, action_of_type, action_of_word, own_types, told_by
from bridge.sources.record import Record, Resolves

_ATTRIBUTES = ("id", "source", "specversion", "type")
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
    headers: ClassVar[tuple[str, ...]] = HEADERS
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    handshake_methods: ClassVar[tuple[str, ...]] = ("OPTIONS",)
    token_parameter: ClassVar[str] = "access_token"  # noqa: S105 - the name of a parameter
    element: ClassVar[type[Schema]] = CloudEventSchema
    record = Record(
        title="CloudEvents 1.0 over HTTP",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Name the address of this source as the sink; the validation request with WebHook-Request-Origin "
            "is answered.",
            "Give the token as bearer header or as the query parameter access_token.",
        ),
        used=("source, subject, type, time, data"),
        limits=("What an event means is told by data.action, data.status or the last part of its type.",),
        secrets=("connection_string", "private_key"),
    )

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
        return read_events(delivery)

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The events of a batch, or the only one. A single one that is none is refused: its sender is to know."""
        if isinstance(data, dict):
            for name in _ATTRIBUTES:
                if data.get(name) in (None, ""):
                    raise Unparsable(f"This is not a CloudEvents 1.0 event: {name}: is missing.")
            if to_text(data["specversion"]) not in _VERSIONS:
                raise Unparsable("This is not a CloudEvents 1.0 event: specversion: only 1.0 is known.")
        return super().elements(data, notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The attributes, and what the data says."""
        data = data_of(element)
        told = told_by(data) if isinstance(data, dict) else {"text": data}
        own = {name: element.get(name) for name in (*_ATTRIBUTES, "subject", "time")}
        return {**told, **own, "key": data.get("dedup_key") if isinstance(data, dict) else None}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What one event says about its alert."""
        if alert["specversion"] not in _VERSIONS:
            raise ValidationError({"specversion": ["only 1.0 is known."]})
        action = action_of_word(alert["action"]) or action_of_word(alert["status"])
        action = action or action_of_type(alert["type"], self._types) or Action.IGNORE
        subject = alert["subject"] or alert["key"]
        if subject is None and action is Action.IGNORE:
            subject = alert["id"]
        if subject is None:
            raise ValidationError({"subject": ["is missing, and so is data.dedup_key."]})
        known = {"source": alert["source"], "type": alert["type"], "subject": subject}
        return self.statement(
            notes,
            action,
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
            reason=None if action is not Action.IGNORE else f"the type {alert['type']} concerns no alert",
        )
