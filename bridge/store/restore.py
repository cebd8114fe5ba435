"""All state as JSON lines, into an empty server. The way there is :mod:`bridge.store.backup`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

import redis
from redis.exceptions import ResponseError

from bridge.errors import StoreError
from bridge.model.schemas import MODEL_VERSION
from bridge.store import keys
from bridge.store.backup import FORMAT, PASSING
from bridge.store.connection import translated
from bridge.store.indexes import index_links, index_pages


def load_state(client: redis.Redis, lines: Iterable[str]) -> int:
    """Put all lines into an empty store; returns how many there were, without the first.

    Raises:
        StoreError: the store is not empty, or the lines are not a backup that this version can read.
    """
    _check_empty(client)
    numbered = enumerate(lines, start=1)
    _check_header(next(numbered, (1, ""))[1])
    count = 0
    for number, line in numbered:
        try:
            entry = json.loads(line)
            _load_key(client, entry, _WRITE[entry["kind"]])
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"line {number} is not a line of a backup; what came before it is in the store") from error
        count += 1
    _index(client)
    return count


@translated
def _index(client: redis.Redis) -> None:
    index_links(client)
    index_pages(client)


@translated
def _check_empty(client: redis.Redis) -> None:
    for name in client.scan_iter(f"{keys.PREFIX}*", count=1000):
        if not name.startswith(PASSING):
            raise StoreError("the store holds state already: restore into an empty one, such as a new --state-dir")


def _check_header(line: str) -> None:
    try:
        header = json.loads(line)
        version = int(header["version"])
        known = header["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        known, version = False, 0
    if not known:
        raise StoreError("this is not a backup of statusbridge")
    if version > MODEL_VERSION:
        raise StoreError(f"the backup is of a newer statusbridge (format {version}): install that version or newer")


@translated
def _load_key(client: redis.Redis, entry: dict[str, Any], write: Any) -> None:
    name = _bytes(entry["key"])
    if entry["data"]:
        with client.pipeline() as pipe:
            write(pipe, name, entry["data"])
            if "ttl" in entry:
                pipe.pexpire(name, int(entry["ttl"]))
            pipe.execute()
    if "last" in entry:
        _set_last(client, name, _bytes(entry["last"]))


def _set_last(client: redis.Redis, name: bytes, last: bytes) -> None:
    """New entries of a stream must come behind all that ever were there, also where the clock of this server is behind.

    Otherwise they would stand before the position up to which the inbox was applied, and never be seen.
    """
    try:
        client.execute_command("XSETID", name, last)
    except ResponseError:  # everything in it was trimmed away, so there is no such stream here yet
        client.xadd(name, {"made": "empty"}, id=last)
        client.xdel(name, last)


def _bytes(text: str | list[str]) -> bytes:
    return text.encode() if isinstance(text, str) else base64.b64decode(text[0])


def _write_hash(pipe: Any, name: bytes, data: list[Any]) -> None:
    pipe.hset(name, mapping={_bytes(field): _bytes(value) for field, value in data})


def _write_stream(pipe: Any, name: bytes, data: list[Any]) -> None:
    for position, row in data:
        pipe.xadd(name, {_bytes(field): _bytes(value) for field, value in row}, id=position)


_WRITE: dict[str, Any] = {
    "string": lambda pipe, name, data: pipe.set(name, _bytes(data)),
    "hash": _write_hash,
    "set": lambda pipe, name, data: pipe.sadd(name, *map(_bytes, data)),
    "zset": lambda pipe, name, data: pipe.zadd(name, {_bytes(member): score for member, score in data}),
    "list": lambda pipe, name, data: pipe.rpush(name, *map(_bytes, data)),
    "stream": _write_stream,
}
