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
        self._flushed_at = float("-inf")

    def add(self, source: str, status: int) -> None:
        """Count one refused delivery."""
        with self._lock:
            self._counts[f"deliveries.refused|{source}|{status}"] += 1
            due = self._monotonic() - self._flushed_at >= FLUSH_EVERY
            if due:
                self._flushed_at = self._monotonic()
        if due:
            self.flush()

    def flush(self) -> None:
        """Hand the counts over; while the store is away they are kept here."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        while counts:
            name, number = counts.popitem()
            try:
                self._store.count(name, number)
            except StoreError:
                with self._lock:
                    self._counts.update({name: number, **counts})
                return
