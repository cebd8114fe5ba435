"""Links: for one canonical object on one destination, the remote id and what was last written there."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import cast

import redis

from bridge.clock import to_millis
from bridge.errors import LeaseLost
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.schemas import dump, load
from bridge.store import keys
from bridge.store.connection import Scripts, translated
from bridge.store.lanes import Lease
from bridge.store.packed import unpack
from bridge.store.replicas import Replicas

_PARSED = 2048
"""Links kept parsed, by what is stored: each call to a page asks for those of all its components."""
_REMOTE_ID = re.compile(rb'"remote_id":("(?:[^"\\]|\\.)*")')


class Links:
    """Links of all destinations. Every write carries the lease of the destination's lane."""

    def __init__(self, client: redis.Redis, scripts: Scripts, replicas: Replicas) -> None:
        self._client = client
        self._scripts = scripts
        self._replicas = replicas
        self._parse = functools.lru_cache(_PARSED)(_parse)

    @translated
    def get(self, destination: str, key: ObjectKey) -> Link:
        """The link of an object; an absent one when there is none."""
        raw = cast(bytes | None, self._client.hget(keys.links(destination), str(key)))
        return self._parse(raw) if raw else Link()

    @translated
    def many(self, destination: str, wanted: Iterable[ObjectKey]) -> dict[ObjectKey, Link]:
        """Several links at once; absent ones are left out."""
        names = list(wanted)
        if not names:
            return {}
        rows = cast(list[bytes | None], self._client.hmget(keys.links(destination), [str(key) for key in names]))
        return {key: self._parse(raw) for key, raw in zip(names, rows, strict=True) if raw}

    @translated
    def all(self, destination: str) -> dict[ObjectKey, Link]:
        """Every link of a destination."""
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.links(destination)))
        return {ObjectKey.parse(name.decode()): _parse(raw) for name, raw in rows.items()}

    @translated
    def owner(self, destination: str, kind: Kind, remote_id: str) -> ObjectKey | None:
        """The object of a kind that is linked with a remote id.

        Reads every link of the destination, but parses only the likely ones; for rare questions (a lost answer at a
        provider that carries no marker).
        """
        needle = json.dumps(remote_id, ensure_ascii=False).encode()
        for name, raw in self._client.hscan_iter(keys.links(destination), match=f"{kind}:*", count=1000):
            if needle in unpack(raw) and _parse(raw).remote_id == remote_id:
                return ObjectKey.parse(name.decode())
        return None

    def keep(self, lease: Lease, links: Mapping[ObjectKey, Link]) -> None:
        """Save links; the outbox stays as it is. What is kept survives a fail-over, if replicas are waited for.

        Raises:
            LeaseLost: somebody else works on the destination; nothing was written.
            StoreDown: too few replicas have it: a call that was intended must not be made.
        """
        self._write(lease, next(iter(links)), "keep", 0, 0, links)
        self._replicas.confirm()

    def done(
        self, lease: Lease, key: ObjectKey, rank: int, revision: int, links: Mapping[ObjectKey, Link], wishes: str = ""
    ) -> None:
        """Save links and take the object out of the outbox, if no newer revision and no other wish is owed by now."""
        self._write(lease, key, "done", revision, rank, links, wishes)

    def later(
        self, lease: Lease, key: ObjectKey, rank: int, not_before: datetime, links: Mapping[ObjectKey, Link]
    ) -> None:
        """Save links and look at the object again, but not before a time."""
        self._write(lease, key, "later", to_millis(not_before), rank, links)

    def dead(self, lease: Lease, key: ObjectKey, rank: int, links: Mapping[ObjectKey, Link]) -> None:
        """Save links and make the object a dead letter."""
        self._write(lease, key, "dead", 0, rank, links)

    @translated
    def settle_dead(self, destination: str, key: ObjectKey, link: Link) -> None:
        """Save the link of a dead letter by a person's word, and take it off the list.

        No lease is needed: nobody works on a dead letter.
        """
        with self._client.pipeline() as pipe:
            pipe.hset(keys.links(destination), str(key), _json(link))
            pipe.hdel(keys.drift(destination), str(key))
            pipe.srem(keys.dead(destination), str(key))
            pipe.execute()

    @translated
    def drift(self, destination: str) -> dict[ObjectKey, tuple[str, ...]]:
        """The objects that somebody else changed or deleted there and that are left so, each with the changed fields.

        A deleted object has none.
        """
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.drift(destination)))
        return {ObjectKey.parse(name.decode()): tuple(json.loads(raw)) for name, raw in rows.items()}

    @translated
    def has(self, destination: str, kind: Kind) -> bool:
        """Whether there is a link of a kind."""
        found = self._client.hscan_iter(keys.links(destination), match=f"{kind}:*", count=1000)
        return next(iter(found), None) is not None

    @translated
    def owners(self, destination: str, kind: Kind, remote_ids: Container[str]) -> dict[ObjectKey, Link]:
        """The links of a kind that lead to some remote ids; every link is read, and the likely ones only are parsed."""
        found: dict[ObjectKey, Link] = {}
        for name, raw in self._client.hscan_iter(keys.links(destination), match=f"{kind}:*", count=1000):
            remote = _REMOTE_ID.search(unpack(raw))
            if remote and json.loads(remote[1]) in remote_ids:
                found[ObjectKey.parse(name.decode())] = _parse(raw)
        return found

    @translated
    def _write(
        self,
        lease: Lease,
        key: ObjectKey,
        what: str,
        number: int,
        rank: int,
        links: Mapping[ObjectKey, Link],
        wishes: str = "",
    ) -> None:
        destination = lease.lane.name
        triples: list[str] = []
        for name, link in links.items():
            triples += [str(name), _json(link), _drift(link)]
        written = self._scripts.run(
            "write_link",
            [
                keys.lane(str(lease.lane)),
                keys.links(destination),
                keys.owed(destination),
                keys.dead(destination),
                keys.drift(destination),
                *keys.outboxes(destination),
            ],
            [lease.token, str(key), what, number, rank, wishes, *triples],
        )
        if not written:
            raise LeaseLost(f"the lease of {lease.lane} was lost")


def _drift(link: Link) -> str:
    """What is kept beside the links, so that counting the drift of a page does not mean reading all of them."""
    if link.theirs or (link.state is LinkState.GONE and link.error):
        return json.dumps(sorted(link.theirs))
    return ""


def _parse(raw: bytes) -> Link:
    return load(Link, json.loads(unpack(raw)))


def _json(link: Link) -> str:
    return json.dumps(dump(link), ensure_ascii=False, separators=(",", ":"))
