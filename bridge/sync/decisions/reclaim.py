"""A person's word that what people changed on a destination is taken back under automation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.errors import BridgeError
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.store.outbox import BULK
from bridge.store.state import Mark
from bridge.sync import wishes
from bridge.sync.runtime import Runtime

_KINDS = (Kind.INCIDENT, Kind.MAINTENANCE, Kind.COMPONENT)


class UnknownDrift(BridgeError):
    """Nothing that goes by these words was changed by people, or several things were."""


def reclaim(
    runtime: Runtime, destination: str, words: str | None = None, fields: Sequence[str] = ()
) -> tuple[ObjectKey, ...]:
    """Have what people changed on a destination written again.

    Args:
        runtime: surroundings.
        destination: its name.
        words: an object (``incident:inc_…``), its id or the beginning of that; None takes all that people changed.
        fields: only these fields; all of them when empty. What was deleted is made again only without any.

    Returns:
        The objects that are owed now.

    Raises:
        UnknownDrift: see there.
    """
    drift = runtime.store.links.drift(destination)
    found = sorted(drift) if words is None else [_find(runtime, destination, drift, words)]
    for name in fields:
        if found and all(key in drift and name not in drift[key] for key in found):
            changed = ", ".join(sorted({name for key in found for name in drift[key]})) or "none"
            raise UnknownDrift(f"nobody changed {name!r} there; fields that were changed: {changed}")
    wish = wishes.reclaim(fields)
    links = runtime.store.links.many(destination, found)
    marks = [Mark(destination, key, links[key].revision, BULK, wish) for key in found if key in links]
    runtime.store.outbox.mark(marks, runtime.clock.now())
    return tuple(found)


def _find(runtime: Runtime, destination: str, drift: Iterable[ObjectKey], words: str) -> ObjectKey:
    """An object that people changed; or any that has a copy there, as a change may not have been noticed yet."""
    matches = [key for key in drift if words in (str(key), key.id)]
    matches = matches or [key for key in drift if words and key.id.startswith(words)]
    if not matches:
        kind, _, identity = words.rpartition(":")
        named = [ObjectKey(each, identity) for each in _KINDS if kind in ("", each)]
        matches = [key for key in runtime.store.links.many(destination, named) if identity]
    if len(matches) == 1:
        return matches[0]
    there = ", ".join(map(str, sorted(drift))) or "none"
    what = "several objects" if matches else "no object"
    raise UnknownDrift(f"{what} on {destination} go by {words!r}; changed there by people: {there}")
