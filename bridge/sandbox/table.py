"""Rows in memory with ids that count up and are never used again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Row = dict[str, Any]


class Table:
    """One kind of row, in the order of insertion."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._last = 0

    def add(self, values: Mapping[str, Any]) -> Row:
        """Insert a row under the next id; the row is given back and is live."""
        self._last += 1
        row = {"id": self._last, **values}
        self._rows[self._last] = row
        return row

    def burn_id(self) -> None:
        """Use up an id without a row, as a rolled-back insert does."""
        self._last += 1

    def get(self, number: int) -> Row | None:
        """The row with this id, soft-deleted ones included."""
        return self._rows.get(number)

    def live(self, number: int) -> Row | None:
        """The row with this id unless it is soft-deleted."""
        row = self._rows.get(number)
        return None if row is None or row.get("deleted_at") is not None else row

    def remove(self, number: int) -> None:
        """Delete a row for good."""
        self._rows.pop(number, None)

    def __iter__(self) -> Iterator[Row]:
        """All rows that are not soft-deleted, by id."""
        return (row for row in self._rows.values() if row.get("deleted_at") is None)
