"""Rate budgets: counted in the store, so that all processes and all destinations with one token share them."""

from __future__ import annotations

import hashlib
import math
from urllib.parse import urlsplit

import redis

from bridge.secret import Secret
from bridge.store import keys
from bridge.store.connection import Scripts, translated

MARGIN = 0.005
"""Part by which our windows are longer than the provider's: it counts when a call arrives, we when it is about to be
made, and a call that was slow to arrive must not find the next one too close."""
_ROUNDING = 1e-9
"""So that 70 % of 10 are 7, and not 6 because of 6.999…"""


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
    """The rate budget of one token, as a moving window by the store's clock.

    Args:
        identity: see :func:`budget_id`.
        rate: calls and window in seconds; None when the provider has no limit.
        reads: identity of the budget that reads count to; None where they count like everything else.
        bulk_share: part of the rate that bulk work may use, so that the rest is there whenever something live comes.
    """

    def __init__(
        self,
        client: redis.Redis,
        scripts: Scripts,
        identity: str,
        rate: tuple[int, float] | None,
        reads: str | None = None,
        bulk_share: float = 1.0,
    ) -> None:
        self._client = client
        self._scripts = scripts
        self._identity = identity
        self._reads = reads or identity
        self._rate = rate
        self._bulk_share = bulk_share

    @translated
    def take(self, *, read: bool = False, bulk: bool = False) -> float:
        """Take one call; returns 0.0 when it may be made now, else the seconds to wait.

        Args:
            read: the call changes nothing.
            bulk: the call is for bulk work, which is refused beyond its share whatever else there is to do.
        """
        identity = self._reads if read else self._identity
        away = keys.budget(identity)
        if self._rate is None:
            return max(0, int(self._client.pttl(away))) / 1000
        calls, window = self._rate
        most = max(1, math.floor(calls * self._bulk_share + _ROUNDING)) if bulk else ""
        names = [keys.rates(identity), away, keys.bulk_rates(identity)]
        return int(self._scripts.run("take_budget", names, [calls, round(window * (1 + MARGIN) * 1000), most])) / 1000

    @translated
    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Stay away for so many seconds, because the provider said so."""
        if seconds > 0:
            identity = self._reads if read else self._identity
            self._client.set(keys.budget(identity), "1", px=max(1, int(seconds * 1000)))
