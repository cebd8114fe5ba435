"""A server that says, byte by byte, what a test tells it to say: for what no well-behaved server does."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Reaction = Callable[[socket.socket], bool]
"""Does something with the connection after a request was read; False ends the connection."""


@dataclass
class Scripted:
    """A listening socket; every request takes the next reaction, the last one is repeated."""

    reactions: list[Reaction]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """End everything."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            while request := _read(connection):
                self.requests.append(request)
                reaction = self.reactions[min(len(self.requests), len(self.reactions)) - 1]
                if not reaction(connection):
                    break
        except OSError:
            pass
        connection.close()


@contextmanager
def scripted(*reactions: Reaction) -> Iterator[Scripted]:
    """A server with these reactions."""
    server = Scripted(list(reactions))
    yield server
    server.stop()


def answer(body: Any = None, status: int = 200, keep: bool = True, **headers: str) -> Reaction:
    """A whole answer; bytes as they are, everything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Some words", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def react(connection: socket.socket) -> bool:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + content)
        return keep

    return react


def hang_up(connection: socket.socket) -> bool:
    """Say nothing and close."""
    return False


def trickle(connection: socket.socket) -> bool:
    """An answer that comes byte by byte, each in good time, and never ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")
    for _ in range(100):
        time.sleep(0.02)
        connection.sendall(b" ")
    return False


def _read(connection: socket.socket) -> bytes:
    """One request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
