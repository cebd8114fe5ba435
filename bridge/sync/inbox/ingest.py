"""``ingest(source)``: apply waiting deliveries to the state, and let due timers run out."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog

from bridge.errors import StateChanged
from bridge.model.events import ReceivedEvent
from bridge.model.state import Changes
from bridge.policy import engine
from bridge.store.inbox import InboxEntry
from bridge.store.lanes import INGEST, TIMERS, Lane, Lease
from bridge.store.state import Progress, Snapshot
from bridge.sync.owed import marks_of
from bridge.sync.runtime import Runtime

BATCH = 500
"""Deliveries applied in one commit."""
SLICE = 25.0
"""Seconds after which the job ends, however much is left."""
_RACES = 100
_POISON = (ValueError, TypeError, ArithmeticError, LookupError, RecursionError)
"""What a delivery may provoke in the policy, in spite of everything; it is put aside then, the others go on."""

log = structlog.get_logger(__name__)


def ingest(runtime: Runtime, source: str) -> None:
    """Apply everything that waits in a source's inbox, in order; does nothing when another worker is at it."""
    lane = Lane(INGEST, source)
    lanes = runtime.store.lanes
    lease = lanes.take(lane)
    if lease is None:
        return
    try:
        deadline = time.monotonic() + SLICE
        while time.monotonic() < deadline and _apply_next(runtime, source, lease):
            lanes.keep(lease)
    finally:
        lanes.release(lease)
    if _is_behind(runtime, source):
        lanes.wake(lane)


def _is_behind(runtime: Runtime, source: str) -> bool:
    if source == TIMERS:
        return bool(runtime.store.state.due_groups(runtime.clock.now()))
    return runtime.store.inbox.is_behind(source)


def _apply_next(runtime: Runtime, source: str, lease: Lease) -> bool:
    """Apply one batch; False when nothing was left to apply."""
    if source == TIMERS:
        if not runtime.store.state.due_groups(runtime.clock.now()):
            return False
        _commit(runtime, (), None, lease)
        return True
    inbox = runtime.store.inbox
    cursor = inbox.cursor(source)
    entries = inbox.read(source, cursor, BATCH)
    if not entries:
        return False
    try:
        _commit_entries(runtime, source, cursor, entries, lease)
    except _POISON:
        _apply_one_by_one(runtime, source, cursor, entries, lease)
    return True


def _apply_one_by_one(runtime: Runtime, source: str, cursor: str, entries: Sequence[InboxEntry], lease: Lease) -> None:
    """Find the delivery that cannot be applied and put it aside, so that the others go on."""
    for entry in entries:
        try:
            _commit_entries(runtime, source, cursor, [entry], lease)
        except _POISON as error:
            log.exception("delivery cannot be applied", source=source, delivery=entry.delivery)
            runtime.store.inbox.put_aside(source, entry, f"could not be applied: {type(error).__name__}")
            _commit(runtime, (), Progress(source, cursor, entry.position, 1), lease)
        cursor = entry.position


def _commit_entries(runtime: Runtime, source: str, cursor: str, entries: Sequence[InboxEntry], lease: Lease) -> None:
    events = [event for entry in entries for event in entry.received(source)]
    _commit(runtime, events, Progress(source, cursor, entries[-1].position, len(entries)), lease)


def _commit(runtime: Runtime, events: Sequence[ReceivedEvent], progress: Progress | None, lease: Lease) -> None:
    """Read, decide, write; again when somebody else wrote in between."""
    state = runtime.store.state
    for _ in range(_RACES):
        snapshot = state.snapshot({f"{item.source}/{item.event.dedup_key}" for item in events})
        now = runtime.clock.now()
        changes = _decide(runtime, snapshot, events)
        marks = marks_of(changes, runtime.settings, state.component_statuses())
        try:
            state.commit(snapshot, changes, marks, now, lease=lease, progress=progress)
        except StateChanged:
            runtime.store.lanes.keep(lease)
            continue
        return
    raise StateChanged("too many writers at once; the sweep tries again")


def _decide(runtime: Runtime, snapshot: Snapshot, events: Sequence[ReceivedEvent]) -> Changes:
    return engine.advance(snapshot.world, events, runtime.clock.now(), runtime.settings.rules)
