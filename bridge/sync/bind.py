"""Find the remote copies of configured components: by id, or by a name that only one of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Seen
from bridge.sync.desk import Desk


def bind_components(desk: Desk) -> None:
    """Link every component of the destination that has no link yet, with one listing for all of them.

    A component that cannot be found, or whose name several remote components have, becomes a dead letter with
    the reason; incidents go out without it.

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
    for key in unbound:
        link = match(str(desk.settings.components[key.id].on[desk.name]), seen, taken)
        if link.remote_id:
            taken.add(link.remote_id)
        desk.keep(key, link)


def _is_bound(desk: Desk, key: ObjectKey, link: Link) -> bool:
    """A link that failed for another entry of the configuration is not final: the entry may have been mended."""
    if link.state is LinkState.DEAD and link.remote_id is None:
        return link.refused == desk.settings.components[key.id].on[desk.name]
    return link.remote_id is not None


def match(entry: str, seen: Sequence[Seen], taken: set[str | None]) -> Link:
    """The link for one configured entry (a remote id or a remote name). Pure."""
    by_id = [item for item in seen if item.remote_id == entry]
    by_name = [item for item in seen if item.name == entry and item.remote_id not in taken]
    found = by_id or by_name
    if len(found) == 1:
        return Link(LinkState.LINKED, found[0].remote_id, echo=dict(found[0].echo), adopted=True)
    dead = Link(LinkState.DEAD, refused=entry)
    if not found:
        names = ", ".join(sorted(item.name for item in seen)[:10]) or "none"
        return replace(dead, error=f"no component there has the id or the name {entry!r}; there are: {names}")
    ids = ", ".join(item.remote_id for item in found)
    return replace(dead, error=f"{len(found)} components there are called {entry!r}: give one of the ids {ids}")
