"""Rate budgets: counted in the store, so that all processes and all destinations with one token share them."""

from __future__ import annotations

import hashlib
import time
from urllib.parse import urlsplit

import redis
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from bridge.secret import Secret
from bridge.store import keys
from bridge.store.connection import translated


def budget_id(provider: str, token: Secret, url: str | None, home: str | None = None) -> str:
    """What shares a budget: one token at one provider's host, however its address is written. The token is not stored.

    Args:
        provider: its name.
        token: the credential.
        url: as configured; None means the provider's own service.
        home: host of the provider's own service, if it has one.
    """
    host = urlsplit(url).netloc.casefold() if url else home or ""
    digest = hashlib.sha256(f"{provider}\x1f{host}\x1f{token.reveal()}".encode()).hexdigest()
    return f"{provider}-{digest[:16]}"


class Budget:
    """The rate budget of one token, as a moving window.

    Args:
        identity: see :func:`budget_id`.
        rate: calls and window in seconds; None when the provider has no limit.
    """

    def __init__(self, client: redis.Redis, identity: str, rate: tuple[int, float] | None) -> None:
        self._client = client
        self._identity = identity
        self._item = RateLimitItemPerSecond(rate[0], int(rate[1])) if rate else None
        storage = RedisStorage(
            "redis://", connection_pool=client.connection_pool, key_prefix=keys.rates(), wrap_exceptions=False
        )
        self._limiter = MovingWindowRateLimiter(storage)

    @translated
    def take(self) -> float:
        """Take one call; returns 0.0 when it may be made now, else the seconds to wait."""
        away = int(self._client.pttl(keys.budget(self._identity)))
        if away > 0:
            return away / 1000
        if self._item is None or self._limiter.hit(self._item, self._identity):
            return 0.0
        reset_at = self._limiter.get_window_stats(self._item, self._identity).reset_time
        return max(0.05, reset_at - time.time())

    @translated
    def penalise(self, seconds: float) -> None:
        """Stay away for so many seconds, because the provider said so."""
        if seconds > 0:
            self._client.set(keys.budget(self._identity), "1", px=max(1, int(seconds * 1000)))
