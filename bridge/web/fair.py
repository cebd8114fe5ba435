"""gunicorn's thread worker that leaves a new connection to whichever worker has the fewest, and that stays a moment.

All workers of gunicorn wait on one socket, and whoever wakes first accepts. Senders keep their connections, so chance
decides for minutes who does the work: measured with 16 connections and three workers, one of them had taken all 16 in
three of six runs, and a third fewer deliveries were accepted. Here a worker lets a new connection wait a moment for
each one that it holds already; an idler colleague takes it meanwhile.

After an answer gunicorn hands the connection back to its main thread, which watches it and hands the next request to
the threads again: four changes of thread for each request. A sender with more to say says it at once, so here the
thread that has answered waits a moment for the next request itself, unless another connection waits for a thread. For
the same reason an answer is sent in one call, not its head first: at each call Python's lock goes to another thread.

A thread that reads a request waits for the rest of it, by gunicorn's own rules for as long as the connection is open:
a handful of senders that vanished without a word would take all threads for good. So the system is told to give up.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import Any

from gunicorn.http.body import LengthReader  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

STEP = 0.0005
"""Seconds that a new connection is left to the others, for each connection held already."""
LONGEST = 0.01
"""Seconds after which it is taken all the same."""
STAY = 2
"""Milliseconds for which a thread waits for the next request of the connection that it has just answered."""
PATIENCE = 10
"""Seconds of silence after which a sender in the middle of a request, or one that takes no answer, is given up."""
MUCH = 16_384
"""Bytes of an answer that are kept back at most, to leave together."""


class FairThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The thread worker with a courteous way to accept, and with threads that stay with a busy connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._take_at: float | None = None
        self._in_hand = 0

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection with a request to the threads."""
        self._in_hand += 1
        if not conn.initialized:
            _limit_silence(conn.sock)
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Take a connection back from the threads."""
        self._in_hand -= 1
        super().finish_request(conn, fs)

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that follow it closely on the same connection. Runs in a thread.

        Both calls around it run in the main thread only, so counting needs no lock; what is read here may be old by
        one connection, which then waits for at most ``STAY``.
        """
        result = super().handle(conn)
        while result is True and self.alive and self._in_hand <= self.cfg.threads and _speaks(conn):
            result = super().handle(conn)
        return result

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request; the head of the answer and its body leave together."""
        plain = conn.sock
        conn.sock = gathered = _Gathered(plain)
        try:
            keepalive = super().handle_request(req, conn)
        finally:
            conn.sock = plain
        gathered.flush()
        return keepalive

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        """Whether the connection can be used again; a body that was read to its end needs no draining."""
        body: Any = conn.parser.mesg.body
        reader = getattr(body, "reader", None)
        if keepalive and isinstance(reader, LengthReader) and not reader.length and not body.buf.tell():
            conn.parser.mesg = None
            return True
        return bool(super()._keepalive_after(conn, keepalive))

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


class _Gathered:
    """A socket that keeps what is to be sent until there is much of it, or until it is told to send."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain
        self._held = b""

    def sendall(self, data: bytes) -> None:
        """Keep it, or send it with what is held if that is much."""
        self._held += data
        if len(self._held) >= MUCH:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            self._plain.sendall(self._held)
            self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


def _limit_silence(sock: socket.socket) -> None:
    """Let a blocking call end with BlockingIOError after ``PATIENCE``; gunicorn itself sets no timeout."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", PATIENCE, 0))


def _speaks(conn: Any) -> bool:
    """True when the next request of a connection is there, or comes within ``STAY``."""
    if conn.parser.unreader.buf.getvalue():
        return True
    watch = select.poll()
    watch.register(conn.sock, select.POLLIN)
    return bool(watch.poll(STAY))
