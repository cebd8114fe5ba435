"""Collects what one row of a provider becomes on its way to a canonical object, and what could not be understood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey, Seen
from bridge.model.loss import Loss, Losses
from bridge.model.objects import Origin
from bridge.providers.base.mapping import Mapping

E = TypeVar("E", bound=StrEnum)

Identify = Callable[[Kind, str, datetime | None], str]
"""The canonical id of a remote object. Arguments: its kind, its remote id, when it began (None where nothing tells)."""


class Reading:
    """One row on its way to a canonical object: ids, enums, what came as it was, and the losses.

    Args:
        mapping: the provider's words.
        source: name of the source that the row was read from.
        kind: of the object.
        seen: the row.
        identify: gives the canonical id of a remote object.
    """

    def __init__(self, mapping: Mapping, source: str, kind: Kind, seen: Seen, identify: Identify) -> None:
        self.id = identify(kind, seen.remote_id, seen.at)
        self.row = seen.raw
        self._mapping = mapping
        self._source = source
        self._remote_id = seen.remote_id
        self._key = str(ObjectKey(kind, self.id))
        self._identify = identify
        self._raw: dict[str, Any] = {}
        self._losses: dict[Loss, None] = {}

    @property
    def losses(self) -> Losses:
        """Everything that was noted, each once."""
        return tuple(self._losses)

    def lose(self, field: str, had: str, became: str, why: str) -> None:
        """Note what a canonical object has no place for."""
        self._losses[Loss(self._key, field, had, became, why)] = None

    def other(self, kind: Kind, remote_id: object, at: datetime | None = None) -> str:
        """The canonical id of another object that the row names."""
        return self._identify(kind, str(remote_id), at)

    def word(self, enum: type[E], value: Any, field: str | None = None) -> E:
        """What a provider's value means; one that the tables do not know is noted, and means the cautious one.

        Args:
            enum: the canonical enum.
            value: as the provider sent it.
            field: the provider's name of the field, when the value is to be written back as it came.
        """
        surprise = self._mapping.table(enum).surprise(value, self._key)
        if surprise is not None:
            self._losses[surprise] = None
        if field is not None:
            self._raw[field] = value
        return self._mapping.of(enum, value)

    def keep(self, *fields: str) -> None:
        """Keep the provider's own fields that have no canonical counterpart, where the row has them."""
        self._raw.update({name: self.row[name] for name in fields if name in self.row})

    def put(self, name: str, value: Any) -> None:
        """Keep a value that stands in the row in another shape, under a name of its own."""
        self._raw[name] = value

    def part(self, remote_id: object, **raw: Any) -> Origin:
        """Where a part of the object came from, such as one of its updates, with the values that it came with."""
        return Origin(self._source, str(remote_id), raw, self._mapping.provider)

    def origin(self) -> Origin:
        """Where the object came from, with everything that was kept."""
        return Origin(self._source, self._remote_id, dict(self._raw), self._mapping.provider)
