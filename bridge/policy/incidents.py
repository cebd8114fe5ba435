"""The course of an incident that is made of alerts: opened, updated, resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.ids import new_id
from bridge.model.enums import AlertSeverity, ComponentStatus, IncidentStatus, Severity, worst
from bridge.model.events import Alert, AlertGroup
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.policy.damping import Phase
from bridge.policy.gate import publication_of
from bridge.policy.rules import DEFAULT_STATUSES, Route


@dataclass(frozen=True, slots=True)
class Turn:
    """What one call of the engine makes of one group.

    Attributes:
        phase: what is to happen.
        group: the group as it will be, but for the id of an incident that is yet to be made.
        route: the group's route.
        incident: the open incident of the group, if it has one.
        firing: the members that fire now.
        joined: the members that began to fire since the last decision.
        left: the members that stopped since the last decision, and at the end all that wait to be closed.
        was_quiet: whether a ``close_after`` was running: then a return makes no noise.
    """

    phase: Phase
    group: AlertGroup
    route: Route
    incident: Incident | None = None
    firing: tuple[Alert, ...] = ()
    joined: tuple[Alert, ...] = ()
    left: tuple[Alert, ...] = ()
    was_quiet: bool = False

    @property
    def delivery(self) -> str | None:
        """A delivery that caused the turn, if one did: the last of those that stopped, else of those that began."""
        causes = self.left if self.phase is Phase.CLOSE else self.joined or self.left
        return causes[-1].delivery if causes else None


def status_for(route: Route, severity: AlertSeverity) -> ComponentStatus:
    """The component status that an alert of this severity gives; ``info`` never touches a component."""
    if severity is AlertSeverity.INFO:
        return ComponentStatus.OPERATIONAL
    return route.statuses.get(severity, DEFAULT_STATUSES[severity])


def open_incident(turn: Turn, title: str, message: str, now: datetime) -> Incident:
    """The incident of a group that has none, with its first update."""
    first = min(turn.firing, key=lambda alert: (alert.started_at, alert.id))
    life = (turn.group.id, first.id, first.started_at.isoformat(), first.delivery)
    incident = Incident(
        id=new_id("inc", now, *life),
        title=title,
        status=IncidentStatus.INVESTIGATING,
        impact=_impact(turn.firing),
        components=_components(turn),
        updates=(),
        started_at=min(first.started_at, now),
        visibility=turn.route.visibility,
        publication=publication_of(turn.route),
        notify=turn.route.notify,
        route=turn.route.name,
        group=turn.group.id,
    )
    return _append(incident, message, now)


def recompute(incident: Incident, turn: Turn, now: datetime) -> Incident:
    """The incident by the members that fire now; the very same object when nothing differs.

    The impact is the worst it ever was: what readers remember. The components follow the members up and down.
    """
    after = replace(
        incident,
        impact=max(incident.impact, _impact(turn.firing), key=lambda impact: impact.rank),
        components={**incident.components, **_components(turn)},
        started_at=min(incident.started_at, now, *(alert.started_at for alert in turn.joined)),
    )
    return incident if after == incident else _revised(after)


def phase_of(incident: Incident, firing: Iterable[Alert]) -> IncidentStatus:
    """The phase of an open incident: monitored while its sources keep all that fires to themselves."""
    if all(alert.muted for alert in firing):
        return IncidentStatus.MONITORING
    return IncidentStatus.INVESTIGATING if incident.status is IncidentStatus.MONITORING else incident.status


def say(incident: Incident, before: Incident, message: str, now: datetime) -> Incident:
    """Append one update to an incident that was ``before`` at the start of the turn."""
    return _append(incident if incident.revision > before.revision else _revised(incident), message, now)


def resolve_incident(turn: Turn, incident: Incident, message: str, now: datetime) -> Incident:
    """The incident with its last update: resolved when the last alert ended, by the sources' times."""
    ends = [alert.ended_at for alert in turn.left if alert.ended_at is not None]
    ended_at = max(ends, default=turn.group.since or now)
    resolved = replace(
        incident,
        status=IncidentStatus.RESOLVED,
        components=dict.fromkeys(incident.components, ComponentStatus.OPERATIONAL),
        resolved_at=max(min(ended_at, now), incident.started_at),
    )
    return _append(_revised(resolved), message, now)


def _append(incident: Incident, message: str, now: datetime) -> Incident:
    at = max(now, incident.updates[-1].at) if incident.updates else now
    update = IncidentUpdate(
        id=new_id("upd", at, incident.id, str(len(incident.updates))),
        message=Text(message),
        at=at,
        status=incident.status,
        components=incident.components,
    )
    return replace(incident, updates=(*incident.updates, update))


def _revised(incident: Incident) -> Incident:
    return replace(incident, revision=incident.revision + 1)


def _components(turn: Turn) -> Mapping[str, ComponentStatus]:
    status = worst(status_for(turn.route, alert.severity) for alert in turn.firing)
    return dict.fromkeys(turn.group.components, status)


def _impact(alerts: Iterable[Alert]) -> Severity:
    return max((alert.severity.severity for alert in alerts), key=lambda impact: impact.rank, default=Severity.NONE)
