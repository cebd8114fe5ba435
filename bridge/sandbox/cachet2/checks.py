"""The validation rules that Cachet 2 uses, with its messages (2.4 wording)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2.answers import ApiError

Rules = Mapping[str, Sequence[str]]
"""Field → rules, in order. A rule is ``name`` or ``name:argument,argument``."""

_URL = re.compile(r"(?:https?|ftp)://[^\s/?#%]+\.?[^\s]*\Z", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*\Z")
_NUMERIC_RULES = ("int", "numeric")

MESSAGES = {
    "required": "The {name} field is required.",
    "string": "The {name} must be a string.",
    "int": "The {name} must be an integer.",
    "bool": "The {name} field must be true or false.",
    "array": "The {name} must be an array.",
    "numeric": "The {name} must be a number.",
    "url": "The {name} format is invalid.",
    "email": "The {name} must be a valid email address.",
    "min": "The {name} must be at least {0}.",
    "max": "The {name} may not be greater than {0}.",
    "between": "The {name} must be between {0} and {1}.",
    "in": "The selected {name} is invalid.",
    "required_with": "The {name} field is required when {other} is present.",
    "divides_60": "Threshold must divide by 60.",
}
OLD_MESSAGES = {
    "required": "The {name} format is invalid.",
    "email": "The {name} must be between :min and :max digits.",
    "between": "The {name} must be a date before :date.",
}
"""Where 2.3 differs: its English file is shifted, so each rule shows the text of another one."""


def check(values: Mapping[str, Any], rules: Rules, version: str) -> None:
    """Apply all rules; raises a 400 with all messages. ``None`` is a value that was not sent."""
    texts = {**MESSAGES, **OLD_MESSAGES} if version == "2.3" else MESSAGES
    messages = [message for field, names in rules.items() for message in _check_field(values, field, names, texts)]
    if messages:
        raise ApiError(400, messages)


def _check_field(values: Mapping[str, Any], field: str, names: Sequence[str], texts: Mapping[str, str]) -> list[str]:
    value = values.get(field)
    failed = []
    for name, _, rest in (rule.partition(":") for rule in names):
        arguments = rest.split(",") if rest else []
        if name == "required":
            if _is_empty(value):
                return [_message(texts[name], field, arguments)]
        elif name == "required_with":
            if _is_empty(value) and not _is_empty(values.get(arguments[0])):
                return [_message(texts[name], field, arguments)]
        elif value is not None and value != "" and not _holds(name, value, arguments, names):
            failed.append(_message(texts[name], field, arguments))
    return failed


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _holds(name: str, value: Any, arguments: list[str], names: Sequence[str]) -> bool:
    if name in ("min", "max", "between"):
        size = _size(value, names)
        low = float(arguments[0]) if name != "max" else float("-inf")
        high = float(arguments[-1]) if name != "min" else float("inf")
        return low <= size <= high
    if name == "in":
        return str(value) in arguments
    return _TESTS[name](value)


def _size(value: Any, names: Sequence[str]) -> float:
    """A number's value when the field is declared numeric, else the length: ``"x"`` is 1 long and passes ``max:4``."""
    if php.is_numeric(value) and any(name in _NUMERIC_RULES for name in names):
        return php.to_float(value)
    if isinstance(value, list | dict | str):
        return len(value)
    return len(str(int(value)) if isinstance(value, bool) else str(value))


def _divides_60(value: Any) -> bool:
    threshold = php.to_int(value)
    if threshold == 0:
        raise ApiError(500)  # the program divides by it
    return 60 % abs(threshold) == 0


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)) or value in ("0", "1")


_TESTS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "int": php.is_int,
    "bool": _is_bool,
    "array": lambda value: isinstance(value, list | dict),
    "numeric": php.is_numeric,
    "url": lambda value: isinstance(value, str) and _URL.match(value) is not None,
    "email": lambda value: isinstance(value, str) and _EMAIL.match(value) is not None,
    "divides_60": _divides_60,
}


def _message(text: str, field: str, arguments: list[str]) -> str:
    other = arguments[0].replace("_", " ") if arguments else ""
    return text.format(*arguments, name=field.replace("_", " "), other=other)
