"""One run, and many."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path

from tests.chaos.invariants import violations
from tests.chaos.place import place
from tests.chaos.scenario import Counts, play, settle


def run_one(seed: int, counts: Counts) -> list[str]:
    """One scenario; returns what did not hold."""
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
    try:
        with place(folder, seed) as here:
            truth = play(here, random.Random(seed), counts)
            if not settle(here):
                owed = [str(debt.key) for name in here.sandbox.plugins for debt in here.store.outbox.all(name)]
                return [f"not settled in time; owed: {owed}"]
            return list(violations(here, truth))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_many(runs: int, seed: int) -> int:
    """Run one after the other and print a line each; returns the number of violations."""
    counts, total = Counts(), 0
    for number in range(seed, seed + runs):
        started = time.monotonic()
        found = run_one(number, counts)
        total += len(found)
        print(f"seed {number}: {'ok' if not found else 'VIOLATED'} in {time.monotonic() - started:.0f} s", flush=True)
        for text in found:
            print(f"  {text}", flush=True)
    print("faults by kind:", ", ".join(f"{kind} {count}" for kind, count in sorted(counts.by_kind.items())))
    print(f"runs {runs}, kills {counts.kills}, faults {counts.faults}, violations {total}")
    return total
