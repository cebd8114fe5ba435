"""Audits of destinations: when the next one is due, and when the last one was made to its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

import redis

from bridge.clock import from_millis, to_millis
from bridge.store import keys
from bridge.store.connection import translated


class Audits:
    """All destinations."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    @translated
    def next_at(self, destination: str, first: datetime) -> datetime:
        """When a destination is to be audited; the first time at ``first``, which is remembered then."""
        name = keys.audit(destination)
        raw = cast(bytes | None, self._client.hget(name, "next_at"))
        if raw is None:
            self._client.hsetnx(name, "next_at", str(to_millis(first)))
            raw = cast(bytes, self._client.hget(name, "next_at"))
        return from_millis(float(raw))

    @translated
    def put_off(self, destination: str, until: datetime) -> None:
        """Audit a destination then."""
        self._client.hset(keys.audit(destination), "next_at", to_millis(until))

    @translated
    def done(self, destination: str, at: datetime, next_at: datetime) -> None:
        """An audit was made to its end."""
        fields = {"audited_at": to_millis(at), "next_at": to_millis(next_at)}
        self._client.hset(keys.audit(destination), mapping=cast(Any, fields))

    @translated
    def audited_at(self, destinations: Iterable[str]) -> dict[str, datetime]:
        """When destinations were audited last; those that never were are left out."""
        names = list(destinations)
        with self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hget(keys.audit(name), "audited_at")
            rows = pipe.execute()
        return {name: from_millis(float(raw)) for name, raw in zip(names, rows, strict=True) if raw}
