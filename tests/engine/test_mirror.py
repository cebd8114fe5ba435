"""The course of an incident on every provider, with everything that can go wrong on the way."""

from __future__ import annotations

import time

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Publication, Visibility
from bridge.model.facts import LinkState, ObjectKey
from bridge.sandbox.faults import Fault
from bridge.secret import Secret
from bridge.store.lanes import MIRROR, Lane
from bridge.sync.sweep import housekeep
from tests.engine.harness import Bridge, incident, update, with_destination

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
RESOLVED = IncidentStatus.RESOLVED


def texts(bridge: Bridge, provider: str) -> list[str]:
    """Bodies of the updates of the only incident, oldest first, stripped of markup."""
    (shown,) = bridge.incidents(provider)
    return [item.body.replace("<div>", "").replace("</div>", "").strip() for item in reversed(shown.updates)]


def test_an_incident_is_opened_followed_and_resolved(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    assert (bridge.status(provider), bridge.status(provider, "Website")) == ("critical", "good")
    bridge.commit(incident(update(1), update(2), revision=2))
    bridge.run(2)
    bridge.commit(incident(update(1), update(2), update(3, RESOLVED), revision=3), api=FINE)
    bridge.run(2)
    assert texts(bridge, provider) == ["Step number 1.", "Step number 2.", "Step number 3."]
    assert bridge.page(provider).open_incidents == ()
    assert bridge.status(provider) == "good"
    assert bridge.owed() == 0


def test_what_is_in_sync_makes_no_call(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    before = len(bridge.sandbox.calls.all(provider, None))
    bridge.commit(incident(revision=2))
    bridge.run(2)
    assert len(bridge.sandbox.calls.all(provider, None)) == before


def test_missed_updates_arrive_all_once_and_in_order(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(*(update(n) for n in range(1, 6)), update(6, RESOLVED)), api=FINE)
    bridge.run(10)
    assert texts(bridge, provider) == [f"Step number {n}." for n in range(1, 7)]


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_breaks_around_the_commit_leaves_one_copy(
    bridge: Bridge, provider: str, when: str, nth: int
) -> None:
    for method in ("POST", "PUT", "PATCH"):
        bridge.sandbox.faults.add(Fault("reset", provider, method, when=when, nth=nth))  # type: ignore[arg-type]
    bridge.commit(incident(update(1), update(2), update(3)), api=MAJOR)
    bridge.run(150, step=5)
    assert texts(bridge, provider) == ["Step number 1.", "Step number 2.", "Step number 3."]
    assert bridge.status(provider) == "critical"
    assert bridge.owed() == 0


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answered_5xx_leaves_one_copy(bridge: Bridge, provider: str, when: str, status: int) -> None:
    bridge.sandbox.faults.add(Fault("status", provider, "POST", when=when, status=status, times=1))  # type: ignore[arg-type]
    bridge.commit(incident(update(1), update(2)), api=MAJOR)
    bridge.run(90, step=5)
    assert texts(bridge, provider) == ["Step number 1.", "Step number 2."]


def test_a_provider_that_answers_after_the_time_out_leaves_one_copy(bridge: Bridge, provider: str) -> None:
    hasty = with_destination(bridge, provider, read_timeout=0.2)
    hasty.sandbox.faults.add(Fault("latency", provider, "POST", when="before", seconds=0.6, times=1))
    hasty.commit(incident(update(1), update(2)), api=MAJOR)
    hasty.settle()
    time.sleep(0.7)  # the sandbox commits late in real time, while the bridge's clock stands still
    hasty.run(90, step=5)
    assert texts(hasty, provider) == ["Step number 1.", "Step number 2."]


def test_a_stranger_s_incident_with_the_same_title_is_not_adopted(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(identity="inc_0"), api=MAJOR)
    bridge.run(2)
    bridge.sandbox.faults.add(Fault("reset", provider, "POST", when="before", times=1))
    bridge.commit(incident())
    bridge.run(90, step=5)
    assert len(bridge.incidents(provider)) == 2
    links = bridge.store.links.all(provider)
    assert len({link.remote_id for key, link in links.items() if key.kind is Kind.INCIDENT}) == 2


def test_a_destination_that_is_busy_is_left_alone_for_as_long_as_it_says(bridge: Bridge, provider: str) -> None:
    bridge.sandbox.faults.add(Fault("status", provider, "*", status=429, retry_after=1, times=1))
    bridge.commit(incident(), api=MAJOR)
    bridge.settle()
    state = bridge.store.lanes.state(Lane(MIRROR, provider))
    assert (state.state, state.failures) == ("busy", 0)
    assert bridge.incidents(provider) == []


def test_a_destination_that_refuses_our_token_is_paused_until_somebody_resumes_it(
    bridge: Bridge, provider: str
) -> None:
    bridge.sandbox.faults.add(Fault("status", provider, "*", status=403, times=1))
    bridge.commit(incident(), api=MAJOR)
    bridge.run(3600, step=600)
    assert bridge.store.lanes.state(Lane(MIRROR, provider)).state == "paused"
    assert bridge.incidents(provider) == []
    bridge.store.lanes.resume(Lane(MIRROR, provider))
    bridge.run(2)
    assert len(bridge.incidents(provider)) == 1


@pytest.mark.parametrize("provider", ["statuspage"])
def test_a_refused_token_is_tried_again_once_another_is_configured(bridge: Bridge, provider: str) -> None:
    bridge.sandbox.faults.add(Fault("status", provider, "*", status=401, times=1))
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    housekeep(bridge.runtime)
    assert bridge.store.lanes.state(Lane(MIRROR, provider)).state == "paused", "nothing was changed"
    changed = with_destination(bridge, provider, token=Secret("another"))
    changed.sandbox.faults.clear()
    housekeep(changed.runtime)
    assert changed.store.lanes.state(Lane(MIRROR, provider)).state == "ok"
    changed.store.lanes.pause(Lane(MIRROR, provider), "by a person")
    housekeep(bridge.runtime)
    assert changed.store.lanes.state(Lane(MIRROR, provider)).state == "paused", "a person's word stays"


def test_a_refused_object_becomes_a_dead_letter_and_the_others_go_on(bridge: Bridge, provider: str) -> None:
    bridge.sandbox.faults.add(Fault("status", provider, "POST", status=422, times=1))
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    link = bridge.store.links.get(provider, KEY)
    assert (link.state, bridge.store.outbox.dead(provider)) == (LinkState.DEAD, [KEY])
    assert "422" in str(link.error)
    bridge.commit(incident(identity="inc_2"))
    bridge.run(2)
    assert len(bridge.incidents(provider)) == 1
    bridge.commit(incident(update(1), update(2), revision=2))
    bridge.run(5)
    assert len(bridge.incidents(provider)) == 2, "a changed wish is tried again"


def test_a_destination_that_is_down_is_tried_again_and_fails_no_object(bridge: Bridge, provider: str) -> None:
    bridge.sandbox.faults.add(Fault("status", provider, "*", status=503, times=None))
    bridge.commit(incident(), api=MAJOR)
    bridge.run(120, step=10)
    assert bridge.store.lanes.state(Lane(MIRROR, provider)).state == "down"
    assert bridge.store.outbox.dead(provider) == []
    bridge.sandbox.faults.clear()
    bridge.run(600, step=10)
    assert len(bridge.incidents(provider)) == 1
    assert bridge.store.lanes.state(Lane(MIRROR, provider)).state == "ok"


def test_nobody_there_is_a_destination_that_is_down(bridge: Bridge, provider: str) -> None:
    away = with_destination(bridge, provider, url="http://127.0.0.1:9/api")
    away.commit(incident(), api=MAJOR)
    away.settle()
    assert away.store.lanes.state(Lane(MIRROR, provider)).state == "down"
    assert away.owed() == 2


@pytest.mark.parametrize("publication", [Publication.HELD, Publication.REJECTED])
def test_what_is_not_published_goes_nowhere(bridge: Bridge, provider: str, publication: Publication) -> None:
    bridge.commit(incident(publication=publication))
    bridge.run(2)
    assert bridge.writes(provider) == []


def test_hidden_incidents_never_become_public(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(visibility=Visibility.HIDDEN))
    bridge.run(2)
    assert bridge.incidents(provider) == []


def test_an_open_incident_that_somebody_deleted_is_made_again(bridge: Bridge, provider: str) -> None:
    if not bridge_can_delete(bridge, provider):
        pytest.skip("incidents cannot be deleted there")
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    bridge.sandbox.faults.add(Fault("status", provider, "*", status=404, path="/*incidents/*", times=1))
    bridge.commit(incident(update(1), update(2), revision=2))
    bridge.run(5)
    assert [item.body for item in bridge.page(provider).open_incidents[0].updates]
    assert bridge.owed() == 0


def bridge_can_delete(bridge: Bridge, provider: str) -> bool:
    from bridge.providers.base import mapping

    return mapping.load(provider).capabilities.can_delete_incidents


def test_a_component_that_is_not_there_is_a_dead_letter_and_its_incident_goes_out(
    bridge: Bridge, provider: str
) -> None:
    from dataclasses import replace

    settings = bridge.runtime.settings
    api = replace(settings.components["api"], on={provider: "Nowhere"})
    components = {**settings.components, "api": api}
    runtime = replace(bridge.runtime, settings=replace(settings, components=components))
    lost = replace(bridge, runtime=runtime)
    lost.commit(incident(), api=MAJOR)
    lost.run(2)
    assert len(lost.incidents(provider)) == 1
    dead = lost.store.links.get(provider, ObjectKey(Kind.COMPONENT, "api"))
    assert dead.state is LinkState.DEAD
    assert "Nowhere" in str(dead.error)
    assert "Website" in str(dead.error), "the message names what there is"


def test_existing_components_keep_their_names(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    shown = {item.name for group in bridge.page(provider).groups for item in group.components}
    assert {"Public API", "Website"} <= shown


def test_every_call_is_in_the_story_of_its_incident(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    calls = [entry["call"] for entry in bridge.store.story.entries("inc_1") if "call" in entry]
    assert [call["method"] for call in calls].count("POST") == 1
    assert all(call["path"] != "sandbox" for call in calls)
