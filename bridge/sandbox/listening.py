"""Who is told by the sandbox: listeners of the outbound webhooks, over HTTP below ``/_sandbox/webhooks``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from bridge.sandbox.asked import read_object

if TYPE_CHECKING:
    from bridge.sandbox.app import Sandbox

_KNOWN = {"provider", "url", "secret", "events"}


class Listening(Protocol):
    """The listeners of one provider."""

    def add(self, url: str, secret: str, events: Sequence[str] | None) -> str:
        """Tell this address from now on; gives the listener's id. Raises ValueError with words."""

    def all(self) -> list[dict[str, Any]]:
        """The listeners, without their secrets."""

    def remove(self, id: str) -> bool:
        """Stop telling; False when there is no such listener."""


def check_address(url: Any) -> str:
    """An http or https address with a host; raises ValueError."""
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError(f"url must be an http or https address, not {url!r}")
    return url


def add_webhook_routes(blueprint: Blueprint, sandbox: Sandbox) -> None:
    """List, add and remove listeners; read what was sent."""

    @blueprint.get("/webhooks")
    def list_listeners() -> Response:
        books = {name: plugin.listening for name, plugin in sandbox.plugins.items()}
        return jsonify([{"provider": name, **row} for name, book in books.items() if book for row in book.all()])

    @blueprint.post("/webhooks")
    def add_listener() -> tuple[Response, int]:
        try:
            wanted = _read(read_object())
            return jsonify(id=sandbox.listen(**wanted)), 201
        except (ValueError, TypeError) as problem:
            return jsonify(error=f"this listener cannot be added: {problem}"), 422

    @blueprint.delete("/webhooks/<provider>/<id>")
    def remove_listener(provider: str, id: str) -> tuple[str, int]:
        plugin = sandbox.plugins.get(provider)
        book = plugin.listening if plugin else None
        return "", 204 if book is not None and book.remove(id) else 404

    @blueprint.get("/webhooks/attempts")
    def list_attempts() -> Response:
        return jsonify([attempt.to_json() for attempt in sandbox.postbox.attempts(request.args.get("provider"))])


def _read(body: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(body) - _KNOWN):
        raise ValueError(f"unknown keys {unknown}; known are {sorted(_KNOWN)}")
    if missing := sorted({"provider", "url"} - set(body)):
        raise ValueError(f"missing: {', '.join(missing)}")
    return body
