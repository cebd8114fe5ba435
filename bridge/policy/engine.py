"""Alerts, routes and time become incidents: the whole policy as one visible list of steps.

Everything here is a pure function: computing the same thing twice gives the same changes, ids included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from bridge.model.enums import Publication
from bridge.model.events import AlertGroup, ReceivedEvent
from bridge.model.state import Changes, Why, World
from bridge.policy import intake
from bridge.policy.draft import Draft
from bridge.policy.gate import judge
from bridge.policy.intake import expire_alerts, fold_events, gather_groups, route_alerts
from bridge.policy.rules import Rules
from bridge.policy.turns import damp_groups, link_decisions, show_components, write_incidents

Step = Callable[[Draft], None]

STEPS: Final[tuple[Step, ...]] = (
    fold_events,  # what each source says about its alerts, by the source's time
    expire_alerts,  # what nothing was heard of for too long is over, where a source is configured so
    route_alerts,  # which route takes them, and which components they concern
    gather_groups,  # alerts of one route and one set of components belong together
    damp_groups,  # open_after, close_after: is it time to open, to update, to close?
    write_incidents,  # incidents with their words; routes that hold keep them back
    show_components,  # the worst of the open published incidents
    link_decisions,  # every alert's story leads to its incident
)


def advance(world: World, events: Sequence[ReceivedEvent], now: datetime, rules: Rules) -> Changes:
    """Fold events into the world and decide every group that they touched, or that is due, exactly once.

    Args:
        world: the open part of the state; see :class:`bridge.model.state.World` for what it has to hold.
        events: in the order of the inbox; without any the call is a tick of the clock.
        now: the present moment. No decision dates itself later.
        rules: routes and components.

    Returns:
        Only what differs, and a decision with its reason for everything that was looked at.
    """
    draft = Draft(world=world, rules=rules, now=now, events=events)
    for step in STEPS:
        step(draft)
    return draft.changes()


def decide(world: World, incident: str, verdict: Publication, now: datetime, rules: Rules) -> Changes:
    """Apply a person's verdict to a held incident.

    Args:
        world: the open part of the state.
        incident: id of the incident.
        verdict: ``published`` approves, ``rejected`` keeps it internal as long as it lives.
        now: the present moment.
        rules: routes and components.

    Raises:
        ValueError: the verdict is ``held``.
    """
    draft = Draft(world=world, rules=rules, now=now)
    known = world.incidents.get(incident)
    if known is None:
        text = "There is no open incident of this id: it is resolved already, or never existed. Nothing is published."
        draft.note(incident, Why.CLOSED, text, incident=incident)
        return draft.changes()
    judged = judge(known, verdict)
    draft.note(incident, judged.why, judged.text, incident=incident)
    if judged.incident is not known:
        draft.changed_incidents[incident] = judged.incident
        show_components(draft)
    return draft.changes()


def due_groups(world: World, now: datetime) -> tuple[str, ...]:
    """Ids of the groups that a tick at ``now`` decides, earliest first."""
    return intake.due_groups(world.groups.values(), now)


def next_due(groups: Iterable[AlertGroup]) -> datetime | None:
    """When the earliest of the groups must be looked at again; None when none waits."""
    return min((group.due_at for group in groups if group.due_at is not None), default=None)
