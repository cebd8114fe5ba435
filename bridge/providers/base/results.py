"""What a call answers: one small frozen value, for objects of any kind and any provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, tzinfo
from typing import Any, NoReturn

from bridge.providers.base.moments import moment_of


class Record(dict[str, Any]):
    """One object as a provider shows it: a mapping that cannot be changed, with its fields as attributes too.

    ``record.name`` and ``record["name"]`` are the same; a field that is called like a method of a mapping (``items``)
    is reached by ``record["items"]`` only. Objects inside come as records by attribute and as they are by key.
    ``record | {"name": "new"}`` is a plain dict to go on with.

    Args:
        row: the fields.
        raw: the object exactly as the provider sent it, where that differs.
    """

    __slots__ = ("_raw",)

    def __init__(self, row: Mapping[str, Any], raw: Mapping[str, Any] | None = None) -> None:
        super().__init__(row)
        self._raw = row if raw is None else raw

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Record:
        """The record that :meth:`to_dict` was asked of.

        Raises:
            TypeError: it is no mapping.
        """
        if not isinstance(row, Mapping):
            raise TypeError(f"a record is made from a mapping, not from {type(row).__name__}")
        return cls(deepcopy(dict(row)))

    @classmethod
    def from_json(cls, text: str | bytes) -> Record:
        """The record that was stored as JSON.

        Raises:
            TypeError: the JSON is no object.
            ValueError: it is no JSON.
        """
        return cls.from_dict(json.loads(text))

    @classmethod
    def list_from_json(cls, text: str | bytes) -> list[Record]:
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

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return _as_records(self[name])
        raise AttributeError(f"this record has no {name!r}; it has {', '.join(map(str, self)) or 'nothing'}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __repr__(self) -> str:
        return f"Record({dict(self)!r})"

    def __reduce__(self) -> tuple[type[Record], tuple[dict[str, Any], Mapping[str, Any]]]:
        return Record, (dict(self), self._raw)

    def _frozen(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a record cannot be changed: take to_dict(), or send the change with update()")

    __setitem__ = __delitem__ = _frozen
    update = clear = setdefault = pop = popitem = __ior__ = _frozen


def _as_records(value: Any) -> Any:
    if isinstance(value, dict):
        return Record(value)
    if isinstance(value, list):
        return [_as_records(item) for item in value]
    return value
