"""Which component is in which group. It can be written from both sides; a group without members does not exist."""

from __future__ import annotations

from bridge.sandbox.statuspage.objects import Component, Group
from bridge.sandbox.statuspage.world import World


def move_to_group(world: World, component: Component, group_id: str | None) -> None:
    """Put a component at the end of a group, or of the top level."""
    if component.group_id == group_id:
        return
    leave_group(world, component)
    component.position = world.next_position(group_id)
    component.group_id = group_id
    if group_id is not None:
        world.groups[group_id].member_ids.append(component.id)


def leave_group(world: World, component: Component) -> None:
    """Take a component out of its group; the group vanishes with its last member."""
    if component.group_id is None:
        return
    group = world.groups[component.group_id]
    group.member_ids.remove(component.id)
    component.group_id = None
    if not group.member_ids:
        forget_group(world, group)


def set_members(world: World, group: Group, wanted: list[str]) -> None:
    """Replace a group's members, in the given order; those left out go to the top level."""
    for id in [id for id in group.member_ids if id not in wanted]:
        component = world.components[id]
        group.member_ids.remove(id)
        component.group_id = None
        component.position = world.next_position(None)
    for position, id in enumerate(wanted, start=1):
        component = world.components[id]
        if component.group_id not in (None, group.id):
            leave_group(world, component)
        component.group_id = group.id
        component.position = position
    group.member_ids = list(wanted)


def forget_group(world: World, group: Group) -> None:
    """Remove a group; what is left of its members goes to the top level."""
    for id in group.member_ids:
        component = world.components[id]
        component.group_id = None
        component.position = world.next_position(None)
    del world.groups[group.id]
    for incident in world.incidents.values():
        if group.id in incident.component_ids:
            incident.component_ids.remove(group.id)
    world.commit("component_group", group.id, "deleted", None)


def drop_component(world: World, component: Component) -> None:
    """Remove a component everywhere; updates keep the rows that name it."""
    leave_group(world, component)
    del world.components[component.id]
    world.history.pop(component.id, None)
    for incident in world.incidents.values():
        if component.id in incident.component_ids:
            incident.component_ids.remove(component.id)
