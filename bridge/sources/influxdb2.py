"""InfluxDB 2: the notification of a check, as its HTTP endpoint posts it: one flat row.

Facts are from documented payloads and the source. Columns that begin with ``_`` are InfluxDB's own. Of the others those
with text are tags and those with numbers are fields; check and tags are the key. ``unknown`` is what a deadman check
says. An ``ok`` comes only if a notification rule for it exists. Before 2.0 was final the body was a list of facts about
check and rule, without any tag; it has ``rule_id`` and ``check_id``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Word
from bridge.sources.record import Record, Resolves

_LEVELS = {
    "crit": (Action.TRIGGER, AlertSeverity.CRITICAL),
    "critical": (Action.TRIGGER, AlertSeverity.CRITICAL),
    "warn": (Action.TRIGGER, AlertSeverity.MINOR),
    "warning": (Action.TRIGGER, AlertSeverity.MINOR),
    "info": (Action.TRIGGER, AlertSeverity.INFO),
    "unknown": (Action.TRIGGER, None),
    "ok": (Action.RESOLVE, None),
}


_FIRST_NAMES = {
    "_check_id": "check_id",
    "_check_name": "check_name",
    "_level": "level",
    "_message": "message",
    "_time": "source_timestamp",
}
"""Our column → what the first versions called it."""


class InfluxSchema(Element):
    """One status of a check."""

    check = Key(data_key="_check_id", required=True)
    level = Word(_LEVELS, data_key="_level", required=True)
    name = Line(data_key="_check_name")
    text = Text(data_key="_message")
    measured_at = Moment(data_key="_status_timestamp")
    told_at = Moment(data_key="_time")
    tags = TextMap()


class InfluxDB2(JsonSource):
    """``type: influxdb2``."""

    name: ClassVar[str] = "influxdb2"
    element: ClassVar[type[Schema]] = InfluxSchema
    record = Record(
        title="InfluxDB 2",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Add an HTTP notification endpoint with the address of this source and Bearer authentication.",
            "Add a rule for the change to OK as well: without it nothing is ever resolved.",
        ),
        used=("_check_id, _check_name, _level, _message, _time, _status_timestamp"),
        limits=("The key is made of the check and the tags of the row.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row, with its tags apart; or the facts of the first versions, which have none."""
        if "_check_id" not in element and "check_id" in element and "rule_id" in element:
            return {column: element.get(name) for column, name in _FIRST_NAMES.items()}
        tags = {name: text for name, text in element.items() if isinstance(text, str) and not name.startswith("_")}
        own = {name: value for name, value in element.items() if name.startswith("_")}
        return {**own, "tags": tags}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One status of a check."""
        action, severity = alert["level"]
        tags = alert["tags"] or {}
        parts = [alert["check"], ",".join(f"{name}={text}" for name, text in sorted(tags.items()))]
        return self.statement(
            notes,
            action,
            ":".join(part for part in parts if part),
            title=alert["name"] or alert["text"],
            severity=severity,
            text=alert["text"],
            labels={**tags, **({"check": alert["name"]} if alert["name"] else {})},
            at=alert["measured_at"] or alert["told_at"],
        )
