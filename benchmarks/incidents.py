"""Many incidents to a slow page without a limit: how much longer than the calls themselves does it take?

    python -m benchmarks.incidents [incidents]

Each incident has two components and is created, updated three times and resolved; the page answers after 100 ms. What
the states need is five calls for each incident: on Statuspage those carry the statuses of the components, too. The
least time is calls x latency / calls at a time. The sandbox needs more than the latency, the more incidents it has: how
long its answers took in truth is told as well.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterable

from benchmarks.place import fetch, machine
from benchmarks.workbench import (
    START,
    add_components,
    incident,
    runtime_on,
    sandbox_process,
    server_in_a_folder,
    settings_of,
)
from bridge.model.enums import ComponentStatus
from bridge.model.state import Changes
from bridge.store import keys
from bridge.store.connection import connect
from bridge.sync.outbox.mirror import mirror
from bridge.sync.owed import marks_of
from bridge.sync.runtime import Runtime

LATENCY = 0.1
PAGE = "statuspage"
SERVICES = 40
STEPS = 5
PATIENCE = 600.0


def main(incidents: int = 1000) -> None:
    """Measure and print."""
    with sandbox_process() as sandbox, server_in_a_folder() as (server, _):
        add_components(sandbox, (PAGE,), SERVICES)
        settings = settings_of(sandbox, (PAGE,), SERVICES)
        runtime = runtime_on(server, settings)
        mirror(runtime, PAGE)
        already = len(fetch(f"{sandbox}/_sandbox/calls"))
        fetch(f"{sandbox}/_sandbox/faults", {"kind": "latency", "seconds": LATENCY, "provider": PAGE, "times": None})
        store = connect(server.url)
        seconds = 0.0
        for step in range(1, STEPS + 1):
            commit(runtime, range(incidents), step)
            started = time.monotonic()
            while store.hlen(keys.owed(PAGE)):
                mirror(runtime, PAGE)
                if time.monotonic() - started > PATIENCE:
                    raise TimeoutError("the page did not become right in time")
            seconds += time.monotonic() - started
        calls = fetch(f"{sandbox}/_sandbox/calls")[already:]
        took = statistics.mean(_millis(runtime, incidents)) / 1000
    at_once = settings.destinations[PAGE].concurrency
    made = [call for call in calls if call["method"] != "GET"]
    least = len(calls) * LATENCY / at_once
    print(
        f"incidents: {len(made)} writing calls where the states need {STEPS * incidents}, "
        f"{len(calls) - len(made)} readings; {seconds:.1f} s, {at_once} calls at a time: "
        f"{seconds / least:.3f} times the calls' own {least:.1f} s; an answer took {took * 1000:.0f} ms, "
        f"and by that it is {seconds / (len(calls) * took / at_once):.3f} times ({machine()})"
    )


def _millis(runtime: Runtime, incidents: int) -> list[float]:
    """How long each call took, as its incident's story tells."""
    found = (incident(number, components_of(number), 1, over=False).id for number in range(incidents))
    return [entry["call"]["millis"] for name in found for entry in runtime.store.story.entries(name) if "call" in entry]


def commit(runtime: Runtime, numbers: Iterable[int], step: int) -> None:
    """Bring incidents to their nth step, as policy would."""
    over = step == STEPS
    found = [incident(number, components_of(number), step, over=over, began=START) for number in numbers]
    status = ComponentStatus.OPERATIONAL if over else ComponentStatus.MAJOR_OUTAGE
    names = {name for item in found for name in item.components} if step in (1, STEPS) else set()
    changes = Changes(incidents=tuple(found), components=dict.fromkeys(sorted(names), status))
    state = runtime.store.state
    marks = marks_of(changes, runtime.settings, state.component_statuses())
    state.commit(state.snapshot(()), changes, marks, runtime.clock.now())


def components_of(number: int) -> tuple[str, str]:
    """Two components; neighbours share none."""
    return f"svc-{2 * number % SERVICES}", f"svc-{(2 * number + 1) % SERVICES}"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
