"""One request to the Cachet 2 API: its input as the program sees it, its zone, its user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2 import moments
from bridge.sandbox.cachet2.answers import ApiError, missing
from bridge.sandbox.cachet2.checks import Rules, check
from bridge.sandbox.cachet2.cleaner import clean
from bridge.sandbox.cachet2.world import Settings, World
from bridge.sandbox.slip import STILL, Slip
from bridge.sandbox.state import Context
from bridge.sandbox.table import Row, Table

_NOT_SENT = object()


@dataclass
class Call:
    """What a handler gets.

    Attributes:
        input: body and query merged, uncleaned.
        query: the query alone, with PHP's brackets resolved.
        user: the token's user id, None for a guest.
        zone: zone of all dates in and out of this request.
        site: address of the site, without a slash at the end.
        slip: how far the rows of a list have moved (a fault).
    """

    world: World
    settings: Settings
    context: Context
    input: dict[str, Any]
    query: dict[str, Any]
    user: int | None
    zone: tzinfo
    now: datetime
    site: str
    url: str
    slip: Slip = STILL

    @property
    def old(self) -> bool:
        """Whether 2.3 is spoken."""
        return self.settings.version == "2.3"

    @property
    def author(self) -> int:
        """The user of a route that demands one."""
        if self.user is None:
            raise ApiError(401)
        return self.user

    def check(self, values: Mapping[str, Any], rules: Rules) -> None:
        """Validate; raises the 400 in the wording of this version."""
        check(values, rules, self.settings.version)

    def sent(self, key: str) -> bool:
        """Whether the key is in the input, null included."""
        return key in self.input

    def raw(self, key: str, default: Any = None) -> Any:
        """A value as it was sent."""
        return self.input.get(key, default)

    def get(self, key: str, default: Any = None) -> Any:
        """A value with its texts cleaned; ``default`` when the key was not sent."""
        value = self.input.get(key, _NOT_SENT)
        return default if value is _NOT_SENT else clean(value, self.settings.version)

    def flag(self, key: str, default: bool) -> bool:
        """A loosely read boolean: "false" is true, null is false."""
        return php.to_bool(self.get(key, default))

    def whole(self, key: str, default: int = 0) -> int:
        """A value cast to an integer; words become 0."""
        return php.to_int(self.get(key, default))

    def show(self, moment: datetime | None) -> str:
        """A date as this request wants it; null is shown as now."""
        return moments.show(moment or self.now, self.zone)


def find(table: Table, number: str, model: str) -> Row:
    """The live row for an id in a path, read as MySQL reads it (``1abc`` is 1); raises the 404 of its model."""
    row = table.live(php.to_int(number))
    if row is None:
        raise missing(model)
    return row
