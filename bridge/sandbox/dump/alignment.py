"""Which object of one dump is which of another where ids do not tell: what says the same, then what is known alike."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bridge.sandbox.dump.columns import LEFT_OUT, Column, Id, Reference, Sight
from bridge.sandbox.dump.sheets import Sheet

Rows = Sequence[Mapping[str, Any]]


class Alignment:
    """The pairs of one provider's objects, found kind by kind in the order of the sheets.

    Args:
        sight: what counts.
        sheets: the kinds, those that others are known by first.
        left: written rows by kind.
        right: those of the other dump.
    """

    def __init__(
        self, sight: Sight, sheets: Sequence[Sheet], left: Mapping[str, Rows], right: Mapping[str, Rows]
    ) -> None:
        self._partners: dict[str, dict[Id, Id]] = {}
        self._left_ids = {kind: {row["id"] for row in rows} for kind, rows in left.items()}
        sides = (
            _Side(sheets, left, replace(sight, partner=self.of_left)),
            _Side(sheets, right, replace(sight, partner=self.of_right)),
        )
        for sheet in sheets:
            self._partners[sheet.name] = _pair(sheet, *sides)

    def partner(self, kind: str, id: Id) -> Id | None:
        """Id in the right dump of an object of the left one; None where there is none."""
        return self._partners[kind].get(id)

    def of_left(self, kinds: tuple[str, ...], id: Id) -> Any:
        """A reference of the left dump in ids of the right one; one that leads nowhere stays as it is."""
        if any(kind not in self._partners for kind in kinds):
            return LEFT_OUT
        found = (self._partners[kind][id] for kind in kinds if id in self._partners[kind])
        is_alone = any(id in self._left_ids[kind] for kind in kinds)
        return next(found, f"{id} of the left" if is_alone else id)

    def of_right(self, kinds: tuple[str, ...], id: Id) -> Any:
        """A reference of the right dump."""
        return LEFT_OUT if any(kind not in self._partners for kind in kinds) else id


class _Side:
    """One of the two dumps.

    Args:
        sheets: the kinds.
        rows: written rows by kind.
        sight: what counts, with references in the ids of the right dump.
    """

    def __init__(self, sheets: Sequence[Sheet], rows: Mapping[str, Rows], sight: Sight) -> None:
        self._sheets = sheets
        self._sight = sight
        self.rows = rows

    def everything(self, sheet: Sheet) -> dict[Id, str]:
        """What each object says, and what those say that belong to it, such as the updates of an incident."""
        whole = self.own(sheet)
        belongings: dict[Id, list[str]] = defaultdict(list)
        for child in self._sheets:
            for name in (name for name in child.known_by if _leads_to(child.all_columns[name], sheet)):
                said = self.own(child)
                for row in self.rows[child.name]:
                    if row[name] in whole:
                        belongings[row[name]].append(said[row["id"]])
        return {id: json.dumps([text, belongings[id]]) for id, text in whole.items()}

    def own(self, sheet: Sheet) -> dict[Id, str]:
        """What each object says."""
        names = sheet.all_columns if isinstance(sheet.id, Reference) else sheet.columns
        return self._said(sheet, tuple(names))

    def known_by(self, sheet: Sheet) -> dict[Id, str]:
        """What each object is known by."""
        return self._said(sheet, sheet.known_by)

    def _said(self, sheet: Sheet, names: Sequence[str]) -> dict[Id, str]:
        return {
            row["id"]: self._text(sheet.look(name, row, self._sight) for name in names) for row in self.rows[sheet.name]
        }

    @staticmethod
    def _text(looked: Iterable[Any]) -> str:
        return json.dumps([value for value in looked if value is not LEFT_OUT])


def _leads_to(column: Column, sheet: Sheet) -> bool:
    return isinstance(column, Reference) and column.kinds == (sheet.name,)


def _pair(sheet: Sheet, left: _Side, right: _Side) -> dict[Id, Id]:
    """Equal objects first, then those that are equal but for what belongs to them, then known ones; each in order."""
    found: dict[Id, Id] = {}
    for look in (_Side.everything, _Side.own, _Side.known_by):
        mine, others = look(left, sheet), look(right, sheet)
        taken = set(found.values())
        waiting: dict[str, list[Id]] = defaultdict(list)
        for id, text in reversed(others.items()):
            if id not in taken:
                waiting[text].append(id)
        for id, text in mine.items():
            if id not in found and waiting[text]:
                found[id] = waiting[text].pop()
    return found
