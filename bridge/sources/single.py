"""Senders whose delivery is one JSON object with everything at a fixed place, as most hosted tools have it.

The schema of such a source says where a field stands by a path: ``data_key="event.data.id"``. The same path is what a
person reads when the field is missing. Paths go through objects by name and through lists by number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import TextMap, Tolerant, to_line, to_text

NO_KEY = "none"
"""Key of an ignored statement that names nothing at all, such as the text that a test button sends."""


class ObjectSource(JsonSource):
    """Base of the sources whose deliveries are one object each.

    Attributes:
        sender: what sends such bodies, for messages: ``PagerDuty webhook``.
        loose_names: whether names at the top of the body compare without regard to case, because people type them.
    """

    sender: ClassVar[str]
    loose_names: ClassVar[bool] = False

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        paths = [field.data_key or name for name, field in self._schema.fields.items()]
        self._paths = [(path, tuple(path.split("."))) for path in paths]

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The object itself."""
        if not isinstance(data, dict):
            article = "an" if self.sender[0] in "AEIOUaeiou" else "a"
            raise Unparsable(f"This is not {article} {self.sender}: a JSON object is expected.")
        return [data]

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Path → what is there."""
        if self.loose_names:
            folded = {name.casefold(): value for name, value in element.items()}
            element = {**{name: folded.get(name.casefold()) for _, (name, *_) in self._paths}, **element}
        return {path: reach(element, steps) for path, steps in self._paths}

    def loaded(self, element: Any, notes: Notes) -> dict[str, Any]:
        """The fields of an object that was wrapped in something else.

        Raises:
            ValidationError: when it cannot be understood.
        """
        return self._load(element, notes)

    def one(self, element: Any, notes: Notes) -> Event:
        """The event of an object that was wrapped in something else.

        Raises:
            ValidationError: when it cannot be understood.
        """
        return self.event(self.loaded(element, notes), notes)


def reach(data: Any, steps: Iterable[str]) -> Any:
    """What is at the end of a path; None when there is nothing."""
    for step in steps:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def ignored(key: str | None, reason: str, title: str | None = None) -> Event:
    """A statement that is accepted and changes nothing; the reason says why."""
    return Event(dedup_key=key or NO_KEY, action=Action.IGNORE, title=to_line(title or ""), reason=reason)


def missing(*paths: str, hint: str = "") -> ValidationError:
    """The error of a body without any of these fields."""
    return ValidationError({" or ".join(paths): [f"is missing. {hint}".rstrip()]})


def past(moment: datetime | None, now: datetime | None) -> datetime | None:
    """A time that had come when the sender spoke; None for one that was only planned."""
    return None if moment and now and moment > now else moment


def facts(**values: str | Sequence[str] | None) -> dict[str, str]:
    """Labels of what a sender told; lists become one text, what is missing is left out."""
    joined = {name: value if isinstance(value, str) else ", ".join(value or ()) for name, value in values.items()}
    return {name: value for name, value in joined.items() if value}


def tagged(tags: str | Sequence[str] | None) -> dict[str, str]:
    """Labels of tags such as ``env:prod, team:shop``; tags without a value are left out."""
    each = tags.split(",") if isinstance(tags, str) else tags or ()
    pairs = (tag.strip().partition(":") for tag in each)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() and value.strip()}


class Facts(TextMap):
    """An object of names and scalars for labels; anything else counts as missing."""

    def _read(self, value: Any) -> dict[str, str] | None:
        return super()._read(value) if isinstance(value, dict) else None


class Raw(Tolerant[Any]):
    """Anything, as it is; for what is read further by other means."""

    def _read(self, value: Any) -> Any:
        return value


class Named(Tolerant[str]):
    """A word, or an object that has the word under one of a few names; such words change their shape with releases.

    Args:
        names: members to look at, first one first.
    """

    def __init__(self, *names: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.names = names

    def _read(self, value: Any) -> str | None:
        if isinstance(value, dict):
            value = next((value[name] for name in self.names if value.get(name) is not None), None)
        if value is None or isinstance(value, dict | list | bool):
            return None
        return to_text(value).strip() or None
