"""Calendars: recurring and moved events, zones, whole days, cancellations, and what is refused."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from bridge.pages.events import MOST_RECURRING, NoCalendar, Planned, read_calendar

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


def event(
    *lines: str,
    uid: str = "u1",
    start: str = ":20260322T010000Z",
    end: str = ":20260322T030000Z",
    summary: str = "Work",
) -> str:
    head = [f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART{start}", f"DTEND{end}", f"SUMMARY:{summary}"]
    return "\r\n".join(["BEGIN:VEVENT", *head, *lines, "END:VEVENT"])


def calendar(*events: str, head: str = "") -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        *([head] if head else []),
        *events,
        "END:VCALENDAR",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def planned(*events: str, days: int = 60, zone: tzinfo | None = None, head: str = "") -> list[Planned]:
    return read_calendar(calendar(*events, head=head), zone, NOW - timedelta(days=2), NOW + timedelta(days=days))


def times(plans: list[Planned]) -> list[str]:
    return [f"{plan.starts_at:%d.%m. %H:%M}-{plan.ends_at:%d.%m. %H:%M}" for plan in plans]


def test_an_event_is_work_with_a_title_a_text_and_times() -> None:
    (plan,) = planned(event("DESCRIPTION:We change\\ndisks.", summary="New disks"))
    assert (plan.title, plan.text, times([plan])) == ("New disks", "We change\ndisks.", ["22.03. 01:00-22.03. 03:00"])


def test_a_recurring_event_takes_place_until_the_horizon_also_when_the_clocks_change() -> None:
    weekly = event(
        "RRULE:FREQ=WEEKLY", start=";TZID=Europe/Berlin:20260222T020000", end=";TZID=Europe/Berlin:20260222T040000"
    )
    assert times(planned(weekly, days=20)) == [
        "22.03. 01:00-22.03. 03:00",
        "29.03. 01:00-29.03. 02:00",  # 2 o'clock does not exist in that night
        "05.04. 00:00-05.04. 02:00",
    ]
    assert len(planned(weekly, days=60)) == 9
    assert len({plan.id for plan in planned(weekly)}) == 9


def test_occurrences_can_be_left_out_added_and_moved_and_keep_their_names() -> None:
    series = event("RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20260323T010000Z", "RDATE:20260401T010000Z")
    moved = event("RECURRENCE-ID:20260324T010000Z", start=":20260324T200000Z", end=":20260324T220000Z")
    before, after = planned(series), planned(series, moved)
    assert times(before)[:2] == ["22.03. 01:00-22.03. 03:00", "24.03. 01:00-24.03. 03:00"]
    assert times(after)[1] == "24.03. 20:00-24.03. 22:00"
    assert times(after)[-1] == "01.04. 01:00-01.04. 03:00"
    assert [plan.id for plan in before] == [plan.id for plan in after]


def test_one_occurrence_can_be_cancelled() -> None:
    series = event("RRULE:FREQ=DAILY;COUNT=3")
    off = event(
        "RECURRENCE-ID:20260323T010000Z", "STATUS:CANCELLED", start=":20260323T010000Z", end=":20260323T030000Z"
    )
    assert times(planned(series, off)) == ["22.03. 01:00-22.03. 03:00", "24.03. 01:00-24.03. 03:00"]


def test_a_notice_of_a_network_operator_tells_what_it_concerns_and_whether_it_stands() -> None:
    objects = ("X-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=OUTAGE:line-1", "X-MAINTNOTE-OBJECT-ID:line-2")
    (plan,) = planned(event(*objects, "X-MAINTNOTE-STATUS:CONFIRMED"))
    assert plan.names == ("line-1", "line-2", "Work")
    assert planned(event(objects[0]))[0].names == ("line-1", "Work")
    assert planned(event(*objects, "X-MAINTNOTE-STATUS:CANCELLED")) == []


def test_an_event_without_a_time_that_can_be_read_costs_no_other() -> None:
    broken = event(uid="u2", start=":2026O322T010000Z"), event("RECURRENCE-ID:2026O322T010000Z", uid="u1")
    more = event("DTSTAMP:soon", uid="u3", summary="More", start=":20260323T010000Z", end=":20260323T030000Z")
    assert [plan.title for plan in planned(event(), *broken, more)] == ["Work", "More"]
    with pytest.raises(NoCalendar):
        planned(event("RRULE:FREQ=WEEKLY;COUNT=often"))


def test_markup_in_a_description_becomes_text_and_other_angles_stay() -> None:
    assert planned(event("DESCRIPTION:<p>New <b>disks</b></p>Soon."))[0].text == "New disks\n\nSoon."
    assert planned(event("DESCRIPTION:a < b and  <c>"))[0].text == "a < b and  <c>"


@pytest.mark.parametrize("status", ["CANCELLED", "cancelled", "TENTATIVE"])
def test_what_is_cancelled_or_not_certain_is_not_announced(status: str) -> None:
    assert planned(event(f"STATUS:{status}"), event("STATUS:CONFIRMED", uid="u2")) != []
    assert [plan.id for plan in planned(event(f"STATUS:{status}"))] == []


def test_the_version_with_the_highest_sequence_counts_wherever_it_stands() -> None:
    old, new = (
        event("SEQUENCE:1", summary="Old"),
        event("SEQUENCE:2", summary="New", start=":20260323T010000Z", end=":20260323T020000Z"),
    )
    for order in ((old, new), (new, old)):
        (plan,) = planned(*order)
        assert (plan.title, plan.starts_at.day) == ("New", 23)
    assert planned(event("SEQUENCE:3", "STATUS:CANCELLED"), old, new) == []
    assert planned(old)[0].id == planned(new)[0].id


def test_of_equal_sequences_the_one_stamped_last_counts() -> None:
    first = event("LAST-MODIFIED:20260301T000000Z", summary="First")
    second = event("LAST-MODIFIED:20260302T000000Z", summary="Second")
    assert [plan.title for plan in planned(second, first)] == ["Second"]


@pytest.mark.parametrize(
    ("zone", "head", "shown"),
    [
        (None, "", "22.03. 00:00-23.03. 00:00"),
        (ZoneInfo("Europe/Berlin"), "", "21.03. 23:00-22.03. 23:00"),
        (None, "X-WR-TIMEZONE:America/New_York", "22.03. 04:00-23.03. 04:00"),
        (ZoneInfo("Europe/Berlin"), "X-WR-TIMEZONE:America/New_York", "21.03. 23:00-22.03. 23:00"),
        (None, "X-WR-TIMEZONE:No/Where", "22.03. 00:00-23.03. 00:00"),
    ],
)
def test_whole_days_last_from_midnight_to_midnight_in_their_zone(zone: tzinfo | None, head: str, shown: str) -> None:
    whole = event(start=";VALUE=DATE:20260322", end=";VALUE=DATE:20260323")
    assert times(planned(whole, zone=zone, head=head)) == [shown]


def test_times_without_a_zone_are_in_the_zone_of_the_source() -> None:
    floating = event(start=":20260322T020000", end=":20260322T040000")
    assert times(planned(floating, zone=ZoneInfo("Europe/Berlin"))) == ["22.03. 01:00-22.03. 03:00"]


def test_a_zone_that_the_calendar_defines_itself_is_used() -> None:
    own = "\r\n".join(
        ["BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0530",
         "TZOFFSETTO:+0530", "TZNAME:OUR", "END:STANDARD", "END:VTIMEZONE"]
    )  # fmt: skip
    there = event(start=";TZID=Ours:20260322T063000", end=";TZID=Ours:20260322T073000")
    assert times(planned(own, there)) == ["22.03. 01:00-22.03. 02:00"]


def test_a_duration_stands_for_an_end() -> None:
    lasting = event().replace("DTEND:20260322T030000Z", "DURATION:PT90M")
    assert times(planned(lasting)) == ["22.03. 01:00-22.03. 02:30"]


def test_what_takes_no_time_has_no_title_or_is_far_away_is_left_out() -> None:
    assert planned(event(end=":20260322T010000Z"), event(uid="u2", summary="")) == []
    assert planned(event(start=":20260822T010000Z", end=":20260822T030000Z")) == []
    assert planned(event(start=":20250822T010000Z", end=":20250822T030000Z")) == []


@pytest.mark.parametrize(
    ("summary", "lines", "names"),
    [
        ("API: new disks", (), ("API: new disks", "API")),
        ("[Public API] new disks", (), ("[Public API] new disks", "Public API")),
        ("New disks", ("CATEGORIES:Website,Public API",), ("Website", "Public API", "New disks")),
        ("New disks", ("CATEGORIES:Website", "CATEGORIES:Mail"), ("Website", "Mail", "New disks")),
    ],
)
def test_the_names_of_what_it_may_concern(summary: str, lines: tuple[str, ...], names: tuple[str, ...]) -> None:
    (plan,) = planned(event(*lines, summary=summary))
    assert plan.names == names


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", b"\xff\xfe\x00", b"x" * 999]
)
def test_what_is_no_whole_calendar_is_refused(body: bytes) -> None:
    with pytest.raises(NoCalendar):
        read_calendar(body, None, NOW, NOW + timedelta(days=60))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;INTERVAL=5", "FREQ=HOURLY", "FREQ=DAILY;BYSECOND=0,1,2",
        "FREQ=DAILY;COUNT=999999", "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31,-31", "FREQ=DAILY;BYSETPOS=9",
        "FREQ=DAILY;BYYEARDAY=400", "FREQ=YEARLY;BYMONTH=13",
    ],
)  # fmt: skip
def test_a_rule_that_stands_for_very_many_events_is_refused_at_once(rule: str) -> None:
    started = time.process_time()
    with pytest.raises(NoCalendar):
        planned(event(f"RRULE:{rule}"))
    assert time.process_time() - started < 1.0


def test_as_many_long_rules_as_are_read_take_bounded_time() -> None:
    started = time.process_time()
    later = {"start": ":20200101T010000Z", "end": ":20200101T020000Z"}
    ended = [event("RRULE:FREQ=DAILY;UNTIL=20210101T000000Z", uid=f"e{number}", **later) for number in range(100)]
    many = [event("RRULE:FREQ=DAILY", uid=f"u{number}", **later) for number in range(MOST_RECURRING)]
    assert len(planned(*many, *ended)) == 500
    assert time.process_time() - started < 20.0
    with pytest.raises(NoCalendar):
        planned(*many, event("RRULE:FREQ=DAILY", uid="one more"))


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "31.03."),
        ("FREQ=MONTHLY;BYDAY=1TU", "07.04."),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "31.03."),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=20991231T000000Z", "22.03."),
        ("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=2", "02.04."),
    ],
)
def test_the_rules_that_people_use_are_read(rule: str, first: str) -> None:
    plans = planned(event(f"RRULE:{rule}", start=":20250601T010000Z", end=":20250601T030000Z"))
    assert f"{plans[0].starts_at:%d.%m.}" == first
