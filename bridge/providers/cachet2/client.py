"""Cachet 2 as a library."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar, Unpack

from bridge.providers.base.client import BaseClient, Part, Transport
from bridge.providers.base.failures import Failures
from bridge.providers.base.http import Http
from bridge.providers.base.resource import Resource
from bridge.providers.cachet2.audience import Subscribers, Subscriptions
from bridge.providers.cachet2.dialect import Probe
from bridge.providers.cachet2.metrics import MetricPoints, Metrics
from bridge.providers.cachet2.resources import (
    FAILURES,
    Cachet2Resource,
    ComponentGroups,
    Components,
    Incidents,
    IncidentTemplates,
    IncidentUpdates,
    Schedules,
    failures,
)
from bridge.providers.cachet2.server import Ping, Status, Version
from bridge.providers.cachet2.settings import Dialect, Options, address
from bridge.secret import Secret

R = TypeVar("R", bound=Resource[Any])


class Client(BaseClient):
    """Everything that the API of Cachet 2.3 and 2.4 offers.

    Args:
        url: of the site or of its API; else ``CACHET2_URL`` or ``CACHET_ENDPOINT``.
        token: API key of a user; else ``CACHET2_TOKEN`` or ``CACHET_API_TOKEN``.
        dialect: ``2.3`` or ``2.4``, where it need not be asked; else ``CACHET2_DIALECT``.
        transport: see :class:`bridge.providers.base.client.Transport`.

    Raises:
        ConfigError: address or token is missing, or something given cannot be used.
    """

    provider = "cachet2"
    failures = FAILURES
    options = Options
    environment = MappingProxyType(
        {
            "url": ("CACHET2_URL", "CACHET_ENDPOINT"),
            "token": ("CACHET2_TOKEN", "CACHET_API_TOKEN"),
            "dialect": "CACHET2_DIALECT",
        }
    )
    needed = ("url", "token")
    address = staticmethod(address)

    ping = Part(Ping)
    version = Part(Version)
    status = Part(Status)
    components = Part(Components)
    component_groups = Part(ComponentGroups)
    incidents = Part(Incidents)
    incident_updates = Part(IncidentUpdates)
    incident_templates = Part(IncidentTemplates)
    schedules = Part(Schedules)
    metrics = Part(Metrics)
    metric_points = Part(MetricPoints)
    subscribers = Part(Subscribers)
    subscriptions = Part(Subscriptions)

    def __init__(
        self,
        *,
        url: str | None = None,
        token: str | Secret | None = None,
        dialect: str | None = None,
        **transport: Unpack[Transport],
    ) -> None:
        super().__init__({"url": url, "token": token, "dialect": dialect}, **transport)

    @property
    def dialect(self) -> Dialect:
        """Which Cachet 2 the server is; asked once.

        Raises:
            ProviderError: the server cannot tell now.
        """
        return self._probe.dialect(self.http)

    def make(self, resource: type[R]) -> R:
        """A collection, which shares what is known of the server with the others."""
        made = super().make(resource)
        if isinstance(made, Cachet2Resource):
            made.probe = self._probe
        return made

    def judgement(self) -> Failures:
        """A missing record is told otherwise by each dialect."""
        return failures(self._probe)

    def _connect(self, transport: Mapping[str, Any]) -> Http:
        self._probe = Probe(Dialect(self.settings.options["dialect"]))
        return super()._connect(transport)
