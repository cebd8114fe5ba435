"""Declared fields of request bodies, and the one function that checks a body against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bridge.sandbox.statuspage.http import Refusal

_FIRST_YEAR = 1900
_TRUE = frozenset({"t", "true", "1"})
_FALSE = frozenset({"f", "false", "0"})


class Wrong(Exception):
    """A value is not what its field takes; the text follows the field's name in the error."""


@dataclass(frozen=True)
class Field:
    """One writable field.

    Attributes:
        read: turns the raw value into the stored one or raises :class:`Wrong`. Its second argument tells whether
            the body was a form, where everything is text.
        required: must be there, and not blank, when the object is made.
        nullable: whether null is a value of its own; otherwise null counts as not sent.
    """

    name: str
    read: Callable[[Any, bool], Any]
    required: bool = False
    nullable: bool = True


def text(limit: int | None = None) -> Callable[[Any, bool], str]:
    """A string of at most ``limit`` characters."""

    def read(value: Any, _form: bool) -> str:
        if not isinstance(value, str):
            raise Wrong("must be a string")
        if limit is not None and len(value) > limit:
            raise Wrong(f"is too long (maximum is {limit} characters)")
        return value

    return read


def choice(options: Iterable[str]) -> Callable[[Any, bool], str]:
    """One of the given words."""
    allowed = frozenset(options)

    def read(value: Any, _form: bool) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise Wrong("is not included in the list")
        return value

    return read


def flag(value: Any, form: bool) -> bool:
    """A boolean. Forms spell it ``t`` and ``f``; in JSON a string is refused."""
    if isinstance(value, bool):
        return value
    if form and isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise Wrong("must be a boolean")


def moment(value: Any, _form: bool) -> datetime:
    """An ISO 8601 time with offset, kept in UTC to the millisecond."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise Wrong("must be an ISO 8601 date and time with offset")
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise ValueError(value)
        parsed = parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Wrong("must be an ISO 8601 date and time with offset") from error
    if parsed.year < _FIRST_YEAR:
        raise Wrong("is too long ago")
    return parsed.replace(microsecond=parsed.microsecond // 1000 * 1000)


def day(value: Any, _form: bool) -> date:
    """A date, ``YYYY-MM-DD``."""
    if not isinstance(value, str) or len(value) != len("2024-01-01"):
        raise Wrong("must be a date (YYYY-MM-DD)")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Wrong("must be a date (YYYY-MM-DD)") from error


def ids(value: Any, _form: bool) -> list[str]:
    """A list of ids, without repetitions."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Wrong("must be a list of ids")
    return list(dict.fromkeys(value))


def integer(value: Any, form: bool) -> int:
    """A whole number."""
    if form and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong("is not a number")
    return value


def number(value: Any, form: bool) -> float:
    """Any number."""
    if form and isinstance(value, str):
        try:
            return float(value)
        except ValueError as error:
            raise Wrong("is not a number") from error
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("is not a number")
    return value


def read_fields(fields: Iterable[Field], raw: Mapping[str, Any], *, form: bool, creating: bool) -> dict[str, Any]:
    """The checked values of the fields that were sent; unknown keys are ignored.

    Raises:
        Refusal: 422 with every problem at once.
    """
    values: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for spec in fields:
        if spec.name not in raw:
            if spec.required and creating:
                problems.append((spec.name, "can't be blank"))
            continue
        value = raw[spec.name]
        if spec.required and (value is None or (isinstance(value, str) and not value.strip())):
            problems.append((spec.name, "can't be blank"))
        elif value is None:
            if spec.nullable:
                values[spec.name] = None
        else:
            try:
                values[spec.name] = spec.read(value, form)
            except Wrong as wrong:
                problems.append((spec.name, str(wrong)))
    if problems:
        raise Refusal(422, problems)
    return values
