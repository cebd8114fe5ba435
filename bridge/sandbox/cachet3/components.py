"""Components and component groups."""

from __future__ import annotations

from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3 import sight
from bridge.sandbox.cachet3.answers import missing
from bridge.sandbox.cachet3.call import Call, find
from bridge.sandbox.cachet3.checks import (
    ARRAY,
    BOOLEAN,
    INTEGER,
    NOT_NEGATIVE,
    STRING,
    URL,
    WIDTH,
    Field,
    Rule,
    check,
    exists,
    one_of,
)  # fmt: skip
from bridge.sandbox.cachet3.commit import commit
from bridge.sandbox.cachet3.documents import Builder
from bridge.sandbox.cachet3.listing import answer_list
from bridge.sandbox.cachet3.narrow import check_widths
from bridge.sandbox.cachet3.words import COMPONENT
from bridge.sandbox.cachet3.world import component_row, group_row
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row, Table

NAME = Field((STRING, WIDTH))
REQUIRED_NAME = Field((STRING, WIDTH), required=True)
FLAG = Field((BOOLEAN,))
META = Field((ARRAY,), nullable=True)
STATUS = one_of(COMPONENT)
_ORDER_COLUMNS = ("id", "last_updated", "name", "manual", "status")


def known_in(table: Table) -> Rule:
    """An id of the table, soft-deleted rows included."""
    return exists(lambda value: php.is_int(value) and table.get(php.to_int(value)) is not None)


def _component_fields(call: Call, name: Field) -> dict[str, Field]:
    return {
        "name": name, "description": Field((STRING,)), "status": Field((STATUS,)), "link": Field((STRING, URL)),
        "order": Field((INTEGER, NOT_NEGATIVE)), "enabled": FLAG,
        "component_group_id": Field((INTEGER, known_in(call.world.groups))), "meta": META,
    }  # fmt: skip


def _component_values(call: Call) -> dict[str, Any]:
    values = call.sent("name", "description", "link")
    for key in ("status", "order"):
        values.update({k: php.to_int(v) for k, v in call.sent(key).items()})
    if "enabled" in call.input:
        values["enabled"] = php.to_bool(call.input["enabled"])
    if call.input.get("component_group_id") is not None:
        values["group_id"] = php.to_int(call.input["component_group_id"])
    return values


def meta_of(value: Any) -> dict[str, Any]:
    """Metadata as it is kept: a list becomes keys 0, 1, …"""
    return value if isinstance(value, dict) else {str(i): item for i, item in enumerate(value)}


def list_components(call: Call) -> Any:
    """Only enabled ones unless asked otherwise, for tokens too; guests never see disabled ones.

    Guests get those without a group first: the order in which the database finds the two halves of their view.
    """
    rows = [c for c in call.world.components if sight.component_alone(call, c)]
    if call.guest:
        rows.sort(key=lambda c: c["group_id"] or 0)
    return answer_list(call, "component", rows, {"enabled": "true"} if call.settings.meta else None)


def get_component(call: Call, number: str) -> Any:
    """One component."""
    row = find(call.world.components, number, "Component")
    if not sight.component_alone(call, row):
        raise missing("Component", number)
    return Builder(call, "component").single(row)


def create_component(call: Call) -> Any:
    """Without a status it is unknown (5), which shows as a problem."""
    check(call.input, _component_fields(call, REQUIRED_NAME))
    call.need("components.manage")
    check_widths(call)
    row = component_row(call.input["name"], call.now)
    row.update(_component_values(call))
    if call.input.get("meta") is not None:
        row["meta"] = meta_of(call.input["meta"])
    row = call.world.components.add(row)
    commit(call, "component", row, "created")
    return Builder(call, "component").single(row)


def update_component(call: Call, number: str) -> Any:
    """Partial; what was set once cannot be cleared."""
    row = find(call.world.components, number, "Component")
    check(call.input, _component_fields(call, NAME))
    call.need("components.manage")
    check_widths(call)
    save(row, _component_values(call), call.now)
    replace_meta(call, row)
    commit(call, "component", row, "updated")
    return Builder(call, "component").single(row)


def replace_meta(call: Call, row: Row) -> None:
    """The whole set is replaced; null and absence leave it. The row's ``updated`` does not move."""
    if call.input.get("meta") is not None:
        row["meta"] = meta_of(call.input["meta"])


def delete_component(call: Call, number: str) -> None:
    """Soft; the impacts that name it stay behind unseen."""
    row = find(call.world.components, number, "Component")
    call.need("components.delete")
    row["deleted_at"] = call.now
    commit(call, "component", row, "deleted")


def _group_fields(call: Call, name: Field) -> dict[str, Field]:
    def needs_direction(values: Any) -> bool:
        column = values.get("order_column")
        return column is not None and column != "manual"

    fields = {
        "name": name, "order": Field((INTEGER, NOT_NEGATIVE)), "visible": FLAG,
        "collapsed": Field((one_of((0, 1, 2)),)), "order_column": Field((one_of(_ORDER_COLUMNS),)),
        "order_direction": Field((one_of(("asc", "desc")),), required_if=needs_direction, nullable=True),
        "components": Field((ARRAY,)), "meta": META,
    }  # fmt: skip
    members = call.input.get("components")
    count = len(members) if isinstance(members, list) else 0
    item = Field((INTEGER, known_in(call.world.components)))
    return {**fields, **{f"components.{i}": item for i in range(count)}}


def _group_values(call: Call) -> dict[str, Any]:
    values = call.sent("name", "order_column", "order_direction")
    for key in ("order", "visible", "collapsed"):
        values.update({k: php.to_int(v) for k, v in call.sent(key).items()})
    return values


def list_groups(call: Call) -> Any:
    """Those that the caller may see."""
    return answer_list(call, "group", [g for g in call.world.groups if sight.group(call, g)])


def get_group(call: Call, number: str) -> Any:
    """One group."""
    row = find(call.world.groups, number, "ComponentGroup")
    if not sight.group(call, row):
        raise missing("ComponentGroup", number)
    return Builder(call, "group").single(row)


def create_group(call: Call) -> Any:
    """Hidden from guests unless ``visible`` is sent; the answer shows null for what the database fills in."""
    check(call.input, _group_fields(call, REQUIRED_NAME))
    call.need("component-groups.manage")
    values = _group_values(call)
    row = call.world.groups.add(group_row(values.pop("name"), call.now, **values))
    replace_meta(call, row)
    _move_in(call, row)
    commit(call, "group", row, "created")
    unset = {key: None for key in ("order", "collapsed", "visible") if key not in values}
    return Builder(call, "group").single(row, unset)


def update_group(call: Call, number: str) -> Any:
    """Partial."""
    row = find(call.world.groups, number, "ComponentGroup")
    check(call.input, _group_fields(call, NAME))
    call.need("component-groups.manage")
    save(row, _group_values(call), call.now)
    replace_meta(call, row)
    _move_in(call, row)
    commit(call, "group", row, "updated")
    return Builder(call, "group").single(row)


def _move_in(call: Call, row: Row) -> None:
    """``components`` only adds members; those that are not listed stay."""
    for number in call.input.get("components") or ():
        component = call.world.components.live(php.to_int(number))
        if component is not None:
            save(component, {"group_id": row["id"]}, call.now)


def delete_group(call: Call, number: str) -> None:
    """Hard; its members become ungrouped."""
    row = find(call.world.groups, number, "ComponentGroup")
    call.need("component-groups.delete")
    call.world.groups.remove(row["id"])
    for component in call.world.components:
        if component["group_id"] == row["id"]:
            component["group_id"] = None
    commit(call, "group", row, "deleted")
