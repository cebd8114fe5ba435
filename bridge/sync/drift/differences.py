"""What is there against what should be, object by object and field by field, in the receiver's words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.config.settings import Edits, EditSettings
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey, Seen, Wanted
from bridge.sync.fields import Change, Field, compare, contradicts, followed, missing
from bridge.sync.outbox.edits import STATUS, policy_of


class Cause(StrEnum):
    """Why what is there is not what should be."""

    EDITED = "edited"
    """Somebody else changed the field, and it is left alone."""
    MENDABLE = "mendable"
    """Somebody else changed the field, and it is to be written again."""
    WAITS = "waits"
    """An update is held back, because it says another phase than the one that somebody chose there."""
    BEHIND = "behind"
    """Nobody changed it; it was not written yet."""
    DELETED = "deleted"
    """Somebody deleted the object."""
    MISSING = "missing"
    """The object was never made there."""
    FAILED = "failed"
    """The destination refuses the object."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one object that is not what it should be; for whole objects the field is empty.

    Attributes:
        title: of the object, for a person.
        there: what stands there.
        wanted: what should stand there.
        written: what was written last.
        known: whether it was seen before and nothing is to be done about it.
    """

    key: ObjectKey
    title: str
    field: str
    there: Any
    wanted: Any
    cause: Cause
    written: Any = None
    known: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """One object as it should be and as it is.

    Attributes:
        seen: None when it is not there.
        owed: whether work on it is under way already.
    """

    key: ObjectKey
    title: str
    wanted: Wanted
    link: Link
    seen: Seen | None
    owed: bool


def differences(objects: Iterable[Compared], edits: EditSettings) -> tuple[Difference, ...]:
    """Everything that is not what it should be, object by object."""
    return tuple(difference for each in objects for difference in _of_object(each, edits))


def _of_object(each: Compared, edits: EditSettings) -> Iterator[Difference]:
    link, key = each.link, each.key
    if link.state is LinkState.DEAD:
        yield Difference(key, each.title, "", link.error or "", None, Cause.FAILED, known=True)
    if link.state is LinkState.GONE:
        if link.error:
            yield Difference(key, each.title, "", link.error, None, Cause.DELETED, known=True)
    elif link.remote_id is None:
        if link.state is LinkState.ABSENT:
            yield Difference(key, each.title, "", None, None, Cause.MISSING, known=each.owed)
    elif each.seen is None:
        yield Difference(key, each.title, "", None, None, Cause.DELETED)
    else:
        yield from _of_fields(each, each.seen, edits)
        yield from _of_updates(each, each.seen)


def _of_fields(each: Compared, seen: Seen, edits: EditSettings) -> Iterator[Difference]:
    for field in followed(compare(each.link.echo, seen.echo, each.wanted.echo), each.wanted):
        cause = _cause(each.key.kind, field, edits)
        if cause is not None:
            yield Difference(
                each.key, each.title, field.name, field.there, field.wanted, cause, field.written,
                known=_is_known(each, field, cause),
            )  # fmt: skip


def _is_known(each: Compared, field: Field, cause: Cause) -> bool:
    theirs = each.link.theirs
    if cause is Cause.EDITED:
        return field.name in theirs and theirs[field.name] == field.there
    return cause is Cause.BEHIND and each.owed


def _cause(kind: Kind, field: Field, edits: EditSettings) -> Cause | None:
    if field.is_theirs:
        return Cause.EDITED if policy_of(edits, kind, field.name) is Edits.RESPECT else Cause.MENDABLE
    return Cause.BEHIND if field.change is Change.OURS else None


def _of_updates(each: Compared, seen: Seen) -> Iterator[Difference]:
    """Updates that are missing, and those that somebody rewrote or deleted: they are never written a second time."""
    theirs = {STATUS: each.link.theirs[STATUS]} if STATUS in each.link.theirs else {}
    lacking = {append.id for append in missing(each.wanted, each.link)}
    shown = {item.remote_id: item.echo for item in seen.appended}
    waits = False
    opened = each.wanted.opened
    for append in (*((opened,) if opened else ()), *each.wanted.appends):
        name, wanted = f"update {append.id}", dict(append.echo)
        remote = each.link.appended.get(append.id)
        if append.id in lacking:
            waits = waits or contradicts(append, each.wanted, theirs)
            cause, known = (Cause.WAITS, True) if waits else (Cause.BEHIND, each.owed)
            yield Difference(each.key, each.title, name, None, wanted, cause, known=known)
        elif remote and shown.get(remote) != append.echo:
            there = dict(shown[remote]) if remote in shown else None
            yield Difference(each.key, each.title, name, there, wanted, Cause.EDITED, wanted, known=True)
