"""All operations of the PingPong API in one table."""

from __future__ import annotations

from bridge.sandbox.pingpong.http import Resource
from bridge.sandbox.pingpong.resources import components, incidents, maintenance, metrics, points, status

RESOURCES: tuple[Resource, ...] = (
    *status.RESOURCES,
    *components.RESOURCES,
    *incidents.RESOURCES,
    *maintenance.RESOURCES,
    *metrics.RESOURCES,
    *points.RESOURCES,
)
