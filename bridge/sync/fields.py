"""Three-way comparison of an object, field by field, in the receiver's words. Pure; imports the model only.

What was last written is the base, what stands there now is *theirs*, what is to stand there is *ours*. A field that
differs from the base without our doing was changed by somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bridge.model.facts import AppendWanted, Echo, Link, Wanted


class Change(StrEnum):
    """Who changed a field since both sides agreed last."""

    NONE = "none"
    OURS = "ours"
    """We want something else now; or nobody knows what was written last, so what we want counts."""
    THEIRS = "theirs"
    """Somebody else changed it there, and we still want what we wrote."""
    AGREED = "agreed"
    """Both sides came to the same value."""
    CONFLICT = "conflict"
    """Both sides changed it, each to another value."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object on one destination.

    Attributes:
        written: what was last written; None also where nothing is known of it, see ``change``.
        there: what stands there now.
        wanted: what is to stand there.
    """

    name: str
    written: Any
    there: Any
    wanted: Any
    change: Change

    @property
    def is_theirs(self) -> bool:
        """Whether somebody else put there what we don't want."""
        return self.change in (Change.THEIRS, Change.CONFLICT)


def compare(base: Echo, there: Echo, wanted: Echo) -> tuple[Field, ...]:
    """Every field that is wanted and that the destination tells, with who changed it.

    Args:
        base: what was last written (or last agreed on).
        there: what stands there.
        wanted: what is to stand there.
    """
    return tuple(
        Field(name, base.get(name), there[name], value, _change(base, name, there[name], value))
        for name, value in wanted.items()
        if name in there
    )


def _change(base: Echo, name: str, there: Any, wanted: Any) -> Change:
    if there == wanted:
        return Change.NONE if name in base and base[name] == there else Change.AGREED
    if name not in base or base[name] == there:
        return Change.OURS
    return Change.THEIRS if base[name] == wanted else Change.CONFLICT


def followed(fields: tuple[Field, ...], wanted: Wanted) -> tuple[Field, ...]:
    """The fields without those that only follow one that is theirs."""
    theirs = {field.name for field in fields if field.is_theirs}
    return tuple(field for field in fields if wanted.followers.get(field.name) not in theirs)


def left_alone(wanted: Wanted, theirs: Echo) -> Wanted:
    """What is wanted without the fields that are theirs, and without those that cannot be written apart from them."""
    if not theirs:
        return wanted
    carriers = {wanted.carrier(name) for name in theirs}
    return replace(
        wanted,
        update={name: value for name, value in wanted.update.items() if name not in carriers},
        echo={name: value for name, value in wanted.echo.items() if wanted.carrier(name) not in carriers},
    )


def missing(wanted: Wanted, link: Link) -> tuple[AppendWanted, ...]:
    """The updates that the destination does not have yet, in order."""
    return tuple(append for append in wanted.appends if append.id not in link.appended)


def sendable(wanted: Wanted, link: Link) -> tuple[AppendWanted, ...]:
    """The missing updates up to the first that would overwrite a field that is theirs.

    That one, and all after it, wait: sent later, they are still in order.
    """
    found = []
    for append in missing(wanted, link):
        if contradicts(append, wanted, link.theirs):
            break
        found.append(append)
    return tuple(found)


def contradicts(append: AppendWanted, wanted: Wanted, theirs: Echo) -> bool:
    """Whether an update carries another value of a field that is theirs."""
    return any(
        name in append.settles and wanted.carrier(name) in append.body and append.settles[name] != value
        for name, value in theirs.items()
    )


def agreed(wanted: Wanted, link: Link) -> Link:
    """The link without the fields on which theirs and ours have become the same.

    Updates that were to lead there by another way are passed over: they would take the object back for a moment.
    """
    same = {name: value for name, value in link.theirs.items() if name in wanted.echo and wanted.echo[name] == value}
    if not same:
        return link
    passed = {append.id: "" for append in missing(wanted, link) if contradicts(append, wanted, same)}
    return replace(
        link,
        theirs={name: value for name, value in link.theirs.items() if name not in same},
        echo={**link.echo, **same},
        appended={**link.appended, **passed},
    )


def doubted(link: Link) -> dict[str, Any]:
    """What is still known of an object when the outcome of a call is not: what we wrote into fields that are theirs."""
    return {name: value for name, value in link.echo.items() if name in link.theirs}


def kept(link: Link, fresh: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an object after something was written: fields that are theirs keep what *we* wrote last."""
    return {**link.echo, **{name: value for name, value in fresh.items() if name not in link.theirs}}
