"""Schedules (planned maintenance)."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.cachet3 import attached, sight
from bridge.sandbox.cachet3.answers import ApiError, missing
from bridge.sandbox.cachet3.call import Call, find
from bridge.sandbox.cachet3.checks import STRING, Field, check
from bridge.sandbox.cachet3.commit import commit
from bridge.sandbox.cachet3.components import FLAG, META, NAME, REQUIRED_NAME, replace_meta
from bridge.sandbox.cachet3.documents import Builder
from bridge.sandbox.cachet3.incidents import date_field
from bridge.sandbox.cachet3.listing import answer_list
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row


def _refuse_user(call: Call) -> None:
    """The include is on the list of allowed ones, but asking for it is an error of the program."""
    if "user" in str(call.query.get("include", "")).split(","):
        raise ApiError(500)


def list_schedules(call: Call) -> Any:
    """Those that are published."""
    _refuse_user(call)
    return answer_list(call, "schedule", [s for s in call.world.schedules if sight.schedule(call, s)])


def get_schedule(call: Call, number: str) -> Any:
    """One schedule."""
    row = find(call.world.schedules, number, "Schedule")
    if not sight.schedule(call, row):
        raise missing("Schedule", number)
    _refuse_user(call)
    return Builder(call, "schedule").single(row)


def create_schedule(call: Call) -> Any:
    """The two dates are not compared; without an end it runs for ever."""
    fields = {
        "name": REQUIRED_NAME, "message": Field((STRING,), required=True),
        "scheduled_at": date_field(call, required=True), "completed_at": date_field(call),
        "published_at": date_field(call), "notifications": FLAG, **attached.fields(call), "meta": META,
    }  # fmt: skip
    check(call.input, fields)
    call.need("schedules.manage")
    row: Row = {
        "name": call.input["name"], "message": call.input["message"], "scheduled_at": call.date("scheduled_at"),
        "completed_at": call.date("completed_at"), "published_at": call.date("published_at") or call.now,
        "components": attached.read(call), "meta": {}, "created_at": call.now, "updated_at": call.now,
        "deleted_at": None,
    }  # fmt: skip
    row = call.world.schedules.add(row)
    replace_meta(call, row)
    commit(call, "schedule", row, "created")
    return Builder(call, "schedule").single(row)


def update_schedule(call: Call, number: str) -> Any:
    """Partial; a list of components replaces all, an empty one changes nothing."""
    row = find(call.world.schedules, number, "Schedule")
    fields = {
        "name": NAME, "message": Field((STRING,)), "scheduled_at": date_field(call), "completed_at": date_field(call),
        "published_at": date_field(call), **attached.fields(call), "meta": META,
    }  # fmt: skip
    check(call.input, fields)
    call.need("schedules.manage")
    changes = call.sent("name", "message")
    changes.update({key: call.date(key) for key in call.sent("scheduled_at", "completed_at", "published_at")})
    save(row, changes, call.now)
    if call.input.get("components"):
        row["components"] = attached.read(call)
    replace_meta(call, row)
    commit(call, "schedule", row, "updated")
    return Builder(call, "schedule").single(row)


def delete_schedule(call: Call, number: str) -> None:
    """Soft."""
    row = find(call.world.schedules, number, "Schedule")
    call.need("schedules.delete")
    row["deleted_at"] = call.now
    commit(call, "schedule", row, "deleted")
