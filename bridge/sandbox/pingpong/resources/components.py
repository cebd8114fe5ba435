"""Components and component groups."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.pingpong.fields import Field, Wrong, choice, flag, read_fields, read_text, text
from bridge.sandbox.pingpong.http import Call, Reply, Resource
from bridge.sandbox.pingpong.objects import Component, Group
from bridge.sandbox.pingpong.resources import listed, resets
from bridge.sandbox.pingpong.tables import (
    COLOURS,
    COMPONENT_STATUSES,
    DESCRIPTION_LIMIT,
    NAME_LIMIT,
    REFERENCE_LIMIT,
)
from bridge.sandbox.pingpong.views import show_component, show_group
from bridge.sandbox.pingpong.world import World

GROUP_FIELDS = (
    text("name", NAME_LIMIT, required=True),
    text("description", DESCRIPTION_LIMIT, blank=True, nullable=True, default=None),
)


def status_field(world: World, **options: Any) -> Field:
    """The base status; null is allowed by the documentation, which does not say what it means."""
    return choice("status", COMPONENT_STATUSES, nullable=world.settings.null_status, **options)


def component_fields(world: World) -> tuple[Field, ...]:
    """What can be written on a component. The group is an id here and an object on read."""

    def read_group(value: Any) -> str:
        id = read_text(value, REFERENCE_LIMIT)
        if id not in world.groups:
            raise Wrong(f"Object with id={id} does not exist.")
        return id

    return (
        text("name", NAME_LIMIT, required=True),
        Field("group", read_group, nullable=True, default=None, kind="field", info={"max_length": REFERENCE_LIMIT}),
        text("description", DESCRIPTION_LIMIT, blank=True, nullable=True, default=None),
        status_field(world, default="Unknown"),
        flag("showcased", default=False),
    )


def list_components(world: World, call: Call) -> Reply:
    """All components."""
    return listed(world, call, [show_component(world, component) for component in world.components.values()])


def create_component(world: World, call: Call) -> Reply:
    """A new component."""
    values = _known_status(read_fields(component_fields(world), call.read(), creating=True))
    component = Component(world.new_id(), created_at=world.now(), **values)
    world.components[component.id] = component
    return _done(world, component, "created", 201)


def get_component(world: World, call: Call) -> Reply:
    """One component."""
    return Reply(200, show_component(world, _component(world, call)))


def update_component(world: World, call: Call) -> Reply:
    """Change a component. The status written is the base status; the one answered is the effective one."""
    component = _component(world, call)
    fields = component_fields(world)
    values = read_fields(fields, call.read(), creating=False, resetting=resets(world, call))
    for name, value in _known_status(values).items():
        setattr(component, name, value)
    return _done(world, component, "updated", 200)


def update_status(world: World, call: Call) -> Reply:
    """Set only the base status; the answer has three fields."""
    component = _component(world, call)
    values = read_fields([status_field(world, required=True)], call.read(), creating=True)
    component.status = _known_status(values)["status"]
    world.commit("component", component.id, "updated", _row(world, component))
    status = world.effective(component)
    return Reply(200, {"id": component.id, "status": status, "status_color": COLOURS[status]})


def _component(world: World, call: Call) -> Component:
    return world.find(world.components, call.args["id"], "Component")


def _known_status(values: dict[str, Any]) -> dict[str, Any]:
    if "status" in values and values["status"] is None:
        return values | {"status": "Unknown"}
    return values


def _row(world: World, component: Component) -> dict[str, Any]:
    return show_component(world, component) | {"base_status": component.status}


def _done(world: World, component: Component, event: Any, status: int) -> Reply:
    world.commit("component", component.id, event, _row(world, component))
    return Reply(status, show_component(world, component))


def list_groups(world: World, call: Call) -> Reply:
    """All groups."""
    return listed(world, call, [show_group(world, group) for group in world.groups.values()])


def create_group(world: World, call: Call) -> Reply:
    """A new group without members."""
    values = read_fields(GROUP_FIELDS, call.read(), creating=True)
    group = Group(world.new_id(), created_at=world.now(), **values)
    world.groups[group.id] = group
    world.commit("component_group", group.id, "created", show_group(world, group))
    return Reply(201, show_group(world, group))


def get_group(world: World, call: Call) -> Reply:
    """One group."""
    return Reply(200, show_group(world, world.find(world.groups, call.args["id"], "ComponentGroup")))


def update_group(world: World, call: Call) -> Reply:
    """Rename or describe a group."""
    group = world.find(world.groups, call.args["id"], "ComponentGroup")
    values = read_fields(GROUP_FIELDS, call.read(), creating=False, resetting=resets(world, call))
    for name, value in values.items():
        setattr(group, name, value)
    world.commit("component_group", group.id, "updated", show_group(world, group))
    return Reply(200, show_group(world, group))


RESOURCES = (
    Resource("/components", {"GET": list_components, "POST": create_component}, "Component List", component_fields),
    Resource(
        "/components/{id}", {"GET": get_component, "UPDATE": update_component}, "Component Instance", component_fields
    ),
    Resource(
        "/components/{id}/status",
        {"UPDATE": update_status},
        "Component Status",
        lambda world: (status_field(world, required=True),),
    ),
    Resource(
        "/component-groups", {"GET": list_groups, "POST": create_group}, "Component Group List", lambda _: GROUP_FIELDS
    ),
    Resource(
        "/component-groups/{id}",
        {"GET": get_group, "UPDATE": update_group},
        "Component Group Instance",
        lambda _: GROUP_FIELDS,
    ),
)
