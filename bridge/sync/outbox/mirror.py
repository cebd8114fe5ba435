"""``mirror(destination)``: a slice of bringing one destination up to date.

Calls for different objects run side by side in a small pool; two objects that touch the same component never do.
The slice ends when nothing is due, after 25 seconds, or when the destination as a whole says no.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

import structlog

from bridge.errors import Busy, Down, LeaseLost, NotAllowed, ProviderError, StoreError
from bridge.model.enums import Kind
from bridge.model.facts import LinkState, ObjectKey
from bridge.model.objects import Incident, Maintenance
from bridge.providers import registry
from bridge.providers.base import mapping
from bridge.store.lanes import MIRROR, Lane, LaneState, Lease
from bridge.store.outbox import BULK, RANKS, Debt
from bridge.sync.outbox.attention import attend_components
from bridge.sync.outbox.bind import bind_components
from bridge.sync.outbox.desk import CallLog, Desk
from bridge.sync.outbox.making import make_components
from bridge.sync.outbox.reconcile import Dead, Result, reconcile
from bridge.sync.outbox.slots import Slots
from bridge.sync.pages.originals import with_stored_originals
from bridge.sync.runtime import Runtime
from bridge.sync.setback import defer, may_work

SLICE = 25.0
"""Seconds after which no new object is begun."""
_READY = 2
"""Objects that are made ready, or saved, while calls for others are under way, so that no slot for a call is idle."""
_LOOK_EVERY = 0.01
"""Seconds between two looks for something live while bulk work is under way."""
_KEEP_EVERY = 2.0
_UNEXPECTED = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RecursionError)

log = structlog.get_logger(__name__)


def mirror(runtime: Runtime, destination: str) -> None:
    """Work on what is owed to a destination; does nothing when another worker is at it or it is to be left alone."""
    lane = Lane(MIRROR, destination)
    lanes = runtime.store.lanes
    lease = lanes.take(lane)
    if lease is None:
        return
    try:
        state = lanes.state(lane)
        if destination in runtime.settings.destinations and may_work(runtime, state):
            _work(runtime, lease, state)
    finally:
        lanes.release(lease)
    if destination in runtime.settings.destinations and is_due(runtime, destination):
        lanes.wake(lane)


def is_due(runtime: Runtime, destination: str) -> bool:
    """True when something is owed that may be worked on now."""
    now = runtime.clock.now()
    due_at = runtime.store.outbox.next_due(destination)
    return (
        due_at is not None and due_at <= now and may_work(runtime, runtime.store.lanes.state(Lane(MIRROR, destination)))
    )


def _work(runtime: Runtime, lease: Lease, state: LaneState) -> None:
    settings = runtime.settings.destinations[lease.lane.name]
    calls = CallLog()
    limits = mapping.load(settings.type).limits
    budget = runtime.store.budget(
        settings, (limits.calls, limits.window), limits.home, reads_by_address=limits.reads_by_address
    )
    provider = registry.make(settings, budget, calls)
    whole = with_stored_originals(runtime.settings, runtime.store)
    slots = Slots(max(1, settings.concurrency), least=BULK)
    desk = Desk(whole, settings, provider, runtime.store, lease, runtime.clock, calls, slots)
    try:
        bind_components(desk)
        make_components(desk)
        attend_components(desk)
        _Slice(desk, probing=state.failures > 0).run()
        if state.state != "ok":
            runtime.store.lanes.clear(lease)
    except ProviderError as error:
        defer(runtime, lease, error, state.failures)
    finally:
        runtime.store.story.count_calls(desk.name, calls.drain())
        provider.close()


@dataclass(frozen=True, slots=True)
class _Work:
    """An object that is being worked on, and what its calls may change."""

    key: ObjectKey
    rank: int
    touched: frozenset[ObjectKey]


class _Slice:
    """One slice: picks due objects in order of urgency and keeps the pool busy."""

    def __init__(self, desk: Desk, *, probing: bool) -> None:
        self._desk = desk
        self._running: dict[Future[Result], _Work] = {}
        self._most = max(1, desk.destination.concurrency) + _READY
        self._width = 1 if probing else self._most
        self._touched: dict[ObjectKey, tuple[int, frozenset[ObjectKey]]] = {}
        self._failure: Exception | None = None
        self._deadline = time.monotonic() + SLICE
        self._kept = time.monotonic()

    def run(self) -> None:
        """Work until nothing is due.

        Raises:
            ProviderError, StoreError: what ended the slice early, after every call under way has ended.
        """
        with ThreadPoolExecutor(max_workers=self._most) as pool:
            while True:
                if self._failure is None and time.monotonic() < self._deadline:
                    self._begin(pool)
                if not self._running:
                    break
                self._collect()
                self._keep_lease()
        if self._failure is not None:
            raise self._failure

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        """Start the most urgent objects that touch nothing that is being worked on."""
        free = self._width - len(self._running)
        bulk = self._has_bulk()
        if free <= 0 and not bulk:
            return
        busy: set[ObjectKey] = set().union(*(work.touched for work in self._running.values()))
        ranks = RANKS if free > 0 else RANKS[:BULK]
        for debt in self._desk.store.outbox.due(self._desk.name, self._desk.now(), 8 * self._width, ranks):
            touched = self._touches(debt)
            if bulk and debt.rank < BULK and all(work.key != debt.key for work in self._running.values()):
                self._desk.slots.expect(debt.key)
                self._make_way(touched, needs_room=free <= 0)
            if free > 0 and busy.isdisjoint(touched):
                self._running[pool.submit(self._reconcile, debt)] = _Work(debt.key, debt.rank, touched)
                free -= 1
            busy |= touched  # what must wait for something more urgent must not be overtaken either

    def _has_bulk(self) -> bool:
        return any(work.rank == BULK for work in self._running.values())

    def _make_way(self, touched: frozenset[ObjectKey], *, needs_room: bool) -> None:
        """Something live waits: bulk objects in its way stop after their next call, or one does for room to work."""
        bulk = [work for work in self._running.values() if work.rank == BULK]
        blocking = [work for work in bulk if not touched.isdisjoint(work.touched)]
        for work in blocking or (bulk[:1] if needs_room else ()):
            self._desk.slots.make_way(work.key)

    def _touches(self, debt: Debt) -> frozenset[ObjectKey]:
        """The object and the components that it carries; remembered, as it is asked before every call."""
        known = self._touched.get(debt.key)
        if known is None or known[0] != debt.revision:
            obj = self._desk.store.find(debt.key)
            components = obj.components if isinstance(obj, Incident | Maintenance) else ()
            touched = frozenset({debt.key, *(ObjectKey(Kind.COMPONENT, name) for name in components)})
            self._touched[debt.key] = known = (debt.revision, touched)
        return known[1]

    def _reconcile(self, debt: Debt) -> Result:
        self._desk.slots.sit_down(debt.key, debt.rank)
        try:
            return reconcile(self._desk, debt)
        except _UNEXPECTED as error:
            log.exception("object cannot be mirrored", destination=self._desk.name, object=str(debt.key))
            return self._set_aside(debt, error)
        finally:
            self._desk.slots.get_up()
            self._desk.store.story.add_calls(self._desk.name, debt.key, self._desk.calls.drain())

    def _set_aside(self, debt: Debt, error: Exception) -> Result:
        """A fault of ours must not keep the other objects waiting: show it, and go on."""
        why = f"statusbridge failed on this object ({type(error).__name__}); please report it"
        dead = replace(self._desk.link(debt.key), state=LinkState.DEAD, error=why, since=self._desk.now())
        self._desk.store.links.dead(self._desk.lease, debt.key, debt.rank, {debt.key: dead})
        return Dead(why)

    def _collect(self) -> None:
        patience = _LOOK_EVERY if self._has_bulk() else _KEEP_EVERY / 2
        done, _ = wait(self._running, timeout=patience, return_when=FIRST_COMPLETED)
        for future in done:
            del self._running[future]
            error = future.exception()
            if error is None:
                self._width = self._most
            elif isinstance(error, ProviderError | StoreError):
                self._fail(error)
            else:
                raise error

    def _fail(self, error: Exception) -> None:
        """Remember the gravest reason to stop: a lost lease before a refusal before a failure before a wait."""
        order = (Busy, Down, ProviderError, NotAllowed, StoreError, LeaseLost)
        if self._failure is None or _gravity(error, order) > _gravity(self._failure, order):
            self._failure = error

    def _keep_lease(self) -> None:
        if time.monotonic() - self._kept >= _KEEP_EVERY and not isinstance(self._failure, LeaseLost):
            try:
                self._desk.store.lanes.keep(self._desk.lease)
                self._kept = time.monotonic()
            except StoreError as error:
                self._fail(error)


def _gravity(error: Exception, order: tuple[type[Exception], ...]) -> int:
    return max((rank for rank, kind in enumerate(order) if isinstance(error, kind)), default=0)
