"""Outbound webhooks of Statuspage: an incident with all its updates, or a component and how it changed. Unsigned.

Keys are those of captures of 2017, with ``started_at`` and ``metadata``, which later bodies apparently have. Reminders
send nothing here (unknown), and a status that a component gets when it is made is no change.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bridge.sandbox.postbox import Posting
from bridge.sandbox.statuspage.objects import Component, Incident, Update
from bridge.sandbox.statuspage.rollup import summarise_page
from bridge.sandbox.statuspage.times import local, millis, zone_of
from bridge.sandbox.statuspage.views import show_affected, show_subscriber
from bridge.sandbox.statuspage.world import PAGE_ID, SUBSCRIBERS, Row, World

TIMEOUT = 30.0
DELAYS = (10.0, 30.0, 60.0, 120.0, 240.0, 480.0, 720.0, 900.0, 1040.0)
"""Ten attempts over an hour; how they are spread over it is not documented."""
PURGE = timedelta(days=90)
DOCUMENTATION = "https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/"


def send_incident(world: World, subscriber: Row, incident: Incident) -> None:
    """Tell one webhook subscriber about an incident."""
    _send(world, subscriber, "incident", {"incident": _incident(world, incident)})


def send_component(world: World, component: Component, old: str) -> None:
    """Tell every webhook subscriber who follows this component how it changed."""
    for row in list(world.table(SUBSCRIBERS).values()):
        follows = not row["component_ids"] or component.id in row["component_ids"]
        if row["mode"] == "webhook" and row["state"] == "active" and follows:
            change = {
                "old_status": old,
                "new_status": component.status,
                "created_at": millis(component.updated_at),
                "component_type": "Component",
                "id": world.new_id(),
                "component_id": component.id,
            }
            _send(world, row, "component", {"component_update": change, "component": _component(component)})


def _send(world: World, subscriber: Row, event: str, part: dict[str, Any]) -> None:
    body = json.dumps({**_head(world, subscriber), **part}, ensure_ascii=False).encode()
    posting = Posting(
        provider="statuspage",
        event=event,
        url=subscriber["endpoint"],
        body=body,
        headers={"Content-Type": "application/json", "User-Agent": "statusbridge-sandbox"},
        timeout=TIMEOUT,
        delays=DELAYS,
        give_up=_quarantine(world, subscriber["id"]),
    )
    world.context.postbox.post(posting)


def _quarantine(world: World, id: str) -> Callable[[], None]:
    """After the last failure the subscriber is told nothing more, until somebody reactivates it."""

    def act() -> None:
        with world.context.lock:
            row = world.table(SUBSCRIBERS).get(id)
            if row is not None and row["state"] == "active":
                now = world.now()
                row.update(state="quarantined", quarantined_at=now, purge_at=now + PURGE)
                world.commit("subscriber", id, "updated", show_subscriber(row))

    return act


def _head(world: World, subscriber: Row) -> dict[str, Any]:
    page = world.page
    status = summarise_page([component.status for component in world.components.values()])
    address = page["url"] or f"https://{page['subdomain']}.statuspage.io"
    return {
        "meta": {
            "unsubscribe": f"{address}/?unsubscribe={subscriber['id']}",
            "documentation": DOCUMENTATION,
            "generated_at": millis(world.now()),
        },
        "page": {"id": PAGE_ID, "status_indicator": status[0], "status_description": status[1]},
    }


def _component(component: Component) -> dict[str, Any]:
    """Times of components are UTC, whatever the page's zone is."""
    return {
        "status": component.status,
        "name": component.name,
        "created_at": millis(component.created_at),
        "updated_at": millis(component.updated_at),
        "position": component.position,
        "description": component.description,
        "showcase": component.showcase,
        "id": component.id,
        "page_id": PAGE_ID,
        "group_id": component.group_id,
    }


def _incident(world: World, incident: Incident) -> dict[str, Any]:
    """Times of incidents have the page's offset."""
    zone = zone_of(world.page["time_zone"])
    postmortem = incident.postmortem if incident.postmortem and incident.postmortem.published_at else None
    moments = (
        "created_at", "updated_at", "monitoring_at", "resolved_at", "started_at", "scheduled_for", "scheduled_until",
        "scheduled_reminded_at",
    )  # fmt: skip
    plain = (
        "impact", "shortlink", "backfilled", "scheduled_remind_prior", "impact_override",
        "scheduled_auto_in_progress", "scheduled_auto_completed", "id", "metadata",
    )  # fmt: skip
    return {
        "name": incident.name,
        "status": "postmortem" if postmortem else incident.status,
        **{name: local(getattr(incident, name), zone) for name in moments},
        **{name: getattr(incident, name) for name in plain},
        "postmortem_ignored": False,
        "postmortem_body": postmortem.body if postmortem else None,
        "postmortem_body_last_updated_at": local(postmortem.body_updated_at, zone) if postmortem else None,
        "postmortem_published_at": local(postmortem.published_at, zone) if postmortem else None,
        "postmortem_notified_subscribers": bool(postmortem and postmortem.notify_subscribers),
        "postmortem_notified_twitter": bool(postmortem and postmortem.notify_twitter),
        "page_id": PAGE_ID,
        "incident_updates": [_update(world, incident, update) for update in reversed(incident.updates)],
        "components": [_component(world.components[id]) for id in incident.component_ids if id in world.components],
    }


def _update(world: World, incident: Incident, update: Update) -> dict[str, Any]:
    zone = zone_of(world.page["time_zone"])
    return {
        "status": update.status,
        "body": update.body,
        "created_at": local(update.created_at, zone),
        "wants_twitter_update": update.wants_twitter_update,
        "twitter_updated_at": None,
        "updated_at": local(update.updated_at, zone),
        "display_at": local(update.display_at, zone),
        "affected_components": show_affected(update),
        "custom_tweet": None,
        "deliver_notifications": update.deliver_notifications,
        "id": update.id,
        "incident_id": incident.id,
    }
