"""The Statuspage world to and from a dump."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.sheets import Part, read_objects
from bridge.sandbox.statuspage.objects import Component, Group, Incident, Postmortem, Update
from bridge.sandbox.statuspage.sheets import PLAIN_TABLES, SHEETS
from bridge.sandbox.statuspage.world import PAGE_ID, Row, World


def write_world(world: World) -> dict[str, Any]:
    """All objects as JSON."""
    return {sheet.name: sheet.write(_gather(world, sheet.name)) for sheet in SHEETS}


def _gather(world: World, name: str) -> Iterable[Any]:
    """The objects of a kind, with what the dump has on the object itself."""
    gather: Callable[[World], Iterable[Any]] | None = _GATHERED.get(name)
    return gather(world) if gather else world.table(name).values()


def _components(world: World) -> list[Row]:
    return [{**vars(c), "history": world.history.get(c.id, [])} for c in world.components.values()]


def _updates(world: World) -> list[Row]:
    return [{**vars(u), "incident_id": i.id} for i in world.incidents.values() for u in i.updates]


def _postmortems(world: World) -> list[Row]:
    return [{**vars(i.postmortem), "id": i.id} for i in world.incidents.values() if i.postmortem is not None]


_GATHERED: Mapping[str, Callable[[World], Iterable[Any]]] = {
    "page": lambda world: [world.page],
    "embed": lambda world: [{**world.embed, "id": PAGE_ID}],
    "component_groups": lambda world: world.groups.values(),
    "components": _components,
    "incidents": lambda world: world.incidents.values(),
    "incident_updates": _updates,
    "postmortems": _postmortems,
    "removed_subscribers": lambda world: world.removed_subscribers,
    "page_access_users": lambda world: [
        {"subscribe_to_components": None, **row} for row in world.table("page_access_users").values()
    ],
    "permissions": lambda world: [{"id": id, **row} for id, row in world.table("permissions").items()],
}


def read_world(raw: Any, where: str, world: World) -> None:
    """Fill a world of its own with what was written; raises BrokenDump."""
    found = read_objects(SHEETS, raw, where)
    world.page = _only(found["page"], f"{where}.page")
    embed = _only(found["embed"], f"{where}.embed")
    world.embed = {name: value for name, value in embed.items() if name != "id"}
    world.groups = {row["id"]: Group(**row) for row in found["component_groups"].rows}
    for row in found["components"].rows:
        world.history[row["id"]] = row.pop("history")
        world.components[row["id"]] = Component(**row)
    _check_membership(world, where)
    _read_incidents(found, where, world)
    for name in PLAIN_TABLES:
        world.tables[name] = {row["id"]: row for row in found[name].rows}
    world.tables["permissions"] = {row["id"]: {"pages": row["pages"]} for row in found["permissions"].rows}
    world.removed_subscribers = found["removed_subscribers"].rows


def _read_incidents(found: Mapping[str, Part], where: str, world: World) -> None:
    world.incidents = {row["id"]: Incident(**row) for row in found["incidents"].rows}
    for row in found["incident_updates"].rows:
        world.incidents[row.pop("incident_id")].updates.append(Update(**row))
    for row in found["postmortems"].rows:
        incident = world.incidents[row.pop("id")]
        incident.postmortem = Postmortem(**row)
    for number, incident in enumerate(world.incidents.values()):
        if not incident.updates:
            raise BrokenDump(f"{where}.incidents.rows[{number}]", "has no incident_updates, and must have one")


def _only(part: Part, where: str) -> Row:
    """The one row of a kind that there is once."""
    if len(part.rows) != 1 or part.rows[0]["id"] != PAGE_ID:
        raise BrokenDump(f"{where}.rows", f"must be one row with the id {PAGE_ID!r}")
    return part.rows[0]


def _check_membership(world: World, where: str) -> None:
    """Components name their group, groups their members: both must say the same."""
    told = [(group.id, id) for group in world.groups.values() for id in group.member_ids]
    for number, component in enumerate(world.components.values()):
        if [group for group, id in told if id == component.id] != [component.group_id] * bool(component.group_id):
            place = f"{where}.components.rows[{number}].group_id"
            raise BrokenDump(place, f"{component.group_id!r} is not the group whose member_ids name this component")
