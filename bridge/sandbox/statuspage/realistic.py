"""A realistic page in the objects of Statuspage: components, incidents, maintenances, in the order of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.sandbox.realistic.plan import (
    Entry,
    Health,
    Notice,
    PlannedComponent,
    PlannedIncident,
    PlannedMaintenance,
    PlannedPage,
)
from bridge.sandbox.statuspage.lifecycle import judge, move_components
from bridge.sandbox.statuspage.membership import set_members
from bridge.sandbox.statuspage.objects import Component, Group, Incident, Postmortem, Update
from bridge.sandbox.statuspage.world import World

_HEALTH: Mapping[Health, str] = {
    "operational": "operational", "unknown": "operational", "degraded": "degraded_performance",
    "partial": "partial_outage", "major": "major_outage", "maintenance": "under_maintenance",
}  # fmt: skip
_SHOWN_WHEN_BAD, _OVERRIDDEN, _DRAFT = 15, 37, 5
_LATER = timedelta(days=1)


@dataclass(frozen=True)
class _Happening:
    """Something at one moment: an entry of an incident, or a notice of a maintenance."""

    at: datetime
    key: tuple[str, int]
    planned: PlannedIncident | PlannedMaintenance
    entry: Entry | Notice


class HistoryRenderer:
    """Puts components, incidents and maintenances of a planned page into a world without any.

    Args:
        world: that gets the objects.
        page: the plan. Nothing can be hidden here but a component's history.
    """

    def __init__(self, world: World, page: PlannedPage) -> None:
        self._world = world
        self._page = page
        self._open: dict[tuple[str, int], Incident] = {}
        self.ids: dict[int, str] = {}

    def render(self) -> None:
        """Add all objects; each change of a component is made at its time, so that uptime has a history."""
        self._add_components()
        for happening in sorted(self._happenings(), key=lambda happening: happening.at):
            self._happen(happening)
        for planned in self._page.incidents:
            if planned.postmortem is not None:
                self._open["incident", planned.key].postmortem = self._postmortem(planned, planned.postmortem)

    def _add_components(self) -> None:
        members: dict[int, list[str]] = {group.key: [] for group in self._page.groups}
        hidden = {group.key for group in self._page.groups if group.hidden}
        for planned in self._page.components:
            component = self._component(planned, showcase=not planned.hidden and planned.group not in hidden)
            self.ids[planned.key] = component.id
            if planned.group is not None:
                members[planned.group].append(component.id)
        for planned_group in self._page.groups:
            at = self._page.begins_at
            group = Group(
                self._world.new_id(), planned_group.name, at, at, self._world.next_position(None),
                planned_group.description,
            )  # fmt: skip
            self._world.groups[group.id] = group
            set_members(self._world, group, members[planned_group.key])

    def _component(self, planned: PlannedComponent, *, showcase: bool) -> Component:
        component = Component(
            id=self._world.new_id(),
            name=planned.name,
            created_at=planned.since,
            updated_at=planned.since,
            automation_email=f"component+{self._world.new_hex(32)}@notifications.statuspage.io",
            position=self._world.next_position(None),
            description=planned.description or None,
            showcase=showcase,
            only_show_if_degraded=planned.key % _SHOWN_WHEN_BAD == _SHOWN_WHEN_BAD - 1,
            start_date=planned.since.date(),
        )
        self._world.components[component.id] = component
        self._world.history[component.id] = [(planned.since, component.status)]
        self._world.set_status(component, _HEALTH[planned.resting], self._page.begins_at)
        return component

    def _happenings(self) -> list[_Happening]:
        found = [
            _Happening(entry.at, ("incident", planned.key), planned, entry)
            for planned in self._page.incidents
            for entry in planned.entries
        ]
        return found + [
            _Happening(notice.at, ("maintenance", number), planned, notice)
            for number, planned in enumerate(self._page.maintenances)
            for notice in planned.notices
        ]

    def _happen(self, happening: _Happening) -> None:
        incident = self._open.get(happening.key) or self._begin(happening)
        at, entry = happening.at, happening.entry
        incident.updated_at = at
        if isinstance(entry, Notice):
            incident.status = entry.step
            moves = self._moves_of(incident)
        else:
            incident.status = entry.phase
            moves = {self.ids[key]: _HEALTH[health] for key, health in entry.health.items()}
        _, affected = move_components(self._world, incident, [], moves, at)
        update = Update(self._world.new_id(), incident.status, entry.text, at, at, at, True, affected)
        incident.updates.append(update)
        judge(self._world, incident)

    def _begin(self, happening: _Happening) -> Incident:
        planned, at = happening.planned, happening.at
        incident = Incident(
            id=self._world.new_id(),
            name=planned.title,
            status="",
            created_at=at,
            updated_at=at,
            shortlink=f"https://stspg.io/{self._world.new_id()}",
        )
        self._world.incidents[incident.id] = self._open[happening.key] = incident
        if isinstance(planned, PlannedMaintenance):
            self._plan(incident, planned)
        else:
            incident.metadata = {"operations": dict(planned.labels)} if planned.labels else {}
            incident.impact_override = "minor" if planned.key % _OVERRIDDEN == 0 else None
        return incident

    def _plan(self, incident: Incident, planned: PlannedMaintenance) -> None:
        """All of them move on by themselves."""
        incident.component_ids = [self.ids[key] for key in planned.components]
        incident.scheduled_for, incident.scheduled_until = planned.starts_at, planned.ends_at
        incident.scheduled_auto_in_progress = incident.scheduled_auto_completed = True
        incident.auto_transition_to_maintenance_state = incident.auto_transition_to_operational_state = True
        if len(planned.components) == 1:
            incident.scheduled_remind_prior = True
            if planned.step != "scheduled":
                incident.scheduled_reminded_at = planned.starts_at - timedelta(hours=1)

    def _moves_of(self, incident: Incident) -> dict[str, str]:
        if incident.status == "in_progress":
            return dict.fromkeys(incident.component_ids, "under_maintenance")
        return dict.fromkeys(incident.component_ids, "operational") if incident.status == "completed" else {}

    def _postmortem(self, planned: PlannedIncident, text: str) -> Postmortem:
        """Every fifth was never published."""
        at = min(planned.entries[-1].at + _LATER, self._page.now)
        key = self._world.new_hex(32)
        if planned.key % _DRAFT == 0:
            return Postmortem(at, at, key, body_draft=text, body_draft_updated_at=at)
        return Postmortem(at, at, key, text, at, text, at, at)
