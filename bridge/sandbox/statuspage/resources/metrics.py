"""Metric providers, metrics and their data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.sandbox.statuspage.collection import Collection, show_times
from bridge.sandbox.statuspage.fields import Field, choice, flag, integer, number, text
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route
from bridge.sandbox.statuspage.paging import PER_PAGE
from bridge.sandbox.statuspage.tables import INT32_MAX, METRIC_BACKFILL_DAYS, METRIC_SLOT, PROVIDER_TYPES, TRANSFORMS
from bridge.sandbox.statuspage.world import PAGE_ID, Row, World

SECRETS = {
    "Pingdom": ("api_token",),
    "NewRelic": ("api_key", "metric_base_uri"),
    "Librato": ("email", "api_token"),
    "Datadog": ("api_key", "application_key", "metric_base_uri"),
    "Self": (),
}
"""What each type of provider needs (clients that work with it, where the spec is off)."""


def _show_provider(_world: World, row: Row) -> dict[str, Any]:
    """Secrets are never answered."""
    shown = show_times(row, "id", "type", "disabled", "metric_base_uri", "last_revalidated_at")
    return {**shown, **show_times(row, "created_at", "updated_at"), "page_id": PAGE_ID}


def _show_metric(_world: World, row: Row) -> dict[str, Any]:
    return show_times(
        row,
        "id",
        "metrics_provider_id",
        "metric_identifier",
        "name",
        "display",
        "tooltip_description",
        "backfilled",
        "y_axis_min",
        "y_axis_max",
        "y_axis_hidden",
        "suffix",
        "decimal_places",
        "most_recent_data_at",
        "created_at",
        "updated_at",
        "last_fetched_at",
        "backfill_percentage",
        "reference_name",
    )


PROVIDERS = Collection(
    table="metrics_providers",
    kind="metrics_provider",
    wrapper="metrics_provider",
    arg="metrics_provider_id",
    fields=(
        Field("type", choice(PROVIDER_TYPES), required=True),
        *(Field(name, text()) for name in ("email", "password", "api_key", "api_token", "application_key")),
        Field("metric_base_uri", text()),
    ),
    changeable=(Field("type", choice(PROVIDER_TYPES), nullable=False), Field("metric_base_uri", text())),
    show=_show_provider,
    paging=None,
)
METRICS = Collection(
    table="metrics",
    kind="metric",
    wrapper="metric",
    arg="metric_id",
    fields=(
        Field("name", text(), required=True),
        Field("metric_identifier", text()),
        Field("transform", choice(TRANSFORMS)),
        Field("application_id", text()),
        Field("suffix", text()),
        Field("y_axis_min", number),
        Field("y_axis_max", number),
        Field("y_axis_hidden", flag, nullable=False),
        Field("display", flag, nullable=False),
        Field("decimal_places", integer, nullable=False),
        Field("tooltip_description", text()),
    ),
    changeable=(Field("name", text(), required=True), Field("metric_identifier", text())),
    show=_show_metric,
)


def create_provider(world: World, call: Call) -> Reply:
    """A new provider; its secrets are checked for presence and then forgotten."""
    values = PROVIDERS.read_new(call)
    missing = [name for name in SECRETS[values["type"]] if not values.get(name)]
    if missing:
        raise Refusal(422, [(name, "can't be blank") for name in missing])
    row = {
        "type": values["type"],
        "disabled": False,
        "metric_base_uri": values.get("metric_base_uri"),
        "last_revalidated_at": world.now(),
    }
    return Reply(201, _show_provider(world, PROVIDERS.add(world, row)))


def delete_provider(world: World, call: Call) -> Reply:
    """Delete a provider with its metrics."""
    provider = PROVIDERS.find(world, call)
    for id in [row["id"] for row in METRICS.rows(world).values() if row["metrics_provider_id"] == provider["id"]]:
        del METRICS.rows(world)[id]
        world.commit("metric", id, "deleted", None)
    return PROVIDERS.remove(world, call)


def list_provider_metrics(world: World, call: Call) -> Reply:
    """The metrics of one provider."""
    provider = PROVIDERS.find(world, call)
    found = [row for row in METRICS.rows(world).values() if row["metrics_provider_id"] == provider["id"]]
    return Reply(200, [_show_metric(world, row) for row in PER_PAGE.cut(call, found)])


def create_metric(world: World, call: Call) -> Reply:
    """A new metric under a provider; New Relic wants the application too."""
    provider = PROVIDERS.find(world, call)
    values = METRICS.read_new(call)
    if provider["type"] != "Self" and not values.get("metric_identifier"):
        raise Refusal(422, [("metric_identifier", "can't be blank")])
    if provider["type"] == "NewRelic" and not values.get("application_id"):
        raise Refusal(422, [("application_id", "can't be blank")])
    row: Row = {
        "metrics_provider_id": provider["id"],
        "metric_identifier": values.get("metric_identifier"),
        "name": values["name"],
        "display": values.get("display", True),
        "tooltip_description": values.get("tooltip_description"),
        "backfilled": False,
        "y_axis_min": values.get("y_axis_min"),
        "y_axis_max": values.get("y_axis_max"),
        "y_axis_hidden": values.get("y_axis_hidden", False),
        "suffix": values.get("suffix"),
        "decimal_places": values.get("decimal_places", 0),
        "most_recent_data_at": None,
        "last_fetched_at": None,
        "backfill_percentage": 0,
        "reference_name": None,
        "points": {},
    }
    return Reply(201, _show_metric(world, METRICS.add(world, row)))


def add_point(world: World, call: Call) -> Reply:
    """Store one point; the answer echoes it, moved to its slot of 30 seconds."""
    metric = _own_metric(world, METRICS.find(world, call))
    point = _read_point(call.bare().get("data"))
    _store(world, metric, [point])
    return Reply(201, {"data": _show_point(point)})


def add_points(world: World, call: Call) -> Reply:
    """Store points of several metrics; 202, and the answer has no envelope although the request has one."""
    data = call.bare().get("data")
    if not isinstance(data, Mapping) or not all(isinstance(points, list) for points in data.values()):
        raise Refusal(422, [("data", "must map metric ids to lists of points")])
    metrics = {id: _own_metric(world, world.row("metrics", id)) for id in data}
    read = {id: [_read_point(point) for point in points] for id, points in data.items()}
    for id, points in read.items():
        _store(world, metrics[id], points)
    return Reply(202, {id: [_show_point(point) for point in points] for id, points in read.items()})


def reset_points(world: World, call: Call) -> Reply:
    """Forget all data of a metric."""
    metric = METRICS.find(world, call)
    metric["points"] = {}
    metric["most_recent_data_at"] = None
    return METRICS.touch(world, metric)


def _own_metric(world: World, metric: Row) -> Row:
    if world.row("metrics_providers", metric["metrics_provider_id"])["type"] != "Self":
        raise Refusal(405, [("", "Data can only be posted to metrics of your own")])
    return metric


def _read_point(raw: Any) -> tuple[int, float]:
    if not isinstance(raw, Mapping):
        raise Refusal(422, [("data", "must hold a timestamp and a value")])
    second, value = raw.get("timestamp"), raw.get("value")
    if isinstance(second, bool) or not isinstance(second, int) or abs(second) > INT32_MAX:
        raise Refusal(422, [("timestamp", "is not a number of seconds")])
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal(422, [("value", "is not a number")])
    return second // METRIC_SLOT * METRIC_SLOT, value


def _show_point(point: tuple[int, float]) -> dict[str, float]:
    return {"timestamp": point[0], "value": point[1]}


def _store(world: World, metric: Row, points: list[tuple[int, float]]) -> None:
    """One point per slot, the last one wins; what is older than 28 days is not kept."""
    oldest = (world.now() - timedelta(days=METRIC_BACKFILL_DAYS)).timestamp()
    metric["points"].update({second: value for second, value in points if second >= oldest})
    if metric["points"]:
        metric["most_recent_data_at"] = datetime.fromtimestamp(max(metric["points"]), UTC)
    world.commit("metric_points", metric["id"], "created", {"points": [_show_point(point) for point in points]})


_METRICS = "/pages/{page_id}/metrics"
_PROVIDERS = "/pages/{page_id}/metrics_providers"
_PROVIDER = _PROVIDERS + "/{metrics_provider_id}"
ROUTES = (
    Route("POST", _METRICS + "/data", add_points),
    Route("GET", _METRICS, METRICS.answer_list),
    Route("GET", _METRICS + "/{metric_id}", METRICS.answer_one),
    Route("PATCH PUT", _METRICS + "/{metric_id}", METRICS.change),
    Route("DELETE", _METRICS + "/{metric_id}", METRICS.remove),
    Route("POST", _METRICS + "/{metric_id}/data", add_point),
    Route("DELETE", _METRICS + "/{metric_id}/data", reset_points),
    Route("GET", _PROVIDERS, PROVIDERS.answer_list),
    Route("POST", _PROVIDERS, create_provider),
    Route("GET", _PROVIDER, PROVIDERS.answer_one),
    Route("PATCH PUT", _PROVIDER, PROVIDERS.change),
    Route("DELETE", _PROVIDER, delete_provider),
    Route("GET", _PROVIDER + "/metrics", list_provider_metrics),
    Route("POST", _PROVIDER + "/metrics", create_metric),
)
