"""A component that somebody deleted by hand: what names it goes out without it, and everything else goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.model.actions import Create, Reason
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Visibility
from bridge.model.facts import LinkState, ObjectKey, Refs
from bridge.model.objects import Component, Maintenance, Text
from bridge.model.pages import PageChanges
from bridge.model.state import Why
from bridge.sandbox.faults import Fault
from bridge.store.lanes import POLL, Lane
from bridge.store.outbox import LIVE
from bridge.store.state import Mark
from bridge.sync.chronicle import chronicle_of
from tests.engine.harness import PROVIDERS, START, Bridge, Person, incident, update

MAJOR, FINE, DEGRADED = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL, ComponentStatus.DEGRADED
IDENTIFIED, RESOLVED = IncidentStatus.IDENTIFIED, IncidentStatus.RESOLVED
API, WEB = ObjectKey(Kind.COMPONENT, "api"), ObjectKey(Kind.COMPONENT, "web")
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
BOTH = {"api": MAJOR, "web": DEGRADED}


@pytest.fixture
def provider(target: str) -> str:
    return target


@pytest.fixture
def person(bridge: Bridge, provider: str) -> Person:
    return Person(bridge.runtime.settings.destinations[provider])


def bound(bridge: Bridge) -> None:
    """Both components are linked, and that was a while ago."""
    bridge.commit(incident(identity="inc_0"), api=FINE, web=FINE)
    bridge.run(3)
    bridge.commit(incident(update(1), update(2, RESOLVED), identity="inc_0", revision=2), api=FINE, web=FINE)
    bridge.run(3)
    bridge.clock.advance(120)


def delete(bridge: Bridge, provider: str, person: Person, component: ObjectKey = API) -> None:
    """A person deletes a component on the page."""
    remote = person.remote[str(component)]
    if provider == "pingpong":  # its API deletes nothing; its dashboard does
        plugin: Any = bridge.sandbox.plugins[provider]
        del plugin.world.components[remote]
        for shown in plugin.world.incidents.values():
            shown.imposed.pop(remote, None)
    else:
        person.removes(Kind.COMPONENT, remote)


def losses(bridge: Bridge, provider: str, key: ObjectKey = KEY) -> list[str]:
    return [loss.had for loss in bridge.store.links.get(provider, key).losses if loss.field == "components"]


def the_api_is_a_dead_letter_alone(bridge: Bridge, provider: str) -> bool:
    return bridge.store.outbox.dead(provider) in ([API], []) and bridge.owed() == 0


@pytest.mark.parametrize("begun", ["new", "going on"])
def test_an_incident_that_names_a_deleted_component_goes_out_without_it(
    bridge: Bridge, provider: str, person: Person, begun: str
) -> None:
    bound(bridge)
    if begun == "going on":
        bridge.commit(incident(components=BOTH), api=MAJOR, web=DEGRADED)
        bridge.run(5)
        bridge.clock.advance(120)
    delete(bridge, provider, person)
    steps = update(1), update(2, IDENTIFIED)
    worse = {"api": DEGRADED, "web": MAJOR}
    bridge.commit(incident(*steps, components=worse, revision=2), api=DEGRADED, web=MAJOR)
    bridge.run(60, step=5)
    (shown,) = bridge.page(provider).open_incidents
    said = " ".join(item.body for item in reversed(shown.updates))
    assert [said.count(f"Step number {number}.") for number in (1, 2)] == [1, 1]
    assert bridge.status(provider, "Website") == "critical", "everything else goes on"
    assert the_api_is_a_dead_letter_alone(bridge, provider)
    assert any("api" in had for had in losses(bridge, provider)), "the loss is told"
    story = chronicle_of(bridge.runtime.settings, bridge.store, "inc_1")
    assert story is not None
    assert any("api" in loss.had for standing in story.standings for loss in standing.losses)
    bridge.commit(incident(*steps, update(3, RESOLVED), components={"api": FINE, "web": FINE}, revision=3), web=FINE)
    bridge.run(60, step=5)
    assert bridge.page(provider).open_incidents == ()
    assert the_api_is_a_dead_letter_alone(bridge, provider)


@pytest.mark.parametrize("provider", ["statuspage", "pingpong"])
def test_the_absence_of_the_component_is_told_by_itself(bridge: Bridge, provider: str, person: Person) -> None:
    bound(bridge)
    delete(bridge, provider, person)
    bridge.commit(incident(components=BOTH), api=MAJOR, web=DEGRADED)
    bridge.run(30, step=5)
    assert bridge.store.outbox.dead(provider) == [API]
    assert "Public API" in str(bridge.store.links.get(provider, API).error)
    assert Why.DELETED_THERE in [decision.why for decision in bridge.store.decisions("inc_1")]
    assert Why.DELETED_THERE in [decision.why for decision in bridge.store.decisions("api")]


@pytest.mark.parametrize("provider", ["statuspage"])
def test_a_new_component_of_the_name_takes_the_place_of_the_deleted_one(
    bridge: Bridge, provider: str, person: Person
) -> None:
    bound(bridge)
    before = person.remote[str(API)]
    delete(bridge, provider, person)
    made, _ = person.provider.translate(Component("new", "Public API", FINE), Refs())
    person.provider.perform(Create(ObjectKey(Kind.COMPONENT, "new"), made.create, made.find, {}, None, Reason.FIRST))
    bridge.commit(incident(), api=MAJOR)
    bridge.run(30, step=5)
    assert bridge.store.outbox.dead(provider) == []
    assert bridge.store.links.get(provider, API).remote_id not in (None, before)
    assert bridge.status(provider) == "critical"
    assert losses(bridge, provider) == []


@pytest.mark.parametrize("provider", ["statuspage", "pingpong"])
def test_what_is_refused_for_another_reason_stays_refused(bridge: Bridge, provider: str) -> None:
    bound(bridge)
    path = "*/incidents*"
    bridge.sandbox.faults.add(Fault("status", provider, "POST", status=422, path=path, times=None))
    bridge.commit(incident(components=BOTH), api=MAJOR, web=DEGRADED)
    bridge.run(30, step=5)
    assert bridge.store.outbox.dead(provider) == [KEY]
    assert {bridge.store.links.get(provider, key).state for key in (API, WEB)} == {LinkState.LINKED}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_planned_work_on_a_deleted_component_is_announced_without_it(
    bridge: Bridge, provider: str, person: Person
) -> None:
    bound(bridge)
    delete(bridge, provider, person)
    planned = Maintenance(
        id="mnt_1",
        title="New disks",
        status=MaintenanceStatus.SCHEDULED,
        starts_at=START + timedelta(days=1),
        ends_at=START + timedelta(days=1, hours=2),
        message=Text("We replace disks."),
        components=("api", "web"),
        visibility=Visibility.PUBLIC,
        notify=False,
    )
    lease = bridge.store.lanes.take(Lane(POLL, "old"))
    assert lease is not None
    key = ObjectKey(Kind.MAINTENANCE, "mnt_1")
    mark = Mark(provider, key, 1, LIVE)
    bridge.store.pages.commit(lease, PageChanges(mirrored=(planned,)), [mark], START, etags={}, next_at=START)
    bridge.store.lanes.release(lease)
    bridge.run(30, step=5)
    assert bridge.store.links.get(provider, key).state is LinkState.LINKED
    assert key not in bridge.store.outbox.dead(provider)
    assert bridge.owed() == 0
