"""Connections that stay are shared among the workers, whoever wakes first; a thread stays with a busy connection."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from gunicorn.app.base import BaseApplication

from bridge.config.settings import WebSettings
from bridge.web import fair
from bridge.web.gunicorn import options

WORKERS = 3


def tell_who(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the id of the process; on other paths with the thread, or with what came. /unread reads nothing."""
    path = environ["PATH_INFO"]
    body = str(os.getpid()).encode()
    if path == "/thread":
        body += b" %d" % threading.get_ident()
    elif path == "/echo":
        body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


class Server(BaseApplication):
    """gunicorn with the options of ``statusbridge web`` around the smallest application."""

    def __init__(self, port: int) -> None:
        self._options = options(WebSettings(port=port, workers=WORKERS, threads=4))
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        return tell_who


def _serve(port: int) -> None:
    Server(port).run()


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(number,))
    process.start()
    try:
        _await_workers(number)
        yield number
    finally:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(15)
        assert process.exitcode == 0


def _who(opened: http.client.HTTPConnection, path: str = "/") -> str:
    opened.request("GET", path)
    return opened.getresponse().read().decode()


def _await_workers(port: int) -> None:
    """Until every worker has answered once; each connection is closed again, so nothing is held."""
    seen: set[str] = set()
    deadline = time.monotonic() + 20
    while len(seen) < WORKERS:
        assert time.monotonic() < deadline, "the workers did not start"
        held = []
        try:
            for _ in range(WORKERS):
                held.append(http.client.HTTPConnection("127.0.0.1", port, timeout=10))
                seen.add(_who(held[-1]))
        except OSError:
            time.sleep(0.05)
        finally:
            for opened in held:
                opened.close()


def test_connections_that_stay_are_shared_evenly_among_the_workers(port: int) -> None:
    held = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for _ in range(12)]
    try:
        share = Counter(_who(opened) for opened in held)
    finally:
        for opened in held:
            opened.close()
    assert len(share) == WORKERS
    assert max(share.values()) <= 6, share


def test_every_connection_is_taken_and_served_again(port: int) -> None:
    held = [http.client.HTTPConnection("127.0.0.1", port, timeout=10) for _ in range(60)]
    try:
        assert all(_who(opened) for opened in held)
        assert all(_who(opened) for opened in held), "a connection that was taken is served again"
    finally:
        for opened in held:
            opened.close()


def test_a_thread_stays_with_a_connection_that_goes_on_speaking(port: int) -> None:
    opened = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        threads = [_who(opened, "/thread") for _ in range(200)]
    finally:
        opened.close()
    changes = sum(one != other for one, other in pairwise(threads))
    assert changes < 20, f"{changes} changes of thread in 200 requests: each was handed through the main thread"


def test_busy_connections_do_not_keep_the_threads_from_the_others(port: int) -> None:
    busy_until = time.monotonic() + 2
    served: list[int] = []

    def speak() -> None:
        opened = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        count = 0
        while time.monotonic() < busy_until:
            assert _who(opened)
            count += 1
        opened.close()
        served.append(count)

    callers = [threading.Thread(target=speak) for _ in range(3 * WORKERS * 4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert len(served) == len(callers)
    assert min(served) > 0.1 * sum(served) / len(served), served


def _all(opened: socket.socket, answers: int) -> bytes:
    received = b""
    while received.count(b"HTTP/1.1 200") < answers or not received.endswith(b"end"):
        chunk = opened.recv(65536)
        assert chunk, received
        received += chunk
    return received


def test_requests_sent_in_one_go_are_answered_in_order(port: int) -> None:
    wire = b"".join(
        b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in (b"first", b"second", b"the end")
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.sendall(wire)
        received = _all(opened, 3)
    assert received.index(b"first") < received.index(b"second") < received.index(b"the end")


@pytest.mark.parametrize("size", [10, 5000, 50_000])
def test_a_body_that_nobody_read_is_not_taken_for_the_next_request(port: int, size: int) -> None:
    unread = b"POST /unread HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%s" % (size, b"x" * size)
    echo = b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 7\r\n\r\nthe end"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.sendall(unread + echo)
        assert _all(opened, 2).endswith(b"the end")


def test_a_chunked_body_is_followed_by_the_next_request(port: int) -> None:
    chunked = b"POST /%s HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nend\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        opened.sendall(chunked % b"unread" + chunked % b"echo")
        assert _all(opened, 2).endswith(b"end")


def test_a_server_that_is_told_to_stop_ends_while_somebody_speaks(port: int) -> None:
    opened = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    pid = int(_who(opened))
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 10
    with pytest.raises(OSError):
        while time.monotonic() < deadline:
            opened.request("GET", "/")
            answer = opened.getresponse()
            if answer.getheader("Connection") == "close":
                raise ConnectionResetError
            answer.read()


def test_an_answer_leaves_in_one_piece_and_a_long_one_is_whole(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        for body in (b"the end", b"x" * 60_000 + b"end"):
            opened.sendall(b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            first = opened.recv(65536)
            assert len(body) > 1000 or first.endswith(b"the end"), "the head came alone"
            while not first.endswith(b"end"):
                first += opened.recv(65536)
            assert first.partition(b"\r\n\r\n")[2] == body


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that are forked from now on wait a second for a sender that fell silent."""
    monkeypatch.setattr(fair, "PATIENCE", 1)


HEAD = b"POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n"


@pytest.mark.parametrize("begun", [HEAD[:40], HEAD + b"the beg"], ids=["head", "body"])
def test_senders_that_fall_silent_do_not_keep_the_threads_from_the_others(hasty: None, port: int, begun: bytes) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(WORKERS * 4 * 2)]
    try:
        for opened in silent:
            opened.sendall(begun)
        other = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        assert _who(other)
        other.close()
        assert not [opened for opened in silent if opened.recv(65536).startswith(b"HTTP/1.1 200")]
    finally:
        for opened in silent:
            opened.close()
