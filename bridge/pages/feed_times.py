"""Times as hosted pages write them in their feeds: without a year, and in the zone of the page by its short name.

Facts (feeds of hosted pages): ``Sep 16, 22:08 UTC``, ``Aug 6, 15:37 EDT``, ``Mar 3, 09:00 -03``, and with seconds
``Jun 5, 01:40:38 GMT+0``. Some short names mean several zones; the time that the feed itself gives to an entry tells
which one is meant. A name that nobody knows leaves the time unknown; it is never guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

ZONE = r"(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5}"
"""A zone after a time, as a pattern."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMERIC = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")
_BY_OFFSET = {
    -10.0: "HST",
    -9.0: "AKST",
    -8.0: "PST AKDT",
    -7.0: "MST PDT",
    -6.0: "CST MDT",
    -5.0: "EST CDT COT PET",
    -4.0: "EDT AST CLT",
    -3.5: "NST",
    -3.0: "ADT BRT ART CLST",
    -2.5: "NDT",
    0.0: "UTC GMT WET",
    1.0: "CET BST WEST IST WAT",
    2.0: "CEST EET IST SAST CAT",
    3.0: "EEST MSK EAT IDT TRT AST",
    4.0: "GST",
    5.0: "PKT",
    5.5: "IST",
    7.0: "WIB ICT",
    8.0: "CST SGT HKT AWST MYT PHT PST",
    9.0: "JST KST",
    9.5: "ACST",
    10.0: "AEST",
    10.5: "ACDT",
    11.0: "AEDT",
    12.0: "NZST",
    13.0: "NZDT",
}
_ZONES: dict[str, list[timedelta]] = {}
for _offset, _names in _BY_OFFSET.items():
    for _name in _names.split():
        _ZONES.setdefault(_name, []).append(timedelta(hours=_offset))

_BACK, _AHEAD = timedelta(days=300), timedelta(days=65)


class Times:
    """The times that one entry writes.

    Args:
        first: when the entry was published, or planned to begin.
        last: when something was last added to it.
    """

    def __init__(self, first: datetime, last: datetime) -> None:
        self._last = max(first, last)
        self._added = last
        self._chosen: dict[str, timedelta | None] = {}

    def of_update(self, told: re.Match[str]) -> datetime | None:
        """When an update was written: before the entry was last changed, or not long after what the feed says."""
        wall = near(told, "", self._last)
        if wall is None or self._last - wall > _BACK:
            later = near(told, "", self._last + _AHEAD)
            wall = later if later is not None and later > self._last else wall
        if wall is None:
            return None
        zone = told["zone"]
        if zone not in self._chosen:
            added = self._added
            self._chosen[zone] = min(_offsets(zone), key=lambda offset: abs(wall - offset - added), default=None)
        return self._moment(wall, zone)

    def of_plan(self, told: re.Match[str], suffix: str, latest: datetime) -> datetime | None:
        """When planned work begins or ends, at the latest a day after a moment."""
        wall = near(told, suffix, latest)
        return self._moment(wall, told["zone"]) if wall is not None else None

    def _moment(self, wall: datetime, zone: str) -> datetime | None:
        """A time of the page in UTC. What updates have told about a zone goes before what it mostly means."""
        offset = self._chosen.get(zone) or next(iter(_offsets(zone)), None)
        return wall - offset if offset is not None else None


def near(told: re.Match[str], suffix: str, latest: datetime) -> datetime | None:
    """A time without a year, as if it were UTC: the last such one that is not later than a day after ``latest``."""
    month = told[f"month{suffix}"]
    if month not in _MONTHS:
        return None
    for year in (latest.year + 1, latest.year, latest.year - 1):
        try:
            at = datetime(year, _MONTHS.index(month) + 1, int(told[f"day{suffix}"]), int(told[f"hour{suffix}"]),
                          int(told[f"minute{suffix}"]), tzinfo=UTC)  # fmt: skip
        except ValueError:
            continue
        if at <= latest + timedelta(days=1):
            return at
    return None


def _offsets(zone: str) -> list[timedelta]:
    """What a zone may mean; nothing where nobody knows."""
    numeric = _NUMERIC.fullmatch(zone)
    if numeric is None:
        return _ZONES.get(zone, [])
    hours, minutes = int(numeric[2]), int(numeric[3] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    if hours > 14 or minutes > 59:
        return []
    return [-offset if numeric[1] == "-" else offset]
