"""What people change on a page of a two-way mirror goes to the original and to all other copies.

Found by the looks at the pages (:mod:`bridge.sync.pages.poll`). Each page is compared with what was written there last,
the original too from the first change on that came from a copy. An object is changed under the lease of its original's
page, so that two pages never change it at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from bridge.config.settings import MirrorSettings, PageSettings, Settings
from bridge.ids import new_id
from bridge.model.enums import ComponentStatus, Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Refs, Seen
from bridge.model.objects import Incident, Maintenance
from bridge.model.pages import Mirrored, PageChanges, remote_key
from bridge.pages import registry
from bridge.providers.base.provider import Page, Provider
from bridge.providers.base.reading import Identify
from bridge.store.lanes import MIRROR, POLL, Lane, Lease
from bridge.store.outbox import LIVE
from bridge.store.state import Mark
from bridge.sync import wishes
from bridge.sync.outbox.desk import CallLog, Desk
from bridge.sync.pages.originals import with_stored_originals
from bridge.sync.pages.reach import destinations_of, same_pages
from bridge.sync.runtime import Runtime
from bridge.sync.two_way.copies import Edited, edited, is_as_written, native
from bridge.sync.two_way.verdict import Case, Verdict, decide

_NOBODY = 0
"""A token that no lease has: a desk with it can read only."""


def two_way_pages(settings: Settings) -> frozenset[str]:
    """The pages on which people's changes of what was mirrored are looked for."""
    mirrors = [mirror for mirror in settings.mirrors if mirror.two_way]
    ends = {name for mirror in mirrors for name in (mirror.page, *mirror.to)}
    return frozenset(
        name for name, page in settings.pages.items() if name in ends or ends.intersection(same_pages(settings, page))
    )


def travel(
    runtime: Runtime, page: PageSettings, reader: Page, copies: Mapping[ObjectKey, Seen], lease: Lease, began: datetime
) -> None:
    """Take over what people changed on a page.

    Args:
        runtime: surroundings.
        page: that was looked at.
        reader: of that page; a provider, because a page of a two-way mirror is a destination.
        copies: what the page shows of objects that are linked there.
        lease: of the look.
        began: when the look began; what was written there since is compared the next time.

    Raises:
        LeaseLost: somebody else looks at the page now.
    """
    if page.name in two_way_pages(runtime.settings):
        trip = _Trip(runtime, page, cast(Provider, reader), lease, began)
        for key, seen in copies.items():
            trip.bring(key, seen)


@dataclass(frozen=True, slots=True)
class _Found:
    """An object, and what people changed of it on the page."""

    obj: Mirrored
    mirror: MirrorSettings
    destination: str
    changes: Edited


class _Trip:
    """What one look at one page brings."""

    def __init__(self, runtime: Runtime, page: PageSettings, provider: Provider, lease: Lease, began: datetime) -> None:
        self._runtime = runtime
        self._store = runtime.store
        self._page = page
        self._provider = provider
        self._lease = lease
        self._began = began
        self._whole = with_stored_originals(runtime.settings, runtime.store)
        self._here = [self._desk(name, provider) for name in same_pages(runtime.settings, page)]
        self._takes = runtime.store.pages.takes(page.name)
        self._known: dict[str, Refs] = {}

    def bring(self, key: ObjectKey, seen: Seen) -> None:
        """Take over what was changed of one object."""
        found = self._changed(key, seen)
        if found is None or found.obj.origin is None:
            return
        if not found.changes:
            if str(key) in self._takes:
                self._store.pages.taken(self._page.name, key)
            return
        origin = found.obj.origin.source
        if origin == self._page.name:
            self._take(found, self._lease)
            return
        lease = self._store.lanes.take(Lane(POLL, origin))
        if lease is None:
            self._store.pages.look_now(self._page.name)
            return
        try:
            found = self._changed(key, seen)
            if found is not None and found.changes:
                self._take(found, lease)
        finally:
            self._store.lanes.release(lease)

    # --- what was changed --------------------------------------------------------------------------------------

    def _changed(self, key: ObjectKey, seen: Seen) -> _Found | None:
        """What people changed; None where the page has no copy, and while it is not known what our last call did."""
        obj = self._store.pages.get(key) if key.kind in (Kind.INCIDENT, Kind.MAINTENANCE) else None
        mirror = self._mirror_of(obj) if obj else None
        if obj is None or mirror is None:
            return None
        for desk in self._here:
            link = native(obj, [self._page.name], desk.link(key))
            if link.remote_id == seen.remote_id and self._is_settled(link):
                changes = Edited() if is_as_written(link, seen) else self._compare(desk, obj, link, seen)
                return _Found(obj, mirror, desk.name, changes)
        return None

    def _is_settled(self, link: Link) -> bool:
        unsettled = link.intent is not None or link.verify_at is not None
        known = link.since is None or link.since < self._began
        return link.state is LinkState.LINKED and not unsettled and known

    def _mirror_of(self, obj: Mirrored) -> MirrorSettings | None:
        """The two-way mirror by which the page has an object: as its origin, or as a copy, also of a copy."""
        origin = obj.origin.source if obj.origin else ""
        here = {desk.name for desk in self._here}
        way = _along(self._runtime.settings, origin)
        return next((mirror for mirror in way if origin == self._page.name or here & set(mirror.to)), None)

    def _compare(self, desk: Desk, obj: Mirrored, link: Link, seen: Seen) -> Edited:
        shown, _ = self._provider.read(obj.kind, seen, self._page.name, self._names(desk))
        if not isinstance(shown, Incident | Maintenance):
            raise TypeError(f"a {obj.kind} was read as a {type(shown).__name__}")
        refs = self._refs(desk)
        return edited(obj, _of_ours(shown), lambda one: desk.provider.translate(desk.dressed(one), refs)[0], link, seen)

    def _refs(self, desk: Desk) -> Refs:
        """What translating needs to know, read once for all objects of the look."""
        if desk.name not in self._known:
            self._known[desk.name] = desk.refs()
        return self._known[desk.name]

    def _names(self, desk: Desk) -> Identify:
        ours = self._refs(desk).remote
        components = {remote: ObjectKey.parse(name).id for name, remote in ours.items()}

        def identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
            if kind is Kind.COMPONENT:
                return components.get(remote_id, "")
            return new_id("upd", at or self._began, self._page.name, kind, remote_id)

        return identify

    # --- what follows ------------------------------------------------------------------------------------------

    def _take(self, found: _Found, lease: Lease) -> None:
        """Decide and write it all at once: the object, its debts, its story."""
        obj = found.obj
        key, origin = ObjectKey(obj.kind, obj.id), lease.lane.name
        forced = str(key) in self._takes
        now = self._runtime.clock.now()
        travels = self._store.pages.travels(origin, key)
        verdict = decide(
            Case(
                obj, found.changes, self._page.name, origin == self._page.name, found.mirror.conflicts,
                forced, travels, now,
            )
        )  # fmt: skip
        name = remote_key(obj.kind, obj.origin.remote_id) if obj.origin else ""
        memory = self._store.pages.recalled(origin, self._store.pages.memory(origin), [name])
        before = memory.objects.get(name)
        if before is None or not self._is_linked(key, obj, origin):
            return
        changed, marks = verdict.obj != obj, []
        fresh = replace(verdict.obj, revision=max(obj.revision, before.revision) + 1)
        if changed or verdict.overruled:
            marks = self._marks(fresh, found, verdict, origin, memory.begun)
        remembered = replace(before, revision=fresh.revision, open=not fresh.status.is_terminal)
        changes = PageChanges(
            remembered={name: remembered} if marks else {},
            mirrored=(fresh,) if marks else (),
            decisions=verdict.decisions,
            travels={key: verdict.travels} if verdict.travels != travels else {},
        )
        if marks or changes.decisions or changes.travels:
            self._store.pages.amend(lease, changes, marks, now)
        if forced:
            self._store.pages.taken(self._page.name, key)

    def _marks(self, obj: Mirrored, found: _Found, verdict: Verdict, origin: str, begun: datetime | None) -> list[Mark]:
        """The object is owed to all other copies and to the original; the page itself is looked at."""
        settings = self._runtime.settings
        page = settings.pages[origin]
        names = {*destinations_of(obj, settings, page, begun), *same_pages(settings, page), found.destination}
        key = ObjectKey(obj.kind, obj.id)
        wish = {found.destination: wishes.reclaim() if verdict.overruled else wishes.LOOK}
        return [Mark(name, key, obj.revision, LIVE, wish.get(name, "")) for name in sorted(names)]

    def _is_linked(self, key: ObjectKey, obj: Mirrored, origin: str) -> bool:
        """Link the original with itself: what it showed when it was taken over is what it was to show.

        False when somebody is at work there; the next look finds the change again.
        """
        settings = self._runtime.settings
        for name in same_pages(settings, settings.pages[origin]):
            if self._store.links.get(name, key).remote_id is not None or obj.origin is None:
                continue
            lease = self._store.lanes.take(Lane(MIRROR, name))
            if lease is None:
                self._store.pages.look_now(self._page.name)
                return False
            try:
                self._store.links.keep(lease, {key: self._link_of(name, obj, obj.origin.remote_id, origin)})
            finally:
                self._store.lanes.release(lease)
        return True

    def _link_of(self, destination: str, obj: Mirrored, remote_id: str, origin: str) -> Link:
        reach = self._runtime.settings.destinations[destination]
        limits = registry.limits(reach.type)
        budget = self._store.budget(
            reach, (limits.calls, limits.window), limits.home, reads_by_address=limits.reads_by_address
        )
        provider = cast(Provider, registry.make(reach, budget, CallLog(), self._runtime.clock))
        try:
            desk = self._desk(destination, provider)
            wanted, _ = provider.translate(desk.dressed(obj), desk.refs())
        finally:
            provider.close()
        link = Link(LinkState.LINKED, remote_id, echo=wanted.echo, adopted=True, revision=obj.revision)
        return native(obj, [origin], link)

    def _desk(self, destination: str, provider: Provider) -> Desk:
        settings = self._runtime.settings.destinations[destination]
        lease = Lease(Lane(MIRROR, destination), _NOBODY)
        return Desk(self._whole, settings, provider, self._store, lease, self._runtime.clock, CallLog())


def _along(settings: Settings, origin: str) -> Iterator[MirrorSettings]:
    """The two-way mirrors that lead away from a page, nearest first."""
    waiting, met = [origin], {origin}
    while waiting:
        for mirror in settings.mirrors_of(waiting.pop(0)):
            if mirror.two_way:
                yield mirror
                onward = {page.name for page in settings.pages.values() if {*same_pages(settings, page)} & {*mirror.to}}
                waiting += sorted(onward - met)
                met |= onward


def _of_ours(shown: Mirrored) -> Mirrored:
    """The object with those components only that are ours."""
    if isinstance(shown, Maintenance):
        return replace(shown, components=tuple(name for name in shown.components if name))
    updates = tuple(replace(item, components=_named(item.components)) for item in shown.updates)
    return replace(shown, components=_named(shown.components), updates=updates)


def _named(components: Mapping[str, ComponentStatus]) -> dict[str, ComponentStatus]:
    return {name: status for name, status in components.items() if name}
