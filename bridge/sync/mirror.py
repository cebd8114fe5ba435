"""``mirror(destination)``: a slice of bringing one destination up to date.

Calls for different objects run side by side in a small pool; two objects that touch the same component never do.
The slice ends when nothing is due, after 25 seconds, or when the destination as a whole says no.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

import structlog

from bridge.errors import Busy, Down, LeaseLost, NotAllowed, ProviderError, StoreError
from bridge.model.enums import Kind
from bridge.model.facts import LinkState, ObjectKey
from bridge.model.objects import Incident, Maintenance
from bridge.providers import registry
from bridge.providers.base import mapping
from bridge.store.lanes import MIRROR, Lane, LaneState, Lease
from bridge.store.outbox import Debt
from bridge.sync.bind import bind_components
from bridge.sync.desk import CallLog, Desk
from bridge.sync.reconcile import Dead, Result, reconcile
from bridge.sync.runtime import Runtime
from bridge.sync.setback import defer, may_work

SLICE = 25.0
"""Seconds after which no new object is begun."""
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
    budget = runtime.store.budget(settings, (limits.calls, limits.window), limits.home)
    provider = registry.make(settings, budget, calls)
    desk = Desk(runtime.settings, settings, provider, runtime.store, lease, runtime.clock, calls)
    try:
        bind_components(desk)
        _Slice(desk, probing=state.failures > 0).run()
        if state.state != "ok":
            runtime.store.lanes.clear(lease)
    except ProviderError as error:
        defer(runtime, lease, error, state.failures)
    finally:
        runtime.store.story.count_calls(desk.name, calls.drain())
        provider.close()


class _Slice:
    """One slice: picks due objects in order of urgency and keeps the pool busy."""

    def __init__(self, desk: Desk, *, probing: bool) -> None:
        self._desk = desk
        self._running: dict[Future[Result], frozenset[ObjectKey]] = {}
        self._width = 1 if probing else max(1, desk.destination.concurrency)
        self._failure: Exception | None = None
        self._deadline = time.monotonic() + SLICE
        self._kept = time.monotonic()

    def run(self) -> None:
        """Work until nothing is due.

        Raises:
            ProviderError, StoreError: what ended the slice early, after every call under way has ended.
        """
        with ThreadPoolExecutor(max_workers=max(1, self._desk.destination.concurrency)) as pool:
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
        if free <= 0:
            return
        busy: set[ObjectKey] = set().union(*self._running.values())
        for debt in self._desk.store.outbox.due(self._desk.name, self._desk.now(), limit=8 * self._width):
            touched = self._touches(debt.key)
            if free > 0 and busy.isdisjoint(touched):
                self._running[pool.submit(self._reconcile, debt)] = touched
                free -= 1
            busy |= touched  # what must wait for something more urgent must not be overtaken either

    def _touches(self, key: ObjectKey) -> frozenset[ObjectKey]:
        obj = self._desk.load(key) if key.kind in (Kind.INCIDENT, Kind.MAINTENANCE) else None
        components = obj.components if isinstance(obj, Incident | Maintenance) else ()
        return frozenset({key, *(ObjectKey(Kind.COMPONENT, name) for name in components)})

    def _reconcile(self, debt: Debt) -> Result:
        try:
            return reconcile(self._desk, debt)
        except _UNEXPECTED as error:
            log.exception("object cannot be mirrored", destination=self._desk.name, object=str(debt.key))
            return self._set_aside(debt, error)
        finally:
            self._desk.store.story.add_calls(self._desk.name, debt.key, self._desk.calls.drain())

    def _set_aside(self, debt: Debt, error: Exception) -> Result:
        """A fault of ours must not keep the other objects waiting: show it, and go on."""
        why = f"statusbridge failed on this object ({type(error).__name__}); please report it"
        dead = replace(self._desk.link(debt.key), state=LinkState.DEAD, error=why, since=self._desk.now())
        self._desk.store.links.dead(self._desk.lease, debt.key, debt.rank, {debt.key: dead})
        return Dead(why)

    def _collect(self) -> None:
        done, _ = wait(self._running, timeout=_KEEP_EVERY / 2, return_when=FIRST_COMPLETED)
        for future in done:
            del self._running[future]
            error = future.exception()
            if error is None:
                self._width = max(1, self._desk.destination.concurrency)
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
