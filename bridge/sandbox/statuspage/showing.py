"""What a visitor of the Statuspage page sees, and its summary for the journal."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.state import (
    PublicPage,
    ShownComponent,
    ShownGroup,
    ShownIncident,
    ShownMaintenance,
    ShownUpdate,
    Tone,
)
from bridge.sandbox.statuspage.objects import Component, Incident
from bridge.sandbox.statuspage.resources.incidents import newest_first
from bridge.sandbox.statuspage.rollup import PageStatus, summarise_page
from bridge.sandbox.statuspage.world import World

TONES: dict[str, Tone] = {
    "operational": "good",
    "under_maintenance": "maintenance",
    "degraded_performance": "minor",
    "partial_outage": "major",
    "major_outage": "critical",
    "": "unknown",
}
INDICATOR_TONES: dict[str, Tone] = {
    "none": "good",
    "minor": "minor",
    "major": "major",
    "critical": "critical",
    "maintenance": "maintenance",
}
STATUS_TONES: dict[str, Tone] = {
    "investigating": "major",
    "identified": "minor",
    "monitoring": "minor",
    "resolved": "good",
    "completed": "good",
    "scheduled": "maintenance",
    "in_progress": "maintenance",
    "verifying": "maintenance",
}


_OVER = ("resolved", "completed")
_PLANS = "maintenances"
_LISTS = ("incidents", _PLANS)


def page_status(world: World) -> PageStatus:
    """Indicator and description over the leaf components."""
    return summarise_page([component.status for component in world.components.values()])


def draw_page(world: World) -> PublicPage:
    """The whole page. Components that only show when degraded are left out while they are well."""
    status = page_status(world)
    incidents = newest_first(world)
    realtime = [incident for incident in incidents if not incident.planned]
    return PublicPage(
        provider="statuspage",
        title=world.page["name"],
        overall=status.description,
        tone=INDICATOR_TONES[status.indicator],
        groups=_groups(world),
        open_incidents=tuple(_incident(world, i) for i in realtime if i.status != "resolved"),
        past_incidents=tuple(_incident(world, i) for i in realtime if i.status == "resolved"),
        maintenances=tuple(_maintenance(world, i) for i in incidents if i.planned),
        text_format="text",
    )


def glimpse(world: World) -> dict[str, Any]:
    """The page in short."""
    open_ones = [i for i in world.incidents.values() if i.status not in _OVER]
    return {
        "overall": page_status(world).description,
        "components": _short_components(world),
        "incidents": {i.id: {"name": i.name, "status": i.status} for i in open_ones if not i.planned},
        _PLANS: {i.id: {"name": i.name, "status": i.status} for i in open_ones if i.planned},
    }


class Summary:
    """The page in short after each commit. Only the incident that was committed is looked at again.

    Made anew from all incidents, a page of 1,000 open ones took three quarters of the time of every write.
    """

    def __init__(self) -> None:
        self._count = -1
        self._open: dict[str, dict[str, dict[str, str]]] = {}

    def after(self, world: World, kind: str, id: str) -> dict[str, Any]:
        """The page in short.

        Args:
            world: as it is now.
            kind: of what was committed.
            id: of what was committed.
        """
        count = len(world.incidents)
        if kind == "incident" and self._open and abs(count - self._count) <= 1:
            self._open = {name: self._with(world, name, id) for name in _LISTS}
        elif count != self._count:
            whole = glimpse(world)
            self._open = {name: whole[name] for name in _LISTS}
        self._count = count
        return {"overall": page_status(world).description, "components": _short_components(world), **self._open}

    def _with(self, world: World, name: str, id: str) -> dict[str, dict[str, str]]:
        """One of the two lists with what the incident is now. What was given out before is not changed."""
        known, incident = self._open[name], world.incidents.get(id)
        if incident is None or incident.status in _OVER or incident.planned != (name == _PLANS):
            return {other: short for other, short in known.items() if other != id} if id in known else known
        return {**known, id: {"name": incident.name, "status": incident.status}}


def _short_components(world: World) -> dict[str, dict[str, str]]:
    return {c.id: {"name": c.name, "status": c.status} for c in world.components.values()}


def _groups(world: World) -> tuple[ShownGroup, ...]:
    groups = [
        ShownGroup(group.name, _components([world.components[id] for id in group.member_ids]))
        for group in sorted(world.groups.values(), key=lambda group: group.position)
    ]
    loose = [c for c in world.components.values() if c.group_id is None]
    groups.append(ShownGroup(None, _components(sorted(loose, key=lambda c: c.position))))
    return tuple(group for group in groups if group.components)


def _components(components: list[Component]) -> tuple[ShownComponent, ...]:
    return tuple(
        ShownComponent(c.name, c.status, TONES[c.status], c.description or "")
        for c in components
        if not (c.only_show_if_degraded and c.status == "operational")
    )


def _updates(incident: Incident) -> tuple[ShownUpdate, ...]:
    shown = [
        ShownUpdate(update.display_at, update.status, update.body, STATUS_TONES[update.status])
        for update in reversed(incident.updates)
    ]
    postmortem = incident.postmortem
    if postmortem and postmortem.published_at:
        shown.insert(0, ShownUpdate(postmortem.published_at, "postmortem", postmortem.body or "", "good"))
    return tuple(shown)


def _incident(world: World, incident: Incident) -> ShownIncident:
    return ShownIncident(
        id=incident.id,
        title=incident.name,
        status=incident.status,
        tone="good" if incident.status == "resolved" else INDICATOR_TONES[incident.impact],
        started_at=incident.started_at,
        updates=_updates(incident),
        components=tuple(world.label_of(id) for id in incident.component_ids),
        impact=incident.impact,
        resolved_at=incident.resolved_at,
    )


def _maintenance(world: World, incident: Incident) -> ShownMaintenance:
    return ShownMaintenance(
        id=incident.id,
        title=incident.name,
        status=incident.status,
        starts_at=incident.scheduled_for or incident.created_at,
        ends_at=incident.scheduled_until,
        updates=_updates(incident),
        components=tuple(world.label_of(id) for id in incident.component_ids),
    )
