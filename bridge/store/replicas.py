"""Waiting until replicas have what was written, so that a fail-over loses nothing of it."""

from __future__ import annotations

from typing import cast

import redis

from bridge.errors import StoreDown
from bridge.store import keys
from bridge.store.connection import translated

PATIENCE_MILLIS = 2_000
"""A replica that needs longer counts as away."""
_KEEP_MILLIS = 60_000


class Replicas:
    """The replicas of the primary.

    Args:
        client: of the primary.
        wanted: how many must have what was written; 0 asks none, and costs nothing.
    """

    def __init__(self, client: redis.Redis, wanted: int = 0) -> None:
        self._client = client
        self._wanted = wanted

    @translated
    def confirm(self) -> None:
        """Return when enough replicas have everything that was written before, over whatever connection.

        Replication is one stream in order: who has the little write that is made here, has all before it.

        Raises:
            StoreDown: too few replicas answer; what was written is on the primary and may be lost with it.
        """
        if not self._wanted:
            return
        with self._client.pipeline(transaction=False) as pipe:
            pipe.set(keys.PROBE, "1", px=_KEEP_MILLIS)
            pipe.wait(self._wanted, PATIENCE_MILLIS)
            reached = cast(int, pipe.execute()[1])
        if reached < self._wanted:
            raise StoreDown(f"only {reached} of {self._wanted} replicas have what was written (store.replicas)")
