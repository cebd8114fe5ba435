"""A person's word that the subscribers of a page are to hear of others as well. Nothing else ever moves them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from bridge.errors import ProviderError, Refused
from bridge.model.addresses import same_form
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Refs
from bridge.model.loss import Loss
from bridge.model.objects import Subscriber
from bridge.providers.base import mapping
from bridge.providers.base.provider import Provider
from bridge.store.subscribers import key_of
from bridge.sync.pages.audience import Listener, NoAudience, Side, open_side
from bridge.sync.runtime import Runtime

_NOT_THERE = "The component has no copy on this destination."
_ANY = "0"
"""Stands for the remote id of a component that is still to be made; every provider's translator takes it."""


class Verdict(StrEnum):
    """What a copy does about somebody."""

    MAKE = "make"
    THERE = "there"
    UNDER_WAY = "under way"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Entry:
    """One subscriber of the page that is copied from, as one destination would have them.

    Attributes:
        why: why somebody is left out.
        is_asked: the provider will write to them and ask whether they want that.
    """

    destination: str
    listener: Listener
    verdict: Verdict
    why: str = ""
    losses: tuple[Loss, ...] = ()
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy would do.

    Attributes:
        troubles: destination → why nobody can be copied there.
        cautions: destination → when its provider writes to everybody, whatever it is told.
    """

    source: str
    entries: tuple[Entry, ...]
    troubles: Mapping[str, str]
    cautions: Mapping[str, str]

    def made(self, destination: str | None = None) -> list[Entry]:
        """Those who would be subscribed."""
        return [
            each for each in self.entries if each.verdict is Verdict.MAKE and destination in (None, each.destination)
        ]


def listeners_of(runtime: Runtime, name: str, sleep: Callable[[float], None] = time.sleep) -> list[Listener]:
    """Who subscribes to a page or a destination.

    Raises:
        NoAudience: it does not tell, or there is none of that name.
        ProviderError: it cannot be read.
    """
    with open_side(runtime, name, sleep) as side:
        return list(side.listeners())


def plan_copy(
    runtime: Runtime,
    source: str,
    destinations: Sequence[str],
    *,
    unverified: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Copy:
    """What copying the subscribers of a page would do. Reads all sides and changes nothing.

    Args:
        runtime: surroundings.
        source: name of a page or destination.
        destinations: names of destinations.
        unverified: take along those who never confirmed their address.
        sleep: how to wait for the rate budget.

    Raises:
        NoAudience: the page does not tell who subscribes to it.
        ProviderError: the page cannot be read.
    """
    people = _told_apart(listeners_of(runtime, source, sleep))
    entries: list[Entry] = []
    troubles: dict[str, str] = {}
    for name in destinations:
        try:
            with open_side(runtime, name, sleep) as side:
                entries += list(_entries(side, people, unverified=unverified))
        except NoAudience as error:
            troubles[name] = str(error).removeprefix(f"{name}: ")
        except ProviderError as error:
            troubles[name] = f"it cannot be read: {error}"
    reaches = {name: mapping.load(runtime.settings.destinations[name].type).capabilities for name in destinations}
    cautions = {name: able.asks_anyway for name, able in reaches.items() if able.asks_anyway}
    return Copy(source, tuple(entries), troubles, cautions)


def owe_copy(runtime: Runtime, copy: Copy) -> int:
    """Owe those who are to be subscribed to their destinations; returns how many debts that makes."""
    store, entries = runtime.store, copy.made()
    for name in dict.fromkeys(each.destination for each in entries):
        people = [each.listener.person for each in entries if each.destination == name and each.listener.person]
        links = store.links.many(name, (key_of(person.id) for person in people))
        for key, link in links.items():
            if link.state is LinkState.GONE:  # somebody gave them up there, and has changed their mind
                store.links.settle_dead(name, key, Link())
        store.subscribers.owe(name, people, runtime.clock.now())
    return len(entries)


def _told_apart(listeners: Iterable[Listener]) -> list[Listener]:
    """Each address once: a page may list one several times."""
    found: dict[str, Listener] = {}
    for listener in listeners:
        found.setdefault(listener.id or f"\x00{listener.address}", listener)
    return list(found.values())


def _entries(side: Side, people: Sequence[Listener], *, unverified: bool) -> Iterator[Entry]:
    store, name = side.runtime.store, side.name
    there, gone = side.addresses(), side.gone()
    links = store.links.many(name, (key_of(each.id) for each in people))
    owed = {debt.key for debt in store.outbox.all(name) if debt.key.kind is Kind.SUBSCRIBER}
    refs = _refs(side)
    for listener in people:
        key = key_of(listener.id)
        if listener.person is None:
            yield Entry(name, listener, Verdict.LEFT_OUT, listener.why)
        elif same_form(listener.address) in there:
            yield Entry(name, listener, Verdict.THERE)
        elif same_form(listener.address) in gone:
            yield Entry(name, listener, Verdict.LEFT_OUT, "they unsubscribed there")
        elif key in owed:
            yield Entry(name, listener, Verdict.UNDER_WAY)
        elif links.get(key, Link()).remote_id is not None:
            yield Entry(name, listener, Verdict.LEFT_OUT, "they were subscribed there before and are not any more")
        elif not listener.person.verified and not unverified:
            yield Entry(name, listener, Verdict.LEFT_OUT, "they never confirmed their address")
        else:
            yield _translated(side, listener, listener.person, refs)


def _translated(side: Side, listener: Listener, person: Subscriber, refs: Refs) -> Entry:
    provider = cast(Provider, side.page)  # a destination is read by what writes to it
    here = _as_lost(listener, person)
    try:
        _, losses = provider.translate(person, refs)
    except Refused as error:
        return Entry(side.name, listener, Verdict.LEFT_OUT, str(error).removeprefix(f"{person.id}: "), here)
    return Entry(side.name, listener, Verdict.MAKE, losses=here + losses, is_asked=not person.verified)


def _as_lost(listener: Listener, person: Subscriber) -> tuple[Loss, ...]:
    """Components of the page that are none of ours."""
    key = str(key_of(person.id))
    return tuple(Loss(key, "components", name, "", _NOT_THERE) for name in listener.strangers)


def _refs(side: Side) -> Refs:
    """The copies of our components there, and of those that are still to be made."""
    remote = {str(ObjectKey(Kind.COMPONENT, ours)): remote_id for remote_id, ours in side.ours().items()}
    to_be_made = [item.id for item in side.settings.components.values() if item.may_be_made(side.name)]
    waiting = {str(ObjectKey(Kind.COMPONENT, name)): _ANY for name in to_be_made}
    return Refs({**waiting, **remote})
