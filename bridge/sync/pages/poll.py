"""``poll(page)``: look at a status page, take over what changed, and owe it to the destinations of its mirrors.

The page is the record: nothing is queued. What a lost or failed look missed, the next one sees.
"""

from __future__ import annotations

import structlog

from bridge.config.settings import PageSettings, Settings
from bridge.errors import ProviderError
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.model.pages import PageChanges, remote_key
from bridge.pages import registry
from bridge.providers.base.provider import Page, Unchanged
from bridge.store.lanes import POLL, Lane, Lease
from bridge.sync.outbox.clockwork import with_noted
from bridge.sync.outbox.desk import CallLog
from bridge.sync.pages.originals import is_made_from, unmade, with_stored_originals
from bridge.sync.pages.points import look_at_metrics
from bridge.sync.pages.reach import marks_of_page
from bridge.sync.pages.sight import KINDS, Onlooker
from bridge.sync.pages.takeover import Sight, changes_of, nothing_is_left, too_much_at_once, with_touched
from bridge.sync.runtime import Runtime
from bridge.sync.setback import defer, may_work
from bridge.sync.two_way.travel import travel, two_way_pages

log = structlog.get_logger(__name__)


def looked_at(settings: Settings) -> tuple[str, ...]:
    """The pages that some mirror asks for."""
    ends = two_way_pages(settings)
    return tuple(name for name in settings.pages if settings.mirrors_of(name) or name in ends)


def is_due(runtime: Runtime, page: str) -> bool:
    """True when the page is to be looked at now."""
    next_at = runtime.store.pages.next_at(page)
    now = runtime.clock.now()
    if next_at is not None and now < next_at <= now + runtime.settings.pages[page].every * 2:  # later: it was set back
        return False
    return may_work(runtime, runtime.store.lanes.state(Lane(POLL, page)))


def poll(runtime: Runtime, page: str) -> None:
    """Look at a page if that is due; does nothing when another worker is at it."""
    if page not in looked_at(runtime.settings):
        return
    lanes = runtime.store.lanes
    lease = lanes.take(Lane(POLL, page))
    if lease is None:
        return
    try:
        if is_due(runtime, page):
            _look(runtime, runtime.settings.pages[page], lease)
    finally:
        lanes.release(lease)


def _look(runtime: Runtime, settings: PageSettings, lease: Lease) -> None:
    calls = CallLog()
    limits = registry.limits(settings.reach.type)
    budget = runtime.store.budget(
        settings.reach, (limits.calls, limits.window), limits.home, reads_by_address=limits.reads_by_address
    )
    page = registry.make(settings.reach, budget, calls, runtime.clock)
    state = runtime.store.lanes.state(lease.lane)
    try:
        _take_over(runtime, settings, page, lease)
        if state.state != "ok" and runtime.store.lanes.state(lease.lane).state != "paused":
            runtime.store.lanes.clear(lease)
    except ProviderError as error:
        defer(runtime, lease, error, state.failures)
    finally:
        runtime.store.story.count_calls(settings.name, calls.drain())
        page.close()


def _take_over(runtime: Runtime, settings: PageSettings, page: Page, lease: Lease) -> None:
    """Look, compare, and write what follows."""
    pages = runtime.store.pages
    memory = pages.memory(settings.name)
    etags: dict[str, str] | None = getattr(page, "etags", None)
    if etags is not None:
        etags.update(memory.etags)
    mirrors = runtime.settings.mirrors_of(settings.name)
    changes, sight, began = PageChanges(), Sight(settings.name), runtime.clock.now()
    is_two_way = settings.name in two_way_pages(runtime.settings)
    onlooker = Onlooker(runtime, settings, page, memory, lease, copies=is_two_way)
    try:
        sight = onlooker.look()
    except Unchanged:
        pass  # the page itself says that nothing is new
    else:
        memory = onlooker.memory
        gone = [memory.objects[name].id for name in sight.gone]
        known = pages.many(ObjectKey(kind, identity) for identity in gone for kind in KINDS)
        changes = changes_of(sight, memory, mirrors, known, runtime.clock.now())
        rules = runtime.settings.rules
        suspicious = nothing_is_left(sight, memory)
        suspicious = suspicious or too_much_at_once(changes, memory, rules.valves, len(rules.components))
        if suspicious and not memory.stopped:
            log.error("page paused", page=settings.name, why=suspicious, command=f"statusbridge resume {settings.name}")
            pages.stop(settings.name)
            runtime.store.lanes.defer(lease, "paused", suspicious, None)
            return
        if changes.components:
            going_on = {
                remote_key(obj.kind, obj.origin.remote_id): obj
                for obj in pages.open()
                if obj.origin and obj.origin.source == settings.name
            }
            memory = pages.recalled(settings.name, memory, going_on)
            changes = with_touched(changes, memory, going_on.values(), settings.name)
        before = pages.many(ObjectKey(obj.kind, obj.id) for obj in changes.mirrored if obj.kind is Kind.MAINTENANCE)
        changes = with_noted(changes, before, runtime.clock.now())
    whole = with_stored_originals(runtime.settings, runtime.store, {settings.name: changes.originals})
    marks = marks_of_page(changes, whole, settings, memory.begun)
    if is_made_from(runtime.settings, settings.name):
        owed = {(mark.destination, mark.key) for mark in marks}
        marks += [mark for mark in unmade(whole, runtime.store) if (mark.destination, mark.key) not in owed]
    now = runtime.clock.now()
    pages.commit(lease, changes, marks, now, etags=etags or {}, next_at=now + settings.every)
    travel(runtime, settings, page, sight.copies, lease, began)
    look_at_metrics(runtime, settings, page, lease)
