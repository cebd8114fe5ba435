"""What PingPong derives: effective component status, page phrase, uptime. Pure; ``now`` is an argument."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bridge.sandbox.pingpong.objects import Component, Incident, Maintenance
from bridge.sandbox.pingpong.tables import ALL_DOWN, ALL_WELL, MAINTENANCE, RESOLVED, SEVERITY, SOME_ISSUES

DOWN = frozenset({"Critical state", "Unavailable"})
TROUBLE = frozenset({"Minor issues", "Major issues"}) | DOWN
UPTIME_WINDOW = timedelta(days=30)


def effective_status(
    component: Component,
    incidents: Iterable[Incident],
    maintenances: Iterable[Maintenance],
    now: datetime,
    *,
    maintenance_wins: bool,
) -> str:
    """The status that the page and every read show.

    The worst status that live incidents impose; else maintenance mode while a window is open; else the base status.

    Args:
        component: whose status.
        incidents: all incidents; resolved ones impose nothing.
        maintenances: all windows.
        now: the present.
        maintenance_wins: which of the two outranks the other; unknown about the real service.
    """
    imposed = [i.imposed[component.id] for i in incidents if i.live and component.id in i.imposed]
    serviced = any(m.running(now) and component.id in m.component_ids for m in maintenances)
    if serviced and (maintenance_wins or not imposed):
        return "Maintenance mode"
    if imposed:
        return max(imposed, key=lambda status: SEVERITY[status])
    return component.status


def page_phrase(statuses: list[str], *, live_incidents: bool) -> tuple[str, str]:
    """Phrase and colour over the effective statuses of the showcased components.

    Args:
        statuses: one per showcased component.
        live_incidents: decides when there are no components.
    """
    found = set(statuses)
    if not found:
        return SOME_ISSUES if live_incidents else ALL_WELL
    if found <= DOWN:
        return ALL_DOWN
    if found & TROUBLE:
        return SOME_ISSUES
    return MAINTENANCE if "Maintenance mode" in found else ALL_WELL


def uptime_percentage(incidents: Iterable[Incident], now: datetime) -> float:
    """Share of the last 30 days without a live incident that took a component down, in percent."""
    begin = now - UPTIME_WINDOW
    spans = sorted(
        (max(incident.occurred_at, begin), min(_end(incident, now), now))
        for incident in incidents
        if DOWN & set(incident.imposed.values())
    )
    down = timedelta()
    covered = begin
    for start, end in spans:
        if end > covered:
            down += end - max(start, covered)
            covered = end
    return round(100 * (1 - down / UPTIME_WINDOW), 2)


def _end(incident: Incident, now: datetime) -> datetime:
    ends = [update.created_at for update in incident.updates if update.status == RESOLVED]
    return ends[-1] if ends and not incident.live else now
