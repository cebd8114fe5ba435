"""Rates and waiting without a store: for the client as a library, in one process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
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
    """

    def __init__(self, calls: int, window: float, now: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._window = window
        self._now = now
        self._made: deque[float] = deque()
        self._away_until = float("-inf")
        self._lock = threading.Lock()

    def take(self, *, read: bool = False) -> float:
        """Take one call; returns 0.0 when it may be made now, else the seconds to wait."""
        with self._lock:
            now = self._now()
            if now < self._away_until:
                return self._away_until - now
            while self._made and self._made[0] <= now - self._window:
                self._made.popleft()
            if len(self._made) < self._calls:
                self._made.append(now)
                return 0.0
            return max(0.001, self._made[0] + self._window - now)

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Stay away for so many seconds, because the provider said so."""
        with self._lock:
            self._away_until = max(self._away_until, self._now() + seconds)


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
