"""What PingPong answers, as far as it is documented. Times are ISO 8601: ``record.moment("created_at")``."""

from __future__ import annotations

from bridge.providers.base.results import Record


class PagePhrase(Record):
    """One phrase about the page, and its colour."""

    status: str
    status_color: str


class ComponentGroup(Record):
    """A group; who belongs to one is told by the components."""

    id: str
    project: str
    """Name of the page."""
    name: str
    description: str | None
    created_at: str


class Component(Record):
    """A component, with its group whole. ``status`` is the one shown, with what incidents and maintenance impose."""

    id: str
    project: str
    name: str
    description: str | None
    group: ComponentGroup | None
    status: str
    status_color: str
    showcased: bool
    created_at: str


class ShownStatus(Record):
    """The answer to a status that was written alone."""

    id: str
    status: str
    status_color: str


class IncidentUpdate(Record):
    """An update; ``message`` is HTML."""

    id: str
    status: str
    message: str
    reported_by: str
    created_at: str


class Incident(Record):
    """An incident; ``message`` is HTML, and ``status`` that of the newest update."""

    id: str
    project: str
    title: str
    message: str
    status: str
    affected_components: list[Component]
    updates: list[IncidentUpdate]
    reported_by: str
    occurred_at: str | None
    created_at: str


class Maintenance(Record):
    """A maintenance; ``message`` is HTML, and ``status`` follows the two times."""

    id: str
    project: str
    name: str
    title: str
    """The name, under the word with which it is written."""
    message: str
    status: str
    affected_components: list[Component]
    scheduled_for: str
    ends_at: str
    reported_by: str
    created_at: str


class Events(Record):
    """What is going on: unresolved incidents, and maintenance in progress."""

    project: str
    url: str | None
    incidents: list[Incident]
    maintenance: list[Maintenance]


class MeasuredMetric(Record):
    """A metric that PingPong measures by itself; ``showcased`` is one of four phrases."""

    id: str
    project: str
    name: str
    description: str | None
    component: Component | None
    url: str | None
    """In the documentation's table, in none of its examples."""
    frequency: str
    location: str
    showcased: str
    created_at: str


class CustomMetric(Record):
    """A metric that is fed."""

    id: str
    project: str
    name: str
    description: str | None
    component: Component | None
    suffix: str
    rollup: str
    showcased: bool
    created_at: str


class DataPoint(Record):
    """A point as it was kept: the beginning of its minute in seconds since 1970."""

    timestamp: int
    value: float


class StatusBadge(Record):
    """What the badge of the status says."""

    status: str


class UptimeBadge(Record):
    """What the badge of the uptime says."""

    uptime: float
