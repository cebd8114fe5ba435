"""A realistic page in Cachet 2's rows, with texts as the program would have stored them."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.sandbox.cachet2.cleaner import clean
from bridge.sandbox.cachet2.commit import NAME_WIDTH
from bridge.sandbox.cachet2.components import slug
from bridge.sandbox.cachet2.moments import round_half_minute
from bridge.sandbox.cachet2.subscribers import code_of
from bridge.sandbox.cachet2.world import World, component_row
from bridge.sandbox.realistic.plan import (
    Health,
    Phase,
    PlannedIncident,
    PlannedMetric,
    PlannedPage,
    PlannedSubscriber,
    Step,
)
from bridge.sandbox.table import Row

_HEALTH: Mapping[Health, int] = {
    "unknown": 0, "operational": 1, "maintenance": 1, "degraded": 2, "partial": 3, "major": 4,
}  # fmt: skip
_PHASE: Mapping[Phase, int] = {"investigating": 1, "identified": 2, "monitoring": 3, "resolved": 4}
_STEP: Mapping[Step, int] = {"scheduled": 0, "in_progress": 1, "verifying": 1, "completed": 2}
_TAGS = ("Customer facing", "EU", "24/7")
_USERS = 2


class Renderer:
    """Puts a planned page into an empty world.

    Args:
        world: that gets the rows.
        page: the plan.
        version: of the program, which decides what its cleaner does.
        seed: of the codes of subscribers.
    """

    def __init__(self, world: World, page: PlannedPage, version: str, seed: int) -> None:
        self._world = world
        self._page = page
        self._version = version
        self._seed = seed
        self._components: dict[int, Row] = {}

    def render(self) -> None:
        """Add all rows."""
        self._add_components()
        for incident in self._page.incidents:
            self._add_incident(incident)
        self._add_schedules()
        for metric in self._page.metrics:
            if metric.url is None:
                self._add_metric(metric)
        for subscriber in self._page.subscribers:
            if subscriber.channel == "email" and subscriber.standing != "left":
                self._add_subscriber(subscriber)
        times = {"created_at": self._page.begins_at, "updated_at": self._page.begins_at, "deleted_at": None}
        for template in self._page.templates:
            named = {"name": template.name, "slug": slug(template.name), "template": template.twig}
            self._world.templates.add({**named, **times})

    def _clean(self, text: str) -> str:
        return str(clean(text, self._version))

    def _name(self, text: str) -> str:
        return self._clean(text)[:NAME_WIDTH]

    def _add_components(self) -> None:
        times = {"created_at": self._page.begins_at, "updated_at": self._page.begins_at}
        groups = {
            group.key: self._world.groups.add(
                {
                    "name": self._name(group.name), "order": group.key, "visible": int(not group.hidden),
                    "collapsed": group.key % 3, **times,
                }
            )
            for group in self._page.groups
        }  # fmt: skip
        tags = [self._world.tags.add({"name": name, "slug": slug(name)})["id"] for name in _TAGS]
        health = self._page.health()
        for component in self._page.components:
            row = component_row(
                self._name(component.name), component.since, description=self._clean(component.description),
                link=f"https://example.com/services/{component.key}" if component.key % 4 == 0 else "",
                status=_HEALTH[health[component.key]], order=component.key, enabled=not component.hidden,
                group_id=0 if component.group is None else groups[component.group]["id"],
                tags=tags[: component.key % 4], meta={"owner": "platform"} if component.key % 5 == 0 else None,
            )  # fmt: skip
            self._components[component.key] = self._world.components.add(row)

    def _add_incident(self, planned: PlannedIncident) -> None:
        """One component at most fits; the message stays raw, as the program stores it."""
        hit = next(iter(planned.worst()), None)
        report = planned.report
        row = self._world.incidents.add(
            {
                "name": self._name(planned.title), "status": _PHASE[planned.phase],
                "visible": int(not planned.hidden), "stickied": planned.stickied, "user_id": 1 + planned.key % _USERS,
                "meta": dict(planned.labels), "component_id": 0 if hit is None else self._components[hit]["id"],
                "message": report.text, "occurred_at": report.at.replace(second=0), "created_at": report.at,
                "updated_at": planned.entries[-1].at, "deleted_at": None,
            }
        )  # fmt: skip
        for entry in planned.updates:
            self._world.updates.add(
                {
                    "incident_id": row["id"], "status": _PHASE[entry.phase], "message": self._clean(entry.text),
                    "user_id": row["user_id"], "created_at": entry.at, "updated_at": entry.at,
                }
            )  # fmt: skip

    def _add_schedules(self) -> None:
        for planned in self._page.maintenances:
            self._world.schedules.add(
                {
                    "name": self._name(planned.title), "message": planned.notices[0].text,
                    "status": _STEP[planned.step], "scheduled_at": planned.starts_at.replace(second=0),
                    "completed_at": planned.ends_at.replace(second=0), "created_at": planned.notices[0].at,
                    "updated_at": planned.notices[-1].at, "deleted_at": None,
                }
            )  # fmt: skip

    def _add_metric(self, planned: PlannedMetric) -> None:
        row = self._world.metrics.add(
            {
                "name": self._name(planned.name), "suffix": planned.suffix,
                "description": self._clean(planned.description), "default_value": 0, "calc_type": 1,
                "display_chart": True, "places": planned.places, "default_view": 1, "threshold": 5, "order": 0,
                "visible": 2 if planned.hidden else 1, "created_at": self._page.begins_at,
                "updated_at": self._page.begins_at,
            }
        )  # fmt: skip
        for at, value in planned.points:
            self._world.points.add(
                {
                    "metric_id": row["id"], "value": value, "counter": 1, "created_at": round_half_minute(at),
                    "updated_at": at,
                }
            )  # fmt: skip

    def _add_subscriber(self, planned: PlannedSubscriber) -> None:
        """Who follows everything has a row for each component."""
        times = {"created_at": planned.since, "updated_at": planned.since}
        row = self._world.subscribers.add(
            {
                "email": planned.address, "verify_code": code_of(self._seed, planned.address),
                "verified_at": None if planned.standing == "unconfirmed" else planned.since, **times,
            }
        )  # fmt: skip
        for key in planned.components or self._components:
            self._world.subscriptions.add(
                {"subscriber_id": row["id"], "component_id": self._components[key]["id"], **times}
            )
