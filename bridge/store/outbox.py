"""Outboxes: the objects whose remote copy is behind, one per destination, in classes of priority."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import redis

from bridge.clock import from_millis, to_millis
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.store import keys
from bridge.store.connection import translated
from bridge.store.lanes import MIRROR, Lane, Lanes
from bridge.store.state import Mark, write_marks

LIVE, COMPONENTS, METRICS, BULK = range(4)
"""Classes in order of priority: incidents and maintenances, components, metrics, everything that is not live."""
RANKS = (LIVE, COMPONENTS, METRICS, BULK)

_RANK_OF = {
    Kind.COMPONENT: COMPONENTS,
    Kind.COMPONENT_GROUP: COMPONENTS,
    Kind.METRIC: METRICS,
    Kind.SUBSCRIBER: BULK,
}


def rank_of(kind: Kind) -> int:
    """The class of live work on a kind of object."""
    return _RANK_OF.get(kind, LIVE)


@dataclass(frozen=True, slots=True)
class Debt:
    """One object that is owed.

    Attributes:
        revision: of the canonical object, at the time it was last marked.
        since: since when the copy has been behind.
        wishes: what else is to be done about it, see :mod:`bridge.sync.wishes`.
    """

    key: ObjectKey
    revision: int
    since: datetime
    rank: int
    wishes: str = ""


class Outbox:
    """Outboxes of all destinations."""

    def __init__(self, client: redis.Redis, lanes: Lanes) -> None:
        self._client = client
        self._lanes = lanes

    @translated
    def due(self, destination: str, now: datetime, limit: int, ranks: Sequence[int] = RANKS) -> list[Debt]:
        """What may be worked on now, most urgent first.

        Args:
            destination: whose.
            now: what is due later is left out.
            limit: most debts that are wanted.
            ranks: classes that are asked about.
        """
        with self._client.pipeline(transaction=False) as pipe:
            for rank in ranks:
                pipe.zrangebyscore(keys.outbox(destination, rank), "-inf", to_millis(now), start=0, num=limit)
            found = [member for members in pipe.execute() for member in members]
        return self._debts(destination, found[:limit])

    def _debts(self, destination: str, members: list[bytes]) -> list[Debt]:
        if not members:
            return []
        rows = cast(list[bytes | None], self._client.hmget(keys.owed(destination), cast(list[str], members)))
        return [_debt(member, raw) for member, raw in zip(members, rows, strict=True) if raw]

    @translated
    def get(self, destination: str, key: ObjectKey) -> Debt | None:
        """What is owed of one object; None when nothing is."""
        raw = cast(bytes | None, self._client.hget(keys.owed(destination), str(key)))
        return _debt(str(key).encode(), raw) if raw else None

    @translated
    def all(self, destination: str) -> list[Debt]:
        """Everything that is owed, due or not."""
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.owed(destination)))
        return [_debt(member, raw) for member, raw in rows.items()]

    @translated
    def pull_in(self, destination: str, now: datetime, longest: timedelta) -> int:
        """Make due at once what is due later than anything can be put off: the clock was set back. Returns how many.

        Args:
            destination: whose.
            now: the present moment.
            longest: for which an object may be put off.
        """
        found = 0
        for name in keys.outboxes(destination):
            beyond = cast(list[bytes], self._client.zrangebyscore(name, f"({to_millis(now + longest)}", "+inf"))
            if beyond:
                scores = {member: to_millis(now) for member in beyond}
                found += cast(int, self._client.zadd(name, cast(Any, scores), xx=True, ch=True))
        return found

    @translated
    def next_due(self, destination: str, bulk_from: datetime | None = None) -> datetime | None:
        """When the next object becomes due; None when nothing is owed.

        Args:
            destination: whose.
            bulk_from: before which no bulk work is due.
        """
        with self._client.pipeline(transaction=False) as pipe:
            for rank in RANKS:
                pipe.zrange(keys.outbox(destination, rank), 0, 0, withscores=True)
            found = {rank: from_millis(rows[0][1]) for rank, rows in zip(RANKS, pipe.execute(), strict=True) if rows}
        if bulk_from is not None and BULK in found:
            found[BULK] = max(found[BULK], bulk_from)
        return min(found.values(), default=None)

    @translated
    def mark(self, marks: Iterable[Mark], now: datetime) -> None:
        """Owe objects and wake their destinations, outside a commit (repair, retry of a dead letter)."""
        wanted = list(marks)
        with self._client.pipeline() as pipe:
            write_marks(pipe, wanted, now)
            pipe.execute()
        self._lanes.bells.ring(mark.destination for mark in wanted)
        for destination in sorted({mark.destination for mark in wanted}):
            self._lanes.wake(Lane(MIRROR, destination))

    @translated
    def dead(self, destination: str) -> list[ObjectKey]:
        """The dead letters of a destination."""
        members = cast(set[bytes], self._client.smembers(keys.dead(destination)))
        return sorted(ObjectKey.parse(member.decode()) for member in members)


def _debt(member: bytes, raw: bytes) -> Debt:
    revision, since, rank, *wishes = json.loads(raw)
    return Debt(ObjectKey.parse(member.decode()), int(revision), from_millis(float(since)), int(rank), *wishes)
