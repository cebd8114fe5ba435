"""Metrics and metric points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2 import shapes
from bridge.sandbox.cachet2.answers import ApiError
from bridge.sandbox.cachet2.call import Call, find
from bridge.sandbox.cachet2.commit import commit
from bridge.sandbox.cachet2.listing import Listable, answer_list
from bridge.sandbox.cachet2.moments import round_half_minute
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row

METRICS = Listable(("id", "name", "display_chart", "default_value", "calc_type", "order", "visible"))
_DEFAULTS = {
    "calc_type": 0, "display_chart": 1, "places": 2, "default_view": 1, "threshold": 5, "order": 0, "visible": 1,
}  # fmt: skip
_RULES = {
    "name": ("string",), "suffix": ("string",), "description": ("string",), "default_value": ("numeric",),
    "calc_type": ("int", "in:0,1"), "display_chart": ("int",), "places": ("numeric", "between:0,4"),
    "default_view": ("numeric", "between:0,3"), "threshold": ("numeric", "divides_60"), "order": ("int",),
    "visible": ("numeric", "between:0,2"),
}  # fmt: skip
_CREATE_RULES = {
    **_RULES, "name": ("required", "string"), "suffix": ("required", "string"), "default_value": ("required", "int"),
    "calc_type": ("int",),
}  # fmt: skip
_MODEL_RULES = {"name": ("required", "string"), "suffix": ("required", "string")}
_ORDER_LIMIT = 127
"""The column is a signed byte on MySQL."""


def list_metrics(call: Call) -> Any:
    """All of them, whatever ``visible`` says; filters are ignored."""
    return answer_list(call, call.world.metrics, METRICS, shapes.metric)


def get_metric(call: Call, number: str) -> Any:
    """One metric, hidden or not."""
    return shapes.metric(call, find(call.world.metrics, number, "Metric"))


def _values(call: Call) -> dict[str, Any]:
    values = {key: call.get(key) for key in _RULES}
    values["default_view"] = call.get("default_view", call.get("view"))
    return values


def create_metric(call: Call) -> Any:
    """``description`` must be sent (it may be empty): the database refuses a null."""
    values = {key: value if value is not None else _DEFAULTS.get(key) for key, value in _values(call).items()}
    if call.old:
        call.check(values, _OLD_RULES)
    else:
        call.check(values, _CREATE_RULES)
    if values["description"] is None or values["default_value"] is None:
        raise ApiError(400)
    row = call.world.metrics.add({**_typed(values), "created_at": call.now, "updated_at": call.now})
    shape = shapes.metric(call, row)
    commit(call, "metric", row, "created", shape)
    return shape


_OLD_RULES = {
    "name": ("required", "string"), "suffix": ("required", "string"), "display_chart": ("bool",),
    "places": ("numeric", "between:0,4"), "default_view": ("numeric", "between:0,3"),
}  # fmt: skip


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    for key in ("calc_type", "places", "default_view", "threshold", "order", "visible"):
        if values.get(key) is not None:
            values[key] = php.to_int(values[key])
    if values.get("display_chart") is not None:
        values["display_chart"] = php.to_bool(values["display_chart"])
    if "order" in values:
        values["order"] = min(values["order"] or 0, _ORDER_LIMIT)
    return values


def update_metric(call: Call, number: str) -> Any:
    """Partial."""
    row = find(call.world.metrics, number, "Metric")
    values = _values(call)
    if not call.old:
        call.check(values, _RULES)
    changes = _typed({key: value for key, value in values.items() if value is not None})
    call.check({**row, **changes}, _OLD_RULES if call.old else _MODEL_RULES)
    save(row, changes, call.now)
    shape = shapes.metric(call, row)
    commit(call, "metric", row, "updated", shape)
    return shape


def delete_metric(call: Call, number: str) -> None:
    """Hard, with its points."""
    row = find(call.world.metrics, number, "Metric")
    call.world.metrics.remove(row["id"])
    for point in [p for p in call.world.points if p["metric_id"] == row["id"]]:
        call.world.points.remove(point["id"])
    commit(call, "metric", row, "deleted", None)


def list_points(call: Call, number: str) -> Any:
    """Newest first (2.3: as they came in)."""
    metric = find(call.world.metrics, number, "Metric")
    rows = [p for p in call.world.points if p["metric_id"] == metric["id"]]
    if not call.old:
        rows.sort(key=lambda p: p["created_at"], reverse=True)
    return answer_list(call, rows, Listable(), shapes.point)


def create_point(call: Call, number: str) -> Any:
    """Folds into an older point of the same value within the threshold, whatever ``timestamp`` says (trap 19)."""
    metric = find(call.world.metrics, number, "Metric")
    sent = {"value": call.get("value"), "created_at": call.get("timestamp")}
    call.check(sent, {"value": ("required", "numeric"), "created_at": () if call.old else ("int",)})
    if sent["created_at"] and not php.is_int(sent["created_at"]):
        raise ApiError(500)  # only 2.3 lets a word come this far
    value = php.to_float(sent["value"])
    if older := _foldable(call, metric, value):
        save(older, {"counter": older["counter"] + 1}, call.now)
        commit(call, "point", older, "updated", shapes.point(call, older))
        return shapes.point(call, older)
    row = call.world.points.add(
        {
            "metric_id": metric["id"], "value": round(value, 3), "counter": 1,
            "created_at": _stamp(call, sent["created_at"]), "updated_at": call.now,
        }
    )  # fmt: skip
    commit(call, "point", row, "created", shapes.point(call, row))
    return shapes.point(call, row, value)


def _foldable(call: Call, metric: Row, value: float) -> Row | None:
    since = call.now - timedelta(minutes=metric["threshold"])
    if not call.old:
        since = (since + timedelta(minutes=1)).replace(second=0, microsecond=0)
    for row in call.world.points:
        if row["metric_id"] == metric["id"] and row["value"] == value and row["created_at"] >= since:
            return row
    return None


def _stamp(call: Call, timestamp: Any) -> datetime:
    moment = datetime.fromtimestamp(php.to_int(timestamp), UTC) if php.to_int(timestamp) else call.now
    return moment if call.old else round_half_minute(moment)


def update_point(call: Call, number: str, point: str) -> Any:
    """A missing value becomes 0, the point moves to the metric of the path, the timestamp must be digits as text."""
    metric = find(call.world.metrics, number, "Metric")
    row = find(call.world.points, point, "MetricPoint")
    sent = {"value": call.get("value"), "created_at": call.get("timestamp")}
    call.check(sent, {"value": ("numeric",), "created_at": ("string",)})
    changes: dict[str, Any] = {"value": round(php.to_float(sent["value"]), 3), "metric_id": metric["id"]}
    if sent["created_at"]:
        if not php.is_int(sent["created_at"]):
            raise ApiError(500)
        changes["created_at"] = _stamp(call, sent["created_at"])
    save(row, changes, call.now)
    shape = shapes.point(call, row)
    commit(call, "point", row, "updated", shape)
    return shape


def delete_point(call: Call, number: str, point: str) -> None:
    """Hard; the point's id is not checked against the metric."""
    find(call.world.metrics, number, "Metric")
    row = find(call.world.points, point, "MetricPoint")
    call.world.points.remove(row["id"])
    commit(call, "point", row, "deleted", None)
