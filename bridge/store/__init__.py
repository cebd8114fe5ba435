"""The store: Valkey or Redis. Keys, scripts and transactions live here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import redis

from bridge.config.address import is_sentinel
from bridge.config.settings import DestinationSettings, Settings, StoreSettings
from bridge.errors import StoreDown
from bridge.model.enums import Kind
from bridge.model.events import Alert, Delivery, Parsed
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.model.overview import Overview, StoreView
from bridge.model.pages import Mirrored
from bridge.model.state import Decision
from bridge.secret import Secret
from bridge.store import keys
from bridge.store.archive import Archive
from bridge.store.audits import Audits
from bridge.store.backup import dump_state
from bridge.store.budget import Budget, budget_id
from bridge.store.clock import StoreClock
from bridge.store.connection import SOCKET_TIMEOUT, Scripts, connect, translated
from bridge.store.edits import Edits
from bridge.store.embedded import ensure_server, running_url
from bridge.store.handovers import Handovers
from bridge.store.health import inspect_store, refuse_eviction, server_warnings, try_write
from bridge.store.inbox import Accepted, Inbox
from bridge.store.lanes import POLL, Lane, Lanes
from bridge.store.links import Links
from bridge.store.outbox import Outbox
from bridge.store.overview import Overviews
from bridge.store.pages import Pages
from bridge.store.points import Points
from bridge.store.pulls import Pulls
from bridge.store.replicas import Replicas
from bridge.store.restore import load_state
from bridge.store.state import State
from bridge.store.story import Story
from bridge.store.subscribers import Subscribers
from bridge.store.upgrade import ensure_version

__all__ = ["Accepted", "Store", "ensure_server"]

_ANYBODY = Secret("")
"""Stands for every token, where a provider counts by the caller's address."""


class Store:
    """All state, behind one object. Safe for use from several threads.

    Attributes:
        inbox, state, lanes, links, outbox, story, archive, edits, pages, points, pulls, handovers, audits, subscribers:
            the parts, each with its own module.
        clock: the server's time, for everything that is decided by time.
        url: address of the server or of its sentinels; may hold a password, so it is never logged.
        replicas: how many replicas must have what was accepted, and what is intended, before it counts.
    """

    def __init__(self, client: redis.Redis, url: str, replicas: int = 0) -> None:
        self._client = client
        self.url = url
        self._wanted_replicas = replicas
        self._replicas = Replicas(client, replicas)
        self.clock = StoreClock(client)
        self._scripts = scripts = Scripts(client)
        self.lanes = Lanes(client, scripts)
        self.inbox = Inbox(client, self.lanes)
        self.state = State(client, self.lanes)
        self.links = Links(client, scripts, self._replicas)
        self.outbox = Outbox(client, self.lanes)
        self.story = Story(client)
        self.archive = Archive(client)
        self.edits = Edits(client)
        self.pages = Pages(client, self.lanes)
        self.points = Points(client, self.lanes)
        self.pulls = Pulls(client)
        self.handovers = Handovers(client)
        self.audits = Audits(client)
        self.subscribers = Subscribers(client, scripts, self.lanes)
        self._overviews = Overviews(client, self.state, self.links, self.outbox, self.lanes, self.pages)

    @classmethod
    def open(cls, settings: StoreSettings, patience: float = SOCKET_TIMEOUT) -> Store:
        """Connect to the server that the settings name, or to the running embedded one of the state directory.

        Args:
            settings: which server it is.
            patience: seconds after which it counts as down when it says nothing.

        Raises:
            StoreDown: it does not answer.
            StoreError: its state was written by a newer version, or it would throw state away.
        """
        url = settings.url.reveal() if settings.url else _running_url(settings)
        store = cls(connect(url, socket_timeout=patience), url, settings.replicas)
        refuse_eviction(store._client)
        store.check_version()
        return store

    def check_version(self) -> None:
        """Stamp an empty store, bring older state up to date, refuse what is newer.

        Raises:
            StoreError: with what to do; see :func:`bridge.store.upgrade.ensure_version`.
        """
        ensure_version(self._client)

    def accept(self, delivery: Delivery, parsed: Parsed) -> Accepted:
        """See :meth:`bridge.store.inbox.Inbox.accept`; replicas have it too on return, where they are waited for."""
        accepted = self.inbox.accept(delivery, parsed)
        self._replicas.confirm()
        return accepted

    def look_at(self, page: str) -> None:
        """Have a mirrored page looked at as soon as a worker is free."""
        self.pages.look_now(page)
        self.lanes.wake(Lane(POLL, page))

    def quarantine_whole(self, delivery: Delivery, reason: str) -> str:
        """See :meth:`bridge.store.inbox.Inbox.quarantine_whole`."""
        return self.inbox.quarantine_whole(delivery, reason)

    @translated
    def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            StoreDown: there is none.
        """
        self._client.ping()

    @translated
    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter; labels follow the name, separated by ``|``."""
        self._client.hincrby(keys.COUNTERS, name, by)

    def counters(self) -> Mapping[str, int]:
        """All counters."""
        return self._overviews.counters()

    def overview(self, settings: Settings, now: datetime) -> Overview:
        """Everything at one moment."""
        return self._overviews.overview(settings, now)

    def incident(self, identity: str) -> Incident | None:
        """One incident, open or not."""
        return self.state.incident(identity)

    def open_incidents(self) -> list[Incident]:
        """All incidents that are not resolved."""
        return self.state.open_incidents()

    def find(self, key: ObjectKey) -> Mirrored | None:
        """An incident or a maintenance, whether policy made it or it was taken over from a page."""
        made = self.state.incident(key.id) if key.kind is Kind.INCIDENT else None
        return made or (self.pages.get(key) if key.kind in (Kind.INCIDENT, Kind.MAINTENANCE) else None)

    def unrouted_alerts(self, limit: int = 100) -> list[Alert]:
        """Firing alerts that no route took."""
        return self.state.unrouted_alerts(limit)

    def decisions(self, incident: str) -> list[Decision]:
        """The decisions about an incident."""
        return self.story.decisions(incident)

    @translated
    def server_warnings(self) -> list[str]:
        """What is wrong with the server's settings; see :func:`bridge.store.health.server_warnings`."""
        return server_warnings(self._client, self._wanted_replicas, may_fail_over=is_sentinel(self.url))

    def look(self) -> StoreView:
        """The server as it is now, and whether it takes writes.

        Raises:
            StoreDown: it does not answer.
        """
        return inspect_store(self._client)

    def check_writable(self) -> None:
        """See whether something could be accepted now.

        Raises:
            StoreDown: it could not; says why.
        """
        try_write(self._client)
        self._replicas.confirm()

    def budget(
        self,
        destination: DestinationSettings,
        rate: tuple[int, float] | None,
        home: str | None = None,
        *,
        reads_by_address: bool = False,
    ) -> Budget:
        """The rate budget of a destination, shared with every other that uses its token at the same host.

        Args:
            destination: see there.
            rate: calls and window in seconds, where the destination names none.
            home: host that a destination without an address means.
            reads_by_address: reads have a budget of their own, shared by all tokens at that host.
        """
        token: Secret = destination.token
        identity = budget_id(destination.type, token, destination.url, home)
        reads = budget_id(destination.type, _ANYBODY, destination.url, home) if reads_by_address else None
        share = destination.bulk_share
        return Budget(self._client, self._scripts, identity, destination.rate or rate, reads, share)

    def backup(self) -> Iterator[str]:
        """All state as lines; see :mod:`bridge.store.backup`."""
        return dump_state(self._client)

    def restore(self, lines: Iterable[str]) -> int:
        """Put a backup into an empty store; see :func:`bridge.store.restore.load_state`."""
        self._client.delete(keys.VERSION)  # stamped at opening; the only key that an empty store has
        try:
            return load_state(self._client, lines)
        finally:
            self.check_version()

    def close(self) -> None:
        """Release the connections."""
        self._client.close()


def _running_url(settings: StoreSettings) -> str:
    url = running_url(settings.state_dir)
    if url is None:
        raise StoreDown(
            f"no store runs in {settings.state_dir}: start statusbridge up, or set BRIDGE_REDIS_URL to your server"
        )
    return url
