"""Rows that move over the boundary between two pages of a list, as they do when others write while a client reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from flask import has_request_context, request

from bridge.sandbox.dump.columns import TEXT, Many, Tuple, choice

Row = TypeVar("Row")

SLIP_KEY = "sandbox.slip"
"""Where the gate leaves the slip of a call in the WSGI environment."""


@dataclass(frozen=True)
class Slip:
    """How far the window of one page read is moved against the rows.

    Attributes:
        start: rows by which the window begins later; negative is earlier.
        more: rows that the page holds beyond its size.
        total: rows by which the whole list seems longer.
    """

    start: int = 0
    more: int = 0
    total: int = 0

    def cut(self, rows: Sequence[Row], start: int, size: int) -> list[Row]:
        """The rows of the page that begins at ``start``; the first page never moves."""
        if start <= 0:
            return list(rows[start : start + size])
        begin = max(0, start + self.start)
        return list(rows[begin : begin + size + self.more])

    def count(self, rows: Sequence[object]) -> int:
        """How many rows the list seems to have."""
        return max(0, len(rows) + self.total)


STILL = Slip()
REPEATED = Slip(start=-1, more=1)
"""The last row of the page before appears again on top; the page is one row longer."""
INSERTED = Slip(start=-1, total=1)
"""Somebody put a row in front of all: each row moved one place on, the last of the page before is read twice."""
REMOVED = Slip(start=1, total=-1)
"""Somebody took away a row that was read already: each row moved one place back, and one is never read."""


def current() -> Slip:
    """The slip of the running request."""
    found = request.environ.get(SLIP_KEY, STILL) if has_request_context() else STILL
    return found if isinstance(found, Slip) else STILL


_MOVES = {INSERTED: "inserted", REMOVED: "removed"}


class Slips:
    """Lists whose rows have moved since their first page was read; reading the first page again ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moved: dict[str, Slip] = {}

    def of(self, path: str, query: str, later: bool, new: Slip) -> Slip:
        """The slip of one call.

        Args:
            path: of the list.
            query: of the call; all but the page number belongs to the list's identity.
            later: whether a page behind the first is read.
            new: what a fault says about this call.
        """
        key = f"{path}?{urlencode([pair for pair in parse_qsl(query) if pair[0] != 'page'])}"
        with self._lock:
            if not later:
                self._moved.pop(key, None)
                return STILL
            if new in (INSERTED, REMOVED):
                self._moved[key] = new
            return new if new != STILL else self._moved.get(key, STILL)

    def clear(self) -> None:
        """All rows stand still again."""
        with self._lock:
            self._moved.clear()

    def save(self) -> list[list[Any]]:
        """Which lists have moved, for a dump."""
        with self._lock:
            return [[key, _MOVES[slip]] for key, slip in self._moved.items()]

    def prepare(self, saved: Any, where: str) -> Callable[[], None]:
        """Check what ``save`` wrote; what is given back puts it in place. Raises BrokenDump."""
        rows = Many(of=Tuple(of=(TEXT, choice(*_MOVES.values())))).read(saved, where)
        slips = {word: slip for slip, word in _MOVES.items()}

        def apply() -> None:
            with self._lock:
                self._moved = {key: slips[word] for key, word in rows}

        return apply


def is_later(query: str, first: int | None) -> bool:
    """Whether a query asks for a page behind the first one; ``first`` is None for what has no pages."""
    number = dict(parse_qsl(query)).get("page", "")
    return first is not None and number.isascii() and number.isdigit() and int(number) > first
