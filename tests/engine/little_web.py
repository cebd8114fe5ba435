"""A small real web server: documents by path, each with an ETag, and everything it was asked for."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Document:
    """What stands at a path."""

    body: bytes
    status: int = 200
    etag: bool = True
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request; ``status`` is what it got."""

    path: str
    authorization: str | None
    status: int


class LittleWeb:
    """Serves ``documents`` on 127.0.0.1; to be used in a ``with``."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.asked: list[Asked] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def put(self, path: str, body: bytes | str, status: int = 200, **headers: str) -> None:
        """Put a document at a path."""
        raw = body.encode() if isinstance(body, str) else body
        self.documents[path] = Document(raw, status, headers=headers)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        document = self.documents.get(handler.path.partition("?")[0], Document(b"not here", 404))
        etag = f'W/"{hashlib.sha256(document.body).hexdigest()[:16]}"'
        known = document.etag and document.status == 200 and handler.headers.get("If-None-Match") == etag
        status = 304 if known else document.status
        self.asked.append(Asked(handler.path, handler.headers.get("Authorization"), status))
        body = b"" if known else document.body
        handler.send_response(status)
        if document.etag:
            handler.send_header("ETag", etag)
        for name, value in document.headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def __enter__(self) -> LittleWeb:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
