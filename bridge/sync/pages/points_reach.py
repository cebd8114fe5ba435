"""Where the points of a page's metric go: along all mirrors that take metrics along, and never back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bridge.config.settings import MirrorSettings, PageSettings, Settings
from bridge.sync.pages.reach import same_pages


@dataclass(frozen=True, slots=True)
class Goal:
    """The metric on a destination that gets the points.

    Attributes:
        name: its name there, or its remote id.
        may_be_made: whether it is made where it is missing.
        is_named: whether a person named it; else it is the one of equal name, if there is one.
    """

    name: str
    may_be_made: bool = False
    is_named: bool = False


def takes_metrics(settings: Settings, page: str) -> bool:
    """Whether some mirror takes metrics of a page along."""
    return any(mirror.metrics for mirror in settings.mirrors_of(page))


def goals_of(settings: Settings, page: PageSettings, remote_id: str, name: str) -> dict[str, Goal]:
    """By destination, the metrics that get the points of one metric of a page.

    Args:
        settings: destinations, pages and mirrors.
        page: that the metric is on.
        remote_id: of the metric there.
        name: of the metric there.
    """
    own, found = same_pages(settings, page), dict[str, Goal]()
    waiting = list(_next(settings.mirrors_of(page.name), remote_id, name))
    while waiting:
        destination, goal = waiting.pop(0)
        if destination in found or destination in own or destination not in settings.destinations:
            continue
        found[destination] = goal
        for item in settings.pages.values():
            if destination in same_pages(settings, item):
                waiting += _next(settings.mirrors_of(item.name), "", goal.name)
    return found


def _next(mirrors: Iterable[MirrorSettings], remote_id: str, name: str) -> Iterator[tuple[str, Goal]]:
    for mirror in mirrors:
        goal = goal_of(mirror, remote_id, name)
        if goal is not None:
            yield from ((to, goal) for to in mirror.to)


def goal_of(mirror: MirrorSettings, remote_id: str, name: str) -> Goal | None:
    """What a mirror says of one metric; None when it leaves it where it is."""
    if isinstance(mirror.metrics, bool):
        return Goal(name, mirror.create_metrics) if mirror.metrics else None
    named = mirror.metrics.get(remote_id) or mirror.metrics.get(name)
    return Goal(named, mirror.create_metrics, is_named=True) if named else None
