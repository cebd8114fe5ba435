"""A realistic page in the objects of a PingPong project."""

from __future__ import annotations

from collections.abc import Mapping

from markdown_it import MarkdownIt

from bridge.sandbox.pingpong.markup import store_message
from bridge.sandbox.pingpong.objects import Component, CustomMetric, Group, Incident, Maintenance, Metric, Update
from bridge.sandbox.pingpong.tables import NAME_LIMIT, POINT_SLOT, SHOWCASES, TITLE_LIMIT
from bridge.sandbox.pingpong.world import World
from bridge.sandbox.realistic.plan import Health, Phase, PlannedIncident, PlannedMaintenance, PlannedMetric, PlannedPage

_HEALTH: Mapping[Health, str] = {
    "operational": "Operational", "unknown": "Unknown", "maintenance": "Maintenance mode", "degraded": "Minor issues",
    "partial": "Major issues", "major": "Critical state",
}  # fmt: skip
_PHASE: Mapping[Phase, str] = {
    "investigating": "Investigating", "identified": "Identified", "monitoring": "Verifying", "resolved": "Resolved",
}  # fmt: skip


class Renderer:
    """Puts a planned page into an empty world.

    Args:
        world: that gets the objects.
        page: the plan. Nobody can be subscribed, and there are no templates.
    """

    def __init__(self, world: World, page: PlannedPage) -> None:
        self._world = world
        self._page = page
        self._ids: dict[int, str] = {}
        self._markdown = MarkdownIt("js-default", {"html": False, "breaks": True})
        self._messages: dict[str, str] = {}

    def render(self) -> None:
        """Add all objects."""
        self._add_components()
        for incident in self._page.incidents:
            self._add_incident(incident)
        for maintenance in self._page.maintenances:
            self._add_maintenance(maintenance)
        for metric in self._page.metrics:
            self._add_metric(metric)

    def _message(self, text: str) -> str:
        """A text as people enter it in the editor: HTML."""
        if text not in self._messages:
            self._messages[text] = store_message(self._markdown.render(text))
        return self._messages[text]

    def _reporter(self, number: int) -> str:
        return self._world.settings.reported_by if number % 3 else "Robin Field"

    def _add_components(self) -> None:
        """Incidents and windows impose their status; the base status is how a component rests."""
        groups: dict[int, str] = {}
        for group in self._page.groups:
            groups[group.key] = self._world.new_id()
            made = Group(groups[group.key], group.name, self._page.begins_at, group.description)
            self._world.groups[made.id] = made
        hidden = {group.key for group in self._page.groups if group.hidden}
        for planned in self._page.components:
            component = Component(
                id=self._world.new_id(),
                name=planned.name,
                created_at=planned.since,
                group=None if planned.group is None else groups[planned.group],
                status=_HEALTH[planned.resting],
                description=planned.description or None,
                showcased=not planned.hidden and planned.group not in hidden,
            )
            self._world.components[component.id] = component
            self._ids[planned.key] = component.id

    def _add_incident(self, planned: PlannedIncident) -> None:
        report, reporter = planned.report, self._reporter(planned.key)
        incident = Incident(
            id=self._world.new_id(),
            title=_cut(planned.title, TITLE_LIMIT),
            created_at=report.at,
            reported_by=reporter,
            occurred_at=report.at,
            message=self._message(report.text),
            imposed={self._ids[key]: _HEALTH[health] for key, health in planned.worst().items()},
        )
        for entry in planned.updates:
            id, text = self._world.new_id(), self._message(entry.text)
            incident.updates.append(Update(id, entry.at, reporter, _PHASE[entry.phase], text))
        self._world.incidents[incident.id] = incident

    def _add_maintenance(self, planned: PlannedMaintenance) -> None:
        window = Maintenance(
            id=self._world.new_id(),
            name=_cut(planned.title, NAME_LIMIT),
            created_at=planned.notices[0].at,
            reported_by=self._reporter(1),
            scheduled_for=planned.starts_at,
            ends_at=planned.ends_at,
            message=self._message(planned.notices[0].text),
            component_ids=[self._ids[key] for key in planned.components],
        )
        self._world.maintenances[window.id] = window

    def _add_metric(self, planned: PlannedMetric) -> None:
        id, begins_at = self._world.new_id(), self._page.begins_at
        component = None if planned.component is None else self._ids[planned.component]
        description = planned.description or None
        if planned.url is not None:
            self._world.metrics[id] = Metric(
                id, planned.name, begins_at, description, component, planned.url, showcased=SHOWCASES[1]
            )
            return
        slots = ((int(at.timestamp()), value) for at, value in planned.points)
        self._world.custom_metrics[id] = CustomMetric(
            id, planned.name, begins_at, description, component, planned.suffix, showcased=not planned.hidden,
            points={second // POINT_SLOT * POINT_SLOT: value for second, value in slots},
        )  # fmt: skip


def _cut(text: str, limit: int) -> str:
    """As people would: at a word, with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip() + "…"
