"""Dates of Cachet 3: any text PHP can read goes in, naive wall-clock texts of the server's zone come out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

_UNIX = re.compile(r"@(-?\d+)\Z")
_GREGORIAN_CYCLE = 12_622_780_800
"""Seconds in 400 years."""
_LAST_SECOND = 253_402_300_799
_UNITS = (
    ("year", 31_536_000),
    ("month", 2_629_746),
    ("week", 604_800),
    ("day", 86_400),
    ("hour", 3600),
    ("minute", 60),
)


def parse(value: Any, zone: tzinfo, now: datetime) -> datetime | None:
    """Read a date text; None when it is not one. Sub-seconds are dropped, no offset means the server's zone."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if match := _UNIX.match(text):
        return from_unix(int(match[1]))
    words = {"now": now, "today": _midnight(now, zone), "tomorrow": _midnight(now, zone) + timedelta(days=1)}
    if text.lower() in words:
        return words[text.lower()].replace(microsecond=0)
    moment = _read(text)
    if moment is None:
        return None
    local = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return local.astimezone(UTC).replace(microsecond=0)


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None


def _midnight(now: datetime, zone: tzinfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def from_unix(seconds: int) -> datetime:
    """A Unix time; milliseconds sent by mistake end in a year that the program misreads as 2008."""
    if seconds <= _LAST_SECOND:
        return datetime.fromtimestamp(seconds, UTC)
    return datetime.fromtimestamp(seconds % _GREGORIAN_CYCLE, UTC).replace(year=2008)


def round_half_minute(moment: datetime) -> datetime:
    """The nearest 30 seconds, as point times are stored."""
    return datetime.fromtimestamp(int((moment.timestamp() + 15) // 30) * 30, UTC)


def text(moment: datetime, zone: tzinfo) -> str:
    """A stored moment as the API prints it."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def show(moment: datetime | None, zone: tzinfo, now: datetime) -> dict[str, str | None]:
    """The ``{human, string}`` pair of a date, or of no date."""
    if moment is None:
        return {"human": None, "string": None}
    return {"human": human(moment, now), "string": text(moment, zone)}


def human(moment: datetime, now: datetime) -> str:
    """How long ago or ahead, in the largest whole unit."""
    seconds = int(abs((now - moment).total_seconds()))
    name, count = next(((name, seconds // size) for name, size in _UNITS if seconds >= size), ("second", seconds))
    plural = "" if count == 1 else "s"
    return f"{count} {name}{plural} {'from now' if moment > now else 'ago'}"
