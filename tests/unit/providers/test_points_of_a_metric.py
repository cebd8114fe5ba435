"""Reading the points of one metric back to a moment, with few calls; and several points in one call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bridge.config.settings import DestinationSettings
from bridge.model.actions import Create, Reason
from bridge.model.enums import Kind, MetricAggregation, Visibility
from bridge.model.facts import FindBy, ObjectKey, Refs
from bridge.model.objects import Metric
from bridge.providers import registry
from bridge.providers.base.points import points_back_to
from bridge.providers.base.provider import PointPage, Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.secret import Secret
from tests.engine.harness import OPTIONS, PATHS, Unlimited

MANY = 450


def speaking(server: Server, name: str) -> Provider:
    options = OPTIONS.get(name, {})
    settings = DestinationSettings(name, name, Secret("sandbox"), url=server.url + PATHS[name], options=options)
    return registry.make(settings, Unlimited(), lambda call: None)


@pytest.fixture(params=["2.4", "2.3"])
def cachet2(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[str]:
    sandbox.plugins["cachet2"].settings.version = request.param
    yield str(request.param)


def filled(sandbox: Sandbox, name: str) -> tuple[str, datetime]:
    """A metric with a point a minute; its id and the time of the newest."""
    plugin = sandbox.plugins[name]
    newest = datetime.now(UTC).replace(second=0, microsecond=0)
    times = {"created_at": newest, "updated_at": newest}
    facts = {"name": "Answer time", "suffix": "ms", "description": "", "calc_type": 1, "threshold": 1, "visible": 1}
    more = {"default_value": 0, "display_chart": True, "places": 2, "default_view": 1, "order": 0}
    metric = plugin.world.metrics.add({**facts, **more, **times})
    for number in range(MANY):
        at = newest - timedelta(minutes=MANY - 1 - number)
        stamp = {"metric_id": metric["id"], "counter": 1, "created_at": at, "updated_at": at}
        plugin.world.points.add({**stamp, "value": float(number)})
    return str(metric["id"]), newest


def reads(sandbox: Sandbox, name: str) -> int:
    return sum("points" in call.path for call in sandbox.calls.all(name, None))


def test_cachet_2_reads_no_more_than_the_newest_page(sandbox: Sandbox, sandbox_server: Server, cachet2: str) -> None:
    metric, newest = filled(sandbox, "cachet2")
    page = speaking(sandbox_server, "cachet2")
    found = list(points_back_to(page, metric, newest - timedelta(minutes=9)))
    assert [seen.echo["value"] for seen in found] == [float(MANY - 1 - number) for number in range(10)]
    assert reads(sandbox, "cachet2") <= (1 if cachet2 == "2.4" else 3)
    assert len(list(points_back_to(page, metric, None))) == MANY


def test_cachet_3_reads_no_more_than_the_newest_page(sandbox: Sandbox, sandbox_server: Server) -> None:
    metric, newest = filled(sandbox, "cachet3")
    page = speaking(sandbox_server, "cachet3")
    assert isinstance(page, PointPage)
    found = list(page.points(metric, newest - timedelta(minutes=9)))
    assert [seen.echo["value"] for seen in found] == [float(MANY - 1 - number) for number in range(10)]
    assert reads(sandbox, "cachet3") == 1


@pytest.mark.parametrize("name", ["statuspage", "pingpong"])
def test_several_points_go_in_one_call(sandbox: Sandbox, sandbox_server: Server, name: str) -> None:
    page = speaking(sandbox_server, name)
    metric = Metric("met", "Answer time", MetricAggregation.MEAN, Visibility.PUBLIC)
    wanted, _ = page.translate(metric, Refs())
    made = page.perform(Create(ObjectKey(Kind.METRIC, "met"), wanted.create, FindBy(), {}, None, Reason.FIRST))
    begin = int(datetime.now(UTC).timestamp()) // 60 * 60 - 600
    rows = [{"timestamp": begin + 60 * number, "value": float(number)} for number in range(5)]
    body = {"metric": made.remote_id, "points": rows}
    page.perform(Create(ObjectKey(Kind.METRIC_POINT, "mpt"), body, FindBy(), {}, None, Reason.FIRST))
    plugin = sandbox.plugins[name]
    rows_of = plugin.world.table("metrics") if name == "statuspage" else plugin.world.custom_metrics
    row = rows_of[made.remote_id]
    kept = row["points"] if name == "statuspage" else row.points
    assert kept == {point["timestamp"]: point["value"] for point in rows}
    posts = [call.path for call in sandbox.calls.all(name, None) if call.method == "POST"]
    assert sum(path.endswith("/data") for path in posts) == 1
