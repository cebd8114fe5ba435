"""Secrets as a type: they print as dots everywhere and are shown only on purpose."""

from __future__ import annotations

import hmac

_MASK = "•••"


class Secret:
    """A value that must never be logged, dumped or shown.

    ``str``, ``repr`` and formatting give dots; :meth:`reveal` is the only way to the value. It has no
    ``__json__`` and no ``__dict__``, so generic dumpers cannot find it either.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that sends or checks it."""
        return self._value

    def matches(self, candidate: str | bytes) -> bool:
        """Compare in constant time. An empty secret matches nothing."""
        other = candidate if isinstance(candidate, bytes) else candidate.encode("utf-8", "surrogatepass")
        mine = self._value.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(mine, other) and bool(mine)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return f"Secret({_MASK!r})"

    def __str__(self) -> str:
        return _MASK

    def __format__(self, spec: str) -> str:
        return format(_MASK, spec)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not to be pickled")
