"""A realistic page in Cachet 3's rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from random import Random

from bridge.sandbox.cachet3.incidents import slug
from bridge.sandbox.cachet3.moments import round_half_minute
from bridge.sandbox.cachet3.world import World, component_row, group_row
from bridge.sandbox.realistic.plan import (
    Health,
    Phase,
    PlannedIncident,
    PlannedMaintenance,
    PlannedMetric,
    PlannedPage,
    PlannedSubscriber,
)

_HEALTH: Mapping[Health, int] = {
    "operational": 1, "degraded": 2, "partial": 3, "major": 4, "unknown": 5, "maintenance": 6,
}  # fmt: skip
_PHASE: Mapping[Phase, int] = {"investigating": 1, "identified": 2, "monitoring": 3, "resolved": 4}


class Renderer:
    """Puts a planned page into an empty world.

    Args:
        world: that gets the rows.
        page: the plan.
        draw: draws the incidents' guids.
    """

    def __init__(self, world: World, page: PlannedPage, draw: Random) -> None:
        self._world = world
        self._page = page
        self._draw = draw
        self._ids: dict[int, int] = {}

    def render(self) -> None:
        """Add all rows."""
        self._add_components()
        for incident in self._page.incidents:
            self._add_incident(incident)
        for maintenance in self._page.maintenances:
            self._add_schedule(maintenance)
        for metric in self._page.metrics:
            if metric.url is None:
                self._add_metric(metric)
        for subscriber in self._page.subscribers:
            if subscriber.channel == "email" and subscriber.standing != "left":
                self._add_subscriber(subscriber)
        times = {"created_at": self._page.begins_at, "updated_at": self._page.begins_at}
        for template in self._page.templates:
            named = {"name": template.name, "slug": slug(template.name), "template": template.twig, "engine": "twig"}
            self._world.templates.add({**named, **times})

    def _add_components(self) -> None:
        """Their own status is how they rest: incidents and schedules lie over it."""
        begins_at = self._page.begins_at
        groups = {}
        for group in self._page.groups:
            seen, collapsed = int(not group.hidden), group.key % 3
            row = group_row(group.name, begins_at, order=group.key, visible=seen, collapsed=collapsed)
            groups[group.key] = self._world.groups.add(row)["id"]
        for component in self._page.components:
            row = component_row(
                component.name, component.since, description=component.description or None,
                link=f"https://example.com/services/{component.key}" if component.key % 4 == 0 else None,
                order=component.key, status=_HEALTH[component.resting], enabled=not component.hidden,
                group_id=None if component.group is None else groups[component.group],
                meta={"owner": "platform"} if component.key % 5 == 0 else {},
            )  # fmt: skip
            self._ids[component.key] = self._world.components.add(row)["id"]

    def _add_incident(self, planned: PlannedIncident) -> None:
        """An impact cannot change later, so it is the worst one."""
        report = planned.report
        row = self._world.incidents.add(
            {
                "guid": str(uuid.UUID(int=self._draw.getrandbits(128), version=4)), "name": planned.title,
                "message": report.text, "status": _PHASE[planned.phase], "visible": int(not planned.hidden),
                "stickied": planned.stickied, "notifications": planned.key % 2 == 0, "occurred_at": report.at,
                "published_at": report.at,
                "components": {self._ids[key]: _HEALTH[health] for key, health in planned.worst().items()},
                "meta": dict(planned.labels), "created_at": report.at, "updated_at": planned.entries[-1].at,
                "deleted_at": None,
            }
        )  # fmt: skip
        for entry in planned.updates:
            self._world.updates.add(
                {
                    "parent_type": "incident", "parent_id": row["id"], "message": entry.text,
                    "status": _PHASE[entry.phase], "created_at": entry.at, "updated_at": entry.at,
                }
            )  # fmt: skip

    def _add_schedule(self, planned: PlannedMaintenance) -> None:
        first, *later = planned.notices
        row = self._world.schedules.add(
            {
                "name": planned.title, "message": first.text, "scheduled_at": planned.starts_at,
                "completed_at": planned.ends_at, "published_at": first.at,
                "components": {self._ids[key]: _HEALTH["maintenance"] for key in planned.components}, "meta": {},
                "created_at": first.at, "updated_at": planned.notices[-1].at, "deleted_at": None,
            }
        )  # fmt: skip
        for notice in later:
            self._world.updates.add(
                {
                    "parent_type": "schedule", "parent_id": row["id"], "message": notice.text, "status": None,
                    "created_at": notice.at, "updated_at": notice.at,
                }
            )  # fmt: skip

    def _add_metric(self, planned: PlannedMetric) -> None:
        begins_at = self._page.begins_at
        row = self._world.metrics.add(
            {
                "name": planned.name, "suffix": planned.suffix, "description": planned.description or None,
                "default_value": None, "calc_type": 1, "display_chart": True, "places": planned.places, "threshold": 5,
                "default_view": 1, "order": 0, "visible": 0 if planned.hidden else 1, "created_at": begins_at,
                "updated_at": begins_at,
            }
        )  # fmt: skip
        for at, value in planned.points:
            self._world.points.add(
                {
                    "metric_id": row["id"], "value": float(value), "counter": 1, "updated_at": at,
                    "created_at": round_half_minute(at),
                }
            )  # fmt: skip

    def _add_subscriber(self, planned: PlannedSubscriber) -> None:
        self._world.subscribers.add(
            {
                "email": planned.address, "global": not planned.components,
                "components": [self._ids[key] for key in planned.components],
                "verified_at": None if planned.standing == "unconfirmed" else planned.since, "meta": {},
                "created_at": planned.since, "updated_at": planned.since,
            }
        )  # fmt: skip
