"""What is different between two dumps: the proof that two rehearsals of a migration came to the same result."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from bridge.sandbox.dump.alignment import Alignment
from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import LEFT_OUT, Ids, Sight, Times
from bridge.sandbox.dump.document import Document, check_head
from bridge.sandbox.dump.saved import read_parts
from bridge.sandbox.dump.sheets import Sheet, read_objects

_HOME = "bridge.sandbox.{}.sheets"
_HEADS = ("settings", "seed", "random")
"""Parts of a provider beside its objects. What is used up of a rate budget is not compared."""


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        provider: name of the provider.
        kind: of the object in the plural, such as ``incidents``; ``settings``, ``seed`` and ``random`` are no objects.
        id: of the object in the left dump, in the right one where it is only there; None for a kind as a whole.
        field: name of the value; None when the object is in one dump only, ``order`` and ``last_id`` of a whole kind.
        left: the value, or the whole object.
        right: the same in the other dump.
    """

    provider: str
    kind: str
    id: int | str | None
    field: str | None
    left: Any
    right: Any

    def to_json(self) -> dict[str, Any]:
        """As an object."""
        return asdict(self)


def compare(left: Document, right: Document, *, ids: Ids = "exact", times: Times = "exact") -> list[Difference]:
    """All differences, by provider, kind and object.

    Args:
        left: a dump.
        right: another one. Providers that are in one of them only are not compared.
        ids: ``exact``, or ``aligned``: the same object may have another id, and generators are not compared.
        times: ``exact``, ``told`` (what the server stamps does not count) or ``ignored``.

    Raises:
        BrokenDump: one of them is no dump, or they have no provider in common.
    """
    sides = _providers(left, "left"), _providers(right, "right")
    common = [name for name in sides[0] if name in sides[1]]
    if not common:
        raise BrokenDump("", "the two dumps have no provider in common, so there is nothing to compare")
    sight = Sight(ids, times)
    return [found for name in common for found in _compare_provider(name, sides[0][name], sides[1][name], sight)]


def _providers(document: Document, side: str) -> Mapping[str, Any]:
    """The providers of a dump with their parts; every value of their objects has been looked at."""
    try:
        providers = check_head(document)["providers"]
        return {name: _parts(name, saved) for name, saved in providers.items()}
    except BrokenDump as broken:
        raise BrokenDump(broken.where, f"{broken.problem} (in the {side} dump)") from broken


def _parts(name: str, saved: Any) -> dict[str, Any]:
    parts = read_parts(saved, f"providers.{name}")
    read_objects(sheets_of(name), parts["objects"], f"providers.{name}.objects")
    return parts


def sheets_of(provider: str) -> tuple[Sheet, ...]:
    """The kinds of a provider; raises BrokenDump for one that is not known."""
    try:
        return cast("tuple[Sheet, ...]", importlib.import_module(_HOME.format(provider)).SHEETS)
    except ModuleNotFoundError:
        raise BrokenDump(f"providers.{provider}", "is no provider of the sandbox") from None


def _compare_provider(
    name: str, left: Mapping[str, Any], right: Mapping[str, Any], sight: Sight
) -> Iterator[Difference]:
    for part in _HEADS if sight.ids == "exact" else ("settings",):
        mine, other = left[part], right[part]
        if part == "settings":
            for field in dict.fromkeys([*mine, *other]):
                if mine.get(field) != other.get(field):
                    yield Difference(name, part, None, field, mine.get(field), other.get(field))
        elif mine != other:
            values = (mine, other) if part == "seed" else (_short(mine), _short(other))
            yield Difference(name, part, None, None, *values)
    sheets = sheets_of(name)
    aligned = _align(sheets, sight, left["objects"], right["objects"])
    for sheet in sheets:
        yield from _Kind(name, sheet, aligned, sight).differences(
            left["objects"][sheet.name], right["objects"][sheet.name]
        )


def _short(state: str) -> str:
    """A generator's state in a form that can be told from others at a glance."""
    return hashlib.sha256(str(state).encode()).hexdigest()[:12]


def _align(
    sheets: Sequence[Sheet], sight: Sight, left: Mapping[str, Any], right: Mapping[str, Any]
) -> Alignment | None:
    if sight.ids == "exact":
        return None
    rows = [{name: part["rows"] for name, part in objects.items()} for objects in (left, right)]
    return Alignment(sight, sheets, rows[0], rows[1])


@dataclass(frozen=True)
class _Kind:
    """The comparison of one kind."""

    provider: str
    sheet: Sheet
    aligned: Alignment | None
    sight: Sight

    def differences(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Difference]:
        """Between all objects of the kind."""
        others = {row["id"]: row for row in right["rows"]}
        order = []
        for row in left["rows"]:
            id = row["id"] if self.aligned is None else self.aligned.partner(self.sheet.name, row["id"])
            other = others.pop(id, None)
            if other is None:
                yield self._difference(row["id"], None, row, None)
            else:
                order.append(row["id"])
                yield from self._fields(row, other)
        for row in others.values():
            yield self._difference(row["id"], None, None, row)
        if self.aligned is None:
            there = set(order)
            yield from self._differ("order", order, [row["id"] for row in right["rows"] if row["id"] in there])
            yield from self._differ("last_id", left.get("last_id"), right.get("last_id"))

    def _fields(self, left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[Difference]:
        for name in self.sheet.columns:
            if self._look(name, left, mine=True) != self._look(name, right, mine=False):
                yield self._difference(left["id"], name, left[name], right[name])

    def _look(self, name: str, row: Mapping[str, Any], *, mine: bool) -> Any:
        sight = self.sight
        if self.aligned is not None:
            sight = replace(sight, partner=self.aligned.of_left if mine else self.aligned.of_right)
        found = self.sheet.look(name, row, sight)
        return None if found is LEFT_OUT else _in_order(found)

    def _differ(self, field: str, left: Any, right: Any) -> Iterator[Difference]:
        if left != right:
            yield self._difference(None, field, left, right)

    def _difference(self, id: Any, field: str | None, left: Any, right: Any) -> Difference:
        return Difference(self.provider, self.sheet.name, id, field, left, right)


def _in_order(value: Any) -> Any:
    """A value that differs from another one also where only the order of keys does, and 1 from true and 1.0."""
    if isinstance(value, dict):
        return ("object", [(key, _in_order(item)) for key, item in value.items()])
    if isinstance(value, list):
        return ("list", [_in_order(item) for item in value])
    return (type(value).__name__, value)
