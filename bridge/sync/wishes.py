"""What may be owed beside a new revision: to look at an object first, or to take it back from those who changed it.

Wishes travel with the debt as words, so that they survive a kill and are fulfilled by whoever has the lease.
"""

from __future__ import annotations

from collections.abc import Iterable

LOOK = "look"
"""Read the object before anything is decided about it."""
_RECLAIM = "reclaim:"
EVERYTHING = "*"
"""Stands for all fields of an object, and for the object itself where it was deleted."""


def reclaim(fields: Iterable[str] = ()) -> str:
    """The wish to take fields back under automation; all of them when none is named."""
    return " ".join(f"{_RECLAIM}{name}" for name in (sorted(fields) or [EVERYTHING]))


def reclaimed(wishes: str) -> frozenset[str]:
    """The fields that are to be taken back."""
    return frozenset(word.removeprefix(_RECLAIM) for word in wishes.split() if word.startswith(_RECLAIM))
