"""Cachet 2 read over HTTP: with few calls, and a 2.3 as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from provider_stage import START, bring_up_to_date, incident, provider_of, refs_of, update

from bridge.errors import Refused
from bridge.model.actions import Create, Reason, Remove, Update
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MetricAggregation, Visibility
from bridge.model.facts import Call, ObjectKey, Refs
from bridge.model.objects import Component, Incident, Metric, MetricPoint, Subscriber
from bridge.providers.base.provider import Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server, serve

REFS = refs_of(api=("1", ComponentStatus.MAJOR_OUTAGE), web=("2", ComponentStatus.DEGRADED))

LOAD = Metric("m", "Load", MetricAggregation.MEAN, Visibility.PUBLIC, suffix="%")


def identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return f"{kind}-{remote_id}"


@pytest.fixture
def elder() -> Iterator[Provider]:
    """A Cachet 2.3."""
    sandbox = Sandbox()
    sandbox.plugins["cachet2"].settings.version = "2.3"  # type: ignore[attr-defined]
    with serve(sandbox) as server:
        yield provider_of("cachet2", server)


def test_the_components_of_a_hundred_incidents_are_asked_for_once(sandbox_server: Server) -> None:
    calls: list[Call] = []
    provider = provider_of("cachet2", sandbox_server, calls)
    for number in range(100):
        obj = incident(id=f"inc_{number}")
        wanted, _ = provider.translate(obj, REFS)
        key = ObjectKey(Kind.INCIDENT, obj.id)
        provider.perform(Create(key, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST))
    calls.clear()
    read = [provider.read(Kind.INCIDENT, seen, "page", identify)[0] for seen in provider.scan(Kind.INCIDENT)]
    assert [call.path.rpartition("/")[2] for call in calls] == ["incidents", "components"]
    assert {tuple(obj.components.items()) for obj in read if isinstance(obj, Incident)} == {
        (("component-1", ComponentStatus.MAJOR_OUTAGE),)
    }


def test_nothing_more_is_asked_for_where_no_incident_is_linked(sandbox_server: Server) -> None:
    calls: list[Call] = []
    provider = provider_of("cachet2", sandbox_server, calls)
    bring_up_to_date(provider, incident(components={}), REFS)
    calls.clear()
    assert len(list(provider.scan(Kind.INCIDENT))) == 1
    assert len(calls) == 1


def test_an_incident_of_a_2_3_is_read_with_the_updates_in_its_message(elder: Provider) -> None:
    next(elder.scan(Kind.COMPONENT))  # so that it is known to be a 2.3
    told = (update("a", "One."), update("b", "Two.", IncidentStatus.IDENTIFIED))
    story = incident(*told, status=IncidentStatus.IDENTIFIED)
    link, _ = bring_up_to_date(elder, story, REFS)
    seen = elder.look(Kind.INCIDENT, str(link.remote_id))
    assert seen is not None
    obj, _ = elder.read(Kind.INCIDENT, seen, "page", identify)
    assert isinstance(obj, Incident)
    assert [(item.message.source, item.status) for item in obj.updates] == [
        ("One.", None),
        ("Two.", IncidentStatus.IDENTIFIED),
    ]
    assert obj.started_at == START.replace(second=0, microsecond=0)
    assert obj.status is IncidentStatus.IDENTIFIED


def test_the_other_kinds_of_a_2_3_are_read_too(elder: Provider) -> None:
    made = bring_up_to_date(elder, Metric("m", "Load", MetricAggregation.MEAN, Visibility.PUBLIC, suffix="%"), Refs())[
        0
    ]
    refs = Refs({"metric:m": str(made.remote_id)})
    bring_up_to_date(elder, MetricPoint("p", "m", 1.5, datetime(2026, 1, 5, 9, 30, tzinfo=UTC)), refs)
    bring_up_to_date(elder, Subscriber("s", "reader@example.com", verified=True), Refs())
    for kind in (Kind.COMPONENT, Kind.COMPONENT_GROUP, Kind.METRIC, Kind.METRIC_POINT, Kind.SUBSCRIBER):
        rows = [elder.read(kind, seen, "page", identify)[0] for seen in elder.scan(kind)]
        assert rows
        assert {row.kind for row in rows} == {kind}
        assert {getattr(row, "visibility", Visibility.PUBLIC) for row in rows} == {Visibility.PUBLIC}


def test_a_component_under_an_incident_shows_what_cachet_stores(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    bring_up_to_date(provider, incident(), REFS)
    seen = provider.look(Kind.COMPONENT, "1")
    assert seen is not None
    obj, losses = provider.read(Kind.COMPONENT, seen, "page", identify)
    assert isinstance(obj, Component)
    assert (obj.status, obj.effective_status) == (ComponentStatus.MAJOR_OUTAGE, ComponentStatus.MAJOR_OUTAGE)
    assert losses == ()


def test_a_lost_point_is_found_by_metric_time_and_value(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    made = bring_up_to_date(provider, Metric("m", "L", MetricAggregation.SUM, Visibility.PUBLIC, suffix="ms"), Refs())[
        0
    ]
    refs = Refs({"metric:m": str(made.remote_id)})
    point = MetricPoint("p", "m", 5.0, datetime(2026, 1, 5, 9, 30, tzinfo=UTC))
    wanted, _ = provider.translate(point, refs)
    assert list(provider.find(Kind.METRIC_POINT, wanted.find)) == []
    link, _ = bring_up_to_date(provider, point, refs)
    assert [seen.remote_id for seen in provider.find(Kind.METRIC_POINT, wanted.find)] == [link.remote_id]
    for other in (replace(point, value=6.0), replace(point, at=point.at.replace(minute=31))):
        assert list(provider.find(Kind.METRIC_POINT, provider.translate(other, refs)[0].find)) == []


def test_whoever_cannot_be_changed_is_made_again(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    link, _ = bring_up_to_date(provider, Subscriber("s", "reader@example.com"), Refs())
    again, _ = bring_up_to_date(provider, Subscriber("s", "reader@example.com"), Refs())
    assert again.remote_id == link.remote_id
    key = ObjectKey(Kind.SUBSCRIBER, "s")
    with pytest.raises(Refused, match="remove subscriber:s and make it again"):
        provider.perform(Update(key, str(link.remote_id), {}, {}, Reason.CHANGED))
    provider.perform(Remove(key, str(link.remote_id)))
    assert provider.look(Kind.SUBSCRIBER, str(link.remote_id)) is None


def test_an_address_that_cachet_would_refuse_is_left_out_and_told(sandbox_server: Server) -> None:
    provider = provider_of("cachet2", sandbox_server)
    for link in ("https://example.com/a%20b", "ssh://example.com"):
        component = Component("c", f"Part {link[:5]}", ComponentStatus.OPERATIONAL, link=link)
        wanted, losses = provider.translate(component, Refs())
        assert "link" not in wanted.create
        assert [(loss.field, loss.had) for loss in losses] == [("link", link)]
        bring_up_to_date(provider, component, Refs())
