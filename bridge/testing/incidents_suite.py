"""The life of an incident, as tests; a part of :mod:`bridge.testing.provider_suite`.

Nothing in here asks which provider it is.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.errors import Gone, Outcome, Refused
from bridge.model.actions import Append, Remove
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind
from bridge.model.facts import Link, ObjectKey, Refs
from bridge.model.objects import Component
from bridge.testing.stage import (
    IDENTIFIED,
    MONITORING,
    OPENING,
    RESOLVED,
    SEEDED,
    Stage,
    assert_shows,
    incident,
    update,
)
from bridge.testing.staged import Staged


class IncidentsSuite(Staged):
    """What holds for incidents at every provider."""

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

    # --- parts of the tests --------------------------------------------------------------------------------

    def _write_component(self, stage: Stage, refs: Refs, status: ComponentStatus) -> None:
        remote = refs.remote_id(Kind.COMPONENT, "api")
        link = Link(remote_id=remote, echo=stage.seen(Kind.COMPONENT, remote).echo)
        stage.settle(Component("api", SEEDED["api"], status), refs, link)

    def _tone(self, stage: Stage, name: str) -> str:
        groups = stage.sandbox.plugins[self.name].page().groups
        return next(shown.tone for group in groups for shown in group.components if shown.name == SEEDED[name])
