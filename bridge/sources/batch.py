"""What every JSON source shares: read the body, then one element after the other, each on its own.

A source built on :class:`JsonSource` says three things: the schema of an element, where the elements are
(:meth:`JsonSource.elements`), and which event an element makes (:meth:`JsonSource.event`, best with
:meth:`JsonSource.statement`). One bad element is quarantined with the name of the field and the reason; its neighbours
go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event, Parsed, Quarantined
from bridge.sources.body import Json, read_json
from bridge.sources.fields import Moment, Zone, shown, to_line
from bridge.sources.severity import meaning_of

MOST_ELEMENTS = 10_000
_DEPTH = 16
_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?$|token|secret|authori[sz]ation|cookie|credential|\bdsn\b|connection_?string"
    r"|\bauth$|headers?$|(api|routing|private|access|integration|service)_?key",
    re.IGNORECASE,
)


class SourceOptions(Schema):
    """Settings that every source type knows.

    ``severity`` is what a firing alert gets when the source names none, or one that is not in the table.
    """

    severity = fields.Enum(AlertSeverity, by_value=True, load_default=AlertSeverity.MAJOR)


class ProbeOptions(SourceOptions):
    """Settings of a source that knows up and down only: an alert without a severity is critical."""

    severity = fields.Enum(AlertSeverity, by_value=True, load_default=AlertSeverity.CRITICAL)


class ZonedOptions(SourceOptions):
    """Settings of a source whose times may lack a zone: ``timezone`` is the zone of the sender."""

    timezone = Zone(load_default=UTC)


class Notes:
    """Warnings for the operator, each once, in the order they came up."""

    def __init__(self, first: Iterable[str] = ()) -> None:
        self._texts = dict.fromkeys(first)

    def warn(self, text: str) -> None:
        """Note something that the operator should know."""
        self._texts[text] = None

    def texts(self) -> tuple[str, ...]:
        """What was noted."""
        return tuple(self._texts)


class JsonSource:
    """Base of the sources whose deliveries are JSON."""

    name: ClassVar[str]
    options_schema: ClassVar[type[Schema]] = SourceOptions
    headers: ClassVar[tuple[str, ...]] = ()
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    element: ClassVar[type[Schema]]

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options
        self.default_severity: AlertSeverity = options.get("severity") or _declared_severity(self.options_schema)
        self._schema = self.element()
        if zone := options.get("timezone"):
            for field in self._schema.fields.values():
                if isinstance(field, Moment):
                    field.zone = zone

    def read(self, delivery: Delivery) -> Json:
        """The data of a delivery; JSON by default, see ``bridge.sources.form`` for senders that post other things.

        Raises:
            Unparsable: when nothing can be read.
        """
        return read_json(delivery.body)

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The elements of a body, still unread. By default an object is one alert, and an array holds one alert each.

        Raises:
            Unparsable: when the body has not the shape of this source at all.
        """
        if isinstance(data, list):
            return data
        if isinstance(data, dict):
            return [data]
        raise Unparsable("The body must be a JSON object or an array of objects.")

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The element as the schema expects it; for senders with more than one shape. As it is by default."""
        return element

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The event that one loaded element makes.

        Raises:
            ValidationError: when the element cannot be understood after all; name the field.
        """
        raise NotImplementedError

    def answer(self, data: Any, events: Sequence[Event]) -> Mapping[str, Any]:
        """Extra members of the answer to the sender: handshakes, drop-in compatibility. None by default."""
        return {}

    def parse(self, delivery: Delivery) -> Parsed:
        """Turn a delivery into events; see ``bridge.sources.base.SourceType``."""
        body = self.read(delivery)
        notes = Notes(body.warnings)
        elements = self.elements(body.data, notes)
        if len(elements) > MOST_ELEMENTS:
            raise Unparsable(f"The body holds {len(elements)} elements; at most {MOST_ELEMENTS} are read.")
        events, quarantined = self._read_each(elements, notes)
        return Parsed(tuple(events), tuple(quarantined), notes.texts(), self.answer(body.data, events))

    def statement(  # noqa: PLR0913 - the parts of a statement, all but three by name
        self,
        notes: Notes,
        action: Action,
        key: str,
        *,
        title: str | None = None,
        word: str | None = None,
        severity: AlertSeverity | None = None,
        at: datetime | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        reason: str | None = None,
        **more: Any,
    ) -> Event:
        """The event for one statement, by the rules that all sources share.

        A reason makes it ignored, and so does the severity word "none". A firing alert always has a severity, any
        other statement only if the sender names one. The time of the statement stands in for the time of start or end.

        Args:
            notes: takes the warning about an unknown severity word.
            action: what is said about the alert.
            key: the dedup key.
            title: one line; the key where a firing alert has none.
            word: the sender's severity word.
            severity: the severity, where the source has worked it out already.
            at: the sender's time of the statement.
            started_at: the sender's time of the start.
            ended_at: the sender's time of the end; looked at for a resolve only.
            reason: why it is ignored.
            more: further members of the event, as they are.
        """
        meaning = meaning_of(word)
        if meaning is Action.IGNORE and not reason:
            reason = f"severity is {str(word).strip()}"
        if reason:
            action, severity = Action.IGNORE, None
        elif severity is None and (action is Action.TRIGGER or (word and meaning is not Action.RESOLVE)):
            severity = self.severity(word, notes)
        return Event(
            dedup_key=key,
            action=action,
            title=to_line(title or "") or (to_line(key) or "alert" if action is Action.TRIGGER else ""),
            severity=severity,
            started_at=started_at or (at if action is Action.TRIGGER else None),
            ended_at=(ended_at or at) if action is Action.RESOLVE else None,
            happened_at=at,
            reason=reason,
            **more,
        )

    def severity(self, word: str | None, notes: Notes) -> AlertSeverity:
        """The severity of a firing alert by its own word, else the default of the source."""
        meaning = meaning_of(word)
        if isinstance(meaning, AlertSeverity):
            return meaning
        if word:
            notes.warn(f"severity: unknown word {shown(word)}, taken as {self.default_severity.value}.")
        return self.default_severity

    def _read_each(self, elements: Sequence[Any], notes: Notes) -> tuple[list[Event], list[Quarantined]]:
        events: list[Event] = []
        quarantined: list[Quarantined] = []
        for index, element in enumerate(elements):
            try:
                events.append(self.event(self._load(element, notes), notes))
            except ValidationError as error:
                quarantined.append(Quarantined(index, reason_of(error.messages), presentable(element)))
            except Exception as error:  # a fault of the source's own code must not cost the neighbours
                reason = f"statusbridge could not read it ({type(error).__name__} in the source type {self.name})."
                quarantined.append(Quarantined(index, reason, presentable(element)))
        return events, quarantined

    def _load(self, element: Any, notes: Notes) -> dict[str, Any]:
        if type(element) is not dict:
            raise ValidationError("must be a JSON object.")
        try:
            loaded: dict[str, Any] = self._schema.load(self.renamed(element))
        except ValidationError as error:
            loaded = self._without_bad_times(error, notes)
        return loaded

    def _without_bad_times(self, error: ValidationError, notes: Notes) -> dict[str, Any]:
        """What could be loaded, if optional times are all that is wrong; a bad date is missing, not a lost alert."""
        times = {
            (field.data_key or name): name
            for name, field in self._schema.fields.items()
            if isinstance(field, Moment) and not field.required
        }
        wrong = error.messages if isinstance(error.messages, dict) else {}
        if not wrong or not set(wrong) <= set(times):
            raise error
        for key in wrong:
            notes.warn(f"{key}: is not a time, taken as missing.")
        loaded: dict[str, Any] = dict.fromkeys(times.values())
        loaded.update(error.valid_data)  # type: ignore[arg-type]  # a mapping: one element was loaded
        return loaded


def _declared_severity(options_schema: type[Schema]) -> AlertSeverity:
    field = options_schema().fields.get("severity")
    declared = field.load_default if field else None
    return declared if isinstance(declared, AlertSeverity) else AlertSeverity.MAJOR


def reason_of(messages: Any) -> str:
    """Field and reason of everything that is wrong, as one line."""
    if isinstance(messages, Mapping):
        return " ".join(
            reason_of(below) if name == "_schema" else f"{name}: {reason_of(below)}" for name, below in messages.items()
        )
    if isinstance(messages, list | tuple):
        return " ".join(reason_of(message) for message in messages)
    return str(messages)


def presentable(value: Any, depth: int = _DEPTH) -> Any:
    """An element as it may be kept and shown: JSON-able, not too deep, without what is named like a secret."""
    if isinstance(value, Mapping):
        if depth == 0:
            return "…"
        return {
            key: "•••" if _SECRET_NAME.search(key) else presentable(below, depth - 1) for key, below in value.items()
        }
    if isinstance(value, list):
        return [presentable(below, depth - 1) for below in value] if depth else "…"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    return value
