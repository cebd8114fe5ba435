"""Postmortems, past times and the clock of maintenances, against the Statuspage sandbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.errors import Down
from bridge.model.actions import Append
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Visibility
from bridge.model.facts import Link, ObjectKey, Refs
from bridge.model.objects import Incident, IncidentUpdate, Maintenance, Origin, Text
from bridge.providers.base.losses import Side, lost
from bridge.providers.base.mapping import load
from bridge.providers.statuspage import Client
from bridge.providers.statuspage.translator import Translator
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.sync.plan import plan
from bridge.testing.stage import IDENTIFIED, OPENING, RESOLVED, TOKEN, Stage, incident

LONG_AGO = datetime(2023, 5, 6, 7, 8, 9, tzinfo=UTC)
WHY = Text("# What happened\n\nA disk was **full**.\n\n- we made room")
FROM_A_PAGE = Origin("old", "7", {}, "cachet2")


class Clock:
    """A clock that a test can put forward; it also goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Iterator[Stage]:
    sandbox = Sandbox(clock=clock, token=TOKEN)
    settings: Any = sandbox.plugins["statuspage"].settings
    settings.rate_limit = None
    with serve(sandbox) as server:
        yield Stage("statuspage", "/statuspage/v1", {"page_id": "sandboxpage1"}, sandbox, server)


def postmortem(text: Text = WHY) -> IncidentUpdate:
    return IncidentUpdate("upd_9", text, LONG_AGO + timedelta(days=3), IncidentStatus.POSTMORTEM)


def with_postmortem(*updates: IncidentUpdate, **changes: Any) -> Incident:
    return incident(*updates, postmortem(), status=IncidentStatus.POSTMORTEM, **changes)


def row_of(stage: Stage, link: Link) -> Any:
    return stage.seen(Kind.INCIDENT, link.remote_id).raw


# --- postmortems -------------------------------------------------------------------------------------------------


def test_a_postmortem_is_published_as_one_and_not_as_an_update(stage: Stage) -> None:
    obj = with_postmortem(OPENING, RESOLVED)
    link, done = stage.settle(obj, stage.refs())
    assert done == ["create", "append", "append", "append"]
    row = row_of(stage, link)
    assert row["postmortem_body"] == WHY.source
    assert [update["status"] for update in row["incident_updates"]] == ["resolved", "investigating"]
    assert stage.settle(obj, stage.refs(), link)[1] == []


def test_a_postmortem_is_read_as_the_last_update(stage: Stage) -> None:
    link, _ = stage.settle(with_postmortem(OPENING, RESOLVED), stage.refs())
    seen = stage.seen(Kind.INCIDENT, link.remote_id)
    read, _ = stage.provider.read(Kind.INCIDENT, seen, "page", lambda kind, remote, at: f"{kind}/{remote}")
    assert isinstance(read, Incident)
    assert (read.status, read.updates[-1].message) == (IncidentStatus.POSTMORTEM, WHY)
    assert [item.remote_id for item in seen.appended][-1:] == [link.appended["upd_9"]]


def test_an_incident_that_goes_straight_to_its_postmortem_is_resolved_before(stage: Stage) -> None:
    link, done = stage.settle(with_postmortem(OPENING), stage.refs())
    assert done == ["create", "append", "append", "append"]
    row = row_of(stage, link)
    assert (row["status"], bool(row["postmortem_published_at"])) == ("resolved", True)


def test_a_postmortem_that_says_nothing_is_not_published(stage: Stage) -> None:
    obj = incident(OPENING, RESOLVED, postmortem(Text(" \n")), status=IncidentStatus.POSTMORTEM)
    link, _ = stage.settle(obj, stage.refs())
    assert row_of(stage, link)["postmortem_published_at"] is None


@pytest.mark.parametrize("notify", [True, False])
def test_subscribers_hear_of_a_postmortem_as_the_incident_says(stage: Stage, notify: bool) -> None:
    link, _ = stage.settle(with_postmortem(OPENING, RESOLVED, notify=notify), stage.refs())
    assert row_of(stage, link)["postmortem_notified_subscribers"] is notify


def test_every_step_of_a_postmortem_is_one_writing_call(stage: Stage) -> None:
    _, done = stage.settle(with_postmortem(OPENING, RESOLVED), stage.refs())
    assert len([call for call in stage.calls if call.method != "GET"]) == len(done)


def test_a_publication_whose_answer_was_lost_is_seen(stage: Stage) -> None:
    refs, obj = stage.refs(), with_postmortem(OPENING, RESOLVED)
    wanted, _ = stage.provider.translate(obj, refs)
    link, _ = stage.settle(incident(OPENING, RESOLVED), refs)
    key, remote = ObjectKey(Kind.INCIDENT, obj.id), str(link.remote_id)
    draft, publish = wanted.appends[-2:]
    stage.provider.perform(Append(key, remote, draft))
    assert all(item.echo != publish.echo for item in stage.seen(Kind.INCIDENT, remote).appended)
    stage.fault("reset", when="after", method="PUT", path="*/publish")
    with pytest.raises(Down):
        stage.provider.perform(Append(key, remote, publish))
    fresh = [item for item in stage.seen(Kind.INCIDENT, remote).appended if item.echo == publish.echo]
    assert len(fresh) == 1


def test_one_that_came_back_after_its_postmortem_is_told_in_updates(stage: Stage) -> None:
    again = replace(IDENTIFIED, id="upd_10", at=LONG_AGO + timedelta(days=9))
    obj = incident(OPENING, RESOLVED, postmortem(), again, status=IncidentStatus.IDENTIFIED)
    _, losses = stage.provider.translate(obj, stage.refs())
    link, _ = stage.settle(obj, stage.refs())
    assert row_of(stage, link)["status"] == "identified"
    assert "status" in {loss.field for loss in losses}


def test_a_postmortem_is_no_loss_between_two_pages_of_statuspage() -> None:
    words = load("statuspage")
    side = Side(words, Translator(words).translate)
    assert [loss for loss in lost(side, side) if "postmortem" in loss.had] == []


def test_the_table_of_losses_tells_that_the_clock_stands_still() -> None:
    words = load("statuspage")
    side = Side(words, Translator(words).translate)
    assert "clockwork" in {loss.field for loss in lost(side, side)}


def test_that_past_updates_move_no_components_is_told(stage: Stage) -> None:
    first, second, third = history()
    moving = replace(second, components={"api": ComponentStatus.MAJOR_OUTAGE})
    obj = incident(first, moving, third, started_at=LONG_AGO, origin=FROM_A_PAGE, notify=False)
    assert "updates.components" in {loss.field for loss in stage.provider.translate(obj, stage.refs())[1]}


# --- past times --------------------------------------------------------------------------------------------------


def history() -> tuple[IncidentUpdate, ...]:
    steps = (OPENING, IDENTIFIED, RESOLVED)
    return tuple(replace(step, at=LONG_AGO + timedelta(hours=number)) for number, step in enumerate(steps))


def test_what_is_taken_over_silently_has_the_times_that_it_had(stage: Stage) -> None:
    obj = incident(*history(), started_at=LONG_AGO, origin=FROM_A_PAGE, notify=False)
    link, done = stage.settle(obj, stage.refs())
    assert done == ["create", "append", "append", "append", "append", "append"]
    seen = stage.seen(Kind.INCIDENT, link.remote_id)
    read, _ = stage.provider.read(Kind.INCIDENT, seen, "page", lambda kind, remote, at: remote)
    assert isinstance(read, Incident)
    assert [update.at for update in read.updates] == [update.at for update in obj.updates]
    assert (read.started_at, read.resolved_at) == (LONG_AGO, obj.updates[-1].at)
    losses = stage.provider.translate(obj, stage.refs())[1]
    assert not {"started_at", "updates.at"} & {loss.field for loss in losses}
    assert stage.settle(obj, stage.refs(), link)[1] == []


def test_putting_a_time_right_mails_nobody(stage: Stage) -> None:
    obj = incident(*history(), started_at=LONG_AGO, origin=FROM_A_PAGE, notify=False)
    link, _ = stage.settle(obj, stage.refs())
    assert {update["deliver_notifications"] for update in row_of(stage, link)["incident_updates"]} == {False}


@pytest.mark.parametrize("changes", [{"notify": True, "origin": FROM_A_PAGE}, {"notify": False}], ids=["told", "ours"])
def test_what_is_told_live_keeps_the_time_of_writing_and_that_is_told(stage: Stage, changes: dict[str, Any]) -> None:
    obj = incident(*history(), started_at=LONG_AGO, **changes)
    _, losses = stage.provider.translate(obj, stage.refs())
    _, done = stage.settle(obj, stage.refs())
    assert done == ["create", "append", "append"]
    assert {"started_at", "updates.at"} <= {loss.field for loss in losses}


def test_what_we_put_under_the_updates_of_a_page_happens_now(stage: Stage) -> None:
    """As the engine does it to say a phase again that somebody changed there."""
    read = tuple(replace(update, origin=FROM_A_PAGE) for update in history())
    again = replace(RESOLVED, id="upd_4.again1")
    obj = incident(*read, again, started_at=LONG_AGO, origin=FROM_A_PAGE, notify=False)
    wanted, _ = stage.provider.translate(obj, stage.refs())
    assert [append.id for append in wanted.appends if append.about] == []


def test_an_incident_whose_start_differs_from_its_first_update_begins_when_it_began(stage: Stage) -> None:
    earlier = LONG_AGO - timedelta(hours=5)
    obj = incident(*history(), started_at=earlier, origin=FROM_A_PAGE, notify=False)
    link, _ = stage.settle(obj, stage.refs())
    assert row_of(stage, link)["started_at"] == "2023-05-06T02:08:09Z"
    assert "updates.at" in {loss.field for loss in stage.provider.translate(obj, stage.refs())[1]}


def test_an_update_whose_id_is_not_known_keeps_its_time_without_a_call(stage: Stage) -> None:
    obj = incident(*history(), started_at=LONG_AGO, origin=FROM_A_PAGE, notify=False)
    wanted, _ = stage.provider.translate(obj, stage.refs())
    key, link = ObjectKey(Kind.INCIDENT, obj.id), stage.settle(incident(), stage.refs())[0]
    stage.calls.clear()
    receipt = stage.provider.perform(Append(key, str(link.remote_id), wanted.appends[0]))
    assert (receipt.remote_id, stage.calls) == (link.remote_id, [])


def test_the_planner_tells_which_update_a_time_belongs_to() -> None:
    words = load("statuspage")
    obj = incident(*history(), started_at=LONG_AGO, origin=FROM_A_PAGE, notify=False)
    wanted, _ = Translator(words).translate(obj, Refs())
    link = Link(remote_id="iii", echo=wanted.creates, appended={"upd_1": "remote-1"})
    action = plan(ObjectKey(Kind.INCIDENT, obj.id), wanted, link)[0]
    assert isinstance(action, Append)
    assert (action.append.id, action.about) == ("upd_1.at", "remote-1")


# --- maintenances that move by the clock -------------------------------------------------------------------------

BEGIN = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
DISKS = {
    "name": "Disks", "status": "scheduled", "body": "We change disks.", "scheduled_for": "2026-03-05T00:00:00Z",
    "scheduled_until": "2026-03-05T02:00:00Z", "scheduled_auto_in_progress": True, "scheduled_auto_completed": True,
    "auto_transition_to_maintenance_state": True, "auto_transition_to_operational_state": True,
    "scheduled_remind_prior": True, "deliver_notifications": False,
}  # fmt: skip


def maintenance_of_a_page(stage: Stage, remote_id: str) -> Maintenance:
    """As a mirror reads it; live, so subscribers are told."""
    seen = stage.seen(Kind.MAINTENANCE, remote_id)
    read, _ = stage.provider.read(Kind.MAINTENANCE, seen, "page", lambda kind, remote, at: f"{kind}/{remote}")
    assert isinstance(read, Maintenance)
    return replace(read, id="mnt_1", notify=True)


def told(stage: Stage, link: Link) -> list[str]:
    return [str(item.echo["status"]) for item in stage.seen(Kind.MAINTENANCE, link.remote_id).appended]


def test_a_mirrored_maintenance_says_each_phase_once(stage: Stage, clock: Clock) -> None:
    url = stage.server.url + "/statuspage/v1"
    with Client(url=url, token=TOKEN, page_id="sandboxpage1", environ={}) as client:
        original = client.incidents.create(DISKS).id
    link, _ = stage.settle(maintenance_of_a_page(stage, original), stage.refs())
    for moment in (BEGIN + timedelta(minutes=1), BEGIN + timedelta(hours=2, minutes=1)):
        clock.time = moment
        obj = maintenance_of_a_page(stage, original)
        link, _ = stage.settle(obj, stage.refs(), link)
    assert told(stage, Link(remote_id=original)) == ["scheduled", "in_progress", "completed"]
    assert told(stage, link) == ["scheduled", "in_progress", "completed"]


def test_a_clock_that_somebody_started_on_the_copy_is_stopped_again(stage: Stage) -> None:
    obj = Maintenance(
        "mnt_1", "Disks", MaintenanceStatus.SCHEDULED, Text("x"), (), BEGIN, Visibility.PUBLIC, notify=False,
        ends_at=BEGIN + timedelta(hours=2),
    )  # fmt: skip
    link, _ = stage.settle(obj, stage.refs())
    world: Any = stage.sandbox.plugins["statuspage"]
    world.world.incidents[link.remote_id].scheduled_auto_in_progress = True
    link = replace(link, echo=stage.seen(Kind.MAINTENANCE, link.remote_id).echo)
    link, done = stage.settle(obj, stage.refs(), link)
    assert done == ["update"]
    assert stage.seen(Kind.MAINTENANCE, link.remote_id).raw["scheduled_auto_in_progress"] is False


def test_one_that_nobody_will_follow_is_moved_by_the_clock(stage: Stage) -> None:
    planned = Maintenance(
        "mnt_1", "Disks", MaintenanceStatus.SCHEDULED, Text("x"), (), BEGIN, Visibility.PUBLIC, notify=False,
        ends_at=BEGIN + timedelta(hours=2), origin=Origin("old", "7", {}, "cachet3"),
    )  # fmt: skip
    wanted, _ = stage.provider.translate(planned, replace(stage.refs(), unattended=True))
    assert wanted.create["scheduled_auto_in_progress"]
    assert wanted.create["scheduled_auto_completed"]
