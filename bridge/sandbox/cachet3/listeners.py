"""The webhooks of the dashboard: no route of the API knows them (measured)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bridge.sandbox.cachet3.hooks import EVENTS
from bridge.sandbox.cachet3.world import World
from bridge.sandbox.listening import check_address
from bridge.sandbox.state import Context


class Listeners:
    """Who is told; ``world`` gives the present state."""

    def __init__(self, context: Context, world: Callable[[], World]) -> None:
        self._context = context
        self._world = world

    def add(self, url: str, secret: str, events: Sequence[str] | None) -> str:
        """A secret is mandatory; without ``events`` all are sent. Raises ValueError."""
        check_address(url)
        if not secret or not isinstance(secret, str):
            raise ValueError("Cachet 3 needs a secret, with which it signs")
        if unknown := sorted(set(events or ()) - set(EVENTS)):
            raise ValueError(f"unknown events {unknown}; known are {sorted(EVENTS)}")
        with self._context.lock:
            wanted = None if events is None else list(events)
            return str(self._world().webhooks.add({"url": url, "secret": secret, "events": wanted})["id"])

    def all(self) -> list[dict[str, Any]]:
        """The listeners."""
        with self._context.lock:
            return [
                {"id": str(row["id"]), "url": row["url"], "events": row["events"]} for row in self._world().webhooks
            ]

    def remove(self, id: str) -> bool:
        """Stop telling."""
        with self._context.lock:
            known = id.isdigit() and self._world().webhooks.get(int(id)) is not None
            if known:
                self._world().webhooks.remove(int(id))
            return known
