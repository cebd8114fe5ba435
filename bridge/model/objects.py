"""Canonical objects: frozen, complete, in words of no provider. Times are aware UTC datetimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Publication,
    Severity,
    TextFormat,
    Visibility,
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the language it was written in."""

    source: str
    format: TextFormat = TextFormat.MARKDOWN


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object came from, when it was read from a status page.

    ``raw`` keeps, under the provider's own field names, the value of every translated enum and of every field that
    has no canonical counterpart, so that writing back to the same ``provider`` is exact even outside the tables.
    """

    source: str
    remote_id: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    provider: str = ""


@dataclass(frozen=True, slots=True)
class ComponentGroup:
    """A heading under which components are shown. ``members`` are only those that it begins with."""

    kind = Kind.COMPONENT_GROUP
    id: str
    name: str
    visibility: Visibility
    description: str | None = None
    position: int | None = None
    members: tuple[str, ...] = ()
    origin: Origin | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the service. ``status`` is the base status; ``effective_status`` is what a page shows (read only)."""

    kind = Kind.COMPONENT
    id: str
    name: str
    status: ComponentStatus
    effective_status: ComponentStatus | None = None
    description: str | None = None
    link: str | None = None
    group: str | None = None
    position: int | None = None
    showcased: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """One step in the course of an incident or a maintenance. The first update is the opening message."""

    kind = Kind.INCIDENT_UPDATE
    id: str
    message: Text
    at: datetime
    status: IncidentStatus | MaintenanceStatus | None = None
    components: Mapping[str, ComponentStatus] = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something is or was wrong.

    ``components`` maps each affected component to the status that *this* incident gives it; a component that
    has recovered while the incident is open stays in the map as operational. ``updates`` is in order of time
    and never empty. ``revision`` grows by one with every change.
    """

    kind = Kind.INCIDENT
    id: str
    title: str
    status: IncidentStatus
    impact: Severity
    components: Mapping[str, ComponentStatus]
    updates: tuple[IncidentUpdate, ...]
    started_at: datetime
    visibility: Visibility
    publication: Publication
    notify: bool
    resolved_at: datetime | None = None
    route: str | None = None
    group: str | None = None
    origin: Origin | None = None
    revision: int = 1

    @property
    def is_open(self) -> bool:
        """True until the incident is resolved."""
        return not self.status.is_terminal


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned work. ``ends_at`` is the planned end until the work is completed, then the real one.

    ``began_at`` and ``over_at`` are noted where the page that it was read from does not tell them: when work was found
    to go on long before its planned start, and to be over long before its planned end.
    """

    kind = Kind.MAINTENANCE
    id: str
    title: str
    status: MaintenanceStatus
    message: Text
    components: tuple[str, ...]
    starts_at: datetime
    visibility: Visibility
    notify: bool
    ends_at: datetime | None = None
    updates: tuple[IncidentUpdate, ...] = ()
    origin: Origin | None = None
    revision: int = 1
    began_at: datetime | None = None
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Metric:
    """A curve on the page. ``places`` is the number of decimal places shown, ``suffix`` the unit."""

    kind = Kind.METRIC
    id: str
    name: str
    aggregation: MetricAggregation
    visibility: Visibility
    suffix: str | None = None
    description: str | None = None
    places: int | None = None
    default_value: float | None = None
    component: str | None = None
    position: int | None = None
    origin: Origin | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric at one time. ``metric`` is the canonical id of the metric."""

    kind = Kind.METRIC_POINT
    id: str
    metric: str
    value: float
    at: datetime
    origin: Origin | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who is written to. ``components`` is empty for one who wants to hear of everything."""

    kind = Kind.SUBSCRIBER
    id: str
    address: str
    components: tuple[str, ...] = ()
    verified: bool = False
    origin: Origin | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class IncidentTemplate:
    """A prepared message for incidents. ``message`` keeps the provider's own placeholders."""

    kind = Kind.INCIDENT_TEMPLATE
    id: str
    name: str
    message: Text
    title: str | None = None
    status: IncidentStatus | None = None
    origin: Origin | None = None
    revision: int = 0


CanonicalObject = (
    ComponentGroup | Component | Incident | Maintenance | Metric | MetricPoint | Subscriber | IncidentTemplate
)
"""Everything that an outbox can owe to a destination."""
