"""The store's clock: one time for all processes on all hosts, whatever their own clocks say."""

from __future__ import annotations

import contextlib
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
        self._told = (datetime.now(UTC), time.monotonic())
        """The server's time, and the monotonic one that belongs to it; replaced as one."""

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        with self._lock:
            is_first = self._asked is None
            is_due = self._asked is None or time.monotonic() - self._asked > FRESH
            if is_due:
                self._asked = time.monotonic()
            if is_first:
                self._ask()
        if is_due and not is_first:  # without the lock: who waits for a silent server waits alone
            self._ask()
        moment, at = self._told
        return moment + timedelta(seconds=time.monotonic() - at)

    def _ask(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            seconds, micros = self._client.time()
            self._told = (from_millis(seconds * 1000 + micros / 1000), time.monotonic())
