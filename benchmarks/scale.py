"""200 and 200,000 incidents in the store: what accepting, ingesting and mirroring cost, and what one takes of memory.

    python -m benchmarks.scale [incidents] [rounds]

Both stores run at the same time and are asked in turn, so that whatever else the machine does falls on both. The
incidents that fill them are copies of a few that the engine itself made on four pages, with four updates and a story,
and that it packed itself; so each has the size of a real one. Mirroring is measured to one page (Statuspage), for each
object that is owed; the time that the sandbox takes for its answers is in it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import redis

from benchmarks.place import PROVIDERS, machine
from benchmarks.workbench import add_components, runtime_on, sandbox_process, server_in_a_folder, settings_of
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event, Parsed
from bridge.store import keys
from bridge.store.connection import connect
from bridge.sync.inbox.ingest import ingest
from bridge.sync.outbox.mirror import mirror
from bridge.sync.runtime import Runtime

SERVICES = 10
PATTERNS = 8
SMALL = 200
_PAGES = tuple(PROVIDERS)
_AT_ONCE = 500
_MEASURED = "statuspage"


@dataclass
class Side:
    """One of the two stores, and what was measured there, in milliseconds."""

    runtime: Runtime
    client: redis.Redis
    millis: dict[str, list[float]] = field(default_factory=dict)
    sent: int = 0

    def measure(self, what: str, work: Callable[[], None], count: int) -> None:
        """Do some work and keep how long one of its parts took."""
        started = time.perf_counter()
        work()
        self.millis.setdefault(what, []).append((time.perf_counter() - started) * 1000 / count)


def main(incidents: int = 200_000, rounds: int = 80) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_process())
        add_components(sandbox, _PAGES, SERVICES)
        settings = settings_of(sandbox, _PAGES, SERVICES)
        sides = []
        for size in (SMALL, incidents):
            server, _ = stack.enter_context(server_in_a_folder())
            client = connect(server.url)
            client.config_set("auto-aof-rewrite-percentage", 0)
            side = Side(runtime_on(server, settings), client)
            _fill(side, size)
            side.runtime = replace(side.runtime, settings=settings_of(sandbox, (_MEASURED,), SERVICES))
            sides.append(side)
        used = [_used(side) for side in sides]
        for number in range(rounds):
            for side in sides if number % 2 else reversed(sides):
                _round(side, record=number > 1)
        each = (used[1] - used[0]) / (incidents - SMALL)
        print(f"scale: {each:.0f} bytes of memory for one closed incident with four updates and four links")
        for what in sides[0].millis:
            few, many = (statistics.median(side.millis[what]) for side in sides)
            print(f"scale: {what} {few:.2f} ms with {SMALL}, {many:.2f} ms with {incidents}: {many / few - 1:+.1%}")
        print(f"scale: {rounds - 2} rounds on each, in turn ({machine()})")


def _used(side: Side) -> int:
    return int(cast(dict[str, int], side.client.info("memory"))["used_memory"])


def _round(side: Side, *, record: bool) -> None:
    """One alert on each service begins and ends; everything about it is measured."""
    kept = {} if record else side.millis
    side.millis = side.millis if record else {}
    for action in (Action.TRIGGER, Action.RESOLVE):
        side.measure("accept", lambda: _accept(side, action), SERVICES)  # noqa: B023 - called at once
        side.measure("ingest", lambda: ingest(side.runtime, "prom"), SERVICES)
        side.measure("mirror", lambda: mirror(side.runtime, _MEASURED), SERVICES)
        _catch_up(side, (_MEASURED,))
    side.millis = side.millis if record else kept


def _accept(side: Side, action: Action) -> None:
    for number in range(SERVICES):
        side.sent += 1
        key, labels = f"alert-{number}", {"service": f"svc-{number}"}
        event = Event(
            key, action, severity=AlertSeverity.CRITICAL, title=key, started_at=datetime.now(UTC), labels=labels
        )
        delivery = Delivery(f"dlv_{side.sent:012d}", "prom", datetime.now(UTC), b"{}" * 200, "application/json")
        side.runtime.store.accept(delivery, Parsed((event,)))


def _catch_up(side: Side, pages: Sequence[str] = _PAGES) -> None:
    """What may only be written a second later (Cachet 2 sorts by seconds)."""
    deadline = time.monotonic() + 30
    while any(side.client.hlen(keys.owed(page)) for page in pages):
        if time.monotonic() > deadline:
            raise TimeoutError("the pages did not become right within half a minute")
        time.sleep(0.05)
        for page in pages:
            mirror(side.runtime, page)


def _fill(side: Side, size: int) -> None:
    """Make some incidents as they come, pack them, and copy them until there are enough."""
    for severity in (AlertSeverity.MINOR, AlertSeverity.MAJOR, AlertSeverity.CRITICAL):
        _say(side, Action.TRIGGER, severity)
    _say(side, Action.RESOLVE, AlertSeverity.CRITICAL)
    store = side.runtime.store
    store.archive.pack(_PAGES, store.clock.now() + timedelta(hours=1))
    fewest = min(len(item.updates) for item in store.state.incidents(_names(side)))
    if fewest < 4:
        raise AssertionError(f"an incident has {fewest} updates only")
    made = list(cast(dict[bytes, bytes], side.client.hgetall(keys.INCIDENTS)).items())
    links = {page: cast(dict[bytes, bytes], side.client.hgetall(keys.links(page))) for page in _PAGES}
    stories = {name: side.client.lrange(keys.story(name.decode()), 0, -1) for name, _ in made}
    for names in _batches(size - len(made)):
        with side.client.pipeline(transaction=False) as pipe:
            copies = [(f"inc_{number:020d}", *made[number % len(made)]) for number in names]
            pipe.hset(keys.INCIDENTS, mapping={new: value for new, _, value in copies})
            for page in _PAGES:
                mapping = {f"incident:{new}": links[page][b"incident:" + name] for new, name, _ in copies}
                pipe.hset(keys.links(page), mapping=cast(Any, mapping))
                back = {f"incident:{new.removeprefix('inc_')[-12:]}": new for new, _, _ in copies}
                pipe.hset(keys.remote_ids(page), mapping=cast(Any, back))
            for new, name, _ in copies:
                pipe.rpush(keys.story(new), *cast(list[bytes], stories[name]))
            pipe.execute()


def _names(side: Side) -> list[str]:
    return [name.decode() for name in cast(list[bytes], side.client.hkeys(keys.INCIDENTS))]


def _say(side: Side, action: Action, severity: AlertSeverity) -> None:
    """Another alert joins each incident (a further update); at the end all are over."""
    store, now = side.runtime.store, datetime.now(UTC)
    for number in range(PATTERNS):
        labels = {"service": f"svc-{number}"}
        names = (
            [f"first-{number}-{each}" for each in AlertSeverity]
            if action is Action.RESOLVE
            else [f"first-{number}-{severity}"]
        )
        for name in names:
            side.sent += 1
            event = Event(name, action, severity=severity, title=name, started_at=now, labels=labels)
            store.accept(Delivery(f"dlv_{side.sent:012d}", "prom", now, b"{}"), Parsed((event,)))
    ingest(side.runtime, "prom")
    for page in _PAGES:
        mirror(side.runtime, page)
    _catch_up(side)


def _batches(count: int) -> Iterator[range]:
    for start in range(0, count, _AT_ONCE):
        yield range(start, min(count, start + _AT_ONCE))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
