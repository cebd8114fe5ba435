"""Who subscribes to a page, in canonical words; for commands, which may wait where workers come back later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.config.settings import DestinationSettings, MirrorSettings, PageSettings, Settings
from bridge.errors import BridgeError, Refused
from bridge.model.addresses import same_form
from bridge.model.enums import Kind
from bridge.model.facts import LinkState, ObjectKey, Seen
from bridge.model.objects import Origin, Subscriber
from bridge.pages import registry
from bridge.providers.base.provider import Page, RememberingPage
from bridge.store.budget import Budget
from bridge.sync.outbox.bind import matching
from bridge.sync.outbox.desk import CallLog
from bridge.sync.pages.originals import original_id, with_stored_originals
from bridge.sync.pages.pairing import our_component
from bridge.sync.pages.reach import same_pages
from bridge.sync.runtime import Runtime

_LONGEST_WAIT = 120.0
"""Seconds that a command waits for one call; a page that wants to be left alone for longer is read another time."""
_STRANGER = "\x00"
"""Begins what stands for a component that is none of ours, until it is told as one."""


class NoAudience(BridgeError):
    """There is no such page, or it does not tell who subscribes to it."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who subscribes to a page.

    Attributes:
        id: follows from the address; empty where that cannot be carried over.
        address: as the page tells it; the page's own id where it tells none.
        person: None where nothing can be carried over, and then ``why`` tells the reason.
        strangers: names of the components that they follow and that are none of ours.
    """

    id: str
    address: str
    person: Subscriber | None
    strangers: tuple[str, ...] = ()
    why: str = ""


class Unhurried:
    """A budget whose calls wait until they may be made, within the share of bulk work.

    Args:
        budget: shared with the workers.
        sleep: how to wait.
    """

    def __init__(self, budget: Budget, sleep: Callable[[float], None] = time.sleep) -> None:
        self._budget = budget
        self._sleep = sleep

    def take(self, *, read: bool = False) -> float:
        """Take one call; returns 0.0 when it may be made, and seconds only where there are too many of them."""
        while 0 < (wait := self._budget.take(read=read, bulk=True)) <= _LONGEST_WAIT:
            self._sleep(wait)
        return wait

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """As the budget does."""
        self._budget.penalise(seconds, read=read)


@dataclass(frozen=True, slots=True)
class Side:
    """A page or a destination that is being read.

    Attributes:
        settings: with every component that was taken over from pages.
        is_destination: whether links tell which of its components are ours.
        components: everything that it lists as a component.
    """

    name: str
    runtime: Runtime
    settings: Settings
    page: Page
    is_destination: bool
    components: Sequence[Seen]

    def ours(self) -> dict[str, str]:
        """Our component for each of its own that is one of ours, by remote id."""
        return _linked(self, self.name) if self.is_destination else self._paired()

    def _paired(self) -> dict[str, str]:
        """For what is only looked at: by the mirrors, else by name; or as the destination that is the same page."""
        page = self.settings.pages[self.name]
        for name in same_pages(self.settings, page):
            return _linked(self, name)
        mirrors = self.settings.mirrors_of(self.name) or (MirrorSettings(self.name, ()),)
        found: dict[str, str] = {}
        for seen in self.components:
            known = our_component(seen.remote_id, seen.name, mirrors, self.settings.components)
            made = original_id(self.name, seen.remote_id)
            if known or made in self.settings.components:
                found[seen.remote_id] = known or made
        return found

    def listeners(self) -> Iterator[Listener]:
        """Everybody who subscribes, in the order of the page.

        Raises:
            NoAudience: the provider has no subscribers.
            ProviderError: the page cannot be read.
        """
        ours, names = self.ours(), {seen.remote_id: seen.name for seen in self.components}

        def identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
            return ours.get(remote_id, _STRANGER + remote_id) if kind is Kind.COMPONENT else remote_id

        for seen in _rows(self):
            yield self._listener(seen, identify, names)

    def _listener(
        self, seen: Seen, identify: Callable[[Kind, str, datetime | None], str], names: Mapping[str, str]
    ) -> Listener:
        store = self.runtime.store.subscribers
        try:
            person, _ = self.page.read(Kind.SUBSCRIBER, seen, self.name, identify)
        except Refused as error:
            return Listener("", seen.name or seen.remote_id, None, why=str(error))
        if not isinstance(person, Subscriber):
            raise TypeError(f"a subscriber was read as a {type(person).__name__}")
        (identity,) = store.ids([person.address])
        known = tuple(name for name in person.components if not name.startswith(_STRANGER))
        others = [name.removeprefix(_STRANGER) for name in person.components if name.startswith(_STRANGER)]
        strangers = tuple(names.get(remote_id, remote_id) for remote_id in others)
        if person.components and not known:
            why = f"none of the components that they follow is one of ours ({', '.join(strangers)})"
            return Listener(identity, person.address, None, strangers, why)
        kept = replace(person, id=identity, components=known, origin=_known_only(person.origin), revision=1)
        return Listener(identity, person.address, kept, strangers)

    def addresses(self) -> frozenset[str]:
        """Every address that is subscribed, in one spelling. Raises as :meth:`listeners`."""
        return frozenset(same_form(seen.name) for seen in _rows(self))

    def gone(self) -> frozenset[str]:
        """Every address that has unsubscribed, where the page remembers that.

        Raises:
            ProviderError: the page cannot be read.
        """
        return (
            frozenset(map(same_form, self.page.unsubscribed()))
            if isinstance(self.page, RememberingPage)
            else frozenset()
        )


@contextmanager
def open_side(runtime: Runtime, name: str, sleep: Callable[[float], None] = time.sleep) -> Iterator[Side]:
    """Read a destination, or a page that is looked at. Calls wait for the rate budget that workers share.

    Args:
        runtime: surroundings.
        name: of a destination or of a page of ``sources:``.
        sleep: how to wait.

    Raises:
        NoAudience: there is none of that name, or it is read without a token.
        ProviderError: it cannot be read.
    """
    whole = with_stored_originals(runtime.settings, runtime.store)
    reach = _reach(whole, name)
    limits = registry.limits(reach.type)
    budget = runtime.store.budget(
        reach, (limits.calls, limits.window), limits.home, reads_by_address=limits.reads_by_address
    )
    calls = CallLog()
    page = registry.make(reach, Unhurried(budget, sleep), calls, runtime.clock)
    try:
        components = list(page.scan(Kind.COMPONENT))
        yield Side(name, runtime, whole, page, name in whole.destinations, components)
    finally:
        runtime.store.story.count_calls(name, calls.drain())
        page.close()


def _reach(settings: Settings, name: str) -> DestinationSettings:
    found: PageSettings | None = settings.pages.get(name)
    reach = settings.destinations.get(name) or (found.reach if found else None)
    if reach is None:
        known = ", ".join(dict.fromkeys((*settings.destinations, *settings.pages))) or "none"
        raise NoAudience(f"there is no destination and no page {name!r}; the configuration has: {known}")
    if reach.type in registry.READ_ONLY:
        raise NoAudience(f"{name} is read without a token, and such a page does not tell who subscribes to it")
    return reach


def _rows(side: Side) -> Iterator[Seen]:
    try:
        yield from side.page.scan(Kind.SUBSCRIBER)
    except Refused as error:
        raise NoAudience(f"{side.name}: {error}") from error


def _linked(side: Side, destination: str) -> dict[str, str]:
    """By the links; where nothing was ever written, as binding will find them."""
    shown = [item for item in side.settings.components.values() if destination in item.on]
    links = side.runtime.store.links.many(destination, (ObjectKey(Kind.COMPONENT, item.id) for item in shown))
    by_key = {key.id: link for key, link in links.items()}
    found = {str(link.remote_id): name for name, link in by_key.items() if link.remote_id is not None}
    for item in shown:
        link = by_key.get(item.id)
        if link is None or (link.remote_id is None and link.state is not LinkState.DEAD):
            named = matching(item.on[destination], side.components, set(found))
            if len(named) == 1:
                found[named[0].remote_id] = item.id
    return found


def _known_only(origin: Origin | None) -> Origin | None:
    """What came along, without the components that are none of ours."""
    if origin is None or "components" not in origin.raw:
        return origin
    known = [name for name in origin.raw["components"] if not str(name).startswith(_STRANGER)]
    return replace(origin, raw={**origin.raw, "components": known})
