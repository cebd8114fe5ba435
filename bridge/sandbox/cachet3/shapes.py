"""The attributes of each kind of resource."""

from __future__ import annotations

from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3 import impact, moments, words
from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.table import Row


def _enum(labels: dict[int, str], value: int) -> dict[str, Any]:
    return {"human": labels[value], "value": value}


def _dates(call: Call, row: Row) -> dict[str, Any]:
    return {"created": date(call, row["created_at"]), "updated": date(call, row["updated_at"])}


def date(call: Call, moment: Any) -> dict[str, str | None]:
    """A date as this server prints it."""
    return moments.show(moment, call.zone, call.now)


def component(call: Call, row: Row) -> dict[str, Any]:
    """``status`` is the stored one, ``latest_status`` what people see."""
    return {
        "id": row["id"], "name": row["name"], "description": row["description"], "link": row["link"],
        "order": row["order"], "status": _enum(words.COMPONENT, row["status"]),
        "latest_status": _enum(words.COMPONENT, impact.effective(row, call.impacts)), "enabled": row["enabled"],
        **_dates(call, row),
    }  # fmt: skip


def component_status(value: int) -> dict[str, Any]:
    """The impact in a pivot."""
    return _enum(words.COMPONENT, value)


def group(call: Call, row: Row) -> dict[str, Any]:
    """Bare values without labels."""
    keys = ("id", "name", "order", "order_column", "order_direction", "collapsed", "visible")
    return {**{key: row[key] for key in keys}, **_dates(call, row)}


def incident(call: Call, row: Row) -> dict[str, Any]:
    """``notifications`` is 0 or 1 here; only the answer of a POST has a boolean."""
    return {
        "id": row["id"], "guid": row["guid"], "name": row["name"], "message": row["message"],
        "visible": row["visible"], "stickied": row["stickied"], "notifications": int(row["notifications"]),
        "status": _enum(words.INCIDENT, row["status"]), "occurred": date(call, row["occurred_at"]),
        "published": date(call, row["published_at"]), **_dates(call, row),
    }  # fmt: skip


def update(call: Call, row: Row) -> dict[str, Any]:
    """Updates of schedules have no ``status`` at all."""
    shape = {
        "id": row["id"], "updateable_id": row["parent_id"], "updateable_type": row["parent_type"],
        "message": row["message"], **_dates(call, row),
    }  # fmt: skip
    if row["parent_type"] == "incident":
        shape["status"] = _enum(words.INCIDENT, row["status"])
    return shape


def template(call: Call, row: Row) -> dict[str, Any]:
    """An incident template."""
    keys = ("id", "name", "slug", "template", "engine")
    return {**{key: row[key] for key in keys}, **_dates(call, row)}


def schedule(call: Call, row: Row) -> dict[str, Any]:
    """The status is derived from the dates at the moment of reading."""
    return {
        "id": row["id"], "name": row["name"], "message": row["message"],
        "status": _enum(words.SCHEDULE, impact.schedule_status(row, call.now)),
        "scheduled": date(call, row["scheduled_at"]), "completed": date(call, row["completed_at"]),
        "published": date(call, row["published_at"]), **_dates(call, row),
    }  # fmt: skip


def metric(call: Call, row: Row) -> dict[str, Any]:
    """MariaDB's decimals come as texts with three places."""
    keys = (
        "id", "name", "suffix", "description", "default_value", "calc_type", "display_chart", "places",
        "default_view", "threshold", "order", "visible",
    )  # fmt: skip
    shape = {**{key: row[key] for key in keys}, **_dates(call, row)}
    if isinstance(row["default_value"], float) and call.settings.database == "mariadb":
        shape["default_value"] = f"{row['default_value']:.3f}"
    elif row["default_value"] is not None:
        shape["default_value"] = php.number(row["default_value"])
    return shape


def point(call: Call, row: Row) -> dict[str, Any]:
    """MariaDB keeps three decimals."""
    value = round(row["value"], 3) if call.settings.database == "mariadb" else row["value"]
    return point_of(call, row, value)


def point_of(call: Call, row: Row, value: float) -> dict[str, Any]:
    """A point with the value as the answer of a POST shows it, unrounded."""
    return {
        "id": row["id"], "metric_id": row["metric_id"], "calculated_value": php.number(value * row["counter"]),
        "value": php.number(value), "counter": row["counter"], **_dates(call, row),
    }  # fmt: skip


def subscriber(call: Call, row: Row) -> dict[str, Any]:
    """An e-mail subscriber."""
    return {
        "id": row["id"], "email": row["email"], "global": row["global"], "verified": row["verified_at"] is not None,
        "verified_at": date(call, row["verified_at"]), **_dates(call, row),
    }  # fmt: skip
