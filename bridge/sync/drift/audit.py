"""``audit(destination)``: compare what is there with what should be, and owe what is to be mended.

An audit decides nothing by itself. What it finds is looked at once more by the mirror lane, which alone writes, under
its lease, with its order and its budget; so an audit that is lost, doubled or wrong does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog

from bridge.errors import Busy, ProviderError
from bridge.model.facts import ObjectKey
from bridge.store.lanes import MIRROR, Lane, lane_of_audit
from bridge.store.outbox import BULK, COMPONENTS
from bridge.store.state import Mark
from bridge.sync import wishes
from bridge.sync.drift.differences import Cause, Difference
from bridge.sync.drift.survey import Survey, survey
from bridge.sync.runtime import Runtime
from bridge.sync.setback import may_work

_AFTER_FAILURE = timedelta(minutes=5)
_LOOKED_AT = (Cause.EDITED, Cause.MENDABLE, Cause.DELETED)
_WRITTEN = (Cause.BEHIND, Cause.MISSING)

log = structlog.get_logger(__name__)


def is_due(runtime: Runtime, destination: str) -> bool:
    """True when a destination is to be audited now.

    Live work goes first; but an audit that has waited for its whole interval waits no longer.
    """
    every = runtime.settings.destinations[destination].audit
    if every is None:
        return False
    now = runtime.clock.now()
    next_at = runtime.store.audits.next_at(destination, now + every)
    if now < next_at or not may_work(runtime, runtime.store.lanes.state(Lane(MIRROR, destination))):
        return False
    urgent = any(debt.rank <= COMPONENTS for debt in runtime.store.outbox.due(destination, now, limit=1))
    return not urgent or now >= next_at + every


def audit(runtime: Runtime, destination: str) -> None:
    """Audit a destination if that is due; does nothing when another worker is at it."""
    settings = runtime.settings.destinations.get(destination)
    if settings is None or settings.audit is None:
        return
    lanes, audits = runtime.store.lanes, runtime.store.audits
    lease = lanes.take(lane_of_audit(destination))
    if lease is None:
        return
    try:
        if is_due(runtime, destination):
            found = survey(runtime, destination, lambda: lanes.keep(lease))
            mend(runtime, destination, _trusted(found))
            audits.done(destination, found.at, found.at + settings.audit)
    except ProviderError as error:
        pause = timedelta(seconds=error.retry_after) if isinstance(error, Busy) else _AFTER_FAILURE
        log.warning("destination could not be audited", destination=destination, why=str(error))
        audits.put_off(destination, runtime.clock.now() + pause)
    finally:
        lanes.release(lease)


def _trusted(found: Survey) -> tuple[Difference, ...]:
    """What an audit may act upon. Where everything is gone at once, making it again is for a person to say."""
    if not found.nothing_left:
        return found.differences
    how = f"statusbridge sync {found.destination} --repair"
    log.error("every open incident is gone from a destination; nothing is made again", destination=found.destination,
              command=how)  # fmt: skip
    return tuple(item for item in found.differences if item.cause is not Cause.DELETED)


def mend(runtime: Runtime, destination: str, found: Iterable[Difference]) -> tuple[ObjectKey, ...]:
    """Owe what is to be looked at again and, as far as the policy allows, written; returns those objects.

    What is left alone already, fails, waits or is under way is not among them.
    """
    wanted: dict[ObjectKey, str] = {}
    for difference in found:
        if difference.known:
            continue
        if difference.cause in _LOOKED_AT:
            wanted[difference.key] = wishes.LOOK
        elif difference.cause in _WRITTEN:
            wanted.setdefault(difference.key, "")
    links = runtime.store.links.many(destination, wanted)
    marks = [
        Mark(destination, key, links[key].revision if key in links else 0, BULK, wish) for key, wish in wanted.items()
    ]
    if marks:
        runtime.store.outbox.mark(marks, runtime.clock.now())
    return tuple(wanted)
