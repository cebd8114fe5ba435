"""The command: see :mod:`tests.fuzz_sources`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bridge.sources import registry
from tests.fuzz_sources.run import run_all

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_sources", description="Fuzz the source types.")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each type")
    parser.add_argument("--type", action="append", choices=sorted(registry.built_in()), help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", type=Path, help="folder for bodies that broke something")
    options = parser.parse_args()
    names = options.type or sorted(registry.built_in())
    outcomes = run_all(names, options.minutes, options.seed, options.save)
    sys.exit(1 if any(outcome.found for outcome in outcomes) else 0)
