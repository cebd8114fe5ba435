"""Looking at a page that is mirrored: what a look costs with 200 and with 20,000 remembered objects.

    python -m benchmarks.looks [remembered] [looks]

The page is a Statuspage with 100 incidents of its own, the source of a mirror of two ways, and so a destination too.
Both stores remember so many incidents and links besides that are over, and are asked in turn. The time that the sandbox
takes for its answers is in every look.
"""

from __future__ import annotations

import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from benchmarks.place import PROVIDERS, fetch, machine
from benchmarks.workbench import add_components, runtime_on, sandbox_process, server_in_a_folder, settings_of
from bridge.config.settings import MirrorSettings, PageSettings, Settings
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.pages import PageChanges, Remembered
from bridge.store.lanes import MIRROR, POLL, Lane
from bridge.sync.pages.poll import poll
from bridge.sync.runtime import Runtime

SMALL = 200
SHOWN = 100
PAGE, OTHER = "statuspage", "cachet3"
_AT_ONCE = 1_000
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class Side:
    """One of the two stores, and how long looks took there, in milliseconds."""

    runtime: Runtime
    millis: list[float] = field(default_factory=list)


def main(remembered: int = 20_000, looks: int = 30) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_process())
        add_components(sandbox, (PAGE, OTHER), 2)
        _open_incidents(sandbox)
        settings = _two_way(settings_of(sandbox, (PAGE, OTHER), 2))
        sides = []
        for size in (SMALL, remembered):
            server, _ = stack.enter_context(server_in_a_folder())
            side = Side(runtime_on(server, settings))
            _fill(side.runtime, size)
            sides.append(side)
        for number in range(looks + 1):
            for side in sides if number % 2 else reversed(sides):
                side.runtime.store.pages.look_now(PAGE)
                started = time.perf_counter()
                poll(side.runtime, PAGE)
                if number:
                    side.millis.append((time.perf_counter() - started) * 1000)
        few, many = (statistics.median(side.millis) for side in sides)
        print(f"looks: {few:.1f} ms with {SMALL} remembered, {many:.1f} ms with {remembered} ({machine()})")


def _two_way(settings: Settings) -> Settings:
    pages = {name: PageSettings(name, reach, timedelta(seconds=30)) for name, reach in settings.destinations.items()}
    return replace(settings, sources={}, pages=pages, mirrors=(MirrorSettings(PAGE, (OTHER,), two_way=True),))


def _open_incidents(sandbox: str) -> None:
    """What people wrote on the page: over, and about nothing of ours."""
    for number in range(SHOWN):
        body = {"incident": {"name": f"Incident {number}", "status": "resolved", "body": "It is over."}}
        path = f"{sandbox}{PROVIDERS[PAGE]}/pages/sandboxpage1/incidents"
        fetch(path, body, {"Authorization": "OAuth sandbox"})


def _fill(runtime: Runtime, size: int) -> None:
    """Remember incidents of the page that are over, and link as many copies there."""
    store = runtime.store
    for start in range(0, size, _AT_ONCE):
        numbers = range(start, min(size, start + _AT_ONCE))
        lease = store.lanes.take(Lane(POLL, PAGE))
        desk = store.lanes.take(Lane(MIRROR, PAGE))
        if lease is None or desk is None:
            raise AssertionError("nobody else works on these stores")
        seen = {f"incident:old{number}": _remembered(number) for number in numbers}
        store.pages.commit(lease, PageChanges(remembered=seen), [], _NOW, etags={}, next_at=_NOW)
        store.links.keep(
            desk, {ObjectKey(Kind.INCIDENT, f"inc_copy{number:016d}"): _link(number) for number in numbers}
        )
        store.lanes.release(lease)
        store.lanes.release(desk)


def _remembered(number: int) -> Remembered:
    return Remembered(f"inc_{number:020d}", f"{number:024d}", taken=True, open=False, revision=5)


def _link(number: int) -> Link:
    echo = {"name": f"Problems with service {number}", "status": "resolved", "impact_override": "critical"}
    appended = {f"upd_{number:014d}{step:02d}aaaa": f"remote{number}step{step}" for step in range(5)}
    return Link(LinkState.LINKED, f"copy{number}", echo=echo, appended=appended, revision=5, since=_NOW)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
