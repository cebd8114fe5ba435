"""How PHP reads and prints values; both Cachets are PHP programs and their API shows it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

_INT = re.compile(r"[+-]?(0|[1-9]\d*)\Z")
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*\Z")
_LEADING_INT = re.compile(r"\s*[+-]?\d+")
_LEADING_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def is_int(value: Any) -> bool:
    """What ``FILTER_VALIDATE_INT`` accepts: 2, "2", 2.0 and true; not 2.5, false, words."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) or (isinstance(value, str) and _INT.match(value.strip()) is not None)


def is_numeric(value: Any) -> bool:
    """Numbers and numeric strings; booleans are not numeric."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.match(value) is not None)


def to_int(value: Any) -> int:
    """The ``(int)`` cast: leading digits of a text, 0 for anything else."""
    if isinstance(value, str):
        match = _LEADING_INT.match(value)
        return int(match.group()) if match else 0
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else 0
    if isinstance(value, list | dict):
        return 1 if value else 0
    return int(value or 0)


def to_float(value: Any) -> float:
    """The ``(float)`` cast."""
    if isinstance(value, str):
        match = _LEADING_NUMBER.match(value)
        return float(match.group()) if match else 0.0
    return float(value or 0)


def to_bool(value: Any) -> bool:
    """The ``(bool)`` cast: "0" and the empty string are false, every other text is true, "false" too."""
    return bool(value) and value != "0"


def number(value: Any) -> Any:
    """A float as PHP prints it in JSON: without a fraction when it has none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def array(value: Any) -> Any:
    """A decoded JSON value after a round trip through PHP arrays: ``{}`` and ``{"0": …}`` become lists."""
    if isinstance(value, list):
        return [array(item) for item in value]
    if isinstance(value, dict):
        items = {key: array(item) for key, item in value.items()}
        if list(items) == [str(i) for i in range(len(items))]:
            return list(items.values())
        return items
    return value


def dumps(data: Any) -> bytes:
    """JSON as PHP writes it: slashes escaped, non-ASCII as escapes."""
    return json.dumps(data, separators=(",", ":")).replace("/", "\\/").encode()


def parse_query(text: str) -> dict[str, Any]:
    """Read a query string or form body with PHP's brackets: ``a[]=1&b[x]=2``."""
    result: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *keys = re.split(r"\[", name, maxsplit=1)
        path = re.findall(r"\[([^\]]*)\]", name[len(head) :]) if keys else []
        _put(result, [head.replace(".", "_").replace(" ", "_"), *path], value)
    return {key: _listed(value) for key, value in result.items()}


def _put(target: dict[str, Any], path: list[str], value: str) -> None:
    key = path[0] or str(len(target))
    if len(path) == 1:
        target[key] = value
        return
    inner = target.get(key)
    if not isinstance(inner, dict):
        inner = target[key] = {}
    _put(inner, path[1:], value)


def _listed(value: Any) -> Any:
    return array(value) if isinstance(value, dict) else value


def build_query(data: Mapping[str, Any]) -> str:
    """Write a query string as ``http_build_query`` does, with RFC 3986 escapes."""
    return "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in _flat(data))


def _flat(data: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in data.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, dict):
            pairs += _flat(value, name)
        elif isinstance(value, list):
            pairs += _flat({str(i): item for i, item in enumerate(value)}, name)
        elif value is not None:
            pairs.append((name, str(int(value)) if isinstance(value, bool) else str(value)))
    return pairs
