"""The Cachet 2 provider against the sandbox over HTTP."""

from __future__ import annotations

from dataclasses import replace

import pytest
from provider_stage import Plenty, bring_up_to_date, incident, provider_of, refs_of, update

from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError, Down, Gone, Outcome, Refused
from bridge.model.actions import Append, Create, Reason, Remove, Update
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Visibility
from bridge.model.facts import Call, FindBy, Link, LinkState, ObjectKey, Refs
from bridge.model.objects import Component, ComponentGroup
from bridge.providers import registry
from bridge.providers.cachet2.settings import Options
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.secret import Secret

REFS = refs_of(api=("1", ComponentStatus.MAJOR_OUTAGE))
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
NASTY = "p95 <200ms and x > 3, see [x](https://x.test/a%20b)\n\n- Alert (firing): `file(1)`\n\n> said\n"


def test_an_incident_with_all_its_steps_reads_back_as_it_was_wanted(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    story = incident(
        update("a", NASTY, IncidentStatus.INVESTIGATING),
        update("b", NASTY, IncidentStatus.IDENTIFIED),
        update("c", "Over.", IncidentStatus.RESOLVED),
        status=IncidentStatus.RESOLVED,
        title="Alert (firing): 50%20 <API>",
    )
    link, done = bring_up_to_date(provider, story, REFS)
    seen = provider.look(Kind.INCIDENT, str(link.remote_id))
    wanted, _ = provider.translate(story, REFS)
    assert done == ["create", "append", "append"]
    assert seen is not None
    assert seen.echo == wanted.echo
    assert seen.marker == "inc_1"
    assert [append.echo for append in seen.appended] == [append.echo for append in wanted.appends]


def test_a_changed_text_is_put_and_then_in_sync_although_the_cleaner_went_over_it(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    link, _ = bring_up_to_date(provider, incident(), REFS)
    changed = incident(update("upd_1", NASTY), title="Other (words)")
    link, done = bring_up_to_date(provider, changed, REFS, link)
    seen = provider.look(Kind.INCIDENT, str(link.remote_id))
    assert done == ["update"]
    assert seen is not None
    assert seen.echo == provider.translate(changed, REFS)[0].echo


def test_linking_sets_the_component_so_its_own_copy_owes_nothing(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    bring_up_to_date(provider, incident(), REFS)
    component = provider.look(Kind.COMPONENT, "1")
    assert component is not None
    assert component.echo == provider.translate(incident(), REFS)[0].side_effects["component:api"]


def test_a_person_who_pinned_an_incident_keeps_it_pinned(sandbox_server: Server, sandbox: Sandbox) -> None:
    provider = provider_of("cachet2", sandbox_server)
    link, _ = bring_up_to_date(provider, incident(), REFS)
    provider.perform(Update(KEY, str(link.remote_id), {"stickied": True, "visible": 1}, {}, Reason.CHANGED))
    bring_up_to_date(provider, incident(title="Other"), REFS, link)
    row = sandbox.journal.entries("cachet2", "incident")[-1].row
    assert row is not None
    assert (row["name"], row["stickied"], row["visible"]) == ("Other", True, 1)


def test_a_renamed_group_keeps_its_place_and_stays_visible(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    group = ComponentGroup("g", "Edge", Visibility.PUBLIC, position=5)
    link, _ = bring_up_to_date(provider, group, Refs())
    link, done = bring_up_to_date(provider, replace(group, name="Border", position=None), Refs(), link)
    seen = provider.look(Kind.COMPONENT_GROUP, str(link.remote_id))
    assert done == ["update"]
    assert seen is not None
    assert (seen.raw["name"], seen.raw["order"], seen.raw["visible"]) == ("Border", 5, 1)


def test_a_component_of_somebody_else_keeps_its_name_and_place(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    seen = next(seen for seen in provider.scan(Kind.COMPONENT) if seen.name == "Website")
    mine = Component("web", "Our web site", ComponentStatus.PARTIAL_OUTAGE)
    bring_up_to_date(provider, mine, Refs(), Link(LinkState.LINKED, seen.remote_id, echo=seen.echo))
    after = provider.look(Kind.COMPONENT, seen.remote_id)
    assert after is not None
    assert after.name == "Website"
    assert after.echo == {"status": 3}
    assert after.raw["group_id"] == seen.raw["group_id"]


def test_a_creation_whose_answer_was_lost_is_found_by_its_marker(sandbox_server: Server, sandbox: Sandbox) -> None:
    provider = provider_of("cachet2", sandbox_server)
    wanted, _ = provider.translate(incident(), REFS)
    create = Create(KEY, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST)
    sandbox.faults.add(Fault("reset", provider="cachet2", method="POST", path="/incidents", when="after"))
    with pytest.raises(Down) as caught:
        provider.perform(create)
    found = list(provider.find(Kind.INCIDENT, wanted.find))
    assert caught.value.outcome is Outcome.UNKNOWN
    assert [seen.marker for seen in found] == ["inc_1"]
    assert found[0].echo == wanted.echo


def test_an_incident_of_somebody_else_with_the_same_title_is_never_found(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    bring_up_to_date(provider, incident(id="inc_2"), REFS)
    assert list(provider.find(Kind.INCIDENT, provider.translate(incident(), REFS)[0].find)) == []


def test_what_is_gone_reads_as_none_and_refuses_an_update_as_gone(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    story = incident(update("a"), update("b"))
    link, _ = bring_up_to_date(provider, story, REFS)
    remote = str(link.remote_id)
    provider.perform(Remove(KEY, remote))
    assert provider.look(Kind.INCIDENT, remote) is None
    with pytest.raises(Gone):
        provider.perform(Append(KEY, remote, provider.translate(story, REFS)[0].appends[0]))


def test_a_refusal_comes_with_cachets_own_words(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    with pytest.raises(Refused) as caught:
        provider.perform(Create(KEY, {"name": "x"}, FindBy(), {}, None, Reason.FIRST))
    assert "status field is required" in str(caught.value.detail)


def test_the_question_which_cachet_it_is_is_asked_once_or_not_at_all(sandbox_server: Server) -> None:
    asked: list[Call] = []
    provider = provider_of("cachet2", sandbox_server, asked)
    provider.look(Kind.COMPONENT, "1")
    provider.look(Kind.COMPONENT, "1")
    told: list[Call] = []
    provider_of("cachet2", sandbox_server, told, dialect="2.4").look(Kind.COMPONENT, "1")
    assert asked[0].path.endswith("/api/v1/schedules")
    assert (len(asked), len(told)) == (3, 1)


def test_a_cachet_that_cannot_be_asked_is_down_and_not_a_2_3(sandbox_server: Server, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", provider="cachet2", status=500, times=None))
    with pytest.raises(Down):
        provider_of("cachet2", sandbox_server).look(Kind.COMPONENT, "1")


def test_a_dialect_that_nobody_speaks_is_a_mistake_in_the_configuration() -> None:
    assert Options().validate({"dialect": "2.5"}) == {"dialect": ["must be auto, 2.3 or 2.4"]}
    assert Options().load({}) == {"dialect": "auto"}


def test_a_destination_without_an_address_is_a_mistake_in_the_configuration() -> None:
    with pytest.raises(ConfigError, match="url is missing"):
        registry.make(DestinationSettings("intranet", "cachet2", Secret("x")), Plenty(), lambda call: None)


def test_every_page_of_a_long_list_is_read_once(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server, dialect="2.4")
    for number in range(205):
        body = {"name": f"c{number}", "status": 1}
        provider.perform(Create(ObjectKey(Kind.COMPONENT, str(number)), body, FindBy(), {}, None, Reason.FIRST))
    names = [seen.name for seen in provider.scan(Kind.COMPONENT)]
    assert len(names) == len(set(names)) == 209
