"""Schedules (planned maintenance, 2.4 only)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2 import shapes
from bridge.sandbox.cachet2.answers import ApiError
from bridge.sandbox.cachet2.call import Call, find
from bridge.sandbox.cachet2.commit import commit
from bridge.sandbox.cachet2.listing import Listable, answer_list
from bridge.sandbox.cachet2.moments import BadMoment, parse_minutes
from bridge.sandbox.laravel import save

SCHEDULES = Listable(("id", "name", "status", "scheduled_at", "completed_at", "created_at", "updated_at"))
_RULES = {
    "name": ("string",), "message": ("string",), "status": ("int", "min:0", "max:2"), "scheduled_at": ("string",),
    "completed_at": ("string",), "components": ("array",), "notify": ("bool",),
}  # fmt: skip


def list_schedules(call: Call) -> Any:
    """All of them, whoever asks; nothing can be filtered."""
    return answer_list(call, call.world.schedules, SCHEDULES, shapes.schedule)


def get_schedule(call: Call, number: str) -> Any:
    """One schedule."""
    return shapes.schedule(call, find(call.world.schedules, number, "Schedule"))


def create_schedule(call: Call) -> Any:
    """The message is stored raw; the components are checked and dropped (trap 17)."""
    values = {key: call.get(key) for key in ("name", "status", "scheduled_at", "completed_at", "components", "notify")}
    values["message"] = call.raw("message")
    required = {key: ("required", *_RULES[key]) for key in ("name", "status", "scheduled_at")}
    order = ("name", "message", "status", "scheduled_at", "completed_at", "components", "notify")
    call.check(values, {key: required.get(key, _RULES[key]) for key in order})
    try:
        starts, ends = _moment(call, values["scheduled_at"]), _moment(call, values["completed_at"])
    except BadMoment as problem:
        raise ApiError(400, [str(problem)]) from None
    row = call.world.schedules.add(
        {
            "name": values["name"], "message": values["message"] or None, "status": php.to_int(values["status"]),
            "scheduled_at": starts, "completed_at": ends, "created_at": call.now, "updated_at": call.now,
            "deleted_at": None,
        }
    )  # fmt: skip
    shape = shapes.schedule(call, row)
    commit(call, "schedule", row, "created", shape)
    thin = shapes.without(shape, "components", "deleted_at")
    return thin if row["message"] is not None else shapes.without(thin, "message")


def _moment(call: Call, text: Any) -> datetime | None:
    return parse_minutes(str(text), call.zone) if text else None


def update_schedule(call: Call, number: str) -> Any:
    """Partial; an unreadable date and ``components: null`` are unhandled errors of the program."""
    row = find(call.world.schedules, number, "Schedule")
    if call.sent("components") and call.raw("components") is None:
        raise ApiError(500)
    values = {key: call.get(key) for key in _RULES}
    call.check(values, _RULES)
    try:
        dates = {key: _moment(call, values[key]) for key in ("scheduled_at", "completed_at")}
    except BadMoment:
        raise ApiError(500) from None
    changes = {key: values[key] for key in ("name", "message", "status") if values[key] is not None}
    if "status" in changes:
        changes["status"] = php.to_int(changes["status"])
    changes.update({key: moment for key, moment in dates.items() if moment is not None})
    call.check({**row, **changes}, {"name": ("required", "string")})
    save(row, changes, call.now)
    shape = shapes.schedule(call, row)
    commit(call, "schedule", row, "updated", shape)
    return shape


def delete_schedule(call: Call, number: str) -> None:
    """Soft."""
    row = find(call.world.schedules, number, "Schedule")
    row["deleted_at"] = call.now
    commit(call, "schedule", row, "deleted", None)
