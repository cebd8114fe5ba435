"""What people see of a component: its stored status with incidents and running maintenance laid over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bridge.sandbox.cachet3 import words
from bridge.sandbox.cachet3.world import Settings, World
from bridge.sandbox.table import Row

GUESTS = 1


@dataclass
class Impacts:
    """Component id → impacts, of open public incidents and of running published schedules."""

    incidents: dict[int, list[int]] = field(default_factory=dict)
    schedules: dict[int, list[int]] = field(default_factory=dict)
    unresolved: bool = False


def collect(world: World, now: datetime) -> Impacts:
    """Gather the impacts that count at this moment."""
    found = Impacts()
    for incident in world.incidents:
        if incident["status"] != words.FIXED and incident["visible"] == GUESTS and published(incident, now):
            found.unresolved = True
            for number, status in incident["components"].items():
                found.incidents.setdefault(number, []).append(status)
    for schedule in world.schedules:
        if published(schedule, now) and schedule_status(schedule, now) == words.IN_PROGRESS:
            for number, status in schedule["components"].items():
                found.schedules.setdefault(number, []).append(status or words.MAINTENANCE)
    return found


def published(row: Row, now: datetime) -> bool:
    """Whether an incident or schedule is out already."""
    return row["published_at"] is None or bool(row["published_at"] <= now)


def schedule_status(row: Row, now: datetime) -> int:
    """Upcoming, in progress or complete, by the dates alone; no end means for ever."""
    if row["scheduled_at"] > now:
        return words.UPCOMING
    if row["completed_at"] is None or row["completed_at"] >= now:
        return words.IN_PROGRESS
    return words.COMPLETE


def worst(statuses: Iterable[int]) -> int:
    """The most severe of some component statuses."""
    return min(statuses, key=words.WORST_FIRST.index)


def effective(component: Row, impacts: Impacts) -> int:
    """A running schedule replaces the stored status, incidents can only make it worse."""
    running = impacts.schedules.get(component["id"])
    base = worst(running) if running else component["status"]
    return worst([base, *impacts.incidents.get(component["id"], ())])


def system_status(world: World, settings: Settings, impacts: Impacts) -> str:
    """The word of ``/status``, over all enabled components."""
    shown = [effective(c, impacts) for c in world.components if c["enabled"]]
    if shown and shown.count(words.MAJOR_OUTAGE) / len(shown) >= settings.major_outage_share:
        return "major_outage"
    if words.MAINTENANCE in shown:
        return "under_maintenance"
    if all(status == words.OPERATIONAL for status in shown) and not impacts.unresolved:
        return "operational"
    return "partial_outage"
