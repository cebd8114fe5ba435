"""Who would have been mailed: no mail is sent, each notice is a row of the journal (``notification``); webhooks are."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.statuspage.hooks import send_incident
from bridge.sandbox.statuspage.objects import Incident
from bridge.sandbox.statuspage.world import INCIDENT_SUBSCRIBERS, SUBSCRIBERS, World


def tell_subscribers(world: World, incident: Incident, update_id: str | None, reason: str) -> None:
    """Note a mail to everybody who follows the page, one of the components, or this incident.

    Args:
        world: the state.
        incident: what it is about.
        update_id: the update that is told, None for reminders and postmortems.
        reason: ``update``, ``reminder`` or ``postmortem``.
    """
    audience = _audience(world, incident)
    world.commit(
        "notification",
        update_id or incident.id,
        "created",
        {
            "reason": reason,
            "incident_id": incident.id,
            "incident_update_id": update_id,
            "recipients": [address(row) for row in audience],
        },
    )
    if reason != "reminder":
        for row in audience:
            if row["mode"] == "webhook":
                send_incident(world, row, incident)


def address(row: dict[str, Any]) -> str:
    """Where a subscriber is reached."""
    return str(row["endpoint"] or row["email"] or row["phone_number"])


def _audience(world: World, incident: Incident) -> list[dict[str, Any]]:
    attached = set(incident.component_ids)
    audience = []
    for row in world.table(SUBSCRIBERS).values():
        follows_all = not row["component_ids"]
        if row["state"] == "active" and (follows_all or attached & set(row["component_ids"])):
            audience.append(row)
    for row in world.table(INCIDENT_SUBSCRIBERS).values():
        if row["incident_id"] == incident.id and row["state"] == "active":
            audience.append(row)
    return audience
