"""Lists of Cachet 2: filters that clash with paging, and a sort that only goes down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2.answers import ApiError, Window, page_body
from bridge.sandbox.cachet2.call import Call
from bridge.sandbox.table import Row

_NEVER_A_COLUMN = ("sort", "order", "per_page")


@dataclass(frozen=True)
class Listable:
    """What one list can do.

    Attributes:
        sorts: columns for ``sort``.
        filters: columns for filters, of which one in the query makes every other key a column too.
        ascends: whether ``order`` is honoured (component groups only).
        walked: column by which the rows of an unsorted list come where a page holds less than all of them: the database
            then goes along the index of the condition (recorded of MariaDB: hidden incidents came first).
    """

    sorts: Sequence[str] = ()
    filters: Sequence[str] = ()
    ascends: bool = False
    walked: str | None = None


def answer_list(call: Call, rows: Iterable[Row], spec: Listable, shape: Callable[[Call, Row], Any]) -> Any:
    """Filter, sort and cut ``rows``, and put the shown ones into the list envelope."""
    window = _window(call)
    found = sort_rows(call, filter_rows(call, list(rows), spec), spec, window.per_page)
    start = (window.page - 1) * window.per_page
    shown = [shape(call, row) for row in call.slip.cut(found, start, window.per_page)]
    return page_body(shown, call.slip.count(found), window, call.url, call.query, 0 if call.old else 1)


def filter_rows(call: Call, rows: list[Row], spec: Listable) -> list[Row]:
    """Exact filters; a key that is no column next to a filter is a database error (trap 8)."""
    if not any(key in spec.filters for key in call.query):
        return rows
    for key, value in call.query.items():
        if key in _NEVER_A_COLUMN:
            continue
        if not rows and key not in spec.filters:
            raise ApiError(500)
        if (rows and key not in rows[0]) or key == "tags":
            raise ApiError(500)
        rows = [row for row in rows if _equal(row[key], value)]
    return rows


def _equal(stored: Any, wanted: Any) -> bool:
    """MySQL's comparison: numbers by value (a word is 0), texts without regard to case."""
    if isinstance(wanted, list | dict):
        return False
    if isinstance(stored, bool | int | float):
        return float(stored) == php.to_float(wanted)
    return isinstance(stored, str) and stored.casefold() == str(wanted).casefold()


def sort_rows(call: Call, rows: list[Row], spec: Listable, per_page: int) -> list[Row]:
    """``sort`` descends whatever ``order`` says, except where the list honours it; unknown columns are ignored."""
    column = call.query.get("sort")
    if column not in spec.sorts:
        filtered = any(key in spec.filters for key in call.query)
        walked = spec.walked if per_page < len(rows) and not filtered else None
        return rows if walked is None else sorted(rows, key=lambda row: _key(row.get(walked)))
    down = not (spec.ascends and call.query.get("order", "asc") == "asc")
    return sorted(rows, key=lambda row: _key(row.get(str(column))), reverse=down)


def _key(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, datetime):
        return (1, value.astimezone(UTC).timestamp())
    return (1, value.casefold()) if isinstance(value, str) else (1, value)


def _window(call: Call) -> Window:
    asked = call.query.get("per_page", 20)
    if not php.is_int(asked) or php.to_int(asked) < 0:
        raise ApiError(500)
    page = call.query.get("page", 1)
    number = php.to_int(page) if php.is_int(page) else 1
    return Window(php.to_int(asked) or 15, max(1, number))
