"""Looking at an object before it is written: what did people do to it meanwhile, and what follows.

A look costs a call, so it is made only where a call could overwrite what people are to keep, and at most once a
minute for each object (see docs/decisions/0011).
"""

from __future__ import annotations

from datetime import timedelta

from bridge.config.settings import Edits
from bridge.errors import Gone
from bridge.model.actions import PlannedAction
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Wanted
from bridge.model.objects import CanonicalObject
from bridge.model.state import Why
from bridge.store.outbox import BULK
from bridge.store.state import Mark
from bridge.sync.fields import Field
from bridge.sync.outbox.desk import Desk
from bridge.sync.outbox.edits import (
    Judgement,
    Sort,
    judge,
    may_overwrite,
    must_restate,
    policy_of,
    restated,
    sort_of,
    unsaid,
)
from bridge.sync.outbox.gone import drop_deleted_components
from bridge.sync.wishes import LOOK, reclaimed

FRESH = timedelta(seconds=60)
"""For so long an object is taken to be as it was seen last: who edits it by hand needs longer to read and write."""


def must_look(desk: Desk, action: PlannedAction, wanted: Wanted, link: Link) -> bool:
    """Whether a call has to wait for a look at its object."""
    if link.remote_id is None or _is_fresh(desk, link):
        return False
    return may_overwrite(desk.destination.edits, action, wanted)


def attend(
    desk: Desk, key: ObjectKey, obj: CanonicalObject, wanted: Wanted, link: Link, wishes: str
) -> tuple[CanonicalObject, Link]:
    """Look at an object and keep what follows; where its phase must be said again, the object comes back with that.

    Raises:
        Gone: it is not there any more.
        ProviderError: the look failed.
    """
    with desk.slots:
        seen = desk.provider.look(key.kind, str(link.remote_id))
    if seen is None:
        raise Gone(f"{key} is not there any more")
    judgement = judge(desk.destination.edits, key.kind, wanted, link, seen, desk.now(), reclaimed(wishes))
    if _may_lack_components(judgement, link, key.kind) and drop_deleted_components(desk, obj):
        wanted, _ = desk.provider.translate(obj, desk.refs())
        judgement = judge(desk.destination.edits, key.kind, wanted, link, seen, desk.now(), reclaimed(wishes))
    _tell(desk, key, link, judgement, wishes)
    if not must_restate(judgement, wanted, key.kind):
        return obj, desk.keep(key, judgement.link)
    if not wishes:  # until it is said again another look is owed, whatever happens to this worker
        desk.store.outbox.mark([Mark(desk.name, key, link.revision, BULK, LOOK)], desk.now())
    found = desk.keep(key, unsaid(judgement.link, link))
    return restated(obj, found), found


def attend_components(desk: Desk) -> None:
    """Where statuses that people set are to be left alone, see which those are: one listing for all components.

    Raises:
        ProviderError: the listing failed.
    """
    if policy_of(desk.destination.edits, Kind.COMPONENT, "status") is not Edits.RESPECT:
        return
    links = desk.store.links.many(desk.name, [ObjectKey(Kind.COMPONENT, name) for name in desk.components()])
    bound = {key: link for key, link in links.items() if link.state is LinkState.LINKED and link.intent is None}
    if all(_is_fresh(desk, link) for link in bound.values()):
        return
    rows = {seen.remote_id: seen for seen in desk.provider.scan(Kind.COMPONENT)}
    refs = desk.refs()
    for key, link in bound.items():
        obj, seen = desk.load(key), rows.get(str(link.remote_id))
        if obj is not None and seen is not None:
            wanted, _ = desk.provider.translate(obj, refs)
            judgement = judge(desk.destination.edits, key.kind, wanted, link, seen, desk.now())
            _tell(desk, key, link, judgement, "")
            desk.keep(key, judgement.link)


def _may_lack_components(judgement: Judgement, before: Link, kind: Kind) -> bool:
    """Whether what seems to be an edit can be the absence of a component that somebody deleted."""
    return any(
        sort_of(kind, field.name) in (Sort.COMPONENT_STATUS, Sort.DETAILS)
        for field in (*judgement.left, *judgement.mended)
        if before.theirs.get(field.name, before) != field.there
    )


def _is_fresh(desk: Desk, link: Link) -> bool:
    return link.seen_at is not None and desk.now() - link.seen_at < FRESH


def _tell(desk: Desk, key: ObjectKey, before: Link, judgement: Judgement, wishes: str) -> None:
    for field in judgement.left:
        if before.theirs.get(field.name, before) != field.there:
            desk.tell(key, Why.CHANGED_THERE, f"{_what(desk, field)}: it is left alone")
    why = Why.RECLAIMED if reclaimed(wishes) else Why.MENDED
    for field in judgement.mended:
        desk.tell(key, why, f"{_what(desk, field)}: it is written again")


def _what(desk: Desk, field: Field) -> str:
    return f"somebody changed {field.name} on {desk.name}"
