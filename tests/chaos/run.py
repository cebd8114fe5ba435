"""One run, and many."""

from __future__ import annotations

import atexit
import multiprocessing
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.chaos.invariants import violations
from tests.chaos.nursery import Nursery
from tests.chaos.place import place
from tests.chaos.scenario import Counts, play, settle
from tests.chaos.watch import Watch


@dataclass(frozen=True)
class Outcome:
    """What a run did, and what did not hold."""

    seed: int
    found: list[str]
    counts: Counts
    seconds: float


def run_one(seed: int, counts: Counts) -> list[str]:
    """One scenario; returns what did not hold."""
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
    try:
        with place(folder, seed, _nursery()) as here:
            with Watch(here) as watch:
                truth = play(here, random.Random(seed), counts)
                settled = settle(here)
            counts.longest = max(counts.longest, watch.longest.total_seconds())
            if not settled:
                owed = [str(debt.key) for name in here.sandbox.plugins for debt in here.store.outbox.all(name)]
                return [f"not settled in time; owed: {owed}", *watch.violations()]
            return [*violations(here, truth), *watch.violations()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@cache
def _nursery() -> Nursery:
    """One for all runs of this process."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


def _run(seed: int) -> Outcome:
    counts, started = Counts(), time.monotonic()
    return Outcome(seed, run_one(seed, counts), counts, time.monotonic() - started)


def run_many(runs: int, seed: int, parallel: int = 1) -> int:
    """Do some runs, so many at the same time, and print a line for each; returns the number of violations."""
    total, found = Counts(), 0
    for outcome in _outcomes(range(seed, seed + runs), parallel):
        found += len(outcome.found)
        total.add(outcome.counts)
        print(f"seed {outcome.seed}: {'VIOLATED' if outcome.found else 'ok'} in {outcome.seconds:.0f} s", flush=True)
        for text in outcome.found:
            print(f"  {text}", flush=True)
    print(f"longest time that a component was wrong with nothing in the way: {total.longest:.1f} s")
    print("faults by kind:", ", ".join(f"{kind} {count}" for kind, count in sorted(total.by_kind.items())))
    print(f"runs {runs}, kills {total.kills}, faults {total.faults}, violations {found}")
    return found


def _outcomes(seeds: range, parallel: int) -> Iterator[Outcome]:
    if parallel <= 1:
        yield from map(_run, seeds)
        return
    with ProcessPoolExecutor(parallel, mp_context=multiprocessing.get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_run, seed) for seed in seeds]):
            yield future.result()
