"""Metrics, where they come from, and their points (Statuspage REST API v1)."""

from __future__ import annotations

from datetime import datetime

from bridge.providers.base.actions import One, Table
from bridge.providers.base.paging import NoPaging
from bridge.providers.base.resource import Creating, Crud, Listing, Reading, Removing, Replacing, Updating
from bridge.providers.statuspage.metric_records import AddedPoint, DataPoint, Metric, MetricsProvider


class Metrics(Listing[Metric], Reading[Metric], Updating[Metric], Replacing[Metric], Removing[Metric]):
    """Metrics of the page. A new one is made with its provider; points go to those that report themselves only."""

    path = "/pages/{page_id}/metrics"
    wrap = "metric"
    fields = ("name", "metric_identifier")

    add = One(AddedPoint, "POST", "/{id}/data", wrap="data", fields=("timestamp", "value"), needs=("timestamp",))
    add_many = Table(DataPoint, "POST", "/data", wrap="data")
    clear = One(Metric, "DELETE", "/{id}/data")

    def written(self, moment: datetime) -> int:
        """Points have their time in seconds since 1970."""
        return int(moment.timestamp())


class MetricsProviders(Crud[MetricsProvider], Replacing[MetricsProvider]):
    """Where metrics come from."""

    path = "/pages/{page_id}/metrics_providers"
    wrap = "metrics_provider"
    paging = NoPaging()
    fields = ("type", "email", "password", "api_key", "api_token", "application_key", "metric_base_uri")


class ProviderMetrics(Listing[Metric], Creating[Metric]):
    """Metrics of one provider."""

    path = "/pages/{page_id}/metrics_providers/{metrics_provider_id}/metrics"
    wrap = "metric"
    fields = (
        "name", "metric_identifier", "transform", "application_id", "suffix", "y_axis_min", "y_axis_max",
        "y_axis_hidden", "display", "decimal_places", "tooltip_description",
    )  # fmt: skip
