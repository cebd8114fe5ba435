"""What is kept beside the state so that questions cost what their answers are worth; made anew from the state itself.

Each index is written in one transaction with what it is about. It is built here where there is none: in state of an
older version, and after a backup was restored.
"""

from __future__ import annotations

import json
from typing import cast

import redis

from bridge.model.facts import ObjectKey
from bridge.store import keys
from bridge.store.links import CREATION, remote_field
from bridge.store.packed import unpack

_BATCH = 500


def index_links(client: redis.Redis) -> int:
    """The way back from remote ids, and what is being created, for all destinations; returns how many links there are.

    Can be repeated, also after a crash in the middle.
    """
    known = 0
    for name in _names(client, keys.links("*")):
        destination = name.removeprefix(keys.links(""))
        pipe = client.pipeline(transaction=False)
        for field, raw in client.hscan_iter(name, count=_BATCH):
            # Only what is needed is understood: a store with a history has hundreds of thousands of links.
            key, link = ObjectKey.parse(field.decode()), json.loads(unpack(raw))
            if link.get("remote_id"):
                pipe.hset(keys.remote_ids(destination), remote_field(key.kind, link["remote_id"]), key.id)
            if (link.get("intent") or {}).get("action") == CREATION:
                pipe.sadd(keys.creating(destination), str(key))
            known += 1
            if len(pipe) >= _BATCH:
                pipe.execute()
        pipe.execute()
    return known


def index_pages(client: redis.Redis) -> int:
    """What goes on, for all pages; returns how much that is. Can be repeated, also after a crash in the middle."""
    found = 0
    for name in _names(client, keys.page_objects("*")):
        prefix, suffix = keys.page_objects("\n").split("\n")
        page = name.removeprefix(prefix).removesuffix(suffix)
        for field, raw in client.hscan_iter(name, count=_BATCH):
            if json.loads(raw)["open"]:
                client.sadd(keys.page_open(page), field)
                found += 1
    return found


def _names(client: redis.Redis, pattern: str) -> list[str]:
    return [name.decode() for name in cast(list[bytes], list(client.scan_iter(pattern, count=1000)))]
