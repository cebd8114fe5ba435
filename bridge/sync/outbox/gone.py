"""When a remote object is not there any more: somebody deleted it. Made again, forgotten, or loudly shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from bridge.config.settings import Deleted
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.objects import CanonicalObject, Incident, Maintenance
from bridge.model.state import Why
from bridge.store.outbox import COMPONENTS, LIVE
from bridge.store.state import Mark
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
        return _forget(desk, key, link)
    if EVERYTHING not in reclaimed(wishes) and not _is_made_again(desk, obj):
        desk.tell(key, Why.DELETED_THERE, f"somebody deleted it on {desk.name}: it is left so")
        return desk.keep(key, replace(link, state=LinkState.GONE, intent=None, error=DELETED, theirs={}))
    if any(seen.remote_id == link.remote_id for seen in islice(desk.provider.scan(key.kind), _LISTED)):
        return None
    desk.tell(key, Why.DELETED_THERE, f"somebody deleted it on {desk.name}: it is made again")
    return desk.keep(key, made_again(obj, link))


def drop_deleted_components(desk: Desk, obj: CanonicalObject) -> bool:
    """Forget those components of an object that somebody deleted there: it goes out without them.

    Statuspage (422) and PingPong (400) refuse whatever names a component that they don't have. One look at each of the
    object's components, and only after a refusal, or where the object is found to show other components.

    Returns:
        Whether there were any.

    Raises:
        ProviderError: the destination could not be asked.
    """
    if not isinstance(obj, Incident | Maintenance):
        return False
    links = desk.store.links.many(desk.name, (ObjectKey(Kind.COMPONENT, name) for name in obj.components))
    known = {key: link for key, link in links.items() if link.remote_id is not None}
    lost = [key for key, link in known.items() if desk.provider.look(Kind.COMPONENT, str(link.remote_id)) is None]
    for key in lost:
        left_out = _forget(desk, key, known[key]).remote_id is None
        then = "it goes out without it" if left_out else "it goes out with the one that has its name"
        desk.tell(ObjectKey(obj.kind, obj.id), Why.DELETED_THERE, f"{key} was deleted on {desk.name}: {then}")
    statuses = desk.statuses()
    owed = [Mark(desk.name, key, statuses[key.id].revision if key.id in statuses else 0, COMPONENTS) for key in lost]
    if owed:  # each is then told by itself, among what the destination refuses
        desk.store.outbox.mark(owed, desk.now())
    return bool(lost)


def _forget(desk: Desk, key: ObjectKey, link: Link) -> Link:
    """A component without its copy, or with another that has its name; what goes on and names it is looked at again."""
    desk.keep(key, forgotten(link))
    bind_components(desk)
    found = desk.link(key)
    then = "it is not made up" if found.remote_id is None else "the one that has its name takes its place"
    desk.tell(key, Why.DELETED_THERE, f"somebody deleted it on {desk.name}: {then}")
    going_on = [
        ObjectKey(obj.kind, obj.id)
        for obj in (*desk.store.open_incidents(), *desk.store.pages.open())
        if key.id in obj.components
    ]
    copies = desk.store.links.many(desk.name, going_on)
    marks = [Mark(desk.name, name, copy.revision, LIVE) for name, copy in copies.items() if copy.remote_id is not None]
    if marks:
        desk.store.outbox.mark(marks, desk.now())
    return found


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
