"""A look, without writing, at what the configuration points at: the store, the destinations and the pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.config.settings import DestinationSettings, PageSettings, Settings
from bridge.errors import ConfigError, NotAllowed, ProviderError, StoreDown, StoreError
from bridge.model.enums import Kind
from bridge.model.facts import Call, LinkState, Seen
from bridge.pages import registry as pages
from bridge.providers import registry
from bridge.store import Store
from bridge.sync.outbox.bind import link_to, matching
from bridge.sync.pages.pairing import our_component

LEAST_FREE = 256 * 1_048_576
"""Bytes on the disk of the embedded store below which it is worth a word."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look showed.

    Attributes:
        subject: ``store`` or the name of a destination or a page.
        is_wrong: somebody has to act.
        is_note: worth knowing.
    """

    subject: str
    text: str
    is_wrong: bool = False
    is_note: bool = False


def probe_store(settings: Settings) -> Iterator[Finding]:
    """Whether the store answers, and keeps what it is given."""
    try:
        store = Store.open(settings.store)
    except StoreDown as error:
        is_own = settings.store.url is not None
        text = f"does not answer: {error}" if is_own else "does not run now; statusbridge up starts it"
        yield Finding("store", text, is_wrong=is_own, is_note=not is_own)
        return
    except StoreError as error:
        yield Finding("store", str(error), is_wrong=True)
        return
    try:
        warnings, why = store.server_warnings(), store.look().why
    except StoreError as error:
        yield Finding("store", str(error), is_wrong=True)
        return
    finally:
        store.close()
    yield from (Finding("store", warning, is_note=True) for warning in warnings)
    yield from _disk(settings)
    if why:
        yield Finding("store", f"nothing is accepted now: {why}", is_wrong=True)
    elif not warnings:
        yield Finding("store", "answers, and syncs every write to its disk")


def _disk(settings: Settings) -> Iterator[Finding]:
    """How much room the embedded store has."""
    if settings.store.url is None:
        free = shutil.disk_usage(settings.store.state_dir).free
        if free < LEAST_FREE:
            text = (
                f"{free / 1_048_576:.0f} MB are left on the disk of {settings.store.state_dir}: "
                "without room the store ends itself, and nothing is accepted"
            )
            yield Finding("store", text, is_note=True)


def probe_destination(destination: DestinationSettings, settings: Settings) -> Iterator[Finding]:
    """Whether a destination answers, takes the token, and has the components that are to be shown there."""
    try:
        provider = registry.make(destination, _Unmetered(), _forget)
        try:
            seen = list(provider.scan(Kind.COMPONENT))
        finally:
            provider.close()
    except NotAllowed as error:
        yield Finding(destination.name, f"refuses the token: {error}", is_wrong=True)
        return
    except (ProviderError, ConfigError) as error:
        yield Finding(destination.name, f"cannot be asked: {error}", is_wrong=True)
        return
    yield from _components(destination.name, seen, settings)


def probe_page(page: PageSettings, settings: Settings) -> Iterator[Finding]:
    """Whether a page that is mirrored answers, and shows the components that its mirrors name."""
    try:
        looking = pages.make(page.reach, _Unmetered(), _forget)
        try:
            seen = list(looking.scan(Kind.COMPONENT))
        finally:
            looking.close()
    except NotAllowed as error:
        yield Finding(page.name, f"refuses the token: {error}", is_wrong=True)
        return
    except (ProviderError, ConfigError) as error:
        yield Finding(page.name, f"cannot be looked at: {error}", is_wrong=True)
        return
    mirrors = settings.mirrors_of(page.name)
    shown = {item.name for item in seen} | {item.remote_id for item in seen}
    for name in sorted({name for mirror in mirrors for name in mirror.components or ()} - shown):
        there = ", ".join(sorted(item.name for item in seen)[:10]) or "none"
        yield Finding(
            page.name, f"no component there has the id or the name {name!r}; there are: {there}", is_wrong=True
        )
    ours = sum(our_component(item.remote_id, item.name, mirrors, settings.components) is not None for item in seen)
    yield Finding(
        page.name, f"answers; it shows {len(seen)} components, {ours} of them are mirrored", is_note=not mirrors
    )


def _components(destination: str, seen: Sequence[Seen], settings: Settings) -> Iterator[Finding]:
    taken: set[str | None] = set()
    found = 0
    for component in settings.components.values():
        entry = component.on.get(destination)
        if entry is None:
            continue
        rows = matching(entry, seen, taken)
        link = link_to(entry, rows, seen)
        if link.state is LinkState.LINKED:
            taken.add(link.remote_id)
            found += 1
        elif not rows and component.may_be_made(destination):
            yield Finding(destination, f"components.{component.id}: {entry!r} will be made there", is_note=True)
        else:
            yield Finding(destination, f"components.{component.id}: {link.error}", is_wrong=True)
    yield Finding(destination, f"answers; it shows {len(seen)} components, {found} of them are ours")


class _Unmetered:
    """A rate budget for a single look."""

    def take(self, *, read: bool = False) -> float:
        """Always now."""
        return 0.0

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Nothing waits here."""


def _forget(call: Call) -> None:
    """A look leaves no trace in the timeline."""
