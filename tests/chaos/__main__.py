"""The command: see :mod:`tests.chaos`."""

from __future__ import annotations

import argparse
import sys

from tests.chaos.run import run_many

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description="Seeded runs with everything going wrong."
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1, help="of the first run; each run has the next one")
    parser.add_argument("--parallel", type=int, default=1, help="runs at the same time; two for each core is a lot")
    options = parser.parse_args()
    sys.exit(1 if run_many(options.runs, options.seed, options.parallel) else 0)
