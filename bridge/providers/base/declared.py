"""What a record class declares about its fields, read from its annotations once for each class.

::

    class Incident(Record):
        id: str
        resolved_at: str | None                    # null, or left out: None either way
        updates: Asked[list[IncidentUpdate]]       # only there when the call asks for it
        metadata: Mapping[str, Any] | None

A field called like a word of Python has an underscore behind its name: ``global_`` is the field ``global``.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

ASKED = "asked"
Asked = Annotated[T, ASKED]
"""What an answer holds only when it was asked for, with ``include`` or the like."""


@dataclass(frozen=True, slots=True)
class Field:
    """A declared field.

    Attributes:
        record: class of the records in it; None when it holds none.
        keyed: whether it is a mapping of what it holds, under keys that are no fields.
        nullable: whether it may be null or left out.
        asked: whether it is only there when it was asked for.
    """

    record: type[dict[str, Any]] | None = None
    keyed: bool = False
    nullable: bool = False
    asked: bool = False


@lru_cache(maxsize=1024)
def fields_of(record: type) -> Mapping[str, Field]:
    """The fields that a class declares, with those it inherits, by the names they have in the provider's answers."""
    hints = get_type_hints(record, include_extras=True)
    return types.MappingProxyType({plain(name): _field(hint) for name, hint in hints.items() if name[0] != "_"})


def plain(name: str) -> str:
    """The field behind an attribute."""
    bare = name.removesuffix("_")
    return bare if bare != name and iskeyword(bare) else name


def unasked(hint: Any) -> tuple[Any, bool]:
    """A hint without the mark of what must be asked for, and whether it had one."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        return inner, ASKED in marks
    return hint, False


def choices(hint: Any) -> tuple[Any, ...]:
    """What a hint lets a value be: the members of a union, or the hint alone."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _field(hint: Any) -> Field:
    whole, asked = unasked(hint)
    found = choices(whole)
    return Field(
        record=next((part for part in within(whole) if isinstance(part, type) and _is_record(part)), None),
        keyed=any(get_origin(each) is Mapping for each in found),
        nullable=types.NoneType in found,
        asked=asked,
    )


def within(hint: Any) -> Iterator[Any]:
    """A hint and every hint inside of it."""
    yield hint
    for inner in get_args(hint):
        yield from within(inner)


def _is_record(part: type) -> bool:
    # All records are mappings of their own; asked this way, this module need not know their base class.
    return issubclass(part, dict) and part is not dict
