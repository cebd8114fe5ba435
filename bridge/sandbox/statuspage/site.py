"""The public v2 JSON: what every hosted page serves without authentication. It takes no paging parameters at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from bridge.sandbox.state import Context
from bridge.sandbox.statuspage.objects import Component, Group, Incident
from bridge.sandbox.statuspage.resources.components import in_page_order
from bridge.sandbox.statuspage.resources.incidents import newest_first
from bridge.sandbox.statuspage.showing import page_status
from bridge.sandbox.statuspage.timers import advance
from bridge.sandbox.statuspage.times import local, zone_of
from bridge.sandbox.statuspage.views import show_affected
from bridge.sandbox.statuspage.world import PAGE_ID, World

NEWEST = 50
"""No more incidents or maintenances are given: it is no archive."""
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "max-age=10, public, s-maxage=10, stale-while-revalidate=20, stale-if-error=3600",
    "X-Statuspage-Version": "0" * 40,
    "X-Statuspage-Skip-Logging": "true",
}


def make_site(context: Context, world: Callable[[], World]) -> Blueprint:
    """Routes below the page's address; ``world`` gives the present state."""
    blueprint = Blueprint("statuspage_site", __name__)

    def add(path: str, make: Callable[[Public], dict[str, Any]]) -> None:
        def answer() -> Response:
            with context.lock:
                advance(world())
                public = Public(world())
                body = {"page": public.page(), **make(public)}
            return _answer(json.dumps(body, ensure_ascii=False))

        blueprint.add_url_rule(f"/api/v2/{path}.json", path, answer)

    add("summary", Public.summary)
    add("status", lambda public: {"status": public.status()})
    add("components", lambda public: {"components": public.components()})
    add("incidents", lambda public: {"incidents": public.incidents(lambda _: True)})
    add("incidents/unresolved", lambda public: {"incidents": public.incidents(_unresolved)})
    add("scheduled-maintenances", lambda public: {"scheduled_maintenances": public.maintenances(lambda _: True)})
    add("scheduled-maintenances/upcoming", lambda public: {"scheduled_maintenances": public.maintenances(_upcoming)})
    add("scheduled-maintenances/active", lambda public: {"scheduled_maintenances": public.maintenances(_active)})
    return blueprint


def _answer(text: str) -> Response:
    """A document with its weak ETag, or 304 to who has it already, as a recorded answer of 2020 has them."""
    response = Response(text, headers=HEADERS, mimetype="application/json")
    response.set_etag(hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(), weak=True)
    response.make_conditional(request)
    return response


def _unresolved(incident: Incident) -> bool:
    return incident.status != "resolved"


def _upcoming(incident: Incident) -> bool:
    return incident.status == "scheduled"


def _active(incident: Incident) -> bool:
    return incident.status in ("in_progress", "verifying")


class Public:
    """The state in the words of the public surface: the page's own offset, milliseconds, no metadata.

    Args:
        world: the state.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._zone = zone_of(world.page["time_zone"])

    def page(self) -> dict[str, Any]:
        """Head of every answer; the zone has its IANA name here."""
        page = self._world.page
        return {
            "id": PAGE_ID,
            "name": page["name"],
            "url": page["url"] or f"https://{page['subdomain']}.statuspage.io",
            "time_zone": self._zone.key,
            "updated_at": local(page["updated_at"], self._zone),
        }

    def status(self) -> dict[str, str]:
        """Indicator and description."""
        indicator, description = page_status(self._world)
        return {"indicator": indicator, "description": description}

    def summary(self) -> dict[str, Any]:
        """Everything that is going on."""
        return {
            "components": self.components(),
            "incidents": self.incidents(_unresolved),
            "scheduled_maintenances": self.maintenances(lambda incident: _upcoming(incident) or _active(incident)),
            "status": self.status(),
        }

    def components(self) -> list[dict[str, Any]]:
        """Components and group rows; only the latter carry ``components``."""
        return [self._listed(row["id"]) for row in in_page_order(self._world)]

    def incidents(self, selected: Callable[[Incident], bool]) -> list[dict[str, Any]]:
        """The newest realtime incidents of a selection."""
        found = [i for i in newest_first(self._world) if not i.planned and selected(i)]
        return [
            self._incident(incident) | {"reminder_intervals": incident.reminder_intervals}
            for incident in found[:NEWEST]
        ]

    def maintenances(self, selected: Callable[[Incident], bool]) -> list[dict[str, Any]]:
        """The newest maintenances of a selection."""
        found = [i for i in newest_first(self._world) if i.planned and selected(i)]
        return [self._maintenance(incident) for incident in found[:NEWEST]]

    def _listed(self, id: str) -> dict[str, Any]:
        if id in self._world.groups:
            group = self._world.groups[id]
            return self._row(group) | {"group": True, "components": list(group.member_ids)}
        return self._row(self._world.components[id])

    def _row(self, item: Component | Group) -> dict[str, Any]:
        leaf = item if isinstance(item, Component) else None
        return {
            "id": item.id,
            "name": item.name,
            "status": self._world.status_of(item.id),
            "created_at": local(item.created_at, self._zone),
            "updated_at": local(item.updated_at, self._zone),
            "position": item.position,
            "description": item.description,
            "showcase": leaf.showcase if leaf else False,
            "start_date": leaf.start_date.isoformat() if leaf and leaf.start_date else None,
            "group_id": leaf.group_id if leaf else None,
            "page_id": PAGE_ID,
            "group": False,
            "only_show_if_degraded": leaf.only_show_if_degraded if leaf else False,
        }

    def _maintenance(self, incident: Incident) -> dict[str, Any]:
        return self._incident(incident) | {
            "scheduled_for": local(incident.scheduled_for, self._zone),
            "scheduled_until": local(incident.scheduled_until, self._zone),
        }

    def _incident(self, incident: Incident) -> dict[str, Any]:
        published = incident.postmortem is not None and incident.postmortem.published_at is not None
        return {
            "id": incident.id,
            "name": incident.name,
            "status": "postmortem" if published else incident.status,
            "created_at": local(incident.created_at, self._zone),
            "updated_at": local(incident.updated_at, self._zone),
            "monitoring_at": local(incident.monitoring_at, self._zone),
            "resolved_at": local(incident.resolved_at, self._zone),
            "impact": incident.impact,
            "shortlink": incident.shortlink,
            "started_at": local(incident.started_at, self._zone),
            "page_id": PAGE_ID,
            "incident_updates": self._updates(incident),
            "components": [self._listed(id) for id in incident.component_ids],
        }

    def _updates(self, incident: Incident) -> list[dict[str, Any]]:
        return [
            {
                "id": update.id,
                "status": update.status,
                "body": update.body,
                "incident_id": incident.id,
                "created_at": local(update.created_at, self._zone),
                "updated_at": local(update.updated_at, self._zone),
                "display_at": local(update.display_at, self._zone),
                "affected_components": show_affected(update),
                "deliver_notifications": update.deliver_notifications,
                "custom_tweet": None,
                "tweet_id": None,
            }
            for update in reversed(incident.updates)
        ]
