"""Notifications about hosts and services, as Nagios and its descendants (Icinga, Checkmk) send them.

The state decides first: OK and UP end an alert whatever the type of the notification says, unless the type is talk
beside the matter (downtimes, flapping that ends, custom messages). The key is the host, or host and service with a
slash between; host names have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, ZonedOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Tolerant, shown, to_text

_BESIDE = (
    "downtimestart downtimeend downtimeremoved downtimecancelled downtimecanceled "
    "flappingend flappingstop flappingdisabled custom"
)
TYPES: Mapping[str, Action] = {
    "problem": Action.TRIGGER,
    "recovery": Action.RESOLVE,
    **dict.fromkeys(("acknowledgement", "acknowledgment", "flappingstart"), Action.UPDATE),
    **dict.fromkeys((*_BESIDE.split(), "alerthandler"), Action.IGNORE),
}
"""Type of a notification, in lower case without anything but letters → action."""

STATES: Mapping[str, AlertSeverity | Action] = {
    **dict.fromkeys(("ok", "up"), Action.RESOLVE),
    **dict.fromkeys(("critical", "crit", "down"), AlertSeverity.CRITICAL),
    **dict.fromkeys(("unreachable", "unreach"), AlertSeverity.MAJOR),
    **dict.fromkeys(("warning", "warn"), AlertSeverity.MINOR),
    **dict.fromkeys(("unknown", "unkn", "pending", "pend"), AlertSeverity.INFO),
}
"""State of a host or a service in lower case → severity, or resolve."""

_OBJECTS = ("host", "service")
"""What some scripts write where others have the type of the notification."""
_TALK = "a notification about a downtime, flapping or something else that is no change of state"
_JOINTS = str.maketrans("", "", "_- ")
_SERVICE_NUMBERS = dict(enumerate(("ok", "warning", "critical", "unknown")))
_HOST_NUMBERS = dict(enumerate(("up", "down", "unreachable")))


class NotificationType(Tolerant[Action]):
    """``PROBLEM``, ``DowntimeStart``, ``FLAPPING_START``, ``ALERTHANDLER (OK)`` …"""

    def _read(self, value: Any) -> Action | None:
        text = to_text(value)
        word = "".join(char for char in text.partition("(")[0].casefold() if char.isalpha())
        if word in _OBJECTS:
            return None
        if word and word not in TYPES:
            raise ValidationError(f"unknown word {shown(text)}; known are: {', '.join(sorted(TYPES))}.")
        return TYPES.get(word)


class HostStateSchema(Element):
    """A notification; ``kind`` is its type."""

    kind = NotificationType(data_key="notification_type")
    host = Key(required=True)
    service = Key()
    host_display = Line()
    service_display = Line()
    address = Line()
    state = Text()
    text = Text()
    author = Line()
    comment = Text()
    url = Text()
    at = Moment(data_key="datetime")
    labels = TextMap()


class HostStateSource(JsonSource):
    """Base of the sources for this family; they say where the fields are."""

    options_schema: ClassVar[type[Schema]] = ZonedOptions
    element: ClassVar[type[Schema]] = HostStateSchema

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One notification about a host or a service."""
        host, service = alert["host"], alert["service"]
        meaning = state_meaning(alert["state"], of_service=service is not None)
        if alert["kind"] is None and meaning is None:
            raise ValidationError({"state": ["is missing." if alert["state"] is None else "is not known."]})
        kind = alert["kind"] or Action.TRIGGER
        action = Action.RESOLVE if meaning is Action.RESOLVE and kind is not Action.IGNORE else kind
        severity = meaning if isinstance(meaning, AlertSeverity) and action is not Action.RESOLVE else None
        known = {"host": host, "service": service, "address": alert["address"], "state": alert["state"]}
        note = ": ".join(filter(None, (alert["author"], alert["comment"])))
        host_name, service_name = alert["host_display"] or host, alert["service_display"] or service
        return self.statement(
            notes,
            action,
            f"{host}/{service}" if service else host,
            title=f"{service_name} on {host_name}" if service else host_name,
            severity=severity,
            text=alert["text"],
            labels={**(alert["labels"] or {}), **{name: text for name, text in known.items() if text}},
            url=alert["url"],
            internal_note=note or None,
            at=alert["at"],
            reason=_TALK if kind is Action.IGNORE else None,
        )


def state_meaning(state: str | None, of_service: bool) -> AlertSeverity | Action | None:
    """What a state means; a number is that of a service or of a host."""
    word = (state or "").strip().casefold()
    if word.isascii() and word.isdigit():
        numbers = _SERVICE_NUMBERS if of_service else _HOST_NUMBERS
        word = numbers.get(int(word[:3]), word)
    return STATES.get(word)


def plain_names(element: Mapping[str, Any]) -> dict[str, Any]:
    """The members under names in lower case without ``_``, ``-`` and blanks: ``HOSTNAME`` and ``host_name`` are one."""
    return {str(name).casefold().translate(_JOINTS): value for name, value in element.items()}
