"""Webhook subscribers, added without the API: the same rows that ``POST /subscribers`` with an ``endpoint`` makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bridge.sandbox.listening import check_address
from bridge.sandbox.state import Context
from bridge.sandbox.statuspage.http import Refusal
from bridge.sandbox.statuspage.resources.subscribers import add_webhook, unsubscribe
from bridge.sandbox.statuspage.world import SUBSCRIBERS, World


class Listeners:
    """Who is told; ``world`` gives the present state."""

    def __init__(self, context: Context, world: Callable[[], World]) -> None:
        self._context = context
        self._world = world

    def add(self, url: str, secret: str, events: Sequence[str] | None) -> str:
        """Nothing is signed and every event is sent, so neither can be chosen. Raises ValueError."""
        check_address(url)
        if secret or events is not None:
            raise ValueError("Statuspage signs nothing and sends every event: leave secret and events out")
        with self._context.lock:
            try:
                return add_webhook(self._world(), url)
            except Refusal as refusal:
                raise ValueError(str(refusal.payload("string")["error"])) from refusal

    def all(self) -> list[dict[str, Any]]:
        """The listeners."""
        with self._context.lock:
            rows = self._world().table(SUBSCRIBERS).values()
            found = [row for row in rows if row["mode"] == "webhook"]
            return [{"id": row["id"], "url": row["endpoint"], "state": row["state"]} for row in found]

    def remove(self, id: str) -> bool:
        """Unsubscribe."""
        with self._context.lock:
            row = self._world().table(SUBSCRIBERS).get(id)
            if row is not None:
                unsubscribe(self._world(), [row])
            return row is not None
