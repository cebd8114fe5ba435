"""Links: for one canonical object on one destination, the remote id and what was last written there."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

import redis

from bridge.clock import to_millis
from bridge.errors import LeaseLost
from bridge.model.actions import Create
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.schemas import dump, load
from bridge.store import keys
from bridge.store.connection import Scripts, translated
from bridge.store.lanes import Lease
from bridge.store.packed import unpack
from bridge.store.replicas import Replicas

CREATION = Create.name
"""The action of an intent to make an object."""
_PARSED = 2048
"""Links kept parsed, by what is stored: each call to a page asks for those of all its components."""


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
        """The object of a kind that is linked with a remote id."""
        return next(iter(self.owners(destination, kind, [remote_id])), None)

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
            if not _is_creation(link):
                pipe.srem(keys.creating(destination), str(key))
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
    def owners(self, destination: str, kind: Kind, remote_ids: Iterable[str]) -> dict[ObjectKey, Link]:
        """The links of a kind that lead to some remote ids."""
        wanted = list(remote_ids)
        if not wanted:
            return {}
        names = [remote_field(kind, remote_id) for remote_id in wanted]
        rows = cast(list[bytes | None], self._client.hmget(keys.remote_ids(destination), names))
        ids = {ObjectKey(kind, raw.decode()): remote_id for remote_id, raw in zip(wanted, rows, strict=True) if raw}
        # Where an object was made again, its former remote id still leads to it.
        return {key: link for key, link in self.many(destination, ids).items() if link.remote_id == ids[key]}

    @translated
    def is_creating(self, destination: str) -> bool:
        """Whether it is not known of some creation what became of it."""
        return bool(self._client.scard(keys.creating(destination)))

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
        facts: list[str] = []
        for name, link in links.items():
            remote = remote_field(name.kind, link.remote_id) if link.remote_id else ""
            facts += [str(name), _json(link), _drift(link), remote, "1" if _is_creation(link) else ""]
        written = self._scripts.run(
            "write_link",
            [
                keys.lane(str(lease.lane)),
                keys.links(destination),
                keys.owed(destination),
                keys.dead(destination),
                keys.drift(destination),
                keys.remote_ids(destination),
                keys.creating(destination),
                *keys.outboxes(destination),
            ],
            [lease.token, str(key), what, number, rank, wishes, *facts],
        )
        if not written:
            raise LeaseLost(f"the lease of {lease.lane} was lost")


def _drift(link: Link) -> str:
    """What is kept beside the links, so that counting the drift of a page does not mean reading all of them."""
    if link.theirs or (link.state is LinkState.GONE and link.error):
        return json.dumps(sorted(link.theirs))
    return ""


def remote_field(kind: Kind, remote_id: str) -> str:
    """The name under which the way back from a remote id is kept."""
    return f"{kind}:{remote_id}"


def _is_creation(link: Link) -> bool:
    """Whether it is not known what became of a creation."""
    return link.intent is not None and link.intent.action == CREATION


def _parse(raw: bytes) -> Link:
    return load(Link, json.loads(unpack(raw)))


def _json(link: Link) -> str:
    return json.dumps(dump(link), ensure_ascii=False, separators=(",", ":"))
