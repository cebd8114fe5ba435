"""Components, which share their list with group rows, and who may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.sandbox.statuspage.fields import Field, choice, day, flag, ids, read_fields, text
from bridge.sandbox.statuspage.hooks import send_component
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route
from bridge.sandbox.statuspage.membership import drop_component, move_to_group
from bridge.sandbox.statuspage.objects import Component
from bridge.sandbox.statuspage.paging import COMPONENTS
from bridge.sandbox.statuspage.tables import COMPONENT_STATUSES
from bridge.sandbox.statuspage.views import show_component, show_group_row
from bridge.sandbox.statuspage.world import World

FIELDS = (
    Field("name", text(), required=True),
    Field("description", text()),
    Field("status", choice(COMPONENT_STATUSES), nullable=False),
    Field("group_id", text()),
    Field("showcase", flag, nullable=False),
    Field("only_show_if_degraded", flag, nullable=False),
    Field("start_date", day),
)


def list_components(world: World, call: Call) -> Reply:
    """Components and group rows, in the order of the page: groups before their members."""
    return Reply(200, COMPONENTS.cut(call, in_page_order(world)))


def in_page_order(world: World) -> list[dict[str, Any]]:
    """Top level by position, each group row followed by its members."""
    top: list[tuple[int, list[dict[str, Any]]]] = []
    for component in world.components.values():
        if component.group_id is None:
            top.append((component.position, [show_component(component)]))
    for group in world.groups.values():
        members = [show_component(world.components[id]) for id in group.member_ids]
        top.append((group.position, [show_group_row(world, group), *members]))
    return [row for _, rows in sorted(top, key=lambda item: item[0]) for row in rows]


def create_component(world: World, call: Call) -> Reply:
    """A new component at the end of its container; names need not be unique."""
    values = read_fields(FIELDS, call.wrapped("component"), form=call.form, creating=True)
    group_id = _wanted_group(world, values)
    now = world.now()
    component = Component(
        id=world.new_id(),
        name=values["name"],
        created_at=now,
        updated_at=now,
        automation_email=f"component+{world.new_hex(32)}@notifications.statuspage.io",
        position=world.next_position(None),
        description=values.get("description"),
        showcase=values.get("showcase", True),
        only_show_if_degraded=values.get("only_show_if_degraded", False),
        start_date=values.get("start_date", now.date()),
    )
    world.components[component.id] = component
    world.history[component.id] = [(now, component.status)]
    world.set_status(component, values.get("status", component.status), now)
    if group_id:
        move_to_group(world, component, group_id)
    world.commit("component", component.id, "created", show_component(component))
    return Reply(201, show_component(component))


def get_component(world: World, call: Call) -> Reply:
    """One component, or a group row by the group's id."""
    id = call.args["component_id"]
    if id in world.groups:
        return Reply(200, show_group_row(world, world.groups[id]))
    return Reply(200, show_component(world.component(id)))


def patch_component(world: World, call: Call) -> Reply:
    """Change a component. A status change alone makes no incident and mails nobody; webhooks are told."""
    component = world.component(call.args["component_id"])
    values = read_fields(FIELDS, call.wrapped("component"), form=call.form, creating=False)
    if "group_id" in values:
        move_to_group(world, component, _wanted_group(world, values))
    now, old = world.now(), component.status
    if "status" in values:
        world.set_status(component, values["status"], now)
    for name in ("name", "description", "showcase", "only_show_if_degraded", "start_date"):
        if name in values:
            setattr(component, name, values[name])
    component.updated_at = now
    world.commit("component", component.id, "updated", show_component(component))
    if component.status != old:
        send_component(world, component, old)
    return Reply(200, show_component(component))


def delete_component(world: World, call: Call) -> Reply:
    """Delete a component; a group whose last member goes, goes too."""
    component = world.component(call.args["component_id"])
    drop_component(world, component)
    world.commit("component", component.id, "deleted", None)
    return Reply(204)


def _wanted_group(world: World, values: dict[str, Any]) -> str | None:
    """The group id of a body; null and the string ``"null"`` both mean none."""
    wanted: str | None = values.get("group_id")
    if wanted in (None, "", "null"):
        return None
    if wanted not in world.groups:
        raise Refusal(422, [("group_id", "is not a component group of this page")])
    return wanted


@dataclass(frozen=True)
class AccessList:
    """One of the two lists of a component that say who may see it. POST adds, DELETE empties."""

    attribute: str
    body_name: str
    table: str

    def add(self, world: World, call: Call) -> Reply:
        """Add the ids of the body; the group variant has no body in the spec and accepts none."""
        component = world.component(call.args["component_id"])
        field = Field(self.body_name, ids, required=self.table == "page_access_users")
        wanted = read_fields([field], call.bare(), form=call.form, creating=True).get(self.body_name, [])
        world.check_rows(self.body_name, self.table, wanted)
        present = getattr(component, self.attribute)
        present.extend(id for id in wanted if id not in present)
        return self._done(world, component, 201)

    def empty(self, world: World, call: Call) -> Reply:
        """Remove all."""
        component = world.component(call.args["component_id"])
        getattr(component, self.attribute).clear()
        return self._done(world, component, 200)

    def _done(self, world: World, component: Component, status: int) -> Reply:
        shown = show_component(component)
        world.commit("component", component.id, "updated", shown)
        return Reply(status, shown)


USERS = AccessList("access_user_ids", "page_access_user_ids", "page_access_users")
GROUPS = AccessList("access_group_ids", "page_access_group_ids", "page_access_groups")

_ALL = "/pages/{page_id}/components"
_ONE = _ALL + "/{component_id}"
ROUTES = (
    Route("GET", _ALL, list_components),
    Route("POST", _ALL, create_component),
    Route("GET", _ONE, get_component),
    Route("PATCH PUT", _ONE, patch_component),
    Route("DELETE", _ONE, delete_component),
    Route("POST", _ONE + "/page_access_users", USERS.add),
    Route("DELETE", _ONE + "/page_access_users", USERS.empty),
    Route("POST", _ONE + "/page_access_groups", GROUPS.add),
    Route("DELETE", _ONE + "/page_access_groups", GROUPS.empty),
)
