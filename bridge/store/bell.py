"""Bells: whoever works on a destination hears at once that something more is owed to it.

A bell is a hint and no more. Nothing is kept of it, and what is owed is found without it too, a little later: by the
next look of whoever works, or by the sweep.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import redis

from bridge.store import keys
from bridge.store.connection import translated


class Bells:
    """The bells of all destinations, on the server's channels."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def ring(self, destinations: Iterable[str]) -> None:
        """Tell whoever listens. Never fails: what it tells of is written already, and a server may forbid channels."""
        names = sorted(set(destinations))
        if not names:
            return
        with contextlib.suppress(redis.RedisError, OSError), self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.publish(keys.bell(name), "")
            pipe.execute()

    @translated
    def listen(self, destination: str) -> Ear:
        """Begin to listen.

        Raises:
            StoreDown: the server does not answer.
        """
        return Ear(self._client, keys.bell(destination))


class Ear:
    """Listens to one bell over a connection of its own. For one thread.

    Args:
        client: for its server.
        channel: of the bell.
    """

    def __init__(self, client: redis.Redis, channel: str) -> None:
        self._pubsub = client.pubsub(ignore_subscribe_messages=True)
        self._pubsub.subscribe(channel)
        self._connection = self._pubsub.connection

    def fileno(self) -> int:
        """What becomes readable when the bell rings, or when it never will again."""
        return int(self._connection._sock.fileno())

    def hear(self) -> bool:
        """Take in what was rung so far; False when this ear is deaf from now on."""
        try:
            while self._connection.can_read(timeout=0):
                self._pubsub.get_message(timeout=0)
        except (redis.RedisError, OSError):
            return False
        return True

    def close(self) -> None:
        """Listen no more."""
        with contextlib.suppress(redis.RedisError, OSError):
            self._pubsub.close()
