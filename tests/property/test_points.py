"""Metric points in a provider's steps."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.enums import MetricAggregation, Visibility
from bridge.model.objects import Metric, MetricPoint
from bridge.providers.base import mapping
from bridge.providers.base.mapping import MetricPoints
from bridge.providers.base.points import combine, stepped, width

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
RULES = [mapping.load(name).metric_points for name in mapping.names()]
THRESHOLDS = st.sampled_from([None, 1, 2, 5, 15, 60])
VALUES = st.floats(-1e9, 1e9)


def metric(aggregation: MetricAggregation = MetricAggregation.SUM) -> Metric:
    return Metric("met_1", "Response time", aggregation, Visibility.PUBLIC)


@st.composite
def points(draw: st.DrawFn, most_seconds: int = 40 * 86_400) -> list[MetricPoint]:
    ages = draw(st.lists(st.tuples(st.integers(-600, most_seconds) | st.integers(0, 900), VALUES), max_size=30))
    return [
        MetricPoint(f"mpt_{number}", "met_1", value, NOW - timedelta(seconds=age))
        for number, (age, value) in enumerate(ages)
    ]


@given(st.sampled_from(RULES), points(), THRESHOLDS, st.sampled_from(MetricAggregation), st.randoms())
def test_the_same_points_in_any_order_and_sent_twice_give_the_same_steps(
    rules: MetricPoints,
    given_points: list[MetricPoint],
    threshold: int | None,
    aggregation: MetricAggregation,
    chance: random.Random,
) -> None:
    shuffled = [*given_points, *given_points]
    chance.shuffle(shuffled)
    once = stepped(metric(aggregation), given_points, rules, NOW, threshold)
    assert stepped(metric(aggregation), shuffled, rules, NOW, threshold) == once


@given(st.sampled_from(RULES), points(), THRESHOLDS)
def test_only_whole_steps_come_and_none_comes_twice(
    rules: MetricPoints, given_points: list[MetricPoint], threshold: int | None
) -> None:
    made, _ = stepped(metric(), given_points, rules, NOW, threshold)
    step = timedelta(seconds=width(rules, threshold))
    begins = [point.at for point in made]
    assert begins == sorted(set(begins))
    assert len({point.id for point in made}) == len(made)
    for begin in begins:
        assert begin.timestamp() % step.total_seconds() == 0
        assert begin + step <= NOW
        assert any(begin <= point.at < begin + step for point in given_points)


@given(st.sampled_from(RULES), points(), THRESHOLDS)
def test_every_point_is_in_a_step_or_too_old_or_too_new(
    rules: MetricPoints, given_points: list[MetricPoint], threshold: int | None
) -> None:
    counted = metric(MetricAggregation.COUNT)
    made, losses = stepped(counted, given_points, rules, NOW, threshold)
    step = width(rules, threshold)
    new = [point for point in given_points if point.at.timestamp() // step * step + step > NOW.timestamp()]
    old = sum(int(loss.had.split()[0]) for loss in losses if not loss.became)
    assert sum(point.value for point in made) + old + len(new) == len(given_points)
    if rules.oldest is not None:
        assert all((NOW - point.at).total_seconds() <= rules.oldest for point in made)
    else:
        assert old == 0


@given(st.sampled_from(RULES), points(most_seconds=7200))
def test_the_sum_stays_the_sum_whatever_the_step(rules: MetricPoints, given_points: list[MetricPoint]) -> None:
    made, losses = stepped(metric(), given_points, rules, NOW + timedelta(days=1))
    whole = math.fsum(point.value for point in given_points)
    assert math.fsum(point.value for point in made) == pytest.approx(whole, abs=1e-3)
    assert bool(losses) == (len(made) < len(given_points))


@given(st.lists(VALUES, min_size=1))
def test_a_combined_value_lies_between_the_smallest_and_the_largest(values: list[float]) -> None:
    low, high = combine(MetricAggregation.MIN, values), combine(MetricAggregation.MAX, values)
    assert low - 1e-3 <= combine(MetricAggregation.MEAN, values) <= high + 1e-3
    assert low - 1 <= combine(MetricAggregation.MEAN_ROUNDED, values) <= high + 1
    assert combine(MetricAggregation.MEAN_ROUNDED, values).is_integer()
    assert combine(MetricAggregation.COUNT, values) == len(values)


def test_a_late_point_changes_the_value_of_its_step_and_not_its_name() -> None:
    rules = mapping.load("pingpong").metric_points
    first = MetricPoint("a", "met_1", 1.0, NOW - timedelta(minutes=3))
    late = MetricPoint("b", "met_1", 2.0, first.at + timedelta(seconds=5))
    before, _ = stepped(metric(), [first], rules, NOW)
    after, losses = stepped(metric(), [first, late], rules, NOW)
    assert [(point.id, point.at) for point in before] == [(point.id, point.at) for point in after]
    assert ([point.value for point in before], [point.value for point in after]) == ([1.0], [3.0])
    assert [(loss.field, loss.had, loss.became) for loss in losses] == [("points", "2 points", "1 points")]


def test_points_of_another_metric_stay_out() -> None:
    stranger = MetricPoint("a", "met_2", 1.0, NOW - timedelta(minutes=3))
    assert stepped(metric(), [stranger], mapping.load("statuspage").metric_points, NOW) == ((), ())


def test_a_threshold_spaces_points_only_where_the_provider_has_one() -> None:
    assert [width(mapping.load(name).metric_points, 5) for name in ("cachet2", "cachet3")] == [300, 300]
    assert [width(mapping.load(name).metric_points, 5) for name in ("statuspage", "pingpong")] == [30, 60]
    assert [width(mapping.load(name).metric_points) for name in ("cachet2", "cachet3")] == [30, 30]
