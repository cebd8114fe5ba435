"""Somebody who listens to webhooks, on an address of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bridge.sandbox.server import Server


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Listener:
    """Keeps what it hears, and answers with ``statuses`` in turn, then with 200."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = {key[5:].replace("_", "-").title(): text for key, text in environ.items() if key.startswith("HTTP_")}
        headers["Content-Type"] = environ.get("CONTENT_TYPE", "")
        self.heard.append(Heard(environ["PATH_INFO"], headers, environ["wsgi.input"].read()))
        status = HTTPStatus(self.statuses.pop(0) if self.statuses else 200)
        start_response(f"{status.value} {status.phrase}", [("Location", "/elsewhere")])
        return [b""]


@contextmanager
def listening(*statuses: int) -> Iterator[Listener]:
    """A listener behind a server of its own."""
    listener = Listener(statuses=list(statuses))
    with Server(listener, 0) as server:
        listener.url = f"{server.url}/hook"
        yield listener
