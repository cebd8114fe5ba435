"""Running: so many minutes for each type, one line for each, and the totals at the end."""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bridge.model.events import Delivery
from bridge.sources import registry
from bridge.sources.envelope import delivery_of
from bridge.sources.samples import options_of, samples_of
from bridge.sources.secretnames import names_of
from tests.fuzz_sources.bodies import RARER_SECRET_NAMES, SECRET_NAMES, Bodies
from tests.fuzz_sources.check import Checker

ARRIVAL = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MOST_MEMORY = 2 * 1024**3
"""Bytes of address space of the process; a body that needs more ends in a MemoryError and is a finding."""


@dataclass
class Outcome:
    """What came of one type.

    Attributes:
        found: a text for each kind of finding → how often.
    """

    name: str
    bodies: int = 0
    refused: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    slowest_size: int = 0
    peak: float = 0.0
    found: dict[str, int] = field(default_factory=dict)

    def line(self) -> str:
        """The outcome in one line."""
        return (
            f"{self.name}: {self.bodies} bodies in {self.seconds:.0f} s, {self.refused} refused whole, "
            f"slowest {self.slowest * 1000:.0f} ms ({self.slowest_size} bytes), "
            f"memory up to {self.peak:.0f} times a large body, findings {len(self.found)}"
        )


def run_all(names: Sequence[str], minutes: float, seed: int, folder: Path | None) -> list[Outcome]:
    """Fuzz the types one after the other; prints as it goes.

    Args:
        names: of the types.
        minutes: for each of them.
        seed: of the dice.
        folder: where bodies that broke something, and the slowest ones, are kept.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    outcomes = []
    for name in names:
        outcome = run_one(name, minutes * 60, seed, folder)
        print(outcome.line(), flush=True)
        outcomes.append(outcome)
    print(totals(outcomes, seed), flush=True)
    return outcomes


def run_one(name: str, seconds: float, seed: int, folder: Path | None = None, most: int | None = None) -> Outcome:
    """Fuzz one type for so long, or with so many bodies at most.

    Seconds are those of the processor: a run that gives way to other work is not shorter for it.
    """
    dice = random.Random(f"{name} {seed}")
    kind = registry.make(name, registry.options_schema(name)().load(dict(options_of(name))))
    checker, outcome = Checker(kind), Outcome(name)
    started = time.process_time()
    secret_names = (*SECRET_NAMES, *RARER_SECRET_NAMES) if names_of(type(kind)).has_own else SECRET_NAMES
    for delivery in Bodies(deliveries_of(name), dice, secret_names):
        try:
            checker.check(delivery)
        except Exception as error:
            _note(outcome, error, delivery, folder)
        outcome.bodies += 1
        outcome.seconds = time.process_time() - started
        if outcome.seconds >= seconds or outcome.bodies == most:
            break
    outcome.refused, outcome.peak = checker.refused, checker.peak
    outcome.slowest, outcome.slowest_size, slowest = checker.slowest
    _keep(folder, f"{name}-slowest", slowest)
    return outcome


def deliveries_of(name: str) -> list[Delivery]:
    """The samples of a type as deliveries."""
    return [delivery_of(content, "fuzzed", ARRIVAL) for content in samples_of(name).values()]


def totals(outcomes: Sequence[Outcome], seed: int) -> str:
    """The last line."""
    slowest = max(outcomes, key=lambda outcome: outcome.slowest)
    return (
        f"types {len(outcomes)}, bodies {sum(outcome.bodies for outcome in outcomes)}, "
        f"seconds {sum(outcome.seconds for outcome in outcomes):.0f}, "
        f"findings {sum(len(outcome.found) for outcome in outcomes)}, "
        f"slowest {slowest.slowest * 1000:.0f} ms ({slowest.name}), seed {seed}"
    )


def _note(outcome: Outcome, error: Exception, delivery: Delivery, folder: Path | None) -> None:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    text = f"{type(error).__name__}: {str(error)[:300]} ({where})"
    kind = f"{type(error).__name__} ({where})"
    if kind not in outcome.found:
        print(f"  {outcome.name}: {text}", file=sys.stderr, flush=True)
        _keep(folder, f"{outcome.name}-{hashlib.sha256(delivery.body).hexdigest()[:12]}", delivery.body)
    outcome.found[kind] = outcome.found.get(kind, 0) + 1


def _keep(folder: Path | None, name: str, body: bytes) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
