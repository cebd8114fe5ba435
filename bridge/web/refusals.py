"""Counting what was refused, without a write to disk for every refused request."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from bridge.errors import StoreError
from bridge.store import Store

FLUSH_EVERY = 1.0
"""Seconds between two writes of the counts to the store."""
FLUSH_AGAIN = 15.0
"""Seconds after a write that failed: a store that hangs holds each caller up for as long as its time-out."""


class Refusals:
    """Refused deliveries by source and status, handed to the store at most once a second.

    A stranger who tries tokens all day must not cost a synchronous write for each of them.

    Args:
        monotonic: seconds that never go back; replaced in tests.
    """

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._due_at = float("-inf")

    def add(self, source: str, status: int) -> None:
        """Count one refused delivery."""
        with self._lock:
            self._counts[f"deliveries.refused|{source}|{status}"] += 1
            due = self._monotonic() >= self._due_at
            if due:
                self._due_at = float("inf")  # nobody else waits for the store meanwhile
        if due:
            after = FLUSH_AGAIN
            try:
                after = FLUSH_EVERY if self.flush() else FLUSH_AGAIN
            finally:
                self._due_at = self._monotonic() + after

    def flush(self) -> bool:
        """Hand the counts over; False while the store is away, and then they are kept here."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        while counts:
            name, number = counts.popitem()
            try:
                self._store.count(name, number)
            except StoreError:
                with self._lock:
                    self._counts.update({name: number, **counts})
                return False
        return True
