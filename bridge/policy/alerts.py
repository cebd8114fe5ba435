"""What events add up to: folding one statement into the state of its alert, by the source's time.

Deliveries are repeated, retried and swapped on the way, so the order of arrival proves nothing. A statement is
placed by the times its source told; only a statement without any is taken in the order of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.model.enums import Action, AlertSeverity, AlertStatus, Ending
from bridge.model.events import Alert, Event, ReceivedEvent
from bridge.model.state import Why

DEFAULT_SEVERITY = AlertSeverity.MAJOR
"""Severity of an alert whose source names none."""

REUSED_START_AFTER = timedelta(minutes=15)
"""A firing with an old start that arrives this long after the resolve is a new life that re-used its start.

Alertmanager restarts an alert under its old ``startsAt`` and retries a delivery for one group interval at most
(5 minutes by default), so what comes three intervals later cannot be a retry.
"""

WITHDRAWN_BY = ("merged", "declined", "canceled")
"""Values of the label ``resolution`` by which sources say that a resolve is no repair."""

CLOCK_ALLOWANCE = timedelta(minutes=5)
"""How far a source's clock may be off where an arrival has to be compared with it."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The state of an alert after one statement.

    Attributes:
        alert: the new state; the very object that went in when nothing changed; None while nothing is known.
        began: whether the statement began a life of the alert, so that it has to be routed.
    """

    alert: Alert | None
    why: Why
    text: str
    began: bool = False


def alert_id(received: ReceivedEvent) -> str:
    """The id of the alert that an event speaks about."""
    return f"{received.source}/{received.event.dedup_key}"


def fold(alert: Alert | None, received: ReceivedEvent) -> Folded:
    """Apply one statement to the state of its alert.

    An ``update`` says by definition that the alert is still open: on an unknown key it counts as a trigger. After a
    resolve it only counts when it names a newer start; a comment on a closed alert does not reopen it.
    """
    match received.event.action:
        case Action.IGNORE:
            return Folded(alert, Why.IGNORED, received.event.reason or "The source's statement concerns no alert.")
        case Action.RESOLVE:
            return _resolve(alert, received)
        case _:
            return _fire(alert, received)


def _fire(alert: Alert | None, received: ReceivedEvent) -> Folded:
    if alert is None:
        return _begin(None, received, _start(received), _fresh_seen_at(received))
    if alert.status is AlertStatus.FIRING:
        return _repeat(alert, received)
    return _fire_again(alert, received)


def _fire_again(tombstone: Alert, received: ReceivedEvent) -> Folded:
    """A firing after a resolve: late, or the beginning of a new life."""
    event, ended_at = received.event, tombstone.ended_at or tombstone.started_at
    start = event.started_at or event.happened_at
    if start is not None and start > ended_at:
        return _begin(tombstone, received, start, _fresh_seen_at(received))
    if event.action is Action.TRIGGER:
        if start is None:  # no times at all: the order of arrival decides
            return _begin(tombstone, received, received.received_at, _fresh_seen_at(received))
        if event.happened_at is not None and event.happened_at > max(ended_at, tombstone.seen_at):
            return _begin(tombstone, received, event.happened_at, event.happened_at)
        if event.happened_at is None and received.received_at - tombstone.seen_at > REUSED_START_AFTER:
            return _begin(tombstone, received, received.received_at, ended_at)
    return Folded(tombstone, Why.LATE, "It speaks of a time before the alert was resolved.")


def _begin(before: Alert | None, received: ReceivedEvent, started_at: datetime, seen_at: datetime) -> Folded:
    event = received.event
    alert = Alert(
        source=received.source,
        key=event.dedup_key,
        status=AlertStatus.FIRING,
        severity=event.severity or DEFAULT_SEVERITY,
        title=event.title or (before.title if before else ""),
        started_at=started_at,
        seen_at=seen_at,
        delivery=received.delivery,
        text=event.text,
        labels=event.labels,
        component=event.component,
        component_status=event.status,
        url=event.url,
        muted=bool(event.muted),
    )
    return Folded(alert, Why.FIRED, f"The alert began to fire ({alert.severity}).", began=True)


def _repeat(alert: Alert, received: ReceivedEvent) -> Folded:
    """A further statement about an alert that is firing."""
    event = received.event
    if _is_older(alert, event):
        return Folded(alert, Why.LATE, "A newer statement about the alert was already applied.")
    told = event.happened_at or (None if _began_on_arrival(alert) else event.started_at)
    after = replace(
        alert,
        severity=event.severity or alert.severity,
        title=event.title or alert.title,
        text=alert.text if event.text is None else event.text,
        labels=event.labels or alert.labels,
        component=event.component or alert.component,
        component_status=event.status or alert.component_status,
        url=event.url or alert.url,
        # A newer start tells of a resolve that is still on its way: that one will then be late.
        started_at=max(alert.started_at, event.started_at or alert.started_at),
        seen_at=max(alert.seen_at, told or alert.seen_at),
        # A source that sends it as firing does not keep it to itself any more.
        muted=alert.muted and event.action is not Action.TRIGGER if event.muted is None else event.muted,
    )
    changed = _differences(alert, after)
    if changed:
        return Folded(replace(after, delivery=received.delivery), Why.CHANGED, f"The alert changed: {changed}.")
    return Folded(alert if after == alert else after, Why.REPEATED, "The alert is still firing.")


def _is_older(alert: Alert, event: Event) -> bool:
    if event.happened_at is not None:
        return event.happened_at < alert.seen_at
    return event.started_at is not None and event.started_at < alert.started_at and not _began_on_arrival(alert)


def _differences(before: Alert, after: Alert) -> str:
    parts = []
    if after.severity is not before.severity:
        parts.append(f"severity {before.severity} became {after.severity}")
    if after.title != before.title:
        parts.append("it has a new title")
    if after.muted is not before.muted:
        parts.append("its source keeps it to itself for now" if after.muted else "its source tells of it again")
    return ", ".join(parts)


def _resolve(alert: Alert | None, received: ReceivedEvent) -> Folded:
    if alert is None:
        text = "It was resolved without having been seen firing: remembered, nothing is published."
        return Folded(_tombstone(received), Why.UNKNOWN_RESOLVE, text)
    end = _end(received.event)
    if alert.status is AlertStatus.RESOLVED:
        if end is not None and alert.ended_at is not None and end > alert.ended_at:
            alert = replace(alert, ended_at=end, seen_at=max(alert.seen_at, end))
        return Folded(alert, Why.REPEATED, "The alert is resolved already.")
    if _resolves_an_earlier_life(alert, received.event):
        return Folded(alert, Why.LATE, "It ends a time before the alert began to fire.")
    return Folded(_close(alert, received), Why.RESOLVED, "The alert was resolved.")


def _resolves_an_earlier_life(alert: Alert, event: Event) -> bool:
    end = _end(event)
    if end is None:
        return False
    if event.happened_at is not None and event.happened_at < alert.seen_at:
        return True
    # The later of the two: some sources date the end back to the last failed check.
    return max(end, event.happened_at or end) < alert.started_at and not _began_on_arrival(alert)


def _close(alert: Alert, received: ReceivedEvent) -> Alert:
    end = _end(received.event)
    if end is None:  # order of arrival: it ends whatever was said so far
        end = max(received.received_at, alert.started_at, alert.seen_at)
    started_at = alert.started_at
    if _began_on_arrival(alert):
        started_at = min(started_at, end)  # ours was only an upper bound
    return replace(
        alert,
        status=AlertStatus.RESOLVED,
        started_at=started_at,
        ended_at=max(end, started_at),
        seen_at=_resolve_seen_at(received, end),
        delivery=received.delivery,
        ending=Ending.WITHDRAWN if received.event.labels.get("resolution") in WITHDRAWN_BY else Ending.RESOLVED,
    )


def expire(alert: Alert, now: datetime) -> Alert:
    """A firing alert of which nothing was heard for too long, taken to be over."""
    return replace(
        alert,
        status=AlertStatus.RESOLVED,
        ended_at=max(now, alert.started_at),
        seen_at=max(alert.seen_at, alert.heard_at or alert.seen_at),
        ending=Ending.STALE,
    )


def _tombstone(received: ReceivedEvent) -> Alert:
    event = received.event
    end = _end(event) or received.received_at
    return Alert(
        source=received.source,
        key=event.dedup_key,
        status=AlertStatus.RESOLVED,
        severity=event.severity or DEFAULT_SEVERITY,
        title=event.title,
        started_at=min(event.started_at or end, end),
        ended_at=end,
        seen_at=_resolve_seen_at(received, end),
        delivery=received.delivery,
        labels=event.labels,
        url=event.url,
    )


def _start(received: ReceivedEvent) -> datetime:
    return received.event.started_at or received.event.happened_at or received.received_at


def _end(event: Event) -> datetime | None:
    return event.ended_at or event.happened_at


def _fresh_seen_at(received: ReceivedEvent) -> datetime:
    """The source time of a life's first statement.

    Before its start means that the start proves nothing about the source's times: it is a time of arrival, or that of
    works which are only planned and may be changed and called off before they begin.
    """
    event = received.event
    return event.happened_at or event.started_at or received.received_at - CLOCK_ALLOWANCE


def _resolve_seen_at(received: ReceivedEvent, end: datetime) -> datetime:
    """When the resolve was made: needed to tell a retried firing from one that re-uses its start."""
    return received.event.happened_at or max(end, received.received_at)


def _began_on_arrival(alert: Alert) -> bool:
    """Whether the alert's start is a time of arrival, or a planned one, and must not be held against the source's."""
    return alert.seen_at < alert.started_at
