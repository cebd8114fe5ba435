"""All operations of the v1 API in one table."""

from __future__ import annotations

from bridge.sandbox.statuspage.http import Route
from bridge.sandbox.statuspage.resources import (
    access,
    components,
    groups,
    incidents,
    metrics,
    pages,
    postmortems,
    subscribers,
    team,
    templates,
    uptime,
)

_MODULES = (
    pages,
    components,
    groups,
    uptime,
    incidents,
    postmortems,
    templates,
    subscribers,
    metrics,
    access,
    team,
)
ROUTES: tuple[Route, ...] = tuple(route for module in _MODULES for route in module.ROUTES)
