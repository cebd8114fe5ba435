"""Pages that are sources and destinations at once: what the bridge wrote is never taken for news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.config.settings import MirrorSettings, PageSettings
from bridge.model.enums import ComponentStatus, IncidentStatus
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.store import Store
from tests.engine.harness import PROVIDERS, Bridge, Person, incident, make_bridge, update

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
RESOLVED = IncidentStatus.RESOLVED
RINGS = [
    ("cachet2", "pingpong"),
    ("cachet3", "statuspage"),
    ("statuspage", "pingpong", "cachet2"),
    PROVIDERS,
]


@pytest.fixture(params=RINGS, ids=" ".join)
def ring(request: pytest.FixtureRequest) -> tuple[str, ...]:
    names: tuple[str, ...] = request.param
    return names


@pytest.fixture
def bridge(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], ring: tuple[str, ...]) -> Bridge:
    """Each page of the ring is mirrored to the next one."""
    bridge = make_bridge(store, sandbox_and_server[1], sandbox, ring)
    settings = bridge.runtime.settings
    pages = {name: PageSettings(name, settings.destinations[name], timedelta(seconds=30)) for name in ring}
    mirrors = tuple(MirrorSettings(name, (ring[(at + 1) % len(ring)],)) for at, name in enumerate(ring))
    return replace(bridge, runtime=replace(bridge.runtime, settings=replace(settings, pages=pages, mirrors=mirrors)))


def person(bridge: Bridge, name: str) -> Person:
    return Person(bridge.runtime.settings.destinations[name])


def writes(bridge: Bridge, ring: tuple[str, ...]) -> list[list[str]]:
    return [bridge.writes(name) for name in ring]


def test_what_a_person_writes_on_one_page_goes_once_around(bridge: Bridge, ring: tuple[str, ...]) -> None:
    bridge.run(35, step=5)
    someone = person(bridge, ring[0])
    someone.writes(incident(), api=MAJOR)
    someone.sets("api", MAJOR)
    bridge.run(300, step=5)
    assert [bridge.status(name) for name in ring] == ["critical"] * len(ring)
    assert [len(bridge.incidents(name)) for name in ring] == [1] * len(ring)
    someone.writes(incident(update(1), update(2, RESOLVED)))
    someone.sets("api", FINE)
    bridge.run(300, step=5)
    assert [bridge.status(name) for name in ring] == ["good"] * len(ring)
    assert [len(bridge.incidents(name)) for name in ring] == [1] * len(ring)
    assert [bridge.page(name).open_incidents for name in ring] == [()] * len(ring)
    assert bridge.owed() == 0


def test_a_ring_at_rest_writes_nothing(bridge: Bridge, ring: tuple[str, ...]) -> None:
    someone = person(bridge, ring[0])
    someone.writes(incident(), api=MAJOR)
    someone.sets("api", MAJOR)
    bridge.run(300, step=5)
    before = writes(bridge, ring)
    bridge.run(6 * 3600, step=600)
    assert writes(bridge, ring) == before


def test_people_on_several_pages_do_not_get_in_each_others_way(bridge: Bridge, ring: tuple[str, ...]) -> None:
    bridge.run(35, step=5)
    for number, name in enumerate(ring):
        someone = person(bridge, name)
        someone.writes(incident(update(1), identity=f"inc_{number}", title=f"Trouble {number}"), api=MAJOR)
    bridge.run(300, step=5)
    wanted = sorted(f"Trouble {number}" for number in range(len(ring)))
    for name in ring:
        assert sorted(shown.title for shown in bridge.incidents(name)) == wanted, name
