"""Objects as the v1 API answers them: never wrapped, unset values null."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.statuspage.collection import show_times
from bridge.sandbox.statuspage.objects import Component, Group, Incident, Postmortem, Update
from bridge.sandbox.statuspage.times import millis, seconds
from bridge.sandbox.statuspage.world import PAGE_ID, Row, World


def show_component(component: Component) -> dict[str, Any]:
    """A component."""
    return {
        "id": component.id,
        "page_id": PAGE_ID,
        "group_id": component.group_id,
        "created_at": seconds(component.created_at),
        "updated_at": seconds(component.updated_at),
        "group": False,
        "name": component.name,
        "description": component.description,
        "position": component.position,
        "status": component.status,
        "showcase": component.showcase,
        "only_show_if_degraded": component.only_show_if_degraded,
        "automation_email": component.automation_email,
        "start_date": component.start_date.isoformat() if component.start_date else None,
    }


def show_group_row(world: World, group: Group) -> dict[str, Any]:
    """A group as it appears among the components: same id, status derived from the members."""
    return {
        "id": group.id,
        "page_id": PAGE_ID,
        "group_id": None,
        "created_at": seconds(group.created_at),
        "updated_at": seconds(group.updated_at),
        "group": True,
        "name": group.name,
        "description": group.description,
        "position": group.position,
        "status": world.status_of(group.id),
        "showcase": False,
        "only_show_if_degraded": False,
        "automation_email": None,
        "start_date": None,
    }


def show_listed(world: World, id: str) -> dict[str, Any]:
    """A component or group row by id."""
    return show_component(world.components[id]) if id in world.components else show_group_row(world, world.groups[id])


def show_group(group: Group) -> dict[str, Any]:
    """A component group as a resource of its own."""
    return {
        "id": group.id,
        "page_id": PAGE_ID,
        "name": group.name,
        "description": group.description,
        "components": list(group.member_ids),
        "position": group.position,
        "created_at": seconds(group.created_at),
        "updated_at": seconds(group.updated_at),
    }


def show_affected(update: Update) -> list[dict[str, str]] | None:
    """``affected_components``: null when nothing was attached, never an empty list."""
    if update.affected is None:
        return None
    return [
        {"code": row.code, "name": row.name, "old_status": row.old_status, "new_status": row.new_status}
        for row in update.affected
    ]


def show_update(incident_id: str, update: Update) -> dict[str, Any]:
    """An incident update, with milliseconds."""
    return {
        "id": update.id,
        "incident_id": incident_id,
        "affected_components": show_affected(update),
        "body": update.body,
        "created_at": millis(update.created_at),
        "custom_tweet": None,
        "deliver_notifications": update.deliver_notifications,
        "display_at": millis(update.display_at),
        "status": update.status,
        "tweet_id": None,
        "twitter_updated_at": None,
        "updated_at": millis(update.updated_at),
        "wants_twitter_update": update.wants_twitter_update,
    }


def show_incident(world: World, incident: Incident) -> dict[str, Any]:
    """An incident or maintenance, updates newest first."""
    return {
        "id": incident.id,
        "components": [show_listed(world, id) for id in incident.component_ids],
        "created_at": seconds(incident.created_at),
        "started_at": seconds(incident.started_at),
        "impact": incident.impact,
        "impact_override": incident.impact_override,
        "incident_updates": [show_update(incident.id, update) for update in reversed(incident.updates)],
        "incident_impacts": [],
        "metadata": incident.metadata,
        "monitoring_at": seconds(incident.monitoring_at),
        "name": incident.name,
        "page_id": PAGE_ID,
        **_postmortem_part(incident.postmortem),
        "resolved_at": seconds(incident.resolved_at),
        "scheduled_auto_completed": incident.scheduled_auto_completed,
        "scheduled_auto_in_progress": incident.scheduled_auto_in_progress,
        "scheduled_for": seconds(incident.scheduled_for),
        "auto_transition_deliver_notifications_at_end": incident.auto_transition_deliver_notifications_at_end,
        "auto_transition_deliver_notifications_at_start": incident.auto_transition_deliver_notifications_at_start,
        "auto_transition_to_maintenance_state": incident.auto_transition_to_maintenance_state,
        "auto_transition_to_operational_state": incident.auto_transition_to_operational_state,
        "scheduled_remind_prior": incident.scheduled_remind_prior,
        "scheduled_reminded_at": seconds(incident.scheduled_reminded_at),
        "scheduled_until": seconds(incident.scheduled_until),
        "shortlink": incident.shortlink,
        "status": incident.status,
        "updated_at": seconds(incident.updated_at),
        "reminder_intervals": incident.reminder_intervals,
    }


def _postmortem_part(postmortem: Postmortem | None) -> dict[str, Any]:
    published = postmortem if postmortem and postmortem.published_at else None
    return {
        "postmortem_body": published.body if published else None,
        "postmortem_body_last_updated_at": seconds(published.body_updated_at) if published else None,
        "postmortem_ignored": False,
        "postmortem_notified_subscribers": bool(published and published.notify_subscribers),
        "postmortem_notified_twitter": bool(published and published.notify_twitter),
        "postmortem_published_at": seconds(published.published_at) if published else None,
    }


def show_subscriber(row: Row) -> dict[str, Any]:
    """A subscriber; values of other modes are null, no components means all of them."""
    return {
        **show_times(row, "id", "mode", "email", "endpoint", "phone_number", "phone_country"),
        "display_phone_number": row["phone_number"],
        "obfuscated_channel_name": None,
        "workspace_name": None,
        **show_times(row, "skip_confirmation_notification", "quarantined_at", "purge_at", "created_at"),
        "components": row["component_ids"] or None,
        "page_access_user_id": row["page_access_user_id"],
    }
