"""Paging as each Statuspage list does it (Statuspage spec; see the table in the paging notes of the vendor)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.statuspage.http import Call, Refusal
from bridge.sandbox.statuspage.tables import PAGE_SIZE


@dataclass(frozen=True)
class Paging:
    """How one list is cut.

    Attributes:
        size_name: name of the page size parameter.
        first: number of the first page.
        largest: a greater page size is refused; 100 rows at most are given in any case.
    """

    size_name: str = "per_page"
    first: int = 1
    largest: int = PAGE_SIZE

    def cut(self, call: Call, rows: Sequence[Any]) -> list[Any]:
        """The asked page; without parameters the first 100 rows, silently truncated.

        Raises:
            Refusal: 400 for numbers that make no sense.
        """
        size = min(_number(call, self.size_name, PAGE_SIZE, 1, self.largest), PAGE_SIZE)
        page = _number(call, "page", self.first, self.first, None)
        start = (page - self.first) * size
        return call.slip.cut(rows, start, size)


PER_PAGE = Paging()
COMPONENTS = Paging(largest=1100)
"""The spec allows 1100 here, its text promises at most 100 rows."""
INCIDENTS = Paging(size_name="limit")
SUBSCRIBERS = Paging(size_name="limit", first=0)
"""The one list whose first page is 0."""


def _number(call: Call, name: str, default: int, least: int, most: int | None) -> int:
    raw = call.query.get(name)
    if raw is None or raw == "":
        return default
    if not raw.isdigit() or int(raw) < least or (most is not None and int(raw) > most):
        raise Refusal(400, [(name, "is invalid")])
    return int(raw)
