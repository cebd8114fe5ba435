"""The store's clock: one time for all processes on all hosts, whatever their own clocks say."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import redis

from bridge.clock import from_millis

FRESH = 30.0
"""Seconds for which the server's time is carried on without asking again."""


class StoreClock:
    """Tells the server's time.

    Asks the server now and then, and counts on with this machine's monotonic clock in between, so that neither hosts
    that disagree by minutes nor a wall clock that jumps make anything due too early or too late. While the server is
    away the last known time is carried on; before the first answer it is the machine's own.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._asked: float | None = None
        self._told = datetime.now(UTC)
        self._told_at = time.monotonic()

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        with self._lock:
            if self._asked is None or time.monotonic() - self._asked > FRESH:
                self._ask()
            return self._told + timedelta(seconds=time.monotonic() - self._told_at)

    def _ask(self) -> None:
        self._asked = time.monotonic()
        try:
            seconds, micros = self._client.time()
        except (redis.RedisError, OSError):
            return
        self._told = from_millis(seconds * 1000 + micros / 1000)
        self._told_at = time.monotonic()
