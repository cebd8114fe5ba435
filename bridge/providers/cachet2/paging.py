"""Lists that cannot be read page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.providers.base.paging import CountedPages, Fetch, Unpaged

_FIRST = 1000
_GROWTH = 100
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Backwards(CountedPages):
    """The last page first, and the rows of each page from its end: for lists that begin with the oldest."""

    def pages(self, fetch: Fetch, limit: int | None = None) -> Iterator[tuple[list[Any], Any]]:
        """Page by page. The first one is read first, as it tells how many there are, and given last."""
        size = min(limit or self.limit, self.limit)
        answer = fetch({self.page: self.first, self.size: size})
        first, total = self.rows_of(answer), self.total(answer) or 0
        for number in range(-(-total // size), self.first, -1):
            other = fetch({self.page: number, self.size: size})
            yield self.rows_of(other)[::-1], other
        if first:
            yield first[::-1], answer


@dataclass(frozen=True, slots=True)
class Whole(CountedPages):
    """All rows in one answer, for filtered lists: next to a filter ``page`` is taken for a column and breaks the query.

    There is no upper limit to ``per_page`` (2.3 and 2.4, measured), so what the first answer lacks is asked for anew.
    """

    def pages(self, fetch: Fetch, limit: int | None = None) -> Iterator[tuple[list[Any], Any]]:
        """One page with everything.

        Raises:
            Unpaged: the list grows faster than it can be read.
        """
        size = _FIRST
        for _ in range(_ATTEMPTS):
            answer = fetch({self.size: size})
            rows = self.rows_of(answer)
            total = self.total(answer)
            if total is None or total <= len(rows):
                if rows:
                    yield rows, answer
                return
            size = total + _GROWTH
        raise Unpaged(f"{len(rows)} of {total} rows came, however many were asked for")
