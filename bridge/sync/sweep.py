"""The sweep: wakes whatever is owed and was not woken, and lets timers run out. Asks the store, never RQ.

RQ loses wake-ups when a worker is killed; the sweep makes that harmless. It also carries every timer: delays of
policy, back-off, Retry-After, circuits. It is a process of its own, and needed for correctness.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from bridge.errors import StoreDown
from bridge.store.archive import SETTLED_FOR
from bridge.store.lanes import INGEST, MIRROR, POLL, TIMERS, Lane, lane_of_audit, lane_of_pull
from bridge.sync.drift import audit
from bridge.sync.inbox import pull
from bridge.sync.outbox.duties import owe_overruns, owe_unmade
from bridge.sync.outbox.mirror import is_due
from bridge.sync.pages import poll
from bridge.sync.runtime import Runtime
from bridge.sync.setback import LONGEST_PAUSE, lift_refusals

HOUSEKEEPING_EVERY = 60.0
"""Seconds between two rounds of forgetting what is too old."""

log = structlog.get_logger(__name__)


def sweep(runtime: Runtime) -> list[Lane]:
    """Wake every lane that has something to do now and that nobody works on; returns the lanes that were woken."""
    owing = [Lane(INGEST, source) for source in runtime.settings.sources if runtime.store.inbox.is_behind(source)]
    if runtime.store.state.due_groups(runtime.clock.now()):
        owing.append(Lane(INGEST, TIMERS))
    owing += [Lane(MIRROR, name) for name in runtime.settings.destinations if is_due(runtime, name)]
    owing += [Lane(POLL, name) for name in poll.looked_at(runtime.settings) if poll.is_due(runtime, name)]
    owing += [lane_of_pull(name) for name in pull.pulled(runtime.settings) if pull.is_due(runtime, name)]
    owing += [lane_of_audit(name) for name in runtime.settings.destinations if audit.is_due(runtime, name)]
    return [lane for lane in owing if _wake(runtime, lane)]


def _wake(runtime: Runtime, lane: Lane) -> bool:
    lanes = runtime.store.lanes
    if lanes.state(lane).leased:
        return False
    return lanes.wake(lane)


def housekeep(runtime: Runtime) -> None:
    """Forget applied deliveries and tombstones that are older than the retention; owe what became due by itself."""
    now, store = runtime.clock.now(), runtime.settings.store
    for source in runtime.settings.sources:
        runtime.store.inbox.trim(source, now, store.retention, store.retained_deliveries)
    runtime.store.state.forget_tombstones(now - store.retention)
    for name, destination in runtime.settings.destinations.items():
        longest = timedelta(seconds=max(LONGEST_PAUSE, destination.settle_after) + 10)
        runtime.store.outbox.pull_in(name, now, longest)
        runtime.store.subscribers.forget(name)
    runtime.store.archive.pack(runtime.settings.destinations, now - SETTLED_FOR)
    lift_refusals(runtime)
    owe_unmade(runtime)
    owe_overruns(runtime)


def run_sweep(runtime: Runtime, stopped: Callable[[float], bool]) -> None:
    """Sweep until told to stop. A store that is away is waited for.

    Args:
        runtime: surroundings.
        stopped: waits up to so many seconds and tells whether to stop.
    """
    every = runtime.settings.worker.sweep_every
    housekept = time.monotonic() - HOUSEKEEPING_EVERY
    while True:
        try:
            sweep(runtime)
            if time.monotonic() - housekept >= HOUSEKEEPING_EVERY:
                housekept = time.monotonic()
                housekeep(runtime)
        except StoreDown as error:
            log.warning("sweep waits for the store", why=str(error))
        if stopped(every):
            return
