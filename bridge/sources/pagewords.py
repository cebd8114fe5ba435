"""What a status page says about a component, in the words that hosted pages share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from bridge.model.enums import AlertSeverity, ComponentStatus
from bridge.sources.fields import Tolerant, is_left_over, shown, to_text

SEVERITIES: Mapping[ComponentStatus, AlertSeverity] = {
    ComponentStatus.OPERATIONAL: AlertSeverity.INFO,
    ComponentStatus.UNKNOWN: AlertSeverity.INFO,
    ComponentStatus.MAINTENANCE: AlertSeverity.INFO,
    ComponentStatus.DEGRADED: AlertSeverity.MINOR,
    ComponentStatus.PARTIAL_OUTAGE: AlertSeverity.MAJOR,
    ComponentStatus.MAJOR_OUTAGE: AlertSeverity.CRITICAL,
}
"""How bad a component's status is as an alert."""

_WORDS = {
    "operational": ComponentStatus.OPERATIONAL,
    "undermaintenance": ComponentStatus.MAINTENANCE,
    "degradedperformance": ComponentStatus.DEGRADED,
    "minoroutage": ComponentStatus.PARTIAL_OUTAGE,
    "partialoutage": ComponentStatus.PARTIAL_OUTAGE,
    "majoroutage": ComponentStatus.MAJOR_OUTAGE,
}


def status_of(word: str | None) -> ComponentStatus | None:
    """The status that a word means, however it is written: ``major_outage``, ``MAJOROUTAGE``; None for any other."""
    return _WORDS.get("".join(char for char in (word or "").casefold() if char.isalpha()))


class PageStatus(Tolerant[ComponentStatus]):
    """A component's status in a page's words; an unknown one is never taken for fine."""

    def _read(self, value: Any) -> ComponentStatus | None:
        word = to_text(value)
        status = status_of(word)
        if status is None and not is_left_over(word):
            raise ValidationError(f"unknown status {shown(word)}.")
        return status
