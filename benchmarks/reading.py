"""Read all incidents with their updates from each sandbox: calls against the fewest that the API allows, time, memory.

python -m benchmarks.reading [incidents] [updates of each]

Sandbox and reader are processes of their own, so that the reader's memory is the reader's alone.
"""

from __future__ import annotations

import math
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from flask.testing import FlaskClient

from benchmarks.place import machine
from bridge.config.settings import DestinationSettings
from bridge.model.enums import Kind
from bridge.model.facts import Call
from bridge.providers import registry
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import serve
from bridge.secret import Secret

LATENCIES = (0.0, 0.1)
"""Seconds that the sandbox waits before it answers."""
TOKEN = "sandbox"

Fewest = Callable[[int], int]


@dataclass(frozen=True)
class Side:
    """How a provider is filled and read.

    Attributes:
        path: of the provider, below the sandbox.
        incidents: path of the incidents, below the API.
        updates: path of one incident's updates, with ``{}`` for its id, and the method that adds one.
        fewest: how many calls the API needs at least to tell so many incidents with their updates.
        switches: of the sandbox: rate limits would be measured otherwise.
    """

    path: str
    headers: Mapping[str, str]
    incidents: str
    incident: Mapping[str, Any]
    updates: tuple[str, str]
    update: Mapping[str, Any]
    fewest: Fewest
    options: Mapping[str, Any] = field(default_factory=dict)
    switches: Mapping[str, Any] = field(default_factory=dict)


SIDES = {
    "cachet2": Side(
        "/cachet2",
        {"X-Cachet-Token": TOKEN},
        "/cachet2/api/v1/incidents",
        {"name": "Slow answers", "message": "We look into it.", "status": 1, "visible": 1},
        ("POST", "/cachet2/api/v1/incidents/{}/updates"),
        {"status": 4, "message": "It is over."},
        lambda incidents: 1,  # per_page has no upper limit, updates are part of an incident
        switches={"rate_limit": None},
    ),
    "cachet3": Side(
        "/cachet3",
        {"Authorization": f"Bearer {TOKEN}"},
        "/cachet3/api/incidents",
        {"name": "Slow answers", "message": "We look into it.", "status": 1, "visible": True},
        ("POST", "/cachet3/api/incidents/{}/updates"),
        {"status": 4, "message": "It is over."},
        lambda incidents: math.ceil(incidents / 100),  # per_page up to 100, include=updates, a link to the next page
        switches={"rate_limit": None},
    ),
    "statuspage": Side(
        "/statuspage/v1",
        {"Authorization": f"OAuth {TOKEN}"},
        "/statuspage/v1/pages/sandboxpage1/incidents",
        {"incident": {"name": "Slow answers", "body": "We look into it."}},
        ("PATCH", "/statuspage/v1/pages/sandboxpage1/incidents/{}"),
        {"incident": {"status": "resolved", "body": "It is over."}},
        lambda incidents: (
            incidents // 100 + 1
        ),  # limit up to 100, and only a page that is not full says that it is last
        {"page_id": "sandboxpage1"},
        {"rate_limit": None},
    ),
    "pingpong": Side(
        "/pingpong/rest/v1",
        {"Authorization": f"Token {TOKEN}"},
        "/pingpong/rest/v1/incidents",
        {"title": "Slow answers", "message": "We look into it."},
        ("POST", "/pingpong/rest/v1/incidents/{}/updates"),
        {"status": "Resolved", "message": "It is over."},
        lambda incidents: 1,  # lists are whole
    ),
}


class _Plenty:
    """A budget that never runs out."""

    def take(self, *, read: bool = False) -> float:
        return 0.0

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Nothing is limited here."""


@dataclass(frozen=True)
class Reading:
    """What one run measured; ``memory`` is what was resident beyond the start, in megabytes."""

    incidents: int
    updates: int
    calls: int
    seconds: float
    memory: float


def main(incidents: int = 5000, updates: int = 2) -> None:
    """Measure and print."""
    for name, side in SIDES.items():
        fewest = side.fewest(incidents)
        for latency, found in zip(LATENCIES, _measure(name, incidents, updates), strict=True):
            if found.incidents != incidents:
                raise SystemExit(f"{name}: {found.incidents} of {incidents} incidents were read")
            print(
                f"{name}, {latency * 1000:.0f} ms: {found.incidents} incidents with {found.updates} updates in "
                f"{found.calls} calls (fewest {fewest}, {found.calls / fewest:.2f} times), {found.seconds:.1f} s, "
                f"{found.memory:.0f} MB ({machine()})"
            )


def _measure(name: str, incidents: int, updates: int) -> list[Reading]:
    """One reading for each latency, of one sandbox that was filled once."""
    fresh = multiprocessing.get_context("spawn")  # a forked process would begin with its parent's memory
    near, far = fresh.Pipe()
    sandbox = fresh.Process(target=_serve, args=(far, name, incidents, updates))
    sandbox.start()
    found = []
    for latency in LATENCIES:
        near.send(latency)
        out, into = fresh.Pipe()
        reader = fresh.Process(target=_read, args=(into, name, near.recv()))
        reader.start()
        found.append(out.recv())
        reader.join(10)
    near.send(None)
    sandbox.join(10)
    return found


def _serve(pipe: Connection, name: str, incidents: int, updates: int) -> None:
    """A sandbox in a process of its own: takes a latency, tells its address, until it is told None."""
    sandbox = Sandbox(token=TOKEN)
    for switch, value in SIDES[name].switches.items():
        setattr(sandbox.plugins[name].settings, switch, value)
    _fill(sandbox.app.test_client(), SIDES[name], incidents, updates)
    sandbox.journal.clear()
    with serve(sandbox) as server:
        while (latency := pipe.recv()) is not None:
            sandbox.faults.clear()
            if latency:
                sandbox.faults.add(Fault("latency", seconds=latency, times=None))
            pipe.send(server.url)


def _fill(client: FlaskClient, side: Side, incidents: int, updates: int) -> None:
    method, path = side.updates
    for _ in range(incidents):
        answer = client.post(side.incidents, json=dict(side.incident), headers=dict(side.headers)).get_json()
        number = answer["data"]["id"] if "data" in answer else answer["id"]
        for _ in range(updates):
            client.open(path.format(number), method=method, json=dict(side.update), headers=dict(side.headers))


def _read(pipe: Connection, name: str, url: str) -> None:
    """Scan all incidents as a migration does, in a process of its own; nothing is kept."""
    side, calls = SIDES[name], list[Call]()
    settings = DestinationSettings("page", name, Secret(TOKEN), url + side.path, options=dict(side.options))
    provider = registry.make(settings, _Plenty(), calls.append)
    before, started = _resident(), time.perf_counter()
    incidents = updates = 0
    for seen in provider.scan(Kind.INCIDENT):
        incidents += 1
        updates += len(seen.appended)
    seconds = time.perf_counter() - started
    provider.close()
    pipe.send(Reading(incidents, updates, len(calls), seconds, _resident() - before))


def _resident() -> float:
    """The most that was ever resident, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
