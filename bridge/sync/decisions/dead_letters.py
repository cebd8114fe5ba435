"""Dead letters: what a destination refuses until a person does something about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.errors import BridgeError
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.objects import Incident, IncidentUpdate
from bridge.store.outbox import rank_of
from bridge.store.state import Mark
from bridge.sync.runtime import Runtime


class UnknownLetter(BridgeError):
    """No dead letter goes by these words, or several do."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One object that one destination refuses.

    Attributes:
        title: of the incident or component, for a person.
        why: the provider's words.
    """

    destination: str
    key: ObjectKey
    title: str
    why: str
    since: datetime | None


def dead_letters(runtime: Runtime, destination: str | None = None) -> Iterator[DeadLetter]:
    """All dead letters, or those of one destination."""
    for name in [destination] if destination else list(runtime.settings.destinations):
        keys = runtime.store.outbox.dead(name)
        links = runtime.store.links.many(name, keys)
        for key in keys:
            link = links.get(key, Link())
            yield DeadLetter(name, key, _title(runtime, key), link.error or "", link.since)


def find(runtime: Runtime, destination: str, words: str) -> DeadLetter:
    """The dead letter of a destination whose object id is, or begins with, some words.

    Raises:
        UnknownLetter: none or several match.
    """
    letters = list(dead_letters(runtime, destination))
    matches = [letter for letter in letters if words in (str(letter.key), letter.key.id)]
    matches = matches or [letter for letter in letters if words and letter.key.id.startswith(words)]
    if len(matches) == 1:
        return matches[0]
    there = ", ".join(str(letter.key) for letter in letters) or "none"
    what = "several dead letters" if matches else "no dead letter"
    raise UnknownLetter(f"{what} of {destination} go by {words!r}; there are: {there}")


def retry(runtime: Runtime, letter: DeadLetter) -> None:
    """Try the object again, as it is wanted now; for after the cause was mended on the page."""
    link = runtime.store.links.get(letter.destination, letter.key)
    alive = LinkState.LINKED if link.remote_id else LinkState.ABSENT
    _revive(runtime, letter, replace(link, state=alive, refused=None, error=None))


def refused_update(runtime: Runtime, letter: DeadLetter) -> IncidentUpdate:
    """The incident update that a destination refuses: the first that it does not have.

    Raises:
        UnknownLetter: the letter is no incident, or no text of it is missing there.
    """
    found = runtime.store.find(letter.key)
    incident = found if isinstance(found, Incident) else None
    appended = runtime.store.links.get(letter.destination, letter.key).appended
    missing = [update for update in incident.updates if update.id not in appended] if incident else []
    if not missing:
        raise UnknownLetter(
            f"{letter.key} has no text that {letter.destination} refuses; see `statusbridge failed show`"
        )
    return missing[0]


def edit(runtime: Runtime, letter: DeadLetter, text: str) -> None:
    """Say something else on this destination in place of the refused text, and send it in its place in the order.

    Raises:
        UnknownLetter: as :func:`refused_update`.
    """
    runtime.store.edits.put(letter.destination, refused_update(runtime, letter).id, text)
    retry(runtime, letter)


def discard(runtime: Runtime, letter: DeadLetter) -> None:
    """Give the object up on this destination: nothing more is written about it there."""
    link = runtime.store.links.get(letter.destination, letter.key)
    given_up = replace(link, state=LinkState.GONE, error=None)
    if letter.key.kind is Kind.SUBSCRIBER:  # an intent would keep the address
        given_up = Link(LinkState.GONE, link.remote_id)
    runtime.store.links.settle_dead(letter.destination, letter.key, given_up)
    if letter.key.kind is Kind.SUBSCRIBER:
        runtime.store.subscribers.forget(letter.destination, letter.key.id)


def _revive(runtime: Runtime, letter: DeadLetter, link: Link) -> None:
    runtime.store.links.settle_dead(letter.destination, letter.key, link)
    mark = Mark(letter.destination, letter.key, _revision(runtime, letter.key), rank_of(letter.key.kind))
    runtime.store.outbox.mark([mark], runtime.clock.now())


def _revision(runtime: Runtime, key: ObjectKey) -> int:
    if key.kind in (Kind.INCIDENT, Kind.MAINTENANCE):
        found = runtime.store.find(key)
        return found.revision if found else 1
    if key.kind is Kind.METRIC:
        known = runtime.store.points.get(key.id)
        return known.metric.revision if known else 0
    wanted = runtime.store.state.component_statuses().get(key.id)
    return wanted.revision if wanted else 0


def _title(runtime: Runtime, key: ObjectKey) -> str:
    if key.kind in (Kind.INCIDENT, Kind.MAINTENANCE):
        found = runtime.store.find(key)
        return found.title if found else ""
    if key.kind is Kind.METRIC:
        known = runtime.store.points.get(key.id)
        return known.metric.name if known else ""
    component = runtime.settings.components.get(key.id)
    return component.name if component else ""
