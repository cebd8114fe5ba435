"""Freshping webhooks: the state of a check, in words for people."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ObjectSource, facts, ignored

_STATES: dict[str, tuple[Action, AlertSeverity | None]] = {
    "available": (Action.RESOLVE, None),
    "not responding": (Action.TRIGGER, None),
    "reporting error": (Action.TRIGGER, AlertSeverity.MAJOR),
}


class CheckSchema(Element):
    """The state of one check."""

    key = Key(required=True, data_key="webhook_event_data.check_id")
    state = Text(required=True, data_key="webhook_event_data.check_state_name")
    title = Line(data_key="webhook_event_data.check_name")
    application = Line(data_key="webhook_event_data.application_name")
    url = Text(data_key="webhook_event_data.request_url")
    status_code = Text(data_key="webhook_event_data.http_status_code")
    at = Moment(data_key="webhook_event_data.request_start_time")
    sent_at = Moment(data_key="webhook_event_created_on")
    organization = Line(data_key="organization_name")


class Freshping(ObjectSource):
    """``type: freshping``."""

    name: ClassVar[str] = "freshping"
    sender: ClassVar[str] = "Freshping webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    element: ClassVar[type[Schema]] = CheckSchema
    record = Record(
        title="Freshping",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook integration with the address of this source; the secret stands in the path: auth: "
            "{path: …}.",
        ),
        used=(
            "webhook_event_data.check_id, webhook_event_data.check_name, webhook_event_data.check_state_name,"
            " webhook_event_data.request_start_time"
        ),
        limits=("Nothing is signed.",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A check changed its state."""
        title = alert["title"] or alert["application"]
        state = _STATES.get(" ".join(alert["state"].casefold().split()))
        if state is None:
            return ignored(alert["key"], f"the state {shown(alert['state'])} is neither up nor down", title)
        action, severity = state
        return self.statement(
            notes,
            action,
            alert["key"],
            title=title,
            severity=severity,
            at=alert["at"] or alert["sent_at"],
            text=f"HTTP status {alert['status_code']}" if alert["status_code"] else None,
            labels=facts(
                check=alert["title"],
                application=alert["application"],
                url=alert["url"],
                status_code=alert["status_code"],
                organization=alert["organization"],
            ),
            component=title,
        )
