"""Standard Webhooks: ``type``, ``timestamp`` and ``data``, from Svix and everybody who signs in this way.

Facts are from the specification. The last part of the type says what happened; a type that says nothing of the kind
concerns no alert. The alert is told by ``data.id``, or by another member of the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Key
from bridge.sources.lifecycle import EnvelopeOptions, EnvelopeSchema, action_of_type, own_types, told_by
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner
from bridge.sources.signatures import vendors


class StandardWebhooksOptions(EnvelopeOptions):
    """``key``: the member of ``data`` that tells the alert, with dots between the names of a path.

    What the alert is called, and all else about it, is read from the object that holds this member, else from ``data``.
    """

    key = fields.String(validate=validate.Length(min=1), load_default="id")


class WebhookSchema(EnvelopeSchema):
    """One webhook."""

    key = Key()


class StandardWebhooks(JsonSource):
    """``type: standard-webhooks``."""

    name: ClassVar[str] = "standard-webhooks"
    options_schema: ClassVar[type[Schema]] = StandardWebhooksOptions
    element: ClassVar[type[Schema]] = WebhookSchema
    scheme = vendors.STANDARD_WEBHOOKS
    sender_id_header: ClassVar[tuple[str, ...]] = ("webhook-id", "svix-id")
    record = Record(
        title="Standard Webhooks and Svix",
        resolves=Resolves.BY_SET_UP,
        setup=("Add an endpoint with the address of this source, and put its secret (whsec_…) under secrets.",),
        used=("type, timestamp, data.id"),
        limits=("Types whose last part says nothing about an alert are ignored, unless the setting types names them.",),
        secrets=("connection_string", "private_key"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._types = own_types(options)
        self._member = options.get("key") or "id"
        self._key = Shape(key=self._member)
        self._around = self._member.split(".")[:-1]

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Type and time, and what the data says."""
        data = inner(element, "data")
        told = told_by(data)
        if self._around:
            told |= {name: value for name, value in told_by(inner(data, *self._around)).items() if value is not None}
        return {**told, **self._key(data), "type": element.get("type"), "time": element.get("timestamp")}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What one webhook says about its alert."""
        action = action_of_type(alert["type"], self._types) or Action.IGNORE
        if action is Action.IGNORE:
            reason = f"the type {alert['type']} concerns no alert"
            return self.statement(notes, action, alert["key"] or alert["type"], title=alert["title"], reason=reason)
        if alert["key"] is None:
            raise ValidationError({f"data.{self._member}": ["is missing."]})
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            word=alert["severity"],
            text=alert["text"],
            labels={**(alert["labels"] or {}), "type": alert["type"]},
            component=alert["component"],
            url=alert["url"],
            at=alert["time"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"],
        )
