"""The rolling-window rate limit of Statuspage."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from datetime import datetime

from bridge.sandbox.statuspage.http import Refusal
from bridge.sandbox.statuspage.settings import StatuspageSettings


class Limiter:
    """Counts the calls of the one token.

    Args:
        settings: limit, window and the status of the refusal; read at every call, so that tests can switch.
    """

    def __init__(self, settings: StatuspageSettings) -> None:
        self._settings = settings
        self._hits: deque[datetime] = deque()

    def admit(self, now: datetime) -> None:
        """Count one call.

        Raises:
            Refusal: 420 or 429 with ``Retry-After`` (whole seconds until a place is free). There are no other headers
                that tell the budget.
        """
        limit, window = self._settings.rate_limit, self._settings.rate_window
        if limit is None:
            return
        while self._hits and (now - self._hits[0]).total_seconds() >= window:
            self._hits.popleft()
        if len(self._hits) < limit:
            self._hits.append(now)
            return
        if self._settings.count_refused_calls:
            self._hits.append(now)
        in_the_way = self._hits[-limit] if limit else now  # a place is free when this call leaves the window
        wait = window - (now - in_the_way).total_seconds()
        status = self._settings.over_limit_status
        raise Refusal(status, [("", "Too many requests")], {"Retry-After": str(max(1, math.ceil(wait)))})

    def clear(self) -> None:
        """Forget all calls."""
        self._hits.clear()

    def hits(self) -> list[datetime]:
        """When the counted calls were made."""
        return list(self._hits)

    def refill(self, hits: Iterable[datetime]) -> None:
        """Replace the counted calls."""
        self._hits = deque(hits)
