"""What happened in the sandbox: every committed write, and every call with its answer."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from flask import has_request_context, request

from bridge.sandbox.glimpses import Glimpses


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed write.

    Attributes:
        seq: 1 for the first write of all providers together.
        packed: ``row`` as compressed JSON: an incident's updates come again with each of its writes.
        glimpses: where the page after this write is kept, under ``number``.
    """

    seq: int
    at: datetime
    provider: str
    method: str
    path: str
    kind: str
    id: str
    event: str
    packed: bytes | None = field(repr=False)
    glimpses: Glimpses = field(repr=False)
    number: int = field(repr=False)

    @property
    def row(self) -> Mapping[str, Any] | None:
        """The object as it is after the write; None when it was deleted."""
        if self.packed is None:
            return None
        row: dict[str, Any] = json.loads(zlib.decompress(self.packed))
        return row

    @property
    def page(self) -> Mapping[str, Any]:
        """What a visitor could see right after the write (overall, components, incidents, maintenances)."""
        return self.glimpses.at(self.number)

    def to_json(self, with_page: bool = True) -> dict[str, Any]:
        """The entry with its time as text; the page can be left out, for it is long."""
        names = ("seq", "provider", "method", "path", "kind", "id", "event", "row", *(("page",) if with_page else ()))
        return {**{name: getattr(self, name) for name in names}, "at": self.at.isoformat()}


@dataclass(frozen=True)
class Call:
    """One HTTP call; ``status`` is None when the connection was reset instead of an answer."""

    seq: int
    at: datetime
    provider: str
    method: str
    path: str
    query: str
    status: int | None
    fault: str | None

    def to_json(self) -> dict[str, Any]:
        """The call with its time as text."""
        return {**asdict(self), "at": self.at.isoformat()}


class Journal:
    """Committed writes in the order of their commits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._glimpses: dict[str, Glimpses] = {}

    def add(
        self,
        *,
        at: datetime,
        provider: str,
        kind: str,
        id: str,
        event: str,
        row: Mapping[str, Any] | None,
        glimpse: Mapping[str, Any],
    ) -> None:
        """Append one write; ``row`` is copied, so the caller may go on changing it (``glimpse`` not)."""
        method, path = (request.method, request.path) if has_request_context() else ("-", "-")
        packed = None if row is None else zlib.compress(json.dumps(dict(row), separators=(",", ":")).encode(), 1)
        with self._lock:
            seq = len(self._entries) + 1
            glimpses = self._glimpses.setdefault(provider, Glimpses())
            number = glimpses.add(glimpse)
            self._entries.append(Entry(seq, at, provider, method, path, kind, id, event, packed, glimpses, number))

    def entries(self, provider: str | None = None, kind: str | None = None, after: int = 0) -> list[Entry]:
        """The writes so far, in order, of one provider and kind or of all; ``after`` is a ``seq``."""
        with self._lock:
            found = self._entries[after:]
        return [e for e in found if provider in (None, e.provider) and kind in (None, e.kind)]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._glimpses.clear()


class CallLog:
    """All calls to the four APIs in the order of their answers (the sandbox's own routes are not in it)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(
        self, at: datetime, provider: str, method: str, path: str, query: str, status: int | None, fault: str | None
    ) -> None:
        """Append one call."""
        with self._lock:
            self._calls.append(Call(len(self._calls) + 1, at, provider, method, path, query, status, fault))

    def all(self, provider: str | None = None, method: str | None = None) -> list[Call]:
        """The calls so far, in order, of one provider and method or of all."""
        with self._lock:
            found = list(self._calls)
        return [c for c in found if provider in (None, c.provider) and method in (None, c.method)]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._calls.clear()
