"""Maintenance windows. Their status follows the clock; ending early or cancelling is an edit of the times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.sandbox.pingpong.fields import Field, Wrong, flag, moment, read_fields, read_list, read_text, text
from bridge.sandbox.pingpong.http import Call, Refusal, Reply, Resource
from bridge.sandbox.pingpong.markup import store_message
from bridge.sandbox.pingpong.objects import Maintenance
from bridge.sandbox.pingpong.resources import listed, resets
from bridge.sandbox.pingpong.tables import NAME_LIMIT, REFERENCE_LIMIT, TITLE_LIMIT
from bridge.sandbox.pingpong.views import show_maintenance
from bridge.sandbox.pingpong.world import World


def maintenance_fields(world: World) -> tuple[Field, ...]:
    """What can be written: a ``title`` that is read as ``name``, plain component ids."""

    def read_id(value: Any) -> str:
        id = read_text(value, REFERENCE_LIMIT)
        if id not in world.components:
            raise Wrong(f"Object with id={id} does not exist.")
        return id

    def read_ids(value: Any) -> list[str]:
        return list(dict.fromkeys(read_list(value, read_id, world.settings.framework)))

    return (
        text("title", TITLE_LIMIT, required=True),
        text("message", blank=True, default=""),
        moment("scheduled_for", required=True),
        moment("ends_at", required=True),
        flag("notify_subscribers"),
        Field("affected_components", read_ids, default=[], kind="field"),
    )


def list_maintenance(world: World, call: Call) -> Reply:
    """All windows, the newest first."""
    return listed(world, call, [show_maintenance(world, window) for window in reversed(world.maintenances.values())])


def create_maintenance(world: World, call: Call) -> Reply:
    """A new window. Subscribers are mailed unless told otherwise."""
    values = read_fields(maintenance_fields(world), call.read(), creating=True)
    _check_window(world, values["scheduled_for"], values["ends_at"])
    window = Maintenance(
        id=world.new_id(),
        name=_name(world, values["title"]),
        created_at=world.now(),
        reported_by=world.settings.reported_by,
        scheduled_for=values["scheduled_for"],
        ends_at=values["ends_at"],
        message=store_message(values.get("message", "")),
        component_ids=values.get("affected_components", []),
    )
    world.maintenances[window.id] = window
    return _done(world, window, "created", notify=values.get("notify_subscribers", True))


def get_maintenance(world: World, call: Call) -> Reply:
    """One window."""
    return Reply(200, show_maintenance(world, _window(world, call)))


def update_maintenance(world: World, call: Call) -> Reply:
    """Change a window."""
    window = _window(world, call)
    fields = maintenance_fields(world)
    values = read_fields(fields, call.read(), creating=False, resetting=resets(world, call))
    start, end = values.get("scheduled_for", window.scheduled_for), values.get("ends_at", window.ends_at)
    _check_window(world, start, end)
    window.scheduled_for, window.ends_at = start, end
    if "title" in values:
        window.name = _name(world, values["title"])
    if "message" in values:
        window.message = store_message(values["message"])
    if "affected_components" in values:
        window.component_ids = list(values["affected_components"])
    return _done(world, window, "updated", notify=values.get("notify_subscribers", True))


def _window(world: World, call: Call) -> Maintenance:
    return world.find(world.maintenances, call.args["id"], "Maintenance")


def _name(world: World, title: str) -> str:
    return title[:NAME_LIMIT].rstrip() if world.settings.cut_names else title


def _check_window(world: World, start: datetime, end: datetime) -> None:
    if world.settings.check_window and end <= start:
        raise Refusal(400, {"ends_at": ["The maintenance must end after it starts."]})


def _done(world: World, window: Maintenance, event: Any, *, notify: bool) -> Reply:
    shown = show_maintenance(world, window)
    world.commit("maintenance", window.id, event, shown | {"notify_subscribers": notify})
    if notify:
        world.tell_subscribers(window.id, "maintenance", window.name)
    return Reply(201 if event == "created" else 200, shown)


RESOURCES = (
    Resource(
        "/maintenance", {"GET": list_maintenance, "POST": create_maintenance}, "Maintenance List", maintenance_fields
    ),
    Resource(
        "/maintenance/{id}",
        {"GET": get_maintenance, "UPDATE": update_maintenance},
        "Maintenance Instance",
        maintenance_fields,
    ),
)
