"""Pages that are mirrored: what was seen there, and the objects that were taken over; changed in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, cast

import redis
from redis.client import Pipeline

from bridge.clock import from_millis, to_millis
from bridge.errors import LeaseLost
from bridge.model.enums import ComponentStatus, Kind
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident, Maintenance
from bridge.model.pages import ComponentSeen, Mirrored, Original, PageChanges, PageMemory, Remembered, Travels
from bridge.model.schemas import dump, load
from bridge.store import keys
from bridge.store.archive import note_settled
from bridge.store.connection import translated
from bridge.store.lanes import MIRROR, Lane, Lanes, Lease, asleep
from bridge.store.packed import unpack
from bridge.store.state import Mark, WantedStatus, next_status, write_marks
from bridge.store.story import add_decisions

_CLASSES: Mapping[Kind, type[Incident] | type[Maintenance]] = {Kind.INCIDENT: Incident, Kind.MAINTENANCE: Maintenance}
_ATTEMPTS = 50
_AT_ONCE = 1_000


class Pages:
    """All pages."""

    def __init__(self, client: redis.Redis, lanes: Lanes) -> None:
        self._client = client
        self._lanes = lanes

    @translated
    def memory(self, page: str) -> PageMemory:
        """What is known of a page; of its objects only those that go on. Others are :meth:`recalled` by name."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.smembers(keys.page_open(page))
            pipe.hgetall(keys.page_components(page))
            pipe.hgetall(keys.page_meta(page))
            pipe.hgetall(keys.page_originals(page))
            going_on, components, meta, originals = pipe.execute()
        return PageMemory(
            begun=from_millis(float(meta[b"begun"])) if b"begun" in meta else None,
            objects=self._remembered(page, [name.decode() for name in going_on]),
            components={name.decode(): _component(raw) for name, raw in components.items()},
            originals=_originals(originals),
            etags=json.loads(meta.get(b"etags", b"{}")),
            stopped=b"stopped" in meta,
        )

    @translated
    def recalled(self, page: str, memory: PageMemory, names: Iterable[str]) -> PageMemory:
        """The memory with what is known of further objects of the page.

        Args:
            page: its name.
            memory: from :meth:`memory`.
            names: remote keys; those that are not known are left out.
        """
        wanted = [name for name in names if name not in memory.objects]
        return replace(memory, objects={**memory.objects, **self._remembered(page, wanted)}) if wanted else memory

    def _remembered(self, page: str, names: list[str]) -> dict[str, Remembered]:
        found: dict[str, Remembered] = {}
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            rows = cast(list[bytes | None], self._client.hmget(keys.page_objects(page), some))
            found |= {name: Remembered(**json.loads(raw)) for name, raw in zip(some, rows, strict=True) if raw}
        return found

    @translated
    def commit(
        self,
        lease: Lease,
        changes: PageChanges,
        marks: Sequence[Mark],
        now: datetime,
        *,
        etags: Mapping[str, str],
        next_at: datetime,
    ) -> None:
        """Write what a look at the page changed: memory, objects, debts, story and wake-ups, together or not at all.

        The marks of components get their revision here.

        Raises:
            LeaseLost: somebody else looks at the page now.
        """
        meta = {"looked_at": to_millis(now), "etags": json.dumps(dict(etags)), "next_at": to_millis(next_at)}
        self._commit(lease, changes, marks, now, meta)

    @translated
    def amend(self, lease: Lease, changes: PageChanges, marks: Sequence[Mark], now: datetime) -> None:
        """Write what people changed elsewhere of a page's objects, together or not at all; the page was not looked at.

        Raises:
            LeaseLost: somebody else looks at the page now.
        """
        self._commit(lease, changes, marks, now, {})

    def _commit(
        self, lease: Lease, changes: PageChanges, marks: Sequence[Mark], now: datetime, meta: Mapping[str, Any]
    ) -> None:
        lanes = sorted({Lane(MIRROR, mark.destination) for mark in marks}, key=str)
        for _ in range(_ATTEMPTS):
            with self._client.pipeline() as pipe:
                self._check(pipe, lease)
                revisions = _component_revisions(pipe, changes)
                to_wake = asleep(pipe, lanes)
                pipe.multi()
                _write(pipe, lease.lane.name, changes, now)
                _bump(pipe, revisions, now)
                if meta:
                    pipe.hset(keys.page_meta(lease.lane.name), mapping=cast(Any, meta))
                    pipe.hdel(keys.page_meta(lease.lane.name), "stopped")
                    pipe.hsetnx(keys.page_meta(lease.lane.name), "begun", str(to_millis(now)))
                write_marks(pipe, (_with_revision(mark, revisions) for mark in marks), now)
                add_decisions(pipe, changes.decisions)
                for decision in changes.decisions:
                    pipe.hincrby(keys.COUNTERS, f"decisions|{decision.why}", 1)
                for lane in to_wake:
                    self._lanes.enqueue(pipe, lane)
                try:
                    pipe.execute()
                except redis.WatchError:
                    continue
            self._lanes.bells.ring(lane.name for lane in lanes if lane not in to_wake)
            return
        raise redis.ConnectionError("too many writers at once")

    def _check(self, pipe: Pipeline, lease: Lease) -> None:
        pipe.watch(keys.lane(str(lease.lane)))
        token = cast(bytes | None, pipe.hget(keys.lane(str(lease.lane)), "token"))
        if int(token or 0) != lease.token:
            raise LeaseLost(f"the lease of {lease.lane} was lost")

    @translated
    def stop(self, page: str) -> None:
        """Remember that the page was paused because everything was gone from it at once."""
        self._client.hset(keys.page_meta(page), "stopped", "1")

    @translated
    def next_at(self, page: str) -> datetime | None:
        """When the page is to be looked at again; None when it never was."""
        raw = cast(bytes | None, self._client.hget(keys.page_meta(page), "next_at"))
        return from_millis(float(raw)) if raw else None

    @translated
    def looked_at(self, page: str) -> datetime | None:
        """When the page was last looked at to the end; None when it never was."""
        raw = cast(bytes | None, self._client.hget(keys.page_meta(page), "looked_at"))
        return from_millis(float(raw)) if raw else None

    @translated
    def look_now(self, page: str) -> None:
        """Have the page looked at as soon as somebody can."""
        self._client.hset(keys.page_meta(page), "next_at", 0)

    @translated
    def travels(self, page: str, key: ObjectKey) -> Travels:
        """What people changed of one object of a page."""
        raw = cast(bytes | None, self._client.hget(keys.page_travels(page), str(key)))
        return Travels(**json.loads(raw)) if raw else Travels()

    @translated
    def take(self, page: str, key: ObjectKey) -> None:
        """Have what stands on a page of a two-way mirror count, whatever was changed elsewhere."""
        self._client.sadd(keys.page_takes(page), str(key))

    @translated
    def takes(self, page: str) -> frozenset[str]:
        """The objects of which somebody has said that what stands on the page counts."""
        return frozenset(name.decode() for name in cast(set[bytes], self._client.smembers(keys.page_takes(page))))

    @translated
    def taken(self, page: str, key: ObjectKey) -> None:
        """What was said by :meth:`take` is done."""
        self._client.srem(keys.page_takes(page), str(key))

    @translated
    def get(self, key: ObjectKey) -> Mirrored | None:
        """One object that was taken over from a page."""
        raw = cast(bytes | None, self._client.hget(keys.MIRRORED, str(key)))
        return load(_CLASSES[key.kind], json.loads(unpack(raw))) if raw else None

    @translated
    def many(self, wanted: Iterable[ObjectKey]) -> dict[ObjectKey, Mirrored]:
        """Several of them; unknown ones are left out."""
        names = list(wanted)
        if not names:
            return {}
        rows = cast(list[bytes | None], self._client.hmget(keys.MIRRORED, [str(key) for key in names]))
        pairs = zip(names, rows, strict=True)
        return {key: load(_CLASSES[key.kind], json.loads(unpack(raw))) for key, raw in pairs if raw}

    @translated
    def open(self) -> list[Mirrored]:
        """Everything taken over that is still going on."""
        ids = cast(set[bytes], self._client.smembers(keys.MIRRORED_OPEN))
        return list(self.many(ObjectKey.parse(raw.decode()) for raw in sorted(ids)).values())

    @translated
    def is_withdrawn(self, key: ObjectKey) -> bool:
        """Whether the copies of an object are to be removed."""
        return bool(self._client.sismember(keys.WITHDRAWN, str(key)))

    @translated
    def originals(self, pages: Iterable[str]) -> dict[str, dict[str, Original]]:
        """For each page: by remote id, its components after which others are made elsewhere."""
        return {
            page: _originals(cast(dict[bytes, bytes], self._client.hgetall(keys.page_originals(page))))
            for page in pages
        }

    @translated
    def component_statuses(self, pages: Iterable[str]) -> dict[str, dict[str, ComponentSeen]]:
        """For each page: the statuses that it gives to our components."""
        return {
            page: {
                name.decode(): _component(raw)
                for name, raw in cast(dict[bytes, bytes], self._client.hgetall(keys.page_components(page))).items()
            }
            for page in pages
        }


def _write(pipe: Pipeline, page: str, changes: PageChanges, now: datetime) -> None:
    for name, remembered in changes.remembered.items():
        pipe.hset(keys.page_objects(page), name, _json(asdict(remembered)))
        if remembered.open:
            pipe.sadd(keys.page_open(page), name)
        else:
            pipe.srem(keys.page_open(page), name)
    for component, seen in changes.components.items():
        pipe.hset(keys.page_components(page), component, seen.status.value)
    for remote_id, original in changes.originals.items():
        pipe.hset(keys.page_originals(page), remote_id, _json(dump(original)))
    for key, travels in changes.travels.items():
        pipe.hset(keys.page_travels(page), str(key), _json(asdict(travels)))
    for obj in changes.mirrored:
        name = str(ObjectKey(obj.kind, obj.id))
        pipe.hset(keys.MIRRORED, name, _json(dump(obj)))
        note_settled(
            pipe, ObjectKey(obj.kind, obj.id), now, (_ended_at(obj) or now) if obj.status.is_terminal else None
        )
        if obj.status.is_terminal:
            pipe.srem(keys.MIRRORED_OPEN, name)
        else:
            pipe.sadd(keys.MIRRORED_OPEN, name)
    for key in changes.withdrawn:
        pipe.sadd(keys.WITHDRAWN, str(key))
        pipe.srem(keys.MIRRORED_OPEN, str(key))


def _ended_at(obj: Mirrored) -> datetime | None:
    return obj.ends_at if isinstance(obj, Maintenance) else obj.resolved_at


def _component_revisions(pipe: Pipeline, changes: PageChanges) -> dict[str, WantedStatus]:
    """The wanted statuses by policy of the components that a page changes, with the revisions that they get now.

    Policy and pages share one revision for each component, so that a debt is never taken for an older one.
    """
    if not changes.components:
        return {}
    pipe.watch(keys.REVISION)
    names = list(changes.components)
    rows = cast(list[bytes | None], pipe.hmget(keys.COMPONENTS, names))
    return {name: next_status(raw) for name, raw in zip(names, rows, strict=True)}


def _bump(pipe: Pipeline, revisions: Mapping[str, WantedStatus], now: datetime) -> None:
    for name, wanted in revisions.items():
        pipe.hset(keys.COMPONENTS, name, _json([wanted.status, wanted.revision, to_millis(now)]))
    if revisions:
        pipe.incr(keys.REVISION)


def _with_revision(mark: Mark, revisions: Mapping[str, WantedStatus]) -> Mark:
    if mark.key.kind is Kind.COMPONENT and mark.key.id in revisions:
        return replace(mark, revision=revisions[mark.key.id].revision)
    return mark


def _component(raw: bytes) -> ComponentSeen:
    return ComponentSeen(ComponentStatus(raw.decode()))


def _originals(rows: Mapping[bytes, bytes]) -> dict[str, Original]:
    return {remote_id.decode(): load(Original, json.loads(raw)) for remote_id, raw in rows.items()}


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
