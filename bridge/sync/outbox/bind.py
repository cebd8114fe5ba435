"""Find the remote copies of our components: by id, or by a name that only one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bridge.config.settings import ComponentSettings
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Refs, Seen
from bridge.model.objects import Component
from bridge.sync.outbox.desk import Desk

_TO_BE_MADE = " (made where it is missing)"
_DELETED = "somebody deleted there what was made for it; `statusbridge failed retry` makes it again"


def bind_components(desk: Desk) -> None:
    """Link every component of the destination that has no link yet, with one listing for all of them.

    A component that cannot be found, or whose name several remote components have, becomes a dead letter with
    the reason; incidents go out without it. One that is to be made (:mod:`bridge.sync.outbox.making`) and is missing is
    left without a copy.

    Raises:
        ProviderError: the listing failed; nothing was bound.
    """
    wanted = [ObjectKey(Kind.COMPONENT, name) for name in desk.components()]
    links = desk.store.links.many(desk.name, wanted)
    unbound = [key for key in wanted if not _is_bound(desk, key, links.get(key, Link()))]
    if not unbound:
        return
    seen = list(desk.provider.scan(Kind.COMPONENT))
    taken: set[str | None] = {link.remote_id for link in links.values()}
    being_made = {desk.settings.components[key.id].name for key, link in links.items() if link.intent is not None}
    for key in unbound:
        component, before = desk.settings.components[key.id], links.get(key, Link())
        if component.may_be_made(desk.name) and component.name in being_made:
            continue  # what became of the call is not known yet, so nothing of that name may be taken for another's
        link = _link(desk, key, before, candidates(desk, component, seen, taken), seen)
        taken.add(link.remote_id)
        if link != before:
            desk.keep(key, link)


def _is_bound(desk: Desk, key: ObjectKey, link: Link) -> bool:
    """A link that failed for another entry of the configuration is not final: the entry may have been mended."""
    if link.state is LinkState.DEAD and link.remote_id is None:
        return link.refused == entry_of(desk, key)
    return link.remote_id is not None


def entry_of(desk: Desk, key: ObjectKey) -> str:
    """What the configuration says of a component's copy: a failure is final for as long as it says the same."""
    component = desk.settings.components[key.id]
    return component.on[desk.name] + (_TO_BE_MADE if component.may_be_made(desk.name) else "")


def forgotten(link: Link) -> Link:
    """The link of a component whose copy somebody deleted; what was made for it is not made again by itself."""
    return Link() if link.adopted else Link(LinkState.DEAD, error=_DELETED)


def _link(desk: Desk, key: ObjectKey, before: Link, found: Sequence[Seen], seen: Sequence[Seen]) -> Link:
    """The link that follows from what was found; an absent one where the component is to be made."""
    component = desk.settings.components[key.id]
    if found or not component.may_be_made(desk.name):
        link = link_to(component.on[desk.name], found, seen)
    else:
        link = before if before.state is LinkState.DEAD and before.refused is None else Link()
    return replace(link, refused=entry_of(desk, key)) if link.state is LinkState.DEAD else link


def candidates(desk: Desk, component: ComponentSettings, seen: Sequence[Seen], taken: set[str | None]) -> list[Seen]:
    """The remote components that may be the copy of one of ours."""
    named = matching(component.on[desk.name], seen, taken)
    if component.original is None or (named and named[0].remote_id == component.on[desk.name]):
        return named
    free = [item for item in seen if item.remote_id not in taken]
    marked = [item for item in free if item.marker == component.id]
    if marked:
        return marked
    obj = desk.load(ObjectKey(Kind.COMPONENT, component.id))
    shown_as = desk.provider.translate(obj, Refs())[0].find.title if obj else None
    named = named or [item for item in free if item.name == shown_as]
    if component.original.is_private:  # what everybody sees there is something else
        named = [item for item in named if not _read(desk, item).showcased]
    return _under(desk, component.group, named) if len(named) > 1 and component.group else named


def _under(desk: Desk, group: str, named: Sequence[Seen]) -> list[Seen]:
    """Of several components of one name those that stand under a heading; all of them where none does."""
    headings = {item.remote_id for item in desk.provider.scan(Kind.COMPONENT_GROUP) if item.name == group}
    found = [item for item in named if _read(desk, item).group in headings]
    return found or list(named)


def _read(desk: Desk, seen: Seen) -> Component:
    obj, _ = desk.provider.read(Kind.COMPONENT, seen, desk.name, _as_it_is)
    if not isinstance(obj, Component):
        raise TypeError(f"a component was read as a {type(obj).__name__}")
    return obj


def _as_it_is(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return remote_id


def matching(entry: str, seen: Sequence[Seen], taken: set[str | None]) -> list[Seen]:
    """The remote components that a configured entry (a remote id or a remote name) may mean. Pure."""
    by_id = [item for item in seen if item.remote_id == entry]
    return by_id or [item for item in seen if item.name == entry and item.remote_id not in taken]


def link_to(entry: str, found: Sequence[Seen], seen: Sequence[Seen]) -> Link:
    """The link for one configured entry. Pure.

    Args:
        entry: a remote id or a remote name.
        found: what it may mean.
        seen: everything that is there, for the message.
    """
    if len(found) == 1:
        return Link(LinkState.LINKED, found[0].remote_id, echo=dict(found[0].echo), adopted=True)
    dead = Link(LinkState.DEAD, refused=entry)
    if not found:
        names = ", ".join(sorted(item.name for item in seen)[:10]) or "none"
        return replace(dead, error=f"no component there has the id or the name {entry!r}; there are: {names}")
    ids = ", ".join(item.remote_id for item in found)
    return replace(dead, error=f"{len(found)} components there are called {entry!r}: give one of the ids {ids}")
