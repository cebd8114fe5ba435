"""Events of an iCalendar file (RFC 5545) as planned work. Pure.

- Of several versions of an event the one with the highest SEQUENCE counts, then the one that was stamped last.
- A recurring event is one piece of work for each time that it takes place; one that was moved keeps its name, which is
  the time at which it would have been.
- Dates without a time last from midnight to midnight. They, and times without a zone, are in the zone of the source.
- Notices of network operators (BCOP maintenance notes) tell status and what is concerned in X-MAINTNOTE properties.
- Some calendars hold markup in their descriptions; it becomes plain text.
- Nothing repeats more often than daily here: plans do not, and a short rule may stand for millions of events.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

from bridge.pages.feed_text import unmarked
from bridge.policy.literal import clean_block, clean_line

MOST_EVENTS, MOST_RECURRING, MOST_PLANS = 5_000, 50, 500
MOST_REPETITIONS = 10_000
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH"})
_FREQUENCIES = {
    "DAILY": _PARTS,
    "WEEKLY": _PARTS,
    "MONTHLY": _PARTS | {"BYSETPOS"},
    "YEARLY": _PARTS | {"BYSETPOS"},
}
"""How often a plan may be repeated, and the parts of a rule that are read then."""
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LABEL = re.compile(r"\s*(?:\[([^\[\]]{1,100})\]|([^:\[\]]{1,100}):)")
_UNANNOUNCED = ("CANCELLED", "TENTATIVE")
_STATUSES, _CONCERNED = ("STATUS", "X-MAINTNOTE-STATUS"), "X-MAINTNOTE-OBJECT-ID"
_TITLE, _TEXT = 255, 10_000


class NoCalendar(Exception):
    """The document is no calendar that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One piece of planned work.

    Attributes:
        id: the same for the same event, also when it is moved.
        names: what it may concern, as the event names it.
    """

    id: str
    title: str
    text: str
    starts_at: datetime
    ends_at: datetime
    names: tuple[str, ...] = ()


def read_calendar(body: bytes, zone: tzinfo | None, begin: datetime, end: datetime) -> list[Planned]:
    """What is planned between two moments, earliest first.

    Args:
        body: the calendar.
        zone: of times and dates that name none; None takes the calendar's own (``X-WR-TIMEZONE``), else UTC.
        begin: what ended before is left out.
        end: what begins later is left out.

    Raises:
        NoCalendar: it cannot be read, or is larger than a calendar of planned work can be.
    """
    events, own_zone = _events(body)
    try:
        return _plans(events, zone or own_zone, begin, end)
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        raise NoCalendar(f"its events cannot be placed in time ({type(error).__name__})") from error


def _plans(events: list[Event], zone: tzinfo, begin: datetime, end: datetime) -> list[Planned]:
    newest = _newest(events)
    recurring = {str(_first(event, "UID")) for event in newest if _repeats(event)}
    newest = [event for event in newest if not _ended_before(event, begin)]
    repeated = [event for event in newest if _repeats(event)]
    if len(repeated) > MOST_RECURRING:
        raise NoCalendar(f"it holds {len(repeated)} recurring events; at most {MOST_RECURRING} are read")
    for event in repeated:
        _bound(event, end)
    whole = Calendar()
    for event in newest:
        whole.add_component(event)
    plans: dict[str, Planned] = {}
    for part in _month_by_month(begin, end):
        for event in recurring_ical_events.of(whole).between(*part):
            plan = _planned(event, zone, recurring)
            if plan is not None and plan.ends_at > begin and plan.starts_at < end:
                plans.setdefault(plan.id, plan)
        if len(plans) >= MOST_PLANS:
            break
    return sorted(plans.values(), key=lambda plan: (plan.starts_at, plan.id))[:MOST_PLANS]


def _month_by_month(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The time in parts, so that a calendar with more than enough in the next weeks is not unrolled for a year."""
    while begin < end:
        yield begin, min(begin + timedelta(days=31), end)
        begin += timedelta(days=31)


def _events(body: bytes) -> tuple[list[Event], tzinfo]:
    """All events that can be told from others, and the zone that the calendar names."""
    try:
        calendars = Calendar.from_ical(body, multiple=True)
        found = (event for calendar in calendars for event in calendar.walk("VEVENT"))
        events = [event for event in found if isinstance(event, Event)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise NoCalendar("it is no iCalendar") from error
    if not calendars:
        raise NoCalendar("it is no iCalendar")
    if len(events) > MOST_EVENTS:
        raise NoCalendar(f"it holds {len(events)} events; at most {MOST_EVENTS} are read")
    zone = next((str(calendar["X-WR-TIMEZONE"]) for calendar in calendars if "X-WR-TIMEZONE" in calendar), "UTC")
    named = [event for event in events if _first(event, "UID") and _when(event, "DTSTART") is not None]
    named = [event for event in named if "RECURRENCE-ID" not in event or _when(event, "RECURRENCE-ID") is not None]
    try:
        return named, ZoneInfo(zone.strip())
    except (ValueError, OSError, KeyError):
        return named, UTC


def _newest(events: Iterable[Event]) -> list[Event]:
    """Of each event and each moved occurrence the version that counts."""
    best: dict[tuple[str, str], tuple[tuple[int, float], Event]] = {}
    for event in events:
        moved = _when(event, "RECURRENCE-ID")
        key = (str(_first(event, "UID")), moved.isoformat() if moved else "")
        rank = (_number(_first(event, "SEQUENCE")), _stamp(event))
        if key not in best or rank >= best[key][0]:
            best[key] = (rank, event)
    return [event for _, event in best.values()]


def _first(event: Event, name: str) -> Any:
    """A property's value, the first where it stands there twice against the rules."""
    value = event.get(name)
    return value[0] if isinstance(value, list) and name != "CATEGORIES" and value else value


def _when(event: Event, name: str) -> Any:
    """The moment or the date in a property; None where it is missing, or none at all."""
    try:
        return _first(event, name).dt
    except (AttributeError, ValueError):
        return None


def _number(value: Any) -> int:
    try:
        return int(value or 0)
    except (ValueError, TypeError):
        return 0


def _stamp(event: Event) -> float:
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        moment = _when(event, name)
        if isinstance(moment, datetime):
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return 0.0


def _repeats(event: Event) -> bool:
    return "RRULE" in event or "RDATE" in event


def _ended_before(event: Event, begin: datetime) -> bool:
    """Whether the rule of an event was over a month before a moment: nobody needs to look for its last day."""
    rules = event.get("RRULE")
    if rules is None or isinstance(rules, list) or "RDATE" in event:
        return False
    until = next(iter(rules.get("UNTIL") or ()), None)
    return until is not None and _moment(until, UTC) < begin - timedelta(days=31)


def _bound(event: Event, end: datetime) -> None:
    """See to it that a rule comes to an end soon after what is looked at.

    Raises:
        NoCalendar: it repeats more often than any plan does.
    """
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules is not None else []:
        parts = _FREQUENCIES.get(str(next(iter(rule.get("FREQ") or ()), "")).upper(), frozenset())
        if not {str(part).upper() for part in rule} <= parts:
            raise NoCalendar("an event repeats more often than once a day, or in a way that is not read")
        if not _comes_true(rule):
            raise NoCalendar("an event repeats on a day that no month has")
        if any(int(count) > MOST_REPETITIONS for count in rule.get("COUNT") or ()):
            raise NoCalendar(f"an event repeats more than {MOST_REPETITIONS} times")
        start, last = _when(event, "DTSTART"), end + timedelta(days=1)
        if start.year < 2000:
            raise NoCalendar("an event repeats since before 2000")
        until = next(iter(rule.get("UNTIL") or ()), None)
        if not rule.get("COUNT") and (until is None or _moment(until, UTC) > last):
            rule["UNTIL"] = [_same_kind(start, last)]


def _comes_true(rule: Mapping[str, Any]) -> bool:
    """Whether some month has some day of a rule; one that never comes true is searched until the year 9999."""
    days = [abs(int(day)) for day in rule.get("BYMONTHDAY") or ()]
    months = [int(month) for month in rule.get("BYMONTH") or range(1, 13)]
    longest = max((_LONGEST[month - 1] for month in months if 1 <= month <= 12), default=0)
    return bool(longest) and (not days or any(0 < day <= longest for day in days))


def _same_kind(start: Any, moment: datetime) -> date:
    """A moment as a date, a local time or UTC, as the rule of an event that starts so must end."""
    if not isinstance(start, datetime):
        return moment.date()
    return moment.astimezone(UTC) if start.tzinfo else moment.replace(tzinfo=None)


def _planned(event: Event, zone: tzinfo, recurring: set[str]) -> Planned | None:
    """One event; None for one that is not to be announced, or that takes no time."""
    if any(str(_first(event, name) or "").strip().upper() in _UNANNOUNCED for name in _STATUSES):
        return None
    try:
        begins, ends = _moment(event.start, zone), _moment(event.end, zone)
    except (ValueError, TypeError, OverflowError, AttributeError):
        return None
    title = clean_line(str(_first(event, "SUMMARY") or ""), _TITLE)
    if ends <= begins or not title:
        return None
    uid = str(_first(event, "UID"))
    moved = _when(event, "RECURRENCE-ID")
    part = _moment(moved, zone).isoformat() if moved is not None and uid in recurring else ""
    key = hashlib.sha256(f"{uid}\x1f{part}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    text = clean_block(unmarked(str(_first(event, "DESCRIPTION") or "")), _TEXT)
    return Planned(key, title, text, begins, ends, _names(event, title))


def _names(event: Event, title: str) -> tuple[str, ...]:
    label = _LABEL.match(title)
    front = (label[1] or label[2]).strip() if label else ""
    try:
        categories = [clean_line(str(name), 100) for name in event.categories]
    except (ValueError, TypeError, AttributeError):
        categories = []
    objects = event.get(_CONCERNED, [])
    concerned = [clean_line(str(name), 100) for name in (objects if isinstance(objects, list) else [objects])]
    return tuple(dict.fromkeys(name for name in (*categories, *concerned, title, front) if name))


def _moment(value: date | datetime, zone: tzinfo) -> datetime:
    """A moment in UTC, to the second; a date is its midnight."""
    whole = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (whole if whole.tzinfo else whole.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0)
