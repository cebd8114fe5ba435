"""Canonical ids: ours, sortable by time, safe in URLs, file names and RQ job ids."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_TIME_CHARS = 9  # 45 bits of milliseconds: enough until the year 3084
_RANDOM_CHARS = 11  # 55 bits


def new_id(prefix: str, now: datetime, *parts: str) -> str:
    """An id such as ``inc_0h6x2k9vw8c3m1p4q7r2``; ids made later sort later.

    Args:
        prefix: three letters that tell the kind of object: ``inc``, ``upd``, ``mnt``, ``dlv``.
        now: the moment of creation.
        parts: what the id stands for. With parts the id is a pure function of its arguments, so that deciding
            the same thing twice makes one object; without them its tail is random.
    """
    stamp = _base32(int(now.timestamp() * 1000), _TIME_CHARS)
    tail = _digest(parts) if parts else secrets.randbits(5 * _RANDOM_CHARS)
    return f"{prefix}_{stamp}{_base32(tail, _RANDOM_CHARS)}"


def derived_id(prefix: str, *parts: str) -> str:
    """An id that depends on nothing but its parts, not even on time."""
    return f"{prefix}_{_base32(_digest(parts), _TIME_CHARS + _RANDOM_CHARS)}"


def made_at(identity: str) -> datetime | None:
    """When an id of :func:`new_id` was made, to the millisecond; None where it does not tell."""
    stamp = identity.partition("_")[2][:_TIME_CHARS]
    if len(identity) < 4 + _TIME_CHARS + _RANDOM_CHARS or any(char not in _ALPHABET for char in stamp):
        return None
    millis = 0
    for char in stamp:
        millis = millis << 5 | _ALPHABET.index(char)
    try:
        return datetime.fromtimestamp(millis / 1000, UTC)
    except (OverflowError, ValueError):
        return None


def _digest(parts: tuple[str, ...]) -> int:
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(joined).digest()[:13], "big")


def _base32(number: int, width: int) -> str:
    """The lowest ``5 * width`` bits, most significant first."""
    return "".join([_ALPHABET[number >> shift & 31] for shift in range(5 * (width - 1), -1, -5)])
