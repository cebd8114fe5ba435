"""What is there against what should be: seen, shown, mended where the policy says so, and never published twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.config.settings import Deleted, Edits, EditSettings
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind
from bridge.model.facts import Link, ObjectKey
from bridge.model.state import Changes, Why
from bridge.providers.base import mapping
from bridge.providers.base.http import Http
from bridge.sandbox.faults import Fault
from bridge.store.links import Links
from bridge.store.outbox import BULK
from bridge.store.state import Mark
from bridge.sync.decisions.reclaim import reclaim
from bridge.sync.drift.audit import audit, mend
from bridge.sync.drift.differences import Cause, Difference
from bridge.sync.drift.survey import survey
from tests.engine.harness import START, Bridge, Person, incident, update, with_destination
from tests.engine.test_killed_at_every_step import run_killed

MAJOR, FINE, DEGRADED = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL, ComponentStatus.DEGRADED
IDENTIFIED, RESOLVED = IncidentStatus.IDENTIFIED, IncidentStatus.RESOLVED
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
API = ObjectKey(Kind.COMPONENT, "api")
HOUR = 3600


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


def opened(bridge: Bridge, provider: str, *ids: str) -> None:
    """Incidents that were opened a while ago."""
    for identity in ids or ("inc_1",):
        bridge.commit(incident(identity=identity), api=MAJOR)
    bridge.run(2)
    bridge.clock.advance(120)


def retitled(bridge: Bridge, provider: str, person: Person) -> str:
    """A person gives the incident another title; returns the field."""
    field = ({"title", "name"} & set(person.sees(Kind.INCIDENT, remote(bridge, provider)).echo)).pop()
    person.edits(incident(title="Said by a person"), remote(bridge, provider), field)
    return field


def found(bridge: Bridge, provider: str) -> list[Difference]:
    return list(survey(bridge.runtime, provider).differences)


def causes(bridge: Bridge, provider: str) -> list[tuple[str, str, Cause]]:
    return [(str(each.key), each.field, each.cause) for each in found(bridge, provider)]


def repair(bridge: Bridge, provider: str) -> tuple[ObjectKey, ...]:
    keys = mend(bridge.runtime, provider, found(bridge, provider))
    bridge.run(5)
    return keys


def can_delete(provider: str) -> bool:
    return mapping.load(provider).capabilities.can_delete_incidents


def tells_components(person: Person) -> bool:
    return bool(person.sees(Kind.COMPONENT, person.remote[str(API)]).echo)


def calls(bridge: Bridge, provider: str) -> int:
    return len(bridge.sandbox.calls.all(provider, None))


# --- looking ---------------------------------------------------------------------------------------------------


def test_what_is_in_sync_has_no_difference_and_costs_a_few_calls(bridge: Bridge, provider: str) -> None:
    opened(bridge, provider, "inc_1", "inc_2")
    before, written = calls(bridge, provider), bridge.writes(provider)
    seen = survey(bridge.runtime, provider)
    assert (seen.differences, seen.compared) == ((), 4)
    # A Cachet is asked which it is first; a Cachet 3 lists components without whose they are, so one is looked at.
    assert calls(bridge, provider) - before <= 5
    assert bridge.writes(provider) == written


def test_every_field_that_a_person_changed_is_told_with_both_values(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    (difference,) = found(bridge, provider)
    assert (difference.key, difference.field, difference.cause) == (KEY, field, Cause.EDITED)
    assert (difference.there, difference.wanted) == ("Said by a person", "Problems with Public API")
    assert not difference.known


def test_an_object_that_is_over_is_compared_while_it_is_among_the_newest(
    bridge: Bridge, provider: str, person: Person
) -> None:
    bridge.commit(incident(update(1), update(2, RESOLVED)), api=FINE)
    bridge.run(3)
    bridge.clock.advance(120)
    field = retitled(bridge, provider, person)
    assert causes(bridge, provider) == [(str(KEY), field, Cause.EDITED)]


def test_what_is_owed_is_behind_and_not_drift(bridge: Bridge, provider: str) -> None:
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    differences = found(bridge, provider)
    assert {each.cause for each in differences} == {Cause.BEHIND}
    assert all(each.known for each in differences)
    assert mend(bridge.runtime, provider, differences) == ()


def test_an_update_that_a_person_rewrote_is_told_and_never_written_again(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    bridge.clock.advance(120)
    old = {**link(bridge, provider).appended, "upd_2": "gone-for-good"}
    bridge.store.links.settle_dead(provider, KEY, replace(link(bridge, provider), appended=old, since=START))
    (difference,) = found(bridge, provider)
    assert (difference.field, difference.there, difference.cause) == ("update upd_2", None, Cause.EDITED)
    written = bridge.writes(provider)
    assert repair(bridge, provider) == ()
    assert bridge.writes(provider) == written


def test_an_incident_that_never_went_out_is_missing_and_made(bridge: Bridge, provider: str) -> None:
    state = bridge.store.state
    state.commit(state.snapshot([]), Changes(incidents=(incident(),)), [], bridge.clock.now())
    assert (str(KEY), "", Cause.MISSING) in causes(bridge, provider)
    assert repair(bridge, provider) == (KEY,)
    assert len(bridge.incidents(provider)) == 1
    bridge.clock.advance(60)
    assert found(bridge, provider) == []


# --- mending ---------------------------------------------------------------------------------------------------


def test_a_component_is_mended_and_a_title_is_left(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    if tells_components(person):
        person.sets("api", DEGRADED)
        assert bridge.status(provider) != "critical"
    repair(bridge, provider)
    assert bridge.status(provider) == "critical"
    assert bridge.incidents(provider)[0].title == "Said by a person"
    bridge.clock.advance(60)
    (left,) = found(bridge, provider)
    assert (left.field, left.cause, left.known) == (field, Cause.EDITED, True)
    assert repair(bridge, provider) == (), "what is known is left in peace"
    assert bridge.store.links.drift(provider) == {KEY: (field,)}


def test_what_an_incident_imposes_is_mended_where_incidents_carry_it(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    if "statuses" not in person.sees(Kind.INCIDENT, remote(bridge, provider)).echo:
        pytest.skip("components have a status of their own there")
    person.edits(incident(components={"api": DEGRADED}), remote(bridge, provider), "statuses")
    assert bridge.status(provider) != "critical"
    repair(bridge, provider)
    assert bridge.status(provider) == "critical"
    bridge.clock.advance(60)
    assert found(bridge, provider) == []


def test_where_everything_is_repaired_nothing_is_left(bridge: Bridge, provider: str, person: Person) -> None:
    every = EditSettings(Edits.REPAIR, Edits.REPAIR, Edits.REPAIR, Edits.REPAIR)
    bridge = with_destination(bridge, provider, edits=every)
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    bridge.clock.advance(120)
    retitled(bridge, provider, person)
    person.posts(incident(update(1), update(9, RESOLVED, "A person: over.")), remote(bridge, provider))
    bridge.clock.advance(2)
    repair(bridge, provider)
    (shown,) = bridge.page(provider).open_incidents
    assert shown.title == "Problems with Public API"
    bridge.clock.advance(60)
    assert found(bridge, provider) == []


def test_a_repair_tells_no_subscriber(bridge: Bridge, provider: str, person: Person) -> None:
    bridge = with_destination(bridge, provider, edits=EditSettings(text=Edits.REPAIR))
    opened(bridge, provider)
    retitled(bridge, provider, person)
    before = len(bridge.sandbox.journal.entries(provider, "notification"))
    repair(bridge, provider)
    assert len(bridge.sandbox.journal.entries(provider, "notification")) == before


# --- deleted by hand -------------------------------------------------------------------------------------------


@pytest.fixture
def deleting(provider: str) -> None:
    if not can_delete(provider):
        pytest.skip("nothing can be deleted there")


@pytest.mark.usefixtures("deleting")
def test_an_open_incident_that_was_deleted_is_made_again_once_and_silently(
    bridge: Bridge, provider: str, person: Person
) -> None:
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    bridge.clock.advance(120)
    person.removes(Kind.INCIDENT, remote(bridge, provider))
    assert causes(bridge, provider) == [(str(KEY), "", Cause.DELETED)]
    told = len(bridge.sandbox.journal.entries(provider, "notification"))
    repair(bridge, provider)
    (shown,) = bridge.incidents(provider)
    said = " ".join(item.body for item in shown.updates)
    assert "Step number 1." in said and "Step number 2." in said
    assert bridge.owed() == 0
    always = mapping.load(provider).capabilities.update_notice
    assert len(bridge.sandbox.journal.entries(provider, "notification")) - told <= (1 if always == "always" else 0)
    assert Why.DELETED_THERE in [decision.why for decision in bridge.store.decisions("inc_1")]


@pytest.mark.usefixtures("deleting")
def test_where_deletions_are_respected_it_stays_deleted_until_it_is_taken_back(
    bridge: Bridge, provider: str, person: Person
) -> None:
    bridge = with_destination(bridge, provider, deleted=Deleted.RESPECT)
    opened(bridge, provider)
    person.removes(Kind.INCIDENT, remote(bridge, provider))
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(5)
    assert bridge.incidents(provider) == []
    assert bridge.store.links.drift(provider) == {KEY: ()}
    before = calls(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), update(3), revision=3))
    bridge.run(30, step=10)
    assert [call.path for call in bridge.sandbox.calls.all(provider, None)[before:] if "incidents" in call.path] == []
    assert causes(bridge, provider) == [(str(KEY), "", Cause.DELETED)]
    assert repair(bridge, provider) == ()
    assert reclaim(bridge.runtime, provider, "inc_1") == (KEY,)
    bridge.run(5)
    assert len(bridge.incidents(provider)) == 1
    assert bridge.store.links.drift(provider) == {}


@pytest.mark.usefixtures("deleting")
def test_a_resolved_incident_that_was_deleted_stays_deleted(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    person.removes(Kind.INCIDENT, remote(bridge, provider))
    bridge.commit(incident(update(1), update(2, RESOLVED), revision=2), api=FINE)
    bridge.run(5)
    assert bridge.incidents(provider) == []
    assert bridge.owed() == 0


@pytest.mark.parametrize("times", [1, 3])
def test_an_object_that_is_listed_is_not_taken_to_be_gone(bridge: Bridge, provider: str, times: int) -> None:
    opened(bridge, provider)
    path = f"*/{remote(bridge, provider)}*"
    bridge.sandbox.faults.add(Fault("status", provider, "*", status=404, path=path, times=times))
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(60, step=5)
    assert len(bridge.incidents(provider)) == 1, "nothing is published twice"


@pytest.mark.usefixtures("deleting")
def test_a_component_that_was_deleted_is_never_made_up(bridge: Bridge, provider: str, person: Person) -> None:
    if not tells_components(person):
        pytest.skip("components have no status of their own there")
    opened(bridge, provider)
    person.removes(Kind.COMPONENT, person.remote[str(API)])
    assert (str(API), "", Cause.DELETED) in causes(bridge, provider)
    repair(bridge, provider)
    assert bridge.store.outbox.dead(provider) == [API]
    assert "Public API" in str(link(bridge, provider, API).error)
    shown = {item.name for group in bridge.page(provider).groups for item in group.components}
    assert "Public API" not in shown
    assert [(each.key, each.cause) for each in found(bridge, provider)] == [(API, Cause.FAILED)]


@pytest.mark.usefixtures("deleting")
def test_where_everything_is_gone_at_once_nothing_is_made_again_before_a_person_says_so(
    bridge: Bridge, provider: str, person: Person
) -> None:
    keys = [ObjectKey(Kind.INCIDENT, f"inc_{number}") for number in range(3)]
    opened(bridge, provider, *(key.id for key in keys))
    bridge.settle()
    for key in keys:
        person.removes(Kind.INCIDENT, remote(bridge, provider, key))
    bridge.run(2 * HOUR, step=1800)
    assert bridge.incidents(provider) == []
    assert {each.cause for each in found(bridge, provider)} == {Cause.DELETED}
    repair(bridge, provider)
    assert len(bridge.incidents(provider)) == 3


# --- the audit -------------------------------------------------------------------------------------------------


def test_the_audit_mends_within_its_interval_and_writes_nothing_when_all_is_well(
    bridge: Bridge, provider: str, person: Person
) -> None:
    if not tells_components(person):
        pytest.skip("components have no status of their own there")
    opened(bridge, provider)
    written = bridge.writes(provider)
    bridge.run(24 * HOUR, step=HOUR)
    assert bridge.writes(provider) == written, "at rest for a day"
    person.sets("api", DEGRADED)
    bridge.run(HOUR + 600, step=600)
    assert bridge.status(provider) == "critical"
    assert bridge.store.audits.audited_at([provider])[provider] > START + timedelta(hours=24)
    assert bridge.store.counters()[f"drift|{provider}|mended"] == 1


def test_the_audit_sees_what_people_changed_and_reports_it_once(bridge: Bridge, provider: str, person: Person) -> None:
    opened(bridge, provider)
    field = retitled(bridge, provider, person)
    bridge.run(HOUR + 300, step=300)
    assert bridge.store.links.drift(provider) == {KEY: (field,)}
    written = bridge.writes(provider)
    bridge.run(6 * HOUR, step=1800)
    assert bridge.writes(provider) == written
    assert bridge.store.counters()[f"drift|{provider}|changed_there"] == 1


def test_a_destination_that_is_never_audited_is_left_in_peace(bridge: Bridge, provider: str) -> None:
    bridge = with_destination(bridge, provider, audit=None)
    opened(bridge, provider)
    before = calls(bridge, provider)
    bridge.run(12 * HOUR, step=HOUR)
    assert calls(bridge, provider) == before


def test_live_work_goes_before_the_audit(bridge: Bridge, provider: str) -> None:
    opened(bridge, provider)
    bridge.settle()
    bridge.clock.advance(HOUR)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    before = calls(bridge, provider)
    audit(bridge.runtime, provider)
    assert calls(bridge, provider) == before
    bridge.clock.advance(HOUR)
    audit(bridge.runtime, provider)
    assert calls(bridge, provider) > before, "after twice its interval it waits no longer"


def test_an_audit_that_fails_is_made_later_and_fails_nothing(bridge: Bridge, provider: str) -> None:
    opened(bridge, provider)
    bridge.settle()
    bridge.sandbox.faults.add(Fault("status", provider, "GET", status=503, times=None))
    bridge.clock.advance(HOUR)
    audit(bridge.runtime, provider)
    assert bridge.store.audits.audited_at([provider]) == {}
    assert bridge.owed() == 0
    bridge.sandbox.faults.clear()
    bridge.run(600, step=60)
    assert provider in bridge.store.audits.audited_at([provider])


# --- killed ----------------------------------------------------------------------------------------------------

STEPS = ((Links, "_write"), (Http, "write"))


@pytest.mark.parametrize("at", range(1, 11))
def test_a_repair_that_is_killed_ends_right_and_publishes_nothing_twice(
    bridge: Bridge, provider: str, person: Person, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    every = EditSettings(Edits.REPAIR, Edits.REPAIR, Edits.REPAIR, Edits.REPAIR)
    bridge = with_destination(bridge, provider, edits=every)
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    bridge.clock.advance(120)
    before = person.sees(Kind.INCIDENT, remote(bridge, provider)).echo["status"]
    retitled(bridge, provider, person)
    person.posts(incident(update(1), update(9, RESOLVED, "A person: over.")), remote(bridge, provider))
    bridge.clock.advance(2)
    mend(bridge.runtime, provider, found(bridge, provider))
    run_killed(bridge, monkeypatch, provider, at, *STEPS)
    bridge.run(200, step=20)  # no audit is due meanwhile: what the killed worker left undone is owed
    assert bridge.store.audits.audited_at([provider]) == {}
    assert person.sees(Kind.INCIDENT, remote(bridge, provider)).echo["status"] == before
    (shown,) = bridge.page(provider).open_incidents
    said = " ".join(item.body for item in shown.updates)
    assert shown.title == "Problems with Public API"
    # Cachet 2.3 keeps the phase beside the text, so it may have been put back without another word.
    assert said.count("The cause of the problem is known.") <= 1
    assert [said.count(f"Step number {number}.") for number in (1, 2)] == [1, 1]
    assert bridge.owed() == 0


@pytest.mark.parametrize("at", range(2, 7))
def test_a_phase_that_a_look_before_another_write_found_is_said_again_however_that_is_killed(
    bridge: Bridge, provider: str, person: Person, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    bridge = with_destination(bridge, provider, edits=EditSettings(status=Edits.REPAIR))
    opened(bridge, provider)
    person.posts(incident(update(1), update(9, RESOLVED, "A person: over.")), remote(bridge, provider))
    bridge.clock.advance(2)
    bridge.commit(incident(title="Another title", revision=2))
    run_killed(bridge, monkeypatch, provider, at, *STEPS)
    bridge.run(200, step=20)
    assert bridge.store.audits.audited_at([provider]) == {}
    (shown,) = bridge.page(provider).open_incidents
    assert shown.title == "Another title"
    assert bridge.owed() == 0


@pytest.mark.parametrize("at", range(1, 11))
@pytest.mark.usefixtures("deleting")
def test_making_again_what_was_deleted_makes_it_once_however_it_is_killed(
    bridge: Bridge, provider: str, person: Person, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    opened(bridge, provider)
    bridge.commit(incident(update(1), update(2, IDENTIFIED), revision=2))
    bridge.run(3)
    bridge.clock.advance(120)
    person.removes(Kind.INCIDENT, remote(bridge, provider))
    mend(bridge.runtime, provider, found(bridge, provider))
    run_killed(bridge, monkeypatch, provider, at, *STEPS)
    bridge.run(100, step=20)
    (shown,) = bridge.incidents(provider)
    said = " ".join(item.body for item in shown.updates)
    assert [said.count(f"Step number {number}.") for number in (1, 2)] == [1, 1]
    assert bridge.status(provider) == "critical"
    assert bridge.owed() == 0


# --- the outbox ------------------------------------------------------------------------------------------------


def test_what_is_owed_twice_is_owed_in_the_more_urgent_class_and_once(bridge: Bridge, provider: str) -> None:
    outbox, now = bridge.store.outbox, bridge.clock.now()
    outbox.mark([Mark(provider, KEY, 1, BULK, "look")], now)
    outbox.mark([Mark(provider, KEY, 2, 0)], now)
    outbox.mark([Mark(provider, KEY, 2, BULK, "reclaim:title")], now)
    (debt,) = outbox.due(provider, now, 10)
    assert (debt.rank, debt.revision, set(debt.wishes.split())) == (0, 2, {"look", "reclaim:title"})
    bridge.commit(incident(), api=MAJOR)
    bridge.run(5)
    assert outbox.next_due(provider) is None
