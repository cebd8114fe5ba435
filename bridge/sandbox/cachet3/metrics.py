"""Metrics and metric points."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3 import moments, shapes, sight
from bridge.sandbox.cachet3.answers import missing
from bridge.sandbox.cachet3.call import Call, find
from bridge.sandbox.cachet3.checks import (
    BOOLEAN,
    DECIMALS,
    INTEGER,
    NOT_NEGATIVE,
    NUMERIC,
    STRING,
    THRESHOLD,
    WIDTH,
    Field,
    Rule,
    at_most,
    check,
    one_of,
)  # fmt: skip
from bridge.sandbox.cachet3.commit import commit
from bridge.sandbox.cachet3.components import NAME, REQUIRED_NAME
from bridge.sandbox.cachet3.documents import Builder
from bridge.sandbox.cachet3.listing import answer_list
from bridge.sandbox.cachet3.narrow import check_widths
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row

_DEFAULTS = {"calc_type": 0, "display_chart": True, "places": 2, "threshold": 5}
_FROZEN_DEFAULTS = {"default_view": 1, "order": 0, "visible": 1}
"""No endpoint can set these."""


def _common_fields(name: Field, suffix: Field) -> dict[str, Field]:
    return {
        "name": name, "suffix": suffix, "description": Field((STRING,)), "default_value": Field((DECIMALS,)),
        "threshold": THRESHOLD,
    }  # fmt: skip


def _common_values(call: Call) -> dict[str, Any]:
    values = call.sent("name", "suffix", "description")
    values.update({k: php.to_float(v) for k, v in call.sent("default_value").items()})
    values.update({k: php.to_int(v) for k, v in call.sent("threshold").items()})
    return values


def list_metrics(call: Call) -> Any:
    """Newest first."""
    return answer_list(call, "metric", [m for m in call.world.metrics if sight.metric(call, m)])


def get_metric(call: Call, number: str) -> Any:
    """One metric."""
    row = find(call.world.metrics, number, "Metric")
    if not sight.metric(call, row):
        raise missing("Metric", number)
    return Builder(call, "metric").single(row)


def create_metric(call: Call) -> Any:
    """The answer shows null for what the database fills in."""
    common = _common_fields(REQUIRED_NAME, Field((STRING, WIDTH), required=True))
    fields = {
        "name": common["name"], "suffix": common["suffix"], "calc_type": Field((one_of((0, 1)),), nullable=True),
        "description": common["description"], "default_value": common["default_value"],
        "display_chart": Field((BOOLEAN,), nullable=True), "threshold": common["threshold"],
        "places": Field((INTEGER, NOT_NEGATIVE, at_most(4))),
    }  # fmt: skip
    check(call.input, fields)
    call.need("metrics.manage")
    check_widths(call)
    values = _common_values(call)
    values.update({k: php.to_int(v) for k, v in call.sent("calc_type", "places").items()})
    values.update({k: php.to_bool(v) for k, v in call.sent("display_chart").items()})
    base = {"description": None, "default_value": None, **_DEFAULTS, **_FROZEN_DEFAULTS}
    row = call.world.metrics.add({**base, **values, "created_at": call.now, "updated_at": call.now})
    commit(call, "metric", row, "created")
    unset: dict[str, Any] = {key: None for key in (*_DEFAULTS, *_FROZEN_DEFAULTS) if key not in values}
    if "default_value" in values:
        unset["default_value"] = php.number(values["default_value"])
    return Builder(call, "metric").single(row, unset)


def update_metric(call: Call, number: str) -> Any:
    """Five fields only; the others are frozen and ignored in silence."""
    row = find(call.world.metrics, number, "Metric")
    check(call.input, _common_fields(NAME, Field((STRING, WIDTH))))
    call.need("metrics.manage")
    check_widths(call)
    save(row, _common_values(call), call.now)
    commit(call, "metric", row, "updated")
    return Builder(call, "metric").single(row)


def delete_metric(call: Call, number: str) -> None:
    """Hard, with its points."""
    row = find(call.world.metrics, number, "Metric")
    call.need("metrics.delete")
    call.world.metrics.remove(row["id"])
    for point in _points(call, row):
        call.world.points.remove(point["id"])
    commit(call, "metric", row, "deleted")


def _points(call: Call, metric: Row) -> list[Row]:
    return call.world.points.of(metric["id"])


def list_points(call: Call, number: str) -> Any:
    """Filters are ignored."""
    return answer_list(call, "point", _points(call, find(call.world.metrics, number, "Metric")))


def get_point(call: Call, number: str, point: str) -> Any:
    """One point of this metric."""
    return Builder(call, "point").single(_child(call, number, point))


def _child(call: Call, number: str, point: str) -> Row:
    metric = find(call.world.metrics, number, "Metric")
    row = find(call.world.points, point, "MetricPoint")
    if row["metric_id"] != metric["id"]:
        raise missing("MetricPoint", point)
    return row


def create_point(call: Call, number: str) -> Any:
    """Merged into the newest point when it is nearer than the threshold: the new value is lost (trap 8)."""
    metric = find(call.world.metrics, number, "Metric")

    def is_time(value: Any) -> bool:
        return call.is_date(value) or (isinstance(value, int) and not isinstance(value, bool))

    stamp = Rule(is_time, "The timestamp must be a date or Unix timestamp.")
    check(call.input, {"value": Field((NUMERIC,), required=True), "timestamp": Field((stamp,), nullable=True)})
    call.need("metric-points.manage")
    moment, value = _moment(call), php.to_float(call.input["value"])
    newest = max(_points(call, metric), key=lambda p: p["created_at"], default=None)
    if newest is not None and abs(_minute(newest["created_at"]) - _minute(moment)) < metric["threshold"]:
        save(newest, {"counter": newest["counter"] + 1}, call.now)
        commit(call, "point", newest, "updated")
        return Builder(call, "point").single(newest)
    row = call.world.points.add(
        {
            "metric_id": metric["id"], "value": value, "counter": 1, "updated_at": call.now,
            "created_at": moments.round_half_minute(moment),
        }
    )  # fmt: skip
    commit(call, "point", row, "created")
    return Builder(call, "point").single(row, shapes.point_of(call, row, value))


def _moment(call: Call) -> datetime:
    sent = call.input.get("timestamp")
    if isinstance(sent, int):
        return moments.from_unix(sent)
    return call.date("timestamp") or call.now


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def delete_point(call: Call, number: str, point: str) -> None:
    """Hard."""
    row = _child(call, number, point)
    call.need("metric-points.delete")
    call.world.points.remove(row["id"])
    commit(call, "point", row, "deleted")
