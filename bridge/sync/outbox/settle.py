"""Unknown outcomes: a call was about to be made and no answer was kept. Look before doing it again.

The worker was killed, the connection broke, or the provider answered 5xx. The intent in the link says what was
about to happen. A provider may also commit late, so "not found" counts only after a grace period.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.errors import Ambiguous
from bridge.model.facts import Intent, Link, LinkState, ObjectKey, Seen
from bridge.store.outbox import rank_of
from bridge.store.state import Mark
from bridge.sync.fields import doubted, kept
from bridge.sync.outbox.desk import Desk

_LOOK_EVERY = (1.0, 2.0, 4.0, 8.0, 15.0)


def settle(desk: Desk, key: ObjectKey, link: Link) -> tuple[Link, datetime | None]:
    """Find out what became of a link's intent.

    Returns:
        The link as it stands now, and when to look again, if the outcome is still unknown.

    Raises:
        ProviderError: the look itself failed.
    """
    intent = link.intent
    if intent is None:
        return link, None
    _owe_touched(desk, intent)
    found = _SETTLERS[intent.action](desk, key, link, intent)
    if found is not None:
        return desk.keep(key, replace(found, intent=None)), None
    now = desk.now()
    until = intent.until or intent.at + desk.settle_after
    if now >= until:
        return desk.keep(key, replace(link, intent=None)), None
    return link, min(until, now + _pause(now - intent.at))


def _owe_touched(desk: Desk, intent: Intent) -> None:
    """What the call may have done to other objects is put right at once, and read back when it can act no more."""
    statuses = desk.store.state.component_statuses()
    keys = [ObjectKey.parse(name) for name in intent.touches]
    marks = [
        Mark(desk.name, key, statuses[key.id].revision if key.id in statuses else 0, rank_of(key.kind)) for key in keys
    ]
    if marks:
        desk.store.outbox.mark(marks, desk.now())


def _pause(age: timedelta) -> timedelta:
    """Look soon at first, then less often."""
    seconds = next((pause for pause in _LOOK_EVERY if age.total_seconds() < pause * 2), _LOOK_EVERY[-1])
    return timedelta(seconds=seconds)


def _create(desk: Desk, key: ObjectKey, link: Link, intent: Intent) -> Link | None:
    matches = list(desk.provider.find(key.kind, intent.find))
    ours = [seen for seen in matches if seen.marker == key.id or not _belongs_to_another(desk, key, seen)]
    if not ours:
        return None
    # A provider that carries no marker (an old server) was asked for one as well; equal strangers may be among these.
    if len(ours) > 1 and not any(seen.marker == key.id for seen in ours):
        ids = [item.remote_id for item in ours]
        told = f"several objects there could be the one that was created, and none is taken: {', '.join(ids)}"
        raise Ambiguous(told, matches=ids)
    seen = ours[0]
    appended = dict(link.appended)
    if intent.append:  # where the opening message is listed as an update, it is the first one
        appended[intent.append] = seen.appended[0].remote_id if seen.appended else ""
    # What was sent is what was written last, whatever a person may have made of it since.
    echo = dict(intent.echo or seen.echo)
    return replace(link, state=LinkState.LINKED, remote_id=seen.remote_id, echo=echo, appended=appended)


def _belongs_to_another(desk: Desk, key: ObjectKey, seen: Seen) -> bool:
    """Never adopt what another of our objects is linked with."""
    owner = desk.store.links.owner(desk.name, key.kind, seen.remote_id)
    return owner is not None and owner != key


def _append(desk: Desk, key: ObjectKey, link: Link, intent: Intent) -> Link | None:
    seen = desk.provider.look(key.kind, str(link.remote_id))
    if seen is None:
        return link  # the next call meets it, and what is gone is treated there
    known = set(link.appended.values())
    for item in seen.appended:
        if item.remote_id not in known and item.echo == intent.echo:
            appended = {**link.appended, str(intent.append): item.remote_id}
            return replace(link, echo=kept(link, intent.settles), appended=appended, appended_at=intent.at)
    return None


def _update(desk: Desk, key: ObjectKey, link: Link, intent: Intent) -> Link:
    """An update can be repeated at once; that a late commit does not undo the repetition is verified later."""
    return replace(link, echo=doubted(link), verify_at=intent.at + desk.settle_after)


def _remove(desk: Desk, key: ObjectKey, link: Link, intent: Intent) -> Link | None:
    return replace(link, state=LinkState.GONE) if desk.provider.look(key.kind, str(link.remote_id)) is None else None


_SETTLERS = {"create": _create, "append": _append, "update": _update, "remove": _remove}
