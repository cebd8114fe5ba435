"""Components that became ours because a mirror asked for them: which they are, and where they are to be made. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.config.settings import ComponentSettings, PageSettings, Settings
from bridge.ids import derived_id
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.pages import Original
from bridge.providers.base import mapping
from bridge.store import Store
from bridge.store.outbox import COMPONENTS
from bridge.store.state import Mark
from bridge.sync.pages.pairing import our_component
from bridge.sync.pages.reach import same_pages


def original_id(page: str, remote_id: str) -> str:
    """Our id of a page's component; looking twice makes one component."""
    return derived_id("cmp", page, remote_id)


def is_made_from(settings: Settings, page: str) -> bool:
    """Whether some mirror makes the components of a page on its destinations."""
    return any(mirror.create_components for mirror in settings.mirrors_of(page))


def with_stored_originals(
    settings: Settings, store: Store, fresh: Mapping[str, Mapping[str, Original]] | None = None
) -> Settings:
    """The settings with every component that was taken over from a page until now.

    Args:
        settings: as configured.
        store: keeps what was taken over.
        fresh: for each page, by remote id, what has been seen and is not stored yet.
    """
    pages = [name for name in settings.pages if is_made_from(settings, name)]
    if not pages:
        return settings
    stored = store.pages.originals(pages)
    return with_originals(settings, {name: {**stored[name], **(fresh or {}).get(name, {})} for name in pages})


def with_originals(settings: Settings, originals: Mapping[str, Mapping[str, Original]]) -> Settings:
    """The settings with components that were taken over from pages.

    Args:
        settings: as configured.
        originals: for each page, by remote id.
    """
    taken: dict[str, ComponentSettings] = {}
    for name, found in originals.items():
        if name not in settings.pages or not is_made_from(settings, name):
            continue
        mirrors = settings.mirrors_of(name)
        for remote_id, original in found.items():
            # One that somebody has configured since is the configured one.
            if our_component(remote_id, original.component.name, mirrors, settings.components) is None:
                taken[original.component.id] = _settings_of(settings, settings.pages[name], remote_id, original)
    return replace(settings, components={**settings.components, **taken}) if taken else settings


def _settings_of(settings: Settings, page: PageSettings, remote_id: str, original: Original) -> ComponentSettings:
    """The page's own copy, where it is a destination too, is the original itself; all others go by its name."""
    component, group = original.component, original.group
    on = {name: component.name for name in _made_on(settings, page) if _may_stand(settings, name, original)}
    on |= dict.fromkeys(same_pages(settings, page), remote_id)
    return ComponentSettings(
        id=component.id,
        name=component.name,
        group=group.name if group else None,
        description=component.description,
        on=on,
        original=original,
    )


def _made_on(settings: Settings, page: PageSettings) -> list[str]:
    """The destinations that are reached from a page through mirrors that make components."""
    own = same_pages(settings, page)
    found: dict[str, None] = {}
    waiting = _to(settings, page.name)
    while waiting:
        name = waiting.pop(0)
        if name in found or name in own or name not in settings.destinations:
            continue
        found[name] = None
        onward = [item.name for item in settings.pages.values() if name in same_pages(settings, item)]
        waiting += [to for item in onward for to in _to(settings, item)]
    return list(found)


def _to(settings: Settings, page: str) -> list[str]:
    return [to for mirror in settings.mirrors_of(page) if mirror.create_components for to in mirror.to]


def _may_stand(settings: Settings, destination: str, original: Original) -> bool:
    """What is kept from the public where it comes from is not made where it would be shown to everybody."""
    able = mapping.load(settings.destinations[destination].type).capabilities.can_hide_components
    return able or not original.is_private


def unmade(settings: Settings, store: Store) -> list[Mark]:
    """Debts for the components that are to be made on a destination and have no copy there yet.

    Args:
        settings: with what was taken over from pages.
        store: knows the links.
    """
    marks: list[Mark] = []
    if not any(item.original for item in settings.components.values()):
        return marks
    statuses = store.state.component_statuses()
    for name in settings.destinations:
        keys = [ObjectKey(Kind.COMPONENT, item.id) for item in settings.components.values() if item.may_be_made(name)]
        known = store.links.many(name, keys)
        marks += [
            Mark(name, key, statuses[key.id].revision if key.id in statuses else 0, COMPONENTS)
            for key in keys
            if known.get(key, Link()).state is LinkState.ABSENT
        ]
    return marks
