"""The declared part of the simpler resources: list, read, change and delete rows of one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bridge.sandbox.statuspage.fields import Field, read_fields
from bridge.sandbox.statuspage.http import Call, Reply
from bridge.sandbox.statuspage.paging import PER_PAGE, Paging
from bridge.sandbox.statuspage.times import seconds
from bridge.sandbox.statuspage.world import Row, World


def show_times(row: Row, *names: str) -> dict[str, Any]:
    """The named values of a row, times as text."""
    return {name: seconds(row[name]) if isinstance(row[name], datetime) else row[name] for name in names}


@dataclass(frozen=True)
class Collection:
    """One resource of plain rows.

    Attributes:
        table: name of its table in the world.
        kind: what its rows are called in the journal.
        wrapper: name of the object around the body.
        arg: name of its path parameter.
        fields: what may be written when a row is made.
        changeable: what may be written later.
        show: a row as it is answered.
        paging: how the list is cut; None for lists that are always whole.
    """

    table: str
    kind: str
    wrapper: str
    arg: str
    fields: tuple[Field, ...]
    changeable: tuple[Field, ...]
    show: Callable[[World, Row], dict[str, Any]]
    paging: Paging | None = PER_PAGE

    def rows(self, world: World) -> dict[str, Row]:
        """All rows by id."""
        return world.table(self.table)

    def find(self, world: World, call: Call) -> Row:
        """The row that the path names, or the 404."""
        return world.row(self.table, call.args[self.arg])

    def read_new(self, call: Call) -> dict[str, Any]:
        """The checked values for a new row."""
        return read_fields(self.fields, call.wrapped(self.wrapper), form=call.form, creating=True)

    def add(self, world: World, values: Row) -> Row:
        """Store a new row with id and times."""
        now = world.now()
        row = {"id": world.new_id(), **values, "created_at": now, "updated_at": now}
        self.rows(world)[row["id"]] = row
        world.commit(self.kind, row["id"], "created", self.show(world, row))
        return row

    def touch(self, world: World, row: Row) -> Reply:
        """Note a change and answer the row."""
        row["updated_at"] = world.now()
        shown = self.show(world, row)
        world.commit(self.kind, row["id"], "updated", shown)
        return Reply(200, shown)

    def answer_list(self, world: World, call: Call) -> Reply:
        """All rows, in order of creation."""
        rows = list(self.rows(world).values())
        shown = self.paging.cut(call, rows) if self.paging else rows
        return Reply(200, [self.show(world, row) for row in shown])

    def answer_one(self, world: World, call: Call) -> Reply:
        """One row."""
        return Reply(200, self.show(world, self.find(world, call)))

    def change(self, world: World, call: Call) -> Reply:
        """Change the named fields of a row."""
        row = self.find(world, call)
        row.update(read_fields(self.changeable, call.wrapped(self.wrapper), form=call.form, creating=False))
        return self.touch(world, row)

    def remove(self, world: World, call: Call) -> Reply:
        """Delete a row; answers 200 with what it was."""
        row = self.find(world, call)
        shown = self.show(world, row)
        del self.rows(world)[row["id"]]
        world.commit(self.kind, row["id"], "deleted", None)
        return Reply(200, shown)
