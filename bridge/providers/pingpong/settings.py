"""What a PingPong destination needs beside a token, and how it is addressed.

Only two of PingPong's paths are documented; the others are well-founded guesses. So they are settings: when the
service spells one differently, a line in the configuration mends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from marshmallow import RAISE, Schema, fields, validate

from bridge.config.settings import DestinationSettings
from bridge.providers.base.http import Address

SERVICE = "https://api.pingpong.one/rest/v1"

ROUTES: Mapping[str, str] = MappingProxyType(
    {
        "components": "/components",
        "component_groups": "/component-groups",
        "incidents": "/incidents",
        "incident_updates": "updates",
        "maintenance": "/maintenance",
        "live": "/live",
        "metrics": "/metrics",
        "custom_metrics": "/custom-metrics",
        "metric_points": "/custom-metrics/data",
    }
)
"""Collection → path; that of the incident updates is below an incident."""

UPDATE_METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"auto": ("PATCH", "PUT"), "patch": ("PATCH",), "put": ("PUT",)}
)
"""Option → the methods to try, in order. Bodies are always complete, so both mean the same."""


def _route(name: str) -> fields.String:
    below = name == "incident_updates"
    pattern = r"^[A-Za-z0-9_-]+\Z" if below else r"^(/[A-Za-z0-9_-]+)+\Z"
    wrong = "is one word, such as updates" if below else "is a path below the API's address, such as /components"
    return fields.String(load_default=ROUTES[name], validate=validate.Regexp(pattern, error=wrong))


class RouteOptions(Schema):
    """Spellings of the paths."""

    class Meta:
        """A misspelt name would silently change nothing."""

        unknown = RAISE

    components = _route("components")
    component_groups = _route("component_groups")
    incidents = _route("incidents")
    incident_updates = _route("incident_updates")
    maintenance = _route("maintenance")
    live = _route("live")
    metrics = _route("metrics")
    custom_metrics = _route("custom_metrics")
    metric_points = _route("metric_points")


class Options(Schema):
    """Settings of a ``pingpong`` destination."""

    routes = fields.Nested(
        RouteOptions,
        load_default=lambda: dict(ROUTES),
        metadata={"description": "paths of the API, where the service spells them otherwise"},
    )
    update_method = fields.String(
        load_default="auto",
        validate=validate.OneOf(list(UPDATE_METHODS)),
        metadata={"description": "auto tries PATCH and, where that is not allowed, PUT"},
    )


def address(settings: DestinationSettings) -> Address:
    """Where the API is. The scheme is ``Token``; with another one the service says that no key was sent."""
    return Address(
        url=settings.url or SERVICE,
        token=settings.token,
        scheme="Token",
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
