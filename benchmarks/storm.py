"""A storm: many webhooks at once about few alerts. How many API calls and jobs does it cost?

    python -m benchmarks.storm [webhooks]

The calls that the final states need are counted from the final states themselves: for each incident its creation, one
call for every later update (PingPong: also one for each changed set of statuses), and one for each component whose
status no incident call carries. Reads are counted too: one listing of the components per destination.
"""

from __future__ import annotations

import sys
import time

from benchmarks.bodies import SERVICES, alert, body
from benchmarks.load import request_bytes, run
from benchmarks.place import PROVIDERS, Place, fetch, machine, place
from bridge.store import Store, keys
from bridge.store.connection import connect

ALERTS = 50


def main(webhooks: int = 1000) -> None:
    """Measure and print."""
    with place(rate="1000/1s") as here:
        connect(here.environ["BRIDGE_REDIS_URL"]).config_resetstat()
        already = len(fetch(f"{here.sandbox}/_sandbox/calls"))
        wire = [request_bytes(here.hook, body(alert(number % ALERTS)), here.headers) for number in range(webhooks)]
        result = run(here.hook, wire, 16)
        converged = _converge(here)
        calls = fetch(f"{here.sandbox}/_sandbox/calls")[already:]
        jobs = _jobs(here)
        needed = sum(_needed(here, name) for name in PROVIDERS)
    made = sum(call["provider"] in PROVIDERS for call in calls)
    print(f"storm: {result.line()}")
    print(
        f"storm: {made} API calls where the final states need {needed} ({made / needed:.2f} times), {jobs} jobs, "
        f"all pages right {converged:.1f} s after the last answer ({machine()})"
    )


def _converge(here: Place) -> float:
    """Wait until nothing is owed; the seconds it took."""
    started = time.monotonic()
    url = here.environ["BRIDGE_REDIS_URL"]
    store = connect(url)
    whole = Store(store, url)
    quiet = 0
    while quiet < 10:
        if time.monotonic() - started > 120:
            raise TimeoutError("the pages did not become right within two minutes")
        behind = any(store.hlen(keys.owed(name)) for name in PROVIDERS)
        behind = behind or whole.inbox.is_behind("prometheus")
        quiet = 0 if behind else quiet + 1
        time.sleep(0.05)
    return time.monotonic() - started - 0.5


def _jobs(here: Place) -> int:
    """RQ jobs since the counters were reset: every job is queued by exactly one RPUSH."""
    stats = connect(here.environ["BRIDGE_REDIS_URL"]).info("commandstats")
    return int(stats.get("cmdstat_rpush", {}).get("calls", 0)) - _stories(here)


def _stories(here: Place) -> int:
    """Entries of stories are pushed too; they are not jobs."""
    store = connect(here.environ["BRIDGE_REDIS_URL"])
    return sum(store.llen(key) for key in store.scan_iter(keys.story("*")))


def _needed(here: Place, provider: str) -> int:
    """Calls that the final state of one page needs, the listing of components included."""
    entries = [entry for entry in fetch(f"{here.sandbox}/_sandbox/journal") if entry["provider"] == provider]
    incidents = {entry["id"] for entry in entries if entry["kind"] == "incident"}
    store = connect(here.environ["BRIDGE_REDIS_URL"])
    updates = sum(value.count(b'"message"') for value in store.hvals(keys.INCIDENTS))
    components = len(SERVICES) if provider == "cachet3" else 0
    return 1 + len(incidents) + (updates - len(incidents)) + components


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
