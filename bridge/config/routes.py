"""``routes:``: the rules of policy, checked against everything they name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from bridge.config.fields import NAME, NAME_HINT, choose
from bridge.config.problems import suggest
from bridge.config.schema import SEVERITIES, RouteSchema
from bridge.config.sections import Named
from bridge.config.shape import Shaper, join
from bridge.config.yaml import Listing, Node, Scalar, Table
from bridge.model.enums import AlertSeverity, ComponentStatus, Visibility
from bridge.policy.rules import DEFAULT_STATUSES, ComponentInfo, Match, Publish, Route, Rules, Wording
from bridge.policy.wording import compile_template

_TEXTS = tuple(item.name for item in fields(Wording))
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_MADE_NAME = 48


@dataclass(frozen=True, slots=True)
class _Written:
    """A route beside the node it was made from."""

    route: Route
    node: Table
    path: str


def read_rules(shaper: Shaper, node: Node | None, sources: Named, components: Named) -> Rules:
    """Read ``routes:``; a route with a mistake is left out."""
    written: list[_Written] = []
    taken: dict[str, int] = {}
    for index, item in enumerate(_items(shaper, node)):
        path = f"routes[{index}]"
        data = shaper.load(RouteSchema(), item, path)
        if not isinstance(item, Table):
            continue
        _check_match(shaper, item.get("match"), join(path, "match"), sources)
        _check_components(shaper, item.get("components"), join(path, "components"), components)
        _check_texts(shaper, item, path)
        match = _match(data.get("match", {}))
        name = _name(shaper, item, path, data.get("name"), match, taken)
        written.append(_Written(_route(name, match, data), item, path))
    _check_order(shaper, written)
    _check_reach(shaper, [each.route for each in written], sources)
    infos = {name: ComponentInfo(each.id, each.name, each.group) for name, each in components.settings.items()}
    patience = {name: each.resolve_after for name, each in sources.settings.items() if each.resolve_after}
    return Rules(tuple(each.route for each in written), infos, patience)


def _items(shaper: Shaper, node: Node | None) -> list[Node]:
    if node is None or (isinstance(node, Scalar) and node.plain and node.value is None):
        return []
    if not isinstance(node, Listing):
        shaper.expected(node, "a list of routes", "routes", "write '- match: …' below it")
        return []
    return node.items


def _match(data: Mapping[str, Any]) -> Match:
    severities = tuple(AlertSeverity(word) for word in data.get("severity", ()) if word in SEVERITIES)
    return Match(tuple(data.get("source", ())), data.get("labels", {}), severities)


def _route(name: str, match: Match, data: Mapping[str, Any]) -> Route:
    statuses = {AlertSeverity(key): ComponentStatus(value) for key, value in data.get("statuses", {}).items()}
    return Route(
        name=name,
        match=match,
        components=tuple(data.get("components", ())),
        open_after=data.get("open_after", timedelta(0)),
        close_after=data.get("close_after", timedelta(0)),
        publish=Publish(data.get("publish", Publish.AUTO)),
        wording=Wording(**{name: data[name] for name in _TEXTS if name in data}),
        statuses={**DEFAULT_STATUSES, **statuses},
        visibility=Visibility(data.get("visibility", Visibility.PUBLIC)),
        notify=data.get("notify", True),
    )


def _name(shaper: Shaper, node: Table, path: str, given: str | None, match: Match, taken: dict[str, int]) -> str:
    """The route's name: its own, or one made of its match, so that other routes may be moved around it."""
    key = node.get("name")
    if given is None or key is None:
        return _made_name(match, taken)
    place = replace(key.place, path=join(path, "name"))
    if not NAME.match(given):
        shaper.problems.error(place, "this cannot be a name", value=given, hint=NAME_HINT)
    elif given in taken:
        shaper.problems.error(place, "another route has this name", value=given, hint="give each route its own")
    taken.setdefault(given, 1)
    return given


def _made_name(match: Match, taken: dict[str, int]) -> str:
    words = [*match.sources, *match.severities]
    for label, values in sorted(match.labels.items()):
        words += [label, *values]
    slug = _NOT_IN_A_NAME.sub("-", "-".join(words).lower()).strip("-")[:_LONGEST_MADE_NAME].strip("-")
    stem = slug if slug[:1].isalpha() else f"route-{slug}" if slug else "everything"
    name = stem
    while name in taken:
        taken[stem] += 1
        name = f"{stem}-{taken[stem]}"
    taken[name] = 1
    return name


def _scalars(node: Node | None) -> Iterable[Scalar]:
    items = node.items if isinstance(node, Listing) else [node]
    return [item for item in items if isinstance(item, Scalar) and not item.unset and item.text.strip()]


def _check_match(shaper: Shaper, node: Node | None, path: str, sources: Named) -> None:
    if not isinstance(node, Table):
        return
    for item in _scalars(node.get("source")):
        if item.text not in sources.names:
            place = replace(item.place, path=join(path, "source"))
            hint = suggest(item.text, sources.names, noun="sources")
            shaper.problems.error(place, "there is no such source", value=item.written, hint=hint)
    for item in _scalars(node.get("severity")):
        for word in (part.strip() for part in item.text.split("|")):
            if word and word not in SEVERITIES:
                place = replace(item.place, path=join(path, "severity"))
                hint = choose(word, SEVERITIES)
                shaper.problems.error(place, f"{word!r} is no severity", value=item.written, hint=hint)


def _check_components(shaper: Shaper, node: Node | None, path: str, components: Named) -> None:
    for item in _scalars(node):
        place = replace(item.place, path=path)
        if "{" in item.text:
            said = compile_template(item.text, for_component=True)
            if said:
                shaper.problems.error(place, f"this template cannot be used: {said}", value=item.written)
        elif item.text not in components.names:
            hint = suggest(item.text, components.names, noun="components")
            shaper.problems.error(place, "there is no such component", value=item.written, hint=hint)


def _check_texts(shaper: Shaper, node: Table, path: str) -> None:
    for key in _TEXTS:
        for item in _scalars(node.get(key)):
            said = compile_template(item.text)
            if said:
                place = replace(item.place, path=join(path, key))
                hint = "docs/configuration.md lists the fields of a template"
                shaper.problems.error(place, f"this template cannot be used: {said}", value=item.written, hint=hint)


def _check_order(shaper: Shaper, written: list[_Written]) -> None:
    """Warn of routes that an earlier one leaves nothing to."""
    for index, later in enumerate(written):
        for earlier in written[:index]:
            if _always_applies(earlier.route) and _covers(earlier.route.match, later.route.match):
                why = f"no alert comes as far as this route: {earlier.route.name!r} takes them all"
                hint = f"move it above line {earlier.node.place.line}, or narrow the match there"
                shaper.problems.warning(replace(later.node.place, path=later.path), why, hint=hint)
                break


def _always_applies(route: Route) -> bool:
    """A route by template is passed over when its template names no component."""
    return not any("{" in component for component in route.components)


def _covers(wide: Match, narrow: Match) -> bool:
    if wide.sources and not (narrow.sources and set(narrow.sources) <= set(wide.sources)):
        return False
    if wide.severities and not (narrow.severities and set(narrow.severities) <= set(wide.severities)):
        return False
    return all(
        label in narrow.labels and ("*" in patterns or set(narrow.labels[label]) <= set(patterns))
        for label, patterns in wide.labels.items()
    )


def _check_reach(shaper: Shaper, routes: list[Route], sources: Named) -> None:
    """Warn of sources whose alerts no route can take."""
    named = {name for route in routes for name in route.match.sources}
    if not routes or not named <= set(sources.names):
        return
    for name, entry in sources.names.items():
        if not any(not route.match.sources or name in route.match.sources for route in routes):
            place = replace(entry.key.place, path=join("sources", name))
            why = "no route takes alerts of this source: they are kept and shown, and published nowhere"
            shaper.problems.warning(place, why, hint=f"add a route with match: {{source: {name}}}")
