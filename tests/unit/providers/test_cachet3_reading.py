"""How Cachet 3 is listed and looked at for reading, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.config.settings import DestinationSettings
from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MetricAggregation, Severity, Visibility
from bridge.model.facts import Refs
from bridge.model.objects import Component, Incident, Metric, MetricPoint, Subscriber
from bridge.providers.cachet3.provider import Cachet3Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.secret import Secret
from bridge.testing.stage import IDENTIFIED, OPENING, RESOLVED, START, TOKEN, Stage, Ticking, creation, incident


@pytest.fixture
def stage() -> Iterator[Stage]:
    sandbox = Sandbox(clock=Ticking(), token=TOKEN)
    with serve(sandbox) as server:
        yield Stage("cachet3", "/cachet3", {}, sandbox, server)


class Fixed:
    """A clock that stands still."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def read(stage: Stage, kind: Kind, remote_id: str) -> Any:
    seen = stage.seen(kind, remote_id)
    return stage.provider.read(kind, seen, "page", lambda what, remote, at: f"{what}-{remote}")[0]


def test_incidents_are_listed_newest_first_with_all_that_reading_needs_in_one_call(stage: Stage) -> None:
    refs = stage.refs()
    for number in (1, 2, 3):
        stage.settle(incident(OPENING, IDENTIFIED, RESOLVED, id=f"inc_{number}", title=f"Trouble {number}"), refs)
    stage.calls.clear()
    found = list(stage.provider.scan(Kind.INCIDENT))
    assert [seen.name for seen in found] == ["Trouble 3", "Trouble 2", "Trouble 1"]
    assert len(stage.calls) == 1
    for seen in found:
        obj, _ = stage.provider.read(Kind.INCIDENT, seen, "page", lambda what, remote, at: f"{what}-{remote}")
        assert isinstance(obj, Incident)
        assert [step.status for step in obj.updates[1:]] == [IncidentStatus.IDENTIFIED, IncidentStatus.RESOLVED]
        assert len(obj.components) == 2
        assert obj.impact is Severity.MAJOR


def test_a_component_is_read_with_its_group_and_both_statuses(stage: Stage) -> None:
    remote = str(stage.refs().remote_id(Kind.COMPONENT, "api"))
    obj = read(stage, Kind.COMPONENT, remote)
    assert isinstance(obj, Component)
    assert str(obj.group).startswith("component_group-")
    assert (obj.status, obj.effective_status) == (ComponentStatus.OPERATIONAL, ComponentStatus.OPERATIONAL)


def test_what_is_under_embargo_is_hidden_to_us_until_its_time(stage: Stage) -> None:
    rows = stage.provider._resources[Kind.INCIDENT]  # type: ignore[attr-defined]
    published = datetime(2030, 1, 1, tzinfo=UTC)
    body = {"name": "Secret", "message": "x", "status": 1, "visible": True, "published_at": "2030-01-01T00:00:00Z"}
    remote = str(rows.create(body)["id"])
    settings = DestinationSettings("page", "cachet3", Secret(TOKEN), stage.server.url + stage.path, options={})
    for now, expected in ((published - timedelta(1), Visibility.HIDDEN), (published, Visibility.PUBLIC)):
        provider = Cachet3Provider(settings, stage.budget, stage.calls.append, Fixed(now))
        seen = provider.look(Kind.INCIDENT, remote)
        assert seen is not None
        obj, _ = provider.read(Kind.INCIDENT, seen, "page", lambda *_: "x")
        assert isinstance(obj, Incident)
        assert obj.visibility is expected
        provider.close()


def test_a_lost_point_is_found_by_its_metric_time_and_value(stage: Stage) -> None:
    metric, _ = stage.settle(Metric("met_1", "CPU", MetricAggregation.MEAN, Visibility.PUBLIC), Refs())
    refs = Refs({"metric:met_1": str(metric.remote_id)})
    moment = START.replace(second=0, microsecond=0)
    made = []
    for minutes, value in ((0, 1.5), (5, 2.5)):
        point = MetricPoint(f"mpt_{minutes}", "met_1", value, moment + timedelta(minutes=minutes))
        wanted, _ = stage.provider.translate(point, refs)
        assert list(stage.provider.find(Kind.METRIC_POINT, wanted.find)) == []
        made.append(stage.provider.perform(creation(point, wanted)).remote_id)
        assert [seen.remote_id for seen in stage.provider.find(Kind.METRIC_POINT, wanted.find)] == made[-1:]
    assert sorted(seen.remote_id for seen in stage.provider.scan(Kind.METRIC_POINT)) == sorted(made)


def test_a_known_address_is_not_subscribed_twice_and_gets_what_was_wanted(stage: Stage) -> None:
    refs = stage.refs()
    first, _ = stage.settle(Subscriber("sub_1", "a@example.com", (), verified=True), refs)
    again, done = stage.settle(Subscriber("sub_2", "a@example.com", ("api",)), refs)
    assert (again.remote_id, done) == (first.remote_id, ["create", "update"])
    assert read(stage, Kind.SUBSCRIBER, str(first.remote_id)).components == (
        f"component-{refs.remote_id(Kind.COMPONENT, 'api')}",
    )


def test_who_follows_only_what_is_not_there_is_never_told_everything(stage: Stage) -> None:
    with pytest.raises(Refused, match="no copy"):
        stage.provider.translate(Subscriber("sub_1", "a@example.com", ("elsewhere",)), stage.refs())
    with pytest.raises(Refused, match="e-mail"):
        stage.provider.translate(Subscriber("sub_1", "https://example.com/hook"), stage.refs())
