"""How long a component was down, from the history of its statuses. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

PARTIAL_WEIGHT = 0.3
"""A second of partial outage counts as this much of a second (the vendor's weighting)."""


class Outage(NamedTuple):
    """Seconds of each kind of outage in a range of ``total`` seconds."""

    major: int
    partial: int
    total: int

    @property
    def uptime(self) -> float:
        """Percentage of the range."""
        if not self.total:
            return 100.0
        return round(100 * (1 - (self.major + PARTIAL_WEIGHT * self.partial) / self.total), 2)


def measure(history: Sequence[tuple[datetime, str]], start: datetime, end: datetime) -> Outage:
    """Add up the outages between two moments.

    Args:
        history: status changes, oldest first; each status holds until the next change.
        start: begin of the range.
        end: end of the range; must not lie in the future of the history.
    """
    seconds = {"major_outage": 0.0, "partial_outage": 0.0}
    changes = [*history, (end, "")]
    for (since, status), (until, _) in pairwise(changes):
        held = (min(until, end) - max(since, start)).total_seconds()
        if status in seconds and held > 0:
            seconds[status] += held
    total = int(max(0.0, (end - start).total_seconds()))
    return Outage(int(seconds["major_outage"]), int(seconds["partial_outage"]), total)
