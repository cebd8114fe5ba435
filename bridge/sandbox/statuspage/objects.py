"""The core objects of a Statuspage page, as the sandbox keeps them. Times are aware UTC with milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bridge.sandbox.statuspage.tables import FINAL, PLANNED


@dataclass
class Component:
    """One component; a group is no component although it is listed among them."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    automation_email: str
    position: int
    description: str | None = None
    status: str = "operational"
    group_id: str | None = None
    showcase: bool = True
    only_show_if_degraded: bool = False
    start_date: date | None = None
    access_user_ids: list[str] = field(default_factory=list)
    access_group_ids: list[str] = field(default_factory=list)


@dataclass
class Group:
    """A component group. Membership is kept in the components; ``member_ids`` holds their order."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    position: int
    description: str | None = None
    member_ids: list[str] = field(default_factory=list)


@dataclass
class Affected:
    """One row of an update's ``affected_components``: the state before and after, with the name as it was then."""

    code: str
    name: str
    old_status: str
    new_status: str


@dataclass
class Update:
    """An incident update."""

    id: str
    status: str
    body: str
    created_at: datetime
    updated_at: datetime
    display_at: datetime
    deliver_notifications: bool
    affected: list[Affected] | None = None
    wants_twitter_update: bool = False


@dataclass
class Postmortem:
    """The postmortem of an incident: a draft, and what of it was published."""

    created_at: datetime
    updated_at: datetime
    preview_key: str
    body_draft: str | None = None
    body_draft_updated_at: datetime | None = None
    body: str | None = None
    body_updated_at: datetime | None = None
    published_at: datetime | None = None
    notify_subscribers: bool = False
    notify_twitter: bool = False
    custom_tweet: str | None = None


@dataclass
class Incident:
    """A realtime incident, a maintenance or a historical incident: Statuspage keeps all three in one resource."""

    id: str
    name: str
    status: str
    created_at: datetime
    updated_at: datetime
    shortlink: str
    component_ids: list[str] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    """Oldest first by ``created_at``; shown newest first."""
    peak_impact: str = "none"
    impact_override: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    reminder_intervals: str | None = None
    backfilled: bool = False
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    scheduled_remind_prior: bool = False
    scheduled_reminded_at: datetime | None = None
    scheduled_auto_in_progress: bool = False
    scheduled_auto_completed: bool = False
    auto_transition_to_maintenance_state: bool | None = None
    auto_transition_to_operational_state: bool | None = None
    auto_transition_deliver_notifications_at_start: bool | None = None
    auto_transition_deliver_notifications_at_end: bool | None = None
    postmortem: Postmortem | None = None

    @property
    def planned(self) -> bool:
        """Whether this is a maintenance."""
        return self.status in PLANNED

    @property
    def impact(self) -> str:
        """The override if there is one, else the worst impact that was ever computed."""
        return self.impact_override or self.peak_impact

    @property
    def started_at(self) -> datetime:
        """Follows the first update's display time; ``created_at`` does not."""
        return self.updates[0].display_at if self.updates else self.created_at

    @property
    def resolved_at(self) -> datetime | None:
        """Display time of the update that ended it; editing that time moves this one."""
        if self.status not in FINAL:
            return None
        ends = [update.display_at for update in self.updates if update.status in FINAL]
        return ends[-1] if ends else self.updated_at

    @property
    def monitoring_at(self) -> datetime | None:
        """Display time of the first monitoring update, kept after falling back to investigating."""
        return next((update.display_at for update in self.updates if update.status == "monitoring"), None)
