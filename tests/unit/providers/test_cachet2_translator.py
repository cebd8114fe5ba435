"""Canonical objects in Cachet 2.4's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from provider_stage import START, incident, refs_of, update

from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    MaintenanceStatus,
    Publication,
    TextFormat,
    Visibility,
)
from bridge.model.facts import Refs
from bridge.model.objects import Component, ComponentGroup, Maintenance, Text
from bridge.providers.base.mapping import load
from bridge.providers.base.text import plain_title
from bridge.providers.cachet2.translator import Translator

TRANSLATOR = Translator(load("cachet2"))
REFS = refs_of(api=("1", ComponentStatus.MAJOR_OUTAGE), web=("2", ComponentStatus.DEGRADED))
BOTH = {"web": ComponentStatus.DEGRADED, "api": ComponentStatus.MAJOR_OUTAGE}


def lost(obj: object, refs: Refs = REFS) -> dict[str, str]:
    """Field → what it became; that no severity is shown is lost by every incident, and has a test of its own."""
    losses = TRANSLATOR.translate(obj, refs)[1]  # type: ignore[arg-type]
    return {loss.field: loss.became for loss in losses if loss.field != "impact"}


def test_severity_is_not_shown_and_kept_in_the_free_data() -> None:
    wanted, losses = TRANSLATOR.translate(incident(), REFS)
    assert wanted.create["meta"]["severity"] == "major"
    assert [(loss.field, loss.had, loss.became) for loss in losses] == [("impact", "major", "free data")]


def test_a_new_incident_says_everything_that_cachet_would_otherwise_decide_by_itself() -> None:
    wanted, losses = TRANSLATOR.translate(incident(), REFS)
    assert wanted.create == {
        "name": "Problems with Public API",
        "message": "Words.",
        "visible": 1,
        "occurred_at": "2024-05-06 07:30",
        "status": 1,
        "notify": True,
        "stickied": False,
        "meta": {"severity": "major", "status_bridge_id": "inc_1"},
        "component_id": 1,
        "component_status": 4,
    }
    assert wanted.opening == "upd_1"
    assert wanted.creates == wanted.echo
    assert [loss.field for loss in losses] == ["impact"]


def test_the_start_is_written_to_the_minute_in_utc() -> None:
    start = datetime(2024, 5, 6, 1, 15, 59, tzinfo=timezone(timedelta(hours=2)))
    wanted, _ = TRANSLATOR.translate(incident(started_at=start), REFS)
    assert wanted.create["occurred_at"] == "2024-05-05 23:15"
    assert wanted.find.at == datetime(2024, 5, 5, 23, 15, tzinfo=UTC)


def test_the_worst_component_is_linked_with_the_status_it_is_to_show_now() -> None:
    wanted, losses = TRANSLATOR.translate(incident(components=BOTH), REFS)
    assert (wanted.create["component_id"], wanted.create["component_status"]) == (1, 4)
    assert wanted.side_effects == {"component:api": {"status": 4}}
    assert ("components", "api, web", "api") in [(loss.field, loss.had, loss.became) for loss in losses]


def test_of_equally_bad_components_the_first_by_name_is_linked() -> None:
    both = dict.fromkeys(("web", "api"), ComponentStatus.DEGRADED)
    assert TRANSLATOR.translate(incident(components=both), REFS)[0].create["component_id"] == 1


def test_the_creating_call_touches_a_component_and_no_update_does() -> None:
    both = incident(update("a"), update("b"))
    wanted, _ = TRANSLATOR.translate(both, REFS)
    status = wanted.create["component_status"]
    assert wanted.side_effects == {"component:api": {"status": status}}
    assert [append.side_effects for append in wanted.appends] == [{}]


def test_a_silent_open_incident_links_nothing_because_a_link_would_mail() -> None:
    quiet = incident(notify=False)
    wanted, _ = TRANSLATOR.translate(quiet, REFS)
    assert "component_id" not in wanted.create
    assert wanted.create["notify"] is False
    assert lost(quiet) == {"components": ""}


def test_a_closed_incident_is_linked_with_the_present_status_so_that_nothing_changes() -> None:
    over = incident(status=IncidentStatus.RESOLVED, updates=(update("a"),), notify=False)
    wanted, _ = TRANSLATOR.translate(over, refs_of(api=("1", ComponentStatus.OPERATIONAL)))
    assert (wanted.create["component_id"], wanted.create["component_status"]) == (1, 1)


def test_an_incident_whose_components_are_not_there_goes_out_without_any() -> None:
    wanted, _ = TRANSLATOR.translate(incident(), Refs())
    assert "component_id" not in wanted.create
    assert wanted.side_effects == {}


def test_updates_become_steps_and_the_last_one_is_the_status() -> None:
    steps = (
        update("a", "one", IncidentStatus.INVESTIGATING),
        update("b", "two", IncidentStatus.IDENTIFIED),
        update("c", "three"),
        update("d", "four", IncidentStatus.RESOLVED),
    )
    wanted, _ = TRANSLATOR.translate(incident(*steps, status=IncidentStatus.RESOLVED), REFS)
    assert [(append.id, append.body["status"], append.body["message"]) for append in wanted.appends] == [
        ("b", 2, "two"),
        ("c", 2, "three"),
        ("d", 4, "four"),
    ]
    assert (wanted.create["status"], wanted.creates["status"], wanted.echo["status"]) == (1, 1, 4)
    assert all(append.settles == {"status": append.body["status"]} for append in wanted.appends)


def test_a_full_put_keeps_an_incident_public_and_leaves_its_status_to_the_updates() -> None:
    wanted, _ = TRANSLATOR.translate(incident(update("a"), update("b")), REFS)
    assert wanted.update == {
        "name": "Problems with Public API",
        "message": "Words.",
        "visible": 1,
        "occurred_at": "2024-05-06 07:30",
    }
    alone, _ = TRANSLATOR.translate(incident(), REFS)
    assert alone.update["status"] == 1


def test_a_plan_is_never_written_as_an_incident_status() -> None:
    planned = incident(update("a", status=IncidentStatus.SCHEDULED), status=IncidentStatus.SCHEDULED)
    assert TRANSLATOR.translate(planned, REFS)[0].create["status"] == 1
    assert lost(planned)["incident_status"] == "1"


def test_a_silent_incident_with_updates_is_told_to_mail_nevertheless() -> None:
    assert lost(incident(update("a"), update("b"), notify=False))["notify"] == "true"


@pytest.mark.parametrize(
    ("visibility", "visible", "losses"),
    [
        (Visibility.PUBLIC, 1, {}),
        (Visibility.AUTHENTICATED, 0, {}),
        (Visibility.HIDDEN, 0, {"visibility": "authenticated"}),
    ],
)
def test_visibility_is_always_said(visibility: Visibility, visible: int, losses: dict[str, str]) -> None:
    secret = incident(visibility=visibility)
    wanted, _ = TRANSLATOR.translate(secret, REFS)
    assert wanted.create["visible"] == wanted.update["visible"] == visible
    assert wanted.echo["visible"] is bool(visible)
    assert lost(secret) == losses


def test_an_incident_that_nobody_approved_is_refused() -> None:
    with pytest.raises(Refused, match="inc_1"):
        TRANSLATOR.translate(incident(publication=Publication.HELD), REFS)


def test_text_goes_out_so_that_the_cleaner_leaves_it_alone() -> None:
    wanted, _ = TRANSLATOR.translate(incident(update("a", "p95 <200ms, see `file(1)` and 100%25")), REFS)
    assert wanted.create["message"] == "p95 &lt;200ms, see `file&#40;1)` and 100&#37;25"
    assert wanted.echo["message"] == "p95 <200ms, see `file(1)` and 100%25"


def test_html_of_a_source_becomes_markdown() -> None:
    one = replace(update("a"), message=Text("<p>It is <b>slow</b>.</p>", TextFormat.HTML))
    assert TRANSLATOR.translate(incident(one), REFS)[0].create["message"] == "It is **slow**."


def test_an_update_without_words_gets_a_sentence_for_its_phase() -> None:
    wanted, _ = TRANSLATOR.translate(incident(update("a"), update("b", " ", IncidentStatus.MONITORING)), REFS)
    assert wanted.appends[0].body["message"].endswith(".")


def test_a_title_is_one_line_that_fits_and_its_brackets_are_told() -> None:
    wide = incident(title="Alert (firing) <API>\n" + "x" * 300)
    wanted, _ = TRANSLATOR.translate(wide, REFS)
    assert len(wanted.create["name"]) == 191
    assert "‹API›" in wanted.create["name"]
    assert plain_title(wanted.echo["title"]).startswith("Alert (firing) ‹API› xxx")
    assert lost(wide)["title"].startswith("Alert")


def test_a_component_is_changed_in_its_status_alone_and_without_a_mail() -> None:
    component = Component("api", "Public API", ComponentStatus.PARTIAL_OUTAGE, group="core", position=3)
    wanted, _ = TRANSLATOR.translate(component, Refs({"component_group:core": "7"}))
    assert wanted.update == {"status": 3, "silent": True}
    assert wanted.create == {
        "name": "Public API",
        "status": 3,
        "enabled": True,
        "group_id": 7,
        "order": 3,
        "meta": {"status_bridge_id": "api"},
    }
    assert wanted.echo == wanted.creates == {"status": 3}


def test_maintenance_of_a_component_shows_as_performance_issues_with_a_loss() -> None:
    component = Component("api", "Public API", ComponentStatus.MAINTENANCE)
    assert TRANSLATOR.translate(component, REFS)[0].echo == {"status": 2}
    assert lost(component) == {"component_status": "2"}


def test_a_group_always_says_who_sees_it() -> None:
    wanted, _ = TRANSLATOR.translate(ComponentGroup("g", "Core", Visibility.PUBLIC, description="d"), REFS)
    assert wanted.create == wanted.update == {"name": "Core", "visible": 1}


def maintenance(**changes: object) -> Maintenance:
    made = Maintenance(
        id="mnt_1",
        title="Upgrade",
        status=MaintenanceStatus.SCHEDULED,
        message=Text("We upgrade."),
        components=("api",),
        starts_at=START,
        visibility=Visibility.PUBLIC,
        notify=True,
        ends_at=START + timedelta(hours=1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_planned_work_has_no_end_until_it_is_over() -> None:
    assert "completed_at" not in TRANSLATOR.translate(maintenance(), REFS)[0].create
    assert lost(maintenance()) == {"ends_at": "", "components": ""}
    done, _ = TRANSLATOR.translate(maintenance(status=MaintenanceStatus.COMPLETED), REFS)
    assert (done.update["completed_at"], done.update["status"]) == ("2024-05-06 08:30", 2)


def test_the_updates_of_a_maintenance_are_told_in_its_message() -> None:
    told = maintenance(updates=(update("a", "Half of it is done."),))
    wanted, _ = TRANSLATOR.translate(told, REFS)
    assert wanted.update["message"].split("\n\n")[0] == "We upgrade."
    assert wanted.update["message"].endswith("Half of it is done.")
    assert "07:30 UTC" in wanted.echo["message"]


def test_hidden_maintenance_is_refused_because_schedules_are_public() -> None:
    with pytest.raises(Refused, match="cannot hide maintenance"):
        TRANSLATOR.translate(maintenance(visibility=Visibility.HIDDEN), REFS)
