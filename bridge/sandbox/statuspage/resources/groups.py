"""Component groups."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.statuspage.fields import Field, ids, read_fields, text
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route
from bridge.sandbox.statuspage.membership import forget_group, set_members
from bridge.sandbox.statuspage.objects import Group
from bridge.sandbox.statuspage.paging import PER_PAGE
from bridge.sandbox.statuspage.views import show_group
from bridge.sandbox.statuspage.world import World

FIELDS = (
    Field("name", text(), required=True),
    Field("components", ids, required=True),
    Field("description", text()),
)
"""All inside ``component_group``, also the description, which the spec puts beside it (clients that were tested against
the service send it inside and read it back). The spec wants name and components on updates too."""


def list_groups(world: World, call: Call) -> Reply:
    """All groups by position."""
    groups = sorted(world.groups.values(), key=lambda group: group.position)
    return Reply(200, [show_group(group) for group in PER_PAGE.cut(call, groups)])


def create_group(world: World, call: Call) -> Reply:
    """A new group of at least one component."""
    values = _read(world, call)
    now = world.now()
    group = Group(world.new_id(), values["name"], now, now, world.next_position(None), values.get("description"))
    world.groups[group.id] = group
    set_members(world, group, values["components"])
    world.commit("component_group", group.id, "created", show_group(group))
    return Reply(201, show_group(group))


def get_group(world: World, call: Call) -> Reply:
    """One group."""
    return Reply(200, show_group(world.group(call.args["id"])))


def patch_group(world: World, call: Call) -> Reply:
    """Rename a group and replace its members."""
    group = world.group(call.args["id"])
    values = _read(world, call)
    set_members(world, group, values["components"])
    group.name = values["name"]
    if "description" in values:
        group.description = values["description"]
    group.updated_at = world.now()
    world.commit("component_group", group.id, "updated", show_group(group))
    return Reply(200, show_group(group))


def delete_group(world: World, call: Call) -> Reply:
    """Delete a group; its members stay, without a group. Answers 200 with what it was."""
    group = world.group(call.args["id"])
    shown = show_group(group)
    forget_group(world, group)
    return Reply(200, shown)


def _read(world: World, call: Call) -> dict[str, Any]:
    values = read_fields(FIELDS, call.wrapped("component_group"), form=call.form, creating=True)
    unknown = [id for id in values["components"] if id not in world.components]
    if unknown:
        raise Refusal(422, [("components", f"contains unknown components: {', '.join(unknown)}")])
    if not values["components"]:
        raise Refusal(422, [("components", "can't be blank")])
    return values


_ALL = "/pages/{page_id}/component-groups"
ROUTES = (
    Route("GET", _ALL, list_groups),
    Route("POST", _ALL, create_group),
    Route("GET", _ALL + "/{id}", get_group),
    Route("PATCH PUT", _ALL + "/{id}", patch_group),
    Route("DELETE", _ALL + "/{id}", delete_group),
)
