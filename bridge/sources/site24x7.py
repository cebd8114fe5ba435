"""Site24x7's webhook with its incident parameters: JSON, a form, or values in the address, by any method.

Times in words are localised and not looked at. ``OUTAGE_TIME_UNIX_FORMAT`` is when the outage began, also when the
monitor is up again.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts
from bridge.sources.record import Record, Resolves
from bridge.sources.single import facts, ignored, missing
from bridge.sources.values import ValueSource

_SEVERITIES = {"DOWN": None, "CRITICAL": AlertSeverity.MAJOR, "TROUBLE": AlertSeverity.MINOR}
_UP = "UP"


class MonitorSchema(Element):
    """The incident parameters."""

    id = Key(data_key="MONITOR_ID")
    dashboard = Key(data_key="MONITOR_DASHBOARD_LINK")
    title = Line(data_key="MONITORNAME")
    state = Text(required=True, data_key="STATUS")
    type = Text(data_key="MONITORTYPE")
    monitor_url = Text(data_key="MONITORURL")
    groups = Texts(data_key="MONITOR_GROUPNAME")
    text = Text(data_key="INCIDENT_REASON")
    details = Text(data_key="INCIDENT_DETAILS")
    locations = Texts(data_key="FAILED_LOCATIONS")
    tags = Texts(data_key="TAGS")
    rca = Text(data_key="RCA_LINK")
    at = Moment(data_key="INCIDENT_TIME_ISO")
    began_at = Moment(data_key="OUTAGE_TIME_UNIX_FORMAT")


class Site24x7(ValueSource):
    """``type: site24x7``."""

    name: ClassVar[str] = "site24x7"
    sender: ClassVar[str] = "Site24x7 webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "GET", "PUT", "PATCH", "DELETE")
    element: ClassVar[type[Schema]] = MonitorSchema
    record = Record(
        title="Site24x7",
        resolves=Resolves.YES,
        setup=(
            "Add a Webhooks integration with the address of this source, method POST, JSON, the incident "
            "parameters, and the token as a header.",
        ),
        used=(
            "STATUS, MONITORNAME, MONITOR_ID, MONITORURL, INCIDENT_REASON, INCIDENT_TIME_ISO, "
            "OUTAGE_TIME_UNIX_FORMAT, MONITOR_DASHBOARD_LINK"
        ),
        limits=("Nothing is signed.",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A monitor changed its state."""
        key = alert["id"] or alert["dashboard"] or alert["title"]
        if not key:
            raise missing("MONITOR_ID", "MONITOR_DASHBOARD_LINK", "MONITORNAME")
        state = alert["state"].upper()
        if state != _UP and state not in _SEVERITIES:
            return ignored(key, f"the state {alert['state']} is neither up nor down", alert["title"])
        return self.statement(
            notes,
            Action.RESOLVE if state == _UP else Action.TRIGGER,
            key,
            title=alert["title"],
            severity=_SEVERITIES.get(state),
            at=alert["at"],
            started_at=alert["began_at"],
            text=alert["text"] or alert["details"],
            labels=facts(
                monitor=alert["title"],
                monitor_type=alert["type"],
                url=alert["monitor_url"],
                groups=alert["groups"],
                failed_locations=alert["locations"],
                tags=alert["tags"],
            ),
            component=alert["title"],
            url=alert["rca"] or alert["dashboard"],
        )
