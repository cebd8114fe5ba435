"""What a destination lacks of a metric: sent step by step it is what the points say, and then nothing is lacking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.enums import MetricAggregation, Visibility
from bridge.model.facts import Fed
from bridge.model.objects import Metric, MetricPoint
from bridge.providers.base import mapping
from bridge.providers.base.capabilities import SecondPoint
from bridge.providers.base.mapping import MetricPoints
from bridge.providers.base.points import stepped, width
from bridge.sync.outbox.points_owed import Standing, Verdict, judged, owed, with_sent

NOW = datetime(2026, 3, 4, 5, 0, 0, tzinfo=UTC)
SECOND = int(NOW.timestamp())
KEPT = 7200
RULES = [mapping.load(name).metric_points for name in mapping.names()]
REPLACING = [rules for rules in RULES if rules.second is SecondPoint.REPLACES]
ADDING = [rules for rules in RULES if rules.second is not SecondPoint.REPLACES]
THRESHOLDS = st.sampled_from([None, 1, 5, 60])
METRIC = Metric("met_1", "Answer time", MetricAggregation.MEAN, Visibility.PUBLIC)


@st.composite
def points(draw: st.DrawFn, most_seconds: int = 7000) -> list[MetricPoint]:
    ages = draw(st.lists(st.tuples(st.integers(0, most_seconds), st.floats(-1e6, 1e6)), max_size=30))
    return [
        MetricPoint(f"mpt_{number}", "met_1", value, NOW - timedelta(seconds=age))
        for number, (age, value) in enumerate(ages)
    ]


def sent_out(
    known: list[MetricPoint], fed: Fed, rules: MetricPoints, over: int, most: int
) -> tuple[dict[int, float], Fed]:
    """Send what is owed, some at a time, until nothing is; gives what was sent."""
    page: dict[int, float] = {}
    for _ in range(200):
        lacking = owed(METRIC, known, fed, rules, NOW, over, KEPT)
        if not lacking.send:
            return page, lacking.fed
        values = {str(int(point.at.timestamp())): point.value for point in lacking.send[:most]}
        page |= {int(name): value for name, value in values.items()}
        fed = with_sent(lacking.fed, values)
    raise AssertionError("it does not end")


@given(st.sampled_from(RULES), points(), THRESHOLDS, st.integers(1, 40))
def test_all_whole_steps_are_sent_once_and_then_nothing_is_lacking(
    rules: MetricPoints, known: list[MetricPoint], threshold: int | None, most: int
) -> None:
    page, fed = sent_out(known, Fed(threshold=threshold), rules, SECOND, most)
    wanted, _ = stepped(METRIC, known, rules, NOW, threshold)
    assert page == {int(point.at.timestamp()): point.value for point in wanted}
    again = owed(METRIC, known, fed, rules, NOW, SECOND, KEPT)
    assert (again.send, again.late) == ((), 0)


@given(st.sampled_from(RULES), points(), THRESHOLDS, st.integers(0, 7000))
def test_seen_in_two_looks_the_points_that_came_in_order_give_the_same(
    rules: MetricPoints, known: list[MetricPoint], threshold: int | None, age: int
) -> None:
    step = width(rules, threshold)
    over = (SECOND - age) // step * step
    early = [point for point in known if point.at.timestamp() < over]
    first, fed = sent_out(early, Fed(threshold=threshold), rules, over, 5)
    second, _ = sent_out(known, fed, rules, SECOND, 5)
    whole, _ = sent_out(known, Fed(threshold=threshold), rules, SECOND, 5)
    assert {**first, **second} == whole
    assert first.keys().isdisjoint(second)


@given(st.sampled_from(ADDING), points(), points(), THRESHOLDS)
def test_where_points_add_up_no_step_is_sent_twice_whatever_comes_late(
    rules: MetricPoints, known: list[MetricPoint], late: list[MetricPoint], threshold: int | None
) -> None:
    first, fed = sent_out(known, Fed(threshold=threshold), rules, SECOND, 5)
    more = [MetricPoint(f"late_{point.id}", point.metric, point.value, point.at) for point in late]
    changed = owed(METRIC, [*known, *more], fed, rules, NOW, SECOND, KEPT)
    assert first.keys().isdisjoint(int(point.at.timestamp()) for point in changed.send)
    again = owed(METRIC, [*known, *more], changed.fed, rules, NOW, SECOND, KEPT)
    assert again.late == 0


@given(st.sampled_from(REPLACING), points(), points())
def test_where_points_take_the_place_of_others_late_ones_are_put_right(
    rules: MetricPoints, known: list[MetricPoint], late: list[MetricPoint]
) -> None:
    first, fed = sent_out(known, Fed(), rules, SECOND, 5)
    more = [MetricPoint(f"late_{point.id}", point.metric, point.value, point.at) for point in late]
    second, _ = sent_out([*known, *more], fed, rules, SECOND, 5)
    wanted, _ = stepped(METRIC, [*known, *more], rules, NOW)
    assert {**first, **second} == {int(point.at.timestamp()): point.value for point in wanted}


@given(st.sampled_from(RULES), points(), THRESHOLDS)
def test_little_is_remembered_and_never_what_is_still_open(
    rules: MetricPoints, known: list[MetricPoint], threshold: int | None
) -> None:
    _, fed = sent_out(known, Fed(threshold=threshold), rules, SECOND, 5)
    assert all(int(name) >= fed.until for name in fed.sent)
    assert fed.until <= max(0, SECOND - KEPT)
    begun = [point for point in known if point.at.timestamp() // fed.width * fed.width + fed.width > SECOND]
    assert bool(fed.due) == bool(begun)


def test_after_another_threshold_nothing_that_was_sent_is_sent_again() -> None:
    rules = mapping.load("cachet3").metric_points
    known = [MetricPoint(f"mpt_{age}", "met_1", age, NOW - timedelta(seconds=age)) for age in range(600, 3600, 60)]
    first, fed = sent_out(known, Fed(threshold=1), rules, SECOND - 300, 50)
    second, _ = sent_out(known, Fed(fed.until, fed.sent, fed.due, fed.width, threshold=5), rules, SECOND, 50)
    assert len(first) == 50
    assert second == {}


@pytest.mark.parametrize(
    ("provider", "standing", "verdict"),
    [
        ("cachet2", [Standing(SECOND - 120, 4.0)], Verdict.THERE),
        ("cachet2", [Standing(SECOND - 120, 5.0)], Verdict.MISSING),
        ("cachet2", [Standing(SECOND - 180, 4.0)], Verdict.MISSING),
        ("cachet2", [Standing(SECOND - 30, 4.0)], Verdict.COUNTED),
        ("cachet3", [Standing(SECOND - 120, 5.0)], Verdict.THERE),
        ("cachet3", [Standing(SECOND - 180, 4.0)], Verdict.MISSING),
        ("cachet3", [Standing(SECOND - 90, 4.0)], Verdict.COUNTED),
        ("cachet3", [Standing(SECOND, 4.0)], Verdict.MISSING),
    ],
)
def test_what_became_of_a_lost_point_is_read_off_what_stands_there(
    provider: str, standing: list[Standing], verdict: Verdict
) -> None:
    rules = mapping.load(provider).metric_points
    assert judged(SECOND - 120, 4.0, standing, rules, 1, NOW) is verdict
