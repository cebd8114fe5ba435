"""What is known of a page's metric whose points go along: the metric as it was seen, and how far it was read."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bridge.model.objects import Metric

_ALIKE = 6e-4
"""Pages keep three decimals."""


@dataclass(frozen=True, slots=True)
class PageMetric:
    """One metric of a page, at the last look. Times are in seconds since 1970.

    Attributes:
        metric: with our own id; its ``revision`` grows with every look that owes points to somebody.
        page: name of the page.
        remote_id: its id there.
        begun: points that are older are left where they are.
        newest: when the newest point was that has been read.
        complete: no point that is older is expected any more.
        threshold: for how many minutes the page may count a point once more.
    """

    metric: Metric
    page: str
    remote_id: str
    begun: int
    newest: int
    complete: int
    threshold: int = 0


@dataclass(frozen=True, slots=True)
class PagePoint:
    """One point of a page's metric, as it goes along.

    Attributes:
        row: its id on the page, so that it is taken once.
        second: its time, in seconds since 1970.
    """

    row: str
    second: int
    value: float


@dataclass(frozen=True, slots=True)
class MetricLook:
    """What a look at one metric of a page changes.

    Attributes:
        seen: the metric as it is known from now on.
        added: points that are new.
        keep_from: nobody needs what is older, in seconds since 1970.
        uncertain: how many points were left where they are, because they may be our own.
        is_cut: the page has older points that were not read, because there are too many.
    """

    seen: PageMetric
    added: tuple[PagePoint, ...] = ()
    keep_from: int = 0
    uncertain: int = 0
    is_cut: bool = False


def is_alike(value: float, other: float) -> bool:
    """Whether a page may show one value for the other."""
    return math.isclose(value, other, rel_tol=1e-9, abs_tol=_ALIKE)
