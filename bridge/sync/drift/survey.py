"""Reading a destination for comparison, with the fewest calls: a listing for each kind, and a look for the rest.

Compared are its components (unless it is a page that is mirrored from), everything that goes on, and what is over and
among the newest. An object that was written while the destination was read is left for the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Refs, Seen
from bridge.model.objects import CanonicalObject, Component, Incident, Maintenance
from bridge.providers import registry
from bridge.providers.base import mapping
from bridge.store.lanes import MIRROR, Lane, Lease
from bridge.sync.drift.differences import Compared, Difference, differences
from bridge.sync.outbox.desk import CallLog, Desk
from bridge.sync.outbox.reconcile import may_be_published
from bridge.sync.owed import incident_marks
from bridge.sync.pages.originals import with_stored_originals
from bridge.sync.pages.reach import destinations_of, same_pages
from bridge.sync.runtime import Runtime

DEPTH = 100
"""How many of the newest incidents and maintenances are read; older ones are looked at only while they go on."""
_KINDS = (Kind.INCIDENT, Kind.MAINTENANCE)
_SEVERAL = 3
_NOBODY = 0
"""A token that no lease has: a desk with it can read, and is refused whatever it would write to the store."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What one destination shows against what it should.

    Attributes:
        at: when reading began.
        compared: how many objects were compared.
        nothing_left: three or more incidents go on, and none of them is there: that is hardly a person's doing.
    """

    destination: str
    at: datetime
    compared: int
    differences: tuple[Difference, ...]
    nothing_left: bool = False


def survey(runtime: Runtime, destination: str, keep: Callable[[], None] = lambda: None) -> Survey:
    """Read a destination and compare it. Nothing is written anywhere.

    Args:
        runtime: surroundings.
        destination: its name.
        keep: called between calls, by a caller who has to show that it is alive.

    Raises:
        ProviderError: the destination cannot be read.
    """
    desk = _desk(runtime, destination)
    began = desk.now()
    try:
        objects = list(_Reading(desk, began, keep).objects())
    finally:
        desk.store.story.count_calls(desk.name, desk.calls.drain())
        desk.provider.close()
    found = differences(objects, desk.destination.edits)
    return Survey(destination, began, len(objects), found, _nothing_is_left(objects))


def _nothing_is_left(objects: Iterable[Compared]) -> bool:
    linked = [each for each in objects if each.key.kind is Kind.INCIDENT and each.link.state is LinkState.LINKED]
    return len(linked) >= _SEVERAL and all(each.seen is None for each in linked)


def _desk(runtime: Runtime, destination: str) -> Desk:
    settings = runtime.settings.destinations[destination]
    limits = mapping.load(settings.type).limits
    budget = runtime.store.budget(
        settings, (limits.calls, limits.window), limits.home, reads_by_address=limits.reads_by_address
    )
    calls = CallLog()
    provider = registry.make(settings, budget, calls)
    lease = Lease(Lane(MIRROR, destination), _NOBODY)
    whole = with_stored_originals(runtime.settings, runtime.store)
    return Desk(whole, settings, provider, runtime.store, lease, runtime.clock, calls)


def _is_mirrored_from(desk: Desk) -> bool:
    settings = desk.settings
    return any(desk.name in same_pages(settings, page) for page in settings.pages.values())


class _Reading:
    """One reading of one destination."""

    def __init__(self, desk: Desk, began: datetime, keep: Callable[[], None]) -> None:
        self._desk = desk
        self._began = began
        self._keep = keep
        self._is_source = _is_mirrored_from(desk)
        self._refs = Refs()
        self._owed: frozenset[ObjectKey] = frozenset()

    def objects(self) -> Iterator[Compared]:
        """What is to be compared. Links are read after the destination, and not used where they are newer than it."""
        store, name = self._desk.store, self._desk.name
        going_on = self._going_on()
        rows: dict[Kind, Mapping[str, Seen]] = {kind: self._rows(kind, going_on) for kind in (Kind.COMPONENT, *_KINDS)}
        links: dict[ObjectKey, Link] = store.links.many(name, going_on)
        for kind in _KINDS:
            links |= store.links.owners(name, kind, rows[kind]) if rows[kind] else {}
        self._refs = self._desk.refs()
        self._owed = frozenset(debt.key for debt in store.outbox.all(name))
        for key in sorted({*going_on, *links}):
            obj, link = going_on.get(key) or self._desk.load(key), links.get(key, Link())
            if obj is not None and self._is_comparable(key, obj, link):
                yield self._compared(key, obj, link, rows[key.kind])

    def _going_on(self) -> dict[ObjectKey, CanonicalObject]:
        """The components, and the incidents and maintenances that go on and belong here."""
        desk = self._desk
        found = [ObjectKey(Kind.COMPONENT, name) for name in desk.components()]
        for incident in desk.store.open_incidents():
            if any(mark.destination == desk.name for mark in incident_marks(incident, desk.settings)):
                found.append(ObjectKey(Kind.INCIDENT, incident.id))
        for obj in desk.store.pages.open():
            page = desk.settings.pages.get(obj.origin.source) if obj.origin else None
            if page is not None and desk.name in destinations_of(obj, desk.settings, page, None):
                found.append(ObjectKey(obj.kind, obj.id))
        return {key: known for key in found if (known := desk.load(key)) is not None}

    def _rows(self, kind: Kind, going_on: Mapping[ObjectKey, CanonicalObject]) -> Mapping[str, Seen]:
        """By remote id; nothing is asked where nothing of ours can be."""
        desk = self._desk
        if kind not in desk.provider.capabilities.readable:
            return {}
        if not any(key.kind is kind for key in going_on) and not desk.store.links.has(desk.name, kind):
            return {}
        self._keep()
        depth = None if kind is Kind.COMPONENT else DEPTH
        return {seen.remote_id: seen for seen in islice(desk.provider.scan(kind), depth)}

    def _is_comparable(self, key: ObjectKey, obj: CanonicalObject, link: Link) -> bool:
        if isinstance(obj, Incident | Maintenance) and not may_be_published(obj):
            return False
        if key.kind in _KINDS and self._desk.store.pages.is_withdrawn(key):
            return False
        # What people set on a page that is mirrored from is news; what is not bound yet is when something is written.
        if key.kind is Kind.COMPONENT and (self._is_source or link.state is LinkState.ABSENT):
            return False
        unsettled = link.intent is not None or link.verify_at is not None
        return not unsettled and (link.since is None or link.since < self._began)

    def _compared(self, key: ObjectKey, obj: CanonicalObject, link: Link, rows: Mapping[str, Seen]) -> Compared:
        wanted, _ = self._desk.provider.translate(obj, self._refs)
        seen = rows.get(link.remote_id) if link.remote_id else None
        if seen is None and link.remote_id and link.state is LinkState.LINKED and key.kind is not Kind.COMPONENT:
            self._keep()
            seen = self._desk.provider.look(key.kind, link.remote_id)
        title = obj.name if isinstance(obj, Component) else getattr(obj, "title", "")
        return Compared(key, title, wanted, link, seen, key in self._owed)
