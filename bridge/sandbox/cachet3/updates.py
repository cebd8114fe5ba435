"""Updates of incidents and of schedules: one table, two sets of rules."""

from __future__ import annotations

from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3 import sight
from bridge.sandbox.cachet3.answers import ApiError, missing
from bridge.sandbox.cachet3.call import Call, find
from bridge.sandbox.cachet3.checks import STRING, Field, check
from bridge.sandbox.cachet3.commit import commit
from bridge.sandbox.cachet3.documents import Builder
from bridge.sandbox.cachet3.incidents import INCIDENT_STATUS, date_field
from bridge.sandbox.cachet3.listing import answer_list
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row

_REQUIRED_TEXT = Field((STRING,), required=True)


def _incident(call: Call, number: str, reading: bool = False) -> Row:
    """A hidden incident is a 404 without words when its updates are read."""
    row = find(call.world.incidents, number, "Incident")
    if reading and not sight.incident(call, row):
        raise ApiError(404, "")
    return row


def _schedule(call: Call, number: str) -> Row:
    """Not published ones too: their updates can be read by guests."""
    return find(call.world.schedules, number, "Schedule")


def _child(call: Call, parent_type: str, parent: Row, number: str) -> Row:
    """The update must belong to the parent, by id and type."""
    row = find(call.world.updates, number, "Update")
    if (row["parent_type"], row["parent_id"]) != (parent_type, parent["id"]):
        raise missing("Update", number)
    return row


def _of(call: Call, parent_type: str, parent: Row) -> list[Row]:
    return call.world.updates.of(parent_type, parent["id"])


def _add(call: Call, parent_type: str, parent: Row, status: int | None) -> Row:
    return call.world.updates.add(
        {
            "parent_type": parent_type, "parent_id": parent["id"], "message": call.input["message"], "status": status,
            "created_at": call.now, "updated_at": call.now,
        }
    )  # fmt: skip


def _follow(call: Call, incident: Row) -> None:
    """The incident takes the status of its newest update; without updates it keeps its own."""
    history = _of(call, "incident", incident)
    if history:
        newest = max(history, key=lambda u: (u["created_at"], u["id"]))
        save(incident, {"status": newest["status"]}, call.now)


def list_incident_updates(call: Call, number: str) -> Any:
    """In the order in which they were made."""
    return answer_list(call, "incident_update", _of(call, "incident", _incident(call, number, reading=True)))


def get_incident_update(call: Call, number: str, update: str) -> Any:
    """One update."""
    row = _child(call, "incident", _incident(call, number, reading=True), update)
    return Builder(call, "incident_update").single(row)


def create_incident_update(call: Call, number: str) -> Any:
    """No component can be touched here."""
    incident = _incident(call, number)
    check(call.input, {"status": Field((INCIDENT_STATUS,), required=True), "message": _REQUIRED_TEXT})
    call.need("incident-updates.manage")
    row = _add(call, "incident", incident, php.to_int(call.input["status"]))
    _follow(call, incident)
    commit(call, "update", row, "created")
    return Builder(call, "incident_update").single(row)


def change_incident_update(call: Call, number: str, update: str) -> Any:
    """Either field; the incident follows."""
    incident = _incident(call, number)
    row = _child(call, "incident", incident, update)
    check(call.input, {"status": Field((INCIDENT_STATUS,)), "message": Field((STRING,))})
    call.need("incident-updates.manage")
    changes = call.sent("message")
    changes.update({key: php.to_int(value) for key, value in call.sent("status").items()})
    save(row, changes, call.now)
    _follow(call, incident)
    commit(call, "update", row, "updated")
    return Builder(call, "incident_update").single(row)


def delete_incident_update(call: Call, number: str, update: str) -> None:
    """Hard; the incident follows."""
    incident = _incident(call, number)
    row = _child(call, "incident", incident, update)
    call.need("incident-updates.delete")
    call.world.updates.remove(row["id"])
    _follow(call, incident)
    commit(call, "update", row, "deleted")


def list_schedule_updates(call: Call, number: str) -> Any:
    """In the order in which they were made."""
    return answer_list(call, "schedule_update", _of(call, "schedule", _schedule(call, number)))


def get_schedule_update(call: Call, number: str, update: str) -> Any:
    """One update."""
    return Builder(call, "schedule_update").single(_child(call, "schedule", _schedule(call, number), update))


def create_schedule_update(call: Call, number: str) -> Any:
    """``completed_at`` sets the schedule's end; a status is ignored."""
    schedule = _schedule(call, number)
    check(call.input, {"message": _REQUIRED_TEXT, "completed_at": date_field(call)})
    call.need("schedule-updates.manage")
    row = _add(call, "schedule", schedule, None)
    if ends := call.date("completed_at"):
        save(schedule, {"completed_at": ends}, call.now)
    commit(call, "update", row, "created")
    return Builder(call, "schedule_update").single(row)


def change_schedule_update(call: Call, number: str, update: str) -> Any:
    """Only the message."""
    row = _child(call, "schedule", _schedule(call, number), update)
    check(call.input, {"message": Field((STRING,))})
    call.need("schedule-updates.manage")
    save(row, call.sent("message"), call.now)
    commit(call, "update", row, "updated")
    return Builder(call, "schedule_update").single(row)


def delete_schedule_update(call: Call, number: str, update: str) -> None:
    """Hard."""
    row = _child(call, "schedule", _schedule(call, number), update)
    call.need("schedule-updates.delete")
    call.world.updates.remove(row["id"])
    commit(call, "update", row, "deleted")
