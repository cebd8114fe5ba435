"""A page in short after every write, kept as what changed: a page of 400 incidents is not copied for each of 10,000."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHOLE_EVERY = 64
"""So many writes apart a whole glimpse is kept, so that reading one costs no walk from the beginning."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of one key of a glimpse: ``put`` and ``gone`` of a mapping's entries, or the whole new value."""

    put: Mapping[str, Any] | None
    gone: tuple[str, ...]
    whole: Any


class Glimpses:
    """The glimpses of one provider, in order; the values of a glimpse must not change after it was added."""

    def __init__(self) -> None:
        self._wholes: list[dict[str, Any]] = []
        self._changes: list[dict[str, _Change]] = []
        self._last: dict[str, Any] = {}

    def add(self, glimpse: Mapping[str, Any]) -> int:
        """Keep one glimpse; gives its number."""
        now = {key: _shared(self._last.get(key), value) for key, value in glimpse.items()}
        if len(self._changes) % WHOLE_EVERY == 0:
            self._wholes.append(now)
            self._changes.append({})
        else:
            changed = {key: value for key, value in now.items() if value is not self._last.get(key)}
            self._changes.append({key: _change(self._last.get(key), value) for key, value in changed.items()})
        self._last = now
        return len(self._changes) - 1

    def at(self, number: int) -> dict[str, Any]:
        """The glimpse with this number."""
        begin = number - number % WHOLE_EVERY
        glimpse = dict(self._wholes[begin // WHOLE_EVERY])
        for changes in self._changes[begin + 1 : number + 1]:
            for key, change in changes.items():
                glimpse[key] = _apply(glimpse.get(key), change)
        return glimpse


def _shared(old: Any, new: Any) -> Any:
    """``new``, made of the objects of ``old`` where they are equal; ``old`` itself when nothing changed."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return old if old == new else new
    if old == new and list(old) == list(new):
        return old
    return {key: old[key] if key in old and old[key] == value else value for key, value in new.items()}


def _change(old: Any, new: Any) -> _Change:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        put = {key: value for key, value in new.items() if key not in old or old[key] is not value}
        change = _Change(put, tuple(key for key in old if key not in new), None)
        if list(_apply(old, change)) == list(new):
            return change
    return _Change(None, (), new)


def _apply(old: Any, change: _Change) -> Any:
    if change.put is None:
        return change.whole
    kept = {key: value for key, value in old.items() if key not in change.gone} if change.gone else old
    return {**kept, **change.put}
