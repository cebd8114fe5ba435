"""What happened in the sandbox: every committed write, and every call with its answer."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flask import has_request_context, request


@dataclass(frozen=True)
class Entry:
    """One committed write.

    Attributes:
        seq: 1 for the first write of all providers together.
        row: the object as it is after the write; None when it was deleted.
        page: what a visitor could see right after the write (overall, components, incidents, maintenances).
    """

    seq: int
    at: datetime
    provider: str
    method: str
    path: str
    kind: str
    id: str
    event: str
    row: Mapping[str, Any] | None
    page: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The entry with its time as text."""
        return {**asdict(self), "at": self.at.isoformat()}


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
        """Append one write; ``row`` is copied, so the caller may go on changing it."""
        method, path = (request.method, request.path) if has_request_context() else ("-", "-")
        frozen = copy.deepcopy(dict(row)) if row is not None else None
        with self._lock:
            seq = len(self._entries) + 1
            self._entries.append(Entry(seq, at, provider, method, path, kind, id, event, frozen, glimpse))

    def entries(self, provider: str | None = None, kind: str | None = None) -> list[Entry]:
        """The writes so far, in order, of one provider and kind or of all."""
        with self._lock:
            found = list(self._entries)
        return [e for e in found if provider in (None, e.provider) and kind in (None, e.kind)]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


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
