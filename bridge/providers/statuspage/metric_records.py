"""Metrics, where they come from and their points, as Statuspage answers (Statuspage REST API v1)."""

from __future__ import annotations

from bridge.providers.base.results import Record


class Metric(Record):
    """A metric."""

    id: str
    metrics_provider_id: str
    metric_identifier: str | None
    name: str
    display: bool | None
    tooltip_description: str | None
    backfilled: bool | None
    y_axis_min: float | None
    y_axis_max: float | None
    y_axis_hidden: bool | None
    suffix: str | None
    decimal_places: int | None
    most_recent_data_at: str | None
    last_fetched_at: str | None
    backfill_percentage: int | None
    reference_name: str | None
    created_at: str
    updated_at: str


class MetricsProvider(Record):
    """Where metrics come from. The secrets that it was made with are never shown."""

    id: str
    type: str
    disabled: bool | None
    metric_base_uri: str | None
    last_revalidated_at: str | None
    created_at: str
    updated_at: str
    page_id: str
    """A text, though the specification says a number."""


class DataPoint(Record):
    """A point as it was taken: its time in seconds since 1970, down to half a minute."""

    timestamp: int
    value: float


class AddedPoint(Record):
    """The answer to one point."""

    data: DataPoint
