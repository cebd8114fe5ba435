"""Looking at a page: what is there, what is gone, and which of it this bridge itself put there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice

from bridge.config.settings import PageSettings
from bridge.ids import derived_id, new_id
from bridge.model.enums import ComponentStatus, Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Seen
from bridge.model.objects import CanonicalObject, Component, ComponentGroup, Incident, Maintenance, Origin
from bridge.model.pages import Mirrored, Original, PageMemory, group_id, remote_key
from bridge.providers.base.provider import Page
from bridge.store.lanes import Lease
from bridge.sync.pages.originals import is_made_from, original_id, with_stored_originals
from bridge.sync.pages.pairing import our_component
from bridge.sync.pages.reach import same_pages
from bridge.sync.pages.takeover import Sight
from bridge.sync.runtime import Runtime

DEPTH = 100
"""How many of the newest incidents and maintenances a look compares; older ones are looked at only while open."""
KINDS = (Kind.INCIDENT, Kind.MAINTENANCE)
_PREFIXES = {Kind.INCIDENT: "inc", Kind.MAINTENANCE: "mnt", Kind.INCIDENT_UPDATE: "upd"}


class Onlooker:
    """One look at one page.

    Args:
        runtime: surroundings.
        settings: of the page.
        page: answers.
        memory: what was known of the page before; with what is known of everything that was seen, after the look.
        lease: kept while the page answers slowly.
        copies: look at every copy that goes on, because what people change on it is to travel.
    """

    def __init__(
        self,
        runtime: Runtime,
        settings: PageSettings,
        page: Page,
        memory: PageMemory,
        lease: Lease,
        *,
        copies: bool = False,
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._page = page
        self.memory = memory
        self._lease = lease
        self._copies = copies
        self._mirrors = runtime.settings.mirrors_of(settings.name)
        self._here = same_pages(runtime.settings, settings)
        self._makes = is_made_from(runtime.settings, settings.name)
        self._names: dict[str, str] = {}
        self._groups: dict[str, ComponentGroup] = {}
        self._originals: dict[str, Original] = {}

    def look(self) -> Sight:
        """What there is.

        Raises:
            Unchanged: the page says that nothing has changed since the last look.
            ProviderError: it does not answer as it should.
        """
        components = list(self._page.scan(Kind.COMPONENT)) if self._mirrors else []
        if self._makes:
            self._groups = self._read_groups()
        rows: dict[Kind, dict[str, Seen]] = {}
        gone: list[str] = []
        for kind in KINDS:
            self._runtime.store.lanes.keep(self._lease)
            rows[kind], missing = self._rows(kind)
            gone += missing
            if self._copies:
                rows[kind] |= self._older_copies(kind, rows[kind])
        self.memory = self._runtime.store.pages.recalled(
            self._settings.name, self.memory, (name for found in rows.values() for name in found)
        )
        # Links are read after the page: what we made and saw is linked by now, or its creation is still unsettled.
        statuses = self._statuses(components, self._component_links())
        ours: dict[str, str] = {}
        copies: dict[ObjectKey, Seen] = {}
        objects: dict[str, Mirrored] = {}
        for kind, found in rows.items():
            mine, put_off = self._ours(kind, found)
            ours |= mine
            copies |= {ObjectKey(kind, identity): found[name] for name, identity in mine.items()}
            if not self._mirrors:
                continue
            objects |= {
                name: self._read(kind, seen) for name, seen in found.items() if name not in mine and name not in put_off
            }
        return Sight(self._settings.name, objects, tuple(gone), ours, statuses, self._originals, copies)

    def _rows(self, kind: Kind) -> tuple[dict[str, Seen], list[str]]:
        """By remote key, the newest objects of a kind and every known open one; and the known ones that are gone."""
        newest = islice(self._page.scan(kind), DEPTH if self.memory.begun is not None else None)
        rows = {remote_key(kind, seen.remote_id): seen for seen in newest}
        gone: list[str] = []
        for name, remembered in self.memory.objects.items():
            if name.startswith(f"{kind}:") and remembered.open and name not in rows:
                seen = self._page.look(kind, name.partition(":")[2])
                if seen is None:
                    gone.append(name)
                else:
                    rows[name] = seen
        return rows, gone

    def _older_copies(self, kind: Kind, rows: Mapping[str, Seen]) -> dict[str, Seen]:
        """By remote key, copies that go on and are not among the newest: a call for each, as for originals."""
        store = self._runtime.store
        going_on = [ObjectKey(obj.kind, obj.id) for obj in store.pages.open() if obj.kind is kind]
        found: dict[str, Seen] = {}
        for name in self._here:
            for link in store.links.many(name, going_on).values():
                if link.state is LinkState.LINKED and link.remote_id and remote_key(kind, link.remote_id) not in rows:
                    seen = self._page.look(kind, link.remote_id)
                    found |= {remote_key(kind, seen.remote_id): seen} if seen else {}
        return found

    # --- what is ours ------------------------------------------------------------------------------------------

    def _component_links(self) -> dict[ObjectKey, Link]:
        """Where the page is a destination too, the links of our components there."""
        store = self._runtime.store
        ours = with_stored_originals(self._runtime.settings, store).components
        wanted = [ObjectKey(Kind.COMPONENT, name) for name in ours]
        return {key: link for name in self._here for key, link in store.links.many(name, wanted).items()}

    def _ours(self, kind: Kind, rows: Mapping[str, Seen]) -> tuple[dict[str, str], set[str]]:
        """Copies that this bridge made (they carry our id, or a link leads to them), and what cannot be judged yet."""
        links, ids = self._runtime.store.links, [seen.remote_id for seen in rows.values()]
        owners = {key: link for name in self._here for key, link in links.owners(name, kind, ids).items()}
        linked = {link.remote_id: key.id for key, link in owners.items()}
        ours: dict[str, str] = {}
        for name, seen in rows.items():
            identity = linked.get(seen.remote_id)
            if identity is None and seen.marker and self._is_known(kind, seen.marker):
                identity = seen.marker
            if identity is not None:
                ours[name] = identity
        unsettled = any(links.is_creating(name) for name in self._here)
        unknown = {name for name in rows if name not in ours and name not in self.memory.objects}
        return ours, unknown if unsettled else set()

    def _is_known(self, kind: Kind, identity: str) -> bool:
        store = self._runtime.store
        return store.incident(identity) is not None or store.pages.get(ObjectKey(kind, identity)) is not None

    # --- reading -----------------------------------------------------------------------------------------------

    def _statuses(self, rows: list[Seen], links: Mapping[ObjectKey, Link]) -> dict[str, ComponentStatus]:
        """The status of each of our components, where somebody else than this bridge has set it."""
        written = {link.remote_id: dict(link.echo) for key, link in links.items() if key.kind is Kind.COMPONENT}
        statuses: dict[str, ComponentStatus] = {}
        made = self._made_here(links)
        for seen in rows:
            component, _ = self._page.read(Kind.COMPONENT, seen, self._settings.name, self._identify)
            name = our_component(seen.remote_id, seen.name, self._mirrors, self._runtime.settings.components)
            name = name or made.get(seen.remote_id) or made.get(seen.name) or self._taken(seen, component)
            if name is None:
                continue
            self._names[seen.remote_id] = name
            # A provider that does not tell the status below its incidents leaves no way to know who set it.
            ours = seen.remote_id in written and (not seen.echo or written[seen.remote_id] == dict(seen.echo))
            if isinstance(component, Component) and not ours:
                statuses[name] = component.effective_status or component.status
        return statuses

    def _made_here(self, links: Mapping[ObjectKey, Link]) -> dict[str, str]:
        """Components of other pages that were made here: by remote id; by name, those that are not linked yet."""
        configured = self._runtime.settings
        others = with_stored_originals(configured, self._runtime.store).components
        made: dict[str, str] = {}
        for identity, component in others.items():
            named = [component.on[name] for name in self._here if name in component.on]
            origin = component.original.component.origin if component.original else None
            if not named or identity in configured.components or (origin and origin.source == self._settings.name):
                continue
            link = links.get(ObjectKey(Kind.COMPONENT, identity))
            made[(link.remote_id if link else None) or named[0]] = identity
        return made

    def _read_groups(self) -> dict[str, ComponentGroup]:
        """By the id that a component names, the groups of the page under the ids that they get here."""
        found: dict[str, ComponentGroup] = {}
        for seen in self._page.scan(Kind.COMPONENT_GROUP):
            group, _ = self._page.read(Kind.COMPONENT_GROUP, seen, self._settings.name, self._identify)
            if isinstance(group, ComponentGroup):
                found[self._identify(Kind.COMPONENT_GROUP, seen.remote_id, None)] = replace(
                    group, id=group_id(group.name), origin=None
                )
        return found

    def _taken(self, seen: Seen, component: CanonicalObject) -> str | None:
        """Make a component of the page one of ours, because a mirror makes it elsewhere.

        One whose group is not known (it was moved during the look) is left for the next look: it may be private.
        """
        if not self._makes or not isinstance(component, Component):
            return None
        group = self._groups.get(component.group) if component.group else None
        if component.group and group is None:
            return None
        name = original_id(self._settings.name, seen.remote_id)
        original = replace(
            component,
            id=name,
            status=ComponentStatus.OPERATIONAL,
            effective_status=None,
            group=group.id if group else None,
            origin=Origin(self._settings.name, seen.remote_id),
        )
        self._originals[seen.remote_id] = Original(original, group)
        return name

    def _identify(self, kind: Kind, remote_id: str, at: datetime | None) -> str:
        """Our own name of a component, empty where it is none of ours; else an id that follows from where it is."""
        if kind is Kind.COMPONENT:
            return self._names.get(remote_id, "")
        parts = (self._settings.name, kind, remote_id)
        prefix = _PREFIXES.get(kind, "obj")
        return new_id(prefix, at, *parts) if at else derived_id(prefix, *parts)

    def _read(self, kind: Kind, seen: Seen) -> Mirrored:
        """The object with those components only that are ours."""
        obj, _ = self._page.read(kind, seen, self._settings.name, self._identify)
        if isinstance(obj, Maintenance):
            return replace(obj, components=tuple(name for name in obj.components if name))
        if not isinstance(obj, Incident):
            raise TypeError(f"a {kind} was read as a {type(obj).__name__}")
        updates = tuple(replace(update, components=_named(update.components)) for update in obj.updates)
        return replace(obj, components=_named(obj.components), updates=updates)


def _named(components: Mapping[str, ComponentStatus]) -> dict[str, ComponentStatus]:
    return {name: status for name, status in components.items() if name}
