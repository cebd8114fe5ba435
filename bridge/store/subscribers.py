"""Subscribers that are copied: who they are, for as long as a destination is still to be told.

Addresses are personal data. They stand here and in the intent of a call that is under way, and nowhere else. Once a
destination has somebody, only an id is left that follows from the address and a key of this store.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

import redis

from bridge.model.addresses import same_form
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.model.objects import Subscriber
from bridge.model.schemas import dump, load
from bridge.store import keys
from bridge.store.connection import Scripts, translated
from bridge.store.lanes import MIRROR, Lane, Lanes
from bridge.store.outbox import BULK
from bridge.store.state import Mark, write_marks

_AT_ONCE = 200
"""Subscribers that are owed in one transaction."""
_ID_BYTES = 12


class Subscribers:
    """Subscribers on their way to destinations."""

    def __init__(self, client: redis.Redis, scripts: Scripts, lanes: Lanes) -> None:
        self._client = client
        self._scripts = scripts
        self._lanes = lanes

    @translated
    def ids(self, addresses: Iterable[str]) -> list[str]:
        """The canonical id of each address; the same one whenever and from wherever it is copied."""
        self._client.set(keys.ADDRESS_KEY, secrets.token_hex(32), nx=True)
        key = cast(bytes, self._client.get(keys.ADDRESS_KEY))
        return [_identity(key, address) for address in addresses]

    @translated
    def get(self, destination: str, identity: str) -> Subscriber | None:
        """Somebody who is owed to a destination or refused by it; None when that is over."""
        raw = cast(bytes | None, self._client.hget(keys.subscribers(destination), identity))
        return load(Subscriber, json.loads(raw)) if raw else None

    @translated
    def owe(self, destination: str, people: Sequence[Subscriber], now: datetime) -> None:
        """Keep people and owe them to a destination, some at a time: nobody is owed without being known."""
        for first in range(0, len(people), _AT_ONCE):
            some = people[first : first + _AT_ONCE]
            with self._client.pipeline() as pipe:
                for person in some:
                    pipe.hset(keys.subscribers(destination), person.id, json.dumps(dump(person), ensure_ascii=False))
                write_marks(pipe, [Mark(destination, key_of(person.id), person.revision, BULK) for person in some], now)
                pipe.execute()
        if people:
            self._lanes.wake(Lane(MIRROR, destination))

    @translated
    def forget(self, destination: str, *identities: str) -> int:
        """Forget those that a destination has by now or was told to do without; returns how many.

        Args:
            destination: its name.
            identities: look at these only; at all of them when none is named.
        """
        names = [keys.subscribers(destination), keys.owed(destination), keys.dead(destination)]
        return int(self._scripts.run("forget_subscribers", names, [f"{Kind.SUBSCRIBER}:", *identities]))


def key_of(identity: str) -> ObjectKey:
    """The object that a subscriber is."""
    return ObjectKey(Kind.SUBSCRIBER, identity)


def _identity(key: bytes, address: str) -> str:
    digest = hmac.new(key, same_form(address).encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return f"sub_{digest[:_ID_BYTES].hex()}"
