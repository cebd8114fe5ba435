"""Rows in memory with ids that count up and are never used again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


class Table:
    """One kind of row, in the order of insertion.

    Args:
        by: columns by which rows are found quickly (:meth:`of`); they must not change later.
    """

    def __init__(self, by: Sequence[str] = ()) -> None:
        self._rows: dict[int, Row] = {}
        self._last = 0
        self._by = tuple(by)
        self._index: dict[tuple[Any, ...], dict[int, Row]] = {}

    @property
    def last_id(self) -> int:
        """The id that was given last."""
        return self._last

    def add(self, values: Mapping[str, Any]) -> Row:
        """Insert a row under the next id; the row is given back and is live."""
        self._last += 1
        row = {"id": self._last, **values}
        self._rows[self._last] = row
        if self._by:
            self._index.setdefault(self._key(row), {})[self._last] = row
        return row

    def _key(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in self._by)

    def of(self, *values: Any) -> list[Row]:
        """The rows with these values in the ``by`` columns, by id."""
        return list(self._index.get(values, {}).values())

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
        row = self._rows.pop(number, None)
        if row is not None and self._by:
            self._index[self._key(row)].pop(number, None)

    def all_rows(self) -> list[Row]:
        """All rows, soft-deleted ones included, by id."""
        return list(self._rows.values())

    def refill(self, rows: Iterable[Row], last_id: int) -> None:
        """Replace everything: rows with their ids, by id, and the id that was given last."""
        self._rows = {row["id"]: row for row in rows}
        self._last = last_id
        self._index = {}
        if self._by:
            for number, row in self._rows.items():
                self._index.setdefault(self._key(row), {})[number] = row

    def __iter__(self) -> Iterator[Row]:
        """All rows that are not soft-deleted, by id."""
        return (row for row in self._rows.values() if row.get("deleted_at") is None)
