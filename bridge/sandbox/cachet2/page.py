"""What a visitor of the Cachet 2 page sees, and the system status that ``/status`` tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.sandbox.cachet2 import words
from bridge.sandbox.cachet2.world import Settings, World
from bridge.sandbox.state import PublicPage, ShownComponent, ShownGroup, ShownIncident, ShownMaintenance, ShownUpdate
from bridge.sandbox.table import Row

FIXED = 4
COMPLETE = 2
MAJOR_SHARE = 0.5


def hidden_groups(world: World, settings: Settings) -> set[int]:
    """Ids of the groups that guests do not see (2.3 has none)."""
    return set() if settings.version == "2.3" else {g["id"] for g in world.groups if g["visible"] != 1}


def system_status(world: World, settings: Settings, guest: bool) -> tuple[str, str]:
    """``success``, ``info`` or ``danger``, and its message."""
    hidden = hidden_groups(world, settings) if guest else set()
    shown = [c for c in world.components if c["enabled"] and c["group_id"] not in hidden]
    major = sum(c["status"] == FIXED for c in shown)
    if shown and major / len(shown) >= MAJOR_SHARE:
        word = "danger"
    elif all(c["status"] == 1 for c in shown) and not _troubled(world, settings):
        word = "success"
    else:
        word = "info"
    return word, words.SYSTEM[settings.version][word][len(shown) > 1]


def _troubled(world: World, settings: Settings) -> bool:
    """2.4 asks every incident, 2.3 only the newest that is not a scheduled one."""
    if settings.version == "2.3":
        reported = [i for i in world.incidents if i["status"] > 0]
        return bool(reported) and reported[-1]["status"] != FIXED
    return any(i["status"] != FIXED and latest_status(world, i) != FIXED for i in world.incidents)


def latest_status(world: World, incident: Row) -> int:
    """The newest update's status, or the incident's own."""
    history = _history(world, incident)
    status: int = history[0]["status"] if history else incident["status"]
    return status


def _history(world: World, incident: Row) -> list[Row]:
    return sorted(world.updates.of(incident["id"]), key=lambda u: u["created_at"], reverse=True)


def glimpse(world: World, settings: Settings) -> Mapping[str, Any]:
    """The page in short, for the journal."""
    version = settings.version
    hidden = hidden_groups(world, settings)
    shown = [c for c in world.components if c["enabled"] and c["group_id"] not in hidden]
    open_ones = [(i, latest_status(world, i)) for i in world.incidents if i["visible"] == 1]
    return {
        "overall": system_status(world, settings, guest=True)[1],
        "components": {
            str(c["id"]): {"name": c["name"], "status": words.component_word(c["status"], version)} for c in shown
        },
        "incidents": {
            str(i["id"]): {"name": i["name"], "status": words.incident_word(status, version)}
            for i, status in open_ones
            if status != FIXED
        },
        "maintenances": {
            str(s["id"]): {"name": s["name"], "status": words.SCHEDULE[s["status"]]}
            for s in world.schedules
            if s["status"] != COMPLETE
        },
    }


def public_page(world: World, settings: Settings) -> PublicPage:
    """The whole page; hidden incidents, hidden groups and disabled components are not on it."""
    word, message = system_status(world, settings, guest=True)
    incidents = [_incident(world, settings, i) for i in world.incidents if i["visible"] == 1]
    incidents.sort(key=lambda i: i.started_at, reverse=True)
    return PublicPage(
        provider="cachet2",
        title="Cachet 2 sandbox",
        overall=message,
        tone=words.SYSTEM_TONE[word],
        groups=_groups(world, settings),
        open_incidents=tuple(i for i in incidents if i.resolved_at is None),
        past_incidents=tuple(i for i in incidents if i.resolved_at is not None),
        maintenances=tuple(_maintenance(s) for s in world.schedules if s["status"] != COMPLETE),
    )


def _groups(world: World, settings: Settings) -> tuple[ShownGroup, ...]:
    hidden = hidden_groups(world, settings)
    known = sorted((g for g in world.groups if g["id"] not in hidden), key=lambda g: g["order"])
    enabled = sorted((c for c in world.components if c["enabled"]), key=lambda c: c["order"])
    groups = [ShownGroup(g["name"], _components(enabled, {g["id"]}, settings)) for g in known]
    loose = {c["group_id"] for c in enabled} - {g["id"] for g in world.groups}
    return tuple(g for g in (*groups, ShownGroup(None, _components(enabled, loose, settings))) if g.components)


def _components(rows: list[Row], groups: set[int], settings: Settings) -> tuple[ShownComponent, ...]:
    shown = [(c, c["status"]) for c in rows if c["group_id"] in groups]
    return tuple(
        ShownComponent(
            name=c["name"],
            status=words.component_word(status, settings.version),
            tone=words.COMPONENT_TONE.get(status, "unknown"),
            description=c["description"],
        )
        for c, status in shown
    )


def _incident(world: World, settings: Settings, row: Row) -> ShownIncident:
    history = _history(world, row)
    status = history[0]["status"] if history else row["status"]

    def said(at: datetime, number: int, text: str) -> ShownUpdate:
        word, tone = words.incident_word(number, settings.version), words.INCIDENT_TONE.get(number, "unknown")
        return ShownUpdate(at, word, text, tone)

    first = said(row["occurred_at"], 1 if history else status, row["message"])
    steps = tuple(said(u["created_at"], u["status"], u["message"]) for u in history)
    component = world.components.live(row["component_id"])
    closed = (history[0]["created_at"] if history else row["updated_at"]) if status == FIXED else None
    return ShownIncident(
        id=str(row["id"]),
        title=row["name"],
        status=words.incident_word(status, settings.version),
        tone=words.INCIDENT_TONE.get(status, "unknown"),
        started_at=row["occurred_at"],
        updates=(*steps, first),
        components=(component["name"],) if component else (),
        resolved_at=closed,
    )


def _maintenance(row: Row) -> ShownMaintenance:
    said = (ShownUpdate(row["created_at"], words.SCHEDULE[row["status"]], row["message"], "maintenance"),)
    return ShownMaintenance(
        id=str(row["id"]),
        title=row["name"],
        status=words.SCHEDULE[row["status"]],
        starts_at=row["scheduled_at"],
        ends_at=row["completed_at"],
        updates=said if row["message"] else (),
    )
