"""``mirror(destination)``: a slice of bringing one destination up to date.

Calls for different objects run side by side in a small pool; two objects that touch the same component never do.
The slice ends when nothing is due, after 25 seconds, or when the destination as a whole says no.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

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
from bridge.sync.outbox.points import feed
from bridge.sync.outbox.points_binding import bind_metrics
from bridge.sync.outbox.reconcile import Dead, Result, reconcile
from bridge.sync.outbox.share import SharedBudget
from bridge.sync.outbox.slots import Slots
from bridge.sync.outbox.subscribers import subscribe
from bridge.sync.outbox.vigil import Vigil
from bridge.sync.pages.originals import with_stored_originals
from bridge.sync.runtime import Runtime
from bridge.sync.setback import defer, may_work

SLICE = 25.0
"""Seconds after which no new object is begun."""
_READY = 2
"""Objects that are made ready, or saved, while calls for others are under way, so that no slot for a call is idle."""
_LOOK_EVERY = 0.1
"""Seconds between two looks for what is newly owed, where no bell was heard."""
_KEEP_EVERY = 2.0
_CARRIERS = (Kind.INCIDENT, Kind.MAINTENANCE)
"""What changes other objects, and is changed by none."""
_UNEXPECTED = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError, RecursionError)

_WORK = MappingProxyType({Kind.SUBSCRIBER: subscribe, Kind.METRIC: feed})
"""Kinds that are written in a way of their own."""

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
    state = runtime.store.lanes.state(Lane(MIRROR, destination))
    due_at = runtime.store.outbox.next_due(destination, state.bulk_from)
    return due_at is not None and due_at <= runtime.clock.now() and may_work(runtime, state)


def _work(runtime: Runtime, lease: Lease, state: LaneState) -> None:
    settings = runtime.settings.destinations[lease.lane.name]
    calls = CallLog()
    limits = mapping.load(settings.type).limits
    budget = runtime.store.budget(
        settings, (limits.calls, limits.window), limits.home, reads_by_address=limits.reads_by_address
    )
    slots = Slots(max(1, settings.concurrency), least=BULK)
    provider = registry.make(settings, SharedBudget(budget, slots), calls)
    whole = with_stored_originals(runtime.settings, runtime.store)
    desk = Desk(whole, settings, provider, runtime.store, lease, runtime.clock, calls, slots)
    try:
        bind_components(desk)
        make_components(desk)
        bind_metrics(desk)
        attend_components(desk)
        _Slice(desk, state).run()
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
    """One slice: picks due objects in order of urgency and keeps the pool busy.

    Live work never waits for a thread that bulk work has: each has its own number of them.

    Args:
        desk: surroundings.
        state: of the lane, when its lease was taken.
    """

    def __init__(self, desk: Desk, state: LaneState) -> None:
        self._desk = desk
        self._running: dict[Future[Result], _Work] = {}
        self._most = max(1, desk.destination.concurrency) + _READY
        self._probing = state.failures > 0
        self._bulk_from = state.bulk_from
        self._touched: dict[ObjectKey, tuple[int, frozenset[ObjectKey]]] = {}
        self._failure: Exception | None = None
        self._deadline = time.monotonic() + SLICE
        self._kept = time.monotonic()
        self._vigil = Vigil(lambda: desk.store.lanes.bells.listen(desk.name))

    def run(self) -> None:
        """Work until nothing is due.

        Raises:
            ProviderError, StoreError: what ended the slice early, after every call under way has ended.
        """
        try:
            with ThreadPoolExecutor(max_workers=2 * self._most) as pool:
                while True:
                    if self._failure is None and (not self._is_late() or self._stops_bulk()):
                        self._begin(pool)
                    else:
                        self._desk.slots.expect(())
                    if not self._running:
                        break
                    self._vigil.wait(_LOOK_EVERY)
                    self._collect()
                    self._keep_lease()
        finally:
            self._vigil.close()
        if self._failure is not None:
            raise self._failure

    def _is_late(self) -> bool:
        return time.monotonic() >= self._deadline

    def _stops_bulk(self) -> bool:
        """Have bulk objects stop after the call that is under way; whether there still are any.

        Until then nothing else can take the lane, so live objects may be begun.
        """
        bulk = [work.key for work in self._running.values() if work.rank == BULK]
        for key in bulk:
            self._desk.slots.make_way(key)
        return bool(bulk)

    def _begin(self, pool: ThreadPoolExecutor) -> None:
        """Start the most urgent objects that touch nothing that is being worked on; see that they find slots."""
        now = self._desk.now()
        live, bulk = self._room(now)
        if live <= 0:
            return
        busy: set[ObjectKey] = set().union(*(work.touched for work in self._running.values() if work.rank < BULK))
        expected: set[ObjectKey] = set()
        ranks = RANKS if bulk > 0 else RANKS[:BULK]
        for debt in self._desk.store.outbox.due(self._desk.name, now, 8 * self._most, ranks):
            touched = self._touches(debt)
            if debt.rank < BULK and busy.isdisjoint(touched):
                may_begin = live > 0 and self._make_way(debt.key, touched)
                expected |= set() if may_begin else {debt.key}
            else:
                may_begin = bulk > 0 and busy.isdisjoint(touched) and not self._in_the_way(touched)
            if may_begin:
                self._desk.slots.seat(debt.key, debt.rank)
                work = pool.submit(self._reconcile, debt)
                self._running[work] = _Work(debt.key, debt.rank, touched)
                work.add_done_callback(self._vigil.end)
                live, bulk = self._room(now)
            busy |= touched  # what must wait for something more urgent must not be overtaken either
        self._desk.slots.expect(expected)

    def _room(self, now: datetime) -> tuple[int, int]:
        """How many live objects, and how many in bulk, may be begun now."""
        bulk = sum(work.rank == BULK for work in self._running.values())
        live, bulk = self._most - (len(self._running) - bulk), self._most - bulk
        if self._probing:
            live = bulk = 1 - len(self._running)
        may_begin = not self._is_late() and (self._bulk_from is None or self._bulk_from <= now)
        return live, bulk if may_begin else 0

    def _make_way(self, key: ObjectKey, touched: Collection[ObjectKey]) -> bool:
        """Something live comes: bulk objects in its way stop after the call that is under way.

        Returns:
            Whether it may begin: an incident is made ready meanwhile, and waits before it touches what they touch.
        """
        in_the_way = self._in_the_way(touched)
        for work in in_the_way:
            self._desk.slots.make_way(work.key, key)
        apart = key.kind in _CARRIERS and all(key not in work.touched for work in in_the_way)
        return apart or not in_the_way

    def _in_the_way(self, touched: Collection[ObjectKey]) -> list[_Work]:
        return [work for work in self._running.values() if not work.touched.isdisjoint(touched)]

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
            return _WORK.get(debt.key.kind, reconcile)(self._desk, debt)
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
        for future in [future for future in self._running if future.done()]:
            work = self._running.pop(future)
            error = future.exception()
            if error is None:
                self._probing = False
            elif work.rank == BULK and isinstance(error, Busy) and error.status is None:
                self._hold_bulk(error)
            elif isinstance(error, ProviderError | StoreError):
                self._fail(error)
            else:
                raise error

    def _hold_bulk(self, error: Busy) -> None:
        """Our own budget has nothing left for bulk work. That says nothing about live work, which asks for itself."""
        until = self._desk.now() + timedelta(seconds=error.retry_after)
        if self._bulk_from is None or until > self._bulk_from:
            self._bulk_from = until
            try:
                self._desk.store.lanes.hold_bulk(self._desk.lease, until)
            except StoreError as failure:
                self._fail(failure)

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
