"""Splunk On-Call (VictorOps) outbound webhooks, with the template of ``docs/sources/splunk-oncall.md``.

Traps that are handled here: variables that do not exist stay as ``${{NAME}}``; entity ids come back with the next
incident, incident numbers do not; the count of alerts is no state.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.single import facts, missing
from bridge.sources.values import ValueSource

_PHASES = {"unacked": Action.TRIGGER, "acked": Action.UPDATE, "resolved": Action.RESOLVE}
_BY_TYPE = {
    "critical": Action.TRIGGER,
    "warning": Action.TRIGGER,
    "info": Action.TRIGGER,
    "acknowledgement": Action.UPDATE,
    "recovery": Action.RESOLVE,
}
_SEVERITIES = {
    "critical": AlertSeverity.CRITICAL,
    "warning": AlertSeverity.MINOR,
    "info": AlertSeverity.INFO,
}


class IncidentSchema(Element):
    """The values of the template."""

    number = Key(data_key="incident_number")
    entity = Key(data_key="entity_id")
    phase = Word(_PHASES, data_key="alert_phase")
    type = Text(data_key="message_type")
    title = Line(data_key="display_name")
    text = Text(data_key="message")
    service = Line()
    link = Text()
    at = Moment(data_key="timestamp")


class SplunkOnCall(ValueSource):
    """``type: splunk-oncall``."""

    name: ClassVar[str] = "splunk-oncall"
    sender: ClassVar[str] = "Splunk On-Call webhook"
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "PATCH", "GET", "DELETE")
    element: ClassVar[type[Schema]] = IncidentSchema
    record = Record(
        title="Splunk On-Call (VictorOps)",
        resolves=Resolves.YES,
        setup=(
            "Add an outgoing webhook for Any-Incident with the address and the body of this page, and the "
            "token as a header.",
        ),
        used=("incident_number, entity_id, display_name, message_type, alert_phase, message, service, timestamp"),
        limits=("Outgoing webhooks need the Enterprise plan; changes take ten minutes.",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One step of one incident."""
        key = alert["number"] or alert["entity"]
        if not key:
            raise missing("incident_number", "entity_id")
        word = (alert["type"] or "").casefold()
        action = alert["phase"] or _BY_TYPE.get(word)
        if action is None:
            raise missing("alert_phase")
        return self.statement(
            notes,
            action,
            key,
            title=alert["title"] or alert["entity"],
            severity=_SEVERITIES.get(word) if action is Action.TRIGGER else None,
            at=alert["at"],
            text=alert["text"],
            labels=facts(
                entity=alert["entity"],
                service=alert["service"],
                message_type=alert["type"],
                number=alert["number"],
            ),
            component=alert["service"],
            url=alert["link"],
        )
