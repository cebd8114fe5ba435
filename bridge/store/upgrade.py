"""The version of the stored form: stamped on an empty store, brought up to date at the start, or refused."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

import redis

from bridge.clock import from_millis
from bridge.errors import StoreDown, StoreError
from bridge.model.schemas import MODEL_VERSION
from bridge.store import keys
from bridge.store.archive import over_and_unpacked
from bridge.store.connection import translated
from bridge.store.indexes import index_links, index_pages

_LOCK_SECONDS = 600
_PATIENCE = 60.0
"""Seconds to wait for another process that brings the state up to date."""


def _to_2(client: redis.Redis, now: datetime) -> None:
    """Since 2 what is over is packed after a while; what was over before must be noted for that."""
    over_and_unpacked(client, now)


def _to_3(client: redis.Redis, now: datetime) -> None:
    """Since 3 there are indexes: of links by remote id, and of what goes on on a page."""
    index_links(client)
    index_pages(client)


STEPS: Mapping[int, Callable[[redis.Redis, datetime], None]] = {1: _to_2, 2: _to_3}
"""From each version to the next. Each can be repeated after a crash in the middle."""


@translated
def ensure_version(client: redis.Redis) -> None:
    """See to it that the state is in the form of this version.

    An empty store is stamped; older state is brought up to date, by one process while others wait.

    Raises:
        StoreError: the state is of a newer version, or of one that is too old; says what to do.
        StoreDown: another process has been at it for a minute.
    """
    deadline = time.monotonic() + _PATIENCE
    while (found := _found(client)) != MODEL_VERSION:
        if not found:
            client.set(keys.VERSION, MODEL_VERSION, nx=True)
        elif not _upgrade(client, found):
            if time.monotonic() > deadline:
                raise StoreDown("another process has been bringing the state up to date for a minute; try again later")
            time.sleep(0.1)


def _found(client: redis.Redis) -> int:
    raw = cast(bytes | None, client.get(keys.VERSION))
    if raw is None:
        return 0
    try:
        found = int(raw)
    except ValueError:
        found = -1
    if found > MODEL_VERSION:
        raise StoreError(
            f"the state was written by a newer statusbridge (format {found}, this one knows {MODEL_VERSION}): "
            "install that version or newer"
        )
    if found < MODEL_VERSION and found not in STEPS:
        raise StoreError(
            f"this statusbridge cannot bring state of format {found} up to date (it knows {min(STEPS)} to "
            f"{MODEL_VERSION}): start a version in between once, or begin with an empty store"
        )
    return found


def _upgrade(client: redis.Redis, found: int) -> bool:
    """One step, unless somebody else is at it."""
    mine = secrets.token_hex(8)
    if not client.set(keys.UPGRADE, mine, nx=True, ex=_LOCK_SECONDS):
        return False
    try:
        if _found(client) == found:
            seconds, micros = client.time()
            STEPS[found](client, from_millis(seconds * 1000 + micros / 1000))
            client.set(keys.VERSION, found + 1)
    finally:
        if cast(bytes | None, client.get(keys.UPGRADE)) == mine.encode():
            client.delete(keys.UPGRADE)
    return True
