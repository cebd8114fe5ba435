"""Uptime of components and groups whose uptime is shown."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route
from bridge.sandbox.statuspage.outage import Outage, measure
from bridge.sandbox.statuspage.times import zone_of
from bridge.sandbox.statuspage.world import World

DEFAULT_DAYS = 90
LONGEST_MONTHS = 6
_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Range(NamedTuple):
    """First and last day, and what had to be adjusted."""

    start: date
    end: date
    warnings: list[str]


def get_component_uptime(world: World, call: Call) -> Reply:
    """Uptime of one component."""
    component = world.component(call.args["component_id"])
    if not component.showcase:
        raise Refusal(422, [("", "Uptime is not shown for this component")])
    span = _read_range(world, call, component.start_date)
    outage = _measure(world, [component.id], span)
    body = _show(span, outage) | {"id": component.id, "name": component.name}
    if not _skips_events(call):
        body["related_events"] = [{"id": id} for id in _related(world, component.id, span)]
    return Reply(200, body)


def get_group_uptime(world: World, call: Call) -> Reply:
    """Uptime of a group: the mean over those members whose uptime is shown."""
    group = world.group(call.args["id"])
    members = [world.components[id] for id in group.member_ids if world.components[id].showcase]
    if not members:
        raise Refusal(422, [("", "Uptime is not shown for any component of this group")])
    started = [member.start_date for member in members if member.start_date]
    span = _read_range(world, call, min(started, default=None))
    outage = _measure(world, [member.id for member in members], span)
    body = _show(span, outage) | {"id": group.id, "name": group.name}
    if not _skips_events(call):
        body["related_events"] = [
            {"component_id": member.id, "incidents": [{"id": id} for id in _related(world, member.id, span)]}
            for member in members
        ]
    return Reply(200, body)


def _show(span: Range, outage: Outage) -> dict[str, Any]:
    return {
        "range_start": span.start.isoformat(),
        "range_end": span.end.isoformat(),
        "uptime_percentage": outage.uptime,
        "major_outage": outage.major,
        "partial_outage": outage.partial,
        "warnings": span.warnings,
    }


def _skips_events(call: Call) -> bool:
    return call.query.get("skip_related_events", "false").lower() in ("true", "t", "1")


def _read_range(world: World, call: Call, started: date | None) -> Range:
    """The asked range in days of the page's zone; what lies outside of the component's life is adjusted with a warning.

    Raises:
        Refusal: 422 for unreadable dates, a range that ends before it starts or one of more than six months.
    """
    today = world.now().astimezone(zone_of(world.page["time_zone"])).date()
    warnings: list[str] = []
    end = _read_date(call, "end", last=True) or today
    if end > today:
        end = today
        warnings.append("End date was adjusted to today. See range_end field in response for end date used.")
    start = _read_date(call, "start", last=False)
    if start is None:
        start = max(end - timedelta(days=DEFAULT_DAYS), started or date.min)
    elif started is not None and start < started:
        start = started
        warnings.append("Start date was adjusted to the component's start date. See range_start field in response.")
    if start > end:
        raise Refusal(422, [("start", "must not be after end")])
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > LONGEST_MONTHS or (months == LONGEST_MONTHS and end.day > start.day):
        raise Refusal(422, [("start", "must lie within six calendar months of end")])
    return Range(start, end, warnings)


def _read_date(call: Call, name: str, *, last: bool) -> date | None:
    """A day, or the first or last day of a month or year."""
    raw = call.query.get(name)
    if not raw:
        return None
    match = _PARTIAL_DATE.fullmatch(raw)
    if match is None:
        raise Refusal(422, [(name, "is not a valid date")])
    year = int(match[1])
    try:
        month = int(match[2]) if match[2] else (12 if last else 1)
        day = int(match[3]) if match[3] else (calendar.monthrange(year, month)[1] if last else 1)
        return date(year, month, day)
    except (ValueError, IndexError) as error:
        raise Refusal(422, [(name, "is not a valid date")]) from error


def _bounds(world: World, span: Range) -> tuple[datetime, datetime]:
    zone = zone_of(world.page["time_zone"])
    start = datetime.combine(span.start, time(), zone).astimezone(UTC)
    end = datetime.combine(span.end + timedelta(days=1), time(), zone).astimezone(UTC)
    return start, min(end, world.now())


def _measure(world: World, ids: list[str], span: Range) -> Outage:
    start, end = _bounds(world, span)
    parts = [measure(world.history.get(id, []), start, end) for id in ids]
    return Outage(sum(p.major for p in parts), sum(p.partial for p in parts), sum(p.total for p in parts))


def _related(world: World, id: str, span: Range) -> list[str]:
    start, end = _bounds(world, span)
    return [
        incident.id
        for incident in world.incidents.values()
        if id in incident.component_ids and incident.started_at <= end and (incident.resolved_at or end) >= start
    ]


ROUTES = (
    Route("GET", "/pages/{page_id}/components/{component_id}/uptime", get_component_uptime),
    Route("GET", "/pages/{page_id}/component-groups/{id}/uptime", get_group_uptime),
)
