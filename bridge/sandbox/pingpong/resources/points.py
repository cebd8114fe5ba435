"""Data points of custom metrics: one per minute, the last one written, none older than 30 days. They cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sandbox.pingpong.fields import Wrong, read_list
from bridge.sandbox.pingpong.http import Call, Refusal, Reply, Resource
from bridge.sandbox.pingpong.tables import INT32_MAX, POINT_DAYS, POINT_SLOT
from bridge.sandbox.pingpong.world import World

_DAY = 86_400


def add_points(world: World, call: Call) -> Reply:
    """Store points of several metrics. The request has an envelope ``data``, the answer has none.

    The answer lists what was stored, ascending; points that are too old are dropped without a word.
    """
    accepted = _read(world, call.read())
    oldest = int(world.context.clock.now().timestamp()) - POINT_DAYS * _DAY
    answer: dict[str, list[dict[str, Any]]] = {}
    for id, points in accepted.items():
        stored = {second // POINT_SLOT * POINT_SLOT: value for second, value in points if second >= oldest}
        world.custom_metrics[id].points.update(stored)
        answer[id] = [{"timestamp": second, "value": stored[second]} for second in sorted(stored)]
        world.commit("metric_points", id, "created", {"id": id, "points": answer[id]})
    return Reply(200, answer)


def _read(world: World, raw: Any) -> dict[str, list[tuple[int, float]]]:
    """The points by metric; everything is checked before anything is stored."""
    if not isinstance(raw, Mapping):
        kind = type(raw).__name__
        raise Refusal(400, {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]})
    if "data" not in raw:
        raise Refusal(400, {"data": ["This field is required."]})
    data = raw["data"]
    if not isinstance(data, Mapping):
        raise Refusal(400, {"data": [f'Expected a dictionary of items but got type "{type(data).__name__}".']})
    accepted: dict[str, list[tuple[int, float]]] = {}
    problems: dict[str, Any] = {}
    for id, points in data.items():
        if id not in world.custom_metrics:
            if world.settings.refuse_unknown_metrics:
                problems[id] = [f"Object with id={id} does not exist."]
            continue
        try:
            accepted[id] = read_list(points, _read_point, world.settings.framework)
        except Wrong as wrong:
            problems[id] = wrong.problem
    if problems:
        raise Refusal(400, {"data": problems})
    return accepted


def _read_point(item: Any) -> tuple[int, float]:
    if not isinstance(item, Mapping):
        raise Wrong({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {type(item).__name__}."]})
    problems: dict[str, Any] = {
        name: ["This field is required."] for name in ("timestamp", "value") if name not in item
    }
    second, value = item.get("timestamp"), item.get("value")
    if "timestamp" in item:
        if isinstance(second, bool) or not isinstance(second, int):
            problems["timestamp"] = ["A valid integer is required."]
        elif not -INT32_MAX - 1 <= second <= INT32_MAX:
            problems["timestamp"] = [f"Ensure this value is less than or equal to {INT32_MAX}."]
    if "value" in item and (isinstance(value, bool) or not isinstance(value, int | float)):
        problems["value"] = ["A valid number is required."]
    if problems or not isinstance(second, int) or not isinstance(value, int | float):
        raise Wrong(problems)
    return second, value


RESOURCES = (Resource("/custom-metrics/data", {"POST": add_points}, "Custom Metric Data"),)
