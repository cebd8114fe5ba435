"""A person's word that what stands on a page of a two-way mirror counts: it is taken to all other pages."""

from __future__ import annotations

from bridge.errors import BridgeError
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.sync.pages.reach import same_pages
from bridge.sync.runtime import Runtime
from bridge.sync.two_way.travel import two_way_pages

_KINDS = (Kind.INCIDENT, Kind.MAINTENANCE)


class NothingToTake(BridgeError):
    """The page is in no two-way mirror, or has no such object."""


def take(runtime: Runtime, destination: str, words: str) -> ObjectKey:
    """Have what a destination shows of an object taken to the original and to all other copies.

    The page is looked at at once, and again until everything that people changed there has been taken.

    Args:
        runtime: surroundings.
        destination: its name.
        words: an object (``incident:inc_…``) or its id.

    Raises:
        NothingToTake: see there.
    """
    settings = runtime.settings
    pages = [
        name for name in sorted(two_way_pages(settings)) if destination in same_pages(settings, settings.pages[name])
    ]
    if not pages:
        raise NothingToTake(f"{destination} is in no two-way mirror; `two_way: true` under 'mirrors:' makes it one")
    kind, _, identity = words.rpartition(":")
    named = [ObjectKey(each, identity) for each in _KINDS if kind in ("", each)]
    links = runtime.store.links.many(destination, named)
    found = [key for key in links if runtime.store.pages.get(key) is not None]
    if len(found) != 1:
        raise NothingToTake(f"{destination} shows no mirrored object {words!r}; `statusbridge status` names them")
    runtime.store.pages.take(pages[0], found[0])
    runtime.store.look_at(pages[0])
    return found[0]
