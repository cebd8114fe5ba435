"""Waiting for whichever comes first: work that ended, something new that is owed, or a time."""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections.abc import Callable

from bridge.errors import StoreError
from bridge.store.bell import Ear

_UNTIL_LISTENING = 0.05
"""Seconds of waiting after which it is worth a connection to hear what else is owed: most slices are over by then."""


class Vigil:
    """One thread waits, others tell it that they are done.

    Args:
        listen: gives an ear for what is newly owed.
    """

    def __init__(self, listen: Callable[[], Ear]) -> None:
        self._listen = listen
        self._ear: Ear | None = None
        self._may_listen = True
        self._woken, self._waking = socket.socketpair()
        self._woken.setblocking(False)
        self._waking.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)

    def end(self, work: object = None) -> None:
        """Work has ended; told from any thread."""
        with contextlib.suppress(OSError):  # full: it wakes anyway; closed: nobody waits any more
            self._waking.send(b".")

    def wait(self, seconds: float) -> None:
        """Wait until something has happened, for so many seconds at most. It may return without a reason.

        When it begins to listen it returns at once, so that what was owed before is looked for once more.
        """
        deaf = self._ear is None and self._may_listen
        if self._heard(min(seconds, _UNTIL_LISTENING) if deaf else seconds) or not deaf:
            return
        self._may_listen = False
        with contextlib.suppress(StoreError):
            self._ear = self._listen()
            self._selector.register(self._ear, selectors.EVENT_READ)

    def _heard(self, seconds: float) -> bool:
        events = self._selector.select(seconds)
        for key, _ in events:
            if key.fileobj is self._woken:
                with contextlib.suppress(OSError):
                    self._woken.recv(4096)
            elif self._ear is not None and not self._ear.hear():
                self._selector.unregister(self._ear)
        return bool(events)

    def close(self) -> None:
        """Wait no more."""
        self._selector.close()
        self._woken.close()
        self._waking.close()
        if self._ear is not None:
            self._ear.close()
