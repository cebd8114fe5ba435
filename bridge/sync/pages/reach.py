"""Where a mirrored object goes: along all mirrors, through pages that are mirrored on, and never back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bridge.config.settings import DestinationSettings, PageSettings, Settings
from bridge.model.enums import Kind, Visibility
from bridge.model.facts import ObjectKey
from bridge.model.pages import Mirrored, PageChanges
from bridge.providers.base import mapping
from bridge.store.outbox import BULK, COMPONENTS, LIVE
from bridge.store.state import Mark
from bridge.sync.pages.takeover import takes


def same_pages(settings: Settings, page: PageSettings) -> list[str]:
    """The destinations that are this very page."""
    return [
        name
        for name, destination in settings.destinations.items()
        if name == page.name or _is_same(destination, page.reach)
    ]


def _is_same(one: DestinationSettings, other: DestinationSettings) -> bool:
    def address(settings: DestinationSettings) -> tuple[str, str, object]:
        return settings.type, (settings.url or "").rstrip("/"), settings.options.get("page_id")

    return address(one) == address(other)


def reached(settings: Settings, page: PageSettings, first: Iterable[str]) -> list[str]:
    """Every destination that is reached from a page: the first ones, those that are mirrored from them, and so on."""
    found: dict[str, None] = {}
    waiting = list(first)
    while waiting:
        name = waiting.pop(0)
        if name in found or name not in settings.destinations:
            continue
        found[name] = None
        onward = [item.name for item in settings.pages.values() if name in same_pages(settings, item)]
        waiting += [to for item in onward for mirror in settings.mirrors_of(item) for to in mirror.to]
    own = same_pages(settings, page)
    return [name for name in found if name not in own]


def pages_reaching(settings: Settings, destination: str) -> list[str]:
    """The pages whose news reach a destination."""
    return [
        name
        for name, page in settings.pages.items()
        if destination in reached(settings, page, (to for mirror in settings.mirrors_of(name) for to in mirror.to))
    ]


def marks_of_page(changes: PageChanges, settings: Settings, page: PageSettings, begun: datetime | None) -> list[Mark]:
    """The debts that a look at a page makes. Those of components get their revision when they are written.

    Args:
        changes: what follows from the look.
        settings: destinations, components and mirrors.
        page: that was looked at.
        begun: when the page was first looked at; None at that very time: what is over then is no live work.
    """
    marks: list[Mark] = []
    for obj in changes.mirrored:
        rank = BULK if begun is None and obj.status.is_terminal else LIVE
        key = ObjectKey(obj.kind, obj.id)
        marks += [Mark(name, key, obj.revision, rank) for name in destinations_of(obj, settings, page, begun)]
    everywhere = reached(settings, page, (name for mirror in settings.mirrors_of(page.name) for name in mirror.to))
    for component in changes.components:
        key = ObjectKey(Kind.COMPONENT, component)
        shown = set(settings.destinations_of(component))
        marks += [Mark(name, key, 0, COMPONENTS) for name in everywhere if name in shown]
    return marks


def destinations_of(obj: Mirrored, settings: Settings, page: PageSettings, begun: datetime | None) -> list[str]:
    """Where an object of a page is owed: hidden content never goes where nothing can be hidden."""
    mirrors = settings.mirrors_of(page.name)
    takers = [mirror for mirror in mirrors if takes(mirror, obj, begun)] or mirrors
    names = reached(settings, page, (name for mirror in takers for name in mirror.to))
    return [name for name in names if may_show(settings.destinations[name], obj.visibility)]


def may_show(destination: DestinationSettings, visibility: Visibility) -> bool:
    """Whether a page can keep content as private as it is to be."""
    return mapping.load(destination.type).capabilities.may_show(visibility)
