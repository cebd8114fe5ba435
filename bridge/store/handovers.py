"""What senders ask a person for, such as the token of a test: shown once, gone after an hour, in no backup."""

from __future__ import annotations

from typing import cast

import redis

from bridge.store import keys
from bridge.store.connection import translated

LIFETIME = 3600
"""Seconds for which it waits for somebody to ask."""


class Handovers:
    """One text for each source, the newest."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    @translated
    def put(self, source: str, text: str) -> None:
        """Keep a text until somebody asks for it."""
        self._client.set(keys.handover(source), text, ex=LIFETIME)

    @translated
    def take(self, source: str) -> str | None:
        """The text of a source, which is forgotten with this; None when there is none."""
        raw = cast(bytes | None, self._client.getdel(keys.handover(source)))
        return raw.decode() if raw is not None else None
