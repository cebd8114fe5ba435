"""PingPong as a library."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, Unpack

from marshmallow import fields, validate

from bridge.providers.base.client import BaseClient, Part, Transport
from bridge.providers.base.http import Http
from bridge.providers.base.resource import Resource
from bridge.providers.pingpong.metrics import CustomMetrics, DataPoints, MeasuredMetrics
from bridge.providers.pingpong.page import Live, PageStatus, Widgets
from bridge.providers.pingpong.resources import (
    FAILURES,
    ComponentGroups,
    Components,
    Incidents,
    IncidentUpdates,
    Maintenances,
)
from bridge.providers.pingpong.routed import PingPongResource, Routed
from bridge.providers.pingpong.settings import ROUTES, UPDATE_METHODS, Options, address, badge_address
from bridge.secret import Secret

R = TypeVar("R", bound=Resource[Any])


class ClientOptions(Options):
    """What a client may be told beside a destination's settings."""

    widget_key = fields.String(
        validate=validate.Regexp(r"^[A-Za-z0-9_]+\Z", error="is the key in the badges' addresses, such as sp_…"),
        metadata={"description": "key of the badges, as the dashboard shows it beside them"},
    )


class Client(BaseClient):
    """Everything that the PingPong REST API v1 offers, as far as it can be known.

    Args:
        token: API key of the project; else ``PINGPONG_TOKEN``.
        url: of the service or of its API, where it is not the vendor's; else ``PINGPONG_URL``.
        widget_key: for the badges; else ``PINGPONG_WIDGET_KEY``.
        update_method: ``patch`` or ``put``, where it need not be found out; else ``PINGPONG_UPDATE_METHOD``.
        routes: paths that the service spells otherwise, by the names in :data:`bridge.providers.pingpong.ROUTES`.
        transport: see :class:`bridge.providers.base.client.Transport`.

    Raises:
        ConfigError: the token is missing, or something given cannot be used.
    """

    provider = "pingpong"
    failures = FAILURES
    options = ClientOptions
    environment = MappingProxyType(
        {
            "token": "PINGPONG_TOKEN",
            "url": "PINGPONG_URL",
            "widget_key": "PINGPONG_WIDGET_KEY",
            "update_method": "PINGPONG_UPDATE_METHOD",
        }
    )
    address = staticmethod(address)

    status = Part(PageStatus)
    live = Part(Live)
    components = Part(Components)
    component_groups = Part(ComponentGroups)
    incidents = Part(Incidents)
    incident_updates = Part(IncidentUpdates)
    maintenance = Part(Maintenances)
    metrics = Part(MeasuredMetrics)
    custom_metrics = Part(CustomMetrics)
    metric_points = Part(DataPoints)
    widgets = Part(Widgets)

    def __init__(
        self,
        token: str | Secret | None = None,
        *,
        url: str | None = None,
        widget_key: str | None = None,
        update_method: str | None = None,
        routes: Mapping[str, str] | None = None,
        **transport: Unpack[Transport],
    ) -> None:
        given = {"token": token, "url": url, "widget_key": widget_key, "update_method": update_method, "routes": routes}
        super().__init__(given, **transport)

    def make(self, resource: type[R]) -> R:
        """A collection, where the routes have it; the badges are beside the API."""
        if issubclass(resource, Widgets):
            return resource(self._badges, **self.constants())
        placed = (
            resource.at({**ROUTES, **self.settings.options["routes"]}) if issubclass(resource, Routed) else resource
        )
        made = super().make(placed)
        if isinstance(made, PingPongResource):
            made.methods = UPDATE_METHODS[self.settings.options["update_method"]]
        return made

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        super().close()
        self._badges.close()

    def _connect(self, transport: Mapping[str, Any]) -> Http:
        self._badges = self._connect_to(badge_address(self.settings), transport)
        return super()._connect(transport)
