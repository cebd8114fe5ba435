"""Page access users and groups: who sees which component and metric of an audience-specific page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bridge.sandbox.statuspage.collection import Collection, show_times
from bridge.sandbox.statuspage.fields import Field, flag, ids, read_fields, text
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route, not_found
from bridge.sandbox.statuspage.paging import PER_PAGE
from bridge.sandbox.statuspage.resources.metrics import METRICS
from bridge.sandbox.statuspage.views import show_listed
from bridge.sandbox.statuspage.world import PAGE_ID, Row, World

_USER_FIELDS = (
    Field("external_login", text()),
    Field("email", text()),
    Field("page_access_group_ids", ids, nullable=False),
    Field("subscribe_to_components", flag, nullable=False),
)
_GROUP_FIELDS = (
    Field("name", text(), required=True),
    Field("external_identifier", text()),
    Field("component_ids", ids, nullable=False),
    Field("metric_ids", ids, nullable=False),
    Field("page_access_user_ids", ids, nullable=False),
)


def _show_user(world: World, row: Row) -> dict[str, Any]:
    groups = [group["id"] for group in world.table("page_access_groups").values() if _belongs(row, group)]
    return {
        **show_times(row, "id", "email", "external_login", "created_at", "updated_at"),
        "page_id": PAGE_ID,
        "page_access_group_id": groups[0] if groups else None,
        "page_access_group_ids": groups,
    }


def _belongs(user: Row, group: Row) -> bool:
    return user["id"] in group["page_access_user_ids"]


def _show_group(_world: World, row: Row) -> dict[str, Any]:
    names = ("page_access_user_ids", "external_identifier", "metric_ids", "component_ids")
    return {
        **show_times(row, "id", "name", "created_at", "updated_at"),
        "page_id": PAGE_ID,
        **{name: row[name] for name in names},
    }


USERS = Collection(
    "page_access_users",
    "page_access_user",
    "page_access_user",
    "page_access_user_id",
    _USER_FIELDS,
    _USER_FIELDS,
    _show_user,
)
GROUPS = Collection(
    "page_access_groups",
    "page_access_group",
    "page_access_group",
    "page_access_group_id",
    _GROUP_FIELDS,
    _GROUP_FIELDS,
    _show_group,
)


def list_users(world: World, call: Call) -> Reply:
    """All access users, or the one with an email."""
    wanted = call.query.get("email")
    found = [row for row in USERS.rows(world).values() if not wanted or row["email"] == wanted]
    return Reply(200, [_show_user(world, row) for row in PER_PAGE.cut(call, found)])


def create_user(world: World, call: Call) -> Reply:
    """A new access user. Of all creations this one answers 200; a second one with the same login or email is a 409."""
    values = USERS.read_new(call)
    if not values.get("email") and not values.get("external_login"):
        raise Refusal(422, [("email", "can't be blank")])
    for name in ("email", "external_login"):
        if values.get(name) and any(row[name] == values[name] for row in USERS.rows(world).values()):
            raise Refusal(409, [(name, "has already been taken")])
    groups = values.pop("page_access_group_ids", [])
    world.check_rows("page_access_group_ids", GROUPS.table, groups)
    row = USERS.add(world, {"email": None, "external_login": None, **values, "component_ids": [], "metric_ids": []})
    _join(world, row, groups)
    return Reply(200, _show_user(world, row))


def change_user(world: World, call: Call) -> Reply:
    """Change an access user. The spec shows no body here; one in the wrapper is taken."""
    row = USERS.find(world, call)
    if call.body:
        values = read_fields(_USER_FIELDS, call.wrapped("page_access_user"), form=call.form, creating=False)
        groups = values.pop("page_access_group_ids", None)
        if groups is not None:
            world.check_rows("page_access_group_ids", GROUPS.table, groups)
            _join(world, row, groups)
        row.update(values)
    return USERS.touch(world, row)


def delete_user(world: World, call: Call) -> Reply:
    """Delete an access user; 204."""
    _join(world, USERS.find(world, call), [])
    USERS.remove(world, call)
    return Reply(204)


def _join(world: World, user: Row, group_ids: list[str]) -> None:
    for group in GROUPS.rows(world).values():
        if _belongs(user, group) and group["id"] not in group_ids:
            group["page_access_user_ids"].remove(user["id"])
        elif not _belongs(user, group) and group["id"] in group_ids:
            group["page_access_user_ids"].append(user["id"])


def create_group(world: World, call: Call) -> Reply:
    """A new access group."""
    values = GROUPS.read_new(call)
    _check_group(world, values)
    empty: Row = {"external_identifier": None, "component_ids": [], "metric_ids": [], "page_access_user_ids": []}
    return Reply(201, _show_group(world, GROUPS.add(world, empty | values)))


def change_group(world: World, call: Call) -> Reply:
    """Change an access group; lists replace the former ones."""
    row = GROUPS.find(world, call)
    values = read_fields(_GROUP_FIELDS, call.wrapped("page_access_group"), form=call.form, creating=False)
    _check_group(world, values)
    row.update(values)
    return GROUPS.touch(world, row)


def _check_group(world: World, values: Row) -> None:
    world.check_listed("component_ids", values.get("component_ids", []))
    world.check_rows("metric_ids", "metrics", values.get("metric_ids", []))
    world.check_rows("page_access_user_ids", USERS.table, values.get("page_access_user_ids", []))


@dataclass(frozen=True)
class AccessList:
    """A list of ids on an access user or group. PATCH and PUT add to it, POST replaces it: the reverse of habit."""

    owner: Collection
    name: str
    arg: str
    may_be_absent: bool = False
    """Whether PATCH and PUT accept a body without the list (the spec says so for groups)."""

    def show(self, world: World, call: Call) -> Reply:
        """The listed objects themselves, as far as they still exist."""
        row = self.owner.find(world, call)
        if self.name == "metric_ids":
            metrics = [world.table("metrics")[id] for id in row[self.name] if id in world.table("metrics")]
            return Reply(200, [METRICS.show(world, metric) for metric in PER_PAGE.cut(call, metrics)])
        there = [id for id in row[self.name] if id in world.components or id in world.groups]
        return Reply(200, [show_listed(world, id) for id in PER_PAGE.cut(call, there)])

    def add(self, world: World, call: Call) -> Reply:
        """Add ids."""
        row = self.owner.find(world, call)
        wanted = self._read(world, call, required=not self.may_be_absent)
        row[self.name] = list(dict.fromkeys([*row[self.name], *(wanted or [])]))
        return self.owner.touch(world, row)

    def replace(self, world: World, call: Call) -> Reply:
        """Set the list; 201."""
        row = self.owner.find(world, call)
        row[self.name] = self._read(world, call, required=True)
        return Reply(201, self.owner.touch(world, row).payload)

    def subtract(self, world: World, call: Call) -> Reply:
        """Take ids out; without a list all of them."""
        row = self.owner.find(world, call)
        gone = self._read(world, call, required=False)
        row[self.name] = [] if gone is None else [id for id in row[self.name] if id not in gone]
        return self.owner.touch(world, row)

    def drop_one(self, world: World, call: Call) -> Reply:
        """Take one id out."""
        row = self.owner.find(world, call)
        if call.args[self.arg] not in row[self.name]:
            raise not_found()
        row[self.name].remove(call.args[self.arg])
        return self.owner.touch(world, row)

    def routes(self, path: str) -> tuple[Route, ...]:
        """The six operations."""
        return (
            Route("GET", path, self.show),
            Route("POST", path, self.replace),
            Route("PATCH PUT", path, self.add),
            Route("DELETE", path, self.subtract),
            Route("DELETE", f"{path}/{{{self.arg}}}", self.drop_one),
        )

    def _read(self, world: World, call: Call, *, required: bool) -> list[str] | None:
        field = Field(self.name, ids, required=required)
        wanted: list[str] | None = read_fields([field], call.bare(), form=call.form, creating=True).get(self.name)
        if self.name == "metric_ids":
            world.check_rows(self.name, "metrics", wanted or [])
        else:
            world.check_listed(self.name, wanted or [])
        return wanted


_USERS = "/pages/{page_id}/page_access_users"
_USER = _USERS + "/{page_access_user_id}"
_GROUPS = "/pages/{page_id}/page_access_groups"
_GROUP = _GROUPS + "/{page_access_group_id}"
ROUTES = (
    Route("GET", _USERS, list_users),
    Route("POST", _USERS, create_user),
    Route("GET", _USER, USERS.answer_one),
    Route("PATCH PUT", _USER, change_user),
    Route("DELETE", _USER, delete_user),
    *AccessList(USERS, "component_ids", "component_id").routes(_USER + "/components"),
    *AccessList(USERS, "metric_ids", "metric_id").routes(_USER + "/metrics"),
    Route("GET", _GROUPS, GROUPS.answer_list),
    Route("POST", _GROUPS, create_group),
    Route("GET", _GROUP, GROUPS.answer_one),
    Route("PATCH PUT", _GROUP, change_group),
    Route("DELETE", _GROUP, GROUPS.remove),
    *AccessList(GROUPS, "component_ids", "component_id", may_be_absent=True).routes(_GROUP + "/components"),
)
