"""The pure rules of the Statuspage sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sandbox.statuspage.outage import measure
from bridge.sandbox.statuspage.rollup import judge_impact, keep_peak, summarise_page, worst
from bridge.sandbox.statuspage.tables import COMPONENT_STATUSES, IMPACTS
from bridge.sandbox.statuspage.times import local, zone_of

O, M, D, P, X = COMPONENT_STATUSES[:5]  # noqa: E741 - one letter per component makes the table readable
statuses = st.sampled_from(COMPONENT_STATUSES)


@pytest.mark.parametrize(
    ("components", "indicator", "description"),
    [
        ([], "none", "All Systems Operational"),
        ([O, O], "none", "All Systems Operational"),
        ([X, X], "critical", "Major System Outage"),
        ([X, X, X, X, X, P, O, O, O], "major", "Partial System Outage"),
        ([P, P], "major", "Partial System Outage"),
        ([P, O, D], "minor", "Minor Service Outage"),
        ([D, D], "minor", "Degraded System Service"),
        ([D, O, M], "minor", "Partially Degraded Service"),
        ([M, O], "maintenance", "Service Under Maintenance"),
    ],
)
def test_the_page_status_is_the_first_match_from_worst_to_best(
    components: list[str], indicator: str, description: str
) -> None:
    assert summarise_page(components) == (indicator, description)


@pytest.mark.parametrize(
    ("components", "impact"),
    [
        ([], "none"),
        ([O], "none"),
        ([D, D], "minor"),
        ([P], "minor"),
        ([X] * 11 + [O] * 6, "major"),
        ([X] * 16 + [P] * 4, "major"),
        ([X, X], "critical"),
        ([M, O], "maintenance"),
    ],
)
def test_the_impact_follows_from_the_attached_components(components: list[str], impact: str) -> None:
    assert judge_impact(components) == impact


@given(st.lists(statuses, min_size=1), statuses)
def test_one_more_component_never_makes_a_group_look_better(members: list[str], another: str) -> None:
    assert worst([worst(members), worst([*members, another])]) == worst([*members, another])


@given(st.lists(st.sampled_from(IMPACTS), min_size=1))
def test_the_peak_never_falls(impacts: list[str]) -> None:
    peak = "none"
    for impact in impacts:
        assert keep_peak(peak, impact) in (peak, impact)
        peak = keep_peak(peak, impact)
    assert peak == max(impacts, key=IMPACTS.index)


def test_outages_are_counted_inside_the_range_only() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def at(hours: int) -> datetime:
        return start + timedelta(hours=hours)

    history = [(at(-10), "operational"), (at(-1), "major_outage"), (at(1), "partial_outage"), (at(11), "operational")]
    outage = measure(history, start, at(100))
    assert (outage.major, outage.partial, outage.total) == (3600, 36_000, 360_000)
    assert outage.uptime == 96.0


def test_an_outage_that_lasts_until_now_is_counted_until_now() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert measure([(start, "major_outage")], start, start + timedelta(hours=1)).uptime == 0.0


@pytest.mark.parametrize(
    ("rails", "shown"),
    [
        ("UTC", "2026-07-01T12:00:00.000Z"),
        ("Berlin", "2026-07-01T14:00:00.000+02:00"),
        ("Mars", "2026-07-01T12:00:00.000Z"),
    ],
)
def test_public_times_carry_the_offset_of_the_page(rails: str, shown: str) -> None:
    assert local(datetime(2026, 7, 1, 12, tzinfo=UTC), zone_of(rails)) == shown
