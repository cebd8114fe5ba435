"""Looking at the metrics of a page: which there are, and which of their points are new.

A listing of the metrics and, for each that goes along, one reading of its newest points, once a minute at most. What
fails here is tried again later and keeps nothing else waiting.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import structlog

from bridge.config.settings import History, PageSettings
from bridge.errors import Busy, ProviderError
from bridge.ids import derived_id
from bridge.model.enums import Kind, MetricAggregation
from bridge.model.facts import Link, LinkState, ObjectKey, Seen
from bridge.model.objects import Metric, MetricPoint
from bridge.model.points import MetricLook, PageMetric, PagePoint, is_alike
from bridge.providers.base.points import points_back_to
from bridge.providers.base.provider import Page
from bridge.store.lanes import Lease
from bridge.store.outbox import BULK, METRICS
from bridge.store.points import MOST
from bridge.store.state import Mark
from bridge.sync.pages.points_reach import Goal, goal_of, goals_of, takes_metrics
from bridge.sync.pages.reach import same_pages
from bridge.sync.runtime import Runtime

EVERY = timedelta(seconds=60)
"""How often the metrics of a page are looked at, at most."""
LATE = 30
"""Seconds by which a point may arrive late and still be in time."""
KEPT = 7_200
"""Seconds for which points, and what was sent of them, are remembered; more than any look goes back."""
_OVERLAP = 600
"""Seconds before the newest point that a look goes back, beside the time for which the page counts points again."""
_BEHIND = 14_400
"""A destination that lacks points of longer ago is brought up to date as bulk work."""
_AFTER_FAILURE = timedelta(minutes=5)
_COUNTING = (MetricAggregation.SUM, MetricAggregation.COUNT)
_KEEP_EVERY = 2.0

log = structlog.get_logger(__name__)


def metric_id(page: str, remote_id: str) -> str:
    """Our id of a page's metric."""
    return derived_id("met", page, remote_id)


def look_at_metrics(runtime: Runtime, settings: PageSettings, page: Page, lease: Lease) -> None:
    """Look at the metrics of a page, if that is due, and owe what is new.

    Raises:
        Busy: the page asks for a pause.
        LeaseLost: somebody else looks at the page now.
    """
    now, points = runtime.clock.now(), runtime.store.points
    if not takes_metrics(runtime.settings, settings.name) or not _is_due(points.next_at(settings.name), now):
        return
    try:
        # One after the other, so that what a pause interrupts goes on after it where it was.
        for look, marks in _Looking(runtime, settings, page, lease, now).looks():
            points.commit(lease, look, marks, now)
    except Busy:
        raise
    except ProviderError as error:
        log.warning("metrics cannot be read", page=settings.name, why=str(error))
        points.put_off(settings.name, now + _AFTER_FAILURE)
    else:
        points.put_off(settings.name, now + EVERY)


def _is_due(next_at: datetime | None, now: datetime) -> bool:
    return next_at is None or not now < next_at <= now + _AFTER_FAILURE  # later: the clock was set back


@dataclass(frozen=True, slots=True)
class _Ours:
    """What this bridge put into one metric of the page.

    Attributes:
        until: of what is older (seconds since 1970) it is not known any more.
        sent: begin of a step → value.
    """

    until: int = 0
    sent: tuple[Mapping[str, float], ...] = ()

    def has(self, second: int, value: float) -> bool:
        """Whether a point may well be one of ours."""
        values = (known[str(second)] for known in self.sent if str(second) in known)
        return any(is_alike(value, known) for known in values)


class _Looking:
    """One look at the metrics of one page."""

    def __init__(self, runtime: Runtime, settings: PageSettings, page: Page, lease: Lease, now: datetime) -> None:
        self._runtime = runtime
        self._settings = settings
        self._page = page
        self._lease = lease
        self._now = int(now.timestamp())
        self._known = runtime.store.points.known()
        self._kept = time.monotonic()

    def looks(self) -> Iterator[tuple[MetricLook, list[Mark]]]:
        """What there is of each metric that goes along, and who is owed points of it."""
        for seen in self._page.scan(Kind.METRIC):
            goals = goals_of(self._runtime.settings, self._settings, seen.remote_id, seen.name)
            metric, _ = self._page.read(Kind.METRIC, seen, self._settings.name, self._identify)
            if goals and isinstance(metric, Metric):
                self._runtime.store.lanes.keep(self._lease)
                yield self._look(seen, metric, goals)

    def _look(self, seen: Seen, metric: Metric, goals: Mapping[str, Goal]) -> tuple[MetricLook, list[Mark]]:
        before = self._known.get(metric.id)
        threshold = int(seen.echo.get("threshold") or 0) if metric.aggregation in _COUNTING else 0
        known = before or self._first(metric, seen)
        since = known.newest - (int(seen.echo.get("threshold") or 0) * 60 + _OVERLAP)
        since = since if known.newest else 0
        rows = list(islice(self._rows(metric, seen.remote_id, since or None), MOST + 1))
        is_cut, rows = len(rows) > MOST, rows[:MOST]
        final = self._now - (threshold + 1) * 60 if threshold else self._now
        taken = {point.row for point in self._runtime.store.points.window(metric.id, since)}
        added, uncertain = self._news(metric, [row for row in rows if row[0] not in taken], known, final)
        newest = max([known.newest, *(second for _, second, _ in rows if second <= self._now)])
        # While points come, their own times tell how far the sender is: its clock may be minutes behind.
        over = min(self._now - LATE, newest) if added else self._now - LATE
        looked = replace(
            known,
            metric=replace(metric, component=metric.component or None, revision=known.metric.revision + 1),
            newest=newest or self._now,
            complete=min(over, final - LATE),
            threshold=threshold,
        )
        links = {name: self._link(name, metric.id) for name in goals}
        has_points = bool(added) or bool(self._runtime.store.points.window(metric.id, 0, 1))
        marks = [
            Mark(name, ObjectKey(Kind.METRIC, metric.id), looked.metric.revision, _rank(link, looked))
            for name, link in links.items()
            if _is_owed(link, looked, is_new=bool(added), has_points=has_points)
        ]
        return MetricLook(looked, added, _keep_from(links.values(), looked), uncertain, is_cut), marks

    def _first(self, metric: Metric, seen: Seen) -> PageMetric:
        """A metric that was never looked at: its history goes along only where that was asked for."""
        mirrors = self._runtime.settings.mirrors_of(self._settings.name)
        takers = [mirror for mirror in mirrors if goal_of(mirror, seen.remote_id, seen.name)]
        begun = 0 if any(mirror.history is History.ALL for mirror in takers) else self._now
        return PageMetric(metric, self._settings.name, seen.remote_id, begun=begun, newest=begun, complete=begun)

    def _rows(self, metric: Metric, remote_id: str, since: int | None) -> Iterator[tuple[str, int, MetricPoint]]:
        """Row, time and point of what the page shows of a metric back to a second."""
        moment = None if since is None else datetime.fromtimestamp(since, UTC)
        for seen in points_back_to(self._page, remote_id, moment):
            point, _ = self._page.read(Kind.METRIC_POINT, seen, self._settings.name, self._identify)
            self._keep_lease()
            if isinstance(point, MetricPoint):
                yield seen.remote_id, math.floor(point.at.timestamp()), point

    def _news(
        self, metric: Metric, rows: Iterable[tuple[str, int, MetricPoint]], known: PageMetric, final: int
    ) -> tuple[tuple[PagePoint, ...], int]:
        """The points that are new, and how many may be new or our own."""
        # Links are read after the page: what we sent and saw is in them by now.
        ours, added, uncertain = self._ours(known.remote_id), dict[str, PagePoint](), 0
        for row, second, point in rows:
            if second < known.begun or (final < self._now and second > final):
                continue
            if second < ours.until:
                uncertain += second > known.newest
            elif not ours.has(second, _counted(point, once=True)):
                value = _counted(point, once=metric.aggregation not in _COUNTING)
                if math.isfinite(value):
                    added[row] = PagePoint(row, second, value)
        return tuple(sorted(added.values(), key=lambda point: (point.second, point.row))), uncertain

    def _keep_lease(self) -> None:
        """A history may be many pages long."""
        if time.monotonic() - self._kept >= _KEEP_EVERY:
            self._runtime.store.lanes.keep(self._lease)
            self._kept = time.monotonic()

    def _ours(self, remote_id: str) -> _Ours:
        """What was sent to this very metric, where the page is a destination too, also what is under way."""
        sent: list[Mapping[str, float]] = []
        until = 0
        for name in same_pages(self._runtime.settings, self._settings):
            keys = [ObjectKey(Kind.METRIC, identity) for identity in self._known]
            for link in self._runtime.store.links.many(name, keys).values():
                if link.remote_id == remote_id and link.fed:
                    until = max(until, link.fed.until)
                    sent.append(link.fed.sent)
                    if link.intent and link.intent.action == "points":
                        sent.append(link.intent.echo)
        return _Ours(until, tuple(sent))

    def _link(self, destination: str, metric: str) -> Link:
        return self._runtime.store.links.get(destination, ObjectKey(Kind.METRIC, metric))

    def _identify(self, kind: Kind, remote_id: str, at: datetime | None) -> str:
        if kind is Kind.METRIC:
            return metric_id(self._settings.name, remote_id)
        return "" if kind is Kind.COMPONENT else remote_id


def _counted(point: MetricPoint, *, once: bool) -> float:
    """The value of a point; where points add up, times the number of points that it stands for.

    A mean is the same whatever that number is, though Cachet 2 shows the product of both.
    """
    raw = point.origin.raw if point.origin else {}
    value = float(raw.get("value", point.value))
    return value if once else value * int(raw.get("counter") or 1)


def _rank(link: Link, seen: PageMetric) -> int:
    """What has been missing for long is bulk work."""
    lacking_since = max(seen.begun, link.fed.until if link.fed else 0)
    return BULK if lacking_since < seen.complete - _BEHIND else METRICS


def _is_owed(link: Link, seen: PageMetric, *, is_new: bool, has_points: bool) -> bool:
    if link.state in (LinkState.DEAD, LinkState.GONE) or not has_points:
        return False
    return is_new or link.fed is None or 0 < link.fed.due <= seen.complete


def _keep_from(links: Iterable[Link], seen: PageMetric) -> int:
    """From when on points are needed: for what a destination lacks, and to know those again that come once more."""
    fed = [link.fed for link in links if link.remote_id and link.state is not LinkState.GONE]
    lacking = [each.until if each else 0 for each in fed]
    return max(0, min([seen.newest - KEPT, *lacking]))
