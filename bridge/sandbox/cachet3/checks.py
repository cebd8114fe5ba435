"""The validation rules that Cachet 3 uses, with its messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3.answers import invalid

_URL = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?\Z", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_DECIMALS = re.compile(r"[+-]?\d*\.?(\d*)\Z")


@dataclass(frozen=True)
class Rule:
    """One test of a value that was sent.

    Attributes:
        test: whether the value passes.
        message: with ``{name}`` for the field's shown name.
        after_errors: False when the rule is skipped once another rule of the field has failed.
    """

    test: Callable[[Any], bool]
    message: str
    after_errors: bool = True


@dataclass(frozen=True)
class Field:
    """All rules of one field.

    Attributes:
        required: a missing or empty value fails with ``required_message``.
        required_if: the same, but only when this says so about the whole input.
        nullable: null passes and is not looked at.
    """

    rules: tuple[Rule, ...] = ()
    required: bool = False
    required_if: Callable[[Mapping[str, Any]], bool] | None = None
    required_message: str = "The {name} field is required."
    nullable: bool = False


def _size(value: Any) -> float:
    if isinstance(value, bool):
        return len(str(int(value)))
    if isinstance(value, int | float):
        return float(value)
    return len(value) if isinstance(value, str | list | dict) else 0


def _number(value: Any) -> float:
    return php.to_float(value) if php.is_numeric(value) else _size(value)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)) or value in ("0", "1")


def _decimals(value: Any) -> int:
    if not php.is_numeric(value):
        return -1
    match = _DECIMALS.match(str(php.number(value)))
    return len(match[1]) if match else -1


STRING = Rule(lambda v: isinstance(v, str), "The {name} field must be a string.")
INTEGER = Rule(php.is_int, "The {name} field must be an integer.")
NUMERIC = Rule(php.is_numeric, "The {name} field must be a number.")
BOOLEAN = Rule(_is_bool, "The {name} field must be true or false.")
ARRAY = Rule(lambda v: isinstance(v, list | dict), "The {name} field must be an array.")
URL = Rule(lambda v: isinstance(v, str) and _URL.match(v) is not None, "The {name} field must be a valid URL.")
EMAIL = Rule(
    lambda v: isinstance(v, str) and _EMAIL.match(v) is not None, "The {name} field must be a valid email address."
)
WIDTH = Rule(
    lambda v: not isinstance(v, str) or len(v) <= 255, "The {name} field must not be greater than 255 characters."
)
NOT_NEGATIVE = Rule(lambda v: _number(v) >= 0, "The {name} field must be at least 0.")
DECIMALS = Rule(lambda v: _decimals(v) in (1, 2), "The {name} field must have 1-2 decimal places.")


def at_most(limit: int) -> Rule:
    """A number that is not greater."""
    return Rule(lambda v: _number(v) <= limit, f"The {{name}} field must not be greater than {limit}.")


def one_of(values: Collection[Any]) -> Rule:
    """An enum: numbers are taken as 1, "1", 1.0 and true, never by name."""

    def test(value: Any) -> bool:
        if all(isinstance(known, int) for known in values):
            return php.is_int(value) and php.to_int(value) in values
        return isinstance(value, str) and value in values

    return Rule(test, "The selected {name} is invalid.")


def exists(known: Callable[[Any], bool]) -> Rule:
    """A reference to a row (soft-deleted rows count as existing)."""
    return Rule(known, "The selected {name} is invalid.", after_errors=False)


def distinct(among: Sequence[Any]) -> Rule:
    """A value that occurs once in its list."""
    return Rule(lambda v: sum(v == other for other in among) <= 1, "The {name} field has a duplicate value.")


_THRESHOLD_ZERO = Rule(lambda v: php.to_int(v) != 0, "The threshold must be greater than 0.")
_THRESHOLD_FACTOR = Rule(
    lambda v: php.to_int(v) == 0 or 60 % php.to_int(v) == 0,
    "The threshold must be a factor of 60.",
)
THRESHOLD = Field((INTEGER, NOT_NEGATIVE, at_most(60), _THRESHOLD_ZERO, _THRESHOLD_FACTOR))


def check(values: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    """Check all fields in order; raises a 422 with all messages.

    Keys with dots reach into lists: ``components.0.id``.
    """
    errors = {}
    for key, field in fields.items():
        if texts := _check_field(values, key, field):
            errors[key] = texts
    if errors:
        raise invalid(errors)


def _check_field(values: Mapping[str, Any], key: str, field: Field) -> list[str]:
    sent, value = reach(values, key)
    name = key.replace("_", " ")
    empty = value is None or value in ("", [], {})
    if empty and (field.required or (field.required_if is not None and field.required_if(values))):
        return [field.required_message.format(name=name)]
    if not sent or (value is None and field.nullable):
        return []
    failed: list[str] = []
    for rule in field.rules:
        if (rule.after_errors or not failed) and not rule.test(value):
            failed.append(rule.message.format(name=name))
    return failed


def reach(values: Any, key: str) -> tuple[bool, Any]:
    """Whether a dotted key was sent, and its value."""
    for part in key.split("."):
        if isinstance(values, list) and part.isdigit() and int(part) < len(values):
            values = values[int(part)]
        elif isinstance(values, Mapping) and part in values:
            values = values[part]
        else:
            return False, None
    return True, values
