"""Connections that stay are shared among the workers, whoever wakes first."""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from gunicorn.app.base import BaseApplication

from bridge.config.settings import WebSettings
from bridge.web.gunicorn import options

WORKERS = 3


def tell_who(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the id of the process."""
    body = str(os.getpid()).encode()
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


def _who(opened: http.client.HTTPConnection) -> str:
    opened.request("GET", "/")
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
