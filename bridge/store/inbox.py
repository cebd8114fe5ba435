"""Inboxes: deliveries accepted and not yet applied, in order of arrival, one stream per source."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import redis

from bridge.clock import from_millis, to_millis
from bridge.ids import made_at
from bridge.model.events import Delivery, Event, Parsed, ReceivedEvent
from bridge.model.schemas import dump, load
from bridge.store import keys
from bridge.store.connection import translated
from bridge.store.hot import HotScript
from bridge.store.lanes import INGEST, Lane, Lanes

SENDER_ID_TTL = 3 * 24 * 3600
"""Seconds for which a sender's delivery id is remembered (PagerDuty repeats for up to 48 hours)."""
_ATTEMPTS = 50
_ASIDE = timedelta(seconds=10)
"""How far apart the clock that made an id and the server's may be."""
_CHUNK, _MOST_CHUNKS = 500, 10
_DISAGREEMENTS = 3
"""After so many, the script's own connection is taken to lead to a server that a fail-over made a replica: it reads
there that somebody must wake the lane, and on the primary somebody has."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A delivery that is on disk. A duplicate was on disk before and is not applied again."""

    delivery: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One accepted delivery, ready to be applied. ``position`` is its place in the stream."""

    position: str
    delivery: str
    received_at: datetime
    events: tuple[Event, ...]

    def received(self, source: str) -> Iterator[ReceivedEvent]:
        """Its events with where they came from."""
        for event in self.events:
            yield ReceivedEvent(source, self.delivery, self.received_at, event)


class Inbox:
    """All inboxes."""

    def __init__(self, client: redis.Redis, lanes: Lanes) -> None:
        self._client = client
        self._accept = HotScript(client, "accept")
        self._lanes = lanes

    @translated
    def accept(self, delivery: Delivery, parsed: Parsed) -> Accepted:
        """Keep a delivery and wake its lane, in one transaction that the server has acknowledged on return.

        Raises:
            StoreDown: nothing was kept, or it is not known whether it was; the sender must try again.
        """
        fields = _entry(delivery, parsed)
        counts = _counts(delivery, parsed)
        mark = keys.sender_id(delivery.source, delivery.sender_id) if delivery.sender_id else ""
        lane = Lane(INGEST, delivery.source)
        flat = [part for pair in fields.items() for part in pair]
        pairs = [part for pair in counts.items() for part in pair]
        for attempt in range(_ATTEMPTS):
            answer = self._accept(
                [
                    keys.queued(str(lane)),
                    keys.inbox(delivery.source),
                    keys.inbox_meta(delivery.source),
                    keys.COUNTERS,
                    mark,
                    keys.lane(str(lane)),
                ],
                [SENDER_ID_TTL, to_millis(delivery.received_at), len(flat), *flat, *pairs],
            )
            if answer:
                return Accepted(delivery.id, duplicate=answer < 0)
            outcome = self._accept_and_wake(delivery, fields, counts, mark, lane)
            if outcome is not None:
                return outcome
            if attempt == _DISAGREEMENTS:
                self._accept = HotScript(self._client, "accept")
        raise redis.ConnectionError("too many writers at once")

    def _accept_and_wake(
        self, delivery: Delivery, fields: Mapping[str, Any], counts: Mapping[str, int], mark: str, lane: Lane
    ) -> Accepted | None:
        """The same with the RQ job in the transaction; None when another web process was faster."""
        with self._client.pipeline() as pipe:
            pipe.watch(keys.queued(str(lane)), *([mark] if mark else []))
            if mark and pipe.exists(mark):
                return Accepted(delivery.id, duplicate=True)
            if pipe.exists(keys.queued(str(lane))):
                return None
            pipe.multi()
            if mark:
                pipe.set(mark, "1", ex=SENDER_ID_TTL)
            pipe.xadd(keys.inbox(delivery.source), cast(Any, fields))
            pipe.hset(keys.inbox_meta(delivery.source), "last_at", to_millis(delivery.received_at))
            for name, count in counts.items():
                pipe.hincrby(keys.COUNTERS, name, count)
            self._lanes.enqueue(pipe, lane)
            try:
                pipe.execute()
            except redis.WatchError:
                return None
        return Accepted(delivery.id, duplicate=False)

    @translated
    def quarantine_whole(self, delivery: Delivery, reason: str) -> str:
        """Keep an authentic delivery of which nothing could be read."""
        with self._client.pipeline() as pipe:
            pipe.xadd(
                keys.QUARANTINE,
                {
                    "source": delivery.source,
                    "delivery": delivery.id,
                    "at": to_millis(delivery.received_at),
                    "reason": reason,
                    "body": delivery.body,
                },
                maxlen=1000,
                approximate=True,
            )
            pipe.hincrby(keys.COUNTERS, f"events.quarantined|{delivery.source}", 1)
            pipe.execute()
        return delivery.id

    @translated
    def put_aside(self, source: str, entry: InboxEntry, reason: str) -> None:
        """Keep a delivery in the quarantine that was understood but could not be applied."""
        with self._client.pipeline() as pipe:
            pipe.xadd(
                keys.QUARANTINE,
                {
                    "source": source,
                    "delivery": entry.delivery,
                    "at": to_millis(entry.received_at),
                    "reason": reason,
                    "events": json.dumps([dump(event) for event in entry.events], separators=(",", ":")),
                },
                maxlen=1000,
                approximate=True,
            )
            pipe.hincrby(keys.COUNTERS, f"events.quarantined|{source}", len(entry.events))
            pipe.execute()

    @translated
    def cursor(self, source: str) -> str:
        """Position of the last delivery that was applied."""
        raw = cast(bytes | None, self._client.hget(keys.inbox_meta(source), "cursor"))
        return raw.decode() if raw else "0-0"

    @translated
    def read(self, source: str, after: str, limit: int) -> list[InboxEntry]:
        """The next deliveries after a position, oldest first."""
        rows = cast(
            list[tuple[bytes, dict[bytes, bytes]]],
            self._client.xrange(keys.inbox(source), min=f"({after}", max="+", count=limit),
        )
        return [_read_entry(position, row) for position, row in rows]

    @translated
    def find(self, source: str, wanted: Collection[str]) -> dict[str, InboxEntry]:
        """Some deliveries that are still kept, by id.

        A stream is no index, so it is read from about the time that the oldest id tells; at most 5,000 entries.
        """
        moments = [made_at(identity) for identity in wanted]
        known = [moment for moment in moments if moment is not None]
        start = f"{to_millis(min(known) - _ASIDE)}-0" if len(known) == len(moments) and known else "-"
        found: dict[str, InboxEntry] = {}
        for _ in range(_MOST_CHUNKS):
            rows = cast(
                list[tuple[bytes, dict[bytes, bytes]]],
                self._client.xrange(keys.inbox(source), min=start, max="+", count=_CHUNK),
            )
            for position, row in rows:
                if row[b"delivery"].decode() in wanted:
                    entry = _read_entry(position, row)
                    found[entry.delivery] = entry
            if len(rows) < _CHUNK or len(found) == len(wanted):
                break
            start = f"({rows[-1][0].decode()}"
        return found

    @translated
    def is_behind(self, source: str) -> bool:
        """True when deliveries wait to be applied."""
        return bool(self._client.xrange(keys.inbox(source), min=f"({self.cursor(source)}", max="+", count=1))

    @translated
    def trim(self, source: str, now: datetime, retention: timedelta, keep: int) -> None:
        """Forget applied deliveries beyond age and count; what is not applied yet is never touched."""
        cursor = self.cursor(source)
        oldest = f"{to_millis(now - retention)}-0"
        floor = min(oldest, cursor, key=_order)
        self._client.xtrim(keys.inbox(source), minid=floor, approximate=True)
        surplus = int(self._client.xlen(keys.inbox(source))) - keep
        if surplus > 0:
            rows = cast(
                list[tuple[bytes, Any]], self._client.xrange(keys.inbox(source), min="-", max=cursor, count=surplus)
            )
            if rows:
                self._client.xtrim(keys.inbox(source), minid=rows[-1][0].decode(), approximate=True)


def _order(position: str) -> tuple[int, int]:
    millis, _, sequence = position.partition("-")
    return int(millis), int(sequence or 0)


_encode = json.JSONEncoder(separators=(",", ":")).encode


def _entry(delivery: Delivery, parsed: Parsed) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "delivery": delivery.id,
        "at": to_millis(delivery.received_at),
        "events": _encode([dump(event) for event in parsed.events]),
        "body": delivery.body,
    }
    if parsed.quarantined:
        fields["quarantined"] = json.dumps([dump(item) for item in parsed.quarantined], separators=(",", ":"))
    if parsed.warnings:
        fields["warnings"] = json.dumps(parsed.warnings)
    if delivery.query or delivery.headers or delivery.method != "POST":
        fields["request"] = json.dumps(
            {"method": delivery.method, "query": dict(delivery.query), "headers": dict(delivery.headers)}
        )
    return fields


def _counts(delivery: Delivery, parsed: Parsed) -> dict[str, int]:
    counts = {f"deliveries.accepted|{delivery.source}": 1}
    for event in parsed.events:
        name = f"events.{event.action}|{delivery.source}"
        counts[name] = counts.get(name, 0) + 1
    if parsed.quarantined:
        counts[f"events.quarantined|{delivery.source}"] = len(parsed.quarantined)
    if parsed.warnings:
        counts[f"deliveries.warned|{delivery.source}"] = 1
    return counts


def _read_entry(position: bytes, row: Mapping[bytes, bytes]) -> InboxEntry:
    return InboxEntry(
        position=position.decode(),
        delivery=row[b"delivery"].decode(),
        received_at=from_millis(float(row[b"at"])),
        events=tuple(load(Event, item) for item in json.loads(row[b"events"])),
    )
