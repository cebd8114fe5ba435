"""The plan of a realistic page, in words of no provider. Keys are places in the plan, not ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Health = Literal["operational", "degraded", "partial", "major", "maintenance", "unknown"]
Phase = Literal["investigating", "identified", "monitoring", "resolved"]
Step = Literal["scheduled", "in_progress", "verifying", "completed"]
Channel = Literal["email", "sms", "webhook", "slack", "teams"]
Standing = Literal["confirmed", "unconfirmed", "quarantined", "left"]

SEVERITY: dict[Health, int] = {
    "operational": 0, "unknown": 1, "maintenance": 2, "degraded": 3, "partial": 4, "major": 5,
}  # fmt: skip


@dataclass(frozen=True)
class PlannedGroup:
    """A group; ``hidden`` where the provider can hide one."""

    key: int
    name: str
    description: str
    hidden: bool = False


@dataclass(frozen=True)
class PlannedComponent:
    """A component.

    Attributes:
        group: key of its group; None for one outside of all.
        resting: how it is while nothing happens to it.
        hidden: where the provider can hide one.
    """

    key: int
    name: str
    description: str
    group: int | None
    since: datetime
    resting: Health = "operational"
    hidden: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry of an incident's history; ``health`` is what becomes of components with it."""

    at: datetime
    phase: Phase
    text: str
    health: Mapping[int, Health] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedIncident:
    """An incident.

    Attributes:
        entries: the report, then the updates, oldest first.
        hidden: where the provider can hide one.
        postmortem: what was written afterwards.
        labels: for providers that keep data with an incident.
    """

    key: int
    title: str
    entries: tuple[Entry, ...]
    hidden: bool = False
    stickied: bool = False
    postmortem: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> Entry:
        """The first entry."""
        return self.entries[0]

    @property
    def updates(self) -> tuple[Entry, ...]:
        """All entries after the report."""
        return self.entries[1:]

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self.entries[-1].phase

    def worst(self) -> dict[int, Health]:
        """The worst that each component went through."""
        found: dict[int, Health] = {}
        for entry in self.entries:
            for key, health in entry.health.items():
                found[key] = max(found.get(key, "operational"), health, key=SEVERITY.__getitem__)
        return found


@dataclass(frozen=True)
class Notice:
    """One entry of a maintenance's history."""

    at: datetime
    step: Step
    text: str


@dataclass(frozen=True)
class PlannedMaintenance:
    """A maintenance; its first notice is the announcement."""

    title: str
    starts_at: datetime
    ends_at: datetime
    components: tuple[int, ...]
    notices: tuple[Notice, ...]

    @property
    def step(self) -> Step:
        """Where it stands."""
        return self.notices[-1].step


@dataclass(frozen=True)
class PlannedMetric:
    """A metric.

    Attributes:
        url: of what a provider measures itself; None for a metric that is fed.
        points: time and value, oldest first.
    """

    name: str
    description: str
    suffix: str
    places: int
    component: int | None = None
    url: str | None = None
    hidden: bool = False
    points: tuple[tuple[datetime, float], ...] = ()


@dataclass(frozen=True)
class PlannedSubscriber:
    """Somebody who is told.

    Attributes:
        components: keys; empty for all.
    """

    channel: Channel
    address: str
    since: datetime
    standing: Standing = "confirmed"
    components: tuple[int, ...] = ()


@dataclass(frozen=True)
class PlannedTemplate:
    """A text to begin an incident with; ``body`` in words, ``twig`` with variables."""

    name: str
    title: str
    body: str
    twig: str


@dataclass(frozen=True)
class PlannedPage:
    """The whole page."""

    begins_at: datetime
    now: datetime
    groups: tuple[PlannedGroup, ...]
    components: tuple[PlannedComponent, ...]
    incidents: tuple[PlannedIncident, ...]
    maintenances: tuple[PlannedMaintenance, ...]
    metrics: tuple[PlannedMetric, ...]
    subscribers: tuple[PlannedSubscriber, ...]
    templates: tuple[PlannedTemplate, ...]

    def health(self) -> dict[int, Health]:
        """How each component is at the end of the plan."""
        found: dict[int, Health] = {component.key: component.resting for component in self.components}
        entries = [entry for incident in self.incidents for entry in incident.entries]
        for entry in sorted(entries, key=lambda entry: entry.at):
            found.update(entry.health)
        for maintenance in self.maintenances:
            if maintenance.step in ("in_progress", "verifying"):
                found.update(dict.fromkeys(maintenance.components, "maintenance"))
        return found
