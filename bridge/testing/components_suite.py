"""Components and their groups, as tests; a part of :mod:`bridge.testing.provider_suite`.

Nothing in here asks which provider it is.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

import pytest

from bridge.errors import Outcome, Refused
from bridge.model.actions import Reason, Update
from bridge.model.enums import ComponentStatus, Kind, Visibility
from bridge.model.facts import Link, ObjectKey, Refs
from bridge.model.objects import Component, ComponentGroup
from bridge.providers.base.mapping import load
from bridge.testing.stage import SEEDED, Stage, assert_shows, creation, incident
from bridge.testing.staged import Staged


class ComponentsSuite(Staged):
    """What holds for components and groups at every provider."""

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
