"""All state as JSON lines, out of one server.

A line is one key or a piece of one: its name, its kind, its time to live and its content. Nothing but ``sb:`` keys is
moved: RQ's own keys are wake-ups, and the sweep makes them anew. Leases and queued marks are left out for the same
reason. The way back is :mod:`bridge.store.restore`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import redis

from bridge.model.schemas import MODEL_VERSION
from bridge.store import keys
from bridge.store.connection import script_source, translated
from bridge.store.lanes import MIRROR

FORMAT = "statusbridge-backup"
_BATCH = 500
PASSING = tuple(
    name.encode() for name in (keys.rates(""), keys.budget(""), keys.handover(""), keys.PROBE, keys.UPGRADE, keys.INDEX)
)
"""Begins the names of what is true for a short time only (calls within a window, waiting times, probes, tokens), or can
be made again from everything else."""
_HISTORY = (keys.INCIDENTS.encode(), keys.MIRRORED.encode())
_STORIES = keys.story("").encode()
_LINKS = keys.links("").encode()
_LANES = keys.lane("").encode()
_QUEUED = b":queued"
_LEASE_FIELDS = (b"until", b"owner")

_Row = tuple[bytes, dict[bytes, bytes]]


def dump_state(client: redis.Redis) -> Iterator[str]:
    """Every key of ours as lines, after a first line that names format and version; also while everything runs.

    What may be large is read in pieces, and the server goes on meanwhile; what must fit together is read at one moment:

    1. deliveries, incidents and stories, in pieces;
    2. at one moment: alerts, groups, what is open, what is owed, how far the inboxes were applied; the deliveries that
       came since, and again the incidents that may have changed since they were read;
    3. the links, in pieces. What was made on a page meanwhile is known by its link; that it may be owed still does no
       harm, as a debt is looked into before anything is written.

    So it holds everything that was accepted before it began, and nothing by halves.
    """
    yield json.dumps({"format": FORMAT, "version": MODEL_VERSION})
    kinds = _kinds(client)
    streams = [name for name, kind in kinds.items() if kind == "stream"]
    early = [name for name in kinds if name.startswith(_STORIES) or name in _HISTORY]
    read_to = dict.fromkeys(streams, "-")
    for name in streams:
        while rows := _deliveries(client, name, read_to[name]):
            yield _line(name, "stream", _stream_data(rows))
            read_to[name] = f"({rows[-1][0].decode()}"
    for name in early:
        yield from _in_pieces(client, name, kinds[name])
    rest = {name: kind for name, kind in _kinds(client).items() if not _is_apart(name, kind)}
    yield from _at_one_moment(client, {**_perhaps(client, streams), **rest}, read_to)
    for name, kind in _kinds(client).items():
        if name.startswith(_LINKS):
            yield from _in_pieces(client, name, kind)


def _is_apart(name: bytes, kind: str) -> bool:
    """What is read in pieces, before or after the moment."""
    return kind == "stream" or name.startswith((_STORIES, _LINKS)) or name in _HISTORY


@translated
def _perhaps(client: redis.Redis, streams: Iterable[bytes]) -> dict[bytes, str]:
    """Keys that come and go, as a set or a hash goes with its last member: they may be there at the moment."""
    found = dict(_COMING_AND_GOING)
    for lane in cast(set[bytes], client.smembers(keys.LANES)):
        kind, _, destination = lane.decode().partition(":")
        if kind == MIRROR:
            found |= {keys.owed(destination): "hash", keys.dead(destination): "set"}
            found |= {keys.subscribers(destination): "hash"}
            found |= dict.fromkeys(keys.outboxes(destination), "zset")
    inboxes = {stream + b":meta": "hash" for stream in streams if stream != keys.QUARANTINE.encode()}
    return {**{name.encode(): kind for name, kind in found.items()}, **inboxes}


@translated
def _kinds(client: redis.Redis) -> dict[bytes, str]:
    """Every key that is part of a backup, with its kind, in the order of the names."""
    names = [
        name
        for name in sorted(set(client.scan_iter(f"{keys.PREFIX}*", count=1000)))
        if not name.startswith(PASSING) and not name.endswith(_QUEUED)
    ]
    with client.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
        kinds = [cast(bytes, kind).decode() for kind in pipe.execute()]
    return {name: kind for name, kind in zip(names, kinds, strict=True) if kind != "none"}


@translated
def _deliveries(client: redis.Redis, name: bytes, after: str) -> list[_Row]:
    return cast(list[_Row], client.xrange(name, min=after, count=_BATCH))


def _in_pieces(client: redis.Redis, name: bytes, kind: str) -> Iterator[str]:
    if kind != "hash":
        yield from _at_one_moment(client, {name: kind}, {})
        return
    cursor = -1
    while cursor:
        cursor, rows = _piece(client, name, max(0, cursor))
        if rows:
            yield _line(name, kind, _hash_data(name, rows))


@translated
def _piece(client: redis.Redis, name: bytes, cursor: int) -> tuple[int, dict[bytes, bytes]]:
    return cast(tuple[int, dict[bytes, bytes]], client.hscan(cast(str, name), cursor, count=_BATCH))


@translated
def _at_one_moment(client: redis.Redis, kinds: Mapping[bytes, str], read_to: Mapping[bytes, str]) -> list[str]:
    """Keys, the rest of streams and the incidents that change, in one transaction."""
    with client.pipeline() as pipe:
        for name, kind in kinds.items():
            _READ[kind](pipe, name)
            pipe.pttl(name)
        for stream, after in read_to.items():
            pipe.xrange(stream, min=after)
            pipe.xinfo_stream(stream)
        if read_to:
            pipe.eval(script_source("read_changed"), 5, *_CHANGING)
        answers = iter(pipe.execute())
    lines = []
    for name, kind in kinds.items():
        value, ttl = next(answers), int(next(answers))
        if value:
            lines.append(_line(name, kind, _DATA[kind](name, value), ttl=ttl))
    for stream in read_to:
        rows, facts = next(answers), next(answers)
        lines.append(_line(stream, "stream", _stream_data(rows), last=_text(facts["last-generated-id"])))
    if read_to:
        for name, flat in zip(_HISTORY, next(answers), strict=True):
            lines += [_line(name, "hash", [[_text(f), _text(v)] for f, v in zip(flat[::2], flat[1::2], strict=True)])]
    return lines


_COMING_AND_GOING = {
    keys.ALERTS: "hash",
    keys.TOMBSTONES: "zset",
    keys.UNROUTED: "set",
    keys.GROUPS: "hash",
    keys.TIMERS: "zset",
    keys.OPEN: "set",
    keys.SETTLED: "zset",
    keys.RECENT: "zset",
    keys.COMPONENTS: "hash",
    keys.MIRRORED_OPEN: "set",
    keys.WITHDRAWN: "set",
}
_CHANGING = (keys.INCIDENTS, keys.OPEN, keys.MIRRORED, keys.MIRRORED_OPEN, keys.SETTLED)


def _line(name: bytes, kind: str, data: Any, *, ttl: int = 0, last: Any = None) -> str:
    line: dict[str, Any] = {"key": _text(name), "kind": kind, "data": data}
    if ttl > 0:
        line["ttl"] = ttl
    if last:
        line["last"] = last
    return json.dumps(line)


def _text(raw: bytes) -> str | list[str]:
    """Text as it is; a list with base64 for what is not text."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(raw).decode()]


def _hash_data(name: bytes, rows: Mapping[bytes, bytes]) -> list[Any]:
    is_lane = name.startswith(_LANES)
    return [[_text(f), _text(v)] for f, v in rows.items() if not (is_lane and f in _LEASE_FIELDS)]


def _stream_data(rows: Sequence[_Row]) -> list[Any]:
    return [[position.decode(), [[_text(f), _text(v)] for f, v in row.items()]] for position, row in rows]


def _texts(name: bytes, values: Iterable[bytes]) -> list[Any]:
    return [_text(value) for value in values]


_READ: dict[str, Any] = {
    "string": lambda pipe, name: pipe.get(name),
    "hash": lambda pipe, name: pipe.hgetall(name),
    "set": lambda pipe, name: pipe.smembers(name),
    "zset": lambda pipe, name: pipe.zrange(name, 0, -1, withscores=True),
    "list": lambda pipe, name: pipe.lrange(name, 0, -1),
}
_DATA: dict[str, Any] = {
    "string": lambda name, value: _text(value),
    "hash": _hash_data,
    "set": lambda name, members: _texts(name, sorted(members)),
    "zset": lambda name, rows: [[_text(member), score] for member, score in rows],
    "list": _texts,
}
