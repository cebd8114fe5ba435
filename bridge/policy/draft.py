"""The working copy of the world during one call of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bridge.model.enums import ComponentStatus
from bridge.model.events import Alert, AlertGroup, ReceivedEvent
from bridge.model.objects import Incident
from bridge.model.state import Changes, Decision, Why, World
from bridge.policy.incidents import Turn
from bridge.policy.rules import Rules
from bridge.policy.wording import Words


@dataclass(slots=True)
class Draft:
    """What the steps of the engine work on. The world itself is never touched.

    Attributes:
        group_ids: ids of groups by route and components; kept because a batch asks for the same ones again and again.
        to_route: alerts to be routed → whether they have just begun to fire.
        heard: when the statement arrived by which an alert last began or stopped to fire.
        began: when the statement arrived by which an alert began to fire in this call.
        touched: ids of the groups that are decided in this call, in order.
        turns: what is to become of each touched group.
        stories: alert → the incident it has come to belong to in this call.
        closed: ids of the groups that are over.
    """

    world: World
    rules: Rules
    now: datetime
    events: Sequence[ReceivedEvent] = ()
    words: Words = field(default_factory=Words)
    group_ids: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    to_route: dict[str, bool] = field(default_factory=dict)
    heard: dict[str, datetime] = field(default_factory=dict)
    began: dict[str, datetime] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    stories: dict[str, str] = field(default_factory=dict)
    closed: dict[str, None] = field(default_factory=dict)
    components: dict[str, ComponentStatus] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    changed_alerts: dict[str, Alert] = field(default_factory=dict)
    changed_groups: dict[str, AlertGroup] = field(default_factory=dict)
    changed_incidents: dict[str, Incident] = field(default_factory=dict)

    def alert(self, identity: str) -> Alert | None:
        """An alert as it stands now."""
        return self.changed_alerts.get(identity) or self.world.alerts.get(identity)

    def note(
        self, subject: str, why: Why, text: str, *, delivery: str | None = None, incident: str | None = None
    ) -> None:
        """Record a decision and its reason."""
        self.decisions.append(Decision(self.now, subject, why, text, delivery, incident))

    def changes(self) -> Changes:
        """What differs from the world."""
        world = self.world
        return Changes(
            alerts=tuple(alert for alert in self.changed_alerts.values() if alert != world.alerts.get(alert.id)),
            groups=tuple(
                group
                for group in self.changed_groups.values()
                if group.id not in self.closed and group != world.groups.get(group.id)
            ),
            closed_groups=tuple(identity for identity in self.closed if identity in world.groups),
            incidents=tuple(self.changed_incidents.values()),
            components=dict(self.components),
            decisions=tuple(self.decisions),
        )
