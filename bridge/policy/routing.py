"""Which route takes an alert, and which components it then concerns."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from bridge.ids import derived_id
from bridge.model.events import Alert
from bridge.model.state import Why
from bridge.policy.literal import clean_line
from bridge.policy.rules import Match, Route, Rules
from bridge.policy.templates import TemplateFailed
from bridge.policy.wording import Words


@dataclass(frozen=True, slots=True)
class Routing:
    """The outcome of routing one alert.

    Attributes:
        route: the route that took it, None when none did.
        components: ids of the components it concerns, in the order of the route.
        notes: why routes that matched were passed over, and that no route was left.
    """

    route: Route | None
    components: tuple[str, ...] = ()
    notes: tuple[tuple[Why, str], ...] = ()


class _NoComponent(Exception):
    """A route names a component that is not there; the message says which."""


def find_route(alert: Alert, rules: Rules, words: Words) -> Routing:
    """The first route in order that matches the alert and whose components all exist."""
    notes: list[tuple[Why, str]] = []
    for route in rules.routes:
        if not matches(route.match, alert):
            continue
        try:
            return Routing(route, _components(route, alert, rules, words), tuple(notes))
        except _NoComponent as missing:
            notes.append((Why.UNKNOWN_COMPONENT, f"Route {route.name!r} was passed over: {missing}."))
    notes.append((Why.NO_ROUTE, "No route takes the alert: it is kept and shown, and not published."))
    return Routing(None, (), tuple(notes))


def matches(match: Match, alert: Alert) -> bool:
    """Whether every given part of a match holds. Label patterns are shell-style and mind the case."""
    if match.sources and alert.source not in match.sources:
        return False
    if match.severities and alert.severity not in match.severities:
        return False
    return all(
        name in alert.labels and any(fnmatchcase(alert.labels[name], pattern) for pattern in patterns)
        for name, patterns in match.labels.items()
    )


def group_id(route: str, components: tuple[str, ...]) -> str:
    """The id of the group of all alerts of one route that concern the same components, in whatever order."""
    return derived_id("grp", route, *sorted(components))


def _components(route: Route, alert: Alert, rules: Rules, words: Words) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for source in route.components:
        try:
            component = words.name_component(source, alert)
        except TemplateFailed as failure:
            raise _NoComponent(f"its component {source!r} cannot be told, {failure}") from failure
        if component not in rules.components:
            raise _NoComponent(f"there is no component {clean_line(component, 80)!r}")
        found[component] = None
    return tuple(found)
