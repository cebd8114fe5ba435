"""The archive: incidents that have been over for a while are packed where they are, with their links and their story.

Nothing is moved and nothing is lost: who reads an incident, a link or a story does not notice. A packed incident that
changes again (an update on a mirrored page) is written plainly and settles anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import redis
from redis.client import Pipeline

from bridge.clock import from_millis, to_millis
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.store import keys
from bridge.store.connection import script_source, translated
from bridge.store.packed import is_packed, pack, pack_rows

SETTLED_FOR = timedelta(minutes=10)
"""How long an incident must be over: by then its last update is on every page, and it seldom comes back."""
MOST_RECENT = 10
"""So many of those that were over last are known without looking through all of them."""
AT_ONCE = 1_000
"""Incidents packed in one go: about a second's work."""
_BATCH = 100
_LEAST = 160
"""Shorter values are left as they are."""


def note_settled(pipe: Pipeline, key: ObjectKey, now: datetime, over_at: datetime | None) -> None:
    """Remember, inside a caller's transaction, since when an incident or a maintenance is over.

    Args:
        pipe: the transaction.
        key: what it is about.
        now: from when on it settles, however long ago it was over.
        over_at: when it was over; None while it goes on.
    """
    if over_at is None:
        pipe.zrem(keys.SETTLED, str(key))
        pipe.zrem(keys.RECENT, str(key))
    else:
        pipe.zadd(keys.SETTLED, {str(key): to_millis(now)})
        # Work that was called off has its end still before it.
        pipe.zadd(keys.RECENT, {str(key): to_millis(min(over_at, now))})
        pipe.zremrangebyrank(keys.RECENT, 0, -1 - MOST_RECENT)


@dataclass(frozen=True, slots=True)
class _Found:
    """One value that can be packed: which of the hashes it is in, and under which field."""

    hash: int
    field: str
    value: bytes


class Archive:
    """Packs what is over."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    @translated
    def recent(self) -> dict[ObjectKey, datetime]:
        """The incidents and maintenances that were over last, newest first, and when they were."""
        rows = cast(list[tuple[bytes, float]], self._client.zrevrange(keys.RECENT, 0, -1, withscores=True))
        return {ObjectKey.parse(member.decode()): from_millis(score) for member, score in rows}

    @translated
    def pack(self, destinations: Iterable[str], before: datetime, limit: int = AT_ONCE) -> int:
        """Pack what has been over since before a time, oldest first; returns how many incidents and maintenances.

        Args:
            destinations: whose links are packed with them.
            before: what is over only since then is left alone.
            limit: most to pack.
        """
        hashes = [keys.INCIDENTS, keys.MIRRORED, *map(keys.links, destinations)]
        done = 0
        while done < limit:
            members = cast(
                list[bytes],
                self._client.zrangebyscore(
                    keys.SETTLED, "-inf", to_millis(before), start=0, num=min(_BATCH, limit - done)
                ),
            )
            if not members:
                break
            self._pack([ObjectKey.parse(member.decode()) for member in members], hashes)
            done += len(members)
        return done

    def _pack(self, settled: Sequence[ObjectKey], hashes: Sequence[str]) -> None:
        fields = [[key.id if name == keys.INCIDENTS else str(key) for key in settled] for name in hashes]
        with self._client.pipeline(transaction=False) as pipe:
            for name, wanted in zip(hashes, fields, strict=True):
                pipe.hmget(name, wanted)
            for key in settled:
                pipe.lrange(keys.story(key.id), 0, -1)
            answers = pipe.execute()
        columns, stories = answers[: len(hashes)], answers[len(hashes) :]
        with self._client.pipeline(transaction=False) as pipe:
            for number, key in enumerate(settled):
                found = [
                    _Found(index, fields[index][number], column[number])
                    for index, column in enumerate(columns)
                    if column[number] and len(column[number]) >= _LEAST and not is_packed(column[number])
                ]
                _replace(pipe, key, hashes, found, stories[number])
            pipe.execute()


def _replace(
    pipe: Pipeline, key: ObjectKey, hashes: Sequence[str], found: Iterable[_Found], story: Sequence[bytes]
) -> None:
    names = [keys.SETTLED, keys.story(key.id), *hashes]
    facts: list[bytes | str | int] = [str(key), len(story), story[0] if story else b"", _packed_story(story)]
    for item in found:
        facts += [item.hash + 3, item.field, item.value, pack(item.value)]
    pipe.eval(script_source("pack_incident"), len(names), *names, *cast(list[str], facts))


def _packed_story(story: Sequence[bytes]) -> bytes:
    return pack_rows(story) if len(story) > 1 else b""


def over_and_unpacked(client: redis.Redis, now: datetime) -> int:
    """Note everything that is over in a store that did not keep count of it; returns how many were noted."""
    noted = 0
    for name, open_ones, kind in (
        (keys.INCIDENTS, keys.OPEN, Kind.INCIDENT),
        (keys.MIRRORED, keys.MIRRORED_OPEN, None),
    ):
        still_open = cast(set[bytes], client.smembers(open_ones))
        for field, _ in client.hscan_iter(name, count=500, no_values=False):
            if field not in still_open:
                member = f"{kind}:{field.decode()}" if kind else field.decode()
                client.zadd(keys.SETTLED, {member: to_millis(now)})
                noted += 1
    return noted
