"""The WSGI layer in front of the providers: strikes faults, resets connections, keeps the call log."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.clock import Clock
from bridge.sandbox.faults import HELD_SECONDS, ROWS_KINDS, Fault, Faults
from bridge.sandbox.journal import CallLog
from bridge.sandbox.reasons import reason
from bridge.sandbox.slip import INSERTED, REMOVED, REPEATED, SLIP_KEY, STILL, Slip, Slips, is_later
from bridge.sandbox.state import Plugin

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NOTHING_LINGERS = struct.pack("ii", 1, 0)
_OVER_THE_ANSWER = ("truncated", "short", "wrong_type", *ROWS_KINDS)
_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>\n"
SOCKET_KEYS = ("sandbox.socket", "gunicorn.socket", "werkzeug.socket")


@dataclass
class _Answer:
    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def code(self) -> int:
        return int(self.status[:3])

    def replace_header(self, name: str, value: str) -> None:
        self.headers = [(k, v) for k, v in self.headers if k.lower() != name.lower()]
        self.headers.append((name, value))


class Gate:
    """WSGI middleware around the sandbox's Flask app.

    Args:
        app: the inner application.
        plugins: the mounted providers by name.
        faults: what goes wrong.
        calls: where each call is written.
        clock: tells the time of a call.

    Attributes:
        slips: which lists have moved.
    """

    def __init__(
        self, app: WSGIApplication, plugins: Mapping[str, Plugin], faults: Faults, calls: CallLog, clock: Clock
    ) -> None:
        self._app = app
        self._plugins = plugins
        self._faults = faults
        self._calls = calls
        self._clock = clock
        self.slips = Slips()

    def reset(self) -> None:
        """Forget which lists have moved."""
        self.slips.clear()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; raises ConnectionResetError after the socket was torn down by a fault."""
        path = environ.get("PATH_INFO", "/")
        plugin, inner = self._find(path)
        if plugin is None:
            return self._app(environ, start_response)
        method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
        later = method == "GET" and is_later(query, plugin.first_page(inner))
        hit = self._faults.strike(plugin.name, method, path, inner, later)
        spoiling = next((fault for fault in hit if fault.kind != "latency"), None)
        if method == "GET":
            environ[SLIP_KEY] = self.slips.of(path, query, later, _slip_of(spoiling))

        def log(status: int | None) -> None:
            word = spoiling.kind if spoiling else ("latency" if hit else None)
            self._calls.add(self._clock.now(), plugin.name, method, path, query, status, word)

        _sleep(hit, "before")
        answer = None
        if spoiling is None or spoiling.when == "after" or spoiling.kind in _OVER_THE_ANSWER:
            answer = _run(self._app, environ)
        _sleep(hit, "after")
        if spoiling is not None:
            if spoiling.kind in ("reset", "timeout"):
                log(None)
                _hold(environ, spoiling)
                _tear_down(environ)
            answer = _spoil(spoiling, plugin, answer)
        answer = answer or _Answer()
        log(answer.code)
        start_response(answer.status, answer.headers)
        if spoiling is not None and spoiling.kind == "short":
            return _end_after(answer.body, environ)
        return [answer.body]

    def _find(self, path: str) -> tuple[Plugin | None, str]:
        """The provider that answers a path, and the path below its API, or below the provider for public addresses."""
        for plugin in self._plugins.values():
            if _is_below(path, plugin.prefix):
                return plugin, path[len(plugin.prefix) :] or "/"
            if any(_is_below(path, prefix) for prefix in plugin.public):
                return plugin, path.removeprefix(f"/{plugin.name}")
        return None, path


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")


def _slip_of(fault: Fault | None) -> Slip:
    if fault is None or fault.kind not in ROWS_KINDS:
        return STILL
    if fault.kind == "duplicate_rows":
        return REPEATED
    return INSERTED if fault.rows == "inserted" else REMOVED


def _sleep(hit: list[Fault], when: str) -> None:
    seconds = sum(fault.seconds for fault in hit if fault.when == when and fault.kind != "timeout")
    if seconds:
        time.sleep(seconds)


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> _Answer:
    answer = _Answer()

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        answer.status, answer.headers = status, list(headers)
        return lambda data: None

    chunks = app(environ, start_response)
    try:
        answer.body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return answer


def _spoil(fault: Fault, plugin: Plugin, answer: _Answer | None) -> _Answer:
    if fault.kind in ("status", "html"):
        answer = _made_up(fault, plugin)
    elif answer is not None and fault.kind in ("truncated", "short"):
        if fault.kind == "short":
            answer.replace_header("Content-Length", str(len(answer.body)))
            answer.replace_header("Connection", "close")
        answer.body = answer.body[: len(answer.body) // 2]
        if fault.kind == "truncated":
            answer.replace_header("Content-Length", str(len(answer.body)))
    elif answer is not None and fault.kind == "wrong_type":
        answer.replace_header("Content-Type", "text/plain; charset=utf-8")
    answer = answer or _Answer()
    if fault.retry_after is not None:
        whole = isinstance(fault.retry_after, float) and fault.retry_after.is_integer()
        answer.replace_header("Retry-After", str(int(fault.retry_after) if whole else fault.retry_after))
    return answer


def _made_up(fault: Fault, plugin: Plugin) -> _Answer:
    code = fault.status or 200
    if fault.kind == "html":
        body, content_type = _PAGE, "text/html; charset=UTF-8"
    else:
        data, content_type = plugin.failure(code)
        body = json.dumps(data).encode()
    return _Answer(f"{code} {reason(code)}", _headers(body, content_type), body)


def _headers(body: bytes, content_type: str) -> list[tuple[str, str]]:
    return [("Content-Type", content_type), ("Content-Length", str(len(body)))]


def _hold(environ: WSGIEnvironment, fault: Fault) -> None:
    """Say nothing until the client hangs up or the time is over; a reset says nothing at once."""
    connection = next((found for key in SOCKET_KEYS if isinstance(found := environ.get(key), socket.socket)), None)
    if fault.kind == "timeout" and connection is not None and connection.fileno() >= 0:
        waiting = select.poll()
        waiting.register(connection, select.POLLIN)  # what a client sends by hanging up is an end of file
        waiting.poll((fault.seconds or HELD_SECONDS) * 1000)


def _end_after(body: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    """Send this and hang up. gunicorn decides by itself what is kept alive, and sends each piece before the next."""
    yield body
    connection = environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket) and connection.fileno() >= 0:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _tear_down(environ: WSGIEnvironment) -> None:
    """Close the client's connection with a TCP reset.

    The descriptor is taken away from the socket object, because the server still holds file objects on it, which would
    keep a plain ``close`` from having any effect.
    """
    for key in SOCKET_KEYS:
        connection = environ.get(key)
        if isinstance(connection, socket.socket) and connection.fileno() >= 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOTHING_LINGERS)
            os.close(connection.detach())
    raise ConnectionResetError(errno.ECONNRESET, "connection reset by a sandbox fault")
