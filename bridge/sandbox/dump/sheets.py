"""One kind of object in a dump: its columns, and how its rows are written and read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import TEXT, WHOLE, Column, Moment, Sight, get, read_columns
from bridge.sandbox.table import Row, Table

COUNTED = WHOLE
"""Ids that count up."""
DRAWN = TEXT
"""Ids that are drawn by lot."""
_STAMPED = "created_at"
_TO_THE_SECOND = len("2026-03-04T05:06:07")
_UNTOLD = "when it was made"


@dataclass(frozen=True)
class Part:
    """All objects of one kind.

    Attributes:
        rows: their values, ids included, in their order.
        last_id: the id that was given last; None where ids are drawn.
    """

    rows: list[Row]
    last_id: int | None = None

    def fill(self, table: Table) -> None:
        """Put the rows into a table."""
        table.refill(self.rows, self.last_id or 0)


@dataclass(frozen=True)
class Sheet:
    """One kind of object.

    Attributes:
        name: of the kind, in the plural, as in the dump.
        id: column of its ids.
        columns: all other columns, in the order of the dump.
        known_by: columns by which the same object is recognised in another dump when ids do not count.
    """

    name: str
    id: Column
    columns: Mapping[str, Column]
    known_by: tuple[str, ...] = ("name",)

    @property
    def all_columns(self) -> dict[str, Column]:
        """The columns with the id in front."""
        return {"id": self.id, **self.columns}

    def look(self, name: str, row: Mapping[str, Any], sight: Sight) -> Any:
        """What a comparison sees of one written value; a time that nobody told is known by the server's own beside it.

        Args:
            name: of the column.
            row: the object as it was written.
            sight: what counts.
        """
        column = self.all_columns[name]
        stamped = sight.times == "told" and isinstance(column, Moment) and column.told and self._is_stamp(name, row)
        return column.look(_UNTOLD if stamped else row[name], sight)

    def _is_stamp(self, name: str, row: Mapping[str, Any]) -> bool:
        beside = self.columns.get(_STAMPED)
        if row[name] is None or not isinstance(beside, Moment) or beside.told or row[_STAMPED] is None:
            return False
        return str(row[name])[:_TO_THE_SECOND] == str(row[_STAMPED])[:_TO_THE_SECOND]

    def write(self, items: Iterable[Any], last_id: int | None = None) -> dict[str, Any]:
        """Objects of this kind as JSON, in their order."""
        columns = self.all_columns
        rows = [{name: column.write(get(item, name)) for name, column in columns.items()} for item in items]
        return {"rows": rows} if last_id is None else {"last_id": last_id, "rows": rows}

    def write_table(self, table: Table) -> dict[str, Any]:
        """A table as JSON; soft-deleted rows are rows."""
        return self.write(table.all_rows(), table.last_id)

    def read(self, raw: Any, where: str) -> Part:
        """The objects of what was written.

        Raises:
            BrokenDump: a row lacks a value, has one too many, or one of another type; its id cannot be.
        """
        heads: dict[str, Column] = {"last_id": WHOLE} if self.id is COUNTED else {}
        part = read_columns({**heads, "rows": Column()}, raw, where)
        if not isinstance(part["rows"], list):
            raise BrokenDump(f"{where}.rows", f"must be a list of objects, not {part['rows']!r:.60}")
        columns = self.all_columns
        rows = [read_columns(columns, item, f"{where}.rows[{number}]") for number, item in enumerate(part["rows"])]
        last_id: int | None = part.get("last_id")
        _check_ids(rows, last_id, where)
        return Part(rows, last_id)


def _check_ids(rows: Sequence[Row], last_id: int | None, where: str) -> None:
    """Ids occur once; those that count up do so in the order of the rows."""
    seen: set[Any] = set()
    before = 0
    for number, row in enumerate(rows):
        place = f"{where}.rows[{number}].id"
        if row["id"] in seen:
            raise BrokenDump(place, f"{row['id']!r} is there twice")
        seen.add(row["id"])
        if last_id is not None:
            if not before < row["id"] <= last_id:
                raise BrokenDump(place, f"{row['id']} does not lie between the id before, {before}, and last_id")
            before = row["id"]


def read_objects(sheets: Iterable[Sheet], raw: Any, where: str) -> dict[str, Part]:
    """All objects of one provider.

    Args:
        sheets: its kinds.
        raw: what was written.
        where: its path.

    Raises:
        BrokenDump: a value is wrong, or refers to an object that is not there.
    """
    kinds = {sheet.name: sheet for sheet in sheets}
    parts = read_columns(dict.fromkeys(kinds, Column()), raw, where)
    found = {name: sheet.read(parts[name], f"{where}.{name}") for name, sheet in kinds.items()}
    ids = {name: {row["id"] for row in part.rows} for name, part in found.items()}
    for name, sheet in kinds.items():
        for number, row in enumerate(raw[name]["rows"]):
            for column_name, column in sheet.all_columns.items():
                path = f"{where}.{name}.rows[{number}].{column_name}"
                for place, referred, id in column.referred(row[column_name], path):
                    if not any(id in ids[kind] for kind in referred):
                        raise BrokenDump(place, f"there is no object of {' or '.join(referred)} with the id {id!r}")
    return found
