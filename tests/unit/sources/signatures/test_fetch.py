"""The one place from which a source speaks to the outside, against a real server."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from bridge.sources.signatures.fetch import LARGEST, fetch
from bridge.sources.signatures.verifier import CannotCheck


class Handler(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Authorization")))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/certificate")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(b"x" * (10 * LARGEST if self.path == "/large" else 10))

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        Handler.asked.clear()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_an_answer_is_its_status_and_its_first_bytes(address: str) -> None:
    assert fetch(f"{address}/certificate").body == b"x" * 10
    assert len(fetch(f"{address}/large").body) <= LARGEST
    assert [authorization for _, authorization in Handler.asked] == [None, None]


def test_no_redirect_is_followed(address: str) -> None:
    assert fetch(f"{address}/away").status == 302
    assert [path for path, _ in Handler.asked] == ["/away"]


def test_when_nobody_answers_it_cannot_be_checked() -> None:
    with pytest.raises(CannotCheck, match="cannot be reached"):
        fetch("http://127.0.0.1:1/certificate")
