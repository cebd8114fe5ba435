"""A small world to play events against: what the store does with changes, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.model.enums import Action, AlertSeverity, Publication
from bridge.model.events import Event, ReceivedEvent
from bridge.model.objects import Incident
from bridge.model.state import Changes, Decision, Why, World
from bridge.policy import engine
from bridge.policy.rules import ComponentInfo, Match, Route, Rules

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

COMPONENTS = {
    "api": ComponentInfo("api", "Public API", "Core"),
    "web": ComponentInfo("web", "Website", "Core"),
    "jobs": ComponentInfo("jobs", "Background jobs"),
}

BY_SERVICE = Route(name="by-service", match=Match(), components=("{{ labels.service }}",))


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def rules(*routes: Route) -> Rules:
    return Rules(routes=routes or (BY_SERVICE,), components=COMPONENTS)


def route(**changes: Any) -> Route:
    return replace(BY_SERVICE, **changes)


def said(
    action: Action,
    key: str = "a",
    *,
    heard: float = 0,
    start: float | None = None,
    end: float | None = None,
    happened: float | None = None,
    severity: AlertSeverity | None = AlertSeverity.CRITICAL,
    labels: Mapping[str, str] | None = None,
    source: str = "prometheus",
    delivery: str | None = None,
    **fields: Any,
) -> ReceivedEvent:
    """One statement; all times in seconds after noon."""
    event = Event(
        dedup_key=key,
        action=action,
        severity=severity,
        title=fields.pop("title", f"Alert {key}"),
        labels={"service": "api"} if labels is None else labels,
        started_at=None if start is None else at(start),
        ended_at=None if end is None else at(end),
        happened_at=None if happened is None else at(happened),
        **fields,
    )
    return ReceivedEvent(source, delivery or f"dlv_{key}_{heard}_{action}", at(heard), event)


def fires(key: str = "a", start: float | None = 0, **fields: Any) -> ReceivedEvent:
    return said(Action.TRIGGER, key, start=start, **fields)


def ends(key: str = "a", end: float | None = 60, **fields: Any) -> ReceivedEvent:
    return said(Action.RESOLVE, key, end=end, **fields)


def apply(world: World, changes: Changes) -> World:
    """The world after changes, as the store keeps it: resolved incidents are no part of it any more."""
    groups = {**world.groups, **{group.id: group for group in changes.groups}}
    incidents = {**world.incidents, **{incident.id: incident for incident in changes.incidents}}
    return World(
        alerts={**world.alerts, **{alert.id: alert for alert in changes.alerts}},
        groups={identity: group for identity, group in groups.items() if identity not in changes.closed_groups},
        incidents={identity: incident for identity, incident in incidents.items() if incident.is_open},
        components={**world.components, **changes.components},
    )


class Stage:
    """Plays events and ticks, and remembers every incident and decision."""

    def __init__(self, *routes: Route) -> None:
        self.rules = rules(*routes)
        self.world = World()
        self.incidents: dict[str, Incident] = {}
        self.decisions: list[Decision] = []
        self.last = Changes()

    def play(self, *events: ReceivedEvent, now: float) -> Changes:
        return self._commit(engine.advance(self.world, events, at(now), self.rules))

    def judge(self, verdict: Publication, now: float) -> Changes:
        return self._commit(engine.decide(self.world, self.incident.id, verdict, at(now), self.rules))

    def _commit(self, changes: Changes) -> Changes:
        self.world = apply(self.world, changes)
        self.incidents |= {incident.id: incident for incident in changes.incidents}
        self.decisions += changes.decisions
        self.last = changes
        return changes

    @property
    def incident(self) -> Incident:
        """The one incident that there is."""
        (incident,) = self.incidents.values()
        return incident

    @property
    def messages(self) -> list[str]:
        return [update.message.source for update in self.incident.updates]

    @property
    def whys(self) -> list[Why]:
        return [decision.why for decision in self.decisions]


def whys(changes: Changes, *only: Why) -> list[Why]:
    return [decision.why for decision in changes.decisions if not only or decision.why in only]
