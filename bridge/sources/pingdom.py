"""Pingdom's state change webhook.

Uptime checks are UP and DOWN, transaction checks SUCCESS and FAILING; it is sent once per confirmed change. The time
with ``utc`` in its name has no zone and is UTC.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ObjectSource, facts, ignored

_STATES = {"down": Action.TRIGGER, "failing": Action.TRIGGER, "up": Action.RESOLVE, "success": Action.RESOLVE}
_LEVELS = {"low": AlertSeverity.MAJOR}


class CheckSchema(Element):
    """The state of one check."""

    key = Key(required=True, data_key="check_id")
    state = Text(required=True, data_key="current_state")
    title = Line(data_key="check_name")
    type = Text(data_key="check_type")
    hostname = Text(data_key="check_params.hostname")
    url = Text(data_key="check_params.full_url")
    tags = Texts()
    importance = Text(data_key="importance_level")
    text = Text(data_key="long_description")
    description = Text()
    custom_message = Text()
    at = Moment(data_key="state_changed_timestamp")
    utc = Moment(data_key="state_changed_utc_time")


class Pingdom(ObjectSource):
    """``type: pingdom``."""

    name: ClassVar[str] = "pingdom"
    sender: ClassVar[str] = "Pingdom webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    element: ClassVar[type[Schema]] = CheckSchema
    record = Record(
        title="Pingdom",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook integration with the address of this source; the secret stands in the path: auth: "
            "{path: …}.",
        ),
        used=(
            "check_id, check_name, current_state, importance_level, state_changed_timestamp, description, "
            "long_description, tags"
        ),
        limits=("Nothing is signed and no header can be set.",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A check changed its state."""
        action = _STATES.get(alert["state"].casefold())
        if action is None:
            return ignored(alert["key"], f"the state {alert['state']} is neither up nor down", alert["title"])
        level = _LEVELS.get((alert["importance"] or "").casefold())
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            severity=level if action is Action.TRIGGER else None,
            at=alert["at"] or alert["utc"],
            text=alert["text"] or alert["description"],
            labels=facts(
                check=alert["title"],
                check_type=alert["type"],
                hostname=alert["hostname"],
                url=alert["url"],
                tags=alert["tags"],
                importance=alert["importance"],
            ),
            component=alert["title"],
            internal_note=alert["custom_message"],
        )
