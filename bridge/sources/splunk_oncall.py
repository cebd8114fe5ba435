"""Splunk On-Call (VictorOps) outbound webhooks, with the template of ``docs/sources/splunk-oncall.md``.

A body with all of its variables under their own names, ``STATE.INCIDENT_NAME`` and so on, is read as well. Traps that
are handled here: variables that do not exist stay as ``${{NAME}}``; entity ids come back with the next incident,
incident numbers do not; the count of alerts is no state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape
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


_told_by = Shape(
    incident_number="incident_number state.incident_name incident.incident_id incidentnum incident",
    entity_id="entity_id state.entity_id alert.entity_id",
    alert_phase="alert_phase state.current_alert_phase incident.current_phase current_alert_phase",
    message_type="message_type alert.message_type",
    display_name="display_name alert.entity_display_name incident.entity_display_name entity_display_name",
    message="message alert.state_message state_message",
    service="service state.service incident.service stateservice",
    link="link state.info_url",
    timestamp="timestamp state.last_timestamp alert.timestamp last_timestamp",
    began="state.incident_timestamp incident.incident_timestamp incident_timestamp",
)
"""Names of the template → where else their values stand; all in small letters."""


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
    began_at = Moment(data_key="began")


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

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values under the names of the template; templates are typed by people, with blanks around a name too.

        The vendor's own template, which is for Splunk, has them one level down under ``event``. Forms of the vendor
        name the number ``incident``, which is an object elsewhere.
        """
        wrapped = element.get("event")
        told = {**wrapped, **element} if isinstance(wrapped, dict) else element
        values = _told_by({name.strip().casefold(): value for name, value in told.items()})
        if isinstance(values["incident_number"], dict):
            values["incident_number"] = None
        return values

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
            started_at=alert["began_at"],
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
