"""The first half of the engine: events become alerts, alerts find routes, routes make groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bridge.model.enums import AlertStatus
from bridge.model.events import Alert, AlertGroup, ReceivedEvent
from bridge.model.state import Why
from bridge.policy.alerts import alert_id, expire, fold
from bridge.policy.draft import Draft
from bridge.policy.routing import find_route, group_id
from bridge.policy.rules import Rules


def fold_events(draft: Draft) -> None:
    """Apply every event to its alert, in order."""
    for received in draft.events:
        identity = alert_id(received)
        before = draft.alert(identity)
        folded = fold(before, received)
        draft.note(identity, folded.why, folded.text, delivery=received.delivery)
        if folded.alert is None:
            continue
        alert = _heard(draft, folded.alert, received)
        if alert is not before:
            draft.changed_alerts[identity] = alert
        if folded.why in (Why.FIRED, Why.RESOLVED):
            draft.heard[identity] = min(received.received_at, draft.now)
        if folded.began:
            draft.began.setdefault(identity, min(received.received_at, draft.now))
            draft.to_route[identity] = True
        elif folded.alert.status is AlertStatus.FIRING and folded.alert.route is None:
            draft.to_route.setdefault(identity, False)


def _heard(draft: Draft, alert: Alert, received: ReceivedEvent) -> Alert:
    """The alert with the time of its last sign of life, where its source has a ``resolve_after``."""
    if alert.status is not AlertStatus.FIRING or alert.source not in draft.rules.resolve_after:
        return alert
    return replace(alert, heard_at=max(alert.heard_at or received.received_at, min(received.received_at, draft.now)))


def expire_alerts(draft: Draft) -> None:
    """Take alerts to be over of which their source has said nothing for too long."""
    for identity in due_groups(draft.world.groups.values(), draft.now):
        for member in draft.world.groups[identity].alerts:
            alert = draft.alert(member)
            due_at = stale_at(alert, draft.rules) if alert else None
            if alert and due_at and due_at <= draft.now:
                draft.changed_alerts[member] = expire(alert, draft.now)
                draft.heard[member] = draft.now
                waited = draft.rules.resolve_after[alert.source]
                draft.note(member, Why.STALE, f"Nothing was heard of the alert for {waited}: it is taken to be over.")


def stale_at(alert: Alert, rules: Rules) -> datetime | None:
    """When an alert is to be taken to be over if nothing more is heard of it; None when never."""
    patience = rules.resolve_after.get(alert.source)
    if patience is None or alert.heard_at is None or alert.status is not AlertStatus.FIRING:
        return None
    return alert.heard_at + patience


def route_alerts(draft: Draft) -> None:
    """Find the route of every alert that began to fire, and try again for those that still have none.

    A route once found stays for the life of the alert, whatever becomes of its labels and severity: an alert that
    wandered between incidents would close one and open another on the page without anything having happened.
    """
    for identity, began in draft.to_route.items():
        alert = draft.alert(identity)
        if alert is not None:
            _route(draft, alert, began)


def _route(draft: Draft, alert: Alert, began: bool) -> None:
    routing = find_route(alert, draft.rules, draft.words)
    if began:
        for why, text in routing.notes:
            draft.note(alert.id, why, text, delivery=alert.delivery)
    if routing.route is None:
        return
    if not began:
        text = f"Route {routing.route.name!r} takes the alert now."
        draft.note(alert.id, Why.CHANGED, text, delivery=alert.delivery)
    name, key = routing.route.name, (routing.route.name, routing.components)
    group = draft.group_ids.get(key) or draft.group_ids.setdefault(key, group_id(*key))
    draft.changed_alerts[alert.id] = replace(alert, route=name, components=routing.components, group=group)


def gather_groups(draft: Draft) -> None:
    """Bring the members of every group up to date that an alert joined, left or changed in, or that is due."""
    candidates: dict[str, list[Alert]] = {due: [] for due in due_groups(draft.world.groups.values(), draft.now)}
    for identity, alert in draft.changed_alerts.items():
        before = draft.world.alerts.get(identity)
        for state in (before, alert):
            if state is not None and state.group is not None:
                candidates.setdefault(state.group, []).append(state)
    for identity, alerts in candidates.items():
        group = draft.world.groups.get(identity) or _new_group(identity, alerts)
        if group is not None:
            ids = dict.fromkeys((*group.alerts, *(alert.id for alert in alerts)))
            members = tuple(member for member in ids if _fires_in(draft.alert(member), identity))
            draft.changed_groups[identity] = replace(group, alerts=members)
            draft.touched[identity] = None


def due_groups(groups: Iterable[AlertGroup], now: datetime) -> tuple[str, ...]:
    """Ids of the groups whose delay is over, earliest first."""
    due = [(group.due_at, group.id) for group in groups if group.due_at is not None and group.due_at <= now]
    return tuple(identity for _, identity in sorted(due))


def _new_group(identity: str, alerts: list[Alert]) -> AlertGroup | None:
    for alert in alerts:
        if alert.route is not None:
            return AlertGroup(id=identity, route=alert.route, components=alert.components)
    return None


def _fires_in(alert: Alert | None, group: str) -> bool:
    return alert is not None and alert.status is AlertStatus.FIRING and alert.group == group
