"""Canonical objects in PingPong's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from provider_stage import START, incident, refs_of, update

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Publication, Visibility
from bridge.model.facts import Refs
from bridge.model.objects import Component, ComponentGroup, Maintenance, Text
from bridge.providers.base.mapping import load
from bridge.providers.pingpong.translator import Translator

TRANSLATOR = Translator(load("pingpong"))
REFS = refs_of(api=("aaa", ComponentStatus.UNAVAILABLE), web=("bbb", ComponentStatus.OPERATIONAL))
BOTH = {"web": ComponentStatus.DEGRADED, "api": ComponentStatus.MAJOR_OUTAGE}


def lost(obj: object, refs: Refs = REFS) -> dict[str, str]:
    return {loss.field: loss.became for loss in TRANSLATOR.translate(obj, refs)[1]}  # type: ignore[arg-type]


def test_a_new_incident_says_everything_that_pingpong_would_otherwise_decide_by_itself() -> None:
    wanted, losses = TRANSLATOR.translate(incident(components=BOTH), REFS)
    assert wanted.create == {
        "title": "Problems with Public API",
        "message": "<div>Words.</div>",
        "occurred_at": "2024-05-06T07:30:33Z",
        "notify_subscribers": True,
        "affected_components": [{"id": "aaa", "status": "Critical state"}, {"id": "bbb", "status": "Minor issues"}],
    }
    assert [loss.field for loss in losses] == ["impact", "incident_status"]


def test_an_incident_that_is_being_looked_into_needs_no_update_to_say_so() -> None:
    for first in (IncidentStatus.INVESTIGATING, IncidentStatus.REPORTED):
        wanted, _ = TRANSLATOR.translate(incident(update("a", status=first), status=first), REFS)
        assert wanted.appends == ()
        assert wanted.echo["status"] == "In progress"
        assert wanted.creates == wanted.echo


def test_each_incident_imposes_its_own_statuses_because_pingpong_shows_the_worst_of_all() -> None:
    wanted, _ = TRANSLATOR.translate(incident(components={"api": ComponentStatus.DEGRADED}), REFS)
    assert wanted.echo["statuses"] == {"aaa": "Minor issues"}


def test_a_later_phase_without_further_words_is_posted_with_the_same_words() -> None:
    over = incident(update("a", "It was short."), status=IncidentStatus.RESOLVED)
    wanted, _ = TRANSLATOR.translate(over, REFS)
    assert wanted.opening == "a"
    assert [(append.id, append.body) for append in wanted.appends] == [
        ("a.resolved", {"status": "Resolved", "message": "<div>It was short.</div>"})
    ]
    assert (wanted.creates["status"], wanted.echo["status"]) == ("In progress", "Resolved")


def test_a_resolved_incident_imposes_nothing_and_still_names_its_components() -> None:
    steps = (update("a"), update("b", "Over.", IncidentStatus.RESOLVED))
    wanted, _ = TRANSLATOR.translate(incident(*steps, status=IncidentStatus.RESOLVED), REFS)
    assert wanted.creates["statuses"] == {"aaa": "Critical state"}
    assert wanted.echo["statuses"] == {}
    assert wanted.echo["components"] == ["aaa"]
    assert wanted.appends[-1].settles == {"status": "Resolved", "statuses": {}}


def test_a_reopened_incident_imposes_its_statuses_again() -> None:
    steps = (
        update("a"),
        update("b", "Over.", IncidentStatus.RESOLVED),
        update("c", "No.", IncidentStatus.INVESTIGATING),
    )
    wanted, _ = TRANSLATOR.translate(incident(*steps), REFS)
    assert wanted.echo["statuses"] == {"aaa": "Critical state"}
    assert "statuses" not in wanted.appends[-1].settles


def test_in_progress_is_never_posted_as_an_update() -> None:
    back = incident(
        update("a"), update("b", "Reported again.", IncidentStatus.REPORTED), status=IncidentStatus.REPORTED
    )
    wanted, _ = TRANSLATOR.translate(back, REFS)
    assert wanted.appends[0].body["status"] == "Investigating"
    assert lost(back)["incident_status"] == "Investigating"


def test_a_phase_that_the_opening_cannot_show_is_a_loss_when_updates_follow() -> None:
    watched = IncidentStatus.MONITORING
    late = incident(update("a", status=IncidentStatus.IDENTIFIED), update("b", status=watched), status=watched)
    wanted, _ = TRANSLATOR.translate(late, REFS)
    assert [append.id for append in wanted.appends] == ["b"]
    assert lost(late)["incident_status"] == "In progress"


def test_a_change_sends_the_whole_incident_and_mails_nobody() -> None:
    wanted, _ = TRANSLATOR.translate(incident(), REFS)
    assert wanted.update == {**wanted.create, "notify_subscribers": False}


def test_a_title_that_is_too_long_is_told_in_full_in_the_message() -> None:
    wide = incident(title="Problems with <everything> " + "and more " * 20)
    wanted, _ = TRANSLATOR.translate(wide, REFS)
    assert len(wanted.create["title"]) <= 100
    assert wanted.create["title"].endswith("…")
    assert wanted.create["message"].startswith("<div><b>Problems with &lt;everything&gt; and more and")
    assert wanted.find.title == wanted.create["title"]
    assert "title" in lost(wide)


def test_a_component_without_a_copy_is_left_out_with_a_loss() -> None:
    only = refs_of(web=("bbb", ComponentStatus.OPERATIONAL))
    wanted, losses = TRANSLATOR.translate(incident(components=BOTH), only)
    assert wanted.echo["components"] == ["bbb"]
    assert ("components", "api") in [(loss.field, loss.had) for loss in losses]


@pytest.mark.parametrize("visibility", [Visibility.AUTHENTICATED, Visibility.HIDDEN])
def test_what_is_not_public_is_refused_because_it_could_neither_be_hidden_nor_deleted(visibility: Visibility) -> None:
    with pytest.raises(Refused, match="pingpong cannot hide"):
        TRANSLATOR.translate(incident(visibility=visibility), REFS)
    with pytest.raises(Refused, match="pingpong cannot hide"):
        TRANSLATOR.translate(maintenance(visibility=visibility), REFS)


def test_an_incident_that_nobody_approved_is_refused() -> None:
    with pytest.raises(Refused, match="inc_1"):
        TRANSLATOR.translate(incident(publication=Publication.HELD), REFS)


def test_an_update_whose_words_were_all_harmful_still_says_something() -> None:
    wanted, _ = TRANSLATOR.translate(incident(update("a"), update("b", "\x00", IncidentStatus.MONITORING)), REFS)
    assert "keep watching" in wanted.appends[0].body["message"]


def test_the_status_of_a_component_is_never_owed() -> None:
    component = Component("api", "Public API", ComponentStatus.MAJOR_OUTAGE, link="https://x.test", position=1)
    wanted, _ = TRANSLATOR.translate(component, REFS)
    assert wanted.create["status"] == "Operational"
    assert (wanted.update, wanted.echo) == ({}, {})
    assert lost(component) == {"link": "", "position": ""}


def test_an_effective_status_is_not_taken_for_one_that_we_wrote() -> None:
    row = {"id": "aaa", "name": "Public API", "status": "Critical state", "created_at": "2024-05-06T07:30:33Z"}
    assert TRANSLATOR.seen(Kind.COMPONENT, row).echo == {}


def test_names_that_are_cut_stay_different() -> None:
    names = [
        TRANSLATOR.translate(ComponentGroup("g", "x" * 60 + tail, Visibility.PUBLIC), Refs())[0].create["name"]
        for tail in "ab"
    ]
    assert names[0] != names[1]
    assert {len(name) for name in names} == {50}


def maintenance(**changes: object) -> Maintenance:
    made = Maintenance(
        id="mnt_1",
        title="Upgrade",
        status=MaintenanceStatus.SCHEDULED,
        message=Text("We **upgrade**."),
        components=("api", "gone"),
        starts_at=START,
        visibility=Visibility.PUBLIC,
        notify=True,
        ends_at=START + timedelta(hours=1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_maintenance_is_its_two_times_and_a_message() -> None:
    wanted, _ = TRANSLATOR.translate(maintenance(updates=(update("a", "Half."),)), REFS)
    assert wanted.create == {
        "title": "Upgrade",
        "message": "<div>We <b>upgrade</b>.</div><div>2024-05-06 07:30 UTC</div><div>Half.</div>",
        "scheduled_for": "2024-05-06T07:30:33Z",
        "ends_at": "2024-05-06T08:30:33Z",
        "affected_components": ["aaa"],
        "notify_subscribers": True,
    }
    assert wanted.update["notify_subscribers"] is False
    assert lost(maintenance()) == {"components": ""}


def test_an_end_that_is_missing_or_before_the_start_is_made_up() -> None:
    open_end = maintenance(ends_at=None)
    assert TRANSLATOR.translate(open_end, REFS)[0].create["ends_at"] == "2024-05-06T08:30:33Z"
    assert lost(open_end)["ends_at"] == "2024-05-06T08:30:33Z"
    backwards = maintenance(ends_at=START - timedelta(days=1))
    assert TRANSLATOR.translate(backwards, REFS)[0].create["ends_at"] == "2024-05-06T07:31:33Z"


def test_a_maintenance_name_is_sent_no_longer_than_it_is_read() -> None:
    wanted, _ = TRANSLATOR.translate(maintenance(title="Upgrade of " + "everything " * 9), REFS)
    assert len(wanted.create["title"]) <= 50
    assert "<b>Upgrade of everything" in wanted.create["message"]
