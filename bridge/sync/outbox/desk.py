"""Everything one slice of mirroring works with: one destination, its provider, its lease."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bridge.clock import Clock
from bridge.config.settings import ComponentSettings, DestinationSettings, Settings
from bridge.model.enums import ComponentStatus, Kind, worst
from bridge.model.facts import Call, Link, LinkState, ObjectKey, Refs
from bridge.model.objects import CanonicalObject, Component, Incident, Maintenance, Text
from bridge.model.pages import ComponentSeen
from bridge.model.state import Decision, Why
from bridge.providers.base.capabilities import StatusKeeping
from bridge.providers.base.provider import Provider
from bridge.store import Store
from bridge.store.lanes import Lease
from bridge.store.state import WantedStatus
from bridge.sync.outbox.clockwork import by_the_clock
from bridge.sync.outbox.slots import Slots
from bridge.sync.pages.reach import pages_reaching

Dressed = TypeVar("Dressed", Incident, Maintenance, Incident | Maintenance)


class CallLog:
    """Collects the calls of each thread, so that they can be told apart by object."""

    def __init__(self) -> None:
        self._local = threading.local()

    def __call__(self, call: Call) -> None:
        """Note one call (the provider's observer)."""
        self._calls().append(call)

    def drain(self) -> tuple[Call, ...]:
        """The calls of this thread since the last drain."""
        calls = tuple(self._calls())
        self._calls().clear()
        return calls

    def _calls(self) -> list[Call]:
        if not hasattr(self._local, "calls"):
            self._local.calls = []
        calls: list[Call] = self._local.calls
        return calls


@dataclass(frozen=True, slots=True)
class Desk:
    """The surroundings of work on one destination.

    Attributes:
        slots: held while an object is written or looked at, so that no more calls are under way than are to be.
    """

    settings: Settings
    destination: DestinationSettings
    provider: Provider
    store: Store
    lease: Lease
    clock: Clock
    calls: CallLog
    slots: Slots = field(default_factory=lambda: Slots(1))

    @property
    def name(self) -> str:
        """Name of the destination."""
        return self.destination.name

    @property
    def settle_after(self) -> timedelta:
        """How long a call with a lost answer may still take effect."""
        return timedelta(seconds=self.destination.settle_after)

    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()

    def link(self, key: ObjectKey) -> Link:
        """What was last agreed about an object."""
        return self.store.links.get(self.name, key)

    def keep(self, key: ObjectKey, link: Link, others: Mapping[ObjectKey, Link] | None = None) -> Link:
        """Save a link (and links of other objects that the same call changed); returns it as saved."""
        saved = replace(link, since=self.now())
        self.store.links.keep(self.lease, {key: saved, **(others or {})})
        return saved

    def components(self) -> list[str]:
        """The components that this destination shows."""
        return [name for name, component in self.settings.components.items() if self.name in component.on]

    def awaits(self, components: Iterable[str]) -> bool:
        """Whether one of some components is still to be made here; its creation is then under way, or comes first."""
        known = self.settings.components
        names = [name for name in components if name in known and known[name].may_be_made(self.name)]
        links = self.store.links.many(self.name, (ObjectKey(Kind.COMPONENT, name) for name in names))
        return any(links.get(ObjectKey(Kind.COMPONENT, name), Link()).state is LinkState.ABSENT for name in names)

    def load(self, key: ObjectKey) -> CanonicalObject | None:
        """The canonical object; None when it is not known any more."""
        if key.kind is Kind.INCIDENT:
            found = self.store.find(key)
            return self.dressed(found) if isinstance(found, Incident) else None
        if key.kind is Kind.MAINTENANCE:
            planned = self.store.find(key)
            return self.dressed(planned) if isinstance(planned, Maintenance) else None
        if key.kind is Kind.COMPONENT and key.id in self.settings.components:
            return self._component(self.settings.components[key.id])
        return None

    def dressed(self, obj: Dressed) -> Dressed:
        """An object as this destination is to show it."""
        if isinstance(obj, Incident):
            return self._edited(self._laid_over(obj))
        able = self.provider.capabilities
        return by_the_clock(obj, self.now(), needs_end=able.needs_end) if able.follows_clock else obj

    def _component(self, component: ComponentSettings) -> Component:
        """A component with its status. Where incidents lie over it, its own is what the mirrored pages say."""
        wanted = self.statuses().get(component.id)
        shown = wanted.status if wanted else ComponentStatus.OPERATIONAL
        status, effective = shown, None
        if self.provider.capabilities.carries_component_status is StatusKeeping.OVERLAY:
            said = [statuses[component.id].status for statuses in self._pages() if component.id in statuses]
            status, effective = worst(said), shown if said else None
        return Component(
            id=component.id,
            name=component.name,
            status=status,
            effective_status=effective,
            description=component.description,
            group=component.group,
            revision=wanted.revision if wanted else 0,
        )

    def _laid_over(self, incident: Incident) -> Incident:
        """Where incidents lie over the status of components, one of a page carries what its page shows of them."""
        keeping = self.provider.capabilities.carries_component_status
        if keeping is not StatusKeeping.OVERLAY or incident.origin is None or not incident.is_open:
            return incident
        components = dict(incident.components)
        for statuses in self._pages():
            for name in components.keys() & statuses.keys():
                components[name] = worst((components[name], statuses[name].status))
        return replace(incident, components=components)

    def _pages(self) -> list[dict[str, ComponentSeen]]:
        """What each page that reaches this destination says of our components."""
        reaching = pages_reaching(self.settings, self.name)
        return list(self.store.pages.component_statuses(reaching).values())

    def statuses(self) -> dict[str, WantedStatus]:
        """The status that each component is to show here: the worst that policy and the mirrored pages say."""
        wanted = self.store.state.component_statuses()  # first: its revisions must not be newer than what is read
        for statuses in self._pages():
            for name, said in statuses.items():
                if name in wanted:
                    wanted[name] = replace(wanted[name], status=worst((wanted[name].status, said.status)))
        return wanted

    def _edited(self, incident: Incident) -> Incident:
        """The incident with the texts that a person changed for this destination."""
        edits = self.store.edits.of(self.name, [update.id for update in incident.updates])
        if not edits:
            return incident
        updates = tuple(
            replace(update, message=Text(edits[update.id])) if update.id in edits else update
            for update in incident.updates
        )
        return replace(incident, updates=updates)

    def refs(self) -> Refs:
        """What a translator needs to know of other objects: the components' remote ids and wanted statuses."""
        wanted = self.statuses()
        shown = [ObjectKey(Kind.COMPONENT, name) for name in self.components()]
        links = self.store.links.many(self.name, shown)
        return Refs(
            remote={str(key): link.remote_id for key, link in links.items() if link.remote_id},
            statuses={
                key.id: wanted[key.id].status if key.id in wanted else ComponentStatus.OPERATIONAL for key in shown
            },
            left=frozenset(key.id for key, link in links.items() if link.theirs),
        )

    def tell(self, key: ObjectKey, why: Why, text: str) -> None:
        """Put a decision about an object into its story, and count it."""
        decision = Decision(self.now(), str(key), why, text, incident=key.id)
        self.store.story.tell(self.name, decision)
