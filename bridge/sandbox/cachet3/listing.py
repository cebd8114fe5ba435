"""Lists of Cachet 3: filters, sorts, pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3 import impact, moments, words
from bridge.sandbox.cachet3.answers import ApiError
from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.cachet3.documents import Builder, not_allowed
from bridge.sandbox.cachet3.kinds import KINDS, Kind
from bridge.sandbox.table import Row

_DEFAULT_PER_PAGE, _MOST_PER_PAGE = 15, 100
_WORDS = {"true": True, "false": False}


def answer_list(call: Call, kind: str, rows: Iterable[Row], defaults: dict[str, str] | None = None) -> dict[str, Any]:
    """Filter, sort and cut the rows; ``defaults`` are filters that hold unless they are sent."""
    spec = KINDS[kind]
    found = _sort(call, spec, _filter(call, spec, list(rows), defaults or {}))
    builder = Builder(call, kind)
    per_page, page = _per_page(call), _page(call)
    start = (page - 1) * per_page
    shown = call.slip.cut(found, start, per_page)
    more = call.slip.count(found) > start + per_page
    return builder.many(shown, _envelope(call, page, per_page, len(shown), more))


def _per_page(call: Call) -> int:
    asked = call.query.get("per_page", _DEFAULT_PER_PAGE)
    number = php.to_int(asked) if isinstance(asked, str | int) else 0
    return max(1, min(_MOST_PER_PAGE, number))


def _page(call: Call) -> int:
    asked = call.query.get("page", 1)
    return max(1, php.to_int(asked)) if isinstance(asked, str | int) else 1


def _envelope(call: Call, page: int, per_page: int, shown: int, more: bool) -> dict[str, Any]:
    """The links carry nothing of the query but the page (trap 6); there is no total."""
    links = {"first": f"{call.url}?page=1"}
    if page > 1:
        links["prev"] = f"{call.url}?page={page - 1}"
    if more:
        links["next"] = f"{call.url}?page={page + 1}"
    first = (page - 1) * per_page + 1
    meta = {
        "current_page": page, "current_page_url": f"{call.url}?page={page}", "from": first if shown else None,
        "path": call.url, "per_page": per_page, "to": first + shown - 1 if shown else None,
    }  # fmt: skip
    return {"links": links, "meta": meta}


def _sort(call: Call, spec: Kind, rows: list[Row]) -> list[Row]:
    asked = call.query.get("sort") or spec.default_sort
    names = [name for name in str(asked).split(",") if name]
    unknown = [name.lstrip("-") for name in names if name.lstrip("-") not in spec.sorts]
    if unknown and asked != spec.default_sort:
        raise ApiError(400, not_allowed("sort", unknown, spec.sorts, "is"))
    for name in reversed(names):
        column = spec.sorts.get(name.lstrip("-"), name.lstrip("-"))
        rows = sorted(rows, key=_key(column), reverse=name.startswith("-"))
    return rows


def _key(column: str) -> Callable[[Row], tuple[int, Any]]:
    def key(row: Row) -> tuple[int, Any]:
        value = row[column]
        if value is None:
            return (0, 0)
        return (1, value.timestamp() if isinstance(value, datetime) else value)

    return key


def _filter(call: Call, spec: Kind, rows: list[Row], defaults: dict[str, str]) -> list[Row]:
    if spec.filters is None:
        return rows
    sent = call.query.get("filter", {})
    asked = {**defaults, **(sent if isinstance(sent, dict) else {})}
    allowed = [name for name, test in spec.filters.items() if call.settings.meta or test != "meta"]
    if unknown := [name for name in asked if name not in allowed]:
        raise ApiError(400, not_allowed("filter", unknown, allowed, "are"))
    for name, value in asked.items():
        if value not in ("", None):
            test = _TESTS[spec.filters[name]]
            rows = [row for row in rows if test(call, row, name, value)]
    return rows


def _values(value: Any) -> list[Any]:
    """A comma means one of; ``true`` and ``false`` become booleans."""
    return [_WORDS.get(part, part) for part in str(value).split(",")]


def _partial(call: Call, row: Row, name: str, value: Any) -> bool:
    stored = str(row[name] if row[name] is not None else "").casefold()
    return any(str(part).casefold() in stored for part in str(value).split(","))


def _exact(call: Call, row: Row, name: str, value: Any) -> bool:
    stored = row[name]
    if isinstance(stored, int):
        return any(_same_number(stored, wanted) for wanted in _values(value))
    return stored in _values(value)


def _same_number(stored: int, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return wanted is bool(stored)
    return php.is_numeric(wanted) and float(stored) == php.to_float(wanted)


def _meta(call: Call, row: Row, name: str, value: Any) -> bool:
    """Whole JSON values; a value with a comma, or no key at all, is silently ignored (trap 9)."""
    if not isinstance(value, dict):
        return True
    wanted = {key: text for key, text in value.items() if isinstance(text, str) and "," not in text}
    return all(key in row["meta"] and text in _spellings(row["meta"][key]) for key, text in wanted.items())


def _spellings(stored: Any) -> set[str]:
    return {stored} if isinstance(stored, str) else {json.dumps(stored, separators=(",", ":"))}


def _occurs(call: Call, row: Row, name: str, value: Any) -> bool:
    """The raw text is compared with the stored one, so ISO forms give odd results."""
    if row["occurred_at"] is None:
        return False
    stored = moments.text(row["occurred_at"], call.zone)
    if name == "occurs_on":
        return stored[:10] == str(value)[:10]
    return stored >= str(value) if name == "occurs_after" else stored <= str(value)


def _derived(call: Call, row: Row, name: str, value: Any) -> bool:
    """By the dates; unknown statuses are ignored, and a list of only unknown ones lets everything pass."""
    known = [v for v in str(value).split(",") if v in ("0", "1", "2")]
    return not known or any(_has_status(row, int(v), call.now) for v in known)


def _has_status(row: Row, status: int, now: datetime) -> bool:
    """A window that ends before it starts can be both upcoming and complete."""
    if status == words.UPCOMING:
        return bool(row["scheduled_at"] >= now)
    if status == words.COMPLETE:
        return row["completed_at"] is not None and bool(row["completed_at"] < now)
    return impact.schedule_status(row, now) == words.IN_PROGRESS


_TESTS: dict[str, Callable[[Call, Row, str, Any], bool]] = {
    "partial": _partial, "exact": _exact, "meta": _meta, "occurs": _occurs, "derived": _derived,
}  # fmt: skip
