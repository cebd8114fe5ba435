"""Times at the edge of a provider: written as UTC with ``Z``, read with or without a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo


def iso(moment: datetime) -> str:
    """A moment as ``2026-01-02T03:04:05Z``; fractions of a second are cut."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: object, zone: tzinfo = UTC) -> datetime | None:
    """A provider's time, to the second; None when there is none.

    Args:
        text: ISO 8601, or the same with a blank in the middle; or a mapping with such a ``string`` (Cachet 3).
        zone: of a time that names none.
    """
    if isinstance(text, Mapping):
        text = text.get("string")
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.astimezone(UTC).replace(microsecond=0)
