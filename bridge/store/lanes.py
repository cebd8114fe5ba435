"""Lanes: one per source (``ingest``), destination (``mirror``) and page (``poll``), with wake-ups, leases and back-off.

A wake-up is an RQ job that names the lane. It is queued at most once (the *queued mark*), in the transaction
that made it necessary. Losing one is harmless: the sweep wakes what is owed. See ``docs/decisions/0003``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import redis
from redis.client import Pipeline
from rq import Queue
from rq.serializers import JSONSerializer

from bridge.clock import from_millis, to_millis
from bridge.errors import LeaseLost
from bridge.store import keys
from bridge.store.bell import Bells
from bridge.store.connection import Scripts, translated

INGEST, MIRROR, POLL = "ingest", "mirror", "poll"
QUEUES = (INGEST, MIRROR, POLL)
TIMERS = "_timers"
"""The ingest lane that carries the policy's timers; no source can have this name."""

PULL_PREFIX = "_pull-"
"""Begins the names of the lanes on which sources are asked themselves; no page can have such a name."""

AUDIT_PREFIX = "_audit-"
"""Begins the names of the lanes on which destinations are audited."""

LEASE_MILLIS = 8_000
"""A worker that is killed keeps its lane for at most this long."""
LOST_AFTER = 3.0
"""Seconds after which a queued mark goes by itself: the wake-up must have been lost, or waits among many others."""
JOB_TIMEOUT = 120
"""Seconds after which RQ kills a job. A slice of work ends by itself after 25."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Which job looks at what: ``Lane("mirror", "public")``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def lane_of_pull(source: str) -> Lane:
    """The lane on which a source is asked itself; a page may have the same name as the source, but never this one."""
    return Lane(POLL, PULL_PREFIX + source)


def lane_of_audit(destination: str) -> Lane:
    """The lane on which a destination is audited."""
    return Lane(POLL, AUDIT_PREFIX + destination)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a lane. Every write of its holder carries the token."""

    lane: Lane
    token: int


@dataclass(frozen=True, slots=True)
class LaneState:
    """Why a lane is (not) worked on.

    Attributes:
        state: ``ok``, ``busy``, ``down`` or ``paused``.
        not_before: when it is tried again; None when at once, or never by itself (paused).
        failures: consecutive failures, for the length of the next pause.
        bulk_from: from when on bulk work may go on; None when it may now.
        refused_with: fingerprint of the credentials that were refused, where that is why it is paused.
    """

    state: str = "ok"
    why: str | None = None
    not_before: datetime | None = None
    failures: int = 0
    leased: bool = False
    refused_with: str | None = None
    bulk_from: datetime | None = None


class Lanes:
    """Wake-ups, leases and back-off of all lanes.

    Attributes:
        bells: heard at once by whoever works on a destination already; a wake-up is for when nobody does.
    """

    def __init__(self, client: redis.Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts
        self.bells = Bells(client)
        self._queues = {name: Queue(name, connection=client, serializer=JSONSerializer) for name in QUEUES}

    def enqueue(self, pipe: Pipeline, lane: Lane) -> None:
        """Queue a wake-up inside a caller's transaction (after ``pipe.multi()``)."""
        pipe.set(keys.queued(str(lane)), "1", px=int(LOST_AFTER * 1000))
        pipe.sadd(keys.LANES, str(lane))
        self._queues[lane.kind].enqueue_call(
            f"bridge.sync.jobs.{lane.kind}",
            args=(lane.name,),
            timeout=JOB_TIMEOUT,
            result_ttl=0,
            failure_ttl=3600,
            job_id=f"{lane.kind}-{lane.name}-{secrets.token_hex(6)}",
            pipeline=pipe,
        )

    @translated
    def wake(self, lane: Lane) -> bool:
        """Queue a wake-up unless one is queued already; tells whether it did."""
        mark = keys.queued(str(lane))
        with self._client.pipeline() as pipe:
            pipe.watch(mark)
            if 0 < int(pipe.pttl(mark)) <= LOST_AFTER * 1000:  # longer: it was set before the clock was set back
                return False
            pipe.multi()
            self.enqueue(pipe, lane)
            try:
                pipe.execute()
            except redis.WatchError:
                return False
        return True

    @translated
    def take(self, lane: Lane) -> Lease | None:
        """Take the lane's lease, clearing its queued mark first; None when somebody else has it."""
        token = self._scripts.run(
            "take_lease", [keys.lane(str(lane)), keys.queued(str(lane))], [secrets.token_hex(4), LEASE_MILLIS]
        )
        return Lease(lane, int(token)) if token else None

    @translated
    def keep(self, lease: Lease) -> None:
        """Prolong the lease.

        Raises:
            LeaseLost: when somebody else has taken the lane.
        """
        if not self._scripts.run("keep_lease", [keys.lane(str(lease.lane))], [lease.token, LEASE_MILLIS]):
            raise LeaseLost(f"the lease of {lease.lane} was lost")

    @translated
    def release(self, lease: Lease) -> None:
        """Give the lease back; harmless when it was lost."""
        self._scripts.run("release_lease", [keys.lane(str(lease.lane))], [lease.token])

    @translated
    def defer(
        self, lease: Lease, state: str, why: str, until: datetime | None, failures: int = 0, *, refused_with: str = ""
    ) -> None:
        """Say that the lane is not worked on before ``until`` (None: not before somebody resumes it).

        Args:
            lease: of the lane.
            state: ``busy``, ``down`` or ``paused``.
            why: in words.
            until: see above.
            failures: in a row, with this one.
            refused_with: fingerprint of the credentials that were refused, if that is why.
        """
        not_before = to_millis(until) if until else ""
        fields = {"state": state, "why": why, "not_before": not_before, "failures": failures or ""}
        self._set(lease, **fields, refused_with=refused_with)

    @translated
    def hold_bulk(self, lease: Lease, until: datetime) -> None:
        """Say that bulk work on the lane has used up its share of the rate until a time. Live work goes on."""
        self._set(lease, bulk_from=to_millis(until))

    @translated
    def clear(self, lease: Lease) -> None:
        """The lane works again."""
        self._set(lease, state="", why="", not_before="", failures="", refused_with="")

    def _set(self, lease: Lease, **fields: Any) -> None:
        pairs = [part for item in fields.items() for part in item]
        if not self._scripts.run("set_lane", [keys.lane(str(lease.lane))], [lease.token, *pairs]):
            raise LeaseLost(f"the lease of {lease.lane} was lost")

    @translated
    def resume(self, lane: Lane) -> None:
        """End a pause or a back-off by a person's word, whoever holds the lease."""
        self._client.hdel(keys.lane(str(lane)), "state", "why", "not_before", "failures", "refused_with", "bulk_from")

    @translated
    def pause(self, lane: Lane, why: str) -> None:
        """Stop a lane by a person's word until it is resumed."""
        self._client.hset(keys.lane(str(lane)), mapping={"state": "paused", "why": why})
        self._client.hdel(keys.lane(str(lane)), "not_before", "refused_with")

    @translated
    def state(self, lane: Lane) -> LaneState:
        """Where the lane stands."""
        with self._client.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.lane(str(lane)))
            pipe.time()
            raw, server_time = pipe.execute()
        fields = {name.decode(): value.decode() for name, value in raw.items()}
        return LaneState(
            state=fields.get("state", "ok"),
            why=fields.get("why"),
            not_before=from_millis(float(fields["not_before"])) if "not_before" in fields else None,
            failures=int(fields.get("failures", 0)),
            leased=_is_leased(float(fields.get("until", 0)), _millis(server_time)),
            refused_with=fields.get("refused_with"),
            bulk_from=from_millis(float(fields["bulk_from"])) if "bulk_from" in fields else None,
        )


def asleep(pipe: Pipeline, lanes: Iterable[Lane]) -> list[Lane]:
    """Of the lanes, those that somebody must wake: no wake-up is queued, and nobody has the lease.

    Whoever has the lease looks again after its release. Marks and lanes are watched (before ``pipe.multi()``), so a
    release in between makes the transaction fail instead of losing the wake-up.
    """
    candidates = list(lanes)
    if not candidates:
        return []
    marks = [keys.queued(str(lane)) for lane in candidates]
    pipe.watch(*marks, *(keys.lane(str(lane)) for lane in candidates))
    queued = cast(list[bytes | None], pipe.mget(marks))
    now = _millis(pipe.time())
    return [
        lane
        for lane, mark in zip(candidates, queued, strict=True)
        if mark is None
        and not _is_leased(float(cast(bytes | None, pipe.hget(keys.lane(str(lane)), "until")) or 0), now)
    ]


def _is_leased(until: float, now: float) -> bool:
    """Whether a lease is valid. One that ends later than any can was given before the server's clock was set back."""
    return now < until <= now + LEASE_MILLIS


def _millis(server_time: tuple[int, int]) -> float:
    """The server's answer to TIME. Leases are judged by its clock alone, as hosts may disagree."""
    seconds, micros = server_time
    return seconds * 1000 + micros / 1000
