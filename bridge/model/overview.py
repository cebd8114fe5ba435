"""What people look at: one consistent picture of sources, destinations and the mirror matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class CellState(StrEnum):
    """Where one object stands on one destination."""

    IN_SYNC = "in_sync"
    OWED = "owed"
    FAILED = "failed"
    HELD = "held"
    DRIFT = "drift"
    """A person changed or deleted the copy, and it is left so."""
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Cell:
    """One object on one destination.

    Attributes:
        since: when the copy fell behind (owed) or was refused (failed).
        why: reason of a failure or a hold, in words for a person.
        remote_id: id of the remote copy, when there is one.
        synced_at: when the copy was last brought up to date.
    """

    state: CellState
    since: datetime | None = None
    why: str | None = None
    remote_id: str | None = None
    synced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One component or one open incident over all destinations."""

    kind: str
    id: str
    title: str
    status: str
    since: datetime | None
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class StoreView:
    """The store at a glance.

    Attributes:
        state: ``ok``, or ``refusing`` when it answers but takes no writes: nothing is accepted then.
        why: its own words when it refuses.
        used_memory: bytes.
        max_memory: bytes at which it refuses writes; None without a limit.
        role: ``primary``, ``replica`` or ``unknown``.
        replicas: how many are connected.
    """

    state: str
    why: str | None = None
    used_memory: int = 0
    max_memory: int | None = None
    role: str = "unknown"
    replicas: int = 0


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source at a glance.

    Attributes:
        waiting: deliveries accepted and not yet applied.
        silent: nothing was heard for longer than the configured heartbeat; None where none is configured.
        unasked: why the sender itself cannot be asked now; None where it can, or need not be.
    """

    name: str
    type: str
    last_delivery_at: datetime | None = None
    waiting: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    silent: bool | None = None
    unasked: str | None = None


@dataclass(frozen=True, slots=True)
class DestinationView:
    """One destination at a glance.

    Attributes:
        state: ``ok``, ``busy``, ``down`` or ``paused``.
        why: the reason of any other state than ok, in words.
        until: when it is tried again by itself; None when a person must act, or when it is ok.
        owed: objects whose remote copy is behind.
        oldest_owed_at: since when the oldest of them is.
        dead: dead letters.
        drift: kind of object → how many fields people changed there that are left so; a deleted object counts as one.
        audited_at: when it was last compared with what should be.
        bulk_until: until when bulk work waits, because it used up its share of the rate; None when it does not wait.
    """

    name: str
    type: str
    state: str = "ok"
    why: str | None = None
    until: datetime | None = None
    owed: int = 0
    oldest_owed_at: datetime | None = None
    dead: int = 0
    drift: Mapping[str, int] = field(default_factory=dict)
    audited_at: datetime | None = None
    bulk_until: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageView:
    """One page that is mirrored, at a glance.

    Attributes:
        state, why, until: as of a destination.
        looked_at: when it was last looked at to the end.
        open: incidents and maintenances taken over from it that still go on.
    """

    name: str
    type: str
    state: str = "ok"
    why: str | None = None
    until: datetime | None = None
    looked_at: datetime | None = None
    open: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment.

    Attributes:
        rows: components, and the incidents and maintenances that go on or are owed.
        recent: what was over last, newest first, since when; without what is among the rows.
    """

    at: datetime
    sources: tuple[SourceView, ...]
    destinations: tuple[DestinationView, ...]
    rows: tuple[Row, ...]
    unrouted: int = 0
    quarantined: int = 0
    held: int = 0
    pages: tuple[PageView, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    store: StoreView | None = None
    recent: tuple[Row, ...] = ()
