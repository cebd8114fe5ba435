"""What a PingPong destination needs beside a token, and how it is addressed.

Only two of PingPong's paths are documented; the others are well-founded guesses. So they are settings: when the
service spells one differently, a line in the configuration mends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from marshmallow import RAISE, Schema, fields, validate

from bridge.config.settings import DestinationSettings
from bridge.providers.base.http import Address

SERVICE = "https://api.pingpong.one"
_API = "/rest/v1"

ROUTES: Mapping[str, str] = MappingProxyType(
    {
        "components": "/components",
        "component_status": "status",
        "component_groups": "/component-groups",
        "incidents": "/incidents",
        "incident_updates": "updates",
        "ongoing_incidents": "ongoing",
        "maintenance": "/maintenance",
        "live": "/live",
        "metrics": "/metrics",
        "custom_metrics": "/custom-metrics",
        "metric_points": "/custom-metrics/data",
    }
)
"""Collection → path. Those of one word are below another: below a component, an incident, the incidents."""

UPDATE_METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"auto": ("PATCH", "PUT"), "patch": ("PATCH",), "put": ("PUT",)}
)
"""Option → the methods to try, in order."""


def _route(name: str) -> fields.String:
    below = not ROUTES[name].startswith("/")
    pattern = r"^[A-Za-z0-9_-]+\Z" if below else r"^(/[A-Za-z0-9_-]+)+\Z"
    wrong = "is one word, such as updates" if below else "is a path below the API's address, such as /components"
    return fields.String(load_default=ROUTES[name], validate=validate.Regexp(pattern, error=wrong))


class RouteOptions(Schema):
    """Spellings of the paths."""

    class Meta:
        """A misspelt name would silently change nothing."""

        unknown = RAISE

    components = _route("components")
    component_status = _route("component_status")
    component_groups = _route("component_groups")
    incidents = _route("incidents")
    incident_updates = _route("incident_updates")
    ongoing_incidents = _route("ongoing_incidents")
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
    """Where the API is; ``url`` may be the service's address or that of its API.

    The scheme is ``Token``; with another one the service says that no key was sent.
    """
    return Address(
        url=_service(settings) + _API,
        token=settings.token,
        scheme="Token",
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )


def badge_address(settings: DestinationSettings) -> Address:
    """Where the badges are: beside the API, for everybody, so no token is sent there."""
    return replace(address(settings), url=_service(settings), token=None)


def _service(settings: DestinationSettings) -> str:
    return (settings.url or SERVICE).rstrip("/").removesuffix(_API)
