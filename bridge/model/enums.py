"""Canonical enums. Provider words live only in ``mappings/*.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of canonical objects that have a remote copy."""

    COMPONENT_GROUP = "component_group"
    COMPONENT = "component"
    INCIDENT = "incident"
    INCIDENT_UPDATE = "incident_update"
    MAINTENANCE = "maintenance"
    METRIC = "metric"
    METRIC_POINT = "metric_point"
    SUBSCRIBER = "subscriber"
    INCIDENT_TEMPLATE = "incident_template"


class ComponentStatus(StrEnum):
    """Status of a component, in rising order of severity."""

    OPERATIONAL = "operational"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"
    UNAVAILABLE = "unavailable"

    @property
    def rank(self) -> int:
        """0 for operational, rising with severity."""
        return _COMPONENT_RANK[self]


_COMPONENT_RANK = {status: rank for rank, status in enumerate(ComponentStatus)}


def worst(statuses: Iterable[ComponentStatus]) -> ComponentStatus:
    """The most severe of the statuses; operational when there is none."""
    return max(statuses, key=lambda status: status.rank, default=ComponentStatus.OPERATIONAL)


class IncidentStatus(StrEnum):
    """Phase of an incident. ``scheduled`` and ``postmortem`` are read from providers, never made by policy."""

    SCHEDULED = "scheduled"
    REPORTED = "reported"
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"

    @property
    def is_terminal(self) -> bool:
        """True when nothing is open any more."""
        return self in (IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM)


class MaintenanceStatus(StrEnum):
    """Phase of a maintenance."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"

    @property
    def is_terminal(self) -> bool:
        """True when the work is over."""
        return self is MaintenanceStatus.COMPLETED


class Severity(StrEnum):
    """Impact of an incident, in rising order."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for none, rising with severity."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class AlertSeverity(StrEnum):
    """How bad a source says an alert is. ``info`` never touches a component."""

    INFO = "info"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def severity(self) -> Severity:
        """The impact that an incident made of such an alert has."""
        return Severity.NONE if self is AlertSeverity.INFO else Severity(self.value)


class Action(StrEnum):
    """What an event says about its alert."""

    TRIGGER = "trigger"
    UPDATE = "update"
    RESOLVE = "resolve"
    IGNORE = "ignore"


class AlertStatus(StrEnum):
    """Whether an alert is firing."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Ending(StrEnum):
    """How an alert came to be resolved."""

    RESOLVED = "resolved"
    STALE = "stale"
    """Nothing was heard of it for longer than its source's ``resolve_after``."""
    WITHDRAWN = "withdrawn"
    """Its source says that it was merged into another one, declined or canceled: nothing was fixed."""


class Publication(StrEnum):
    """Whether an incident may be shown on a destination."""

    PUBLISHED = "published"
    HELD = "held"
    REJECTED = "rejected"


class Visibility(StrEnum):
    """Who may see an object on a page. There is no default: whoever makes an object decides."""

    PUBLIC = "public"
    AUTHENTICATED = "authenticated"
    HIDDEN = "hidden"


class TextFormat(StrEnum):
    """The language a text is written in."""

    MARKDOWN = "markdown"
    HTML = "html"
    PLAIN = "plain"


class MetricAggregation(StrEnum):
    """How points of one interval are combined."""

    SUM = "sum"
    MEAN = "mean"
    MEAN_ROUNDED = "mean_rounded"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
