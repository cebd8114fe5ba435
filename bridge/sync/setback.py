"""When a destination or a page as a whole says no: how long its lane is left alone, and whether it may be worked on."""

from __future__ import annotations

import random
from datetime import timedelta

import structlog

from bridge.errors import Busy, NotAllowed, ProviderError
from bridge.store.lanes import LaneState, Lease
from bridge.sync.runtime import Runtime

LONGEST_PAUSE = 300.0
"""Seconds for which a destination that is down, or an object of it, is left alone at most."""

log = structlog.get_logger(__name__)


def may_work(runtime: Runtime, state: LaneState) -> bool:
    """True unless the lane is paused, or has to wait."""
    if state.state == "paused":
        return False
    if state.not_before is None:
        return True
    ahead = (state.not_before - runtime.clock.now()).total_seconds()
    return ahead <= 0 or (state.state == "down" and ahead > LONGEST_PAUSE)  # that long only if the clock was set back


def defer(runtime: Runtime, lease: Lease, error: ProviderError, failures: int) -> None:
    """Come back later, or when a person says so."""
    now = runtime.clock.now()
    if isinstance(error, Busy):
        until = now + timedelta(seconds=error.retry_after)
        runtime.store.lanes.defer(lease, "busy", str(error), until, failures)
    elif isinstance(error, NotAllowed):
        log.error("destination paused", destination=lease.lane.name, why=str(error))
        runtime.store.lanes.defer(lease, "paused", str(error), None, failures)
    else:
        pause = min(LONGEST_PAUSE, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 (jitter)
        log.warning("destination down", destination=lease.lane.name, why=str(error), pause=round(pause, 1))
        runtime.store.lanes.defer(lease, "down", str(error), now + timedelta(seconds=pause), failures + 1)
