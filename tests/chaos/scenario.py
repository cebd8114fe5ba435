"""What happens in a run: what sources say, what is killed, and what destinations do wrong. All from one seed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.sandbox.faults import Fault
from tests.chaos.origin import NAME
from tests.chaos.place import PROVIDERS, SERVICES, Place

PATIENCE = 90.0
"""Seconds for everything to come right after the last fault."""
_SEND_FOR = 60.0
_LOOKING = timedelta(seconds=1.5)
"""A look that ends this long after something was written began after it."""


@dataclass
class Counts:
    """What was done to the system."""

    kills: int = 0
    faults: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    longest: float = 0.0
    """Seconds for which a component was wrong though nothing kept it from being right."""

    def fault(self, kind: str) -> None:
        """Count one injected fault."""
        self.faults += 1
        self.by_kind[kind] = self.by_kind.get(kind, 0) + 1

    def add(self, other: Counts) -> None:
        """Count what another run did, too."""
        self.kills += other.kills
        self.faults += other.faults
        self.longest = max(self.longest, other.longest)
        for kind, count in other.by_kind.items():
            self.by_kind[kind] = self.by_kind.get(kind, 0) + count


@dataclass
class Said:
    """The truth about one alert: what its source said last, by the source's own time."""

    firing: bool
    service: str
    secret: bool


def statements(dice: random.Random) -> tuple[list[dict[str, object]], dict[str, Said]]:
    """Deliveries in the order in which they are sent, and the truth that they add up to.

    Every alert lives through some lives; repeats are sent, neighbours swapped, resolves sometimes told twice.
    """
    now = datetime.now(UTC) - timedelta(hours=1)
    told: list[tuple[float, dict[str, object]]] = []
    truth: dict[str, Said] = {}
    for number in range(dice.randint(3, 6)):
        key, service = f"alert-{number}", dice.choice(SERVICES)
        secret = dice.random() < 0.2
        clock = dice.uniform(0, 5)
        for life in range(dice.randint(1, 2)):
            began = now + timedelta(minutes=10 * life + number)
            fact = {
                "dedup_key": key,
                "title": key,
                "labels": {"service": service, "team": "secret" if secret else "open"},
            }
            fact |= {"severity": dice.choice(["critical", "major", "minor"]), "started_at": began.isoformat()}
            fires = {**fact, "action": "trigger"}
            ends = {**fact, "action": "resolve", "ended_at": (began + timedelta(minutes=5)).isoformat()}
            told += [(clock + dice.uniform(0, 1.5), fires) for _ in range(dice.randint(1, 3))]
            clock += dice.uniform(1, 3)
            truth[key] = Said(True, service, secret)
            if dice.random() < 0.8:
                told += [(clock + dice.uniform(-0.5, 1.0), ends) for _ in range(dice.randint(1, 2))]
                clock += dice.uniform(0.5, 2)
                truth[key] = Said(False, service, secret)
            else:
                break
    return [fact for _, fact in sorted(told, key=lambda item: item[0])], truth


def play(here: Place, dice: random.Random, counts: Counts) -> dict[str, Said]:
    """Send everything, with kills and faults in between; returns the truth."""
    said, truth = statements(dice)
    for fact in said:
        if dice.random() < 0.5:
            _arm_fault(here, dice, counts)
        if dice.random() < 0.4:
            _kill(here, dice, counts)
        _send(here, fact)
        if here.origin and dice.random() < 0.6:
            here.origin.act(dice)
        time.sleep(dice.uniform(0.0, 0.4))
    here.sandbox.faults.clear()
    return truth


def settle(here: Place) -> bool:
    """Wait until nothing is owed; False when that does not happen in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        here.keep_alive()
        with contextlib.suppress(Exception):
            behind = here.store.inbox.is_behind("prom") or _is_unseen(here)
            if not behind and not any(here.store.outbox.all(name) for name in PROVIDERS):
                return True
        time.sleep(0.2)
    return False


def _is_unseen(here: Place) -> bool:
    """Whether the mirrored page was not looked at since the person wrote there last."""
    if here.origin is None or here.origin.wrote_at is None:
        return False
    looked_at = here.store.pages.looked_at(NAME)
    return looked_at is None or looked_at < here.origin.wrote_at + _LOOKING


def _arm_fault(here: Place, dice: random.Random, counts: Counts) -> None:
    kind = dice.choice(["reset", "status", "latency", "truncated", "html", "busy", "short"])
    common = {"provider": dice.choice(list(PROVIDERS)), "method": dice.choice(["*", "POST", "PATCH", "PUT"])}
    when = dice.choice(["before", "after"])
    if kind == "status":
        fault = Fault("status", status=dice.choice([500, 502, 503]), when=when, **common)  # type: ignore[arg-type]
    elif kind == "busy":
        fault = Fault("status", status=429, retry_after=1, **common)
    elif kind == "latency":
        fault = Fault("latency", seconds=dice.choice([0.3, 2.0]), when=when, **common)  # type: ignore[arg-type]
    else:
        fault = Fault(kind, when=when, **common)  # type: ignore[arg-type]
    here.sandbox.faults.add(fault)
    counts.fault(f"{kind} {when}" if kind != "busy" else kind)


def _kill(here: Place, dice: random.Random, counts: Counts) -> None:
    target = dice.choices(["worker", "web", "store"], weights=[6, 2, 1])[0]
    if target == "store":
        here.kill_store()
        counts.kills += 1
    else:
        victims = here.processes(target)
        for victim in dice.sample(victims, k=min(len(victims), dice.randint(1, 2))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                counts.kills += 1
    here.killed_at.append(datetime.now(UTC))
    here.keep_alive()


def _send(here: Place, fact: dict[str, object]) -> None:
    """Like a sender that repeats until it gets a 2xx."""
    deadline = time.monotonic() + _SEND_FOR
    data = json.dumps(fact).encode()
    headers = {"Authorization": "Bearer chaos", "Content-Type": "application/json"}
    while True:
        try:
            request = urllib.request.Request(here.hook, data, headers)
            with urllib.request.urlopen(request, timeout=5):
                return
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError("nothing accepts deliveries any more")
        here.keep_alive()
        time.sleep(0.1)
