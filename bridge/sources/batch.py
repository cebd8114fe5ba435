"""What every JSON source shares: read the body, then one element after the other, each on its own.

A source built on :class:`JsonSource` says three things: the schema of an element, where the elements are
(:meth:`JsonSource.elements`), and which event an element makes (:meth:`JsonSource.event`, best with
:meth:`JsonSource.statement`). One bad element is quarantined with the name of the field and the reason; its neighbours
go on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event, Parsed, Quarantined
from bridge.sources.blots import MASK
from bridge.sources.body import Json, read_json
from bridge.sources.fields import Moment, Zone, shown, to_line
from bridge.sources.redaction import NOTHING, Hiding
from bridge.sources.secretnames import SecretNames, names_of
from bridge.sources.severity import meaning_of

MOST_ELEMENTS = 10_000
_DEPTH = 16
_MOST_SHOWN = 2_097_152
"""Characters of all quarantined elements of a body; what the elements of a body have in common may be kept for each."""
_MOST_SAID, _FEW = 4_194_304, 16
"""Characters of the texts of all events of a body, looked at where it has more than a few elements."""
_LONGEST_LABELS = 2_000


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
        self._secrets = names_of(type(self))
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
        elements = self._found_elements(body.data, notes)
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

    def _found_elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        try:
            return self.elements(data, notes)
        except ValidationError as error:
            raise Unparsable(f"The body cannot be read: {reason_of(error.messages)}") from None
        except Unparsable:
            raise
        except Exception as error:  # a failure would ask the sender to send it again, for ever
            raise Unparsable(self._fault(error)) from error

    def _fault(self, error: Exception) -> str:
        return f"statusbridge could not read it ({type(error).__name__} in the source type {self.name})."

    def _read_each(self, elements: Sequence[Any], notes: Notes) -> tuple[list[Event], list[Quarantined]]:
        events: list[Event] = []
        quarantined: list[Quarantined] = []
        presentation: Presentation | None = None
        for index, element in enumerate(elements):
            try:
                events.append(self.event(self._load(element, notes), notes))
            except ValidationError as error:
                presentation = presentation or Presentation(self._secrets)
                quarantined.append(Quarantined(index, reason_of(error.messages), presentation.of(element)))
            except Exception as error:  # a fault of the source's own code must not cost the neighbours
                presentation = presentation or Presentation(self._secrets)
                quarantined.append(Quarantined(index, self._fault(error), presentation.of(element)))
        return (_shortened(events, notes) if len(events) > _FEW else events), quarantined

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


def _shortened(events: list[Event], notes: Notes) -> list[Event]:
    """The events without their longer texts, from where they are more together than anybody means them to be.

    Elements may share a text of their body, and ten thousand times a long text would not fit anywhere.
    """
    left = _MOST_SAID
    for index, event in enumerate(events):
        left -= sum(map(len, (event.text or "", event.url or "", event.internal_note or "", *event.labels.values())))
        if left < 0:
            notes.warn("The texts of these alerts are too long together; some were left out.")
            labels = event.labels if sum(map(len, event.labels.values())) <= _LONGEST_LABELS else {}
            events[index] = replace(event, text=None, url=None, internal_note=None, labels=labels)
    return events


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


class Presentation:
    """Elements as they may be kept and shown: JSON-able, not too deep, without secrets, and together not too large.

    Args:
        names: what secrets are called.
        most: characters that may be shown of all elements together, about.
    """

    def __init__(self, names: SecretNames, most: int = _MOST_SHOWN) -> None:
        self._names = names
        self._hiding = Hiding(names)
        self._left = most

    def of(self, value: Any, depth: int = _DEPTH) -> Any:
        """One element, or a part of it; three dots where it would be too much."""
        self._left -= 8 + (len(value) if isinstance(value, str) else 0)
        if self._left < 0:
            return "…"
        if isinstance(value, Mapping):
            return {key: self._member(key, below, depth - 1) for key, below in value.items()} if depth else "…"
        if isinstance(value, list):
            return [self.of(below, depth - 1) for below in value] if depth else "…"
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return self._hiding.text(value) if isinstance(value, str) else value

    def _member(self, name: str, value: Any, depth: int) -> Any:
        self._left -= len(name)
        return MASK if name in self._names and value not in NOTHING else self.of(value, depth)
