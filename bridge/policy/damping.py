"""When a group of alerts opens an incident and when it resolves it: ``open_after`` and ``close_after``.

Delays are measured on our own clock, from arrival: a remote clock that is an hour slow must not skip them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bridge.model.events import AlertGroup
from bridge.policy.rules import Route


class Phase(StrEnum):
    """What is to happen to a group and its incident."""

    WAIT_TO_OPEN = "wait_to_open"
    OPEN = "open"
    UPDATE = "update"
    WAIT_TO_CLOSE = "wait_to_close"
    CLOSE = "close"
    BRIEF = "brief"
    """It began and ended before it was looked at: it opens and resolves at once."""
    DROP = "drop"


def damp(
    group: AlertGroup, route: Route, changed_at: datetime, now: datetime, fired_for: timedelta | None = None
) -> tuple[Phase, AlertGroup]:
    """Decide about one group.

    Args:
        group: with the members that fire now, and with ``incident`` only while that incident is open.
        route: the group's route, for its delays.
        changed_at: when the group began to fire or to be quiet, if it did so just now.
        now: the present moment.
        fired_for: how long a group that fires no more did fire, from arrival to arrival; None when that is not known.

    Returns:
        What is to happen, and the group with its delay started, kept or stopped.
    """
    if group.alerts:
        if group.incident is not None:
            return Phase.UPDATE, replace(group, since=None, due_at=None)
        since = group.since or changed_at
        due_at = since + route.open_after
        if now >= due_at:
            return Phase.OPEN, replace(group, since=None, due_at=None)
        return Phase.WAIT_TO_OPEN, replace(group, since=since, due_at=due_at)
    if group.incident is None:
        if fired_for is not None and fired_for >= route.open_after:
            # Whether an outage is told must not depend on how soon a worker came to look.
            return Phase.BRIEF, replace(group, since=changed_at, due_at=None)
        return Phase.DROP, replace(group, due_at=None)
    since = group.since or changed_at
    due_at = since + route.close_after
    if now >= due_at:
        return Phase.CLOSE, replace(group, since=since, due_at=None)
    return Phase.WAIT_TO_CLOSE, replace(group, since=since, due_at=due_at)
