"""A source without code: JMESPath expressions in bridge.yaml say where everything is; see ``docs/sources/custom.md``.

The expressions are about one item. Beside its own members an item has ``_body``, the whole body, and ``_envelope``, the
attributes of the CloudEvents event or the Standard Webhooks message that it came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from bridge.config.fields import wrong
from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event
from bridge.secret import Secret
from bridge.sources.base import Knock, Reply
from bridge.sources.batch import MOST_ELEMENTS, JsonSource, Notes, SourceOptions, reason_of
from bridge.sources.body import Json, read_json
from bridge.sources.cloudevent import HEADERS, data_of, read_events
from bridge.sources.expressions import Expression, Expressions, evaluate, is_true
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Verbatim, Word, shown, to_text
from bridge.sources.lifecycle import ACTION_WORDS, action_of_type
from bridge.sources.record import Record, Resolves
from bridge.sources.severity import WORDS
from bridge.sources.values import STATUS_WORDS

CLOUDEVENTS, STANDARD_WEBHOOKS = "cloudevents", "standard_webhooks"
_ANY = "*"
_LONGEST_CHALLENGE = 500
_ELSE = "does not say when it is an alert"


class CustomOptions(SourceOptions):
    """Settings: an expression for each member of an event, and tables of the sender's own words."""

    key = Expression()
    action = Expression()
    actions = fields.Dict(keys=fields.String(), values=fields.Enum(Action, by_value=True), load_default=dict)
    severity_of = Expression()
    severities = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.OneOf(sorted(WORDS))), load_default=dict
    )
    title = Expression()
    text = Expression()
    labels = Expressions()
    component = Expression()
    status = Expression()
    url = Expression()
    note = Expression()
    started_at = Expression()
    ended_at = Expression()
    happened_at = Expression()
    when = Expression()
    items = Expression()
    envelope = fields.String(validate=validate.OneOf([CLOUDEVENTS, STANDARD_WEBHOOKS]))
    challenge = fields.String(validate=validate.Length(min=1, max=100))

    @validates_schema
    def _check(self, data: Mapping[str, Any], **_: Any) -> None:
        if data.get("envelope"):
            return
        hints = {"key": "key: id", "action": "action: state"}
        missing = {name: wrong(f"the key {name!r} is missing", f"add '{hints[name]}'") for name in hints}
        messages = {name: error.messages for name, error in missing.items() if name not in data}
        if messages:
            raise ValidationError({"_schema": [message for found in messages.values() for message in found]})


class CustomSchema(Element):
    """What the expressions gave for one item."""

    key = Key(required=True)
    action = Verbatim(required=True)
    severity = Verbatim()
    title = Line()
    text = Text()
    labels = TextMap()
    component = Line()
    status = Word(STATUS_WORDS)
    url = Text()
    note = Text()
    started_at = Moment()
    ended_at = Moment()
    happened_at = Moment()


class Item(dict[str, Any]):
    """One item, with what is around it. Shown and kept without that."""

    def __init__(self, item: Any, around: Mapping[str, Any]) -> None:
        super().__init__(item if isinstance(item, dict) else {"_item": item})
        self.around = around


class Custom(JsonSource):
    """``type: custom``."""

    name: ClassVar[str] = "custom"
    options_schema: ClassVar[type[Schema]] = CustomOptions
    element: ClassVar[type[Schema]] = CustomSchema
    headers: ClassVar[tuple[str, ...]] = HEADERS
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    handshake_methods: ClassVar[tuple[str, ...]] = ("GET",)
