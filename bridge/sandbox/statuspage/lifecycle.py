"""What writing an incident does: updates as side effects, components moved and attached, impact, transitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from bridge.sandbox.statuspage.hooks import send_component
from bridge.sandbox.statuspage.http import Refusal
from bridge.sandbox.statuspage.notices import tell_subscribers
from bridge.sandbox.statuspage.objects import Affected, Incident, Update
from bridge.sandbox.statuspage.rollup import judge_impact, keep_peak
from bridge.sandbox.statuspage.tables import DEFAULT_BODIES, FINAL, PLANNED, REALTIME
from bridge.sandbox.statuspage.times import zone_of
from bridge.sandbox.statuspage.views import show_component, show_incident, show_update
from bridge.sandbox.statuspage.world import World

PLAIN = (
    "name",
    "impact_override",
    "scheduled_for",
    "scheduled_until",
    "reminder_intervals",
    "auto_transition_to_maintenance_state",
    "auto_transition_to_operational_state",
    "auto_transition_deliver_notifications_at_start",
    "auto_transition_deliver_notifications_at_end",
)
"""Fields that are stored as they come."""
SWITCHES = ("scheduled_remind_prior", "scheduled_auto_in_progress", "scheduled_auto_completed")
"""Booleans that are never null."""


def open_incident(world: World, values: Mapping[str, Any]) -> Incident:
    """Make an incident, a maintenance or a historical incident, with its first update.

    Raises:
        Refusal: 422 when the values do not go together.
    """
    status = _first_status(values)
    check_times(status, values.get("scheduled_for"), values.get("scheduled_until"))
    _check_reminders(status, values)
    moves: dict[str, str] = values.get("components") or {}
    listed: list[str] = values.get("component_ids") or []
    if values.get("backfilled") and (moves or listed):
        raise Refusal(422, [("components", "can't be given for a backfilled incident")])
    world.check_listed("components", list(moves))
    world.check_listed("component_ids", listed)
    now = world.now()
    incident = Incident(
        id=world.new_id(),
        name=values["name"],
        status=status,
        created_at=now,
        updated_at=now,
        shortlink=f"https://stspg.io/{world.new_id()}",
        backfilled=bool(values.get("backfilled")),
    )
    _store(incident, values)
    world.incidents[incident.id] = incident
    moved, affected = move_components(world, incident, listed, moves, now)
    update = Update(
        id=world.new_id(),
        status=status,
        body=values.get("body") or DEFAULT_BODIES[status],
        created_at=now,
        updated_at=now,
        display_at=_shown_at(world, values, now),
        deliver_notifications=values.get("deliver_notifications", True) and not incident.backfilled,
        affected=affected,
    )
    incident.updates.append(update)
    judge(world, incident)
    _publish(world, incident, update, moved, created=True)
    return incident


def change_incident(world: World, incident: Incident, values: Mapping[str, Any]) -> None:
    """Patch an incident. ``status`` and/or ``body`` make one update; without either there is none.

    Resolving restores no component: what ``components`` does not name stays as it is.

    Raises:
        Refusal: 422 when the change is not possible.
    """
    status = values.get("status") or incident.status
    _check_change(world, incident, status)
    check_times(
        status,
        values.get("scheduled_for", incident.scheduled_for),
        values.get("scheduled_until", incident.scheduled_until),
    )
    _check_reminders(status, values)
    moves: dict[str, str] = values.get("components") or {}
    listed = values.get("component_ids")
    world.check_listed("components", list(moves))
    world.check_listed("component_ids", listed or [])
    now = world.now()
    turned = status != incident.status
    _store(incident, values)
    incident.status = status
    if listed is not None:
        incident.component_ids = []
    attached = incident.component_ids if listed is None else listed
    automatic = _automatic_moves(incident, attached) if turned else {}
    moved, affected = move_components(world, incident, attached, automatic | moves, now)
    incident.updated_at = now
    update = None
    if "status" in values or values.get("body"):
        update = Update(
            id=world.new_id(),
            status=status,
            body=values.get("body") or DEFAULT_BODIES[status],
            created_at=now,
            updated_at=now,
            display_at=now,
            deliver_notifications=values.get("deliver_notifications", True),
            affected=affected,
        )
        incident.updates.append(update)
    judge(world, incident)
    _publish(world, incident, update, moved, created=False)


def turn_automatically(world: World, incident: Incident, status: str, at: datetime, *, deliver: bool) -> None:
    """The clock moves a maintenance on: an update with the vendor's text, stamped with the planned time."""
    incident.status = status
    incident.updated_at = at
    moves = _automatic_moves(incident, incident.component_ids)
    moved, affected = move_components(world, incident, incident.component_ids, moves, at)
    update = Update(world.new_id(), status, DEFAULT_BODIES[status], at, at, at, deliver, affected)
    incident.updates.append(update)
    _publish(world, incident, update, moved, created=False)


def check_times(status: str, start: datetime | None, end: datetime | None) -> None:
    """A maintenance needs both times, the end after the start; a realtime incident has none.

    Raises:
        Refusal: 422.
    """
    if status in REALTIME:
        if start is not None or end is not None:
            raise Refusal(422, [("status", "is not a status of a scheduled maintenance")])
        return
    if start is None or end is None:
        raise Refusal(422, [("scheduled_for", "and scheduled_until must both be given for a maintenance")])
    if end <= start:
        raise Refusal(422, [("scheduled_until", "must be after scheduled_for")])


def _first_status(values: Mapping[str, Any]) -> str:
    if values.get("backfilled"):
        return "resolved"
    default = "scheduled" if values.get("scheduled_for") else "investigating"
    return values.get("status") or default


def _check_reminders(status: str, values: Mapping[str, Any]) -> None:
    if status in PLANNED and values.get("reminder_intervals") is not None:
        raise Refusal(422, [("reminder_intervals", "is not supported for a maintenance")])


def _check_change(world: World, incident: Incident, status: str) -> None:
    if incident.backfilled:
        raise Refusal(422, [("", "Historical incidents cannot be updated")])
    if (status in PLANNED) != incident.planned:
        raise Refusal(422, [("status", "is of the other kind of incident")])
    if incident.status in FINAL and status not in FINAL and not world.settings.reopening:
        raise Refusal(422, [("status", "can't be changed once the incident is resolved")])


def _shown_at(world: World, values: Mapping[str, Any], now: datetime) -> datetime:
    day: date | None = values.get("backfill_date")
    if not values.get("backfilled") or day is None:
        return now
    return datetime.combine(day, time(), zone_of(world.page["time_zone"])).astimezone(UTC)


def _store(incident: Incident, values: Mapping[str, Any]) -> None:
    for name in PLAIN:
        if name in values:
            setattr(incident, name, values[name])
    for name in SWITCHES:
        if name in values:
            setattr(incident, name, bool(values[name]))
    if "scheduled_auto_transition" in values:  # the older name of the flag
        incident.scheduled_auto_in_progress = bool(values["scheduled_auto_transition"])
    if "metadata" in values:
        incident.metadata = values["metadata"] or {}


def _automatic_moves(incident: Incident, attached: list[str]) -> dict[str, str]:
    """Component changes that the ``auto_transition_to_*`` flags bring at the start and the end of a maintenance."""
    if incident.status == "in_progress" and incident.auto_transition_to_maintenance_state:
        return dict.fromkeys(attached, "under_maintenance")
    if incident.status == "completed" and incident.auto_transition_to_operational_state:
        return dict.fromkeys(attached, "operational")
    return {}


def move_components(
    world: World, incident: Incident, listed: list[str], moves: Mapping[str, str], at: datetime
) -> tuple[dict[str, str], list[Affected] | None]:
    """Attach components, move those that ``moves`` names; gives the moved ones' old states and the rows for the update.

    The rows name every attached component, unmoved ones with equal states; without components there are none. A group
    row can be attached, but its status follows from its members and cannot be moved.
    """
    incident.component_ids = list(dict.fromkeys([*incident.component_ids, *listed, *moves]))
    before = {id: world.status_of(id) for id in incident.component_ids}
    moved = {
        id: before[id]
        for id, wanted in moves.items()
        if id in world.components and world.set_status(world.components[id], wanted, at)
    }
    if not incident.component_ids:
        return moved, None
    rows = [Affected(id, world.label_of(id), before[id], world.status_of(id)) for id in incident.component_ids]
    return moved, rows


def judge(world: World, incident: Incident) -> None:
    """Let the impact follow from the attached components; it never falls."""
    if incident.planned:
        incident.peak_impact = "maintenance"
    else:
        now = judge_impact([world.status_of(id) for id in incident.component_ids])
        incident.peak_impact = keep_peak(incident.peak_impact, now)


def _publish(world: World, incident: Incident, update: Update | None, moved: dict[str, str], *, created: bool) -> None:
    world.commit("incident", incident.id, "created" if created else "updated", show_incident(world, incident))
    if update is not None:
        world.commit("incident_update", update.id, "created", show_update(incident.id, update))
    for id in moved:
        world.commit("component", id, "updated", show_component(world.components[id]))
    if update is not None and update.deliver_notifications:
        tell_subscribers(world, incident, update.id, "update")
    for id, old in moved.items():
        send_component(world, world.components[id], old)
