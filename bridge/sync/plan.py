"""The planner: what is wanted and what was agreed last become the next calls. Pure; imports the model only."""

from __future__ import annotations

import hashlib
import json

from bridge.model.actions import Append, Create, Nothing, PlannedAction, Reason, Update
from bridge.model.facts import Link, LinkState, ObjectKey, Wanted
from bridge.sync.fields import left_alone, sendable


def plan(key: ObjectKey, wanted: Wanted, link: Link) -> tuple[PlannedAction, ...]:
    """The calls that are owed for one object, in order.

    A creation is planned alone: what comes after it depends on its answer. What is theirs (see
    :mod:`bridge.sync.fields`) is neither written nor compared. A link with an intent must be settled
    first (:mod:`bridge.sync.outbox.settle`); planning over it would repeat a call whose outcome is unknown.

    Args:
        key: of the object.
        wanted: the object in the destination's words.
        link: what was last agreed with the destination.

    Raises:
        ValueError: the link has an unsettled intent.
    """
    if link.intent is not None:
        raise ValueError(f"{key} has an unsettled {link.intent.action}")
    if link.state is LinkState.DEAD and link.refused == fingerprint(wanted):
        return (Nothing(key, Reason.DEAD_LETTER),)
    if link.remote_id is None:
        return (Create(key, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST),)
    actions: list[PlannedAction] = []
    expected = dict(link.echo)
    for append in sendable(wanted, link):
        about = link.appended.get(append.about) if append.about else None
        actions.append(Append(key, link.remote_id, append, about=about or None))
        expected |= append.settles
    ours = left_alone(wanted, link.theirs)
    if ours.update and differs(expected, ours):
        actions.append(Update(key, link.remote_id, ours.update, ours.echo, Reason.CHANGED))
    return tuple(actions) or (Nothing(key, Reason.LEFT_ALONE if link.theirs else Reason.IN_SYNC),)


def differs(echo: dict[str, object], wanted: Wanted) -> bool:
    """True when the destination would answer something else than what is wanted, in any field that is wanted."""
    return any(name not in echo or echo[name] != value for name, value in wanted.echo.items())


def fingerprint(wanted: Wanted) -> str:
    """Tells one wish from another: a dead letter is tried again only when its wish has changed."""
    parts = [wanted.create, wanted.update, wanted.echo, [[append.id, append.body] for append in wanted.appends]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:24]
