"""Sumo Logic monitors, with the template of ``docs/sources/sumologic.md``.

Each level of a monitor opens and closes by itself, so the level is part of the key. Times are those of the query's
window; its end stands for the event, and where it is missing the time in words, which has twelve hours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.single import facts, ignored
from bridge.sources.values import ValueSource

_LEVELS = {
    "critical": ("Critical", AlertSeverity.CRITICAL),
    "warning": ("Warning", AlertSeverity.MINOR),
    "missingdata": ("MissingData", AlertSeverity.MINOR),
}
_RESOLVED = "resolved"
_TWELVE_HOURS = ("AM UTC", "PM UTC")


class TwelveHours(Moment):
    """``07/13/2021 03:37:05 PM UTC``, and whatever else a time may look like."""

    def _read(self, value: Any) -> datetime | None:
        if isinstance(value, str) and value.strip().endswith(_TWELVE_HOURS):
            try:
                return datetime.strptime(value.strip(), "%m/%d/%Y %I:%M:%S %p UTC").replace(tzinfo=UTC)
            except ValueError:
                pass
        return super()._read(value)


class MonitorSchema(Element):
    """The values of the template."""

    id = Key(required=True)
    trigger = Text(required=True, data_key="triggerType")
    title = Line(data_key="name")
    description = Text()
    condition = Text(data_key="triggerCondition")
    value = Text(data_key="triggerValue")
    kind = Text(data_key="monitorType")
    method = Text(data_key="detectionMethod")
    window_end = Moment(data_key="triggerTimeEnd")
    at = TwelveHours(data_key="triggerTime")
    alert_url = Text(data_key="alertResponseUrl")
    query_url = Text(data_key="queryURL")


class SumoLogic(ValueSource):
    """``type: sumologic``."""

    name: ClassVar[str] = "sumologic"
    sender: ClassVar[str] = "Sumo Logic webhook"
    element: ClassVar[type[Schema]] = MonitorSchema
    record = Record(
        title="Sumo Logic monitors",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook connection with the address and the payload of this page, the recovery payload "
            "too, and the token as a custom header.",
        ),
        used=("id, name, triggerType, triggerTimeEnd, triggerCondition, triggerValue, description, queryURL"),
        limits=(
            "Each level opens and closes by itself.",
            "Groups of one monitor share its id.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One level of a monitor opens or closes."""
        word = "".join(alert["trigger"].casefold().split())
        over = word.startswith(_RESOLVED)
        level = _LEVELS.get(word.removeprefix(_RESOLVED))
        if level is None:
            return ignored(alert["id"], f"{shown(alert['trigger'])} is no level of an alert", alert["title"])
        name, severity = level
        return self.statement(
            notes,
            Action.RESOLVE if over else Action.TRIGGER,
            f"{alert['id']}:{name}",
            title=alert["title"],
            severity=None if over else severity,
            at=alert["window_end"] or alert["at"],
            text=alert["description"] or alert["condition"],
            labels=facts(
                monitor=alert["title"],
                monitor_type=alert["kind"],
                detection_method=alert["method"],
                level=name,
                condition=alert["condition"],
                value=alert["value"],
            ),
            url=alert["alert_url"] or alert["query_url"],
        )
