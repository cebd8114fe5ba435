"""Incidents and their updates."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.pingpong.fields import (
    Field,
    Wrong,
    choice,
    flag,
    moment,
    read_choice,
    read_fields,
    read_list,
    read_text,
    text,
)
from bridge.sandbox.pingpong.http import Call, Refusal, Reply, Resource
from bridge.sandbox.pingpong.markup import store_message
from bridge.sandbox.pingpong.objects import Incident, Update
from bridge.sandbox.pingpong.resources import listed, resets
from bridge.sandbox.pingpong.tables import COMPONENT_STATUSES, REFERENCE_LIMIT, RESOLVED, TITLE_LIMIT, UPDATE_STATUSES
from bridge.sandbox.pingpong.views import show_incident, show_update
from bridge.sandbox.pingpong.world import World


def incident_fields(world: World) -> tuple[Field, ...]:
    """What can be written on an incident. There is no status among it."""

    def read_affected(value: Any) -> dict[str, str]:
        return dict(read_list(value, lambda item: _read_affected(world, item), world.settings.framework))

    return (
        text("title", TITLE_LIMIT, required=True),
        text("message", blank=True, default=""),
        moment("occurred_at", nullable=True),
        flag("notify_subscribers"),
        Field("affected_components", read_affected, default={}, kind="field"),
    )


def _read_affected(world: World, item: Any) -> tuple[str, str]:
    if not isinstance(item, dict):
        kind = type(item).__name__
        raise Wrong({"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]})
    problems: dict[str, Any] = {name: ["This field is required."] for name in ("id", "status") if name not in item}
    values: dict[str, str] = {}
    for name in ("id", "status"):
        if name in item:
            try:
                values[name] = _read_id(world, item[name]) if name == "id" else _read_status(item[name])
            except Wrong as wrong:
                problems[name] = wrong.problem
    if problems:
        raise Wrong(problems)
    return values["id"], values["status"]


def _read_id(world: World, value: Any) -> str:
    id = read_text(value, REFERENCE_LIMIT)
    if id not in world.components:
        raise Wrong(f"Object with id={id} does not exist.")
    return id


def _read_status(value: Any) -> str:
    return read_choice(value, COMPONENT_STATUSES, exact=False)


def update_fields(world: World) -> tuple[Field, ...]:
    """What can be written on an update; ``In progress`` is not among the statuses."""
    return (
        choice("status", UPDATE_STATUSES, exact=world.settings.exact_words, required=True),
        text("message", required=True),
    )


def list_incidents(world: World, call: Call) -> Reply:
    """All incidents, resolved ones included."""
    return listed(world, call, [show_incident(world, incident) for incident in newest_first(world)])


def list_ongoing(world: World, call: Call) -> Reply:
    """Incidents that are not resolved."""
    return listed(world, call, [show_incident(world, incident) for incident in newest_first(world) if incident.live])


def newest_first(world: World) -> list[Incident]:
    """Incidents by creation, the newest first."""
    return list(reversed(world.incidents.values()))


def create_incident(world: World, call: Call) -> Reply:
    """A new incident, ``In progress`` and without updates. Subscribers are mailed unless told otherwise."""
    values = read_fields(incident_fields(world), call.read(), creating=True)
    now = world.now()
    incident = Incident(
        id=world.new_id(),
        title=values["title"],
        created_at=now,
        reported_by=world.settings.reported_by,
        occurred_at=values.get("occurred_at") or now,
        message=store_message(values.get("message", "")),
        imposed=values.get("affected_components", {}),
    )
    world.incidents[incident.id] = incident
    return _done(world, incident, "created", notify=values.get("notify_subscribers", True))


def get_incident(world: World, call: Call) -> Reply:
    """One incident."""
    return Reply(200, show_incident(world, _incident(world, call.args["id"])))


def update_incident(world: World, call: Call) -> Reply:
    """Change an incident: a list of components replaces the former one, ``occurred_at`` null moves the start to now."""
    incident = _incident(world, call.args["id"])
    fields = incident_fields(world)
    values = read_fields(fields, call.read(), creating=False, resetting=resets(world, call))
    if "title" in values:
        incident.title = values["title"]
    if "message" in values:
        incident.message = store_message(values["message"])
    if "occurred_at" in values:
        incident.occurred_at = values["occurred_at"] or world.now()
    if "affected_components" in values:
        incident.imposed = dict(values["affected_components"])
    return _done(world, incident, "updated", notify=values.get("notify_subscribers", True))


def _incident(world: World, id: str) -> Incident:
    return world.find(world.incidents, id, "Incident")


def _done(world: World, incident: Incident, event: Any, *, notify: bool) -> Reply:
    shown = show_incident(world, incident)
    world.commit("incident", incident.id, event, shown | {"notify_subscribers": notify})
    if notify:
        world.tell_subscribers(incident.id, "incident", incident.title)
    return Reply(201 if event == "created" else 200, shown)


def list_updates(world: World, call: Call) -> Reply:
    """The timeline of one incident, oldest first."""
    return listed(world, call, [show_update(update) for update in _incident(world, call.args["incident_id"]).updates])


def create_update(world: World, call: Call) -> Reply:
    """Post an update, which sets the incident's status. It cannot be backdated and has no notify switch."""
    incident = _incident(world, call.args["incident_id"])
    values = read_fields(update_fields(world), call.read(), creating=True)
    if not incident.live and values["status"] != RESOLVED and not world.settings.reopening:
        raise Refusal(400, {"status": ["This incident is already resolved."]})
    update = Update(
        id=world.new_id(),
        created_at=world.now(),
        reported_by=world.settings.reported_by,
        status=values["status"],
        message=store_message(values["message"]),
    )
    incident.updates.append(update)
    _commit_update(world, incident, update, "created")
    if world.settings.updates_notify:
        world.tell_subscribers(update.id, "update", incident.title)
    return Reply(201, show_update(update))


def get_update(world: World, call: Call) -> Reply:
    """One update."""
    return Reply(200, show_update(_update(world, call)[1]))


def change_update(world: World, call: Call) -> Reply:
    """Edit an update. Changing the newest one's status changes the incident's."""
    incident, update = _update(world, call)
    values = read_fields(update_fields(world), call.read(), creating=False, resetting=resets(world, call))
    update.status = values.get("status", update.status)
    if "message" in values:
        update.message = store_message(values["message"])
    _commit_update(world, incident, update, "updated")
    return Reply(200, show_update(update))


def delete_update(world: World, call: Call) -> Reply:
    """The one delete of the API. The incident falls back to the update before, or to ``In progress``."""
    incident, update = _update(world, call)
    incident.updates.remove(update)
    world.commit("incident_update", update.id, "deleted", None)
    return Reply(204)


def _update(world: World, call: Call) -> tuple[Incident, Update]:
    incident = _incident(world, call.args["incident_id"])
    by_id = {update.id: update for update in incident.updates}
    return incident, world.find(by_id, call.args["update_id"], "IncidentUpdate")


def _commit_update(world: World, incident: Incident, update: Update, event: Any) -> None:
    world.commit("incident_update", update.id, event, show_update(update) | {"incident_id": incident.id})


_ONE = "/incidents/{incident_id}/updates"
RESOURCES = (
    Resource("/incidents/ongoing", {"GET": list_ongoing}, "Incident Ongoing"),
    Resource("/incidents", {"GET": list_incidents, "POST": create_incident}, "Incident List", incident_fields),
    Resource("/incidents/{id}", {"GET": get_incident, "UPDATE": update_incident}, "Incident Instance", incident_fields),
    Resource(_ONE, {"GET": list_updates, "POST": create_update}, "Incident Update List", update_fields),
    Resource(
        _ONE + "/{update_id}",
        {"GET": get_update, "UPDATE": change_update, "DELETE": delete_update},
        "Incident Update Instance",
        update_fields,
    ),
)
