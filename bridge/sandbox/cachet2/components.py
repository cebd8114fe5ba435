"""Components and component groups."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2 import shapes
from bridge.sandbox.cachet2.answers import ApiError
from bridge.sandbox.cachet2.call import Call, find
from bridge.sandbox.cachet2.commit import commit
from bridge.sandbox.cachet2.listing import Listable, answer_list
from bridge.sandbox.cachet2.world import component_row
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row

COMPONENTS = Listable(
    ("id", "name", "status", "order", "group_id", "enabled"), ("id", "name", "status", "group_id", "enabled")
)
GROUPS = Listable(("id", "name", "order", "collapsed", "visible"), ("id", "name", "collapsed", "visible"), ascends=True)

_RULES = {
    "name": ("string",), "description": ("string",), "status": ("int", "min:0", "max:4"), "link": ("url",),
    "order": ("int",), "group_id": ("int",), "enabled": ("bool",), "meta": ("array",),
}  # fmt: skip
_MODEL_RULES = {"name": ("required", "string"), "status": ("required", "int"), "link": ("url",)}
_OLD_RULES = {"name": ("required", "string"), "link": ("url",)}


def list_components(call: Call) -> Any:
    """Guests see enabled ones only; ``tags`` narrows the list unless a filter makes it a column."""
    rows = [row for row in call.world.components if row["enabled"] or call.user]
    wanted = call.query.get("tags")
    if wanted and not call.old and not any(key in COMPONENTS.filters for key in call.query):
        slugs = {str(slug).casefold() for slug in (wanted if isinstance(wanted, list) else [wanted])}
        rows = [row for row in rows if slugs & set(shapes.tags(call, row))]
    return answer_list(call, rows, COMPONENTS, shapes.component)


def get_component(call: Call, number: str) -> Any:
    """One component, whoever asks."""
    return shapes.component(call, find(call.world.components, number, "Component"))


def create_component(call: Call) -> Any:
    """A missing status becomes 0 (unknown), an explicit null for ``enabled`` means disabled."""
    values = {
        "name": call.get("name"), "description": call.get("description"),
        "status": call.whole("status"),
        "link": call.get("link"), "order": call.get("order"), "group_id": call.get("group_id"),
        "enabled": call.flag("enabled", True), "meta": call.raw("meta"),
    }  # fmt: skip
    call.check({**values, "tags": call.raw("tags")}, _create_rules(call))
    row = component_row(values["name"], call.now)
    row.update(_typed({key: value for key, value in values.items() if value is not None}))
    row = call.world.components.add(row)
    _refuse_tag_list(call)  # only 2.3 comes here with a list, and leaves the row behind
    set_tags(call, row, call.get("tags"))
    shape = shapes.component(call, row)
    commit(call, "component", row, "created", shape)
    return shapes.without(shape, "deleted_at")


def _create_rules(call: Call) -> dict[str, tuple[str, ...]]:
    if call.old:
        return _OLD_RULES
    return {**_RULES, "name": ("required", "string"), "tags": ("string",)}


def update_component(call: Call, number: str) -> Any:
    """Partial in 2.4; in 2.3 a missing status becomes 0 and the component is enabled again (trap 4)."""
    row = find(call.world.components, number, "Component")
    values = {
        "name": call.get("name"), "description": call.get("description"), "status": call.get("status"),
        "link": call.get("link"), "order": call.get("order"), "group_id": call.get("group_id"),
        "enabled": call.get("enabled"), "meta": call.raw("meta"),
    }  # fmt: skip
    if call.old:
        values.update(status=call.whole("status"), enabled=call.flag("enabled", True), meta=None)
    else:
        call.check(values, _RULES)
    changes = _typed({key: value for key, value in values.items() if value is not None})
    call.check({**row, **changes}, _MODEL_RULES)
    _refuse_tag_list(call)
    save(row, changes, call.now)
    if call.get("tags"):
        set_tags(call, row, call.get("tags"))
    shape = shapes.component(call, row)
    commit(call, "component", row, "updated", shape)
    return shape


def _refuse_tag_list(call: Call) -> None:
    """Tags that are not a text are an unhandled error of the program."""
    if call.get("tags") and not isinstance(call.raw("tags"), str):
        raise ApiError(500)


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    for key in ("status", "order", "group_id"):
        if key in values:
            values[key] = php.to_int(values[key])
    if "enabled" in values:
        values["enabled"] = php.to_bool(values["enabled"])
    return values


def set_status(call: Call, row: Row, status: int) -> None:
    """What an incident does to the component that it names."""
    if save(row, {"status": status}, call.now):
        commit(call, "component", row, "updated", shapes.component(call, row))


def delete_component(call: Call, number: str) -> None:
    """Soft; its subscriptions go, incidents keep its id."""
    row = find(call.world.components, number, "Component")
    row["deleted_at"] = call.now
    for subscription in [s for s in call.world.subscriptions if s["component_id"] == row["id"]]:
        call.world.subscriptions.remove(subscription["id"])
    commit(call, "component", row, "deleted", None)


def set_tags(call: Call, row: Row, text: Any) -> None:
    """Replace the tags; they are global rows that are looked up by name without regard to case."""
    if not isinstance(text, str) or not text:
        return
    names = [name.strip() for name in re.split(r" ?, ?", text)]
    row["tags"] = list(dict.fromkeys(_tag(call, name)["id"] for name in names if name))


def _tag(call: Call, name: str) -> Row:
    known = next((tag for tag in call.world.tags if tag["name"].casefold() == name.casefold()), None)
    return known or call.world.tags.add({"name": name, "slug": slug(name)})


def slug(name: str) -> str:
    """ASCII-folded, lower-case, words joined by a hyphen."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    kept = re.sub(r"[^a-z0-9\s-]", "", folded.replace("_", "-"))
    return re.sub(r"[\s-]+", "-", kept).strip("-")


def list_groups(call: Call) -> Any:
    """2.4 hides groups with ``visible`` 0 from guests; 2.3 has no such field."""
    rows = [row for row in call.world.groups if call.old or row["visible"] == 1 or call.user]
    return answer_list(call, rows, GROUPS, shapes.group)


def get_group(call: Call, number: str) -> Any:
    """One group, whoever asks."""
    return shapes.group(call, find(call.world.groups, number, "ComponentGroup"))


def create_group(call: Call) -> Any:
    """``order`` and ``visible`` are cast before they are checked, so words become 0: a hidden group."""
    values = {
        "name": call.get("name"), "order": call.whole("order"), "collapsed": call.get("collapsed", 0),
        "visible": call.whole("visible"),
    }  # fmt: skip
    rules = {"name": ("required", "string"), "order": ("int",), "collapsed": ("required", "int")}
    if not call.old:
        rules = {**rules, "collapsed": ("required", "int", "between:0,4"), "visible": ("required", "bool")}
    call.check(values, rules)
    values["collapsed"] = php.to_int(values["collapsed"])
    row = call.world.groups.add({**values, "created_at": call.now, "updated_at": call.now})
    shape = shapes.group(call, row)
    commit(call, "group", row, "created", shape)
    return shapes.without(shape, "enabled_components", "enabled_components_lowest")


def update_group(call: Call, number: str) -> Any:
    """``order`` and ``visible`` fall back to 0 when they are missing (trap 4)."""
    row = find(call.world.groups, number, "ComponentGroup")
    changes = {
        "name": call.get("name"), "order": call.whole("order"), "collapsed": call.get("collapsed"),
        "visible": call.whole("visible"),
    }  # fmt: skip
    if not call.old:
        call.check(changes, {"name": ("string",), "collapsed": ("int", "between:0,4"), "visible": ("bool",)})
    changes = {key: value for key, value in changes.items() if value is not None}
    if "collapsed" in changes:
        changes["collapsed"] = php.to_int(changes["collapsed"])
    call.check({**row, **changes}, {"name": ("required", "string")})
    save(row, changes, call.now)
    shape = shapes.group(call, row)
    commit(call, "group", row, "updated", shape)
    return shape


def delete_group(call: Call, number: str) -> None:
    """Hard; its members get group 0."""
    row = find(call.world.groups, number, "ComponentGroup")
    call.world.groups.remove(row["id"])
    for component in call.world.components:
        if component["group_id"] == row["id"]:
            component["group_id"] = 0
    commit(call, "group", row, "deleted", None)
