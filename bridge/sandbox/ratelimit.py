"""A fixed-window request counter, as Laravel's rate limiter keeps it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)


@dataclass(frozen=True)
class Count:
    """The outcome of one counted request.

    Attributes:
        allowed: False when the window's limit was used up before.
        remaining: how many are left in the window.
        retry_after: whole seconds until the window ends.
        reset_at: Unix seconds of that moment.
    """

    allowed: bool
    remaining: int
    retry_after: int
    reset_at: int


@dataclass
class FixedWindow:
    """One counter per bucket; a window begins with the first request of its bucket."""

    _windows: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def count(self, bucket: str, limit: int, now: datetime) -> Count:
        """Count one request; one that is not allowed is not counted."""
        start, used = self._windows.get(bucket, (now, 0))
        if now >= start + WINDOW:
            start, used = now, 0
        end = start + WINDOW
        allowed = used < limit
        used += allowed
        self._windows[bucket] = (start, used)
        wait = max(0, math.ceil((end - now).total_seconds()))
        return Count(allowed, max(0, limit - used), wait, int(end.timestamp()))

    def clear(self) -> None:
        """Forget all windows."""
        self._windows.clear()

    def windows(self) -> dict[str, tuple[datetime, int]]:
        """Begin and count of each bucket's window."""
        return dict(self._windows)

    def refill(self, windows: Mapping[str, tuple[datetime, int]]) -> None:
        """Replace all windows."""
        self._windows = dict(windows)
