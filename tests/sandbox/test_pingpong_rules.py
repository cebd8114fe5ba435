"""The pure rules of the PingPong sandbox."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sandbox.pingpong.derive import effective_status, page_phrase, uptime_percentage
from bridge.sandbox.pingpong.markup import store_message
from bridge.sandbox.pingpong.objects import Component, Incident, Maintenance, Update
from bridge.sandbox.pingpong.tables import COMPONENT_STATUSES
from bridge.sandbox.pingpong.world import shorten

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
words = st.sampled_from(COMPONENT_STATUSES)


def incident(status: str | None = None, *, component: str = "c", since: datetime = NOW, updates: int = 0) -> Incident:
    made = Incident("i", "t", since, "me", since, imposed={component: status} if status else {})
    made.updates = [Update(str(number), since, "me", "Investigating", "") for number in range(updates)]
    return made


def resolve(made: Incident, at: datetime) -> Incident:
    made.updates.append(Update("r", at, "me", "Resolved", ""))
    return made


@given(words, st.lists(words), st.booleans())
def test_the_effective_status_is_one_of_those_that_apply(base: str, imposed: list[str], serviced: bool) -> None:
    component = Component("c", "n", NOW, status=base)
    incidents = [incident(status) for status in imposed]
    windows = [Maintenance("m", "n", NOW, "me", NOW - HOUR, NOW + HOUR, component_ids=["c"])] if serviced else []
    shown = effective_status(component, incidents, windows, NOW, maintenance_wins=False)
    if imposed:
        assert shown == max(imposed, key=COMPONENT_STATUSES.index)
    else:
        assert shown == ("Maintenance mode" if serviced else base)


@given(words, st.lists(words))
def test_resolved_incidents_impose_nothing(base: str, imposed: list[str]) -> None:
    component = Component("c", "n", NOW, status=base)
    incidents = [resolve(incident(status), NOW) for status in imposed]
    assert effective_status(component, incidents, [], NOW, maintenance_wins=False) == base


@pytest.mark.parametrize(
    ("offset", "status"), [(-1, "Upcoming"), (0, "In progress"), (59, "In progress"), (60, "Complete")]
)
def test_a_window_is_open_from_its_start_to_just_before_its_end(offset: int, status: str) -> None:
    window = Maintenance("m", "n", NOW, "me", NOW, NOW + HOUR)
    assert window.status(NOW + timedelta(minutes=offset)) == status


@pytest.mark.parametrize(
    ("shown", "phrase"),
    [
        (["Operational", "Unknown"], "All systems operational"),
        (["Critical state", "Unavailable"], "All systems down"),
        (["Critical state", "Operational"], "Some systems have issues"),
        (["Minor issues", "Maintenance mode"], "Some systems have issues"),
        (["Maintenance mode", "Operational"], "Under maintenance"),
    ],
)
def test_the_page_phrase(shown: list[str], phrase: str) -> None:
    assert page_phrase(shown, live_incidents=True)[0] == phrase


def test_without_components_the_incidents_decide() -> None:
    assert page_phrase([], live_incidents=True)[0] == "Some systems have issues"
    assert page_phrase([], live_incidents=False)[0] == "All systems operational"


def test_overlapping_outages_are_counted_once_and_only_inside_the_window() -> None:
    begin = NOW - 30 * DAY
    outages = [
        resolve(incident("Unavailable", since=begin - 5 * DAY), begin + 3 * DAY),
        resolve(incident("Critical state", since=begin + DAY), begin + 2 * DAY),
        incident("Critical state", since=NOW - 3 * DAY),
        resolve(incident("Major issues", since=begin), NOW),
    ]
    assert uptime_percentage(outages, NOW) == 80.0


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("text", "<div>text</div>"),
        ("<div>text</div>", "<div>text</div>"),
        ("<div>a</div><div>b</div>", "<div><div>a</div><div>b</div></div>"),
        ("<div>a</div> tail", "<div><div>a</div> tail</div>"),
        ("a < b & c", "<div>a &lt; b &amp; c</div>"),
        ("<iframe src=x>in</iframe>out", "<div>out</div>"),
        ("<div><img src=x onerror=y></div>", '<div><img src="x"></div>'),
        ("  ", ""),
        ("<!-- only -->", ""),
    ],
)
def test_messages_are_cleaned_and_wrapped_once(sent: str, stored: str) -> None:
    assert store_message(sent) == stored


@given(st.text())
def test_storing_a_stored_message_changes_nothing(raw: str) -> None:
    once = store_message(raw)
    assert store_message(once) == once


@given(st.uuids(version=4))
def test_ids_are_uuids_in_base_57(value: uuid.UUID) -> None:
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    short = shorten(value)
    number = 0
    for digit in short:
        number = number * 57 + alphabet.index(digit)
    assert (len(short), uuid.UUID(int=number)) == (22, value)
