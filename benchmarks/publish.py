"""Accepted to published: how long one event takes to reach the last of four pages, one event at a time.

    python -m benchmarks.publish [events]

The clock starts when the 202 arrives and stops when the sandbox has committed the last write on the last page, by the
sandbox's own journal. Rate budgets are lifted, because here they would measure the providers' limits instead.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import UTC, datetime

from benchmarks.bodies import alert, body
from benchmarks.place import PROVIDERS, Place, fetch, machine, place

PATIENCE = 10.0
"""Seconds to wait for one event."""
QUIET = 1.5
"""Seconds between an event and the question how it went; longer than any event took."""


def main(events: int = 40) -> None:
    """Measure and print."""
    with place(rate="1000/1s") as here:
        millis = [_one(here, number) for number in range(events)][2:]
    ordered = sorted(millis)
    print(
        f"publish: median {statistics.median(millis):.0f} ms, p90 {ordered[int(0.9 * len(ordered))]:.0f} ms "
        f"over {len(millis)} events to {len(PROVIDERS)} pages ({machine()})"
    )


def _one(here: Place, number: int) -> float:
    """Fire an alert on one component, or end it, in turn; the time to the last page in milliseconds."""
    status = "resolved" if number % 2 else "firing"
    delivery = body(alert(number // 2, status, datetime(2026, 1, 1, tzinfo=UTC)))
    before = _written(here)
    fetch(here.hook, json.loads(delivery), here.headers)
    accepted = time.time()
    deadline = accepted + PATIENCE
    while time.time() < deadline:
        time.sleep(QUIET)  # asking more often would cost the very processor time that is measured
        written = _written(here)
        if all(written[name][0] > before[name][0] for name in PROVIDERS):
            return max(at for _, at in written.values()) * 1000 - accepted * 1000
    raise TimeoutError(f"event {number} did not reach every page within {PATIENCE} s")


def _written(here: Place) -> dict[str, tuple[int, float]]:
    """Number of committed writes and time of the last one, by provider."""
    found = dict.fromkeys(PROVIDERS, (0, 0.0))
    for entry in fetch(f"{here.sandbox}/_sandbox/journal"):
        count, at = found[entry["provider"]]
        moment = datetime.fromisoformat(entry["at"]).timestamp()
        found[entry["provider"]] = (count + 1, max(at, moment))
    return found


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
