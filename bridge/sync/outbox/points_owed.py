"""Which steps of a metric a destination is to get next, and what became of those that a lost call carried. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from bridge.model.facts import Fed
from bridge.model.objects import Metric, MetricPoint
from bridge.model.points import is_alike
from bridge.providers.base.capabilities import SecondPoint
from bridge.providers.base.mapping import MetricPoints
from bridge.providers.base.points import steps_of, width

_SLACK = 5
"""Seconds by which two clocks may disagree about when something was sent."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a destination lacks of a metric.

    Attributes:
        send: one point for each step that is whole and is not there as it should be, oldest first.
        fed: what is agreed, once everything that needs no call is.
        late: how many steps got points after they were sent, where that cannot be put right.
        old: how many points are older than the destination takes.
    """

    send: tuple[MetricPoint, ...]
    fed: Fed
    late: int = 0
    old: int = 0


def owed(
    metric: Metric,
    points: Sequence[MetricPoint],
    fed: Fed,
    rules: MetricPoints,
    now: datetime,
    over: int,
    kept: int,
) -> Owed:
    """Compare the points that are known with those that are agreed.

    Args:
        metric: whose they are.
        points: all that are known from ``fed.until`` on, and that belong to a step before ``over`` or later.
        fed: what is agreed.
        rules: how the destination takes points.
        now: from which the age of a point counts.
        over: no point that is older is to come, in seconds since 1970.
        kept: seconds for which what was sent is remembered.
    """
    step = width(rules, fed.threshold)
    fed = _in_steps_of(fed, step)
    open_ones = [point for point in points if second_of(point) >= fed.until]
    found = steps_of(metric, open_ones, rules, now, over, fed.threshold)
    values = {str(second_of(point)): point.value for point in found.made}
    other = [point for point in found.made if fed.sent.get(str(second_of(point))) != point.value]
    fixed = [point for point in other if rules.second is not SecondPoint.REPLACES and str(second_of(point)) in fed.sent]
    send = tuple(point for point in other if point not in fixed)
    sent = {**fed.sent, **{name: values[name] for name in (str(second_of(point)) for point in fixed)}}
    waiting = [*found.begun[:1], *(second_of(point) for point in send[:1])]
    until = max(fed.until, min([over - kept, *waiting]))
    agreed = replace(
        fed,
        until=until,
        sent={name: value for name, value in sent.items() if int(name) >= until},
        due=found.begun[0] + step if found.begun else 0,
        width=step,
    )
    return Owed(send, agreed, late=len(fixed), old=found.old)


def with_sent(fed: Fed, sent: Mapping[str, float]) -> Fed:
    """What is agreed after some steps were sent, or given up."""
    return replace(fed, sent={**fed.sent, **sent})


def _in_steps_of(fed: Fed, step: int) -> Fed:
    """After a change of the width everything that was sent is agreed: its steps begin elsewhere now."""
    if fed.width in (0, step):
        return fed
    ends = [int(name) + fed.width for name in fed.sent]
    return replace(fed, until=max([fed.until, *ends]), sent={}, width=step)


def second_of(point: MetricPoint) -> int:
    """Its time in whole seconds since 1970."""
    return math.floor(point.at.timestamp())


class Verdict(Enum):
    """What became of a point that a lost call carried."""

    THERE = auto()
    """It stands there."""
    COUNTED = auto()
    """It is not there, and would not be if it were sent again: the page counts another one once more instead."""
    MISSING = auto()
    """It is not there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A point as a page shows it."""

    second: int
    value: float


def judged(
    begin: int, value: float, standing: Iterable[Standing], rules: MetricPoints, threshold: int | None, at: datetime
) -> Verdict:
    """Look for a point among those of its metric.

    Args:
        begin: its time, in seconds since 1970.
        value: as it was sent.
        standing: what is there.
        rules: how the page takes points.
        threshold: the metric's own, in minutes.
        at: when the call was made.
    """
    rows, minutes = list(standing), threshold or 0
    if rules.second is SecondPoint.DROPPED:
        if any(row.second == begin for row in rows):
            return Verdict.THERE
        newest = max((row.second for row in rows), default=None)
        is_near = newest is not None and abs(newest // 60 - begin // 60) < minutes
        return Verdict.COUNTED if is_near else Verdict.MISSING
    equal = [row for row in rows if is_alike(row.value, value)]
    if any(row.second == begin for row in equal):
        return Verdict.THERE
    recently = at.timestamp() - minutes * 60 - _SLACK
    return Verdict.COUNTED if any(row.second >= recently for row in equal) else Verdict.MISSING
