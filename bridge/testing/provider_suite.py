"""The contract of a provider, as tests. Shipped, so that third parties can hold their own providers to it.

Subclass :class:`ProviderSuite` in a test module and say who is to be tested::

    class TestStatuspage(ProviderSuite):
        name = "statuspage"
        path = "/statuspage/v1"
        options = {"page_id": "sandboxpage1"}

The provider is tested over HTTP against its sandbox, which must have the seeded components of
:data:`bridge.testing.stage.SEEDED` and take faults. Nothing in here asks which provider it is: where providers differ,
their :class:`bridge.providers.base.capabilities.Capabilities` and their answers to ``translate`` say so. Only pytest
is needed.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.errors import Busy, Down, Gone, Outcome, Refused
from bridge.model.actions import Append, Reason, Remove, Update
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.facts import Link, ObjectKey, Refs, Wanted
from bridge.model.objects import Component, ComponentGroup, Incident, Maintenance, Text
from bridge.providers.base.mapping import load
from bridge.providers.base.pace import LocalBudget
from bridge.sync.fields import left_alone
from bridge.testing.failures_suite import FailuresSuite, named
from bridge.testing.stage import (
    IDENTIFIED,
    MONITORING,
    OPENING,
    RESOLVED,
    SEEDED,
    START,
    Stage,
    assert_shows,
    creation,
    incident,
    update,
)

TEXTS = {
    "emoji": "🔥 down 👩‍👩‍👧‍👦 🇩🇪",
    "right to left": "תקלה בשירות — خلل في الخدمة",
    "accents, both ways": "Störung caffè cafe\u0301 ﬁ",
    "signs": "a & b < c > d \"e\" 'f' 100% \\ / `g` *h* _i_",
    "white space": "  two  blanks\tand\u00a0more \r\n\r\n line  ",
    "controls": "nul\x00 bell\x07 half \ud83d surrogate",
    "long": "Wörter und 🔥 " * 3000,
}


def _work() -> Maintenance:
    return Maintenance(
        "mnt_1", "New disks", MaintenanceStatus.SCHEDULED, Text("We change disks."), ("api",),
        START + timedelta(hours=1), Visibility.PUBLIC, notify=False, ends_at=START + timedelta(hours=3),
    )  # fmt: skip


def _translated(stage: Stage, obj: Incident | Maintenance) -> Wanted | None:
    """The object in the provider's words; None where it has no place there."""
    if obj.kind not in stage.provider.capabilities.kinds:
        return None
    try:
        return stage.provider.translate(obj, stage.refs())[0]
    except Refused:
        return None


class ProviderSuite(FailuresSuite):
    """What holds for every provider."""

    # --- components ----------------------------------------------------------------------------------------

    def test_a_scan_finds_every_component_once(self, stage: Stage) -> None:
        names = [seen.name for seen in stage.provider.scan(Kind.COMPONENT)]
        assert sorted(names) == sorted(SEEDED.values())

    def test_a_scan_goes_through_all_pages_and_reads_on_only_as_rows_are_taken(self, stage: Stage) -> None:
        for number in range(250):
            obj = incident(id=f"inc_{number}", title=f"Trouble {number}", components={})
            stage.provider.perform(creation(obj, stage.provider.translate(obj, Refs())[0]))
        wanted = sorted(f"Trouble {number}" for number in range(250))
        stage.calls.clear()
        assert sorted(seen.name for seen in stage.provider.scan(Kind.INCIDENT)) == wanted
        needed = len(stage.calls)
        stage.calls.clear()
        assert next(stage.provider.scan(Kind.INCIDENT)).name in wanted
        assert len(stage.calls) <= max(1, needed - 1)
        for fault in ({"kind": "duplicate_rows"}, {"kind": "moving_rows", "rows": "inserted"}):
            stage.fault(**fault, times=None)
            again = [seen.name for seen in stage.provider.scan(Kind.INCIDENT)]
            assert sorted(again) == wanted, "each once, though rows come twice or move meanwhile"
            stage.sandbox.faults.clear()

    @pytest.mark.parametrize("status", ComponentStatus)
    def test_a_component_shows_the_status_that_was_written(self, stage: Stage, status: ComponentStatus) -> None:
        refs = stage.refs()
        component = Component("api", SEEDED["api"], status)
        remote = refs.remote_id(Kind.COMPONENT, "api")
        link = Link(remote_id=remote, echo=stage.seen(Kind.COMPONENT, remote).echo)
        wanted, _ = stage.provider.translate(component, refs)
        link, _ = stage.settle(component, refs, link)
        assert_shows(stage.seen(Kind.COMPONENT, link.remote_id), wanted.echo)

    @pytest.mark.parametrize("status", ComponentStatus)
    def test_a_status_that_reads_back_as_another_one_is_a_loss(self, stage: Stage, status: ComponentStatus) -> None:
        wanted, losses = stage.provider.translate(Component("api", SEEDED["api"], status), stage.refs())
        table = load(stage.provider.capabilities.provider).component_status
        if "status" in wanted.echo and table.of(wanted.echo["status"]) is not status:
            assert [loss for loss in losses if loss.had == status and loss.object == "component:api"]

    def test_a_component_that_was_made_is_found_and_shows_what_was_wanted(self, stage: Stage) -> None:
        component = Component("cache", "Edge 🔥 cache", ComponentStatus.OPERATIONAL, description="What is near.")
        link, done = stage.settle(component, Refs())
        wanted, _ = stage.provider.translate(component, Refs())
        assert done == ["create"]
        assert_shows(stage.seen(Kind.COMPONENT, link.remote_id), wanted.echo)
        assert [seen.remote_id for seen in stage.provider.find(Kind.COMPONENT, wanted.find)] == [link.remote_id]

    def test_a_group_is_made_or_its_refusal_explained(self, stage: Stage) -> None:
        group = ComponentGroup("edge", "Edge", Visibility.PUBLIC)
        try:
            link, _ = stage.settle(group, Refs())
        except Refused as error:
            assert error.outcome is Outcome.NOT_DONE
            assert "group" in str(error)
            return
        wanted, _ = stage.provider.translate(group, Refs())
        assert_shows(stage.seen(Kind.COMPONENT_GROUP, link.remote_id), wanted.echo)

    def test_a_renamed_group_keeps_its_members(self, stage: Stage) -> None:
        group = next(seen for seen in stage.provider.scan(Kind.COMPONENT_GROUP) if seen.name == "Core")
        wanted, _ = stage.provider.translate(ComponentGroup("core", "Heart", Visibility.PUBLIC), Refs())
        key = ObjectKey(Kind.COMPONENT_GROUP, "core")
        stage.provider.perform(Update(key, group.remote_id, wanted.update, wanted.echo, Reason.CHANGED))
        assert_shows(stage.seen(Kind.COMPONENT_GROUP, group.remote_id), wanted.echo)
        heart = next(shown for shown in stage.sandbox.plugins[self.name].page().groups if shown.name == "Heart")
        assert {component.name for component in heart.components} == {SEEDED["api"], SEEDED["web"]}

    # --- the life of an incident ---------------------------------------------------------------------------

    def test_an_incident_shows_each_step_of_its_life(self, stage: Stage) -> None:
        refs, link, told = stage.refs(api=ComponentStatus.PARTIAL_OUTAGE), Link(), []
        for step in (OPENING, IDENTIFIED, MONITORING, RESOLVED):
            told.append(step)
            obj = incident(*told)
            link, done = stage.settle(obj, refs, link)
            wanted, _ = stage.provider.translate(obj, refs)
            seen = stage.seen(Kind.INCIDENT, link.remote_id)
            assert_shows(seen, wanted.echo)
            assert done == (["create"] if step is OPENING else ["append"])
            newest = seen.appended[len(seen.appended) - len(wanted.appends) :]
            assert [item.echo for item in newest] == [append.echo for append in wanted.appends]
        assert stage.sandbox.plugins[self.name].page().open_incidents == ()

    def test_a_late_incident_is_made_with_all_its_history_in_order(self, stage: Stage) -> None:
        refs = stage.refs()
        obj = incident(OPENING, IDENTIFIED, MONITORING, RESOLVED)
        link, done = stage.settle(obj, refs)
        wanted, _ = stage.provider.translate(obj, refs)
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        assert_shows(seen, wanted.echo)
        assert done == ["create", "append", "append", "append"]
        assert [item.echo for item in seen.appended][-3:] == [append.echo for append in wanted.appends]
        assert [link.appended[append.id] for append in wanted.appends] == [
            item.remote_id for item in seen.appended[-3:]
        ]

    def test_an_incident_can_come_back(self, stage: Stage) -> None:
        refs = stage.refs()
        link, _ = stage.settle(incident(OPENING, RESOLVED), refs)
        again = incident(OPENING, RESOLVED, update("upd_5", "It is back.", IncidentStatus.INVESTIGATING))
        link, done = stage.settle(again, refs, link)
        assert done[0] == "append"
        assert done.count("append") == 1
        assert_shows(stage.seen(Kind.INCIDENT, link.remote_id), stage.provider.translate(again, refs)[0].echo)

    @pytest.mark.parametrize("status", IncidentStatus)
    def test_an_incident_can_open_in_any_status(self, stage: Stage, status: IncidentStatus) -> None:
        refs = stage.refs()
        obj = incident(replace(OPENING, status=status), status=status)
        link, _ = stage.settle(obj, refs)
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        assert_shows(seen, stage.provider.translate(obj, refs)[0].echo)

    def test_every_action_is_one_writing_call(self, stage: Stage) -> None:
        _, done = stage.settle(incident(OPENING, IDENTIFIED, RESOLVED), stage.refs())
        assert len([call for call in stage.calls if call.method != "GET"]) == len(done)

    def test_a_new_title_is_written_without_a_new_update(self, stage: Stage) -> None:
        refs = stage.refs()
        link, _ = stage.settle(incident(OPENING, IDENTIFIED), refs)
        before = stage.seen(Kind.INCIDENT, link.remote_id)
        changed = incident(OPENING, IDENTIFIED, title="Problems with everything")
        link, done = stage.settle(changed, refs, link)
        after = stage.seen(Kind.INCIDENT, link.remote_id)
        assert done == ["update"]
        assert_shows(after, stage.provider.translate(changed, refs)[0].echo)
        assert [item.remote_id for item in after.appended] == [item.remote_id for item in before.appended]

    def test_what_an_incident_does_to_components_is_what_it_says_it_does(self, stage: Stage) -> None:
        refs = stage.refs(api=ComponentStatus.PARTIAL_OUTAGE, web=ComponentStatus.DEGRADED)
        for obj in (incident(OPENING), incident(OPENING, RESOLVED, id="inc_2")):
            wanted, _ = stage.provider.translate(obj, refs)
            stage.settle(obj, refs)
            effects = {**wanted.side_effects}
            for append in wanted.appends:
                effects |= append.side_effects
            for name, echo in effects.items():
                key = ObjectKey.parse(name)
                assert_shows(stage.seen(key.kind, refs.remote_id(key.kind, key.id)), echo)

    def test_a_component_is_what_it_is_to_be_when_incident_and_component_are_written(self, stage: Stage) -> None:
        refs = stage.refs(api=ComponentStatus.PARTIAL_OUTAGE)
        link, _ = stage.settle(incident(OPENING, components={"api": ComponentStatus.PARTIAL_OUTAGE}), refs)
        self._write_component(stage, refs, ComponentStatus.PARTIAL_OUTAGE)
        assert self._tone(stage, "api") not in ("good", "unknown")
        refs = stage.refs()
        stage.settle(incident(OPENING, RESOLVED, components={"api": ComponentStatus.PARTIAL_OUTAGE}), refs, link)
        self._write_component(stage, refs, ComponentStatus.OPERATIONAL)
        assert self._tone(stage, "api") == "good"

    def test_an_incident_that_is_removed_is_gone_or_its_refusal_explained(self, stage: Stage) -> None:
        link, _ = stage.settle(incident(), stage.refs())
        remove = Remove(ObjectKey(Kind.INCIDENT, incident().id), str(link.remote_id))
        if not stage.provider.capabilities.can_delete_incidents:
            with pytest.raises(Refused):
                stage.provider.perform(remove)
            return
        stage.provider.perform(remove)
        assert stage.provider.look(Kind.INCIDENT, str(link.remote_id)) is None
        with pytest.raises(Gone):
            stage.provider.perform(remove)

    def test_an_update_of_something_that_is_gone_says_so(self, stage: Stage) -> None:
        refs = stage.refs()
        wanted, _ = stage.provider.translate(incident(OPENING, IDENTIFIED), refs)
        key = ObjectKey(Kind.INCIDENT, incident().id)
        absent = str(refs.remote_id(Kind.COMPONENT, "web"))  # an id of the right shape, but of no incident
        with pytest.raises(Gone) as caught:
            stage.provider.perform(Append(key, absent, wanted.appends[0]))
        assert caught.value.outcome is Outcome.NOT_DONE
        assert stage.provider.look(Kind.INCIDENT, absent) is None

    # --- maintenance ---------------------------------------------------------------------------------------

    def test_a_maintenance_shows_what_was_wanted(self, stage: Stage) -> None:
        refs = stage.refs()
        planned = Maintenance(
            id="mnt_1",
            title="New disks",
            status=MaintenanceStatus.SCHEDULED,
            message=Text("We change disks."),
            components=("web",),
            starts_at=START + timedelta(days=1),
            ends_at=START + timedelta(days=1, hours=2),
            visibility=Visibility.PUBLIC,
            notify=False,
        )
        if Kind.MAINTENANCE not in stage.provider.capabilities.kinds:
            with pytest.raises(Refused, match="maintenance"):
                stage.settle(planned, refs)
            return
        link, done = stage.settle(planned, refs)
        wanted, _ = stage.provider.translate(planned, refs)
        assert done == ["create"]
        assert_shows(stage.seen(Kind.MAINTENANCE, link.remote_id), wanted.echo)
        assert [seen.remote_id for seen in stage.provider.find(Kind.MAINTENANCE, wanted.find)] == [link.remote_id]
        later = replace(planned, ends_at=START + timedelta(days=1, hours=3), title="New disks and cables")
        link, done = stage.settle(later, refs, link)
        assert done == ["update"]
        assert_shows(stage.seen(Kind.MAINTENANCE, link.remote_id), stage.provider.translate(later, refs)[0].echo)

    # --- what people changed -------------------------------------------------------------------------------

    def test_every_field_that_is_compared_is_written_by_something(self, stage: Stage) -> None:
        for obj in (incident(OPENING, IDENTIFIED), replace(_work(), status=MaintenanceStatus.IN_PROGRESS)):
            wanted = _translated(stage, obj)
            if wanted is not None:
                told = {name for append in wanted.appends for name in append.settles}
                for name in wanted.echo:
                    assert wanted.carrier(name) in wanted.update or name in told, f"{obj.kind}: what carries {name}?"

    def test_a_field_that_is_left_alone_keeps_what_stands_there(self, stage: Stage) -> None:
        hour = timedelta(hours=1)
        opening = replace(OPENING, message=Text("Said otherwise."))
        changes: dict[str, Any] = {"title": "Another title", "impact": Severity.MINOR, "started_at": START - hour}
        for before, after in (
            (incident(), replace(incident(opening), components={"web": ComponentStatus.DEGRADED}, **changes)),
            (_work(), replace(_work(), title="Another title", message=Text("Else."), starts_at=START + 2 * hour,
                              ends_at=START + 4 * hour)),
        ):  # fmt: skip
            wanted = _translated(stage, after)
            for number, name in enumerate(wanted.echo if wanted else ()):
                identity = f"{before.id}_{number}"
                link, _ = stage.settle(replace(before, id=identity), stage.refs())
                there = dict(stage.seen(before.kind, link.remote_id).echo)
                plan_of = left_alone(stage.provider.translate(replace(after, id=identity), stage.refs())[0], {name: 0})
                key, remote = ObjectKey(before.kind, identity), str(link.remote_id)
                stage.provider.perform(Update(key, remote, plan_of.update, plan_of.echo, Reason.CHANGED))
                shown = dict(stage.seen(before.kind, link.remote_id).echo)
                assert shown[name] == there[name], f"{before.kind}: {name} was written all the same"
                assert shown != there, f"{before.kind}: nothing else was written beside {name}"

    # --- lost answers --------------------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "html", "status": 502}], ids=named)
    def test_a_creation_whose_answer_was_lost_is_found_once(self, stage: Stage, fault: dict[str, Any]) -> None:
        refs = stage.refs()
        stage.settle(incident(id="inc_other", title="Something else"), refs)
        obj = incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.fault(**fault, when="after", method="POST")
        with pytest.raises(Down) as caught:
            stage.provider.perform(creation(obj, wanted))
        found = list(stage.provider.find(Kind.INCIDENT, wanted.find))
        assert caught.value.outcome is Outcome.UNKNOWN
        assert len(found) == 1
        assert_shows(found[0], wanted.creates)
        assert found[0].marker == (obj.id if stage.provider.capabilities.carries_marker else None)

    def test_a_creation_that_never_happened_is_not_found(self, stage: Stage) -> None:
        refs = stage.refs()
        obj = incident()
        wanted, _ = stage.provider.translate(obj, refs)
        stage.fault("reset", when="before", method="POST")
        with pytest.raises(Down) as caught:
            stage.provider.perform(creation(obj, wanted))
        assert caught.value.outcome is Outcome.UNKNOWN
        assert list(stage.provider.find(Kind.INCIDENT, wanted.find)) == []

    def test_another_incident_with_the_same_title_is_not_taken_for_the_lost_one(self, stage: Stage) -> None:
        refs = stage.refs()
        stranger = incident(id="inc_stranger", started_at=START - timedelta(days=3))
        stage.settle(stranger, refs)
        wanted, _ = stage.provider.translate(incident(), refs)
        assert list(stage.provider.find(Kind.INCIDENT, wanted.find)) == []

    def test_an_update_whose_answer_was_lost_is_seen_among_the_updates_once(self, stage: Stage) -> None:
        refs = stage.refs()
        link, _ = stage.settle(incident(), refs)
        obj = incident(OPENING, IDENTIFIED)
        wanted, _ = stage.provider.translate(obj, refs)
        append = wanted.appends[0]
        for method in ("POST", "PUT", "PATCH"):  # whichever it is that appends; a read before it is to pass
            stage.fault("reset", when="after", path="*/incidents/*", method=method)
        with pytest.raises(Down) as caught:
            stage.provider.perform(Append(ObjectKey(Kind.INCIDENT, obj.id), str(link.remote_id), append))
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        fresh = [item for item in seen.appended if item.remote_id not in link.appended.values()]
        assert caught.value.outcome is Outcome.UNKNOWN
        assert [item.echo for item in fresh] == [append.echo]
        assert_shows(seen, wanted.echo)

    # --- text, losses, privacy -----------------------------------------------------------------------------

    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
    def test_any_text_is_shown_as_it_was_wanted(self, stage: Stage, text: str) -> None:
        refs = stage.refs()
        obj = incident(replace(OPENING, message=Text(text)), replace(IDENTIFIED, message=Text(text)), title=text)
        wanted, _ = stage.provider.translate(obj, refs)
        link, _ = stage.settle(obj, refs)
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        assert_shows(seen, wanted.echo)
        assert [item.echo for item in seen.appended][-1:] == [append.echo for append in wanted.appends]
        assert [found.remote_id for found in stage.provider.find(Kind.INCIDENT, wanted.find)] == [link.remote_id]

    def test_an_update_without_words_still_says_something(self, stage: Stage) -> None:
        refs = stage.refs()
        obj = incident(replace(OPENING, message=Text("")), replace(RESOLVED, message=Text(" \n")))
        link, _ = stage.settle(obj, refs)
        seen = stage.seen(Kind.INCIDENT, link.remote_id)
        assert_shows(seen, stage.provider.translate(obj, refs)[0].echo)

    def test_a_title_that_is_cut_is_a_loss(self, stage: Stage) -> None:
        wanted, losses = stage.provider.translate(incident(title="word " * 100), stage.refs())
        assert len(str(wanted.create.get("name", wanted.create.get("title")))) <= 255
        assert [loss for loss in losses if loss.field == "title" and loss.why]

    def test_a_component_without_a_copy_there_is_left_out_and_told(self, stage: Stage) -> None:
        obj = incident(components={"api": ComponentStatus.DEGRADED, "elsewhere": ComponentStatus.MAJOR_OUTAGE})
        refs = stage.refs()
        _, losses = stage.provider.translate(obj, refs)
        link, _ = stage.settle(obj, refs)
        assert link.remote_id
        assert [loss for loss in losses if "elsewhere" in loss.had]

    @pytest.mark.parametrize("visibility", [Visibility.AUTHENTICATED, Visibility.HIDDEN])
    def test_what_is_not_for_the_public_is_never_shown_to_it(self, stage: Stage, visibility: Visibility) -> None:
        obj = incident(visibility=visibility)
        if stage.provider.capabilities.may_show(visibility):
            stage.settle(obj, stage.refs())
        else:
            with pytest.raises(Refused):
                stage.provider.translate(obj, stage.refs())
        page = stage.sandbox.plugins[self.name].page()
        assert (*page.open_incidents, *page.past_incidents) == ()

    @pytest.mark.parametrize("publication", [Publication.HELD, Publication.REJECTED])
    def test_what_is_not_published_is_refused(self, stage: Stage, publication: Publication) -> None:
        with pytest.raises(Refused):
            stage.provider.translate(incident(publication=publication), stage.refs())

    def test_translating_is_pure(self, stage: Stage) -> None:
        refs = stage.refs()
        stage.calls.clear()
        obj = incident(OPENING, IDENTIFIED, RESOLVED)
        assert stage.provider.translate(obj, refs) == stage.provider.translate(obj, refs)
        assert stage.calls == []

    # --- as a citizen --------------------------------------------------------------------------------------

    def test_every_call_takes_from_the_budget_and_is_observed_without_host_query_and_secret(self, stage: Stage) -> None:
        stage.settle(incident(OPENING, IDENTIFIED), stage.refs())
        assert stage.budget.taken == len(stage.calls) == len(stage.sandbox.calls.all())
        assert all(call.path.startswith("/") and "?" not in call.path for call in stage.calls)
        assert all(call.status and call.millis > 0 and call.error is None for call in stage.calls)

    def test_several_threads_may_use_it(self, stage: Stage) -> None:
        refs = stage.refs()
        remotes = [str(refs.remote_id(Kind.COMPONENT, name)) for name in SEEDED] * 2
        with ThreadPoolExecutor(4) as pool:
            seen = list(pool.map(lambda remote: stage.seen(Kind.COMPONENT, remote).remote_id, remotes))
        assert seen == remotes

    def test_eight_callers_together_stay_within_one_budget(self, stage: Stage) -> None:
        remote = str(stage.refs().remote_id(Kind.COMPONENT, "api"))
        provider, before = stage.make(budget=LocalBudget(10, 600.0)), len(stage.sandbox.calls.all())

        def ask(_: int) -> bool:
            try:
                return provider.look(Kind.COMPONENT, remote) is not None
            except Busy as busy:
                assert busy.outcome is Outcome.NOT_DONE
                assert busy.retry_after > 0
                return False

        with ThreadPoolExecutor(8) as pool:
            answered = list(pool.map(ask, range(40)))
        provider.close()
        assert len(stage.sandbox.calls.all()) - before == 10
        assert any(answered)
        assert not all(answered)

    def test_a_provider_that_was_closed_can_be_used_again(self, stage: Stage) -> None:
        stage.provider.close()
        assert len(list(stage.provider.scan(Kind.COMPONENT))) == len(SEEDED)

    # --- parts of the tests --------------------------------------------------------------------------------

    def _write_component(self, stage: Stage, refs: Refs, status: ComponentStatus) -> None:
        remote = refs.remote_id(Kind.COMPONENT, "api")
        link = Link(remote_id=remote, echo=stage.seen(Kind.COMPONENT, remote).echo)
        stage.settle(Component("api", SEEDED["api"], status), refs, link)

    def _tone(self, stage: Stage, name: str) -> str:
        groups = stage.sandbox.plugins[self.name].page().groups
        return next(shown.tone for group in groups for shown in group.components if shown.name == SEEDED[name])
