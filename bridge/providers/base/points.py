"""Metric points of a page, and in a provider's steps.

What falls into one step is combined here, because no provider does it right: one takes the last of two points, one the
first, one counts equal ones twice. So each step gets one point, made with the metric's own aggregation, and only when
the step is over: computed again from the same points it is the same point, with the same id, and sending it again
changes nothing or is recognised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from bridge.ids import derived_id
from bridge.model.enums import Kind, MetricAggregation
from bridge.model.facts import ObjectKey, Seen
from bridge.model.loss import Loss, Losses
from bridge.model.objects import Metric, MetricPoint
from bridge.providers.base.mapping import MetricPoints
from bridge.providers.base.provider import Page, PointPage

_MINUTE = 60


def width(rules: MetricPoints, threshold: int | None = None) -> int:
    """Seconds of one step of a metric.

    Args:
        rules: how the provider takes points.
        threshold: the remote metric's own, in minutes, where it has one.
    """
    return max(rules.step, threshold * _MINUTE) if rules.spaced_by_threshold and threshold else rules.step


def stepped(
    metric: Metric,
    points: Iterable[MetricPoint],
    rules: MetricPoints,
    now: datetime,
    threshold: int | None = None,
) -> tuple[tuple[MetricPoint, ...], Losses]:
    """The points that a provider is to have: one for each step that is over and has any, oldest first.

    The order of ``points`` does not matter, and one that is there twice (by its id) counts once. What a later call
    adds to a step that was sent before gives that step another value, under the same id.

    Args:
        metric: whose points they are; points of other metrics are left out.
        points: all that is known of the steps in question.
        rules: how the provider takes points.
        now: a step is whole when it ended before.
        threshold: the remote metric's own, in minutes, where it has one.

    Returns:
        The points, and what is lost: how many are too old, and how many became how few.
    """
    found = steps_of(metric, points, rules, now, now.timestamp(), threshold)
    return found.made, _losses(metric, found.old, found.taken, len(found.made), width(rules, threshold), rules)


@dataclass(frozen=True, slots=True)
class Steps:
    """Points in steps.

    Attributes:
        made: one for each step that is over and has any, oldest first.
        taken: how many became these.
        old: how many are older than the provider takes.
        begun: when the steps begin that have points and are not over, in seconds since 1970.
    """

    made: tuple[MetricPoint, ...]
    taken: int
    old: int
    begun: tuple[int, ...]


def steps_of(
    metric: Metric,
    points: Iterable[MetricPoint],
    rules: MetricPoints,
    now: datetime,
    over: float,
    threshold: int | None = None,
) -> Steps:
    """As :func:`stepped`, for points of which the newest may still be to come.

    Args:
        metric: see there.
        points: see there.
        rules: see there.
        now: from which the age of a point counts.
        over: no point that is older is to come, in seconds since 1970; so a step is whole that ended before.
        threshold: see there.
    """
    step, present = width(rules, threshold), now.timestamp()
    mine = {point.id: point for point in points if point.metric == metric.id}
    steps: dict[int, list[MetricPoint]] = {}
    for point in mine.values():
        steps.setdefault(_begin(point, step), []).append(point)
    whole = {begin: inside for begin, inside in steps.items() if begin + step <= over}
    kept = {begin: inside for begin, inside in whole.items() if rules.oldest is None or present - begin <= rules.oldest}
    made = tuple(_combined(metric, begin, kept[begin]) for begin in sorted(kept))
    old = sum(len(inside) for begin, inside in whole.items() if begin not in kept)
    return Steps(made, sum(map(len, kept.values())), old, tuple(sorted(steps.keys() - whole.keys())))


def points_back_to(page: Page, metric: str, since: datetime | None) -> Iterator[Seen]:
    """The points that a page shows of a metric (its remote id), newest first where the page can, back to a moment."""
    if isinstance(page, PointPage):
        return page.points(metric, since)
    found = (seen for seen in page.scan(Kind.METRIC_POINT, since) if seen.echo.get("metric") == metric)
    return (seen for seen in found if since is None or seen.at is None or seen.at >= since)


def combine(aggregation: MetricAggregation, values: Sequence[float]) -> float:
    """One value for many, which must not be none; the order of the values does not matter."""
    return _COMBINE[aggregation](values)


def _begin(point: MetricPoint, step: int) -> int:
    return math.floor(point.at.timestamp()) // step * step


def _combined(metric: Metric, begin: int, inside: Sequence[MetricPoint]) -> MetricPoint:
    at = datetime.fromtimestamp(begin, UTC)
    value = combine(metric.aggregation, [point.value for point in inside])
    return MetricPoint(derived_id("mpt", metric.id, str(begin)), metric.id, value, at)


def _mean(values: Sequence[float]) -> float:
    # Divided first: the sum of two very large values may be more than a float holds.
    return math.fsum(value / len(values) for value in values)


def _rounded(values: Sequence[float]) -> float:
    return float(math.floor(_mean(values) + 0.5))


_COMBINE: Mapping[MetricAggregation, Callable[[Sequence[float]], float]] = MappingProxyType(
    {
        MetricAggregation.SUM: math.fsum,
        MetricAggregation.MEAN: _mean,
        MetricAggregation.MEAN_ROUNDED: _rounded,
        MetricAggregation.MIN: min,
        MetricAggregation.MAX: max,
        MetricAggregation.COUNT: lambda values: float(len(values)),
    }
)


def _losses(metric: Metric, old: int, many: int, few: int, step: int, rules: MetricPoints) -> Losses:
    key = str(ObjectKey(Kind.METRIC, metric.id))
    found = []
    if old:
        why = f"The provider takes no points that are older than {rules.oldest} seconds."
        found.append(Loss(key, "points", f"{old} old points", "", why))
    if few < many:
        why = f"There is one point for every {step} seconds; those in between are combined by {metric.aggregation}."
        found.append(Loss(key, "points", f"{many} points", f"{few} points", why))
    return tuple(found)
