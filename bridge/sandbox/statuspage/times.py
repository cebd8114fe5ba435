"""How Statuspage writes times: three formats for three surfaces."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.sandbox.statuspage.tables import RAILS_ZONES


def seconds(moment: datetime | None) -> str | None:
    """v1 on pages, components, groups and incidents: UTC, whole seconds."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def millis(moment: datetime | None) -> str | None:
    """v1 on incident updates: UTC with milliseconds."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zone_of(rails_name: str) -> ZoneInfo:
    """The page's zone; Rails names are translated, IANA names taken as they are, anything else is UTC."""
    try:
        return ZoneInfo(RAILS_ZONES.get(rails_name, rails_name))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Etc/UTC")


def local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """The public surface: the page's own offset, with milliseconds; ``Z`` where the offset is none."""
    if moment is None:
        return None
    return moment.astimezone(zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")
