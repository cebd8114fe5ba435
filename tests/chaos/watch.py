"""Somebody who watches the pages all the time: is a component better or worse than it is to be, and for how long?

What may keep a page from being right is an outage of its destination (a fault that struck there) or of ours (a kill).
From the last of them on, and from when something else came to be wanted, there is so much time to put it right.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.errors import StoreError
from bridge.model.enums import ComponentStatus
from tests.chaos.place import NAMES, PROVIDERS, Place

TONES = {
    ComponentStatus.OPERATIONAL: "good",
    ComponentStatus.DEGRADED: "minor",
    ComponentStatus.PARTIAL_OUTAGE: "major",
    ComponentStatus.MAJOR_OUTAGE: "critical",
}
ALLOWED = timedelta(seconds=40)
"""A lease that a killed worker held ends after 8 s, a lost call is looked for during 4 s, what it may have overwritten
is read again after that; then come the pauses of a destination that was down; and four runs share two cores."""
_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Wrong:
    """A component that shows something else than it is to show, since when."""

    shown: str
    wanted: str
    since: datetime


class Watch:
    """Looks at all pages four times a second, from a thread of its own, until it is left.

    Attributes:
        longest: for how long a component was wrong though nothing kept it from being right.
    """

    def __init__(self, here: Place) -> None:
        self._here = here
        self._wrong: dict[tuple[str, str], Wrong] = {}
        self._worst: dict[tuple[str, str], tuple[timedelta, Wrong]] = {}
        self._wanted: dict[str, str] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def longest(self) -> timedelta:
        """See the class."""
        return max((age for age, _ in self._worst.values()), default=timedelta(0))

    def violations(self) -> Iterator[str]:
        """Every component that was wrong for too long."""
        for (provider, name), (age, wrong) in self._worst.items():
            if age > ALLOWED:
                seconds = f"{age.total_seconds():.0f} s"
                yield f"{provider}: {name} looked {wrong.shown} instead of {wrong.wanted} for {seconds}"

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            now = datetime.now(UTC)
            with contextlib.suppress(StoreError):
                statuses = self._here.store.state.component_statuses()
                self._wanted = {name: TONES[statuses[key].status] for key, name in NAMES.items() if key in statuses}
            for provider in PROVIDERS:
                self._look(provider, now)

    def _look(self, provider: str, now: datetime) -> None:
        page = self._here.sandbox.plugins[provider].page()
        shown = {item.name: item.tone for group in page.groups for item in group.components}
        for name in NAMES.values():
            wanted, key = self._wanted.get(name, "good"), (provider, name)
            before = self._wrong.pop(key, None)
            if shown[name] == wanted:
                continue
            is_same = before is not None and (before.shown, before.wanted) == (shown[name], wanted)
            wrong = before if before is not None and is_same else Wrong(shown[name], wanted, now)
            self._wrong[key] = wrong
            age = now - max(wrong.since, self._disturbed_at(provider))
            if age > self._worst.get(key, (timedelta(0), wrong))[0]:
                self._worst[key] = (age, wrong)

    def _disturbed_at(self, provider: str) -> datetime:
        """When something struck last that this destination has to recover from."""
        struck = [call.at for call in self._here.sandbox.calls.all(provider, None)[-200:] if call.fault]
        return max([*struck[-1:], *self._here.killed_at[-1:]], default=datetime.min.replace(tzinfo=UTC))
