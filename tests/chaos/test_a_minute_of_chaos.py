"""As many seeded runs as fit into most of a minute; a failing one names the seed that repeats it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.chaos.run import run_one
from tests.chaos.scenario import Counts

BUDGET = 45.0
"""Seconds after which no new run is begun."""


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finding the processes to kill needs Linux's /proc")
def test_whatever_is_killed_and_whatever_fails_the_pages_end_right_once() -> None:
    started, counts, seed = time.monotonic(), Counts(), 1
    while time.monotonic() - started < BUDGET:
        found = run_one(seed, counts)
        assert found == [], f"repeat it with: python -m tests.chaos --runs 1 --seed {seed}"
        seed += 1
    print(f"runs {seed - 1}, kills {counts.kills}, faults {counts.faults}, violations 0")
