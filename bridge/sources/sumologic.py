"""Sumo Logic monitors, with the template of ``docs/sources/sumologic.md``.

Each level of a monitor opens and closes by itself, so the level is part of the key. Times are those of the query's
window; its end stands for the event. The time in words is of twelve hours and not looked at.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.single import facts, ignored
from bridge.sources.values import ValueSource

_LEVELS = {
    "critical": ("Critical", AlertSeverity.CRITICAL),
    "warning": ("Warning", AlertSeverity.MINOR),
    "missingdata": ("MissingData", AlertSeverity.MINOR),
}
_RESOLVED = "resolved"


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
    at = Moment(data_key="triggerTimeEnd")
    alert_url = Text(data_key="alertResponseUrl")
    query_url = Text(data_key="queryURL")


class SumoLogic(ValueSource):
    """``type: sumologic``."""

    name: ClassVar[str] = "sumologic"
    sender: ClassVar[str] = "Sumo Logic webhook"
    element: ClassVar[type[Schema]] = MonitorSchema

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
            at=alert["at"],
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
