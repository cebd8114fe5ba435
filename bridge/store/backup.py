"""All state as JSON lines, out of one server and into another.

A line is one key: its name, its kind, its time to live and its content. Nothing but ``sb:`` keys is moved: RQ's own
keys are wake-ups, and the sweep makes them anew. Leases and queued marks are left out for the same reason.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

import redis

from bridge.errors import StoreError
from bridge.model.schemas import MODEL_VERSION
from bridge.store import keys
from bridge.store.connection import translated

FORMAT = "statusbridge-backup"
_BATCH = 500
_PASSING = (keys.rates().encode(), keys.budget("").encode())
"""What is true for seconds only: calls within a window, and waiting times."""
_LEASE_FIELDS = (b"until", b"owner")


def dump_state(client: redis.Redis) -> Iterator[str]:
    """Every key of ours as a line, after a first line that names format and version.

    The inboxes come first and the outboxes last: what changes meanwhile is at worst in the copy twice (applied and
    still waiting), which applying again makes harmless, and never missing.
    """
    yield json.dumps({"format": FORMAT, "version": MODEL_VERSION})
    names = (name for name in client.scan_iter(f"{keys.PREFIX}*", count=1000) if not name.startswith(_PASSING))
    for name in sorted(names, key=_order):
        line = _dump_key(client, name)
        if line is not None:
            yield json.dumps(line)


def _order(name: bytes) -> tuple[int, bytes]:
    text = name.decode()
    late = text.startswith((f"{keys.PREFIX}outbox:", f"{keys.PREFIX}owed:", f"{keys.PREFIX}links:"))
    return (2 if late else 0 if text.startswith(f"{keys.PREFIX}inbox:") else 1, name)


@translated
def _dump_key(client: redis.Redis, name: bytes) -> dict[str, Any] | None:
    kind = cast(bytes, client.type(name)).decode()
    if name.endswith(b":queued") or kind == "none":
        return None
    ttl = int(client.pttl(name))
    line: dict[str, Any] = {"key": _text(name), "kind": kind, "data": _READ[kind](client, name)}
    return {**line, "ttl": ttl} if ttl > 0 else line


def load_state(client: redis.Redis, lines: Iterable[str]) -> int:
    """Put all lines into an empty store; returns the number of keys.

    Raises:
        StoreError: the store is not empty, or the lines are not a backup that this version can read.
    """
    if next(client.scan_iter(f"{keys.PREFIX}*", count=1000), None) is not None:
        raise StoreError("the store holds state already: restore into an empty one, such as a new --state-dir")
    numbered = enumerate(lines, start=1)
    _check_header(next(numbered, (1, ""))[1])
    count = 0
    for number, line in numbered:
        try:
            entry = json.loads(line)
            write = _WRITE[entry["kind"]]
            _load_key(client, entry, write)
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"line {number} is not a line of a backup; what came before it is in the store") from error
        count += 1
    return count


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
    with client.pipeline() as pipe:
        write(pipe, name, entry["data"])
        if "ttl" in entry:
            pipe.pexpire(name, int(entry["ttl"]))
        pipe.execute()


def _text(raw: bytes) -> str | list[str]:
    """Text as it is; a list with base64 for what is not text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(raw).decode()]


def _bytes(text: str | list[str]) -> bytes:
    return text.encode() if isinstance(text, str) else base64.b64decode(text[0])


def _read_hash(client: redis.Redis, name: bytes) -> list[Any]:
    rows = cast(dict[bytes, bytes], client.hgetall(name))
    is_lane = name.startswith(keys.lane("").encode())
    return [[_text(f), _text(v)] for f, v in rows.items() if not (is_lane and f in _LEASE_FIELDS)]


def _read_stream(client: redis.Redis, name: bytes) -> list[Any]:
    found: list[Any] = []
    position = "-"
    while True:
        rows = cast(list[tuple[bytes, dict[bytes, bytes]]], client.xrange(name, min=position, count=_BATCH))
        found += [[p.decode(), [[_text(f), _text(v)] for f, v in row.items()]] for p, row in rows]
        if len(rows) < _BATCH:
            return found
        position = f"({rows[-1][0].decode()}"


_READ: dict[str, Any] = {
    "string": lambda client, name: _text(client.get(name)),
    "hash": _read_hash,
    "set": lambda client, name: [_text(member) for member in sorted(client.smembers(name))],
    "zset": lambda client, name: [[_text(m), score] for m, score in client.zrange(name, 0, -1, withscores=True)],
    "list": lambda client, name: [_text(item) for item in client.lrange(name, 0, -1)],
    "stream": _read_stream,
}


def _write_hash(pipe: Any, name: bytes, data: list[Any]) -> None:
    for field, value in data:
        pipe.hset(name, _bytes(field), _bytes(value))


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
