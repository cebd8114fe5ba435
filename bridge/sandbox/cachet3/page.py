"""What a visitor of the Cachet 3 page sees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.sandbox.cachet3 import impact, words
from bridge.sandbox.cachet3.impact import GUESTS, Impacts
from bridge.sandbox.cachet3.world import Settings, World
from bridge.sandbox.state import PublicPage, ShownComponent, ShownGroup, ShownIncident, ShownMaintenance, ShownUpdate
from bridge.sandbox.table import Row


def _shown_components(world: World) -> list[Row]:
    hidden = {g["id"] for g in world.groups if g["visible"] != GUESTS}
    found = [c for c in world.components if c["enabled"] and c["group_id"] not in hidden]
    return sorted(found, key=lambda c: c["order"] or 0)


def _shown_incidents(world: World, now: datetime) -> list[Row]:
    return [i for i in world.incidents if i["visible"] == GUESTS and impact.published(i, now)]


def _shown_schedules(world: World, now: datetime) -> list[Row]:
    return [
        s for s in world.schedules
        if impact.published(s, now) and impact.schedule_status(s, now) != words.COMPLETE
    ]  # fmt: skip


def glimpse(world: World, settings: Settings, now: datetime) -> Mapping[str, Any]:
    """The page in short, for the journal."""
    impacts = impact.collect(world, now)
    return {
        "overall": words.SYSTEM[impact.system_status(world, settings, impacts)],
        "components": {
            str(c["id"]): {"name": c["name"], "status": words.COMPONENT[impact.effective(c, impacts)]}
            for c in _shown_components(world)
        },
        "incidents": {
            str(i["id"]): {"name": i["name"], "status": words.INCIDENT[i["status"]]}
            for i in _shown_incidents(world, now)
            if i["status"] != words.FIXED
        },
        "maintenances": {
            str(s["id"]): {"name": s["name"], "status": words.SCHEDULE[impact.schedule_status(s, now)]}
            for s in _shown_schedules(world, now)
        },
    }


def public_page(world: World, settings: Settings, now: datetime) -> PublicPage:
    """The whole page; what guests may not see is not on it."""
    impacts = impact.collect(world, now)
    word = impact.system_status(world, settings, impacts)
    incidents = sorted(
        (_incident(world, i) for i in _shown_incidents(world, now)), key=lambda i: i.started_at, reverse=True
    )
    return PublicPage(
        provider="cachet3",
        title="Cachet 3 sandbox",
        overall=words.SYSTEM[word],
        tone=words.SYSTEM_TONE[word],
        groups=_groups(world, impacts),
        open_incidents=tuple(i for i in incidents if i.resolved_at is None),
        past_incidents=tuple(i for i in incidents if i.resolved_at is not None),
        maintenances=tuple(_maintenance(world, s, now) for s in _shown_schedules(world, now)),
    )


def _groups(world: World, impacts: Impacts) -> tuple[ShownGroup, ...]:
    rows = _shown_components(world)
    named = sorted((g for g in world.groups if g["visible"] == GUESTS), key=lambda g: g["order"])
    groups = [ShownGroup(g["name"], _components(rows, g["id"], impacts)) for g in named]
    return tuple(g for g in (*groups, ShownGroup(None, _components(rows, None, impacts))) if g.components)


def _components(rows: list[Row], group: int | None, impacts: Impacts) -> tuple[ShownComponent, ...]:
    shown = [(c, impact.effective(c, impacts)) for c in rows if c["group_id"] == group]
    return tuple(
        ShownComponent(c["name"], words.COMPONENT[status], words.COMPONENT_TONE[status], c["description"] or "")
        for c, status in shown
    )


def _updates(world: World, kind: str, row: Row) -> list[Row]:
    return sorted(world.updates.of(kind, row["id"]), key=lambda u: (u["created_at"], u["id"]), reverse=True)


def _names(world: World, row: Row) -> tuple[str, ...]:
    found = (world.components.live(number) for number in row["components"])
    return tuple(c["name"] for c in found if c is not None)


def _incident(world: World, row: Row) -> ShownIncident:
    history = _updates(world, "incident", row)
    started = row["occurred_at"] or row["created_at"]
    steps = [
        ShownUpdate(u["created_at"], words.INCIDENT[u["status"]], u["message"], words.INCIDENT_TONE[u["status"]])
        for u in history
    ]
    first_word = words.INCIDENT[row["status"]] if not history else words.INCIDENT[1]
    fixed = row["status"] == words.FIXED
    return ShownIncident(
        id=str(row["id"]),
        title=row["name"],
        status=words.INCIDENT[row["status"]],
        tone=words.INCIDENT_TONE[row["status"]],
        started_at=started,
        updates=(*steps, ShownUpdate(started, first_word, row["message"])),
        components=_names(world, row),
        resolved_at=(history[0]["created_at"] if history else row["updated_at"]) if fixed else None,
    )


def _maintenance(world: World, row: Row, now: datetime) -> ShownMaintenance:
    word = words.SCHEDULE[impact.schedule_status(row, now)]
    steps = [ShownUpdate(u["created_at"], word, u["message"], "maintenance") for u in _updates(world, "schedule", row)]
    return ShownMaintenance(
        id=str(row["id"]),
        title=row["name"],
        status=word,
        starts_at=row["scheduled_at"],
        ends_at=row["completed_at"],
        updates=(*steps, ShownUpdate(row["created_at"], word, row["message"], "maintenance")),
        components=_names(world, row),
    )
