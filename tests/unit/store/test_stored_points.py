"""Points of metrics in the store: what is kept, how much at most, and who may write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.errors import LeaseLost
from bridge.model.enums import Kind, MetricAggregation, Visibility
from bridge.model.facts import ObjectKey
from bridge.model.objects import Metric
from bridge.model.points import MetricLook, PageMetric, PagePoint
from bridge.store import Store
from bridge.store.lanes import POLL, Lane, Lease
from bridge.store.outbox import METRICS
from bridge.store.state import Mark

NOW = datetime(2036, 11, 21, 12, 0, 0, tzinfo=UTC)
SEEN = PageMetric(Metric("met_1", "Answer time", MetricAggregation.SUM, Visibility.PUBLIC), "old", "7", 0, 100, 70)


@pytest.fixture
def lease(store: Store) -> Lease:
    taken = store.lanes.take(Lane(POLL, "old"))
    assert taken is not None
    return taken


def points(*seconds: int) -> tuple[PagePoint, ...]:
    return tuple(PagePoint(f"7/{second}|x", second, second / 3) for second in seconds)


def test_what_was_read_comes_back_as_it_was(store: Store, lease: Lease) -> None:
    store.points.commit(lease, MetricLook(SEEN, points(10, 20, 30)), [], NOW)
    assert store.points.known() == {"met_1": SEEN}
    assert store.points.get("met_1") == SEEN
    assert store.points.get("met_2") is None
    assert tuple(store.points.window("met_1", 0)) == points(10, 20, 30)
    assert tuple(store.points.window("met_1", 20)) == points(20, 30)
    assert tuple(store.points.window("met_1", 0, 2)) == points(10, 20)
    assert store.counters()["points.taken|old"] == 3


def test_what_nobody_needs_goes_and_what_is_too_much_is_counted(
    store: Store, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.points.MOST", 3)
    store.points.commit(lease, MetricLook(SEEN, points(10, 20, 30)), [], NOW)
    store.points.commit(lease, MetricLook(SEEN, points(40), keep_from=20), [], NOW)
    assert tuple(store.points.window("met_1", 0)) == points(20, 30, 40)
    assert "points.left|old|too_many" not in store.counters()
    store.points.commit(lease, MetricLook(SEEN, points(50, 60), is_cut=True), [], NOW)
    assert tuple(store.points.window("met_1", 0)) == points(40, 50, 60)
    assert store.counters()["points.left|old|too_many"] == 2
    assert [decision.why for decision in store.decisions("met_1")] == ["points_dropped", "points_dropped"]


def test_debts_and_wake_ups_come_with_the_points(store: Store, lease: Lease) -> None:
    key = ObjectKey(Kind.METRIC, "met_1")
    store.points.commit(lease, MetricLook(SEEN, points(10)), [Mark("public", key, 4, METRICS)], NOW)
    (debt,) = store.outbox.due("public", NOW, 10)
    assert (debt.key, debt.revision, debt.rank) == (key, 4, METRICS)


def test_whoever_lost_the_page_writes_nothing(store: Store, lease: Lease) -> None:
    with pytest.raises(LeaseLost):
        store.points.commit(Lease(lease.lane, lease.token + 1), MetricLook(SEEN, points(10)), [], NOW)
    assert store.points.known() == {}
    assert store.points.window("met_1", 0) == []


def test_points_survive_a_backup(store: Store, lease: Lease) -> None:
    store.points.commit(lease, MetricLook(SEEN, points(10, 20)), [], NOW)
    lines = list(store.backup())
    store._client.flushall()
    store.restore(lines)
    assert tuple(store.points.window("met_1", 0)) == points(10, 20)
    assert store.points.known() == {"met_1": SEEN}
