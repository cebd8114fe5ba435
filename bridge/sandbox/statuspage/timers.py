"""What time alone does to maintenances. Run before every look at the state, so nothing needs a thread."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from bridge.sandbox.statuspage.lifecycle import turn_automatically
from bridge.sandbox.statuspage.notices import tell_subscribers
from bridge.sandbox.statuspage.objects import Incident
from bridge.sandbox.statuspage.world import World

REMINDER = timedelta(minutes=60)


class Due(NamedTuple):
    """One thing that time brings."""

    at: datetime
    incident: Incident
    what: str


def advance(world: World) -> None:
    """Bring every maintenance to the present, in the order in which things were due.

    ``scheduled`` turns to ``in_progress`` at its start and ``in_progress`` or ``verifying`` to ``completed`` at its
    end, each only with its own flag.
    """
    now = world.now()
    while True:
        due = [item for incident in world.incidents.values() for item in [_next(incident)] if item and item.at <= now]
        if not due:
            return
        _happen(world, min(due, key=lambda item: item.at))


def _next(incident: Incident) -> Due | None:
    start, end = incident.scheduled_for, incident.scheduled_until
    if start is None or end is None:
        return None
    if incident.status == "scheduled":
        if incident.scheduled_remind_prior and incident.scheduled_reminded_at is None:
            return Due(max(start - REMINDER, incident.created_at), incident, "reminder")
        if incident.scheduled_auto_in_progress:
            return Due(max(start, incident.created_at), incident, "in_progress")
        return None
    if incident.status in ("in_progress", "verifying") and incident.scheduled_auto_completed:
        return Due(max(end, incident.updates[-1].created_at), incident, "completed")
    return None


def _happen(world: World, due: Due) -> None:
    incident = due.incident
    if due.what == "reminder":
        incident.scheduled_reminded_at = due.at
        tell_subscribers(world, incident, None, "reminder")
        return
    at_start = due.what == "in_progress"
    wanted = (
        incident.auto_transition_deliver_notifications_at_start
        if at_start
        else incident.auto_transition_deliver_notifications_at_end
    )
    turn_automatically(world, incident, due.what, due.at, deliver=wanted is not False)
