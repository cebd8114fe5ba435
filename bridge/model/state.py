"""What policy reads and what it decides: the open part of the state, and the changes to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.model.enums import ComponentStatus
from bridge.model.events import Alert, AlertGroup
from bridge.model.objects import Incident


class Why(StrEnum):
    """Every reason policy can give; ends up in the timeline, in ``explain`` and in a metric."""

    FIRED = "fired"
    REPEATED = "repeated"
    CHANGED = "changed"
    RESOLVED = "resolved"
    STALE = "stale"
    LATE = "late"
    UNKNOWN_RESOLVE = "unknown_resolve"
    IGNORED = "ignored"
    NO_ROUTE = "no_route"
    UNKNOWN_COMPONENT = "unknown_component"
    TEMPLATE_FAILED = "template_failed"
    WAITING_TO_OPEN = "waiting_to_open"
    WAITING_TO_CLOSE = "waiting_to_close"
    OPENED = "opened"
    HELD = "held"
    VALVE = "valve"
    JOINED = "joined"
    LEFT = "left"
    MONITORED = "monitored"
    CLOSED = "closed"
    NEVER_OPENED = "never_opened"
    APPROVED = "approved"
    REJECTED = "rejected"
    COMPONENT_STATUS = "component_status"
    MADE = "made"
    TAKEN_OVER = "taken_over"
    CHANGED_AT_SOURCE = "changed_at_source"
    GONE_AT_SOURCE = "gone_at_source"
    CHANGED_THERE = "changed_there"
    MENDED = "mended"
    RECLAIMED = "reclaimed"
    DELETED_THERE = "deleted_there"
    TRAVELLED = "travelled"
    CONFLICT = "conflict"
    OSCILLATION = "oscillation"
    POINTS_DROPPED = "points_dropped"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision and its reason.

    Attributes:
        subject: what it is about: an incident id, an alert id (``source/key``) or ``component:<id>``.
        text: one sentence for a person.
        delivery: the delivery that caused it, if one did.
        incident: the incident whose story it belongs to, if any.
    """

    at: datetime
    subject: str
    why: Why
    text: str
    delivery: str | None = None
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """The part of the state that policy may look at.

    Attributes:
        alerts: by alert id: those that the events name (tombstones too) and all members of all groups.
        groups: every alert group that has firing members, an open incident or a running delay.
        incidents: every incident that is not resolved, held and rejected ones too.
        components: the status each component is to show now; a missing one is operational.
    """

    alerts: Mapping[str, Alert] = field(default_factory=dict)
    groups: Mapping[str, AlertGroup] = field(default_factory=dict)
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    components: Mapping[str, ComponentStatus] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What policy decided. Objects are whole and carry their new revision.

    Attributes:
        groups: groups to save; a group in ``closed_groups`` is deleted instead.
        components: only the components whose wanted status changed.
        decisions: in order.
    """

    alerts: tuple[Alert, ...] = ()
    groups: tuple[AlertGroup, ...] = ()
    closed_groups: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    components: Mapping[str, ComponentStatus] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
