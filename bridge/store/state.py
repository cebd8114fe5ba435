"""The policy's state: alerts, groups, incidents and wanted component statuses; read whole, changed atomically.

Deciding takes time, so it happens outside the server: read a snapshot, decide, commit. The commit goes through
only if the state is still the one that was read (``REVISION``) and, for a lane's job, the lease still ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

import redis
from redis.client import Pipeline

from bridge.clock import from_millis, to_millis
from bridge.errors import LeaseLost, StateChanged
from bridge.model.enums import AlertStatus, ComponentStatus, Kind
from bridge.model.events import Alert, AlertGroup
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.model.schemas import dump, load
from bridge.model.state import Changes, World
from bridge.store import keys
from bridge.store.archive import note_settled
from bridge.store.connection import script_source, translated
from bridge.store.lanes import MIRROR, Lane, Lanes, Lease, asleep
from bridge.store.packed import unpack
from bridge.store.story import add_decisions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What policy decides on, and the revision it was read at."""

    world: World
    revision: int


@dataclass(frozen=True, slots=True)
class Mark:
    """An object that a destination is behind with.

    Attributes:
        rank: its class, 0 first.
        wishes: what is to be done about it beside bringing it up to date, see :mod:`bridge.sync.wishes`.
    """

    destination: str
    key: ObjectKey
    revision: int
    rank: int
    wishes: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an inbox was applied by a commit: from one position to another, so many deliveries."""

    source: str
    before: str
    after: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class WantedStatus:
    """The status a component is to show.

    Attributes:
        revision: grows by one with every change.
        since: when it changed last.
    """

    status: ComponentStatus
    revision: int
    since: datetime


class State:
    """Reading and committing the policy's state."""

    def __init__(self, client: redis.Redis, lanes: Lanes) -> None:
        self._client = client
        self._lanes = lanes

    @translated
    def snapshot(self, alert_ids: Iterable[str]) -> Snapshot:
        """The open part of the state, with the named alerts."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.get(keys.REVISION)
            pipe.hvals(keys.GROUPS)
            pipe.smembers(keys.OPEN)
            pipe.hgetall(keys.COMPONENTS)
            revision, groups, open_ids, components = pipe.execute()
        by_id = {group.id: group for group in (_parse(AlertGroup, raw) for raw in groups)}
        wanted = set(alert_ids).union(*(group.alerts for group in by_id.values()))
        return Snapshot(
            World(
                alerts={alert.id: alert for alert in self._many(keys.ALERTS, wanted, Alert)},
                groups=by_id,
                incidents={
                    item.id: item for item in self._many(keys.INCIDENTS, (i.decode() for i in open_ids), Incident)
                },
                components={name.decode(): _status(raw).status for name, raw in components.items()},
            ),
            int(revision or 0),
        )

    def _many(self, key: str, ids: Iterable[str], cls: type[T]) -> list[T]:
        names = sorted(set(ids))
        if not names:
            return []
        rows = cast(list[bytes | None], self._client.hmget(key, names))
        return [_parse(cls, raw) for raw in rows if raw is not None]

    @translated
    def commit(
        self,
        snapshot: Snapshot,
        changes: Changes,
        marks: Sequence[Mark],
        now: datetime,
        *,
        lease: Lease | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Write what was decided: objects, outbox marks, timers, story, cursor and wake-ups, together or not at all.

        Raises:
            StateChanged: somebody else committed since the snapshot was read; decide again.
            LeaseLost: the lane belongs to somebody else now.
        """
        with self._client.pipeline() as pipe:
            self._check(pipe, snapshot, lease, progress)
            wanted = cast(
                list[bytes | None], pipe.hmget(keys.COMPONENTS, list(changes.components)) if changes.components else []
            )
            lanes = sorted({Lane(MIRROR, mark.destination) for mark in marks}, key=str)
            to_wake = asleep(pipe, lanes)
            pipe.multi()
            if _is_visible(changes):
                pipe.incr(keys.REVISION)
            _write_alerts(pipe, changes.alerts)
            _write_groups(pipe, changes)
            _write_incidents(pipe, changes.incidents, now)
            _write_components(pipe, changes.components, wanted, now)
            write_marks(pipe, marks, now)
            add_decisions(pipe, changes.decisions)
            _count(pipe, changes)
            if progress:
                pipe.hset(keys.inbox_meta(progress.source), "cursor", progress.after)
                pipe.hincrby(keys.inbox_meta(progress.source), "applied", progress.deliveries)
            for lane in to_wake:
                self._lanes.enqueue(pipe, lane)
            try:
                pipe.execute()
            except redis.WatchError as error:
                raise StateChanged("the state moved while it was decided upon") from error
        self._lanes.bells.ring(lane.name for lane in lanes if lane not in to_wake)

    def _check(self, pipe: Pipeline, snapshot: Snapshot, lease: Lease | None, progress: Progress | None) -> None:
        pipe.watch(keys.REVISION)
        if int(cast(bytes | None, pipe.get(keys.REVISION)) or 0) != snapshot.revision:
            raise StateChanged("the state moved while it was decided upon")
        if lease:
            pipe.watch(keys.lane(str(lease.lane)))
            token = cast(bytes | None, pipe.hget(keys.lane(str(lease.lane)), "token"))
            if int(token or 0) != lease.token:
                raise LeaseLost(f"the lease of {lease.lane} was lost")
        if progress:
            cursor = cast(bytes | None, pipe.hget(keys.inbox_meta(progress.source), "cursor"))
            if (cursor.decode() if cursor else "0-0") != progress.before:
                raise StateChanged(f"the inbox of {progress.source} was applied by somebody else")

    @translated
    def due_groups(self, now: datetime) -> list[str]:
        """Groups whose delay is over."""
        return [
            raw.decode() for raw in cast(list[bytes], self._client.zrangebyscore(keys.TIMERS, "-inf", to_millis(now)))
        ]

    @translated
    def incident(self, identity: str) -> Incident | None:
        """One incident, open or not."""
        raw = cast(bytes | None, self._client.hget(keys.INCIDENTS, identity))
        return _parse(Incident, raw) if raw else None

    @translated
    def incidents(self, ids: Iterable[str]) -> list[Incident]:
        """Incidents by id; unknown ids are left out."""
        return self._many(keys.INCIDENTS, ids, Incident)

    @translated
    def open_incidents(self) -> list[Incident]:
        """All incidents that are not resolved, oldest first."""
        ids = (raw.decode() for raw in cast(set[bytes], self._client.smembers(keys.OPEN)))
        return self._many(keys.INCIDENTS, ids, Incident)

    @translated
    def component_statuses(self) -> dict[str, WantedStatus]:
        """The wanted status of every component that policy ever decided about."""
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.COMPONENTS))
        return {name.decode(): _status(raw) for name, raw in rows.items()}

    @translated
    def unrouted_alerts(self, limit: int) -> list[Alert]:
        """Firing alerts that no route took, newest first."""
        ids = [raw.decode() for raw in cast(set[bytes], self._client.smembers(keys.UNROUTED))]
        alerts = sorted(self._many(keys.ALERTS, ids, Alert), key=lambda alert: alert.started_at, reverse=True)
        return alerts[:limit]

    @translated
    def firing_alerts(self, source: str) -> dict[str, Alert]:
        """Everything of a source that is firing, by key, whether a route took it or not."""
        world = self.snapshot(()).world.alerts
        unrouted = (raw.decode() for raw in cast(set[bytes], self._client.smembers(keys.UNROUTED)))
        ours = [identity for identity in unrouted if identity.startswith(f"{source}/")]
        alerts = (*world.values(), *self._many(keys.ALERTS, ours, Alert))
        return {alert.key: alert for alert in alerts if alert.source == source and alert.status is AlertStatus.FIRING}

    @translated
    def forget_tombstones(self, before: datetime, limit: int = 1000) -> int:
        """Drop resolved alerts that were resolved before a time; returns how many."""
        ids = cast(
            list[bytes], self._client.zrangebyscore(keys.TOMBSTONES, "-inf", to_millis(before), start=0, num=limit)
        )
        if ids:
            with self._client.pipeline() as pipe:
                pipe.watch(keys.REVISION)
                pipe.multi()
                pipe.zrem(keys.TOMBSTONES, *ids)
                pipe.hdel(keys.ALERTS, *[raw.decode() for raw in ids])
                pipe.incr(keys.REVISION)
                try:
                    pipe.execute()
                except redis.WatchError:
                    return 0
        return len(ids)


def _is_visible(changes: Changes) -> bool:
    return bool(changes.alerts or changes.groups or changes.closed_groups or changes.incidents or changes.components)


def _write_alerts(pipe: Pipeline, alerts: Sequence[Alert]) -> None:
    for alert in alerts:
        pipe.hset(keys.ALERTS, alert.id, _json(dump(alert)))
        firing = alert.status is AlertStatus.FIRING
        if firing:
            pipe.zrem(keys.TOMBSTONES, alert.id)
        else:
            pipe.zadd(keys.TOMBSTONES, {alert.id: to_millis(max(alert.ended_at or alert.seen_at, alert.seen_at))})
        if firing and alert.route is None:
            pipe.sadd(keys.UNROUTED, alert.id)
        else:
            pipe.srem(keys.UNROUTED, alert.id)


def _write_groups(pipe: Pipeline, changes: Changes) -> None:
    for group in changes.groups:
        pipe.hset(keys.GROUPS, group.id, _json(dump(group)))
        if group.due_at is None:
            pipe.zrem(keys.TIMERS, group.id)
        else:
            pipe.zadd(keys.TIMERS, {group.id: to_millis(group.due_at)})
    for identity in changes.closed_groups:
        pipe.hdel(keys.GROUPS, identity)
        pipe.zrem(keys.TIMERS, identity)


def _write_incidents(pipe: Pipeline, incidents: Sequence[Incident], now: datetime) -> None:
    for incident in incidents:
        pipe.hset(keys.INCIDENTS, incident.id, _json(dump(incident)))
        over_at = None if incident.is_open else incident.resolved_at or now
        note_settled(pipe, ObjectKey(Kind.INCIDENT, incident.id), now, over_at)
        if incident.is_open:
            pipe.sadd(keys.OPEN, incident.id)
        else:
            pipe.srem(keys.OPEN, incident.id)


def _write_components(
    pipe: Pipeline, statuses: Mapping[str, ComponentStatus], before: list[bytes | None], now: datetime
) -> None:
    for (name, status), raw in zip(statuses.items(), before, strict=True):
        pipe.hset(keys.COMPONENTS, name, _json([status, next_status(raw).revision, to_millis(now)]))


def write_marks(pipe: Pipeline, marks: Iterable[Mark], now: datetime) -> None:
    """Owe objects to destinations inside a caller's transaction. An older debt keeps its age."""
    script = script_source("mark_owed")
    for mark in marks:
        names = [keys.owed(mark.destination), *keys.outboxes(mark.destination)]
        facts = [str(mark.key), str(mark.revision), str(to_millis(now)), str(mark.rank), mark.wishes]
        pipe.eval(script, len(names), *names, *facts)


def _count(pipe: Pipeline, changes: Changes) -> None:
    totals: dict[str, int] = {}
    for decision in changes.decisions:
        name = f"decisions|{decision.why}"
        totals[name] = totals.get(name, 0) + 1
    for name, count in totals.items():
        pipe.hincrby(keys.COUNTERS, name, count)


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _parse(cls: type[T], raw: bytes) -> T:
    return load(cls, json.loads(unpack(raw)))


def next_status(raw: bytes | None) -> WantedStatus:
    """A stored component status with its next revision; operational where policy never said anything."""
    if raw is None:
        return WantedStatus(ComponentStatus.OPERATIONAL, 1, from_millis(0))
    status = _status(raw)
    return replace(status, revision=status.revision + 1)


def _status(raw: bytes) -> WantedStatus:
    status, revision, since = json.loads(raw)
    return WantedStatus(ComponentStatus(status), int(revision), from_millis(float(since)))
