"""Times of Cachet 2: written to the minute, shown to the second, without a zone; a header says that it is UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.providers.base.moments import moment_of

_IN = "%Y-%m-%d %H:%M"
_OUT = "%Y-%m-%d %H:%M:%S"


def to_minute(at: datetime) -> datetime:
    """A moment as Cachet keeps it."""
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def written(at: datetime) -> str:
    """To the minute, without zone; the ``Time-Zone`` header says that it is UTC. Seconds would be an error 500."""
    return to_minute(at).strftime(_IN)


def floored(at: datetime) -> str:
    """A moment as Cachet will show it."""
    return to_minute(at).strftime(_OUT)


def shown_at(text: object) -> str | None:
    """A moment that Cachet shows, in the form to compare; None when there is none."""
    at = moment_of(text)
    return floored(at) if at else None
