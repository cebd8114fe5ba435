"""A Cachet 2.3 as a destination: updates inside the message, over HTTP and as texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider_stage import START, bring_up_to_date, incident, provider_of, refs_of, update

from bridge.errors import Down, Gone, Outcome, Refused
from bridge.model.actions import Append, Create, Reason, Remove, Update
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, MetricAggregation, Visibility
from bridge.model.facts import Call, Link, LinkState, ObjectKey, Refs
from bridge.model.objects import Component, ComponentGroup, Maintenance, Metric, Text
from bridge.providers.base.mapping import load
from bridge.providers.base.provider import Provider
from bridge.providers.cachet2 import NotInDialect, elder
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server

REFS = refs_of(api=("1", ComponentStatus.MAJOR_OUTAGE))
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
FIRST = update("a", "We look.", IncidentStatus.INVESTIGATING)
SECOND = update("b", "A disk.\n\n---\n\nSaid the *log*.", IncidentStatus.IDENTIFIED)
THIRD = update("c", "Over.", IncidentStatus.RESOLVED)


@pytest.fixture
def old(sandbox: Sandbox, sandbox_server: Server) -> Iterator[Provider]:
    sandbox.plugins["cachet2"].settings.version = "2.3"
    provider = provider_of("cachet2", sandbox_server)
    yield provider
    provider.close()


def row(sandbox: Sandbox, name: str) -> dict[str, object]:
    found = sandbox.journal.entries("cachet2", name)[-1].row
    assert found is not None
    return dict(found)


def test_the_server_is_asked_once_what_it_is_and_never_when_it_is_told(
    old: Provider, sandbox: Sandbox, sandbox_server: Server
) -> None:
    old.look(Kind.COMPONENT, "1")
    old.look(Kind.COMPONENT, "1")
    asked = [call.path for call in sandbox.calls.all()]
    assert [path.rpartition("/")[2] for path in asked] == ["schedules", "ping", "1", "1"]
    told: list[Call] = []
    provider_of("cachet2", sandbox_server, told, dialect="2.3").look(Kind.COMPONENT, "1")
    assert len(told) == 1


def test_each_update_stands_in_the_message_below_the_one_before(old: Provider, sandbox: Sandbox) -> None:
    story = incident(FIRST, SECOND, THIRD, status=IncidentStatus.RESOLVED)
    link, done = bring_up_to_date(old, story, REFS)
    shown = row(sandbox, "incident")
    message = str(shown["message"])
    assert done == ["create", "append", "append"]
    places = [message.index(text) for text in ("We look.", "**Identified**", "A disk.", "**Resolved**", "Over.")]
    assert places == sorted(places)
    assert shown["status"] == 4
    assert shown["created_at"] == "2024-05-06 07:30:00"
    seen = old.look(Kind.INCIDENT, str(link.remote_id))
    wanted, losses = old.translate(story, REFS)
    assert seen is not None
    assert seen.echo == wanted.echo
    assert [item.echo for item in seen.appended] == [append.echo for append in wanted.appends]
    assert "updates" in {loss.field for loss in losses}


def test_another_opening_and_title_leave_the_updates_as_they_are(old: Provider) -> None:
    link, _ = bring_up_to_date(old, incident(FIRST, SECOND), REFS)
    before = old.look(Kind.INCIDENT, str(link.remote_id))
    changed = incident(replace(FIRST, message=Text("We look *hard*.")), SECOND, title="Other")
    link, done = bring_up_to_date(old, changed, REFS, link)
    after = old.look(Kind.INCIDENT, str(link.remote_id))
    assert done == ["update"]
    assert before is not None
    assert after is not None
    assert after.echo == old.translate(changed, REFS)[0].echo
    assert after.appended == before.appended


def test_a_status_that_a_person_changed_is_put_back_with_the_rest(old: Provider) -> None:
    story = incident(FIRST, THIRD, status=IncidentStatus.RESOLVED)
    link, _ = bring_up_to_date(old, story, REFS)
    remote = str(link.remote_id)
    old.perform(Update(KEY, remote, {"name": "Mine"}, {"status": 2}, Reason.CHANGED))
    drifted = old.look(Kind.INCIDENT, remote)
    assert drifted is not None
    assert drifted.echo["status"] == 2
    bring_up_to_date(old, story, REFS, replace(link, echo=drifted.echo))
    after = old.look(Kind.INCIDENT, remote)
    assert after is not None
    assert after.echo == old.translate(story, REFS)[0].echo


def test_an_update_takes_one_look_and_one_write(old: Provider, sandbox: Sandbox) -> None:
    link, _ = bring_up_to_date(old, incident(FIRST), REFS)
    before = len(sandbox.calls.all())
    bring_up_to_date(old, incident(FIRST, SECOND, status=IncidentStatus.IDENTIFIED), REFS, link)
    assert [call.method for call in list(sandbox.calls.all())[before:]] == ["GET", "PUT"]


def test_a_hidden_incident_stays_hidden_through_its_updates(old: Provider, sandbox: Sandbox) -> None:
    bring_up_to_date(old, incident(FIRST, SECOND, THIRD, visibility=Visibility.AUTHENTICATED), REFS)
    assert {entry.row["visible"] for entry in sandbox.journal.entries("cachet2", "incident") if entry.row} == {0}


def test_an_update_whose_answer_was_lost_is_seen_and_so_not_written_twice(old: Provider, sandbox: Sandbox) -> None:
    link, _ = bring_up_to_date(old, incident(FIRST), REFS)
    append = old.translate(incident(FIRST, SECOND), REFS)[0].appends[0]
    sandbox.faults.add(Fault("reset", provider="cachet2", method="PUT", when="after"))
    with pytest.raises(Down) as caught:
        old.perform(Append(KEY, str(link.remote_id), append))
    seen = old.look(Kind.INCIDENT, str(link.remote_id))
    assert caught.value.outcome is Outcome.UNKNOWN
    assert seen is not None
    assert [item.echo for item in seen.appended] == [append.echo]


def test_a_lost_creation_is_found_by_title_start_and_text_and_a_strangers_is_not(
    old: Provider, sandbox: Sandbox, sandbox_server: Server
) -> None:
    bring_up_to_date(old, incident(replace(FIRST, message=Text("Other words."))), REFS)
    wanted, _ = old.translate(incident(FIRST), REFS)
    sandbox.faults.add(Fault("reset", provider="cachet2", method="POST", when="after"))
    with pytest.raises(Down):
        old.perform(Create(KEY, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST))
    assert [seen.remote_id for seen in old.find(Kind.INCIDENT, wanted.find)] == ["2"]
    after_a_restart = provider_of("cachet2", sandbox_server)
    assert [seen.remote_id for seen in after_a_restart.find(Kind.INCIDENT, wanted.find)] == ["2"]
    after_a_restart.close()


def test_a_component_keeps_being_off_when_its_status_is_written(old: Provider, sandbox: Sandbox) -> None:
    key = ObjectKey(Kind.COMPONENT, "web")
    old.perform(Update(key, "2", {"enabled": False}, {}, Reason.CHANGED))
    seen = old.look(Kind.COMPONENT, "2")
    assert seen is not None
    component = Component("web", "Website", ComponentStatus.PARTIAL_OUTAGE)
    bring_up_to_date(old, component, Refs(), Link(LinkState.LINKED, "2", echo=seen.echo))
    assert (row(sandbox, "component")["status"], row(sandbox, "component")["enabled"]) == (3, False)


def test_a_maintenance_is_refused_whether_or_not_it_is_known_that_it_is_a_2_3(old: Provider, sandbox: Sandbox) -> None:
    planned = Maintenance(
        "mnt_1", "Disks", MaintenanceStatus.SCHEDULED, Text("New."), ("api",), START, Visibility.PUBLIC, False
    )
    wanted, _ = old.translate(planned, REFS)
    key = ObjectKey(Kind.MAINTENANCE, "mnt_1")
    with pytest.raises(NotInDialect, match="upgrade the server"):
        old.perform(Create(key, wanted.create, wanted.find, wanted.creates, None, Reason.FIRST))
    with pytest.raises(Refused, match=r"mnt_1.*only by hand"):
        old.translate(planned, REFS)
    assert list(old.scan(Kind.MAINTENANCE)) == list(old.find(Kind.MAINTENANCE, wanted.find)) == []
    assert sandbox.journal.entries("cachet2") == []


def test_a_group_that_is_not_for_everybody_is_refused_because_2_3_would_show_it(
    old: Provider, sandbox: Sandbox
) -> None:
    group = ComponentGroup("g", "Inside", Visibility.AUTHENTICATED)
    with pytest.raises(NotInDialect, match="shows every component group"):
        bring_up_to_date(old, group, Refs())
    with pytest.raises(NotInDialect, match=r"^g: "):
        old.translate(group, Refs())
    assert sandbox.journal.entries("cachet2") == []


def test_what_is_gone_is_gone_although_2_3_does_not_say_what_is_missing(old: Provider) -> None:
    link, _ = bring_up_to_date(old, incident(FIRST), REFS)
    remote = str(link.remote_id)
    old.perform(Remove(KEY, remote))
    assert old.look(Kind.INCIDENT, remote) is None
    for action in (Remove(KEY, remote), Update(KEY, remote, {"name": "x"}, {}, Reason.CHANGED)):
        with pytest.raises(Gone):
            old.perform(action)


def test_a_change_is_found_although_2_3_dates_it_back(old: Provider) -> None:
    link, _ = bring_up_to_date(old, incident(FIRST), REFS)
    bring_up_to_date(old, incident(FIRST, title="Other"), REFS, link)
    assert [seen.name for seen in old.scan(Kind.INCIDENT, since=datetime(2026, 1, 1, tzinfo=UTC))] == ["Other"]


@given(
    opening=st.text(),
    texts=st.lists(
        st.tuples(
            st.sampled_from([status for status in IncidentStatus if load("cachet2").loss(status, "") is None]),
            st.text(min_size=1),
        ),
        max_size=4,
    ),
)
def test_whatever_the_texts_say_they_are_told_apart_again(
    opening: str, texts: list[tuple[IncidentStatus, str]]
) -> None:
    message, at = opening, datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    for status, text in texts:
        message = elder.continued(message, status, text, at)
    first, told = elder.chapters(message)
    assert (first, [(chapter.status, chapter.message) for chapter in told]) == (opening, texts)
    assert elder.chapters(elder.retold(message, "Else.")) == ("Else.", told)
    numbers = [chapter.number(place) for place, chapter in enumerate(told, 1)]
    assert numbers == sorted(set(numbers))


def test_a_metric_that_is_not_for_everybody_is_refused_and_another_one_made(old: Provider, sandbox: Sandbox) -> None:
    metric = Metric("m", "Latency", MetricAggregation.MEAN, Visibility.AUTHENTICATED)
    with pytest.raises(NotInDialect, match="shows every component group and metric"):
        bring_up_to_date(old, metric, Refs())
    assert sandbox.journal.entries("cachet2") == []
    public = replace(metric, visibility=Visibility.PUBLIC)
    link, done = bring_up_to_date(old, public, Refs())
    seen = old.look(Kind.METRIC, str(link.remote_id))
    assert done == ["create"]
    assert seen is not None
    wanted = old.translate(public, Refs())[0].echo
    assert {name: seen.echo.get(name) for name in wanted} == wanted


def test_kinds_that_2_3_does_not_have_are_empty_lists_and_not_among_what_it_can_hold(old: Provider) -> None:
    assert [list(old.scan(kind)) for kind in (Kind.MAINTENANCE, Kind.INCIDENT_TEMPLATE)] == [[], []]
    assert not old.capabilities.kinds & elder.LACKING
    assert not old.capabilities.carries_marker


def test_a_line_that_a_person_changed_is_part_of_the_update_above_it() -> None:
    message = elder.continued("One.", IncidentStatus.IDENTIFIED, "Two.", START)
    message = elder.continued(message, IncidentStatus.RESOLVED, "Three.", START).replace("Resolved", "Done")
    opening, (only,) = elder.chapters(message)
    assert opening == "One."
    assert only.message.startswith("Two.")
    assert only.message.endswith("Three.")
