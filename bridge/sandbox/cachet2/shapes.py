"""How the rows of Cachet 2 look in answers. What POST leaves out is named where it is left out."""

from __future__ import annotations

from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2 import words
from bridge.sandbox.cachet2.call import Call
from bridge.sandbox.cachet2.moments import show_long
from bridge.sandbox.table import Row


def without(shape: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A shape that lacks some keys, as the answer of a POST does."""
    return {key: value for key, value in shape.items() if key not in keys}


def component(call: Call, row: Row) -> dict[str, Any]:
    """A component as GET shows it."""
    shape = {
        "id": row["id"], "name": row["name"], "description": row["description"], "link": row["link"],
        "status": row["status"], "order": row["order"], "group_id": row["group_id"], "enabled": row["enabled"],
        "meta": php.array(row["meta"]), "created_at": call.show(row["created_at"]),
        "updated_at": call.show(row["updated_at"]), "deleted_at": None,
        "status_name": words.component_word(row["status"], call.settings.version), "tags": tags(call, row),
    }  # fmt: skip
    return without(shape, "meta") if call.old else shape


def tags(call: Call, row: Row) -> Any:
    """Slug → name, or an empty list when there are none; names with the same slug collapse."""
    rows = [tag for number in row["tags"] if (tag := call.world.tags.get(number))]
    return {tag["slug"]: tag["name"] for tag in rows} or []


def members(call: Call, row: Row) -> list[Row]:
    """The enabled components of a group, by their order."""
    found = [c for c in call.world.components if c["group_id"] == row["id"] and c["enabled"]]
    return sorted(found, key=lambda c: c["order"])


def group(call: Call, row: Row) -> dict[str, Any]:
    """A component group as GET shows it."""
    inside = members(call, row)
    worst = sorted(inside, key=lambda c: c["status"], reverse=True)
    lowest = words.component_word(worst[0]["status"], call.settings.version) if worst else None
    shape = {
        "id": row["id"], "name": row["name"], "order": row["order"], "visible": row["visible"],
        "collapsed": row["collapsed"], "created_at": call.show(row["created_at"]),
        "updated_at": call.show(row["updated_at"]),
        "enabled_components": [component(call, c) for c in inside],
        "enabled_components_lowest": [component(call, c) for c in worst], "lowest_human_status": lowest,
    }  # fmt: skip
    return without(shape, "visible") if call.old else shape


def updates_of(call: Call, incident_id: int) -> list[Row]:
    """Newest first by whole seconds; within one second the oldest comes first (trap 13)."""
    return sorted(call.world.updates.of(incident_id), key=lambda u: u["created_at"], reverse=True)


def update(call: Call, row: Row) -> dict[str, Any]:
    """An incident update as GET shows it."""
    return {
        "id": row["id"], "incident_id": row["incident_id"], "status": row["status"], "message": row["message"],
        "user_id": row["user_id"], "created_at": call.show(row["created_at"]),
        "updated_at": call.show(row["updated_at"]),
        "human_status": words.incident_word(row["status"], call.settings.version),
        "permalink": f"{call.site}/incidents/{row['incident_id']}#update-{row['id']}",
    }  # fmt: skip


def incident(call: Call, row: Row) -> dict[str, Any]:
    """An incident as GET shows it."""
    return old_incident(call, row) if call.old else new_incident(call, row)


def old_incident(call: Call, row: Row) -> dict[str, Any]:
    """The few fields of 2.3; ``scheduled_at`` can only be set in the dashboard and is shown as now when null."""
    return {
        "id": row["id"], "component_id": row["component_id"], "name": row["name"], "status": row["status"],
        "visible": row["visible"], "message": row["message"], "scheduled_at": call.show(row.get("scheduled_at")),
        "created_at": call.show(row["created_at"]), "updated_at": call.show(row["updated_at"]), "deleted_at": None,
        "human_status": words.incident_word(row["status"], call.settings.version),
    }  # fmt: skip


def new_incident(call: Call, row: Row) -> dict[str, Any]:
    """The 2.4 form; ``latest_*`` and ``is_resolved`` come from the newest update, if there is one."""
    history = updates_of(call, row["id"])
    newest = history[0] if history else None
    latest = newest["status"] if newest else row["status"]
    version = call.settings.version
    return {
        "id": row["id"], "user_id": row["user_id"], "component_id": row["component_id"], "name": row["name"],
        "status": row["status"], "visible": row["visible"], "stickied": row["stickied"], "notifications": False,
        "message": row["message"], "occurred_at": call.show(row["occurred_at"]),
        "created_at": call.show(row["created_at"]), "updated_at": call.show(row["updated_at"]), "deleted_at": None,
        "is_resolved": latest == 4, "meta": php.array(row["meta"]),
        "updates": [update(call, u) for u in history],
        "human_status": words.incident_word(row["status"], version),
        "latest_update_id": newest["id"] if newest else None, "latest_status": latest,
        "latest_human_status": words.incident_word(latest, version), "latest_icon": words.ICON.get(latest, ""),
        "permalink": f"{call.site}/incidents/{row['id']}",
        "duration": int((call.now - row["created_at"]).total_seconds()) if newest else 0,
    }  # fmt: skip


def component_or_none(call: Call, number: int) -> dict[str, Any] | None:
    """The component an incident names, if it exists."""
    row = call.world.components.live(number)
    return component(call, row) if row is not None else None


def schedule(call: Call, row: Row) -> dict[str, Any]:
    """A schedule as GET shows it; components never stick (trap 17)."""
    return {
        "id": row["id"], "name": row["name"], "message": row["message"], "status": row["status"],
        "scheduled_at": call.show(row["scheduled_at"]), "completed_at": call.show(row["completed_at"]),
        "created_at": call.show(row["created_at"]), "updated_at": call.show(row["updated_at"]), "deleted_at": None,
        "components": [], "human_status": words.SCHEDULE[row["status"]],
    }  # fmt: skip


def template(call: Call, row: Row) -> dict[str, Any]:
    """An incident template; its times are not converted to the request's zone."""
    stamp = "%Y-%m-%d %H:%M:%S"
    return {
        "id": row["id"], "name": row["name"], "slug": row["slug"], "template": row["template"],
        "created_at": row["created_at"].strftime(stamp), "updated_at": row["updated_at"].strftime(stamp),
        "deleted_at": None,
    }  # fmt: skip


def metric(call: Call, row: Row) -> dict[str, Any]:
    """A metric as GET shows it."""
    shape = {
        "id": row["id"], "name": row["name"], "suffix": row["suffix"], "description": row["description"],
        "default_value": php.to_int(row["default_value"]), "calc_type": row["calc_type"],
        "display_chart": row["display_chart"], "places": row["places"], "default_view": row["default_view"],
        "threshold": row["threshold"], "order": row["order"], "visible": row["visible"],
        "created_at": call.show(row["created_at"]), "updated_at": call.show(row["updated_at"]),
        "default_view_name": words.VIEW.get(row["default_view"], f"cachet.metrics.filter.{row['default_view']}"),
    }  # fmt: skip
    return without(shape, "visible") if call.old else shape


def point(call: Call, row: Row, value: float | None = None) -> dict[str, Any]:
    """A metric point; ``value`` is the unrounded one that only the POST answer shows."""
    shown = row["value"] if value is None else value
    return {
        "id": row["id"], "metric_id": row["metric_id"], "value": php.number(shown), "counter": row["counter"],
        "created_at": call.show(row["created_at"]), "updated_at": call.show(row["updated_at"]),
        "calculated_value": php.number(shown * row["counter"]),
    }  # fmt: skip


def subscriber(call: Call, row: Row) -> dict[str, Any]:
    """A subscriber as GET shows it, verify code included."""
    shape = {
        "id": row["id"], "email": row["email"], "verify_code": row["verify_code"], "phone_number": None,
        "slack_webhook_url": None,
        "verified_at": show_long(row["verified_at"] or call.now, call.zone, call.settings.date_format),
        "global": True, "created_at": call.show(row["created_at"]), "updated_at": call.show(row["updated_at"]),
        "subscriptions": [
            _subscription(s) for s in call.world.subscriptions if s["subscriber_id"] == row["id"]
        ],
    }  # fmt: skip
    return without(shape, "phone_number", "slack_webhook_url") if call.old else shape


def _subscription(row: Row) -> dict[str, Any]:
    stamp = "%Y-%m-%d %H:%M:%S"  # stored UTC, not converted to any zone
    return {
        "id": row["id"], "subscriber_id": row["subscriber_id"], "component_id": row["component_id"],
        "created_at": row["created_at"].strftime(stamp), "updated_at": row["updated_at"].strftime(stamp),
    }  # fmt: skip
