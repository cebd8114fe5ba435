"""The second half of the engine: groups open, update and resolve incidents, incidents colour components."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.model.enums import AlertStatus, Ending, IncidentStatus, Publication
from bridge.model.events import Alert, AlertGroup
from bridge.model.objects import Incident
from bridge.model.state import Why
from bridge.policy.components import wanted_changes
from bridge.policy.damping import Phase, damp
from bridge.policy.draft import Draft
from bridge.policy.gate import is_shown
from bridge.policy.incidents import Turn, open_incident, phase_of, recompute, resolve_incident, say
from bridge.policy.intake import stale_at
from bridge.policy.rules import ComponentInfo, Match, Route
from bridge.policy.valves import why_held
from bridge.policy.wording import Context, Part, Written, leading

_LAST_WORDS = {
    Ending.RESOLVED: Part.RESOLVED,
    Ending.STALE: Part.STALE,
    Ending.WITHDRAWN: Part.WITHDRAWN,
}
_STORY = (Why.FIRED, Why.CHANGED, Why.RESOLVED, Why.STALE)
"""What about an alert is told in the story of its incident. Repeats are not: there may be thousands."""


def damp_groups(draft: Draft) -> None:
    """Decide what becomes of every touched group: open, update, wait, close, forget."""
    routes = {route.name: route for route in draft.rules.routes}
    ended = _ended_members(draft)
    for identity in draft.touched:
        turn = _take_turn(draft, draft.changed_groups[identity], routes, ended.get(identity, []))
        turn = _with_patience(draft, turn)
        draft.turns.append(turn)
        draft.changed_groups[identity] = turn.group
        if turn.phase in (Phase.CLOSE, Phase.BRIEF, Phase.DROP):
            draft.closed[identity] = None
        if turn.phase is not Phase.WAIT_TO_CLOSE:
            for alert in ended.get(identity, []):
                draft.changed_alerts[alert.id] = replace(alert, group=None)


def _with_patience(draft: Draft, turn: Turn) -> Turn:
    """The group is looked at again at the latest when the first of its members goes stale."""
    stale = [due_at for alert in turn.firing if (due_at := stale_at(alert, draft.rules))]
    waits = [moment for moment in (turn.group.due_at, *stale) if moment is not None]
    return replace(turn, group=replace(turn.group, due_at=min(waits, default=None)))


def _ended_members(draft: Draft) -> dict[str, list[Alert]]:
    """The resolved alerts that are still counted to a touched group."""
    members: dict[str, list[Alert]] = {}
    for alert in {**draft.world.alerts, **draft.changed_alerts}.values():
        if alert.status is AlertStatus.RESOLVED and alert.group in draft.touched:
            members.setdefault(alert.group, []).append(alert)
    for alerts in members.values():
        alerts.sort(key=lambda alert: (alert.ended_at or alert.started_at, alert.id))
    return members


def _take_turn(draft: Draft, group: AlertGroup, routes: dict[str, Route], ended: list[Alert]) -> Turn:
    before = draft.world.groups.get(group.id) or replace(group, alerts=())
    incident = draft.world.incidents.get(group.incident or "")
    if incident is not None and not incident.is_open:
        incident = None
    group = replace(group, incident=incident.id if incident else None)
    firing = tuple(_present(draft, group.alerts))
    joined = tuple(alert for alert in firing if alert.id not in before.alerts)
    left = tuple(_past(draft, before.alerts, group))
    route = routes.get(group.route)
    if route is None:
        route = Route(name=group.route, match=Match(), components=group.components)
        if incident is None:
            _unroute(draft, firing)
            return Turn(Phase.DROP, replace(group, alerts=()), route, left=firing or left)
    changed_at = _changed_at(draft, joined, left or tuple(ended))
    phase, damped = damp(group, route, changed_at, draft.now, _fired_for(draft, before, ended, changed_at))
    if phase is Phase.WAIT_TO_CLOSE:  # the closing words will speak of those that ended last
        damped = replace(damped, alerts=tuple(alert.id for alert in ended))
    gone = tuple(ended) or left if phase in (Phase.CLOSE, Phase.BRIEF, Phase.DROP) else left
    was_quiet = incident is not None and before.since is not None
    return Turn(phase, damped, route, incident, firing, joined, gone, was_quiet)


def _present(draft: Draft, ids: tuple[str, ...]) -> list[Alert]:
    return [alert for alert in map(draft.alert, ids) if alert is not None]


def _past(draft: Draft, ids: tuple[str, ...], group: AlertGroup) -> list[Alert]:
    """The members that stopped; one that fires elsewhere by now is told by its former life."""
    kept = set(group.alerts)
    gone = [identity for identity in ids if identity not in kept]
    return [
        alert if alert.status is AlertStatus.RESOLVED else draft.world.alerts.get(alert.id, alert)
        for alert in _present(draft, tuple(gone))
    ]


def _changed_at(draft: Draft, joined: tuple[Alert, ...], left: tuple[Alert, ...]) -> datetime:
    if joined:
        return min(draft.heard.get(alert.id, draft.now) for alert in joined)
    return max((draft.heard.get(alert.id, draft.now) for alert in left), default=draft.now)


def _fired_for(draft: Draft, before: AlertGroup, ended: list[Alert], stopped_at: datetime) -> timedelta | None:
    """How long a group fired that fires no more, from arrival to arrival."""
    begun = [draft.began[alert.id] for alert in ended if alert.id in draft.began]
    if before.since is not None:
        begun.append(before.since)
    return stopped_at - min(begun) if begun else None


def _unroute(draft: Draft, alerts: tuple[Alert, ...]) -> None:
    """Release the alerts of a route that is not configured any more: their next statement finds another."""
    for alert in alerts:
        draft.changed_alerts[alert.id] = replace(alert, route=None, components=(), group=None)


def write_incidents(draft: Draft) -> None:
    """Make the incidents that the turns ask for: at most one change and one update each."""
    actions = {
        Phase.WAIT_TO_OPEN: _wait_to_open,
        Phase.OPEN: _open,
        Phase.UPDATE: _update,
        Phase.WAIT_TO_CLOSE: _wait_to_close,
        Phase.CLOSE: _close,
        Phase.BRIEF: _tell_whole,
        Phase.DROP: _drop,
    }
    for turn in draft.turns:
        actions[turn.phase](draft, turn)


def _wait_to_open(draft: Draft, turn: Turn) -> None:
    if not _is_waiting_already(draft, turn):
        text = f"Its incident opens if it still fires after {turn.route.open_after}."
        draft.note(_subject(turn), Why.WAITING_TO_OPEN, text, delivery=turn.delivery)


def _open(draft: Draft, turn: Turn) -> None:
    started_at = min(draft.now, *(alert.started_at for alert in turn.firing))
    status = IncidentStatus.INVESTIGATING
    title = _write(draft, turn, Part.TITLE, turn.firing, status, started_at)
    message = _write(draft, turn, Part.MESSAGE, turn.firing, status, started_at)
    incident = open_incident(turn, title.text, message.text, draft.now)
    others = {**draft.world.incidents, **draft.changed_incidents}.values()
    too_much = why_held(incident, others, draft.now, draft.rules) if is_shown(incident) else None
    if too_much:
        incident = replace(incident, publication=Publication.HELD)
        _tell(draft, turn, incident, Why.VALVE, too_much)
    draft.changed_groups[turn.group.id] = replace(turn.group, incident=incident.id)
    if incident.publication is Publication.HELD:
        why, text = Why.HELD, "The incident was opened and waits for a person to approve it."
    else:
        why, text = Why.OPENED, "The incident was opened."
    _tell(draft, turn, incident, why, text)
    _tell_failures(draft, incident, title, message)
    _save(draft, turn, incident)


def _update(draft: Draft, turn: Turn) -> None:
    before = turn.incident
    if before is None:
        return
    incident = recompute(before, turn, draft.now)
    phase = phase_of(before, turn.firing)
    if phase is not before.status:
        incident = _enter(draft, turn, incident, before, phase)
    elif turn.was_quiet:
        text = "An alert fires again within close_after: the incident stays open and nothing is said."
        _tell(draft, turn, before, Why.JOINED, text)
    elif turn.joined or turn.left:
        part, about = (Part.JOINED, turn.joined) if turn.joined else (Part.LEFT, turn.left)
        written = _write(draft, turn, part, about, before.status, incident.started_at)
        incident = say(incident, before, written.text, draft.now)
        if turn.joined:
            _tell(draft, turn, before, Why.JOINED, f"{_count(turn.joined)} joined the incident.")
        if turn.left:
            _tell(draft, turn, before, Why.LEFT, f"{_count(turn.left)} left the incident; others still fire.")
        _tell_failures(draft, incident, written)
    _save(draft, turn, incident)


def _enter(draft: Draft, turn: Turn, incident: Incident, before: Incident, phase: IncidentStatus) -> Incident:
    """The incident in another phase, because its sources keep its alerts to themselves now, or do not any more."""
    monitored = phase is IncidentStatus.MONITORING
    part = Part.MONITORING if monitored else Part.JOINED
    written = _write(draft, turn, part, turn.firing, phase, incident.started_at)
    after = say(replace(incident, status=phase), before, written.text, draft.now)
    text = (
        "The sources keep all that fires to themselves: the incident is monitored."
        if monitored
        else "Something fires that its source does not keep to itself: the incident is investigated."
    )
    _tell(draft, turn, before, Why.MONITORED if monitored else Why.JOINED, text)
    _tell_failures(draft, after, written)
    return after


def _wait_to_close(draft: Draft, turn: Turn) -> None:
    if turn.incident is None:
        return
    if not _is_waiting_already(draft, turn):
        text = f"Nothing fires any more: the incident is resolved after {turn.route.close_after} of quiet."
        _tell(draft, turn, turn.incident, Why.WAITING_TO_CLOSE, text)
    _link(draft, turn, turn.incident)


def _close(draft: Draft, turn: Turn) -> None:
    before = turn.incident
    if before is None:
        return
    ending = _ending(turn)
    written = _write(draft, turn, _LAST_WORDS[ending], turn.left, IncidentStatus.RESOLVED, before.started_at)
    incident = resolve_incident(turn, before, written.text, draft.now)
    if ending is Ending.WITHDRAWN:  # nobody is mailed about a report that only moved
        incident = replace(incident, notify=False)
    shown = "" if incident.publication is Publication.PUBLISHED else f" It was {incident.publication}: nobody saw it."
    _tell(draft, turn, incident, Why.CLOSED, f"The last alert was resolved, and the incident with it.{shown}")
    _tell_failures(draft, incident, written)
    _save(draft, turn, incident)


def _ending(turn: Turn) -> Ending:
    """How a group ended: stale or withdrawn only if all that ended last did so."""
    endings = {alert.ending for alert in turn.left}
    return endings.pop() if len(endings) == 1 else Ending.RESOLVED


def _tell_whole(draft: Draft, turn: Turn) -> None:
    _open(draft, replace(turn, firing=turn.left, left=()))
    opened = draft.changed_groups[turn.group.id].incident or ""
    _close(draft, replace(turn, phase=Phase.CLOSE, incident=draft.changed_incidents[opened]))


def _drop(draft: Draft, turn: Turn) -> None:
    text = "It was resolved before an incident opened: nothing is published."
    if any(alert.status is AlertStatus.FIRING for alert in turn.left):
        text = f"Its route {turn.route.name!r} is not configured any more: nothing is published."
    draft.note(_subject(turn), Why.NEVER_OPENED, text, delivery=turn.delivery)


def _write(
    draft: Draft, turn: Turn, part: Part, about: tuple[Alert, ...], status: IncidentStatus, started_at: datetime
) -> Written:
    known = draft.rules.components
    infos = tuple(known.get(identity, ComponentInfo(identity, identity)) for identity in turn.group.components)
    context = Context(leading(about), infos, status, len(turn.firing), started_at)
    return draft.words.write(turn.route, part, context)


def _save(draft: Draft, turn: Turn, incident: Incident) -> None:
    if incident is not turn.incident:
        draft.changed_incidents[incident.id] = incident
    _link(draft, turn, incident)


def _link(draft: Draft, turn: Turn, incident: Incident) -> None:
    for alert in (*turn.left, *turn.firing):
        draft.stories[alert.id] = incident.id


def _tell(draft: Draft, turn: Turn, incident: Incident, why: Why, text: str) -> None:
    draft.note(incident.id, why, text, delivery=turn.delivery, incident=incident.id)


def _tell_failures(draft: Draft, incident: Incident, *texts: Written) -> None:
    for written in texts:
        if written.problem is not None:
            text = f"{written.problem} The default text was used."
            draft.note(incident.id, Why.TEMPLATE_FAILED, text, incident=incident.id)


def _is_waiting_already(draft: Draft, turn: Turn) -> bool:
    before = draft.world.groups.get(turn.group.id)
    return before is not None and before.since is not None


def _subject(turn: Turn) -> str:
    alert = leading(turn.firing or turn.left)
    return alert.id if alert else turn.group.id


def _count(alerts: tuple[Alert, ...]) -> str:
    return "One alert" if len(alerts) == 1 else f"{len(alerts)} alerts"


def show_components(draft: Draft) -> None:
    """Find the components whose status is another now.

    Only those of changed incidents are looked at: the status of others may come from a mirrored status page.
    """
    concerned: dict[str, str] = {}
    for incident in draft.changed_incidents.values():
        before = draft.world.incidents.get(incident.id)
        for component in (*incident.components, *(before.components if before else ())):
            concerned.setdefault(component, incident.id)
    incidents = {**draft.world.incidents, **draft.changed_incidents}.values()
    draft.components = wanted_changes(concerned, incidents, draft.world.components)
    for component, status in draft.components.items():
        text = f"The component is {status} by the worst of its open incidents."
        draft.note(f"component:{component}", Why.COMPONENT_STATUS, text, incident=concerned[component])


def link_decisions(draft: Draft) -> None:
    """Put what happened to an alert into the story of the incident that it came to belong to."""
    draft.decisions = [
        replace(decision, incident=draft.stories[decision.subject])
        if decision.why in _STORY and decision.subject in draft.stories
        else decision
        for decision in draft.decisions
    ]
