"""Metrics that the vendor measures, metrics that are fed from outside, and the points of the latter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.sandbox.pingpong.fields import Field, Wrong, choice, flag, moment, read_fields, read_text, text
from bridge.sandbox.pingpong.http import Call, Reply, Resource
from bridge.sandbox.pingpong.objects import CustomMetric, Metric
from bridge.sandbox.pingpong.resources import listed, resets
from bridge.sandbox.pingpong.tables import (
    DESCRIPTION_LIMIT,
    FREQUENCIES,
    LOCATIONS,
    NAME_LIMIT,
    REFERENCE_LIMIT,
    ROLLUPS,
    SHOWCASES,
    SUFFIX_LIMIT,
)
from bridge.sandbox.pingpong.views import show_custom_metric, show_metric
from bridge.sandbox.pingpong.world import World


def read_url(value: Any) -> str:
    """An http or https address; empty is none."""
    address = read_text(value, blank=True)
    scheme, _, rest = address.partition("://")
    if address and (scheme not in ("http", "https") or not rest.strip("/") or " " in rest):
        raise Wrong("Enter a valid URL.")
    return address


def _shared_fields(world: World) -> tuple[Field, ...]:
    def read_component(value: Any) -> str:
        id = read_text(value, REFERENCE_LIMIT)
        if id not in world.components:
            raise Wrong(f"Object with id={id} does not exist.")
        return id

    return (
        text("name", NAME_LIMIT, required=True),
        text("description", DESCRIPTION_LIMIT, blank=True, nullable=True, default=None),
        moment("created_at"),
        Field("component", read_component, nullable=True, default=None, kind="field"),
    )


def metric_fields(world: World) -> tuple[Field, ...]:
    """What can be written on a metric; ``showcased`` is one of four phrases."""
    return (
        *_shared_fields(world),
        Field("url", read_url, default="", kind="url"),
        choice("frequency", FREQUENCIES, exact=world.settings.exact_words),
        choice("location", LOCATIONS),
        choice("showcased", SHOWCASES),
    )


def custom_metric_fields(world: World) -> tuple[Field, ...]:
    """What can be written on a custom metric; ``showcased`` is a boolean."""
    return (
        *_shared_fields(world),
        text("suffix", SUFFIX_LIMIT, blank=True, default=""),
        choice("rollup", ROLLUPS),
        flag("showcased"),
    )


def list_metrics(world: World, call: Call) -> Reply:
    """All metrics."""
    return listed(world, call, [show_metric(world, metric) for metric in world.metrics.values()])


def create_metric(world: World, call: Call) -> Reply:
    """A new metric."""
    metric = Metric(world.new_id(), **_new_values(world, call, metric_fields))
    world.metrics[metric.id] = metric
    shown = show_metric(world, metric)
    world.commit("metric", metric.id, "created", shown)
    return Reply(201, shown)


def get_metric(world: World, call: Call) -> Reply:
    """One metric."""
    return Reply(200, show_metric(world, world.find(world.metrics, call.args["id"], "Metric")))


def update_metric(world: World, call: Call) -> Reply:
    """Change a metric."""
    metric = world.find(world.metrics, call.args["id"], "Metric")
    _change(world, call, metric, metric_fields)
    shown = show_metric(world, metric)
    world.commit("metric", metric.id, "updated", shown)
    return Reply(200, shown)


def list_custom_metrics(world: World, call: Call) -> Reply:
    """All custom metrics."""
    return listed(world, call, [show_custom_metric(world, metric) for metric in world.custom_metrics.values()])


def create_custom_metric(world: World, call: Call) -> Reply:
    """A new custom metric without points."""
    metric = CustomMetric(world.new_id(), **_new_values(world, call, custom_metric_fields))
    world.custom_metrics[metric.id] = metric
    shown = show_custom_metric(world, metric)
    world.commit("custom_metric", metric.id, "created", shown)
    return Reply(201, shown)


def get_custom_metric(world: World, call: Call) -> Reply:
    """One custom metric."""
    metric = world.find(world.custom_metrics, call.args["id"], "CustomMetric")
    return Reply(200, show_custom_metric(world, metric))


def update_custom_metric(world: World, call: Call) -> Reply:
    """Change a custom metric."""
    metric = world.find(world.custom_metrics, call.args["id"], "CustomMetric")
    _change(world, call, metric, custom_metric_fields)
    shown = show_custom_metric(world, metric)
    world.commit("custom_metric", metric.id, "updated", shown)
    return Reply(200, shown)


def _new_values(world: World, call: Call, fields: Callable[[World], tuple[Field, ...]]) -> dict[str, Any]:
    values = read_fields(fields(world), call.read(), creating=True)
    if not world.settings.honour_created_at:
        values.pop("created_at", None)
    return {"created_at": world.now()} | values


def _change(
    world: World, call: Call, metric: Metric | CustomMetric, fields: Callable[[World], tuple[Field, ...]]
) -> None:
    values = read_fields(fields(world), call.read(), creating=False, resetting=resets(world, call))
    if not world.settings.honour_created_at:
        values.pop("created_at", None)
    for name, value in values.items():
        setattr(metric, name, value)


RESOURCES = (
    Resource("/metrics", {"GET": list_metrics, "POST": create_metric}, "Metric List", metric_fields),
    Resource("/metrics/{id}", {"GET": get_metric, "UPDATE": update_metric}, "Metric Instance", metric_fields),
    Resource(
        "/custom-metrics",
        {"GET": list_custom_metrics, "POST": create_custom_metric},
        "Custom Metric List",
        custom_metric_fields,
    ),
    Resource(
        "/custom-metrics/{id}",
        {"GET": get_custom_metric, "UPDATE": update_custom_metric},
        "Custom Metric Instance",
        custom_metric_fields,
    ),
)
