"""A Cachet 3 from before July 2026, against the sandbox over HTTP: found out, and never taken for what it is not."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.errors import Down, Refused
from bridge.model.enums import ComponentStatus, Kind, Visibility
from bridge.model.objects import Component, Incident, Origin, Subscriber, Text
from bridge.providers.base.moments import iso
from bridge.providers.cachet3 import Client
from bridge.providers.cachet3.features import Features
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.testing.stage import OPENING, START, TOKEN, Stage, Ticking, creation, incident


@pytest.fixture
def stage() -> Iterator[Stage]:
    sandbox = Sandbox(clock=Ticking(), token=TOKEN)
    settings: Any = sandbox.plugins["cachet3"].settings
    settings.meta = False
    with serve(sandbox) as server:
        yield Stage("cachet3", "/cachet3", {}, sandbox, server)


def failed(stage: Stage) -> list[int | None]:
    return [call.status for call in stage.calls if call.error]


def test_such_a_server_is_found_out_once_by_the_first_read(stage: Stage) -> None:
    for _ in range(3):
        assert len(list(stage.provider.scan(Kind.COMPONENT))) == 4
    assert failed(stage) == [400, 400]
    assert len(stage.calls) == 5
    assert not stage.provider.capabilities.carries_marker


def test_a_server_that_has_everything_costs_no_call_more(stage: Stage) -> None:
    settings: Any = stage.sandbox.plugins["cachet3"].settings
    settings.meta = True
    assert len(list(stage.provider.scan(Kind.COMPONENT))) == 4
    assert len(stage.calls) == 1
    assert stage.provider.capabilities.carries_marker


def test_several_threads_find_it_out_together(stage: Stage) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: len(list(stage.provider.scan(Kind.COMPONENT))), range(8)))
    assert found == [4] * 8
    assert failed(stage) == [400, 400]


def test_a_refusal_for_another_reason_does_not_make_a_server_old(stage: Stage) -> None:
    settings: Any = stage.sandbox.plugins["cachet3"].settings
    settings.meta = True
    stage.fault("status", status=400, times=1)
    with pytest.raises(Refused):
        list(stage.provider.scan(Kind.COMPONENT))
    assert stage.provider.capabilities.carries_marker
    assert len(list(stage.provider.scan(Kind.COMPONENT))) == 4


def test_a_server_that_is_down_tells_nothing(stage: Stage) -> None:
    stage.fault("status", status=500, times=3)
    with pytest.raises(Down):
        list(stage.provider.scan(Kind.COMPONENT))
    assert stage.provider.capabilities.carries_marker
    assert len(list(stage.provider.scan(Kind.COMPONENT))) == 4
    assert not stage.provider.capabilities.carries_marker


@pytest.mark.parametrize("kind", [Kind.COMPONENT, Kind.COMPONENT_GROUP, Kind.SUBSCRIBER, Kind.MAINTENANCE])
def test_every_kind_is_read_there(stage: Stage, kind: Kind) -> None:
    for seen in stage.provider.scan(kind):
        assert stage.provider.look(kind, seen.remote_id) is not None
        assert seen.marker is None


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Problems with something else"},
        {"started_at": START + timedelta(seconds=1)},
        {"updates": (replace(OPENING, message=Text("Somebody else's words.")),)},
    ],
    ids=["title", "time", "text"],
)
def test_one_that_differs_in_anything_that_was_sent_is_a_stranger(stage: Stage, changes: dict[str, Any]) -> None:
    stage.settle(incident(id="inc_stranger", **changes), stage.refs())
    wanted, _ = stage.provider.translate(incident(), stage.refs())
    assert list(stage.provider.find(Kind.INCIDENT, wanted.find)) == []


def test_two_that_are_equal_are_both_told_so_that_neither_is_taken(stage: Stage) -> None:
    refs = stage.refs()
    wanted, _ = stage.provider.translate(incident(), refs)
    for _ in range(2):
        stage.provider.perform(creation(incident(), wanted))
    assert len(list(stage.provider.find(Kind.INCIDENT, wanted.find))) == 2


def test_what_would_be_kept_in_free_data_is_told_as_lost(stage: Stage) -> None:
    component = Component("cache", "Cache", ComponentStatus.OPERATIONAL, labels={"team": "core"})
    before = [loss.field for loss in stage.provider.translate(component, stage.refs())[1]]
    assert before == ["labels"]
    refs = stage.refs()
    assert "impact" in [loss.field for loss in stage.provider.translate(incident(), refs)[1]]


def test_it_can_be_told_and_then_nothing_is_asked(stage: Stage) -> None:
    stage.options = {"meta": False}
    provider = stage.make()
    assert len(list(provider.scan(Kind.COMPONENT))) == 4
    assert failed(stage) == []


def embargoed(stage: Stage) -> Incident:
    """An incident that was read from a Cachet 3 and is still to be published there."""
    later = iso(stage.sandbox.clock.now() + timedelta(days=9000))
    raw = {"visible": 1, "published_at": later, "embargoed": True}
    return incident(visibility=Visibility.HIDDEN, origin=Origin("page", "7", raw, "cachet3"))


def test_what_is_to_be_published_later_never_goes_where_it_would_be_shown_at_once(stage: Stage) -> None:
    with pytest.raises(Refused, match="too old to wait"):
        stage.settle(embargoed(stage), stage.refs())
    assert [call for call in stage.calls if call.method == "POST"] == []


def test_a_server_that_waits_for_the_time_of_publication_gets_it(stage: Stage) -> None:
    settings: Any = stage.sandbox.plugins["cachet3"].settings
    settings.meta = True
    stage.settle(embargoed(stage), stage.refs())
    assert stage.sandbox.plugins["cachet3"].page().open_incidents == ()


# --- servers from before there were subscribers ------------------------------------------------------------------


@pytest.fixture
def older(stage: Stage) -> Stage:
    settings: Any = stage.sandbox.plugins["cachet3"].settings
    settings.subscribers = False
    return stage


def test_subscribers_are_refused_by_a_server_that_has_none_and_it_is_not_taken_for_broken(older: Stage) -> None:
    somebody = Subscriber("sub_1", "a@example.com")
    with pytest.raises(Refused, match="too old to take subscribers"):
        older.settle(somebody, older.refs())
    with pytest.raises(Refused, match="too old to take subscribers"):
        list(older.provider.scan(Kind.SUBSCRIBER))
    assert len(list(older.provider.scan(Kind.COMPONENT))) == 4


def test_an_api_that_is_switched_off_is_not_taken_for_an_old_server(older: Stage) -> None:
    settings: Any = older.sandbox.plugins["cachet3"].settings
    settings.api_enabled = False
    with pytest.raises(Down):
        list(older.provider.scan(Kind.SUBSCRIBER))


@pytest.mark.parametrize(
    ("switches", "features"),
    [
        ({"meta": True}, Features(meta=True, waiting=True, subscribers=True)),
        ({}, Features(meta=False, waiting=False, subscribers=True)),
        ({"subscribers": False}, Features(meta=False, waiting=False, subscribers=False)),
    ],
    ids=["new", "old", "older"],
)
def test_a_client_tells_what_a_server_has(stage: Stage, switches: dict[str, bool], features: Features) -> None:
    for name, value in switches.items():
        setattr(stage.sandbox.plugins["cachet3"].settings, name, value)  # type: ignore[attr-defined]
    with Client(url=stage.server.url + "/cachet3", token=TOKEN, environ={}) as client:
        assert client.features == features
