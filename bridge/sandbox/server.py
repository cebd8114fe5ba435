"""A small HTTP/1.1 server with keep-alive for tests and demos: one thread per connection, one write per answer.

(Werkzeug's own development server closes every connection after one answer, which would hide a client's keep-alive.)
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from bridge.sandbox.app import Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _ThreadedServer

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": self.client_address[0],
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": self.server.errors,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.socket": self.connection,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return environ

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        state: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            state.update(status=status, headers=headers)
            return lambda data: None

        try:
            payload = b"".join(self.server.wsgi(self._environ(body), start_response))
            self._send(state["status"], state["headers"], payload)
        except OSError:  # the connection was torn down, by a fault or by the client
            self.close_connection = True

    def _send(self, status: str, headers: list[tuple[str, str]], payload: bytes) -> None:
        names = {name.lower() for name, _ in headers}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        if "content-length" not in names and not status.startswith("204"):
            lines.append(f"Content-Length: {len(payload)}")
        if "date" not in names:
            lines.append(f"Date: {formatdate(usegmt=True)}")
        if ("Connection", "close") in headers:
            self.close_connection = True
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + payload)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def log_message(self, format: str, *args: Any) -> None:
        """The sandbox keeps its own call log."""


class _ThreadedServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, port: int, wsgi: WSGIApplication) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.wsgi = wsgi
        self.errors = io.StringIO()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End every open connection, also idle ones that a client keeps alive."""
        with self._open_lock:
            still_open = list(self._open)
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A running server; a context manager that stops it.

    Attributes:
        url: ``http://127.0.0.1:<port>`` without a slash at the end.
    """

    def __init__(self, wsgi: WSGIApplication, port: int, on_stop: Callable[[], None] = lambda: None) -> None:
        self._on_stop = on_stop
        self._server = _ThreadedServer(port, wsgi)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and end all connections; twice is fine."""
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join(timeout=2)
        self._on_stop()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()


def serve(sandbox: Sandbox, port: int = 0) -> Server:
    """Serve the sandbox on 127.0.0.1.

    Args:
        sandbox: what to serve.
        port: 0 picks a free one (see ``Server.url``).
    """
    return Server(sandbox.app, port, sandbox.postbox.close)
