"""One subscriber on one destination: looked for by address, made once, and then forgotten but for an id.

The same protocol as for everything that is written (:mod:`bridge.sync.outbox.reconcile`): intent, one call, link;
after a lost answer one looks first. Somebody who is there already is left as they are: what they follow is their own
choice. Their address goes into no story, no error and no log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bridge.errors import Ambiguous, Down, ProviderError, Refused
from bridge.model.actions import Create, Reason
from bridge.model.addresses import without_addresses
from bridge.model.facts import FindBy, Link, LinkState
from bridge.model.objects import Subscriber
from bridge.providers.base.capabilities import KnownAddress
from bridge.store.outbox import Debt
from bridge.sync.outbox.desk import Desk
from bridge.sync.outbox.reconcile import Dead, Done, Result, later, perform, space_out
from bridge.sync.outbox.settle import settle
from bridge.sync.outbox.slots import MadeWay

_UNTIL_MADE = timedelta(seconds=1)
"""A component that is to be made is waited for: who follows it would be left without it."""


def subscribe(desk: Desk, debt: Debt) -> Result:
    """See to it that somebody is subscribed on a destination, as far as that is possible now.

    Raises:
        ProviderError: the destination as a whole has a problem (busy, down, not allowed); the link is saved.
        LeaseLost: somebody else works on the destination.
    """
    person = desk.store.subscribers.get(desk.name, debt.key.id)
    if person is None:
        return _done(desk, debt, desk.link(debt.key))
    try:
        with _discretion(person):
            return _converge(desk, debt, person)
    except MadeWay:
        return later(desk, debt, desk.link(debt.key), desk.now())
    except Down as error:
        space_out(desk, debt, error)
        raise
    except (Refused, Ambiguous) as error:
        return _dead(desk, debt, str(error))
    finally:
        # A story for each of thousands of people would tell nobody anything.
        desk.store.story.count_calls(desk.name, desk.calls.drain())


def _converge(desk: Desk, debt: Debt, person: Subscriber) -> Result:
    link, again = settle(desk, debt.key, desk.link(debt.key))
    if again:
        return later(desk, debt, link, again)
    if link.remote_id is not None or link.state is LinkState.GONE:
        return _done(desk, debt, link)
    if desk.awaits(person.components):
        return later(desk, debt, link, desk.now() + _UNTIL_MADE)
    wanted, _ = desk.provider.translate(person, desk.refs())
    must_look = desk.provider.capabilities.known_address is KnownAddress.CHANGED
    found = _there(desk, debt, wanted.find) if must_look else None
    if found is None:
        # A creation holds all that is wanted of somebody new, so nothing is written after it.
        action = Create(debt.key, wanted.create, wanted.find, wanted.echo, None, Reason.FIRST)
        try:
            found = perform(desk, action, wanted, link)
        except Refused:
            found = _there(desk, debt, wanted.find)
            if found is None:
                raise
    return _done(desk, debt, found)


def _there(desk: Desk, debt: Debt, by: FindBy) -> Link | None:
    """The link to whoever has the address already."""
    for seen in desk.provider.find(debt.key.kind, by):
        return Link(LinkState.LINKED, seen.remote_id, adopted=True)
    return None


@contextmanager
def _discretion(person: Subscriber) -> Iterator[None]:
    """Take an address out of whatever is said when something goes wrong with it."""

    def hidden(text: str) -> str:
        return without_addresses(text, (person.address,))

    try:
        yield
    except Exception as error:
        error.args = tuple(hidden(arg) if isinstance(arg, str) else arg for arg in error.args)
        if isinstance(error, ProviderError):
            error.message = hidden(error.message)
            error.detail = hidden(error.detail) if error.detail else None
        raise


def _done(desk: Desk, debt: Debt, link: Link) -> Result:
    """Of somebody who is subscribed an id is left on either side."""
    kept = Link(link.state, link.remote_id, adopted=link.adopted, revision=debt.revision, since=desk.now())
    desk.store.links.done(desk.lease, debt.key, debt.rank, debt.revision, {debt.key: kept}, debt.wishes)
    desk.store.subscribers.forget(desk.name, debt.key.id)
    return Done()


def _dead(desk: Desk, debt: Debt, why: str) -> Result:
    dead = Link(LinkState.DEAD, error=why[:500], since=desk.now())
    desk.store.links.dead(desk.lease, debt.key, debt.rank, {debt.key: dead})
    return Dead(why)
