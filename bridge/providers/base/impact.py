"""How severe an incident is, for providers that tell only what it does to components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bridge.model.enums import ComponentStatus, Severity, worst

_OF_WORST: Mapping[ComponentStatus, Severity] = MappingProxyType(
    {
        ComponentStatus.OPERATIONAL: Severity.NONE,
        ComponentStatus.UNKNOWN: Severity.NONE,
        ComponentStatus.MAINTENANCE: Severity.NONE,
        ComponentStatus.DEGRADED: Severity.MINOR,
        ComponentStatus.PARTIAL_OUTAGE: Severity.MAJOR,
        ComponentStatus.MAJOR_OUTAGE: Severity.CRITICAL,
        ComponentStatus.UNAVAILABLE: Severity.CRITICAL,
    }
)


def severity_of(statuses: Iterable[ComponentStatus]) -> Severity:
    """The severity that the worst of the statuses stands for."""
    return _OF_WORST[worst(statuses)]
