"""What only Statuspage does, against its sandbox over HTTP; the rest is in the contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bridge.errors import Busy, Refused
from bridge.model.actions import Append
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Visibility
from bridge.model.facts import ObjectKey, Refs
from bridge.model.objects import Component, ComponentGroup
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.testing.stage import (
    IDENTIFIED,
    OPENING,
    RESOLVED,
    SEEDED,
    TOKEN,
    Stage,
    Ticking,
    creation,
    incident,
    update,
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    sandbox = Sandbox(clock=Ticking(), token=TOKEN)
    with serve(sandbox) as server:
        yield Stage("statuspage", "/statuspage/v1", {"page_id": "sandboxpage1"}, sandbox, server)


def statuses(stage: Stage) -> dict[str, Any]:
    return {seen.name: seen.echo["status"] for seen in stage.provider.scan(Kind.COMPONENT)}


def test_resolving_restores_components_that_nothing_else_holds_down(stage: Stage) -> None:
    refs = stage.refs(api=ComponentStatus.PARTIAL_OUTAGE, web=ComponentStatus.DEGRADED)
    link, _ = stage.settle(incident(), refs)
    assert statuses(stage)["Public API"] == "partial_outage"
    stage.settle(incident(OPENING, RESOLVED), stage.refs(web=ComponentStatus.DEGRADED), link)
    assert statuses(stage)["Public API"] == "operational"
    assert statuses(stage)["Website"] == "degraded_performance"


def test_an_unknown_component_status_is_neither_written_nor_compared(stage: Stage) -> None:
    refs = stage.refs(api=ComponentStatus.UNKNOWN)
    wanted, losses = stage.provider.translate(Component("api", SEEDED["api"], ComponentStatus.UNKNOWN), refs)
    created, _ = stage.provider.translate(incident(), refs)
    assert wanted.update == wanted.echo == {}
    assert losses
    assert refs.remote_id(Kind.COMPONENT, "api") in created.create["component_ids"]
    assert refs.remote_id(Kind.COMPONENT, "api") not in created.create["components"]


def test_the_opening_update_is_linked_by_its_own_id(stage: Stage) -> None:
    link, _ = stage.settle(incident(), stage.refs())
    seen = stage.seen(Kind.INCIDENT, link.remote_id)
    assert [item.remote_id for item in seen.appended] == [link.appended[OPENING.id]]


def test_only_the_newest_update_moves_components(stage: Stage) -> None:
    wanted, _ = stage.provider.translate(incident(OPENING, IDENTIFIED, RESOLVED), stage.refs())
    assert ["components" in append.body for append in wanted.appends] == [False, True]


@pytest.mark.parametrize("notify", [True, False])
def test_subscribers_are_told_as_the_incident_says_and_never_of_a_new_title(stage: Stage, notify: bool) -> None:
    wanted, _ = stage.provider.translate(incident(OPENING, IDENTIFIED, notify=notify), stage.refs())
    assert wanted.create["deliver_notifications"] is notify
    assert wanted.appends[0].body["deliver_notifications"] is notify
    assert wanted.update["deliver_notifications"] is False


@pytest.mark.parametrize("status", [420, 429])
def test_both_answers_over_the_limit_mean_wait(stage: Stage, status: int) -> None:
    refs = stage.refs()
    stage.sandbox.plugins["statuspage"].settings.rate_limit = 0
    stage.sandbox.plugins["statuspage"].settings.over_limit_status = status
    with pytest.raises(Busy) as caught:
        stage.provider.perform(creation(incident(), stage.provider.translate(incident(), refs)[0]))
    assert caught.value.status == status
    assert caught.value.retry_after > 0


@pytest.mark.parametrize("shape", ["list", "string", "object"])
def test_a_refusal_is_told_in_statuspages_words_whatever_their_shape(stage: Stage, shape: str) -> None:
    stage.sandbox.plugins["statuspage"].settings.error_shape = shape
    wanted, _ = stage.provider.translate(incident(OPENING, IDENTIFIED), stage.refs())
    link, _ = stage.settle(incident(), stage.refs())
    broken = Append(ObjectKey(Kind.INCIDENT, "x"), str(link.remote_id), wanted.appends[0])
    object.__setattr__(broken.append, "body", {"status": "odd", "body": 1})
    with pytest.raises(Refused) as caught:
        stage.provider.perform(broken)
    assert "not included in the list" in str(caught.value.detail)


def test_the_same_words_twice_are_two_updates_with_ids_of_their_own(stage: Stage) -> None:
    twice = (OPENING, update("a", "Still at it.", IncidentStatus.IDENTIFIED), update("b", "Still at it."))
    link, _ = stage.settle(incident(*twice, status=IncidentStatus.IDENTIFIED), stage.refs())
    assert len(set(link.appended.values())) == 3
    shown = [item.remote_id for item in stage.seen(Kind.INCIDENT, link.remote_id).appended]
    assert shown == [link.appended[step.id] for step in twice]


def test_group_rows_are_not_components_and_maintenances_are_not_incidents(stage: Stage) -> None:
    assert "Core" not in statuses(stage)
    assert [seen.name for seen in stage.provider.scan(Kind.COMPONENT_GROUP)] == ["Core"]


def test_a_group_cannot_be_made_without_a_component_and_says_what_to_do(stage: Stage) -> None:
    with pytest.raises(Refused, match="first component"):
        stage.settle(ComponentGroup("edge", "Edge", Visibility.PUBLIC), Refs())
