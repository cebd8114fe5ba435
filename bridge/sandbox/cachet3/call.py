"""One request to the Cachet 3 API: its input as the program sees it, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from random import Random
from typing import Any

from bridge.sandbox.cachet3 import impact, moments
from bridge.sandbox.cachet3.answers import ApiError, missing
from bridge.sandbox.cachet3.hooks import Before
from bridge.sandbox.cachet3.world import Settings, World
from bridge.sandbox.slip import STILL, Slip
from bridge.sandbox.state import Context
from bridge.sandbox.table import Row, Table


@dataclass
class Call:
    """What a handler gets.

    Attributes:
        input: body and query merged, texts trimmed, empty texts made null.
        query: the query alone, with PHP's brackets resolved.
        abilities: those of the token; None for a guest. ``*`` is all.
        zone: the server's zone.
        url: address of the request without query.
        slip: how far the rows of a list have moved (a fault).
        before: the rows before this write, for the webhooks.
    """

    world: World
    settings: Settings
    context: Context
    rng: Random
    input: dict[str, Any]
    query: dict[str, Any]
    abilities: frozenset[str] | None
    zone: tzinfo
    now: datetime
    url: str
    slip: Slip = STILL
    before: Before | None = None

    @property
    def guest(self) -> bool:
        """Whether no valid token came with the request."""
        return self.abilities is None

    def may(self, ability: str) -> bool:
        """Whether the token has this ability."""
        return self.abilities is not None and bool(self.abilities & {"*", ability})

    def need(self, ability: str) -> None:
        """Raise the 403 unless the token has this ability (asked after the body was checked)."""
        if not self.may(ability):
            raise ApiError(403)

    def sent(self, *keys: str) -> dict[str, Any]:
        """Those of the keys that were sent with a value other than null."""
        return {key: self.input[key] for key in keys if self.input.get(key) is not None}

    def date(self, key: str) -> datetime | None:
        """A date of the input, None when it was not sent."""
        return moments.parse(self.input.get(key), self.zone, self.now)

    def is_date(self, value: Any) -> bool:
        """The rule for date fields."""
        return moments.parse(value, self.zone, self.now) is not None

    @cached_property
    def impacts(self) -> impact.Impacts:
        """What incidents and schedules do to components at this moment."""
        return impact.collect(self.world, self.now)


def find(table: Table, number: str, model: str) -> Row:
    """The live row for an id in a path; raises the 404 of its model."""
    row = table.live(int(number)) if number.isdigit() else None
    if row is None:
        raise missing(model, number)
    return row


def trimmed(value: Any) -> Any:
    """Input as a handler sees it: texts without blanks around them, empty ones null."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return [trimmed(item) for item in value]
    if isinstance(value, dict):
        return {key: trimmed(item) for key, item in value.items()}
    return value
