"""The contract for every kind of object beside incidents, as tests; see :mod:`bridge.testing.provider_suite`.

A kind that a provider does not write is refused with a sentence that says so. Nothing here asks which provider it is.
"""

# ruff: noqa: D102 - the names of tests are sentences

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from bridge.errors import Refused
from bridge.model.actions import Remove
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Visibility,
)
from bridge.model.facts import ObjectKey, Refs
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    IncidentTemplate,
    Maintenance,
    Metric,
    MetricPoint,
    Subscriber,
    Text,
)
from bridge.testing.stage import START, Stage, assert_shows, creation
from bridge.testing.staged import Staged

MANY = 250
"""More objects than any provider gives on one page."""


def _maintenance(identity: str, name: str) -> Maintenance:
    begin = START + timedelta(days=1)
    return Maintenance(
        identity,
        name,
        MaintenanceStatus.SCHEDULED,
        Text("We change disks."),
        (),
        begin,
        Visibility.PUBLIC,
        notify=False,
        ends_at=begin + timedelta(hours=2),
    )


def _metric(identity: str, name: str) -> Metric:
    return Metric(
        identity, name, MetricAggregation.MEAN, Visibility.PUBLIC, suffix="ms", description="How long answers take."
    )


def _template(identity: str, name: str) -> IncidentTemplate:
    return IncidentTemplate(identity, name, Text("We look into it."), title=name, status=IncidentStatus.INVESTIGATING)


MAKERS: Mapping[Kind, Callable[[str, str], CanonicalObject]] = MappingProxyType(
    {
        Kind.COMPONENT: lambda identity, name: Component(identity, name, ComponentStatus.OPERATIONAL),
        Kind.COMPONENT_GROUP: lambda identity, name: ComponentGroup(identity, name, Visibility.PUBLIC),
        Kind.MAINTENANCE: _maintenance,
        Kind.METRIC: _metric,
        Kind.SUBSCRIBER: lambda identity, name: Subscriber(identity, f"{name.lower().replace(' ', '-')}@example.com"),
        Kind.INCIDENT_TEMPLATE: _template,
    }
)
"""One plain object of each kind, by id and name."""
NAMED = tuple(kind for kind in MAKERS if kind is not Kind.SUBSCRIBER)
"""Kinds whose names are theirs to change; the address of a subscriber is who it is."""
LENGTHS = (1, 50, 51, 100, 101, 255, 256, 300)
"""Every width of a name that a provider has, and one more."""


class KindsSuite(Staged):
    """What holds for every kind of object at every provider."""

    @pytest.mark.parametrize("kind", MAKERS)
    def test_an_object_lives_as_it_was_wanted_to(self, stage: Stage, kind: Kind) -> None:
        obj = MAKERS[kind]("obj_1", "First thing")
        link = _made(stage, obj)
        if link is None:
            return
        wanted, _ = stage.provider.translate(obj, Refs())
        seen = stage.seen(kind, link)
        assert_shows(seen, wanted.echo)
        assert [found.remote_id for found in stage.provider.find(kind, wanted.find)] == [link]

    @pytest.mark.parametrize("kind", MAKERS)
    def test_what_was_written_is_read_as_what_it_is(self, stage: Stage, kind: Kind) -> None:
        obj = MAKERS[kind]("obj_1", "First thing")
        link = _made(stage, obj)
        if link is None or kind not in stage.provider.capabilities.readable:
            return
        read, _ = stage.provider.read(kind, stage.seen(kind, link), "page", _identify)
        assert (read.kind, read.id) == (kind, f"{kind}/{link}")
        assert read.origin is not None
        assert (read.origin.source, read.origin.remote_id) == ("page", link)
        assert _name(read) == _name(obj)

    @pytest.mark.parametrize("kind", MAKERS)
    def test_an_object_that_was_read_is_written_back_without_a_call(self, stage: Stage, kind: Kind) -> None:
        link = _made(stage, MAKERS[kind]("obj_1", "First thing"))
        if link is None or kind not in stage.provider.capabilities.readable:
            return
        seen = stage.seen(kind, link)
        read, _ = stage.provider.read(kind, seen, "page", _identify)
        wanted, _ = stage.provider.translate(read, Refs())
        assert {name: seen.echo.get(name) for name in wanted.echo} == dict(wanted.echo)

    @pytest.mark.parametrize("kind", MAKERS)
    def test_an_object_that_is_removed_is_gone_or_its_refusal_explained(self, stage: Stage, kind: Kind) -> None:
        link = _made(stage, MAKERS[kind]("obj_1", "First thing"))
        if link is None:
            return
        try:
            stage.provider.perform(Remove(ObjectKey(kind, "obj_1"), link))
        except Refused as refused:
            assert str(refused)
            return
        assert stage.provider.look(kind, link) is None

    @pytest.mark.parametrize("kind", [Kind.COMPONENT, Kind.MAINTENANCE, Kind.METRIC, Kind.SUBSCRIBER])
    def test_a_scan_goes_through_all_pages_of_every_kind(self, stage: Stage, kind: Kind) -> None:
        if kind not in stage.provider.capabilities.kinds:
            return
        before = {seen.remote_id for seen in stage.provider.scan(kind)}
        made = set()
        for number in range(MANY):
            obj = MAKERS[kind](f"obj_{number}", f"Thing {number}")
            made.add(stage.provider.perform(creation(obj, stage.provider.translate(obj, Refs())[0])).remote_id)
        seen = [item.remote_id for item in stage.provider.scan(kind)]
        assert len(seen) == len(set(seen))
        assert set(seen) - before == made

    def test_a_point_is_taken_and_repeating_it_does_no_harm(self, stage: Stage) -> None:
        metric = _metric("met_1", "Latency")
        link = _made(stage, metric)
        if link is None:
            return
        refs = Refs(remote={str(ObjectKey(Kind.METRIC, "met_1")): link})
        point = MetricPoint("pnt_1", "met_1", 12.5, START + timedelta(minutes=30))
        wanted, _ = stage.provider.translate(point, refs)
        first = stage.provider.perform(creation(point, wanted)).remote_id
        if Kind.METRIC_POINT in stage.provider.capabilities.readable:
            assert_shows(stage.seen(Kind.METRIC_POINT, first), wanted.echo)
            assert [found.remote_id for found in stage.provider.find(Kind.METRIC_POINT, wanted.find)] == [first]
        else:
            assert stage.provider.perform(creation(point, wanted)).remote_id == first

    @pytest.mark.parametrize("kind", NAMED)
    def test_an_object_that_changes_is_changed_there_or_its_refusal_explained(self, stage: Stage, kind: Kind) -> None:
        try:
            link, _ = stage.settle(MAKERS[kind]("obj_1", "First thing"), Refs())
            changed = MAKERS[kind]("obj_1", "Second thing")
            link, done = stage.settle(changed, Refs(), link)
        except Refused as refused:
            assert str(refused)
            return
        assert done in ([], ["update"]), "names of components belong to the owner of the page"
        assert_shows(stage.seen(kind, link.remote_id), stage.provider.translate(changed, Refs())[0].echo)

    @pytest.mark.parametrize("kind", NAMED)
    def test_a_name_of_any_length_is_taken_and_told_where_it_was_cut(self, stage: Stage, kind: Kind) -> None:
        names = ["n" * length for length in LENGTHS]
        shown = []
        for number, name in enumerate(names):
            obj = MAKERS[kind](f"obj_{number}", name)
            link = _made(stage, obj)
            if link is None:
                return
            wanted, losses = stage.provider.translate(obj, Refs())
            seen = stage.seen(kind, link)
            assert_shows(seen, wanted.echo)
            cut = seen.name != name
            assert cut == bool([loss for loss in losses if loss.field in ("name", "title") and loss.became])
            assert len(seen.name) <= len(name)
            shown.append(seen.name)
        if kind is not Kind.MAINTENANCE:
            assert len(set(shown)) == len(shown), "names are identities, also when they were cut"

    @pytest.mark.parametrize("name", ["Störung 🔥", "<b>bold</b> & more", "עברית", "  blanks  around  "])
    @pytest.mark.parametrize("kind", [Kind.COMPONENT, Kind.COMPONENT_GROUP, Kind.METRIC])
    def test_any_name_is_shown_as_it_was_wanted(self, stage: Stage, kind: Kind, name: str) -> None:
        obj = MAKERS[kind]("obj_1", name)
        link = _made(stage, obj)
        if link is not None:
            assert_shows(stage.seen(kind, link), stage.provider.translate(obj, Refs())[0].echo)


def _made(stage: Stage, obj: CanonicalObject) -> str | None:
    """The remote id of an object that was just made; None where the provider explains that it does not take it."""
    try:
        link, done = stage.settle(obj, Refs())
    except Refused as refused:
        assert str(refused), "a refusal says why"
        return None
    assert done[:1] == ["create"]
    assert stage.settle(obj, Refs(), link)[1] == [], "what is right needs no call"
    return link.remote_id


def _identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return f"{kind}/{remote_id}"


def _name(obj: Any) -> str:
    named = replace(obj)
    return str(getattr(named, "name", None) or getattr(named, "title", None) or getattr(named, "address", ""))
