"""The story of an incident: every decision and every call, in order, for ``explain`` and for the dashboard."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

import redis
from redis.client import Pipeline

from bridge.model.facts import Call, ObjectKey
from bridge.model.schemas import dump, load
from bridge.model.state import Decision
from bridge.store import keys
from bridge.store.connection import translated
from bridge.store.packed import unpack_rows

KEPT = 500
"""Entries kept per incident; a flapping alert must not fill the memory."""


def add_decisions(pipe: Pipeline, decisions: Iterable[Decision]) -> None:
    """Append decisions to the stories of their incidents, inside a caller's transaction."""
    for decision in decisions:
        if decision.incident:
            _append(pipe, decision.incident, {"decision": dump(decision)})


def _append(pipe: Pipeline, subject: str, entry: dict[str, Any]) -> None:
    pipe.rpush(keys.story(subject), json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
    pipe.ltrim(keys.story(subject), -KEPT, -1)


def _count(pipe: Pipeline, destination: str, call: Call) -> None:
    status = call.status if call.status is not None else "none"
    pipe.hincrby(keys.COUNTERS, f"calls|{destination}|{call.method}|{status}", 1)


class Story:
    """Reading stories, and adding calls to them."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    @translated
    def add_calls(self, destination: str, key: ObjectKey, calls: Sequence[Call]) -> None:
        """Keep the calls that were made for an object, and count them."""
        if not calls:
            return
        with self._client.pipeline(transaction=False) as pipe:
            for call in calls:
                _count(pipe, destination, call)
                _append(pipe, key.id, {"call": dump(call), "destination": destination})
            pipe.execute()

    @translated
    def add_decision(self, decision: Decision) -> None:
        """Keep a decision that was made outside a commit, and count it."""
        with self._client.pipeline(transaction=False) as pipe:
            add_decisions(pipe, [decision])
            pipe.hincrby(keys.COUNTERS, f"decisions|{decision.why}", 1)
            pipe.execute()

    @translated
    def tell(self, destination: str, decision: Decision) -> None:
        """Keep a decision that was made while an object was mirrored, and count it."""
        with self._client.pipeline(transaction=False) as pipe:
            add_decisions(pipe, [decision])
            pipe.hincrby(keys.COUNTERS, f"drift|{destination}|{decision.why}", 1)
            pipe.execute()

    @translated
    def count_calls(self, destination: str, calls: Sequence[Call]) -> None:
        """Count calls that belong to no object (listings)."""
        if not calls:
            return
        with self._client.pipeline(transaction=False) as pipe:
            for call in calls:
                _count(pipe, destination, call)
            pipe.execute()

    @translated
    def decisions(self, incident: str) -> list[Decision]:
        """The decisions about an incident, oldest first."""
        return [load(Decision, entry["decision"]) for entry in self.entries(incident) if "decision" in entry]

    @translated
    def entries(self, subject: str) -> list[dict[str, Any]]:
        """Everything about a subject, oldest first: dicts with ``decision``, or with ``call`` and ``destination``."""
        rows = cast(list[bytes], self._client.lrange(keys.story(subject), 0, -1))
        return [json.loads(row) for row in unpack_rows(rows)]
