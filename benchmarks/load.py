"""A load generator that costs little: some keep-alive connections, requests made before the clock starts."""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LIMIT = 120.0
"""Seconds after which a run is given up."""


@dataclass
class Result:
    """What a run measured; times in milliseconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    millis: list[float] = field(default_factory=list)

    def accepted(self) -> int:
        """Answers with a status below 300."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)

    def rate(self) -> float:
        """Accepted requests a second."""
        return self.accepted() / self.seconds

    def percentile(self, share: float) -> float:
        """The time below which so many answers came, in milliseconds."""
        ordered = sorted(self.millis)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def line(self) -> str:
        """The run in one line."""
        return (
            f"{self.rate():.0f} accepted/s, {self.accepted()} of {sum(self.statuses.values())} answers, "
            f"p50 {statistics.median(self.millis):.1f} ms, p99 {self.percentile(0.99):.1f} ms, statuses {self.statuses}"
        )


def request_bytes(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A whole POST request."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in {"Content-Type": "application/json", **headers}.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection:
    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(self._address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.started = 0.0

    def send(self, request: bytes) -> None:
        self.buffer = b""
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> tuple[int, bool] | None:
        """Status and whether the connection stays open, once the whole answer has come."""
        chunk = self.socket.recv(65536)
        self.buffer += chunk
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            if not chunk:
                raise ConnectionError("the server closed the connection without an answer")
            return None
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(rest) < length and chunk:
            return None
        return int(head[9:12]), b"connection: close" not in lower


def run(url: str, requests: Sequence[bytes], connections: int) -> Result:
    """Send all requests over so many connections at once, and measure."""
    parts = urlsplit(url)
    address = (str(parts.hostname), int(parts.port or 80))
    todo = iter(requests)
    result = Result()
    started = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(address)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(todo))
        waiting = connections
        while waiting:
            if time.perf_counter() - started > LIMIT:
                raise TimeoutError("the run was given up")
            for key, _ in selector.select(timeout=5):
                waiting -= _step(selector, key.data, todo, result)
    result.seconds = time.perf_counter() - started
    return result


def _step(selector: selectors.BaseSelector, connection: _Connection, todo: object, result: Result) -> int:
    """Read what has come and send the next request; returns 1 when this connection has nothing left to do."""
    answer = connection.answer()
    if answer is None:
        return 0
    status, stays = answer
    result.statuses[status] = result.statuses.get(status, 0) + 1
    result.millis.append((time.perf_counter() - connection.started) * 1000)
    request = next(todo, None)  # type: ignore[call-overload]
    if not stays or request is None:
        selector.unregister(connection.socket)
        connection.socket.close()
    if request is None:
        return 1
    if not stays:
        connection.open()
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    connection.send(request)
    return 0
