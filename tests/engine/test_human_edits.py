"""What a person changed on a destination is left alone, reported, and taken back under automation when told to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.config.settings import Edits, EditSettings
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Severity, Visibility
from bridge.model.facts import Link, ObjectKey
from bridge.model.objects import Maintenance, Text
from bridge.model.pages import PageChanges
from bridge.model.state import Why
from bridge.sandbox.faults import Fault
from bridge.store.lanes import POLL, Lane
from bridge.store.outbox import LIVE
from bridge.store.state import Mark
from bridge.sync.decisions.reclaim import reclaim
from tests.engine.harness import START, Bridge, Person, incident, update, with_destination

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
IDENTIFIED, MONITORING, RESOLVED = IncidentStatus.IDENTIFIED, IncidentStatus.MONITORING, IncidentStatus.RESOLVED
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
API = ObjectKey(Kind.COMPONENT, "api")
A_WHILE = 120


@pytest.fixture
def provider(target: str) -> str:
    return target


@pytest.fixture
def person(bridge: Bridge, provider: str) -> Person:
    return Person(bridge.runtime.settings.destinations[provider])


def link(bridge: Bridge, provider: str, key: ObjectKey = KEY) -> Link:
    return bridge.store.links.get(provider, key)


def remote(bridge: Bridge, provider: str, key: ObjectKey = KEY) -> str:
    return str(link(bridge, provider, key).remote_id)


def title(bridge: Bridge, provider: str) -> str:
    (shown,) = bridge.incidents(provider)
    return shown.title


def texts(bridge: Bridge, provider: str) -> str:
    """Everything that the only incident says, oldest first."""
    (shown,) = bridge.incidents(provider)
    return " ".join(item.body for item in reversed(shown.updates))


def title_field(bridge: Bridge, provider: str, person: Person) -> str:
    """The echo field that holds a title."""
    names = {"title", "name"} & set(person.sees(Kind.INCIDENT, remote(bridge, provider)).echo)
    return names.pop()


def opened(bridge: Bridge, provider: str) -> Bridge:
    """An incident that was opened a while ago."""
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    bridge.clock.advance(A_WHILE)
    return bridge


def retitled(bridge: Bridge, provider: str, person: Person) -> str:
    """A person gives the incident another title; returns the field."""
    field = title_field(bridge, provider, person)
    person.edits(incident(title="Said by a person"), remote(bridge, provider), field)
    return field


def with_edits(bridge: Bridge, provider: str, **words: Edits) -> Bridge:
    return with_destination(bridge, provider, edits=EditSettings(**words))


def reasons(bridge: Bridge, subject: str = "inc_1") -> list[Why]:
    return [decision.why for decision in bridge.store.decisions(subject)]


# --- texts -----------------------------------------------------------------------------------------------------


def test_a_title_that_a_person_changed_is_left_alone_and_updates_go_on(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), title="Said by automation", revision=2))
    bridge.run(3)
    assert title(bridge, provider) == "Said by a person"
    assert "Step number 2." in texts(bridge, provider)
    assert set(link(bridge, provider).theirs) == {field}
    assert bridge.store.links.drift(provider) == {KEY: (field,)}
    assert Why.CHANGED_THERE in reasons(bridge)
    assert bridge.owed() == 0


def test_what_a_person_changed_stays_for_all_further_writes(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    retitled(bridge, provider, person)
    for number in (2, 3, 4):
        steps = [update(n) for n in range(1, number)] + [update(number, RESOLVED if number == 4 else IDENTIFIED)]
        bridge.commit(incident(*steps, title=f"Automation {number}", revision=number), api=FINE)
        bridge.run(3)
        bridge.clock.advance(A_WHILE)
    assert title(bridge, provider) == "Said by a person"
    assert bridge.page(provider).open_incidents == ()
    assert reasons(bridge).count(Why.CHANGED_THERE) == 1, "told once"


def test_a_message_that_a_person_changed_survives_a_new_title(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    if "message" not in person.sees(Kind.INCIDENT, remote(bridge, provider)).echo:
        pytest.skip("the first text is an update there, which nobody writes a second time")
    person.edits(incident(update(1, text="A person's words.")), remote(bridge, provider), "message")
    bridge.commit(incident(update(1), title="A better title", revision=2))
    bridge.run(3)
    assert title(bridge, provider) == "A better title"
    assert "A person's words." in texts(bridge, provider)


def test_a_person_who_takes_an_edit_back_lets_go(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    bridge.commit(incident(update(1), update(2), title="Second", revision=2))
    bridge.run(3)
    bridge.clock.advance(A_WHILE)
    person.edits(incident(), remote(bridge, provider), field)
    bridge.commit(incident(update(1), update(2), update(3), title="Third", revision=3))
    bridge.run(3)
    assert title(bridge, provider) == "Third"
    assert link(bridge, provider).theirs == {}


def test_a_person_who_writes_what_automation_wants_has_not_taken_over(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    retitled(bridge, provider, person)
    bridge.commit(incident(update(1), update(2), title="Said by a person", revision=2))
    bridge.run(3)
    bridge.clock.advance(A_WHILE)
    assert link(bridge, provider).theirs == {}
    bridge.commit(incident(update(1), update(2), update(3), title="News", revision=3))
    bridge.run(3)
    assert title(bridge, provider) == "News"


def test_where_texts_are_repaired_automation_has_the_last_word(bridge: Bridge, provider: str, person: Person) -> None:
    bridge = opened(with_edits(bridge, provider, text=Edits.REPAIR), provider)
    retitled(bridge, provider, person)
    bridge.commit(incident(update(1), update(2), title="Said by automation", revision=2))
    bridge.run(3)
    assert title(bridge, provider) == "Said by automation"
    assert bridge.store.links.drift(provider) == {}


def test_an_update_at_once_needs_no_look(bridge: Bridge, provider: str) -> None:
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    assert looks(bridge, provider, updates=1) == 0


def test_an_incident_is_looked_at_once_a_minute_at_most(bridge: Bridge, provider: str) -> None:
    opened(bridge, provider)
    for number in range(2, 8):
        bridge.commit(incident(*(update(n) for n in range(1, number + 1)), revision=number))
        bridge.run(5)
    assert looks(bridge, provider, updates=6) == 1


def looks(bridge: Bridge, provider: str, updates: int) -> int:
    """How often the incident was looked at. A Cachet 2.3 keeps updates in the message, so each reads it too."""
    path = f"/{remote(bridge, provider)}"
    calls = bridge.sandbox.calls.all(provider, None)
    read = sum(call.method == "GET" and call.path.endswith(path) and "incident" in call.path for call in calls)
    is_old = getattr(bridge.sandbox.plugins[provider].settings, "version", "") == "2.3"
    return read - (updates if is_old else 0)


# --- phases ----------------------------------------------------------------------------------------------------


def resolved_by_hand(bridge: Bridge, provider: str, person: Person) -> None:
    person.posts(incident(update(1), update(9, RESOLVED, "A person: it is over.")), remote(bridge, provider))
    assert bridge.page(provider).open_incidents == ()
    bridge.clock.advance(2)  # Cachet 2 cannot tell which of two updates of one second is the newer


def test_what_a_person_resolved_is_not_reopened(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    resolved_by_hand(bridge, provider, person)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    bridge.clock.advance(A_WHILE)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), update(3, MONITORING), revision=3))
    bridge.run(3)
    assert bridge.page(provider).open_incidents == ()
    assert "Step number 2." not in texts(bridge, provider)
    assert "status" in link(bridge, provider).theirs
    assert bridge.owed() == 0


def test_when_automation_agrees_the_phase_is_automations_again(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    resolved_by_hand(bridge, provider, person)
    steps = [update(1), update(2, IDENTIFIED), update(3, RESOLVED)]
    bridge.commit(incident(*steps[:2], revision=2))
    bridge.run(3)
    bridge.clock.advance(A_WHILE)
    bridge.commit(incident(*steps, revision=3), api=FINE)
    bridge.run(3)
    assert link(bridge, provider).theirs == {}
    assert "Step number 3." in texts(bridge, provider)
    assert "Step number 2." not in texts(bridge, provider), "it would have opened the incident once more"
    assert bridge.page(provider).open_incidents == ()
    assert bridge.owed() == 0


def test_updates_in_the_phase_that_a_person_chose_go_out(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    person.posts(incident(update(1), update(9, IDENTIFIED, "A person: a cable.")), remote(bridge, provider))
    bridge.commit(incident(update(1), update(2, MONITORING), revision=2))
    bridge.run(3)
    assert "Step number 2." not in texts(bridge, provider)
    bridge.clock.advance(A_WHILE)
    bridge.commit(incident(update(1), update(2, MONITORING), update(3, IDENTIFIED), revision=3))
    bridge.run(3)
    assert "Step number 3." in texts(bridge, provider)
    assert link(bridge, provider).theirs == {}


def test_where_phases_are_repaired_the_next_update_goes_out(bridge: Bridge, provider: str, person: Person) -> None:
    bridge = opened(with_edits(bridge, provider, status=Edits.REPAIR), provider)
    resolved_by_hand(bridge, provider, person)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    assert len(bridge.page(provider).open_incidents) == 1


# --- taking back -----------------------------------------------------------------------------------------------


def test_one_word_takes_a_title_back(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    bridge.commit(incident(update(1), update(2), title="Said by automation", revision=2))
    bridge.run(3)
    assert reclaim(bridge.runtime, provider, "inc_1") == (KEY,)
    bridge.run(3)
    assert title(bridge, provider) == "Said by automation"
    assert link(bridge, provider).theirs == {}
    assert bridge.store.links.drift(provider) == {}
    assert Why.RECLAIMED in reasons(bridge)
    bridge.clock.advance(A_WHILE)
    person.edits(incident(title="Said again"), remote(bridge, provider), field)
    bridge.commit(incident(update(1), update(2), update(3), title="Automation", revision=3))
    bridge.run(3)
    assert title(bridge, provider) == "Said again", "taking back is for what was changed before"


def test_a_phase_that_is_taken_back_is_followed_by_what_had_to_wait(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    resolved_by_hand(bridge, provider, person)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), update(3, MONITORING), revision=2))
    bridge.run(3)
    reclaim(bridge.runtime, provider, "inc_1")
    bridge.run(5)
    assert len(bridge.page(provider).open_incidents) == 1
    said = texts(bridge, provider)
    assert said.index("A person: it is over.") < said.index("Step number 2.") < said.index("Step number 3.")
    assert link(bridge, provider).theirs == {}


def test_a_phase_is_said_again_where_nothing_had_to_wait(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    resolved_by_hand(bridge, provider, person)
    for _ in range(2):
        reclaim(bridge.runtime, provider, "inc_1")
        bridge.run(5)
        assert len(bridge.page(provider).open_incidents) == 1
        bridge.clock.advance(A_WHILE)
    assert texts(bridge, provider).count("The cause of the problem is known.") == 1, "said once"
    resolved_again = incident(update(1), update(2, IDENTIFIED), update(3, RESOLVED), revision=3)
    bridge.commit(resolved_again, api=FINE)
    bridge.run(3)
    assert bridge.page(provider).open_incidents == ()


def test_one_field_can_be_taken_back_alone(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    resolved_by_hand(bridge, provider, person)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), title="Said by automation", revision=2))
    bridge.run(3)
    reclaim(bridge.runtime, provider, "inc_1", [field])
    bridge.run(3)
    assert title(bridge, provider) == "Said by automation"
    assert set(link(bridge, provider).theirs) == {"status"}
    assert bridge.page(provider).open_incidents == ()


def test_all_that_people_changed_on_a_destination_is_taken_back_at_once(
    bridge: Bridge, provider: str, person: Person
) -> None:
    for number in (1, 2):
        bridge.commit(incident(identity=f"inc_{number}"), api=MAJOR)
    bridge.run(2)
    bridge.clock.advance(A_WHILE)
    field = title_field(bridge, provider, person)
    keys = [ObjectKey(Kind.INCIDENT, f"inc_{number}") for number in (1, 2)]
    for key in keys:
        person.edits(incident(title="A person", identity=key.id), remote(bridge, provider, key), field)
        bridge.commit(incident(update(1), update(2), identity=key.id, title="Automation", revision=2))
    bridge.run(3)
    assert {item.title for item in bridge.incidents(provider)} == {"A person"}
    assert reclaim(bridge.runtime, provider) == tuple(keys)
    bridge.run(3)
    assert {item.title for item in bridge.incidents(provider)} == {"Automation"}
    assert reclaim(bridge.runtime, provider) == ()


# --- components ------------------------------------------------------------------------------------------------


def tells_components(person: Person) -> bool:
    """Whether the page tells the status that was written to a component."""
    return bool(person.sees(Kind.COMPONENT, person.remote[str(API)]).echo)


def test_a_component_follows_automation_again_with_its_next_change(
    bridge: Bridge, provider: str, person: Person
) -> None:
    if not tells_components(person):
        pytest.skip("components have no status of their own there")
    opened(bridge, provider)
    person.sets("api", ComponentStatus.DEGRADED)
    bridge.commit(incident(update(1), update(2, RESOLVED), revision=2), api=FINE)
    bridge.run(3)
    assert bridge.status(provider) == "good"


def test_where_it_is_respected_a_status_that_a_person_set_stays(bridge: Bridge, provider: str, person: Person) -> None:
    if not tells_components(person):
        pytest.skip("components have no status of their own there")
    bridge = with_edits(bridge, provider, component_status=Edits.RESPECT)
    opened(bridge, provider)
    person.sets("api", ComponentStatus.DEGRADED)
    tone = bridge.status(provider)
    assert tone != "critical"
    bridge.commit(incident(update(1), update(2, RESOLVED), revision=2), api=FINE)
    bridge.run(3)
    bridge.clock.advance(A_WHILE)
    bridge.commit(incident(identity="inc_2"), api=MAJOR)
    bridge.run(3)
    assert bridge.status(provider) == tone
    assert bridge.store.links.drift(provider) == {API: ("status",)}
    reclaim(bridge.runtime, provider, "component:api")
    bridge.run(3)
    assert bridge.status(provider) == "critical"


# --- maintenances ----------------------------------------------------------------------------------------------


def work(**fields: object) -> Maintenance:
    facts: dict[str, object] = {
        "title": "New disks",
        "status": MaintenanceStatus.SCHEDULED,
        "message": Text("We change disks."),
        "components": ("api",),
        "starts_at": START + timedelta(hours=2),
        "visibility": Visibility.PUBLIC,
        "notify": False,
        "ends_at": START + timedelta(hours=3),
    }
    return Maintenance(id="mnt_1", **{**facts, **fields})  # type: ignore[arg-type]


def plan_work(bridge: Bridge, provider: str, obj: Maintenance) -> None:
    """Put a maintenance into the state as a look at a page would."""
    lease = bridge.store.lanes.take(Lane(POLL, "elsewhere"))
    assert lease is not None
    key, now = ObjectKey(obj.kind, obj.id), bridge.clock.now()
    marks = [Mark(provider, key, obj.revision, LIVE)]
    bridge.store.pages.commit(lease, PageChanges(mirrored=(obj,)), marks, now, etags={}, next_at=now)
    bridge.store.lanes.release(lease)
    bridge.run(3)


def test_a_maintenance_that_a_person_moved_stays_where_it_is(bridge: Bridge, provider: str, person: Person) -> None:
    key = ObjectKey(Kind.MAINTENANCE, "mnt_1")
    plan_work(bridge, provider, work())
    if link(bridge, provider, key).remote_id is None:
        pytest.skip("no maintenance can be written there")
    bridge.clock.advance(A_WHILE)
    echo = person.sees(Kind.MAINTENANCE, remote(bridge, provider, key)).echo
    start = next(name for name in ("started_at", "scheduled", "scheduled_for") if name in echo)
    person.edits(work(starts_at=START + timedelta(hours=1)), remote(bridge, provider, key), start)
    moved = person.sees(Kind.MAINTENANCE, remote(bridge, provider, key)).echo[start]
    plan_work(bridge, provider, work(title="Newer disks", starts_at=START + timedelta(minutes=150), revision=2))
    seen = person.sees(Kind.MAINTENANCE, remote(bridge, provider, key))
    assert (seen.name, seen.echo[start]) == ("Newer disks", moved)
    assert bridge.store.links.drift(provider) == {key: (start,)}
    reclaim(bridge.runtime, provider, "mnt_1")
    bridge.run(3)
    assert person.sees(Kind.MAINTENANCE, remote(bridge, provider, key)).echo[start] not in (moved, echo[start])
    assert bridge.store.links.drift(provider) == {}


# --- safety ----------------------------------------------------------------------------------------------------


def test_what_a_person_hid_is_not_shown_again(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    seen = person.sees(Kind.INCIDENT, remote(bridge, provider))
    if "visible" not in seen.echo:
        pytest.skip("nothing can be hidden there")
    person.edits(incident(visibility=Visibility.AUTHENTICATED), remote(bridge, provider), "visible")
    assert bridge.incidents(provider) == []
    bridge.commit(incident(update(1), update(2), title="Another title", revision=2))
    bridge.run(3)
    assert bridge.incidents(provider) == []
    assert person.sees(Kind.INCIDENT, remote(bridge, provider)).name == "Another title"


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_a_person_changed_outlives_a_call_whose_answer_is_lost(
    bridge: Bridge, provider: str, person: Person, when: str
) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    bridge.commit(incident(update(1), update(2), title="Automation", revision=2))
    bridge.run(3)
    for method in ("PUT", "PATCH"):
        bridge.sandbox.faults.add(Fault("reset", provider, method, when=when, times=1))  # type: ignore[arg-type]
    moved = START + timedelta(minutes=-30)
    steps = [update(1), update(2), update(3, IDENTIFIED)]
    bridge.commit(incident(*steps, started_at=moved, impact=Severity.MINOR, title="Automation", revision=3))
    bridge.run(200, step=20)
    assert title(bridge, provider) == "Said by a person"
    assert set(link(bridge, provider).theirs) == {field}
    assert texts(bridge, provider).count("Step number 3.") == 1
    assert bridge.owed() == 0


def test_links_of_an_older_version_are_looked_at_before_they_are_written(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    retitled(bridge, provider, person)
    old = replace(link(bridge, provider), seen_at=None)
    bridge.store.links.settle_dead(provider, KEY, old)
    bridge.commit(incident(update(1), title="Said by automation", revision=2))
    bridge.run(3)
    assert title(bridge, provider) == "Said by a person"
