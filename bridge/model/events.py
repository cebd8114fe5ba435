"""What sources say: deliveries, events, and the alerts that events add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.model.enums import Action, AlertSeverity, AlertStatus, ComponentStatus, Ending


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request from a source, as received.

    Attributes:
        id: ours (``dlv_…``).
        source: name of the source in the configuration.
        received_at: when the last byte arrived.
        body: raw bytes, exactly as received.
        content_type: as sent; never trusted.
        method: HTTP method.
        query: query parameters, without those that carry secrets.
        headers: the headers that the source's parser declared to need, lower-case names.
        sender_id: the sender's own id of the delivery, when the scheme has one; used to drop exact repeats.
    """

    id: str
    source: str
    received_at: datetime
    body: bytes
    content_type: str = ""
    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sender_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One canonical statement about one alert.

    Attributes:
        dedup_key: the source's own key of the alert; unique within the source.
        action: what is said about the alert.
        severity: as the source says; None when it says nothing that the tables know.
        title: one line of plain text.
        text: longer text of the source; internal unless a template asks for it.
        labels: facts by which routes match and templates speak.
        component: component or status hints that a source may name, by route's choice only.
        status: component status that a source may name.
        url: internal link back to the source.
        internal_note: acknowledgements, comments: never published.
        started_at: when the problem began, by the source's clock.
        ended_at: when it ended; only on resolve.
        happened_at: the source's own time of this statement; None when it tells none.
        reason: why the action is ``ignore`` (test, handshake, meta alert …).
        muted: whether the source keeps it to itself for now (a silence, an inhibition); None when it says nothing.
    """

    dedup_key: str
    action: Action
    title: str = ""
    severity: AlertSeverity | None = None
    text: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    component: str | None = None
    status: ComponentStatus | None = None
    url: str | None = None
    internal_note: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    happened_at: datetime | None = None
    reason: str | None = None
    muted: bool | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One element of a delivery that could not be understood.

    Attributes:
        index: position in the batch, 0 when the delivery is not a batch.
        reason: which field is wrong and why; never the content of a secret field.
        element: the element as JSON-able data, for display and replay; None when it was not even JSON.
    """

    index: int
    reason: str
    element: Any = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a source made of one delivery.

    Attributes:
        events: in the order of the body.
        quarantined: the elements that could not be understood.
        warnings: things the operator should know (truncated batch, unknown severity word); counted and shown.
        answer: extra JSON members for the answer to the sender (handshakes, drop-in compatibility).
    """

    events: tuple[Event, ...]
    quarantined: tuple[Quarantined, ...] = ()
    warnings: tuple[str, ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event on its way from the inbox to the policy: with source, delivery and time of arrival."""

    source: str
    delivery: str
    received_at: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Alert:
    """The state of one (source, dedup key) over time. A resolved alert is kept as a tombstone.

    Attributes:
        seen_at: the newest source time that was applied; older statements are late and change nothing.
        route: the route that took it, None when no route did (then it is kept, shown, counted, not published).
        components: the components it concerns by that route.
        group: id of the alert group it belongs to, while it does.
        ending: how it came to be resolved; without meaning while it fires.
        heard_at: when something was last heard of it; kept only where its source has a ``resolve_after``.
        muted: whether its source knows of it and keeps it to itself for now; an incident of such alerts is monitored.
    """

    source: str
    key: str
    status: AlertStatus
    severity: AlertSeverity
    title: str
    started_at: datetime
    seen_at: datetime
    delivery: str
    ended_at: datetime | None = None
    text: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    component: str | None = None
    component_status: ComponentStatus | None = None
    url: str | None = None
    route: str | None = None
    components: tuple[str, ...] = ()
    group: str | None = None
    ending: Ending = Ending.RESOLVED
    heard_at: datetime | None = None
    muted: bool = False

    @property
    def id(self) -> str:
        """Source and key as one word; unique over all sources."""
        return f"{self.source}/{self.key}"


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """The alerts of one route and one set of components: what becomes one incident.

    Attributes:
        id: derived from route and components.
        alerts: ids of the members that are firing; while the group waits to close, of those that ended last.
        incident: the open incident of the group, if it has one.
        due_at: when the group must be looked at again (``open_after``, ``close_after``), if ever.
        since: when the group began to fire, or to be quiet: the start of the running delay.
    """

    id: str
    route: str
    components: tuple[str, ...]
    alerts: tuple[str, ...] = ()
    incident: str | None = None
    due_at: datetime | None = None
    since: datetime | None = None
