"""Processor time that a client needs for one call over loopback, without what the server needs for it.

    python -m benchmarks.client [calls]

Goal: under 1.5 ms. One line for each provider with a client. A read is one component, a write renames it; the sandbox
is a process of its own, so the time of this process is that of the client alone. Where a client makes two HTTP calls
for one of ours (Cachet's PUT may need a read before), the time is shared among them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import requests

from benchmarks.place import PROVIDERS, Place, machine, place

ROUNDS = 5
"""The median of so many rounds is told; other work on the machine disturbs single ones."""
OWN: dict[str, dict[str, str]] = {"statuspage": {"page_id": "sandboxpage1"}}
"""What a client needs beside address and token."""


def main(calls: int = 1000) -> None:
    """Measure and print."""
    with place(("sandbox",)) as here:
        for provider in PROVIDERS:
            client = getattr(import_module(f"bridge.providers.{provider}"), "Client", None)
            if client is not None:
                _measure(provider, client, here, calls // ROUNDS)


def _measure(provider: str, make: Callable[..., Any], here: Place, repeats: int) -> None:
    made: list[Any] = []
    own = {**OWN.get(provider, {}), "observe": made.append, "rate": (10_000_000, 60.0), "environ": {}}
    with make(url=here.sandbox + PROVIDERS[provider], token="sandbox", **own) as client:
        row = next(iter(client.components.list()))
        client.components.update(row.id, name=row.name)  # opens the connection and finds out what must be asked once
        read = _millis(lambda: client.components.get(row.id), repeats, made)
        bare = _bare(here.sandbox + made[-1].path, provider, repeats)
        write = _millis(lambda: client.components.update(row.id, name=row.name), repeats, made)
    print(
        f"client {provider}: read {read:.2f} ms, write {write:.2f} ms of processor time a call, "
        f"over {ROUNDS} rounds of {repeats} each; the same read by requests alone {bare:.2f} ms ({machine()})"
    )


def _bare(url: str, provider: str, repeats: int) -> float:
    """Processor time for the same answer without a client of ours: tells how fast the machine is just now."""
    made: list[Any] = []
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"{'OAuth' if provider == 'statuspage' else 'Bearer'} sandbox"
        return _millis(lambda: made.append(session.get(url, timeout=10).json()), repeats, made)


def _millis(call: Callable[[], object], repeats: int, made: list[Any]) -> float:
    """Processor time for one HTTP call, in milliseconds."""
    rounds = []
    for _ in range(ROUNDS):
        made.clear()
        began = time.process_time()
        for _ in range(repeats):
            call()
        rounds.append((time.process_time() - began) * 1000 / len(made))
    return statistics.median(rounds)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
