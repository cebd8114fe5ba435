"""Time as an argument: pure code takes ``now``, edges take a :class:`Clock`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; replaced in tests."""

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        return datetime.now(UTC)


def to_millis(moment: datetime) -> int:
    """Milliseconds since the Unix epoch, as the store keeps times in scores."""
    return int(moment.timestamp() * 1000)


def from_millis(millis: float) -> datetime:
    """The inverse of :func:`to_millis`."""
    return datetime.fromtimestamp(millis / 1000, UTC)
