"""What Statuspage derives from component statuses: page indicator, group status, incident impact. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bridge.sandbox.statuspage.tables import IMPACT_RANK, SEVERITY


class PageStatus(NamedTuple):
    """The page's headline."""

    indicator: str
    description: str


ALL_WELL = PageStatus("none", "All Systems Operational")
_WORST_FIRST = (
    ("major_outage", PageStatus("critical", "Major System Outage"), PageStatus("major", "Partial System Outage")),
    ("partial_outage", PageStatus("major", "Partial System Outage"), PageStatus("minor", "Minor Service Outage")),
    (
        "degraded_performance",
        PageStatus("minor", "Degraded System Service"),
        PageStatus("minor", "Partially Degraded Service"),
    ),
    (
        "under_maintenance",
        PageStatus("maintenance", "Service Under Maintenance"),
        PageStatus("maintenance", "Service Under Maintenance"),
    ),
)
"""A component status, the headline when all components have it, and when some have it and none is worse."""


def summarise_page(statuses: Sequence[str]) -> PageStatus:
    """The page status over leaf components; the first match from worst to best. Open incidents do not count.

    Args:
        statuses: one per leaf component, group rows left out.
    """
    found = set(statuses)
    for status, when_all, when_some in _WORST_FIRST:
        if status in found:
            return when_all if found == {status} else when_some
    return ALL_WELL


def worst(statuses: Sequence[str]) -> str:
    """The status that a group shows: the worst of its members."""
    return max(statuses, key=lambda status: SEVERITY[status], default="operational")


def judge_impact(statuses: Sequence[str]) -> str:
    """The impact that follows from the components attached to a realtime incident.

    ``critical`` needs all of them in a major outage (by analogy with the page; recorded incidents with a part of
    them in a major outage are ``major``), a lone partial outage is ``minor``.
    """
    found = set(statuses)
    if found == {"major_outage"}:
        return "critical"
    if "major_outage" in found:
        return "major"
    if found & {"partial_outage", "degraded_performance"}:
        return "minor"
    if "under_maintenance" in found:
        return "maintenance"
    return "none"


def keep_peak(before: str, now: str) -> str:
    """Impact never falls: resolved incidents keep their worst."""
    return max(before, now, key=lambda impact: IMPACT_RANK[impact])
