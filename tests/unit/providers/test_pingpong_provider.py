"""The PingPong provider against the sandbox over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from provider_stage import START, bring_up_to_date, incident, provider_of, refs_of, update

from bridge.errors import Down, NotAllowed, Outcome, Refused
from bridge.model.actions import Create, Reason, Remove
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Visibility
from bridge.model.facts import Call, FindBy, Link, LinkState, ObjectKey, Refs
from bridge.model.objects import Component, ComponentGroup, Maintenance, Text
from bridge.providers.base.provider import Provider
from bridge.providers.pingpong.settings import Options
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server

KEY = ObjectKey(Kind.INCIDENT, "inc_1")
NASTY = "p95 <200ms and x > 3, see [x](https://x.test/a%20b)\n\n- *a* & b\n\n> said\n\n`if (a < b)`"


def refs(provider: Provider) -> Refs:
    ids = {seen.name: seen.remote_id for seen in provider.scan(Kind.COMPONENT)}
    return refs_of(
        api=(ids["Public API"], ComponentStatus.MAJOR_OUTAGE), web=(ids["Website"], ComponentStatus.OPERATIONAL)
    )


def test_an_incident_with_all_its_steps_reads_back_as_it_was_wanted(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    story = incident(
        update("a", NASTY, IncidentStatus.INVESTIGATING),
        update("b", NASTY, IncidentStatus.IDENTIFIED),
        update("c", "Over.", IncidentStatus.RESOLVED),
        status=IncidentStatus.RESOLVED,
    )
    link, done = bring_up_to_date(provider, story, refs(provider))
    wanted, _ = provider.translate(story, refs(provider))
    seen = provider.look(Kind.INCIDENT, str(link.remote_id))
    assert done == ["create", "append", "append"]
    assert seen is not None
    assert seen.echo == wanted.echo
    assert [append.echo for append in seen.appended] == [append.echo for append in wanted.appends]


def test_a_component_that_joins_or_gets_worse_is_one_change_of_the_incident(
    sandbox_server: Server, sandbox: Sandbox
) -> None:
    provider = provider_of("pingpong", sandbox_server)
    link, _ = bring_up_to_date(provider, incident(), refs(provider))
    worse = incident(components={"api": ComponentStatus.UNAVAILABLE, "web": ComponentStatus.DEGRADED})
    link, done = bring_up_to_date(provider, worse, refs(provider), link)
    seen = provider.look(Kind.INCIDENT, str(link.remote_id))
    assert done == ["update"]
    assert seen is not None
    assert seen.echo == provider.translate(worse, refs(provider))[0].echo
    row = sandbox.journal.entries("pingpong", "incident")[-1].row
    assert row is not None
    assert row["notify_subscribers"] is False


def test_components_lift_by_themselves_when_the_incident_is_over(sandbox_server: Server, sandbox: Sandbox) -> None:
    provider = provider_of("pingpong", sandbox_server)
    link, _ = bring_up_to_date(provider, incident(), refs(provider))
    during = {seen.name: seen.raw["status"] for seen in provider.scan(Kind.COMPONENT)}
    over = incident(update("upd_1"), update("b", "Over.", IncidentStatus.RESOLVED), status=IncidentStatus.RESOLVED)
    bring_up_to_date(provider, over, refs(provider), link)
    after = {seen.name: seen.raw["status"] for seen in provider.scan(Kind.COMPONENT)}
    assert (during["Public API"], after["Public API"]) == ("Critical state", "Operational")
    assert sandbox.journal.entries("pingpong", "component") == []


def test_a_component_in_trouble_owes_no_call(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    seen = next(seen for seen in provider.scan(Kind.COMPONENT) if seen.name == "Website")
    component = Component("web", "Our web site", ComponentStatus.MAJOR_OUTAGE)
    _, done = bring_up_to_date(provider, component, Refs(), Link(LinkState.LINKED, seen.remote_id, echo=seen.echo))
    assert done == []


@pytest.mark.parametrize("allowed", ["PUT", "PATCH"])
def test_whichever_method_an_update_takes_is_found_and_kept(
    sandbox_server: Server, sandbox: Sandbox, allowed: str
) -> None:
    sandbox.plugins["pingpong"].settings.update_methods = [allowed]
    calls: list[Call] = []
    provider = provider_of("pingpong", sandbox_server, calls)
    link, _ = bring_up_to_date(provider, incident(), refs(provider))
    link, _ = bring_up_to_date(provider, incident(title="Second"), refs(provider), link)
    bring_up_to_date(provider, incident(title="Third"), refs(provider), link)
    changes = [(call.method, call.status) for call in calls if call.method in ("PUT", "PATCH")]
    refused = [("PATCH", 405)] if allowed == "PUT" else []
    assert changes == [*refused, (allowed, 200), (allowed, 200)]


def test_a_method_that_is_set_is_the_only_one_that_is_tried(sandbox_server: Server, sandbox: Sandbox) -> None:
    sandbox.plugins["pingpong"].settings.update_methods = ["PUT"]
    provider = provider_of("pingpong", sandbox_server, update_method="patch")
    link, _ = bring_up_to_date(provider, incident(), refs(provider))
    with pytest.raises(Refused) as caught:
        bring_up_to_date(provider, incident(title="Second"), refs(provider), link)
    assert caught.value.status == 405


def test_a_put_that_resets_what_is_missing_resets_nothing(sandbox_server: Server, sandbox: Sandbox) -> None:
    settings = sandbox.plugins["pingpong"].settings
    settings.update_methods, settings.put_keeps = ["PUT"], False
    provider = provider_of("pingpong", sandbox_server)
    group = ComponentGroup("g", "Edge", Visibility.PUBLIC, description="At the edge")
    link, _ = bring_up_to_date(provider, group, Refs())
    bring_up_to_date(provider, replace(group, name="Border", description=None), Refs(), link)
    seen = provider.look(Kind.COMPONENT_GROUP, str(link.remote_id))
    assert seen is not None
    assert (seen.raw["name"], seen.raw["description"]) == ("Border", "At the edge")


def test_a_creation_whose_answer_was_lost_is_found_by_title_start_and_text(
    sandbox_server: Server, sandbox: Sandbox
) -> None:
    provider = provider_of("pingpong", sandbox_server)
    known = refs(provider)
    others = (
        incident(id="other_title", title="Something else"),
        incident(id="other_start", started_at=START + timedelta(minutes=1)),
        incident(update("x", "Other words."), id="other_words"),
    )
    for other in others:
        bring_up_to_date(provider, other, known)
    wanted, _ = provider.translate(incident(), known)
    sandbox.faults.add(Fault("reset", provider="pingpong", method="POST", path="/incidents", when="after"))
    with pytest.raises(Down) as caught:
        provider.perform(Create(KEY, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST))
    assert caught.value.outcome is Outcome.UNKNOWN
    assert [seen.echo for seen in provider.find(Kind.INCIDENT, wanted.find)] == [wanted.echo]


def test_a_list_in_an_envelope_is_read_as_well(sandbox_server: Server, sandbox: Sandbox) -> None:
    sandbox.plugins["pingpong"].settings.wrap_lists = True
    assert len(list(provider_of("pingpong", sandbox_server).scan(Kind.COMPONENT))) == 4


def test_a_maintenance_reads_back_as_it_was_wanted(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    work = Maintenance(
        "mnt_1",
        "Upgrade " * 12,
        MaintenanceStatus.SCHEDULED,
        Text(NASTY),
        ("api", "web"),
        START,
        Visibility.PUBLIC,
        True,
    )
    link, done = bring_up_to_date(provider, work, refs(provider))
    longer = replace(work, ends_at=START + timedelta(hours=3), updates=(update("a", "It takes longer."),))
    link, changed = bring_up_to_date(provider, longer, refs(provider), link)
    seen = provider.look(Kind.MAINTENANCE, str(link.remote_id))
    assert (done, changed) == (["create"], ["update"])
    assert seen is not None
    assert seen.echo == provider.translate(longer, refs(provider))[0].echo


def test_nothing_is_ever_deleted(sandbox_server: Server) -> None:
    calls: list[Call] = []
    provider = provider_of("pingpong", sandbox_server, calls)
    with pytest.raises(Refused, match="dashboard"):
        provider.perform(Remove(KEY, "abc"))
    assert calls == []


def test_another_spelling_of_a_path_is_a_line_in_the_configuration(sandbox_server: Server) -> None:
    calls: list[Call] = []
    provider = provider_of(
        "pingpong", sandbox_server, calls, routes={"incidents": "/problems", "incident_updates": "news"}
    )
    with pytest.raises(Down, match="no such API"):
        provider.look(Kind.INCIDENT, "abc")
    assert calls[0].path == "/pingpong/rest/v1/problems/abc"
    assert Options().validate({"routes": {"incident": "/x"}}) == {"routes": {"incident": ["Unknown field."]}}
    assert "routes" in Options().validate({"routes": {"incidents": "https://x.test/"}})
    assert Options().load({"routes": {"incidents": "/problems"}})["routes"]["maintenance"] == "/maintenance"


def test_a_page_that_says_not_found_does_not_mean_that_an_incident_is_gone(
    sandbox_server: Server, sandbox: Sandbox
) -> None:
    provider = provider_of("pingpong", sandbox_server)
    assert provider.look(Kind.INCIDENT, "nobodyknowsthisincide") is None
    sandbox.faults.add(Fault("html", provider="pingpong", status=404, times=None))
    with pytest.raises(Down):
        provider.look(Kind.INCIDENT, "nobodyknowsthisincide")


def test_a_wrong_key_and_a_wrong_field_are_told_in_pingpongs_words(sandbox_server: Server, sandbox: Sandbox) -> None:
    provider = provider_of("pingpong", sandbox_server)
    with pytest.raises(Refused) as refused:
        provider.perform(Create(KEY, {"title": "x" * 101, "message": "m"}, FindBy(), {}, None, Reason.FIRST))
    assert "no more than 100 characters" in str(refused.value.detail)
    sandbox.faults.add(Fault("status", provider="pingpong", status=401))
    with pytest.raises(NotAllowed):
        provider.look(Kind.INCIDENT, "abc")
