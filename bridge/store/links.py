"""Links: for one canonical object on one destination, the remote id and what was last written there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

import redis

from bridge.clock import to_millis
from bridge.errors import LeaseLost
from bridge.model.enums import Kind
from bridge.model.facts import Link, ObjectKey
from bridge.model.schemas import dump, load
from bridge.store import keys
from bridge.store.connection import Scripts, translated
from bridge.store.lanes import Lease


class Links:
    """Links of all destinations. Every write carries the lease of the destination's lane."""

    def __init__(self, client: redis.Redis, scripts: Scripts) -> None:
        self._client = client
        self._scripts = scripts

    @translated
    def get(self, destination: str, key: ObjectKey) -> Link:
        """The link of an object; an absent one when there is none."""
        raw = cast(bytes | None, self._client.hget(keys.links(destination), str(key)))
        return load(Link, json.loads(raw)) if raw else Link()

    @translated
    def many(self, destination: str, wanted: Iterable[ObjectKey]) -> dict[ObjectKey, Link]:
        """Several links at once; absent ones are left out."""
        names = list(wanted)
        if not names:
            return {}
        rows = cast(list[bytes | None], self._client.hmget(keys.links(destination), [str(key) for key in names]))
        return {key: load(Link, json.loads(raw)) for key, raw in zip(names, rows, strict=True) if raw}

    @translated
    def all(self, destination: str) -> dict[ObjectKey, Link]:
        """Every link of a destination."""
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.links(destination)))
        return {ObjectKey.parse(name.decode()): load(Link, json.loads(raw)) for name, raw in rows.items()}

    @translated
    def owner(self, destination: str, kind: Kind, remote_id: str) -> ObjectKey | None:
        """The object of a kind that is linked with a remote id.

        Reads every link of the destination, but parses only the likely ones; for rare questions (a lost answer at a
        provider that carries no marker).
        """
        needle = json.dumps(remote_id, ensure_ascii=False).encode()
        for name, raw in self._client.hscan_iter(keys.links(destination), match=f"{kind}:*", count=1000):
            if needle in raw and load(Link, json.loads(raw)).remote_id == remote_id:
                return ObjectKey.parse(name.decode())
        return None

    def keep(self, lease: Lease, links: Mapping[ObjectKey, Link]) -> None:
        """Save links; the outbox stays as it is.

        Raises:
            LeaseLost: somebody else works on the destination; nothing was written.
        """
        self._write(lease, next(iter(links)), "keep", 0, 0, links)

    def done(self, lease: Lease, key: ObjectKey, rank: int, revision: int, links: Mapping[ObjectKey, Link]) -> None:
        """Save links and take the object out of the outbox, if the revision owed is not newer than the written one."""
        self._write(lease, key, "done", revision, rank, links)

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
            pipe.srem(keys.dead(destination), str(key))
            pipe.execute()

    @translated
    def _write(
        self, lease: Lease, key: ObjectKey, what: str, number: int, rank: int, links: Mapping[ObjectKey, Link]
    ) -> None:
        destination = lease.lane.name
        pairs: list[str] = []
        for name, link in links.items():
            pairs += [str(name), _json(link)]
        written = self._scripts.run(
            "write_link",
            [
                keys.lane(str(lease.lane)),
                keys.links(destination),
                keys.owed(destination),
                keys.outbox(destination, rank),
                keys.dead(destination),
            ],
            [lease.token, str(key), what, number, *pairs],
        )
        if not written:
            raise LeaseLost(f"the lease of {lease.lane} was lost")


def _json(link: Link) -> str:
    return json.dumps(dump(link), ensure_ascii=False, separators=(",", ":"))
