"""Incidents, maintenances and their updates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.sandbox.statuspage.fields import Field, Wrong, choice, day, flag, ids, moment, read_fields, text
from bridge.sandbox.statuspage.http import Call, Reply, Route, not_found
from bridge.sandbox.statuspage.lifecycle import change_incident, open_incident
from bridge.sandbox.statuspage.objects import Incident
from bridge.sandbox.statuspage.paging import INCIDENTS, PER_PAGE
from bridge.sandbox.statuspage.tables import BODY_LIMIT, COMPONENT_STATUSES, IMPACTS, INCIDENT_STATUSES, NAME_LIMIT
from bridge.sandbox.statuspage.views import show_incident, show_update
from bridge.sandbox.statuspage.world import World

_LIST = re.compile(r"\[\s*(\d+(\s*,\s*\d+)*)?\s*\]")
_HOURS = 24


def moves(value: Any, _form: bool) -> dict[str, str]:
    """A map of component id to status. The older form, a list, is refused."""
    if not isinstance(value, Mapping):
        raise Wrong("must be a map of component ids to statuses")
    if not all(status in COMPONENT_STATUSES for status in value.values()):
        raise Wrong("contains an unknown status")
    return dict(value)


def two_levels(value: Any, _form: bool) -> dict[str, Any]:
    """Metadata: an object whose every value is an object."""
    if not isinstance(value, Mapping) or not all(isinstance(inner, Mapping) for inner in value.values()):
        raise Wrong("must be an object of objects")
    return {key: dict(inner) for key, inner in value.items()}


def reminders(value: Any, _form: bool) -> str:
    """``"4"`` (every four hours), ``"[1, 5, 7]"`` (strictly rising hours) or ``"[]"`` (off)."""
    if not isinstance(value, str):
        raise Wrong("must be a string")
    if value.isdigit() and 1 <= int(value) <= _HOURS:
        return value
    if not _LIST.fullmatch(value):
        raise Wrong("must be a number of hours or a list of them")
    hours = [int(part) for part in re.findall(r"\d+", value)]
    if hours != sorted(set(hours)) or any(not 1 <= hour <= _HOURS for hour in hours):
        raise Wrong("must be strictly rising hours between 1 and 24")
    return value


FIELDS = (
    Field("name", text(NAME_LIMIT), required=True),
    Field("status", choice(INCIDENT_STATUSES), nullable=False),
    Field("impact_override", choice(IMPACTS)),
    Field("body", text(BODY_LIMIT)),
    Field("components", moves),
    Field("component_ids", ids, nullable=False),
    Field("deliver_notifications", flag, nullable=False),
    Field("metadata", two_levels),
    Field("scheduled_for", moment),
    Field("scheduled_until", moment),
    Field("scheduled_remind_prior", flag),
    Field("scheduled_auto_in_progress", flag),
    Field("scheduled_auto_completed", flag),
    Field("scheduled_auto_transition", flag),
    Field("auto_transition_to_maintenance_state", flag),
    Field("auto_transition_to_operational_state", flag),
    Field("auto_transition_deliver_notifications_at_start", flag),
    Field("auto_transition_deliver_notifications_at_end", flag),
    Field("auto_tweet_at_beginning", flag),
    Field("auto_tweet_on_completion", flag),
    Field("auto_tweet_on_creation", flag),
    Field("auto_tweet_one_hour_before", flag),
    Field("reminder_intervals", reminders),
    Field("backfilled", flag),
    Field("backfill_date", day),
)
UPDATE_FIELDS = (
    Field("body", text(BODY_LIMIT), nullable=False),
    Field("display_at", moment, nullable=False),
    Field("deliver_notifications", flag, nullable=False),
    Field("wants_twitter_update", flag, nullable=False),
)

SELECTIONS: dict[str, Callable[[Incident], bool]] = {
    "unresolved": lambda incident: not incident.planned and incident.status != "resolved",
    "scheduled": lambda incident: incident.planned and incident.status != "completed",
    "upcoming": lambda incident: incident.status == "scheduled",
    "active_maintenance": lambda incident: incident.status in ("in_progress", "verifying"),
}
"""The list variants. Where ``scheduled`` ends and ``upcoming`` begins is not documented."""


def list_incidents(world: World, call: Call) -> Reply:
    """All incidents, newest first; ``q`` searches name, status, postmortem and updates."""
    wanted = call.query.get("q", "").lower()
    found = [incident for incident in newest_first(world) if not wanted or wanted in _searchable(incident)]
    return Reply(200, [show_incident(world, incident) for incident in INCIDENTS.cut(call, found)])


def newest_first(world: World) -> list[Incident]:
    """Incidents by creation, the newest first."""
    return list(reversed(world.incidents.values()))


def _searchable(incident: Incident) -> str:
    published = incident.postmortem.body if incident.postmortem and incident.postmortem.published_at else None
    parts = [incident.name, incident.status, published or "", *(update.body for update in incident.updates)]
    return "\n".join(parts).lower()


def _list_selected(selected: Callable[[Incident], bool]) -> Callable[[World, Call], Reply]:
    def list_selected(world: World, call: Call) -> Reply:
        found = [incident for incident in newest_first(world) if selected(incident)]
        return Reply(200, [show_incident(world, incident) for incident in PER_PAGE.cut(call, found)])

    return list_selected


def create_incident(world: World, call: Call) -> Reply:
    """A new incident with its first update."""
    values = read_fields(FIELDS, call.wrapped("incident"), form=call.form, creating=True)
    return Reply(201, show_incident(world, open_incident(world, values)))


def get_incident(world: World, call: Call) -> Reply:
    """One incident."""
    return Reply(200, show_incident(world, world.incident(call.args["incident_id"])))


def patch_incident(world: World, call: Call) -> Reply:
    """Change an incident, and by that post an update."""
    incident = world.incident(call.args["incident_id"])
    values = read_fields(FIELDS, call.wrapped("incident"), form=call.form, creating=False)
    change_incident(world, incident, values)
    return Reply(200, show_incident(world, incident))


def delete_incident(world: World, call: Call) -> Reply:
    """Delete an incident; answers 200 with what it was."""
    incident = world.incident(call.args["incident_id"])
    shown = show_incident(world, incident)
    del world.incidents[incident.id]
    world.commit("incident", incident.id, "deleted", None)
    return Reply(200, shown)


def patch_update(world: World, call: Call) -> Reply:
    """Edit an update. It mails nobody; a moved ``display_at`` moves the times that are derived from it."""
    incident = world.incident(call.args["incident_id"])
    update = next((update for update in incident.updates if update.id == call.args["update_id"]), None)
    if update is None:
        raise not_found()
    values = read_fields(UPDATE_FIELDS, call.wrapped("incident_update"), form=call.form, creating=False)
    for name, value in values.items():
        setattr(update, name, value)
    update.updated_at = incident.updated_at = world.now()
    shown = show_update(incident.id, update)
    world.commit("incident_update", update.id, "updated", shown)
    return Reply(200, shown)


_ALL = "/pages/{page_id}/incidents"
_ONE = _ALL + "/{incident_id}"
ROUTES = (
    Route("GET", _ALL, list_incidents),
    Route("POST", _ALL, create_incident),
    *(Route("GET", f"{_ALL}/{name}", _list_selected(selected)) for name, selected in SELECTIONS.items()),
    Route("GET", _ONE, get_incident),
    Route("PATCH PUT", _ONE, patch_incident),
    Route("DELETE", _ONE, delete_incident),
    Route("PATCH PUT", _ONE + "/incident_updates/{update_id}", patch_update),
)
