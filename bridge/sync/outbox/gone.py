"""When a remote object is not there any more: somebody deleted it. Made again, forgotten, or loudly shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from bridge.config.settings import Deleted
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.objects import CanonicalObject, Incident, Maintenance
from bridge.model.state import Why
from bridge.sync.outbox.bind import bind_components, forgotten
from bridge.sync.outbox.desk import Desk
from bridge.sync.wishes import EVERYTHING, reclaimed

_LISTED = 200
"""How many of the newest objects are looked through for one that is said to be gone."""
DELETED = "it was deleted there"


def after_deletion(desk: Desk, key: ObjectKey, obj: CanonicalObject, link: Link, wishes: str) -> Link | None:
    """What is known of an object after its copy was found to be gone.

    An object that is to be made again comes back without a remote id; a component only if there is one again that it
    can be bound to. Nothing is made twice: an object that the destination still lists is not taken to be gone.

    Returns:
        The link, saved; None when the destination contradicts itself, and is to be asked again later.

    Raises:
        ProviderError: it could not be asked.
    """
    if key.kind is Kind.COMPONENT:
        desk.keep(key, forgotten(link))
        bind_components(desk)
        return desk.link(key)
    if EVERYTHING not in reclaimed(wishes) and not _is_made_again(desk, obj):
        desk.tell(key, Why.DELETED_THERE, f"somebody deleted it on {desk.name}: it is left so")
        return desk.keep(key, replace(link, state=LinkState.GONE, intent=None, error=DELETED, theirs={}))
    if any(seen.remote_id == link.remote_id for seen in islice(desk.provider.scan(key.kind), _LISTED)):
        return None
    desk.tell(key, Why.DELETED_THERE, f"somebody deleted it on {desk.name}: it is made again")
    return desk.keep(key, made_again(obj, link))


def _is_made_again(desk: Desk, obj: CanonicalObject) -> bool:
    return isinstance(obj, Incident) and obj.is_open and desk.destination.deleted is Deleted.RECREATE


def made_again(obj: CanonicalObject, link: Link) -> Link:
    """The link of an object that is to be made once more; nobody is told a second time of what was told already."""
    return Link(losses=link.losses, muted=obj.revision)


def quiet(obj: CanonicalObject, link: Link) -> CanonicalObject:
    """The object as it is written: without notifications while it is made once more."""
    if isinstance(obj, Incident | Maintenance) and obj.revision <= link.muted:
        return replace(obj, notify=False)
    return obj
