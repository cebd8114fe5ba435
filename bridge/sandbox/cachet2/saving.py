"""Cachet 2's rows to and from a dump."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.cachet2.sheets import SHEETS
from bridge.sandbox.cachet2.world import World
from bridge.sandbox.dump.sheets import read_objects


def write_world(world: World) -> dict[str, Any]:
    """All tables as JSON."""
    return {sheet.name: sheet.write_table(getattr(world, sheet.name)) for sheet in SHEETS}


def read_world(raw: Any, where: str) -> World:
    """A world of its own with these rows; raises BrokenDump."""
    world = World()
    for name, part in read_objects(SHEETS, raw, where).items():
        part.fill(getattr(world, name))
    return world
