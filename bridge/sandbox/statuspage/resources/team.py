"""People of the organisation and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sandbox.statuspage.collection import Collection, show_times
from bridge.sandbox.statuspage.fields import Field, text
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route
from bridge.sandbox.statuspage.world import ORGANIZATION_ID, PAGE_ID, Row, World

ROLES = ("page_configuration", "incident_manager", "maintenance_manager")


def _show(_world: World, row: Row) -> dict[str, Any]:
    return show_times(row, "id", "organization_id", "email", "first_name", "last_name", "created_at", "updated_at")


USERS = Collection(
    table="users",
    kind="user",
    wrapper="user",
    arg="user_id",
    fields=(
        Field("email", text(), required=True),
        Field("password", text()),
        Field("first_name", text()),
        Field("last_name", text()),
    ),
    changeable=(),
    show=_show,
)


def create_user(world: World, call: Call) -> Reply:
    """A new person, with access to no page; the password is not kept."""
    values = USERS.read_new(call)
    if any(row["email"].lower() == values["email"].lower() for row in USERS.rows(world).values()):
        raise Refusal(422, [("email", "has already been taken")])
    names = {name: values.get(name) for name in ("email", "first_name", "last_name")}
    row = USERS.add(world, {"organization_id": ORGANIZATION_ID, **names})
    world.table("permissions")[row["id"]] = {"pages": {}}
    return Reply(201, _show(world, row))


def delete_user(world: World, call: Call) -> Reply:
    """Remove a person."""
    reply = USERS.remove(world, call)
    world.table("permissions").pop(call.args["user_id"], None)
    return reply


def get_permissions(world: World, call: Call) -> Reply:
    """What a person may do, by page."""
    return Reply(200, _show_permissions(world, USERS.find(world, call)["id"]))


def put_permissions(world: World, call: Call) -> Reply:
    """Replace the permissions: a page that is left out is lost."""
    user = USERS.find(world, call)
    pages = call.bare().get("pages", {})
    if not isinstance(pages, Mapping) or not all(isinstance(roles, Mapping) for roles in pages.values()):
        raise Refusal(400, [("pages", "must map page ids to roles")])
    if any(id != PAGE_ID for id in pages):
        raise Refusal(404, [("", "not found")])
    kept = {id: {role: bool(roles[role]) for role in ROLES if role in roles} for id, roles in pages.items()}
    world.table("permissions")[user["id"]] = {"pages": kept}
    shown = _show_permissions(world, user["id"])
    world.commit("permissions", user["id"], "updated", shown)
    return Reply(200, shown)


def _show_permissions(world: World, user_id: str) -> dict[str, Any]:
    return {"data": {"user_id": user_id, "pages": world.table("permissions")[user_id]["pages"]}}


_USERS = "/organizations/{organization_id}/users"
_PERMISSIONS = "/organizations/{organization_id}/permissions/{user_id}"
ROUTES = (
    Route("GET", _USERS, USERS.answer_list),
    Route("POST", _USERS, create_user),
    Route("DELETE", _USERS + "/{user_id}", delete_user),
    Route("GET", _PERMISSIONS, get_permissions),
    Route("PUT", _PERMISSIONS, put_permissions),
)
