"""What a call answers: one small frozen value; each kind of object has a class that declares its fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, NoReturn, Self

from bridge.providers.base.declared import Field, fields_of, plain
from bridge.providers.base.moments import moment_of

_UNDECLARED = Field()


class Record(dict[str, Any]):
    """One object as a provider shows it: a mapping that cannot be changed, with its fields as attributes too.

    ``record.name`` and ``record["name"]`` are the same; a field that is called like a method of a mapping (``items``)
    is reached by ``record["items"]`` only. Objects inside come as records by attribute and as they are by key.
    ``record | {"name": "new"}`` is a plain dict to go on with.

    A subclass declares fields as annotations, for type checkers and editors; see :mod:`bridge.providers.base.declared`.
    A declared field that may be null is None also where the provider leaves it out, which providers do with what has no
    value; ``"name" in record`` tells. Any other field that is not there is an AttributeError.

    Args:
        row: the fields.
        raw: the object exactly as the provider sent it, where that differs.
    """

    __slots__ = ("_raw",)
    _raw: Mapping[str, Any]

    def __init__(self, row: Mapping[str, Any], raw: Mapping[str, Any] | None = None) -> None:
        super().__init__(row)
        object.__setattr__(self, "_raw", row if raw is None else raw)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The record that :meth:`to_dict` was asked of.

        Raises:
            TypeError: it is no mapping.
        """
        if not isinstance(row, Mapping):
            raise TypeError(f"a record is made from a mapping, not from {type(row).__name__}")
        return cls(deepcopy(dict(row)))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The record that was stored as JSON.

        Raises:
            TypeError: the JSON is no object.
            ValueError: it is no JSON.
        """
        return cls.from_dict(json.loads(text))

    @classmethod
    def list_from_json(cls, text: str | bytes) -> list[Self]:
        """The records that were stored as one JSON array.

        Raises:
            TypeError: the JSON is no array of objects.
            ValueError: it is no JSON.
        """
        rows = json.loads(text)
        if not isinstance(rows, list):
            raise TypeError(f"a list of records is made from a JSON array, not from {type(rows).__name__}")
        return [cls.from_dict(row) for row in rows]

    @property
    def id(self) -> str:
        """The id as text, which is how calls take it; ``record["id"]`` is as the provider sent it."""
        if "id" not in self:
            raise AttributeError("this record has no id")
        return str(self["id"])

    @property
    def raw(self) -> dict[str, Any]:
        """A copy of the object exactly as the provider sent it."""
        return deepcopy(dict(self._raw))

    def moment(self, field: str, zone: tzinfo = UTC) -> datetime | None:
        """A field as a moment in UTC, to the second; None when it holds none.

        Args:
            field: such as ``created_at``.
            zone: of a time that names none.
        """
        return moment_of(self.get(field), zone)

    def to_dict(self) -> dict[str, Any]:
        """A plain copy, all the way down, that can be changed and stored as JSON."""
        return deepcopy(dict(self))

    if not TYPE_CHECKING:
        # Not for type checkers: they are to know the declared fields, and a misspelt one.
        def __getattr__(self, name: str) -> Any:
            return self._field(name)

    def _field(self, name: str) -> Any:
        key = plain(name)
        if key in self:
            value = self[key]
            if not isinstance(value, dict | list):
                return value
            return _as_records(value, fields_of(type(self)).get(key, _UNDECLARED))
        declared = fields_of(type(self)).get(key, _UNDECLARED)
        if declared.nullable:
            return None
        why = "; it comes only when the call asks for it" if declared.asked else ""
        has = ", ".join(map(str, self)) or "nothing"
        raise AttributeError(f"this {type(self).__name__} has no {name!r}{why}; it has {has}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"

    def __reduce__(self) -> tuple[type[Record], tuple[dict[str, Any], Mapping[str, Any]]]:
        return type(self), (dict(self), self._raw)

    def _frozen(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a record cannot be changed: take to_dict(), or send the change with update()")

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _frozen
    update = clear = setdefault = pop = popitem = __ior__ = _frozen


def _as_records(value: Any, field: Field) -> Any:
    """A value with what it holds as the records that are declared for it."""
    record: Any = field.record or Record
    if not field.keyed:
        return _in_records(value, record)
    # A mapping with the keys 0, 1, … comes as a list from PHP, and so does an empty one (Cachet 2 and 3, measured).
    held = value if isinstance(value, dict) else {str(place): inner for place, inner in enumerate(value)}
    return Record(held if field.record is None else {key: _in_records(inner, record) for key, inner in held.items()})


def _in_records(value: Any, record: Any) -> Any:
    if isinstance(value, dict):
        return record(value)
    if isinstance(value, list):
        return [_in_records(item, record) for item in value]
    return value
