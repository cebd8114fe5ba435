"""Google Cloud Monitoring's webhook channel, schema 1.1 and 1.2, also as it travels in a Pub/Sub push.

Facts are from Google's notification examples. Traps that are handled here:

* The summary of a closed incident may still read "above the threshold": only the state counts.
* ``ended_at`` is a number, null, absent, or zero. The documentation is an object, or in old bodies a text.
* An incident that was closed because its data stopped cannot be told from one that recovered.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.body import read_json
from bridge.sources.fields import Element, Key, Line, Moment, Text, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.single import Facts, Named, ObjectSource, facts, ignored, missing, reach

_STATES = {"open": Action.TRIGGER, "acknowledged": Action.UPDATE, "closed": Action.RESOLVE}
_SEVERITIES = {"critical": AlertSeverity.CRITICAL, "error": AlertSeverity.MAJOR, "warning": AlertSeverity.MINOR}
_TEST = "test"


class IncidentSchema(Element):
    """One incident: one time series that violates a policy."""

    version = Text()
    key = Key(data_key="incident.incident_id")
    state = Word(_STATES, data_key="incident.state")
    severity = Text(data_key="incident.severity")
    title = Line(data_key="incident.condition_name")
    policy = Line(data_key="incident.policy_name")
    text = Text(data_key="incident.summary")
    url = Text(data_key="incident.url")
    project = Text(data_key="incident.scoping_project_id")
    resource = Line(data_key="incident.resource_display_name")
    resource_name = Line(data_key="incident.resource_name")
    resource_type = Named("type", data_key="incident.resource")
    metric = Named("type", data_key="incident.metric")
    resource_labels = Facts(data_key="incident.resource.labels")
    policy_labels = Facts(data_key="incident.policy_user_labels")
    note = Named("content", data_key="incident.documentation")
    started_at = Moment(data_key="incident.started_at")
    ended_at = Moment(data_key="incident.ended_at")


class GcpMonitoring(ObjectSource):
    """``type: gcp-monitoring``."""

    name: ClassVar[str] = "gcp-monitoring"
    sender: ClassVar[str] = "Google Cloud Monitoring webhook"
    element: ClassVar[type[Schema]] = IncidentSchema
    record = Record(
        title="Google Cloud Monitoring",
        resolves=Resolves.YES,
        setup=("Add a Webhooks notification channel with the address of this source, and basic authentication.",),
        used=(
            "version, incident.incident_id, incident.state, incident.severity, incident.condition_name, "
            "incident.policy_name, incident.summary, incident.started_at, incident.ended_at"
        ),
        limits=(
            "One violation of a policy can be many incidents, one for each time series.",
            "An incident that is closed for lack of data is not repaired.",
        ),
    )

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The notification, unwrapped where Pub/Sub pushed it."""
        pushed = reach(data, ("message", "data"))
        if isinstance(pushed, str) and "incident" not in data:
            data = _decoded(pushed)
        return super().elements(data, notes)

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One statement about one incident."""
        if (alert["version"] or "").casefold() == _TEST:
            return ignored(alert["key"], "test notification", alert["title"])
        if not alert["key"] or not alert["state"]:
            raise missing("incident.state" if alert["key"] else "incident.incident_id")
        action = alert["state"]
        resource = alert["resource"] or alert["resource_name"]
        severity = _SEVERITIES.get((alert["severity"] or "").casefold())
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"] or alert["policy"],
            severity=severity,
            at={Action.TRIGGER: alert["started_at"], Action.RESOLVE: alert["ended_at"]}.get(action),
            started_at=alert["started_at"],
            text=alert["text"],
            labels={
                **(alert["resource_labels"] or {}),
                **(alert["policy_labels"] or {}),
                **facts(
                    policy=alert["policy"],
                    condition=alert["title"],
                    project=alert["project"],
                    resource=resource,
                    resource_type=alert["resource_type"],
                    metric=alert["metric"],
                    severity=alert["severity"] if severity else None,
                ),
            },
            component=resource,
            url=alert["url"],
            internal_note=alert["note"],
        )


def _decoded(pushed: str) -> Any:
    try:
        return read_json(base64.b64decode(pushed, validate=True)).data
    except (binascii.Error, ValueError):
        raise Unparsable("The message that Pub/Sub pushed is not base 64.") from None
