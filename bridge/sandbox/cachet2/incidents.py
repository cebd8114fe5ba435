"""Incidents and incident updates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bridge.sandbox import php, twig
from bridge.sandbox.cachet2 import shapes
from bridge.sandbox.cachet2.answers import ApiError
from bridge.sandbox.cachet2.call import Call, find
from bridge.sandbox.cachet2.commit import commit
from bridge.sandbox.cachet2.components import set_status
from bridge.sandbox.cachet2.listing import Listable, answer_list
from bridge.sandbox.cachet2.moments import BadMoment, parse_minutes
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row

INCIDENTS = Listable(
    ("id", "user_id", "name", "status", "visible", "stickied", "message", "occurred_at"),
    ("id", "user_id", "component_id", "name", "status", "visible", "stickied"),
    walked="visible",
)
OLD_INCIDENTS = Listable(
    ("id", "name", "status", "visible", "message"), ("id", "component_id", "name", "status", "visible")
)
UPDATES = Listable(("id", "status", "user_id"))
TEMPLATES = Listable()

_STATUS = ("int", "min:0", "max:4")
_CREATE_RULES = {
    "name": ("required", "string"), "status": ("required", *_STATUS), "message": ("string",),
    "component_id": ("int", "required_with:component_status"),
    "component_status": (*_STATUS, "required_with:component_id"),
    "occurred_at": ("string",), "template": ("string",),
}  # fmt: skip
_UPDATE_RULES = {
    "name": ("string",), "status": _STATUS, "message": ("string",), "component_id": ("int",),
    "component_status": (*_STATUS, "required_with:component_id"), "occurred_at": ("string",), "template": ("string",),
}  # fmt: skip
_MODEL_RULES = {"name": ("required", "string"), "status": ("required", "int"), "message": ("required", "string")}


def list_incidents(call: Call) -> Any:
    """Guests see those with ``visible`` 1."""
    rows = [row for row in call.world.incidents if row["visible"] == 1 or call.user]
    return answer_list(call, rows, OLD_INCIDENTS if call.old else INCIDENTS, shapes.incident)


def get_incident(call: Call, number: str) -> Any:
    """One incident, hidden or not, whoever asks."""
    return shapes.incident(call, find(call.world.incidents, number, "Incident"))


def create_incident(call: Call) -> Any:
    """The message is stored raw (2.4); naming a component sets that component's status."""
    values = {key: call.get(key) for key in ("name", "status", "component_id", "component_status", "template")}
    values["message"] = call.get("message") if call.old else call.raw("message")
    values["occurred_at"] = call.get("created_at" if call.old else "occurred_at")
    variables = _variables(call)
    meta = _meta(call)
    call.check(values, {} if call.old else _CREATE_RULES)
    notify = call.flag("notify", True)
    row: Row = {
        "name": values["name"], "status": _status(values["status"]), "visible": int(call.flag("visible", True)),
        "stickied": call.flag("stickied", False), "user_id": call.author, "meta": meta,
        "component_id": php.to_int(values["component_id"]),
    }  # fmt: skip
    row["message"] = _rendered(call, values, row, variables, notify) or values["message"]
    started = _moment(call, values["occurred_at"]) or call.now
    call.check(row, _MODEL_RULES)
    created = started if call.old else call.now
    row.update(occurred_at=started, created_at=created, updated_at=created, deleted_at=None)
    touched = _named_component(call, row["component_id"], values["component_status"], creates=True)
    row = call.world.incidents.add(row)
    if touched is not None:
        set_status(call, touched, php.to_int(values["component_status"]))
    answer = _created_shape(call, row, notify)
    commit(call, "incident", row, "created", shapes.incident(call, row))
    return answer


def _created_shape(call: Call, row: Row, notify: bool) -> dict[str, Any]:
    shape = shapes.without(shapes.incident(call, row), "deleted_at")
    if not row["component_id"]:
        shape.pop("component_id", None)
    if row["visible"] and notify:
        shape["component"] = shapes.component_or_none(call, row["component_id"])
    if call.old:
        shape["notify"] = notify
    return shape


def _status(value: Any) -> int | None:
    return None if value is None else php.to_int(value)


def _named_component(call: Call, number: int, status: Any, creates: bool = False) -> Row | None:
    """Unknown ids are accepted in 2.4 and break 2.3, which also checks the component's status too late."""
    found = call.world.components.live(number) if number else None
    if number and call.old and (found is None or status is None):
        if creates:
            call.world.incidents.burn_id()
        raise ApiError(500) if found is None else ApiError(400, ["The status format is invalid."])
    return found


def _variables(call: Call) -> dict[str, Any]:
    value = call.get("vars", {})
    if not isinstance(value, dict | list):
        raise ApiError(500)
    return value if isinstance(value, dict) else {str(i): item for i, item in enumerate(value)}


def _meta(call: Call) -> dict[str, Any]:
    """Each key is a row of its own; empty values are dropped, one level down too."""
    value = call.get("meta", {})
    if call.old:
        return {}
    if not isinstance(value, dict | list):
        raise ApiError(500)
    return {key: _without_empty(item) for key, item in _items(value) if php.to_bool(item)}


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict | list):
        return {key: item for key, item in _items(value) if php.to_bool(item)}
    return value


def _items(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ((str(i), item) for i, item in enumerate(value))


def _moment(call: Call, text: Any) -> datetime | None:
    """A start time; one that cannot be read is an unhandled error of the program (trap 1)."""
    if not text:
        return None
    try:
        return parse_minutes(str(text), call.zone, day_first=call.old)
    except BadMoment:
        raise ApiError(500) from None


def _find_template(call: Call, slug: Any) -> Row | None:
    return next((t for t in call.world.templates if slug and t["slug"] == slug), None)


def _rendered(call: Call, values: dict[str, Any], row: Row, variables: dict[str, Any], notify: bool) -> str | None:
    found = _find_template(call, values.get("template"))
    if found is None:
        return None
    component = call.world.components.live(php.to_int(values.get("component_id")))
    known = {
        "name": row.get("name"), "status": row.get("status"), "message": values.get("message"),
        "visible": row.get("visible"), "notify": notify, "stickied": row.get("stickied"),
        "occurred_at": values.get("occurred_at"), "component": component,
        "component_status": values.get("component_status"),
    }  # fmt: skip
    try:
        return twig.render(found["template"], {**variables, "incident": known}) + ("" if call.old else " ")
    except twig.TemplateError:
        raise ApiError(500) from None


def update_incident(call: Call, number: str) -> Any:
    """Not partial: without them ``visible`` becomes 1 and ``stickied`` false (trap 4); makes no update."""
    row = find(call.world.incidents, number, "Incident")
    keys = ("name", "status", "message", "component_id", "component_status", "template")
    values = {key: call.get(key) for key in keys}
    values["occurred_at"] = call.get("created_at" if call.old else "occurred_at")
    variables = _variables(call)
    call.check(values, {} if call.old else _UPDATE_RULES)
    changes = {key: values[key] for key in ("name", "status", "message") if values[key] is not None}
    if "status" in changes:
        changes["status"] = php.to_int(changes["status"])
    changes["visible"] = int(call.flag("visible", True))
    changes["stickied"] = call.flag("stickied", False)
    if (text := _template_for_update(call, values, changes, variables)) is not None:
        changes["message"] = text
    if started := _moment(call, values["occurred_at"]):
        changes["created_at" if call.old else "occurred_at"] = started
    if values["component_id"] is not None:
        changes["component_id"] = php.to_int(values["component_id"])
    call.check({**row, **changes}, _MODEL_RULES)
    touched = _named_component(call, changes.get("component_id", 0), values["component_status"])
    save(row, changes, changes.get("created_at", call.now))  # 2.3 sets both times to a sent start
    if touched is not None:
        set_status(call, touched, php.to_int(values["component_status"]))
    shape = shapes.incident(call, row)
    commit(call, "incident", row, "updated", shape)
    return shape


def _template_for_update(
    call: Call, values: dict[str, Any], changes: dict[str, Any], variables: dict[str, Any]
) -> str | None:
    """The template sees the values of the request, so mostly nothing; an unknown one breaks 2.3."""
    if call.old and values["template"] and not _find_template(call, values["template"]):
        raise ApiError(500)
    sent = {key: changes.get(key) for key in ("name", "status")}
    return _rendered(call, values, sent, variables, notify=call.flag("notify", True))


def delete_incident(call: Call, number: str) -> None:
    """Soft; its updates can no longer be reached, its component keeps its status."""
    row = find(call.world.incidents, number, "Incident")
    row["deleted_at"] = call.now
    commit(call, "incident", row, "deleted", None)


def list_updates(call: Call, number: str) -> Any:
    """Newest first; ``sort`` only decides within one second."""
    incident = find(call.world.incidents, number, "Incident")
    rows = call.world.updates.of(incident["id"])
    column = call.query.get("sort")
    if column in UPDATES.sorts:
        rows = sorted(rows, key=lambda u: u[str(column)], reverse=True)
    return answer_list(call, sorted(rows, key=lambda u: u["created_at"], reverse=True), Listable(), shapes.update)


def get_update(call: Call, number: str, update: str) -> Any:
    """The update's id is not checked against the incident."""
    find(call.world.incidents, number, "Incident")
    return shapes.update(call, find(call.world.updates, update, "IncidentUpdate"))


_UPDATE_STATUS = ("int", "min:1", "max:4")


def create_update(call: Call, number: str) -> Any:
    """Sets the incident's status, never a component's (trap 14)."""
    incident = find(call.world.incidents, number, "Incident")
    values = {key: call.get(key) for key in ("status", "message", "component_id", "component_status")}
    rules = {
        "status": ("required", *_UPDATE_STATUS), "message": ("required", "string"),
        "component_id": ("int", "required_with:component_status"),
        "component_status": (*_STATUS, "required_with:component_id"),
    }  # fmt: skip
    call.check(values, rules)
    row = call.world.updates.add(
        {
            "incident_id": incident["id"], "status": php.to_int(values["status"]), "message": values["message"],
            "user_id": call.author, "created_at": call.now, "updated_at": call.now,
        }
    )  # fmt: skip
    save(incident, {"status": row["status"]}, call.now)
    shape = shapes.update(call, row)
    commit(call, "update", row, "created", shape)
    embedded = shapes.incident(call, incident)
    if incident["visible"]:
        embedded["component"] = shapes.component_or_none(call, incident["component_id"])
    return {**shape, "incident": embedded}


def change_update(call: Call, number: str, update: str) -> Any:
    """The incident does not follow; the caller becomes the author."""
    find(call.world.incidents, number, "Incident")
    row = find(call.world.updates, update, "IncidentUpdate")
    values = {key: call.get(key) for key in ("status", "message")}
    call.check(values, {"status": _UPDATE_STATUS, "message": ("string",)})
    changes = {key: value for key, value in values.items() if value is not None}
    if "status" in changes:
        changes["status"] = php.to_int(changes["status"])
    call.check({**row, **changes}, {"message": ("required", "string")})
    save(row, {**changes, "user_id": call.author}, call.now)
    shape = shapes.update(call, row)
    commit(call, "update", row, "updated", shape)
    return shape


def delete_update(call: Call, number: str, update: str) -> None:
    """Hard; the incident keeps the status that the update gave it (trap 15)."""
    find(call.world.incidents, number, "Incident")
    row = find(call.world.updates, update, "IncidentUpdate")
    call.world.updates.remove(row["id"])
    commit(call, "update", row, "deleted", None)


def list_templates(call: Call) -> Any:
    """Read only; any ``sort`` is an error of the program."""
    if "sort" in call.query:
        raise ApiError(500)
    return answer_list(call, call.world.templates, TEMPLATES, shapes.template)


def get_template(call: Call, number: str) -> Any:
    """One template."""
    return shapes.template(call, find(call.world.templates, number, "IncidentTemplate"))
