"""When a destination or a page as a whole says no: how long its lane is left alone, and whether it may be worked on."""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta

import structlog

from bridge.config.settings import DestinationSettings
from bridge.errors import Busy, NotAllowed, ProviderError
from bridge.store.lanes import MIRROR, POLL, Lane, LaneState, Lease
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
        refused = _credentials(runtime, lease.lane)
        runtime.store.lanes.defer(lease, "paused", str(error), None, failures, refused_with=refused)
    else:
        pause = min(LONGEST_PAUSE, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 (jitter)
        log.warning("destination down", destination=lease.lane.name, why=str(error), pause=round(pause, 1))
        runtime.store.lanes.defer(lease, "down", str(error), now + timedelta(seconds=pause), failures + 1)


def lift_refusals(runtime: Runtime) -> list[Lane]:
    """Resume every lane that was paused because credentials were refused, where others are configured by now.

    What a person or a valve has paused stays paused.
    """
    lanes = [Lane(MIRROR, name) for name in runtime.settings.destinations]
    lanes += [Lane(POLL, name) for name in runtime.settings.pages]
    lifted = []
    for lane in lanes:
        state = runtime.store.lanes.state(lane)
        if state.state == "paused" and state.refused_with and state.refused_with != _credentials(runtime, lane):
            runtime.store.lanes.resume(lane)
            log.info("resumed, because its credentials were changed", lane=str(lane))
            lifted.append(lane)
    return lifted


def _credentials(runtime: Runtime, lane: Lane) -> str:
    """A fingerprint of address and credentials; empty where the lane has none of its own."""
    settings = runtime.settings
    page = settings.pages.get(lane.name) if lane.kind == POLL else None
    reach: DestinationSettings | None = page.reach if page else settings.destinations.get(lane.name)
    if reach is None:
        return ""
    told = f"{reach.type}\x1f{reach.url}\x1f{sorted(reach.options.items())!r}\x1f{reach.token.reveal()}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]
