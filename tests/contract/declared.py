"""What clients answer, held against what their record classes declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints
from unittest import mock

from bridge.providers.base.declared import choices, plain, unasked
from bridge.providers.base.resource import Resource
from bridge.providers.base.results import Record

EXACT = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}
"""Class in an annotation → classes of the values that it takes; true and false are no numbers."""


@dataclass
class Watched:
    """The records that were answered while it ran.

    Attributes:
        enough: records of one class that are looked at; the others of a long list say no more.
        fields: fields that were there, of these records and of those inside them.
    """

    enough: int = 1000
    problems: set[str] = field(default_factory=set)
    seen: Counter[type[Record]] = field(default_factory=Counter)
    fields: dict[type[Record], set[str]] = field(default_factory=dict)

    def look(self, record: Record) -> None:
        """Note what is not as declared."""
        self.seen[type(record)] += 1
        if self.seen[type(record)] > self.enough:
            return
        self.problems |= {f"{type(record).__name__}{problem}" for problem in problems_of(record)}
        for inner in _all(record):
            names = [name for name in hints_of(type(inner)) if plain(name) in inner]
            self.fields.setdefault(type(inner), set()).update(names)

    def unseen(self, declared: Iterator[type[Record]]) -> set[str]:
        """Fields that were declared and never there, such as ``Incident.name``."""
        return {
            f"{record.__name__}.{name}"
            for record in declared
            for name in set(hints_of(record)) - self.fields.get(record, set())
        }


@contextmanager
def watched(enough: int = 1000) -> Iterator[Watched]:
    """Look at every record that is answered by a client or a provider."""
    found, shaped = Watched(enough), Resource.shaped

    def note(resource: Resource[Any], *about: Any) -> Any:
        record = shaped(resource, *about)
        found.look(record)
        return record

    with mock.patch.object(Resource, "shaped", note):
        yield found


@cache
def hints_of(record: type[Record]) -> Mapping[str, Any]:
    """The annotations of the fields of a record class."""
    hints = get_type_hints(record, include_extras=True)
    return {name: hint for name, hint in hints.items() if not name.startswith("_")}


def records_in(module: Any) -> Iterator[type[Record]]:
    """The record classes of a module that are not only there to be inherited."""
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Record)]
    return (each for each in classes if each.__module__ == module.__name__ and not each.__subclasses__())


def problems_of(record: Record) -> Iterator[str]:
    """What is not as declared; none of a record that declares nothing."""
    hints = hints_of(type(record))
    if not hints:
        return
    for name in set(record) - {plain(name) for name in hints}:
        yield f".{name} is not declared"
    for name, hint in hints.items():
        whole, asked = unasked(hint)
        if asked and plain(name) not in record:
            continue
        try:
            value = getattr(record, name)
        except AttributeError:
            yield f".{name} is not there"
        else:
            yield from (f".{name}{problem}" for problem in _misfits(value, whole))


def _misfits(value: Any, hint: Any) -> Iterator[str]:
    """Why a value is not what a hint says."""
    reasons = [list(_misfits_one(value, each)) for each in choices(hint)]
    yield from min(reasons, key=len)


def _misfits_one(value: Any, hint: Any) -> Iterator[str]:
    origin = get_origin(hint)
    if hint is Any or (hint in (None, type(None)) and value is None):
        return
    if origin is list and isinstance(value, list):
        for item in value:
            yield from (f"[]{problem}" for problem in _misfits(item, get_args(hint)[0]))
    elif origin is Mapping and isinstance(value, dict):
        for item in value.values():
            yield from (f"{{}}{problem}" for problem in _misfits(item, get_args(hint)[1]))
    elif isinstance(hint, type) and issubclass(hint, Record) and isinstance(value, hint):
        yield from problems_of(value)
    elif type(value) not in EXACT.get(hint, ()):
        yield f" is {value!r:.60}, and not {getattr(hint, '__name__', hint)}"


def _all(value: Any) -> Iterator[Record]:
    """A record and those inside of it."""
    if isinstance(value, Record):
        yield value
        names = [name for name in hints_of(type(value)) if plain(name) in value]
        for inner in [getattr(value, name) for name in names] or list(value.values()):
            yield from _all(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _all(inner)
