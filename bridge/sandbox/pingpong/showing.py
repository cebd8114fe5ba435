"""What a visitor of the PingPong page sees, and its summary for the journal."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.pingpong.objects import Incident, Maintenance
from bridge.sandbox.pingpong.resources.incidents import newest_first
from bridge.sandbox.pingpong.tables import NEW_INCIDENT, RESOLVED
from bridge.sandbox.pingpong.world import World
from bridge.sandbox.state import (
    PublicPage,
    ShownComponent,
    ShownGroup,
    ShownIncident,
    ShownMaintenance,
    ShownUpdate,
    Tone,
)

TONES: dict[str, Tone] = {
    "Operational": "good",
    "Unknown": "unknown",
    "Maintenance mode": "maintenance",
    "Minor issues": "minor",
    "Major issues": "major",
    "Critical state": "critical",
    "Unavailable": "critical",
}
PAGE_TONES: dict[str, Tone] = {"green": "good", "orange": "major", "red": "critical", "gray": "maintenance"}
STATUS_TONES: dict[str, Tone] = {
    "In progress": "major",
    "Investigating": "major",
    "Identified": "minor",
    "Verifying": "minor",
    "Resolved": "good",
}


def draw_page(world: World) -> PublicPage:
    """The whole page; components that are not showcased are left out."""
    phrase, colour = world.phrase()
    incidents = newest_first(world)
    return PublicPage(
        provider="pingpong",
        title=world.settings.project,
        overall=phrase,
        tone=PAGE_TONES[colour],
        groups=_groups(world),
        open_incidents=tuple(_incident(world, incident) for incident in incidents if incident.live),
        past_incidents=tuple(_incident(world, incident) for incident in incidents if not incident.live),
        maintenances=tuple(_maintenance(world, window) for window in reversed(world.maintenances.values())),
        text_format="html",
    )


def glimpse(world: World) -> dict[str, Any]:
    """The page in short; component statuses are the effective ones."""
    now = world.context.clock.now()
    return {
        "overall": world.phrase()[0],
        "components": {c.id: {"name": c.name, "status": world.effective(c)} for c in world.components.values()},
        "incidents": {i.id: {"name": i.title, "status": i.status} for i in world.incidents.values() if i.live},
        "maintenances": {
            m.id: {"name": m.name, "status": m.status(now)} for m in world.maintenances.values() if now < m.ends_at
        },
    }


def _groups(world: World) -> tuple[ShownGroup, ...]:
    names: list[tuple[str | None, str | None]] = [(group.id, group.name) for group in world.groups.values()]
    groups = [ShownGroup(name, _components(world, id)) for id, name in [*names, (None, None)]]
    return tuple(group for group in groups if group.components)


def _components(world: World, group_id: str | None) -> tuple[ShownComponent, ...]:
    found = [c for c in world.components.values() if c.group == group_id and c.showcased]
    statuses = [world.effective(component) for component in found]
    return tuple(
        ShownComponent(c.name, status, TONES[status], c.description or "")
        for c, status in zip(found, statuses, strict=True)
    )


def _names(world: World, ids: list[str]) -> tuple[str, ...]:
    return tuple(world.components[id].name for id in ids)


def _incident(world: World, incident: Incident) -> ShownIncident:
    updates = [ShownUpdate(u.created_at, u.status, u.message, STATUS_TONES[u.status]) for u in incident.updates]
    report = ShownUpdate(incident.occurred_at, NEW_INCIDENT, incident.message, STATUS_TONES[NEW_INCIDENT])
    ends = [update.created_at for update in incident.updates if update.status == RESOLVED]
    return ShownIncident(
        id=incident.id,
        title=incident.title,
        status=incident.status,
        tone=STATUS_TONES[incident.status],
        started_at=incident.occurred_at,
        updates=(*reversed(updates), report),
        components=_names(world, list(incident.imposed)),
        resolved_at=None if incident.live else ends[-1],
    )


def _maintenance(world: World, window: Maintenance) -> ShownMaintenance:
    status = window.status(world.context.clock.now())
    return ShownMaintenance(
        id=window.id,
        title=window.name,
        status=status,
        starts_at=window.scheduled_for,
        ends_at=window.ends_at,
        updates=(ShownUpdate(window.created_at, status, window.message, "maintenance"),),
        components=_names(world, window.component_ids),
    )
