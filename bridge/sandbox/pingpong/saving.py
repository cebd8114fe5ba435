"""The PingPong world to and from a dump."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.dump.sheets import read_objects
from bridge.sandbox.pingpong.objects import Component, CustomMetric, Group, Incident, Maintenance, Metric, Update
from bridge.sandbox.pingpong.sheets import SHEETS
from bridge.sandbox.pingpong.world import World


def write_world(world: World) -> dict[str, Any]:
    """All objects as JSON."""
    updates = [{**vars(u), "incident_id": i.id} for i in world.incidents.values() for u in i.updates]
    return {
        sheet.name: sheet.write(updates if sheet.name == "updates" else getattr(world, sheet.name).values())
        for sheet in SHEETS
    }


def read_world(raw: Any, where: str, world: World) -> None:
    """Fill a world of its own with what was written; raises BrokenDump."""
    found = {name: part.rows for name, part in read_objects(SHEETS, raw, where).items()}
    world.groups = {row["id"]: Group(**row) for row in found["groups"]}
    world.components = {row["id"]: Component(**row) for row in found["components"]}
    world.incidents = {row["id"]: Incident(**row) for row in found["incidents"]}
    for row in found["updates"]:
        world.incidents[row.pop("incident_id")].updates.append(Update(**row))
    world.maintenances = {row["id"]: Maintenance(**row) for row in found["maintenances"]}
    world.metrics = {row["id"]: Metric(**row) for row in found["metrics"]}
    world.custom_metrics = {row["id"]: CustomMetric(**row) for row in found["custom_metrics"]}
