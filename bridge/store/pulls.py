"""Sources that are asked themselves: when that is due, and what the last look saw for the first time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import redis

from bridge.clock import from_millis, to_millis
from bridge.errors import LeaseLost
from bridge.store import keys
from bridge.store.connection import translated
from bridge.store.lanes import Lease


@dataclass(frozen=True, slots=True)
class PullMemory:
    """What is known of the looks at one source.

    Attributes:
        missing, lost: keys of alerts that the last look saw for the first time to be gone, or to be there.
        next_at: when it is to be asked again; None while it never was.
    """

    missing: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    next_at: datetime | None = None


class Pulls:
    """All sources that are asked."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    @translated
    def memory(self, source: str) -> PullMemory:
        """What is known of a source."""
        raw = cast(dict[bytes, bytes], self._client.hgetall(keys.pull(source)))
        return PullMemory(
            missing=frozenset(json.loads(raw.get(b"missing", b"[]"))),
            lost=frozenset(json.loads(raw.get(b"lost", b"[]"))),
            next_at=from_millis(float(raw[b"next_at"])) if b"next_at" in raw else None,
        )

    @translated
    def remember(
        self, lease: Lease, source: str, missing: Iterable[str], lost: Iterable[str], next_at: datetime
    ) -> None:
        """Write what a look saw.

        Raises:
            LeaseLost: somebody else asks the source now.
        """
        fields = {
            "missing": json.dumps(sorted(missing)),
            "lost": json.dumps(sorted(lost)),
            "next_at": to_millis(next_at),
        }
        with self._client.pipeline() as pipe:
            pipe.watch(keys.lane(str(lease.lane)))
            token = cast(bytes | None, pipe.hget(keys.lane(str(lease.lane)), "token"))
            if int(token or 0) != lease.token:
                raise LeaseLost(f"the lease of {lease.lane} was lost")
            pipe.multi()
            pipe.hset(keys.pull(source), mapping=cast(Any, fields))
            try:
                pipe.execute()
            except redis.WatchError as error:
                raise LeaseLost(f"the lease of {lease.lane} was lost") from error
