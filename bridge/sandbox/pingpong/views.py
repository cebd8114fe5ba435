"""Objects as the API answers them. References are whole objects here, although they are written as ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bridge.sandbox.pingpong.objects import Component, CustomMetric, Group, Incident, Maintenance, Metric, Update
from bridge.sandbox.pingpong.tables import COLOURS
from bridge.sandbox.pingpong.world import World


def stamp(moment: datetime) -> str:
    """UTC, whole seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_group(world: World, group: Group) -> dict[str, Any]:
    """A component group."""
    return {
        "id": group.id,
        "project": world.settings.project,
        "name": group.name,
        "created_at": stamp(group.created_at),
        "description": group.description,
    }


def show_component(world: World, component: Component) -> dict[str, Any]:
    """A component with the effective status."""
    status = world.effective(component)
    return {
        "id": component.id,
        "project": world.settings.project,
        "name": component.name,
        "group": show_group(world, world.groups[component.group]) if component.group else None,
        "created_at": stamp(component.created_at),
        "status": status,
        "status_color": COLOURS[status],
        "description": component.description,
        "showcased": component.showcased,
    }


def show_update(update: Update) -> dict[str, Any]:
    """An incident update; it names neither project nor incident."""
    return {
        "id": update.id,
        "created_at": stamp(update.created_at),
        "reported_by": update.reported_by,
        "status": update.status,
        "message": update.message,
    }


def show_incident(world: World, incident: Incident) -> dict[str, Any]:
    """An incident, updates oldest first."""
    return {
        "id": incident.id,
        "project": world.settings.project,
        "title": incident.title,
        "created_at": stamp(incident.created_at),
        "status": incident.status,
        "affected_components": [show_component(world, world.components[id]) for id in incident.imposed],
        "reported_by": incident.reported_by,
        "occurred_at": stamp(incident.occurred_at),
        "message": incident.message,
        "updates": [show_update(update) for update in incident.updates],
    }


def show_maintenance(world: World, window: Maintenance) -> dict[str, Any]:
    """A maintenance: written as ``title``, read as ``name``."""
    return {
        "id": window.id,
        "project": world.settings.project,
        "name": window.name,
        "created_at": stamp(window.created_at),
        "status": window.status(world.context.clock.now()),
        "affected_components": [show_component(world, world.components[id]) for id in window.component_ids],
        "reported_by": window.reported_by,
        "scheduled_for": stamp(window.scheduled_for),
        "ends_at": stamp(window.ends_at),
        "message": window.message,
    }


def show_metric(world: World, metric: Metric) -> dict[str, Any]:
    """A metric that the vendor measures."""
    return _metric_head(world, metric) | {
        "url": metric.url,
        "frequency": metric.frequency,
        "location": metric.location,
        "showcased": metric.showcased,
    }


def show_custom_metric(world: World, metric: CustomMetric) -> dict[str, Any]:
    """A metric that is fed from outside. Its points cannot be read."""
    return _metric_head(world, metric) | {
        "suffix": metric.suffix,
        "rollup": metric.rollup,
        "showcased": metric.showcased,
    }


def _metric_head(world: World, metric: Metric | CustomMetric) -> dict[str, Any]:
    return {
        "id": metric.id,
        "project": world.settings.project,
        "name": metric.name,
        "description": metric.description,
        "created_at": stamp(metric.created_at),
        "component": show_component(world, world.components[metric.component]) if metric.component else None,
    }
