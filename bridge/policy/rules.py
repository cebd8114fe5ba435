"""The rules policy works by, as the configuration gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bridge.model.enums import AlertSeverity, ComponentStatus, Visibility


class Publish(StrEnum):
    """Whether a route's incidents go out by themselves or wait for a person."""

    AUTO = "auto"
    HOLD = "hold"


DEFAULT_STATUSES: Mapping[AlertSeverity, ComponentStatus] = {
    AlertSeverity.INFO: ComponentStatus.OPERATIONAL,
    AlertSeverity.MINOR: ComponentStatus.DEGRADED,
    AlertSeverity.MAJOR: ComponentStatus.PARTIAL_OUTAGE,
    AlertSeverity.CRITICAL: ComponentStatus.MAJOR_OUTAGE,
}
"""Severity of an alert → status of its components, unless the route says otherwise."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which alerts a route takes; every part that is given must hold.

    Attributes:
        sources: names of sources; empty means any.
        labels: label → accepted values, each a shell-style pattern (``api-*``); all labels must match.
        severities: accepted severities; empty means any.
    """

    sources: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    severities: tuple[AlertSeverity, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates (sandboxed Jinja2) for what is published. Fields: see ``bridge.policy.wording``."""

    title: str = "Problems with {{ component.name }}"
    message: str = "We are looking into problems with {{ component_names }}."
    joined: str = "We are seeing further problems with {{ component_names }} and continue to investigate."
    left: str = "Part of the problems with {{ component_names }} is over. We continue to work on the rest."
    monitoring: str = "The problems with {{ component_names }} are known and being dealt with. We keep watching."
    resolved: str = "The problems with {{ component_names }} are over."
    stale: str = "We have heard of no further problems with {{ component_names }} and take them to be over."
    withdrawn: str = "This report is closed. Where there is more to say, another one says it."


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts concern which components, how they are grouped, worded, delayed and published.

    Attributes:
        components: component ids, or templates over the alert's fields that give one.
        open_after: how long an alert must fire before its incident opens.
        close_after: how long a group must be quiet before its incident is resolved.
    """

    name: str
    match: Match
    components: tuple[str, ...]
    open_after: timedelta = timedelta(0)
    close_after: timedelta = timedelta(0)
    publish: Publish = Publish.AUTO
    wording: Wording = Wording()
    statuses: Mapping[AlertSeverity, ComponentStatus] = field(default_factory=lambda: DEFAULT_STATUSES)
    visibility: Visibility = Visibility.PUBLIC
    notify: bool = True


@dataclass(frozen=True, slots=True)
class ComponentInfo:
    """What wording may say about a component."""

    id: str
    name: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Valves:
    """How much may be published within a minute without a person.

    Attributes:
        incidents_a_minute: new incidents; the next ones are held. The default is more than people could follow, and
            far less than a rule that matches everything makes.
        components_share: part of all components whose status may change for the worse.
        components_at_once: so many may change in any case: on a small page half of it is soon reached.
    """

    incidents_a_minute: int = 20
    components_share: float = 0.5
    components_at_once: int = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """All routes in the order of the configuration (the first that matches takes the alert), and the components.

    Attributes:
        resolve_after: source → how long after the last word about an alert it is taken to be over.
    """

    routes: tuple[Route, ...]
    components: Mapping[str, ComponentInfo]
    resolve_after: Mapping[str, timedelta] = field(default_factory=dict)
    valves: Valves = Valves()
