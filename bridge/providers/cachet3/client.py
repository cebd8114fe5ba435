"""Cachet 3 as a library."""

from __future__ import annotations

from types import MappingProxyType
from typing import Unpack

from bridge.providers.base.client import BaseClient, Part, Transport
from bridge.providers.cachet3.documents import (
    ComponentGroups,
    Components,
    Incidents,
    IncidentTemplates,
    IncidentUpdates,
    MetricPoints,
    Metrics,
    Schedules,
    ScheduleUpdates,
    Server,
    Subscribers,
)
from bridge.providers.cachet3.features import Features, Probe
from bridge.providers.cachet3.resources import FAILURES
from bridge.providers.cachet3.settings import Options, address
from bridge.secret import Secret


class Client(BaseClient):
    """Everything that the API of Cachet 3 offers.

    Args:
        url: of the page or of its API; else ``CACHET3_URL``.
        token: a personal token of the dashboard; else ``CACHET3_TOKEN``.
        time_zone: ``APP_TIMEZONE`` of the installation, where it is not UTC; else ``CACHET3_TIME_ZONE``.
        transport: see :class:`bridge.providers.base.client.Transport`.

    Raises:
        ConfigError: address or token is missing, or something given cannot be used.
    """

    provider = "cachet3"
    failures = FAILURES
    options = Options
    environment = MappingProxyType({"url": "CACHET3_URL", "token": "CACHET3_TOKEN", "time_zone": "CACHET3_TIME_ZONE"})
    needed = ("url", "token")
    address = staticmethod(address)

    server = Part(Server)
    components = Part(Components)
    component_groups = Part(ComponentGroups)
    incidents = Part(Incidents)
    incident_updates = Part(IncidentUpdates)
    incident_templates = Part(IncidentTemplates)
    schedules = Part(Schedules)
    schedule_updates = Part(ScheduleUpdates)
    metrics = Part(Metrics)
    metric_points = Part(MetricPoints)
    subscribers = Part(Subscribers)

    def __init__(
        self,
        *,
        url: str | None = None,
        token: str | Secret | None = None,
        time_zone: str | None = None,
        **transport: Unpack[Transport],
    ) -> None:
        super().__init__({"url": url, "token": token, "time_zone": time_zone}, **transport)
        self._probe = Probe(self.http, self.settings.options.get("meta"))

    @property
    def features(self) -> Features:
        """What the server has; asked once, with one call where it has everything.

        Raises:
            ProviderError: the server cannot tell now.
        """
        return self._probe.features()
