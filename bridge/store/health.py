"""Whether the server takes writes and keeps them: refused evictions, a probing write, and what is wrong otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import redis
from redis.exceptions import ResponseError

from bridge.errors import StoreDown, StoreError
from bridge.model.overview import StoreView
from bridge.store import keys
from bridge.store.connection import translated

_KEEPS_ALL = "noeviction"
_PROBE_MILLIS = 100
_NEARLY_FULL = 0.9
"""Part of the memory limit from which on it is worth a warning: writes are refused at 1."""


@translated
def refuse_eviction(client: redis.Redis) -> None:
    """Refuse a server that throws state away when its memory runs out: it would lose what was accepted, silently.

    Raises:
        StoreError: with the setting that mends it.
    """
    memory = _info(client, "memory")
    policy = memory.get("maxmemory_policy", _KEEPS_ALL)
    if int(memory.get("maxmemory", 0)) and policy != _KEEPS_ALL:
        raise StoreError(
            f"the store would throw state away when its memory runs out (maxmemory-policy {policy}): "
            f"set maxmemory-policy {_KEEPS_ALL} on the server"
        )


@translated
def try_write(client: redis.Redis) -> None:
    """Write something that goes by itself, synced as everything is.

    Raises:
        StoreDown: the server does not answer, or refuses writes (full disk, full memory, a replica, too few replicas).
    """
    client.set(keys.PROBE, "1", px=_PROBE_MILLIS)


@translated
def inspect_store(client: redis.Redis) -> StoreView:
    """The server as it is now. Asking must be possible; writing need not be.

    Raises:
        StoreDown: the server does not answer.
    """
    try:
        memory, replication = _info(client, "memory"), _info(client, "replication")
    except ResponseError:  # a server that does not tell anything about itself
        memory, replication = {}, {}
    why = None
    try:
        try_write(client)
    except StoreDown as error:
        why = str(error)
    return StoreView(
        state="refusing" if why else "ok",
        why=why,
        used_memory=int(memory.get("used_memory", 0)),
        max_memory=int(memory.get("maxmemory", 0)) or None,
        role={"master": "primary", "slave": "replica"}.get(str(replication.get("role")), "unknown"),
        replicas=int(replication.get("connected_slaves", 0)),
    )


def server_warnings(client: redis.Redis, replicas: int = 0, *, may_fail_over: bool = False) -> list[str]:
    """What is wrong with the server's settings for keeping the only copy of the state.

    Args:
        client: of the server.
        replicas: how many the configuration asks to wait for.
        may_fail_over: whether sentinels may put another server in its place.

    Returns:
        One sentence per problem with the setting that mends it; empty when all is well.
    """
    try:
        config = cast(Mapping[str, str], client.config_get("append*", "maxmemory*"))
    except (ResponseError, TypeError):
        config = {}
    warnings = list(_durability(config)) if config else [_UNREADABLE]
    view = inspect_store(client)
    if view.max_memory and view.used_memory > _NEARLY_FULL * view.max_memory:
        warnings.append(
            f"The server uses {_megabytes(view.used_memory)} of {_megabytes(view.max_memory)} MB (maxmemory): "
            "at the limit it refuses writes. Raise the limit, or shorten store.retention."
        )
    if may_fail_over and not replicas:
        warnings.append(
            "A replica may take over that lacks what was accepted last: replication does not wait. "
            "Set store.replicas: 1."
        )
    if replicas > view.replicas:
        warnings.append(
            f"store.replicas asks for {replicas}, and the server has {view.replicas}: nothing is accepted. "
            "Connect replicas, or ask for fewer."
        )
    return warnings


_UNREADABLE = "The server does not let its configuration be read, so its durability could not be checked."


def _durability(config: Mapping[str, str]) -> list[str]:
    if config.get("appendonly") != "yes":
        return ["The server keeps no append-only file: accepted events are lost when it stops. Set appendonly yes."]
    if config.get("appendfsync") != "always":
        return [
            f"The server syncs its file with appendfsync {config.get('appendfsync')}: up to a second of accepted "
            "events can be lost. Set appendfsync always."
        ]
    return []


def _megabytes(size: int) -> int:
    return round(size / 1_048_576)


def _info(client: redis.Redis, section: str) -> Mapping[str, Any]:
    return cast(Mapping[str, Any], client.info(section))
