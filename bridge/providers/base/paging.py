"""How a listing goes on to its next page, as a value.

Nobody's count is trusted more than the rows themselves: an empty page always ends a listing, and so does a page that
repeats the one before it (a server that ignores the page number).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

Fetch = Callable[[Mapping[str, Any]], Any]
"""Get one page: query parameters in, the whole answer as JSON out."""


class Unpaged(ValueError):
    """An answer that is no listing; the text says what it is instead."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Bare arrays, numbered pages; a page with fewer rows than asked for is the last one (Statuspage).

    Attributes:
        page: parameter for the number of the page.
        size: parameter for the rows per page.
        first: number of the first page (0 for the Statuspage subscriber list).
        limit: rows per page that are asked for.
        rows: key of the rows in the answer; None when the answer is the array itself.
        tells_total: whether an answer may tell how many rows there are in all.
    """

    tells_total: ClassVar[bool] = False

    page: str = "page"
    size: str = "per_page"
    first: int = 1
    limit: int = 100
    rows: str | None = None

    def pages(self, fetch: Fetch, limit: int | None = None) -> Iterator[tuple[list[Any], Any]]:
        """Page by page: its rows, and the whole answer for what else it holds.

        Args:
            fetch: gets one page.
            limit: rows per page, when fewer than usual are enough.

        Raises:
            Unpaged: an answer is no listing.
        """
        size = min(limit or self.limit, self.limit)
        number = self.first
        before: list[Any] | None = None
        while True:
            answer = fetch({self.page: number, self.size: size})
            rows = self.rows_of(answer)
            if not rows or rows == before:
                return
            yield rows, answer
            if not self.goes_on(answer, number, len(rows) >= size):
                return
            before = rows
            number += 1

    def rows_of(self, answer: Any) -> list[Any]:
        """The rows of one answer."""
        found = answer if self.rows is None else answer.get(self.rows) if isinstance(answer, Mapping) else None
        if not isinstance(found, list):
            raise Unpaged(f"a list was expected, {type(answer).__name__} came")
        return found

    def goes_on(self, answer: Any, number: int, full: bool) -> bool:
        """Whether to ask for another page after this one."""
        return full

    def total(self, answer: Any) -> int | None:
        """How many rows there are on all pages; None when the answer does not tell."""
        return None


@dataclass(frozen=True, slots=True)
class CountedPages(Paging):
    """The envelope tells the number of pages and rows (Cachet 2: ``meta.pagination``).

    When the number of rows falls meanwhile, those behind have moved up, perhaps onto a page that was read already: then
    as many pages are read again as it takes to meet them.
    """

    tells_total: ClassVar[bool] = True

    rows: str | None = "data"

    def pages(self, fetch: Fetch, limit: int | None = None) -> Iterator[tuple[list[Any], Any]]:
        """Page by page; a row may come twice, and none is left out because others went."""
        size = min(limit or self.limit, self.limit)
        number, before, total = self.first, None, 0
        while True:
            answer = fetch({self.page: number, self.size: size})
            rows, gone = self.rows_of(answer), total - (self.total(answer) or 0)
            total -= gone
            if gone > 0 and number > self.first:
                number, before = max(self.first, number - ceil(gone / size)), None
                continue
            if not rows or rows == before:
                return
            yield rows, answer
            if not self.goes_on(answer, number, len(rows) >= size):
                return
            number, before = number + 1, rows

    def goes_on(self, answer: Any, number: int, full: bool) -> bool:
        """By the count; without a count, by the length of the page."""
        total = _at(answer, "meta", "pagination", "total_pages")
        return number < total if isinstance(total, int) else full

    def total(self, answer: Any) -> int | None:
        """``meta.pagination.total``."""
        total = _at(answer, "meta", "pagination", "total")
        return total if isinstance(total, int) else None


@dataclass(frozen=True, slots=True)
class LinkedPages(Paging):
    """The envelope has a link to the next page as long as there is one (Cachet 3: ``links.next``).

    The link itself is not followed: Cachet 3 leaves the rest of the query out of it.
    """

    rows: str | None = "data"

    def goes_on(self, answer: Any, number: int, full: bool) -> bool:
        """By the link."""
        return bool(_at(answer, "links", "next"))


@dataclass(frozen=True, slots=True)
class OnePage(Paging):
    """No paging documented: one bare array, or defensively ``results`` with ``next`` (PingPong).

    Page parameters are sent only from the second page on, so that the documented call is the one that is made.
    """

    rows: str | None = "results"

    def pages(self, fetch: Fetch, limit: int | None = None) -> Iterator[tuple[list[Any], Any]]:
        """The array; or page by page while the answer names a next one."""
        number = self.first
        before: list[Any] | None = None
        while True:
            answer = fetch({} if number == self.first else {self.page: number})
            rows = answer if isinstance(answer, list) else self.rows_of(answer)
            if not rows or rows == before:
                return
            yield rows, answer
            if isinstance(answer, list) or not answer.get("next"):
                return
            before = rows
            number += 1


@dataclass(frozen=True, slots=True)
class NoPaging(Paging):
    """The whole list in one answer, no parameters sent (Statuspage ``pages``, ``metrics_providers``)."""

    def pages(self, fetch: Fetch, limit: int | None = None) -> Iterator[tuple[list[Any], Any]]:
        """One page, the whole list."""
        answer = fetch({})
        rows = self.rows_of(answer)
        if rows:
            yield rows, answer


def _at(answer: Any, *path: str) -> Any:
    for key in path:
        answer = answer.get(key) if isinstance(answer, Mapping) else None
    return answer
