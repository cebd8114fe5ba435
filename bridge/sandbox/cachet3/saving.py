"""Cachet 3's rows to and from a dump."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.cachet3.sheets import SHEETS, with_parent, with_parents
from bridge.sandbox.cachet3.world import World
from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.sheets import Part, read_objects
from bridge.sandbox.table import Row


def write_world(world: World) -> dict[str, Any]:
    """All tables as JSON, that of the listeners without its rows."""
    return {sheet.name: sheet.write(_rows(world, sheet.name), getattr(world, sheet.name).last_id) for sheet in SHEETS}


def _rows(world: World, name: str) -> list[Row]:
    if name == "webhooks":
        return []
    rows: list[Row] = getattr(world, name).all_rows()
    return with_parents(rows) if name == "updates" else rows


def read_world(raw: Any, where: str) -> World:
    """A world of its own with these rows; raises BrokenDump."""
    world = World()
    found = read_objects(SHEETS, raw, where)
    _check_parents(found["updates"], f"{where}.updates")
    found["updates"] = Part(with_parent(found["updates"].rows), found["updates"].last_id)
    for name, part in found.items():
        part.fill(getattr(world, name))
    return world


def _check_parents(updates: Part, where: str) -> None:
    """An update has one parent; that of an incident has a status, too."""
    for number, row in enumerate(updates.rows):
        place = f"{where}.rows[{number}]"
        if (row["incident_id"] is None) is (row["schedule_id"] is None):
            raise BrokenDump(place, "must have either an incident_id or a schedule_id")
        if row["incident_id"] is not None and row["status"] not in range(5):
            raise BrokenDump(f"{place}.status", f"must be one of 0, 1, 2, 3, 4, not {row['status']!r}")
