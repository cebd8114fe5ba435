"""What a provider sandbox is, what it gets, and what a visitor of its page sees.

How a provider plugs in
-----------------------

A package ``bridge.sandbox.<name>`` exposes a class ``ProviderSandbox`` that fulfils the protocol :class:`Plugin`:

* it is built as ``ProviderSandbox(context)`` with a :class:`Context`, and seeds its rows at once;
* ``name`` is the provider's name (``cachet2`` …), ``prefix`` is where its API is mounted (``/cachet2/api/v1``),
  ``public`` lists further prefixes below which faults strike and calls are logged (public JSON, badges);
* ``settings`` is a mutable dataclass with the provider's switches (rate limit, zone, version …); ``reset`` keeps them;
* ``blueprint()`` gives the Flask blueprint; its url prefix is set by the app (``prefix``), so routes start at ``/``;
* every request handler holds ``context.lock`` while it reads or writes rows;
* after each committed write it calls ``context.record(kind, id, event, row, glimpse)``, still under the lock;
* ``reset()`` goes back to the rows that ``context.rows`` names (same ids as after start);
* ``save()`` writes all it keeps as JSON, ``prepare(saved, where)`` checks such JSON and gives what puts it in place;
* ``page()`` is the whole page as a visitor sees it, ``glimpse()`` a cheap summary of it for the journal;
* ``failure(status)`` is the provider's own error body for a status that is injected by a fault;
* ``first_page(path)`` tells which lists have pages, so that faults can move rows over their boundaries;
* ``listening`` keeps who gets the provider's webhooks (``context.postbox`` sends them), None where there are none.

The app finds the class by its dotted path (see ``bridge/sandbox/app.py``). Public HTML pages are drawn from ``page()``
by ``bridge.sandbox.pages.blueprint(sandbox)``, for all providers alike.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from flask import Blueprint

from bridge.clock import Clock
from bridge.sandbox.journal import Journal
from bridge.sandbox.listening import Listening
from bridge.sandbox.postbox import Postbox

Tone = Literal["good", "minor", "major", "critical", "maintenance", "unknown"]
"""How alarming a shown word is; decides the colour."""

Event = Literal["created", "updated", "deleted"]

Rows = Literal["demo", "page", "empty"]
"""What a sandbox begins with: four components · a page with three years of history · nothing."""


@dataclass(frozen=True)
class ShownComponent:
    """One line of the component list."""

    name: str
    status: str
    """The word that is shown, in the provider's own wording."""
    tone: Tone
    description: str = ""


@dataclass(frozen=True)
class ShownGroup:
    """Components under one heading; ``name`` is None for those without a group."""

    name: str | None
    components: tuple[ShownComponent, ...]


@dataclass(frozen=True)
class ShownUpdate:
    """One entry of an incident's or maintenance's history."""

    at: datetime
    status: str
    body: str
    tone: Tone = "unknown"


@dataclass(frozen=True)
class ShownIncident:
    """An incident with its history, newest update first (the first report is the last of them)."""

    id: str
    title: str
    status: str
    tone: Tone
    started_at: datetime
    updates: tuple[ShownUpdate, ...]
    components: tuple[str, ...] = ()
    impact: str = ""
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class ShownMaintenance:
    """A planned or running maintenance."""

    id: str
    title: str
    status: str
    starts_at: datetime
    ends_at: datetime | None
    updates: tuple[ShownUpdate, ...]
    components: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicPage:
    """The visitor's view of one provider's page."""

    provider: str
    title: str
    overall: str
    tone: Tone
    groups: tuple[ShownGroup, ...]
    open_incidents: tuple[ShownIncident, ...] = ()
    past_incidents: tuple[ShownIncident, ...] = ()
    maintenances: tuple[ShownMaintenance, ...] = ()
    text_format: Literal["markdown", "html", "text"] = "markdown"
    """What the bodies of updates are written in."""


@dataclass
class Context:
    """What a provider sandbox gets from the core.

    Args:
        provider: the provider's name.
        clock: tells the time of every row.
        token: the credential that is accepted.
        seed: same seed and same calls give the same ids.
        journal: where committed writes go.
        postbox: where outbound webhooks go.
        rows: what a reset goes back to.
    """

    provider: str
    clock: Clock
    token: str
    seed: int
    journal: Journal
    postbox: Postbox = field(default_factory=Postbox)
    rows: Rows = "demo"
    lock: threading.RLock = field(default_factory=threading.RLock)

    def rng(self, purpose: str = "ids") -> random.Random:
        """A fresh generator that depends on nothing but seed, provider and purpose (take a new one in ``reset``)."""
        return random.Random(f"{self.seed}:{self.provider}:{purpose}")

    def record(
        self, kind: str, id: object, event: Event, row: Mapping[str, Any] | None, glimpse: Mapping[str, Any]
    ) -> None:
        """Write one committed change to the journal (method and path are those of the running request)."""
        self.journal.add(
            at=self.clock.now(), provider=self.provider, kind=kind, id=str(id), event=event, row=row, glimpse=glimpse
        )


class Plugin(Protocol):
    """A provider's sandbox (see the module's text)."""

    name: str
    prefix: str
    public: tuple[str, ...]
    settings: Any
    listening: Listening | None

    def __init__(self, context: Context) -> None: ...

    def blueprint(self) -> Blueprint:
        """The API, with routes relative to ``prefix``."""

    def reset(self) -> None:
        """Back to the seeded rows."""

    def save(self) -> dict[str, Any]:
        """Switches, generator, used budget and objects as JSON (see ``bridge.sandbox.dump``)."""

    def prepare(self, saved: Any, where: str) -> Callable[[], None]:
        """Check what ``save`` wrote; what is given back puts it in place.

        Raises:
            BrokenDump: the JSON is not what ``save`` writes; nothing has changed.
        """

    def first_page(self, path: str) -> int | None:
        """Number of the first page of the list at this path below ``prefix``; None where lists have no pages."""

    def page(self) -> PublicPage:
        """What a visitor sees now."""

    def glimpse(self) -> Mapping[str, Any]:
        """``overall`` (word), ``components``, ``incidents`` (open ones) and ``maintenances``: id → {name, status}."""

    def failure(self, status: int) -> tuple[Any, str]:
        """JSON body and content type of an answer with this error status."""
