"""Dates of Cachet 2: minute precision in, no zone out, "now" for null."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?\Z")
_ISO_MINUTES = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2}) (?P<h>\d{1,2}):(?P<i>\d{2})")
_DAY_FIRST = re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4}) (?P<h>\d{1,2}):(?P<i>\d{2})")
_DATE_ONLY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


class BadMoment(ValueError):
    """A date that the program's parser refuses; the text is the parser's own."""


def find_zone(name: str) -> tzinfo:
    """A PHP time zone by name or offset; raises KeyError for an unknown one (the program answers 500)."""
    if match := _OFFSET.match(name):
        sign, hours, minutes = match.groups()
        delta = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-delta if sign == "-" else delta)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise KeyError(name) from problem


def parse_minutes(text: str, zone: tzinfo, day_first: bool = False) -> datetime:
    """Read ``YYYY-MM-DD HH:MM`` (2.3: ``DD/MM/YYYY HH:MM``); parts out of range roll over.

    Raises:
        BadMoment: with the parser's words, as the program passes them on.
    """
    match = (_DAY_FIRST if day_first else _ISO_MINUTES).match(text)
    if match is None:
        raise BadMoment(_complaint(text))
    if match.end() != len(text):
        raise BadMoment("Trailing data")
    year, month, day, hour, minute = (int(match[part]) for part in "ymdhi")
    first = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC).replace(tzinfo=None)
    local = first + timedelta(days=day - 1, hours=hour, minutes=minute)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _complaint(text: str) -> str:
    if not re.match(r"\d{4}", text):
        return "A four digit year could not be found\nNot enough data available to satisfy format"
    if (date := _DATE_ONLY.match(text)) and date.end() < len(text):
        return "Unexpected data found.\nTrailing data"
    return "Not enough data available to satisfy format"


def show(moment: datetime, zone: tzinfo) -> str:
    """A stored moment as the API prints it."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def show_long(moment: datetime, zone: tzinfo, pattern: str) -> str:
    """A moment in the site's long format (``Saturday 21st November 2026 00:00:00``)."""
    local = moment.astimezone(zone)
    suffix = "th" if 10 <= local.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(local.day % 10, "th")
    return local.strftime(pattern.replace("{suffix}", suffix))


def round_half_minute(moment: datetime) -> datetime:
    """The nearest 30 seconds, as 2.4 stores point times."""
    seconds = int((moment.timestamp() + 15) // 30) * 30
    return datetime.fromtimestamp(seconds, UTC)
