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
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event
from bridge.secret import Secret
from bridge.sources.base import Knock, Reply
from bridge.sources.batch import MOST_ELEMENTS, JsonSource, Notes
from bridge.sources.body import Json, read_json
from bridge.sources.cloudevent import HEADERS, data_of, read_events
from bridge.sources.expressions import Expression, Expressions, evaluate, is_true
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Verbatim, Word, shown, to_text
from bridge.sources.lifecycle import ACTION_WORDS, STATUS_WORDS, action_of_type
from bridge.sources.record import Record, Resolves
from bridge.sources.severity import WORDS
from bridge.sources.single import NO_KEY

CLOUDEVENTS, STANDARD_WEBHOOKS = "cloudevents", "standard_webhooks"
_ANY = "*"
_LONGEST_CHALLENGE = 500


class CustomOptions(Schema):
    """Settings: an expression for each member of an event, and tables of the sender's own words."""

    default_severity = fields.Enum(AlertSeverity, by_value=True, load_default=AlertSeverity.MAJOR)
    key = Expression()
    action = Expression()
    actions = fields.Dict(keys=fields.String(), values=fields.Enum(Action, by_value=True), load_default=dict)
    severity = Expression()
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
    action = Verbatim()
    type = Text()
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
    """One item, with what is around it, which is neither shown nor kept with it.

    Attributes:
        around: ``_body`` and ``_envelope``.
        fault: why it is no item.
    """

    def __init__(self, item: Any, around: Mapping[str, Any], fault: ValidationError | None = None) -> None:
        super().__init__(item if isinstance(item, dict) else {"_item": item})
        self.around = around
        self.fault = fault


class Custom(JsonSource):
    """``type: custom``."""

    name: ClassVar[str] = "custom"
    options_schema: ClassVar[type[Schema]] = CustomOptions
    element: ClassVar[type[Schema]] = CustomSchema
    headers: ClassVar[tuple[str, ...]] = HEADERS
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    handshake_methods: ClassVar[tuple[str, ...]] = ("GET",)
    record = Record(
        title="A source of your own, without code",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Save a few bodies that the tool posts, firing and resolved.",
            "Write the expressions, and try them: statusbridge normalize prints the events of a saved body.",
            "Point the tool's webhook at /hooks/<source>.",
        ),
        used="whatever the expressions name",
        limits=("A body is JSON; an item has at most the members that the expressions find.",),
        secrets=("connection_string", "private_key"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__({**options, "severity": options.get("default_severity")})
        names = self._schema.fields
        self._expressions = {name: options[name] for name in names if options.get(name) is not None}
        self._actions = _folded(options.get("actions"))
        self._severities = _folded(options.get("severities"))
        self._when, self._items = options.get("when"), options.get("items")
        self._envelope, self._challenge = options.get("envelope"), options.get("challenge")

    def handshake(self, knock: Knock, secrets: Sequence[Secret]) -> Reply | None:
        """Repeat the challenge that the option ``challenge`` names, as Dropbox and others want it."""
        given = knock.query.get(self._challenge) if self._challenge else None
        return Reply(200, given) if given and given.isprintable() and len(given) <= _LONGEST_CHALLENGE else None

    def read(self, delivery: Delivery) -> Json:
        """The body, or the events in it."""
        return read_events(delivery) if self._envelope == CLOUDEVENTS else read_json(delivery.body)

    def elements(self, data: Any, notes: Notes) -> Sequence[Item]:
        """The items of the body, or of every envelope in it.

        Raises:
            Unparsable: when the body is neither an object nor an array.
        """
        if not isinstance(data, dict | list):
            raise Unparsable("The body must be a JSON object or an array.")
        found: list[Item] = []
        for envelope in data if self._envelope == CLOUDEVENTS and isinstance(data, list) else [data]:
            try:
                content, attributes = self._unwrapped(envelope)
                found += self._items_of(content, {"_body": content, "_envelope": attributes})
            except ValidationError as fault:
                found.append(Item(envelope, {}, fault))
            if len(found) > MOST_ELEMENTS:
                break
        return found

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What one item says."""
        if "skipped" in alert:
            return Event(NO_KEY, Action.IGNORE, reason="the condition “when” does not hold")
        word = alert["severity"]
        if word:
            word = self._severities.get(word.casefold(), word)
        action, reason = self._judge(alert)
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            word=word,
            text=alert["text"],
            labels=alert["labels"] or {},
            component=alert["component"],
            status=alert["status"],
            url=alert["url"],
            internal_note=alert["note"],
            at=alert["happened_at"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"],
            reason=reason,
        )

    def _unwrapped(self, envelope: Any) -> tuple[Any, Mapping[str, Any]]:
        """What is in an envelope, and its attributes."""
        if self._envelope is None:
            return envelope, {}
        if not isinstance(envelope, dict) or not isinstance(envelope.get("type"), str):
            raise ValidationError({"type": ["is missing: this is no such envelope."]})
        content = data_of(envelope) if self._envelope == CLOUDEVENTS else envelope.get("data")
        return content, {name: value for name, value in envelope.items() if name not in ("data", "data_base64")}

    def _items_of(self, content: Any, around: Mapping[str, Any]) -> list[Item]:
        found = content
        if self._items is not None:
            found = evaluate("items", self._items, {**content, **around} if isinstance(content, dict) else content)
            if found is None:
                raise ValidationError({"items": ["finds nothing in this body."]})
        return [Item(item, around) for item in (found if isinstance(found, list) else [found])]

    def _load(self, element: Any, notes: Notes) -> dict[str, Any]:
        """What the expressions give for one item; ``skipped`` where the condition does not hold."""
        if element.fault is not None:
            raise element.fault
        document = {**element, **element.around}
        if self._when is not None and not is_true(evaluate("when", self._when, document)):
            return {"skipped": True}
        values = {name: _value(name, expression, document) for name, expression in self._expressions.items()}
        if self._envelope is not None:
            values = self._told_by_envelope(element.around) | {
                name: value for name, value in values.items() if value is not None
            }
        return super()._load(values, notes)

    def _told_by_envelope(self, around: Mapping[str, Any]) -> dict[str, Any]:
        """What the envelope says where no expression does."""
        attributes, body = around["_envelope"], around["_body"]
        told = {"type": attributes.get("type"), "happened_at": attributes.get("time") or attributes.get("timestamp")}
        if self._envelope == CLOUDEVENTS and attributes.get("source") and attributes.get("subject"):
            told["key"] = f"{to_text(attributes['source'])}:{to_text(attributes['subject'])}"
        elif isinstance(body, dict):
            told["key"] = body.get("id")
        return told

    def _judge(self, alert: Mapping[str, Any]) -> tuple[Action, str | None]:
        """The action, and why it is ignored if it is."""
        word = alert["action"]
        if word is None:
            if alert["type"] is None:
                raise ValidationError({"action": ["finds nothing in this item."]})
            action = action_of_type(alert["type"], self._actions) or self._actions.get(_ANY, Action.IGNORE)
            return action, f"the type {alert['type']} concerns no alert" if action is Action.IGNORE else None
        folded = word.casefold()
        found = self._actions.get(folded) or ACTION_WORDS.get(folded) or self._actions.get(_ANY)
        if found is None:
            known = ", ".join(sorted({*self._actions, *ACTION_WORDS}))
            raise ValidationError({"action": [f"unknown word {shown(word)}; known are: {known}."]})
        return found, f"{shown(word)} is to be ignored" if found is Action.IGNORE else None


def _value(name: str, expression: Any, document: Mapping[str, Any]) -> Any:
    if isinstance(expression, dict):
        found = {label: evaluate(name, each, document) for label, each in expression.items()}
        return {label: value for label, value in found.items() if value is not None}
    return evaluate(name, expression, document)


def _folded(table: Mapping[str, Any] | None) -> dict[str, Any]:
    return {word.strip().casefold(): meaning for word, meaning in (table or {}).items()}
