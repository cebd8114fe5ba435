"""Outbound webhooks of Cachet 3: raw columns of components, incidents, metrics and subscribers, signed (measured).

Nothing is sent for schedules, groups, templates, and updates that leave their incident as it is.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bridge.sandbox import php
from bridge.sandbox.cachet3.world import World
from bridge.sandbox.postbox import Posting
from bridge.sandbox.state import Event
from bridge.sandbox.table import Row

if TYPE_CHECKING:
    from bridge.sandbox.cachet3.call import Call

AGENT = "Cachet/3.0 Webhook (+https://cachethq.io/docs)"
TIMEOUT = 3.0
DELAYS = (10.0, 100.0)
"""Three attempts in all."""
EVENTS = (
    *(f"component_{what}" for what in ("created", "updated", "status_changed", "deleted")),
    *(f"incident_{what}" for what in ("created", "updated", "deleted")),
    *(f"metric_{what}" for what in ("created", "updated", "deleted")),
    *(f"metric_point_{what}" for what in ("created", "deleted")),
    *(f"subscriber_{what}" for what in ("created", "unsubscribed")),
)
_NAMES = {"point": "metric_point"}
_NO_COLUMNS = ("meta", "components")
"""Kept in other tables."""

Before = dict[str, dict[int, Row]]
Message = tuple[str, dict[str, Any]]


def remember(world: World) -> Before | None:
    """The rows before a write, as far as a change of them is told; None while nobody listens."""
    if not any(world.webhooks):
        return None
    tables = {"component": world.components, "incident": world.incidents, "metric": world.metrics}
    return {kind: {row["id"]: _columns(row) for row in table} for kind, table in tables.items()}


def fire(call: Call, kind: str, row: Row, event: Event) -> None:
    """Send what a committed write makes known to everybody who wants to hear it."""
    listeners = list(call.world.webhooks)
    if not listeners:
        return
    for name, body in _messages(call, kind, row, event):
        raw = php.dumps({"event": name, "body": body})
        for listener in listeners:
            if listener["events"] is None or name in listener["events"]:
                call.context.postbox.post(_posting(listener, name, raw))


def _posting(listener: Row, event: str, raw: bytes) -> Posting:
    signature = hmac.new(listener["secret"].encode(), raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "User-Agent": AGENT, "Signature": signature}
    return Posting("cachet3", event, listener["url"], raw, headers, TIMEOUT, DELAYS)


def _messages(call: Call, kind: str, row: Row, event: Event) -> Iterator[Message]:
    if kind == "update":
        parent = call.world.incidents.live(row["parent_id"]) if row["parent_type"] == "incident" else None
        if parent is not None:
            yield from _changed(call, "incident", parent)
    elif event == "updated":
        yield from _changed(call, kind, row)
    elif event == "created" and kind in _CREATED:
        yield f"{_NAMES.get(kind, kind)}_created", {**_CREATED[kind](call, row), "id": row["id"]}
    elif event == "deleted" and kind in _FULL:
        name = "subscriber_unsubscribed" if kind == "subscriber" else f"{_NAMES.get(kind, kind)}_deleted"
        yield name, _FULL[kind](row)


def _changed(call: Call, kind: str, row: Row) -> Iterator[Message]:
    """Only a changed column counts: neither metadata nor a write that changes nothing."""
    before = (call.before or {}).get(kind, {}).get(row["id"])
    if before is None or before == _columns(row):
        return
    yield f"{kind}_updated", _FULL[kind](row)
    if kind == "component" and before["status"] != row["status"]:
        change = {"component_id": row["id"], "old_status": before["status"], "new_status": row["status"]}
        yield "component_status_changed", {**change, "source": "manual"}


def _columns(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in _NO_COLUMNS}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _times(row: Row) -> dict[str, Any]:
    return {"updated_at": _time(row["updated_at"]), "created_at": _time(row["created_at"])}


def _new_component(call: Call, row: Row) -> dict[str, Any]:
    sent = call.sent("description", "status", "link", "order")
    values = {key: row[key] for key in sent}
    if row["group_id"] is not None:
        values["component_group_id"] = row["group_id"]
    return {"name": row["name"], **values, "enabled": row["enabled"], **_times(row)}


def _new_incident(call: Call, row: Row) -> dict[str, Any]:
    told = {} if row["occurred_at"] is None else {"occurred_at": _time(row["occurred_at"])}
    out = row["published_at"] <= row["created_at"]
    noted = {"published_notified_at": _time(row["created_at"])} if out else {}
    flags = {key: row[key] for key in ("visible", "stickied", "notifications")}
    head = {key: row[key] for key in ("guid", "name", "status", "message")}
    return {**head, **flags, **told, "published_at": _time(row["published_at"]), **noted, **_times(row)}


def _new_metric(call: Call, row: Row) -> dict[str, Any]:
    sent = call.sent("calc_type", "description", "default_value", "display_chart", "threshold", "places")
    values = {key: php.number(row[key]) for key in sent}
    return {"name": row["name"], "suffix": row["suffix"], **values, **_times(row)}


def _new_point(call: Call, row: Row) -> dict[str, Any]:
    return {
        "value": php.number(row["value"]), "counter": row["counter"], "created_at": _time(row["created_at"]),
        "metric_id": row["metric_id"], "updated_at": _time(row["updated_at"]),
    }  # fmt: skip


def _new_subscriber(call: Call, row: Row) -> dict[str, Any]:
    verified = {} if row["verified_at"] is None else {"email_verified_at": _time(row["verified_at"])}
    return {"email": row["email"], "global": row["global"], **verified, **_times(row)}


def _component(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "name": row["name"], "description": row["description"], "link": row["link"],
        "status": row["status"], "order": row["order"], "component_group_id": row["group_id"],
        "created_at": _time(row["created_at"]), "updated_at": _time(row["deleted_at"] or row["updated_at"]),
        "deleted_at": _time(row["deleted_at"]), "enabled": row["enabled"], "checked": False, "checked_at": None,
    }  # fmt: skip


def _incident(row: Row) -> dict[str, Any]:
    out = row["published_at"] <= row["created_at"]
    return {
        "id": row["id"], "component_id": None, "name": row["name"], "status": row["status"],
        "message": row["message"], "created_at": _time(row["created_at"]),
        "updated_at": _time(row["deleted_at"] or row["updated_at"]), "deleted_at": _time(row["deleted_at"]),
        "visible": row["visible"], "stickied": row["stickied"], "occurred_at": _time(row["occurred_at"]),
        "user_id": None, "notifications": int(row["notifications"]), "guid": row["guid"], "external_provider": None,
        "external_id": None, "long_running_notified_at": None, "published_at": _time(row["published_at"]),
        "published_notified_at": _time(row["created_at"]) if out else None,
    }  # fmt: skip


def _metric(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "name": row["name"], "suffix": row["suffix"], "description": row["description"],
        "default_value": php.number(row["default_value"]), "calc_type": row["calc_type"],
        "display_chart": row["display_chart"], "created_at": _time(row["created_at"]),
        "updated_at": _time(row["updated_at"]), "places": row["places"], "default_view": row["default_view"],
        "threshold": row["threshold"], "order": row["order"], "visible": row["visible"], "show_when_empty": False,
    }  # fmt: skip


def _point(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "metric_id": row["metric_id"], "value": php.number(row["value"]),
        "created_at": _time(row["created_at"]), "updated_at": _time(row["updated_at"]), "counter": row["counter"],
    }  # fmt: skip


def _subscriber(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "email": row["email"], "email_verified_at": _time(row["verified_at"]),
        "created_at": _time(row["created_at"]), "updated_at": _time(row["updated_at"]), "global": int(row["global"]),
        "phone_number": None, "slack_webhook_url": None,
    }  # fmt: skip


_CREATED = {
    "component": _new_component, "incident": _new_incident, "metric": _new_metric, "point": _new_point,
    "subscriber": _new_subscriber,
}  # fmt: skip
_FULL = {
    "component": _component, "incident": _incident, "metric": _metric, "point": _point, "subscriber": _subscriber,
}  # fmt: skip
