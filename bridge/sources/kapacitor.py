"""Kapacitor's HTTP post event handler.

Facts are from the Kapacitor source. Traps that are handled here:

* ``duration`` counts nanoseconds since the alert began, so the start is known.
* The test of a handler sends an event in which nothing is set: no id, the year 1.
* The default of ``details`` is the whole event as JSON, escaped for HTML: nothing for people.
* A deadman's switch tells that no data came; missing data is not an outage. It is known by its default id and message.
* A row template can replace the body; then nothing is known about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, TextMap, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import inner

_LEVELS = {
    "ok": None,
    "info": AlertSeverity.INFO,
    "warning": AlertSeverity.MINOR,
    "critical": AlertSeverity.CRITICAL,
}
_TRIGGERS = {
    level: (Action.RESOLVE if severity is None else Action.TRIGGER, severity) for level, severity in _LEVELS.items()
}
_FIRST_YEAR, _UNSET = 1970, "0001-"
_DEADMAN_ID, _DEADMAN_TALK = ("node '", "' in task '"), (" is dead", " is alive")


class KapacitorOptions(SourceOptions):
    """``deadman``: let alerts about missing data through; they are ignored by default."""

    deadman = fields.Boolean(load_default=False)


class KapacitorSchema(Element):
    """One event."""

    id = Key()
    level = Word(_TRIGGERS)
    message = Line()
    details = Text()
    duration = Text()
    at = Moment(data_key="time")
    tags = TextMap()
    unset = Flag()


class Kapacitor(JsonSource):
    """``type: kapacitor``."""

    name: ClassVar[str] = "kapacitor"
    options_schema: ClassVar[type[Schema]] = KapacitorOptions
    element: ClassVar[type[Schema]] = KapacitorSchema
    record = Record(
        title="Kapacitor",
        resolves=Resolves.YES,
        setup=(
            "Add an [[httppost]] endpoint with the address of this source and the token in headers, and call "
            "it in the alert node.",
        ),
        used=("id, message, details, time, duration, level, previousLevel"),
        limits=(
            "A post that fails is not tried again.",
            "Without stateChangesOnly() every point posts.",
        ),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event with the tags of its first series."""
        series = inner(element, "data").get("series")
        first = series[0] if isinstance(series, list) and series else None
        unset = not element.get("id") and str(element.get("time") or "").startswith(_UNSET)
        told = {**element, "details": _for_people(element.get("details")), "tags": dict(inner(first, "tags"))}
        return {**told, "unset": unset, "level": None if unset else element.get("level")}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one alert."""
        identity, at, message = alert["id"], alert["at"], alert["message"] or ""
        if alert["unset"]:
            return self.statement(
                notes, Action.IGNORE, "test", title=message, reason="test of the handler in Kapacitor"
            )
        for name in ("id", "level"):
            if alert[name] is None:
                raise ValidationError({name: ["is missing."]})
        action, severity = alert["level"]
        deadman = all(mark in identity for mark in _DEADMAN_ID) and any(mark in message for mark in _DEADMAN_TALK)
        return self.statement(
            notes,
            action,
            identity,
            title=message,
            severity=severity,
            text=alert["details"],
            labels=alert["tags"] or {},
            at=at,
            started_at=_before(at, alert["duration"]),
            reason="deadman's switch: missing data is not an outage" if deadman and not self._lets_deadmen else None,
        )

    @property
    def _lets_deadmen(self) -> bool:
        return bool(self.options.get("deadman"))


def _for_people(details: Any) -> Any:
    """The details, unless they are the event itself once more."""
    return None if isinstance(details, str) and unescape(details).lstrip().startswith('{"') else details


def _before(at: datetime | None, nanoseconds: str | None) -> datetime | None:
    if at is None or nanoseconds is None:
        return at
    try:
        began = at - timedelta(microseconds=max(int(nanoseconds), 0) // 1_000)
    except (ValueError, OverflowError):
        return at
    return began if began.year >= _FIRST_YEAR else at
