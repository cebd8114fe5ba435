"""The objects of a PingPong project, as the sandbox keeps them. Times are aware UTC, whole seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bridge.sandbox.pingpong.tables import NEW_INCIDENT, RESOLVED


@dataclass
class Group:
    """A component group; membership is a property of the component."""

    id: str
    name: str
    created_at: datetime
    description: str | None = None


@dataclass
class Component:
    """A component. ``status`` is the base status; what is shown can be another one."""

    id: str
    name: str
    created_at: datetime
    group: str | None = None
    status: str = "Operational"
    description: str | None = None
    showcased: bool = True


@dataclass
class Update:
    """An entry of an incident's timeline, which alone moves the incident's status."""

    id: str
    created_at: datetime
    reported_by: str
    status: str
    message: str


@dataclass
class Incident:
    """An incident. ``imposed`` maps component ids to the status that holds while the incident is live."""

    id: str
    title: str
    created_at: datetime
    reported_by: str
    occurred_at: datetime
    message: str = ""
    imposed: dict[str, str] = field(default_factory=dict)
    updates: list[Update] = field(default_factory=list)
    """Oldest first."""

    @property
    def status(self) -> str:
        """Status of the newest update."""
        return self.updates[-1].status if self.updates else NEW_INCIDENT

    @property
    def live(self) -> bool:
        """Whether it is not resolved."""
        return self.status != RESOLVED


@dataclass
class Maintenance:
    """A planned window. Its status follows the clock and cannot be written."""

    id: str
    name: str
    created_at: datetime
    reported_by: str
    scheduled_for: datetime
    ends_at: datetime
    message: str = ""
    component_ids: list[str] = field(default_factory=list)

    def status(self, now: datetime) -> str:
        """Upcoming, In progress or Complete."""
        if now < self.scheduled_for:
            return "Upcoming"
        return "In progress" if now < self.ends_at else "Complete"

    def running(self, now: datetime) -> bool:
        """Whether the window is open."""
        return self.scheduled_for <= now < self.ends_at


@dataclass
class Metric:
    """A URL that the vendor pings."""

    id: str
    name: str
    created_at: datetime
    description: str | None = None
    component: str | None = None
    url: str = ""
    frequency: str = "5 minutes"
    location: str = "US East"
    showcased: str = "Don't showcase"


@dataclass
class CustomMetric:
    """A series fed from outside; ``points`` maps the second of a full minute to the value."""

    id: str
    name: str
    created_at: datetime
    description: str | None = None
    component: str | None = None
    suffix: str = ""
    rollup: str = "Mean value"
    showcased: bool = True
    points: dict[int, float] = field(default_factory=dict)
