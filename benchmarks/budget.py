"""The rate limits of Statuspage (60 a minute) and Cachet 3 (300): how much of them is used, and is one ever hit?

    python -m benchmarks.budget [windows] [live|bulk]

Workers and store run as they do in use, and both pages are owed more than they allow for the whole time. Used is what
was called between the first call of the first window and the first call of the last, of what the limit allows in that
time, or of the share of it that bulk work has. A window is a minute, so three windows take two minutes and a bit.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime

from benchmarks.bodies import SERVICES
from benchmarks.place import fetch, machine, place
from benchmarks.workbench import commit_whole, incident
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.model.state import Changes
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.outbox import BULK, LIVE
from bridge.store.state import Mark

LIMITS = {"statuspage": 60, "cachet3": 300}
READS_APART = ("cachet3",)
"""Where reads count to a limit of their own; they are left out. So is what is read before bulk work begins."""
SHARES = {"live": 1.0, "bulk": 0.7}
RANKS = {"live": LIVE, "bulk": BULK}
WINDOW = 60.0
STEPS = 5


def main(windows: int = 3, work: str = "live") -> None:
    """Measure and print."""
    with place(("worker", "sandbox"), pages=tuple(LIMITS)) as here:
        for page, limit in LIMITS.items():
            fetch(f"{here.sandbox}/_sandbox/settings/{page}", {"rate_limit": limit}, {}, "PUT")
        already = {page: len(fetch(f"{here.sandbox}/_sandbox/calls?provider={page}")) for page in LIMITS}
        url = here.environ["BRIDGE_REDIS_URL"]
        store = Store(connect(url), url)
        _owe(store, windows, RANKS[work])
        time.sleep(WINDOW * (windows - 1) * 1.02 + 5)
        owed = {page: len(store.outbox.all(page)) for page in LIMITS}
        calls = {page: fetch(f"{here.sandbox}/_sandbox/calls?provider={page}")[already[page] :] for page in LIMITS}
    for page, limit in LIMITS.items():
        apart = page in READS_APART or work == "bulk"
        counted = [call for call in calls[page] if call["method"] != "GET" or not apart]
        _report(page, round(limit * SHARES[work]), windows, counted, owed[page], work)


def _owe(store: Store, windows: int, rank: int) -> None:
    """More incidents than may be written in all windows, one after the other on each component."""
    count = max(LIMITS.values()) * (windows + 1) // STEPS
    found = [incident(number, (SERVICES[number % len(SERVICES)],), STEPS, over=True) for number in range(count)]
    marks = [Mark(page, ObjectKey(Kind.INCIDENT, item.id), item.revision, rank) for item in found for page in LIMITS]
    commit_whole(store, Changes(incidents=tuple(found)), marks)


def _report(page: str, limit: int, windows: int, calls: list[dict[str, object]], owed: int, work: str) -> None:
    refused = sum(call["status"] in (420, 429) for call in calls)
    moments = [datetime.fromisoformat(str(call["at"])).timestamp() for call in calls]
    counted = (windows - 1) * limit
    if len(moments) <= counted or not owed:
        raise AssertionError(f"{page}: {len(moments)} calls, {owed} objects owed at the end: too little to tell")
    used = counted / ((moments[counted] - moments[0]) / WINDOW * limit)
    print(
        f"budget: {page} used {used:.1%} of {limit} calls a minute for {work} work, {refused} of {len(calls)} calls "
        f"refused for the rate, {owed} objects still owed ({machine()})"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]), *sys.argv[2:3])
