"""Rates and waiting without a store: for the client as a library, in one process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge.errors import Busy, Outcome
from bridge.providers.base.http import Http, Query


class LocalBudget:
    """The rate budget of one token within this process, as a moving window. Safe for several threads.

    Two clients with one token should share one: ``Client(budget=first.budget)``.

    Args:
        calls: calls within the window.
        window: seconds.
        now: a clock that never goes back, in seconds.
        reads_apart: reads have as many calls of their own, because the provider counts them apart from writes.
    """

    def __init__(
        self, calls: int, window: float, now: Callable[[], float] = time.monotonic, *, reads_apart: bool = False
    ) -> None:
        writes = _Window(calls, window)
        self._windows = {False: writes, True: _Window(calls, window) if reads_apart else writes}
        self._now = now
        self._lock = threading.Lock()

    def take(self, *, read: bool = False) -> float:
        """Take one call; returns 0.0 when it may be made now, else the seconds to wait."""
        with self._lock:
            return self._windows[read].take(self._now())

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Stay away for so many seconds, because the provider said so."""
        with self._lock:
            window = self._windows[read]
            window.away_until = max(window.away_until, self._now() + seconds)


@dataclass
class _Window:
    """What was made lately."""

    calls: int
    length: float
    made: deque[float] = field(default_factory=deque)
    away_until: float = float("-inf")

    def take(self, now: float) -> float:
        """Take one call, or tell how long to wait for it."""
        if now < self.away_until:
            return self.away_until - now
        while self.made and self.made[0] <= now - self.length:
            self.made.popleft()
        if len(self.made) < self.calls:
            self.made.append(now)
            return 0.0
        return max(0.001, self.made[0] + self.length - now)


class PatientHttp(Http):
    """Waits where others raise ``Busy``, as long as nothing was done and the patience lasts.

    Args:
        patience: seconds of waiting that one call may cost at most.
        sleep: how to wait.
    """

    def __init__(
        self, *args: Any, patience: float, sleep: Callable[[float], None] = time.sleep, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._patience = patience
        self._sleep = sleep

    def read(self, path: str, query: Query | None = None, *, about_object: bool = False) -> Any:
        """As :meth:`Http.read`, after waiting where needed."""
        return self._patiently(lambda: super(PatientHttp, self).read(path, query, about_object=about_object))

    def write(
        self, method: str, path: str, body: Any = None, query: Query | None = None, *, about_object: bool = False
    ) -> Any:
        """As :meth:`Http.write`, after waiting where needed; sent again only when surely nothing was done."""
        return self._patiently(
            lambda: super(PatientHttp, self).write(method, path, body, query, about_object=about_object)
        )

    def _patiently(self, call: Callable[[], Any]) -> Any:
        left = self._patience
        while True:
            try:
                return call()
            except Busy as error:
                if error.outcome is not Outcome.NOT_DONE or error.retry_after > left:
                    raise
                left -= error.retry_after
                self._sleep(error.retry_after)
