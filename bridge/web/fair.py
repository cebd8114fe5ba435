"""gunicorn's thread worker that leaves a new connection to whichever worker has the fewest.

All workers of gunicorn wait on one socket, and whoever wakes first accepts. Senders keep their connections, so chance
decides for minutes who does the work: measured with 16 connections and three workers, one of them had taken all 16 in
three of six runs, and a third fewer deliveries were accepted. Here a worker lets a new connection wait a moment for
each one that it holds already; an idler colleague takes it meanwhile.
"""

from __future__ import annotations

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

STEP = 0.0005
"""Seconds that a new connection is left to the others, for each connection held already."""
LONGEST = 0.01
"""Seconds after which it is taken all the same."""


class FairThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The thread worker with a courteous way to accept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._take_at: float | None = None

    def accept(self, listener: Any) -> None:
        """Take the connection now if there is no other; else look again a little later."""
        if not self.nr_conns:
            super().accept(listener)
            return
        self.set_accept_enabled(False)
        self._take_at = time.monotonic() + min(self.nr_conns * STEP, LONGEST)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Start or stop watching the listening sockets; while a connection is left to the others, don't start."""
        if not (enabled and self._take_at is not None):
            super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait no longer than until a connection that was left to the others is to be taken, and take it then."""
        if self._take_at is not None:
            timeout = min(timeout, max(0.0, self._take_at - time.monotonic()))
        super().wait_for_and_dispatch_events(timeout)
        if self._take_at is not None and time.monotonic() >= self._take_at:
            self._take_at = None
            if self.alive:
                for listener in self.sockets:
                    super().accept(listener)
