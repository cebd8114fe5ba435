"""Texts that a person changed for one destination, because it refused the original ones."""

from __future__ import annotations

from typing import cast

import redis

from bridge.store import keys
from bridge.store.connection import translated


class Edits:
    """Edited texts of incident updates, by destination."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    @translated
    def put(self, destination: str, update: str, text: str) -> None:
        """Say something else in place of an incident update on one destination."""
        self._client.hset(keys.edits(destination), update, text)

    @translated
    def of(self, destination: str, updates: list[str]) -> dict[str, str]:
        """The edited texts among some incident updates."""
        if not updates:
            return {}
        rows = cast(list[bytes | None], self._client.hmget(keys.edits(destination), updates))
        return {update: raw.decode() for update, raw in zip(updates, rows, strict=True) if raw is not None}
