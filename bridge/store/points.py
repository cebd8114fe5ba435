"""Metrics of pages whose points go along: what was read of them, and the points that somebody still needs.

For each metric there is one sorted set with its latest points. It holds what a destination lacks and the last two
hours, and never more than :data:`MOST`; how many had to go is counted. What a destination has of them is in its link.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import redis
from redis.client import Pipeline

from bridge.clock import from_millis, to_millis
from bridge.errors import LeaseLost
from bridge.model.points import MetricLook, PageMetric, PagePoint
from bridge.model.schemas import dump, load
from bridge.model.state import Decision, Why
from bridge.store import keys
from bridge.store.connection import translated
from bridge.store.lanes import MIRROR, Lane, Lanes, Lease, asleep
from bridge.store.state import Mark, write_marks
from bridge.store.story import add_decisions

MOST = 20_000
"""Points kept of one metric: a week of one every 30 seconds. Of more, the oldest go."""
_ATTEMPTS = 50
_NEXT_AT = "metrics_at"


class Points:
    """Metrics and points of all pages."""

    def __init__(self, client: redis.Redis, lanes: Lanes) -> None:
        self._client = client
        self._lanes = lanes

    @translated
    def known(self) -> dict[str, PageMetric]:
        """Every metric whose points go along, by our id."""
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.METRICS))
        return {name.decode(): load(PageMetric, json.loads(raw)) for name, raw in rows.items()}

    @translated
    def get(self, metric: str) -> PageMetric | None:
        """One of them, by our id."""
        raw = cast(bytes | None, self._client.hget(keys.METRICS, metric))
        return load(PageMetric, json.loads(raw)) if raw else None

    @translated
    def window(self, metric: str, since: int, limit: int | None = None) -> list[PagePoint]:
        """The points of a metric that are kept, from a second on, oldest first.

        Args:
            metric: our id of it.
            since: seconds since 1970.
            limit: most points that are wanted.
        """
        start, most = (0, limit) if limit else (None, None)
        found = self._client.zrangebyscore(keys.points(metric), since, "+inf", start, most, withscores=True)
        rows = cast(list[tuple[bytes, float]], found)
        return [_point(member, score) for member, score in rows]

    @translated
    def next_at(self, page: str) -> datetime | None:
        """When the metrics of a page are to be looked at again; None when at once."""
        raw = cast(bytes | None, self._client.hget(keys.page_meta(page), _NEXT_AT))
        return from_millis(float(raw)) if raw else None

    @translated
    def put_off(self, page: str, until: datetime) -> None:
        """Leave the metrics of a page alone until then."""
        self._client.hset(keys.page_meta(page), _NEXT_AT, str(to_millis(until)))

    @translated
    def commit(self, lease: Lease, look: MetricLook, marks: Sequence[Mark], now: datetime) -> None:
        """Write what a look at a metric changed: the metric, points, counts, debts and wake-ups, all or nothing.

        Args:
            lease: of the page's lane.
            look: what was seen.
            marks: who is owed points.
            now: the present moment.

        Raises:
            LeaseLost: somebody else looks at the page now.
        """
        lanes = sorted({Lane(MIRROR, mark.destination) for mark in marks}, key=str)
        for _ in range(_ATTEMPTS):
            with self._client.pipeline() as pipe:
                self._check(pipe, lease)
                too_many = _overflow(pipe, look)
                to_wake = asleep(pipe, lanes)
                pipe.multi()
                _write(pipe, look, too_many, now)
                write_marks(pipe, marks, now)
                for lane in to_wake:
                    self._lanes.enqueue(pipe, lane)
                try:
                    pipe.execute()
                except redis.WatchError:
                    continue
            return
        raise redis.ConnectionError("too many writers at once")

    @translated
    def count(self, what: str, destination: str, number: int, why: str | None = None) -> None:
        """Count points that were sent to a destination, or dropped on the way there and why."""
        labels = [f"points.{what}", destination, *([why] if why else [])]
        self._client.hincrby(keys.COUNTERS, "|".join(labels), number)

    def _check(self, pipe: Pipeline, lease: Lease) -> None:
        pipe.watch(keys.lane(str(lease.lane)))
        token = cast(bytes | None, pipe.hget(keys.lane(str(lease.lane)), "token"))
        if int(token or 0) != lease.token:
            raise LeaseLost(f"the lease of {lease.lane} was lost")


def _overflow(pipe: Pipeline, look: MetricLook) -> int:
    """How many points are more than are kept, once a look is written. Only the page's own lane writes them."""
    name = keys.points(look.seen.metric.id)
    return max(0, int(pipe.zcount(name, look.keep_from, "+inf")) + len(look.added) - MOST)


def _write(pipe: Pipeline, look: MetricLook, too_many: int, now: datetime) -> None:
    metric, page = look.seen.metric, look.seen.page
    pipe.hset(keys.METRICS, metric.id, _json(dump(look.seen)))
    pipe.zremrangebyscore(keys.points(metric.id), "-inf", f"({look.keep_from}")
    for batch in _batches(look.added):
        pipe.zadd(keys.points(metric.id), cast(Mapping[Any, Any], {_member(point): point.second for point in batch}))
    if look.added:
        pipe.hincrby(keys.COUNTERS, f"points.taken|{page}", len(look.added))
    if look.uncertain:
        pipe.hincrby(keys.COUNTERS, f"points.left|{page}|perhaps_ours", look.uncertain)
    if too_many:
        pipe.zremrangebyrank(keys.points(metric.id), 0, too_many - 1)
        pipe.hincrby(keys.COUNTERS, f"points.left|{page}|too_many", too_many)
        _tell(pipe, look, f"{too_many} points were dropped before all destinations had them: {MOST} are kept", now)
    if look.is_cut:
        _tell(pipe, look, f"only the newest {MOST} points of the history go along: the page has more", now)


def _tell(pipe: Pipeline, look: MetricLook, text: str, now: datetime) -> None:
    metric = look.seen.metric
    decision = Decision(now, f"metric:{metric.id}", Why.POINTS_DROPPED, f"{text} ({metric.name!r})", incident=metric.id)
    add_decisions(pipe, [decision])
    pipe.hincrby(keys.COUNTERS, f"decisions|{decision.why}", 1)


def _batches(points: Sequence[PagePoint], size: int = 1000) -> Iterable[Sequence[PagePoint]]:
    return (points[start : start + size] for start in range(0, len(points), size))


def _member(point: PagePoint) -> str:
    return f"{point.row}|{point.value!r}"


def _point(member: bytes, score: float) -> PagePoint:
    row, _, value = member.decode().rpartition("|")
    return PagePoint(row, int(score), float(value))


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
