"""Statuspage as a library."""

from __future__ import annotations

from types import MappingProxyType
from typing import Unpack

from marshmallow import fields

from bridge.providers.base.client import BaseClient, Part, Transport
from bridge.providers.statuspage.access import (
    PageAccessGroupComponents,
    PageAccessGroups,
    PageAccessUserComponents,
    PageAccessUserMetrics,
    PageAccessUsers,
)
from bridge.providers.statuspage.audience import IncidentSubscribers, Subscribers
from bridge.providers.statuspage.metrics import Metrics, MetricsProviders, ProviderMetrics
from bridge.providers.statuspage.resources import (
    FAILURES,
    ComponentGroups,
    Components,
    Incidents,
    IncidentTemplates,
    IncidentUpdates,
    Pages,
    Postmortems,
    StatusEmbedConfig,
)
from bridge.providers.statuspage.settings import Options, address
from bridge.providers.statuspage.team import Permissions, Users
from bridge.secret import Secret


class ClientOptions(Options):
    """What a client may be told beside a destination's settings."""

    organization_id = fields.String(metadata={"description": "id of the organisation, for users and permissions"})


class Client(BaseClient):
    """Everything that the Statuspage REST API v1 offers.

    Args:
        token: API key; else ``STATUSPAGE_TOKEN``.
        page_id: id of the page, for everything that belongs to one; else ``STATUSPAGE_PAGE_ID``.
        organization_id: for users and permissions; else ``STATUSPAGE_ORGANIZATION_ID``.
        url: of the API, where it is not the vendor's; else ``STATUSPAGE_URL``.
        transport: see :class:`bridge.providers.base.client.Transport`.

    Raises:
        ConfigError: the token is missing, or something given cannot be used.
    """

    provider = "statuspage"
    failures = FAILURES
    options = ClientOptions
    environment = MappingProxyType(
        {
            "token": "STATUSPAGE_TOKEN",
            "page_id": "STATUSPAGE_PAGE_ID",
            "organization_id": "STATUSPAGE_ORGANIZATION_ID",
            "url": "STATUSPAGE_URL",
        }
    )
    address = staticmethod(address)

    pages = Part(Pages)
    status_embed_config = Part(StatusEmbedConfig)
    components = Part(Components)
    component_groups = Part(ComponentGroups)
    incidents = Part(Incidents)
    incident_updates = Part(IncidentUpdates)
    incident_subscribers = Part(IncidentSubscribers)
    incident_templates = Part(IncidentTemplates)
    postmortems = Part(Postmortems)
    subscribers = Part(Subscribers)
    metrics = Part(Metrics)
    metrics_providers = Part(MetricsProviders)
    provider_metrics = Part(ProviderMetrics)
    page_access_users = Part(PageAccessUsers)
    page_access_user_components = Part(PageAccessUserComponents)
    page_access_user_metrics = Part(PageAccessUserMetrics)
    page_access_groups = Part(PageAccessGroups)
    page_access_group_components = Part(PageAccessGroupComponents)
    users = Part(Users)
    permissions = Part(Permissions)

    def __init__(
        self,
        token: str | Secret | None = None,
        page_id: str | None = None,
        *,
        organization_id: str | None = None,
        url: str | None = None,
        **transport: Unpack[Transport],
    ) -> None:
        given = {"token": token, "page_id": page_id, "organization_id": organization_id, "url": url}
        super().__init__(given, **transport)
