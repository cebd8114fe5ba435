"""The worker pool: a parent without threads, some RQ workers that fork per job, and the sweep beside them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from types import FrameType

import structlog
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from bridge.children import end_with_parent
from bridge.config.settings import Settings
from bridge.model.enums import TextFormat
from bridge.model.events import Alert, AlertGroup, Event
from bridge.model.facts import Call, Intent, Link
from bridge.model.objects import Component, Incident, IncidentUpdate, Text
from bridge.model.schemas import prepare
from bridge.model.state import Decision
from bridge.policy.wording import prepare_words
from bridge.providers import registry
from bridge.providers.base import mapping
from bridge.providers.base.text import render
from bridge.store.connection import connect
from bridge.store.lanes import INGEST, MIRROR, POLL
from bridge.sync import jobs
from bridge.sync.runtime import Runtime
from bridge.sync.sweep import run_sweep

STOP_TIMEOUT = 12.0
"""Seconds that children get to end by themselves. Killing them is safe; it only costs their lease's rest."""
_RESTART_PAUSE = 1.0

log = structlog.get_logger(__name__)


class ForkingWorker(Worker):
    """RQ's worker, which finds a store that was away again within seconds instead of a minute."""

    max_connection_wait_time = 2.0


def run_workers(settings: Settings, count: int | None = None, *, sweep: bool = True, workers: bool = True) -> None:
    """Run workers and the sweep as processes until SIGTERM or SIGINT; a child that dies is started again.

    Args:
        settings: see there.
        count: number of RQ workers; None takes the configured one.
        sweep: whether the sweep runs here (one is enough for all hosts; several do no harm).
        workers: whether RQ workers run here.

    Raises:
        StoreDown: the store does not answer at start.
    """
    Runtime.open(settings).store.close()
    _warm_up(settings)
    total = (count or settings.worker.count) if workers else 0
    plans: dict[str, Callable[[], None]] = {
        f"worker-{number}": _worker_main(settings, _queues(number, total)) for number in range(total)
    }
    if sweep:
        plans["sweep"] = _sweep_main(settings)
    _supervise(plans)


def _warm_up(settings: Settings) -> None:
    """Import, read and build here, once, what every job's fork would otherwise do for itself."""
    for provider in {destination.type for destination in settings.destinations.values()}:
        registry.options_schema(provider)
        mapping.load(provider)
    for cls in (Alert, AlertGroup, Call, Component, Decision, Event, Incident, IncidentUpdate, Intent, Link, Text):
        prepare(cls)
    for route in settings.rules.routes:
        prepare_words(route)
    for language in TextFormat:
        render(Text("*warm*"), language)


def _queues(number: int, total: int) -> tuple[str, ...]:
    """The first of several workers does nothing but ingest, so that slow destinations never delay applying events."""
    if number == 0 and total > 1:
        return (INGEST,)
    return (INGEST, MIRROR, POLL)


def _worker_main(settings: Settings, queues: tuple[str, ...]) -> Callable[[], None]:
    def main() -> None:
        runtime = Runtime.open(settings)
        jobs.use(runtime)
        connection = connect(runtime.store.url, socket_timeout=None)
        worker = ForkingWorker(
            [Queue(name, connection=connection, serializer=JSONSerializer) for name in queues],
            connection=connection,
            serializer=JSONSerializer,
        )
        worker.work(with_scheduler=False, logging_level="WARNING")

    return main


def _sweep_main(settings: Settings) -> Callable[[], None]:
    def main() -> None:
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        run_sweep(Runtime.open(settings), stop.wait)

    return main


def _supervise(plans: dict[str, Callable[[], None]]) -> None:
    context = multiprocessing.get_context("fork")
    stop = _StopFlag()
    children: dict[str, BaseProcess] = {}
    try:
        while not stop.is_set:
            for name, main in plans.items():
                child = children.get(name)
                if child is None or not child.is_alive():
                    if child is not None:
                        log.warning("child died and is started again", child=name, exitcode=child.exitcode)
                        time.sleep(_RESTART_PAUSE)
                    children[name] = context.Process(target=_child, args=(main, os.getpid()), name=name)
                    children[name].start()
            stop.wait(0.5)
    finally:
        _stop(list(children.values()))


def _child(main: Callable[[], None], parent: int) -> None:
    """Run a child, which ends with its parent: whoever starts the parent again must not find twice the workers."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_death_signal = end_with_parent()
    if set_death_signal:
        set_death_signal()
    if os.getppid() == parent:  # it may have died before the kernel was told
        main()


class _StopFlag:
    """Set by SIGTERM and SIGINT. No lock and no thread: the parent forks."""

    def __init__(self) -> None:
        self.is_set = False
        signal.signal(signal.SIGTERM, self._set)
        signal.signal(signal.SIGINT, self._set)

    def _set(self, signum: int, frame: FrameType | None) -> None:
        self.is_set = True

    def wait(self, seconds: float) -> None:
        """Sleep, but not through a signal."""
        deadline = time.monotonic() + seconds
        while not self.is_set and time.monotonic() < deadline:
            time.sleep(0.05)


def _stop(children: list[BaseProcess]) -> None:
    for child in children:
        if child.is_alive():
            child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
    for child in children:
        if child.is_alive() and child.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            child.join(1.0)
