"""New Relic's workflows, with the default template; the older alert channels are read as well.

Facts are from New Relic's documentation and its default payload. Traps that are handled here:

* ``trigger: INCIDENT_CLOSED`` with ``state: ACTIVATED`` is not over: only the state counts.
* An issue is sent again when it is acknowledged, grows, or changes its priority. A template without ``trigger`` tells
  an acknowledgement only by its time.
* A threshold for warnings is reported as priority HIGH.
* A variable without a value is ``N/A``, alone or in a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.single import ObjectSource, facts, missing

_STATES = {
    "created": (Action.IGNORE, "the issue is created and not yet active"),
    "activated": (Action.TRIGGER, None),
    "deactivated": (Action.IGNORE, "the issue is inactive and not yet closed"),
    "closed": (Action.RESOLVE, None),
    "resolved": (Action.RESOLVE, None),
    "open": (Action.TRIGGER, None),
    "acknowledged": (Action.UPDATE, None),
    "investigating": (Action.UPDATE, None),
    "test": (Action.IGNORE, "test notification"),
}
_SEVERITIES = {
    "critical": AlertSeverity.CRITICAL,
    "high": AlertSeverity.MINOR,
    "medium": AlertSeverity.MINOR,
    "warning": AlertSeverity.MINOR,
    "low": AlertSeverity.INFO,
    "info": AlertSeverity.INFO,
}
_FIRST = ("STATE_CHANGE", "ACTIVATED", "CREATED", "OPENED")
_NOTHING = "N/A"


class IssueSchema(Element):
    """An issue; behind it the fields of the older channels."""

    id = Key()
    state = Word(_STATES)
    trigger = Text()
    title = Line()
    priority = Text()
    url = Text(data_key="issueUrl")
    entities = Texts(data_key="impactedEntities")
    policies = Texts(data_key="alertPolicyNames")
    conditions = Texts(data_key="alertConditionNames")
    workflow = Text(data_key="workflowName")
    created_at = Moment(data_key="createdAt")
    updated_at = Moment(data_key="updatedAt")
    closed_at = Moment(data_key="closedAt")
    acknowledged_at = Moment(data_key="acknowledgedAt")
    incident_id = Key()
    current_state = Word(_STATES)
    severity = Text()
    condition = Line(data_key="condition_name")
    policy = Text(data_key="policy_name")
    details = Text()
    incident_url = Text()
    timestamp = Moment()


class NewRelic(ObjectSource):
    """``type: newrelic``."""

    name: ClassVar[str] = "newrelic"
    sender: ClassVar[str] = "New Relic webhook"
    element: ClassVar[type[Schema]] = IssueSchema
    record = Record(
        title="New Relic workflows",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook destination with the address of this source and the token as a custom header.",
            "Keep the default payload in the workflow; add closedAt and acknowledgedAt.",
        ),
        used=("id, state, trigger, title, priority, createdAt, updatedAt, closedAt, issueUrl, impactedEntities"),
        limits=("“Send test” uses the data of a real issue.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values that say something."""
        told = {name: value for name, value in element.items() if value not in (_NOTHING, [_NOTHING])}
        return super().renamed(told)

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One statement about one issue."""
        key = alert["id"] or alert["incident_id"]
        state = alert["state"] or alert["current_state"]
        if not key or not state:
            raise missing("state" if key else "id")
        action, reason = state
        trigger = (alert["trigger"] or "").upper()
        goes_on = not trigger.endswith(_FIRST) if trigger else alert["acknowledged_at"] is not None
        if action is Action.TRIGGER and goes_on:
            action = Action.UPDATE
        word = (alert["priority"] or alert["severity"] or "").casefold()
        return self.statement(
            notes,
            action,
            key,
            title=alert["title"] or alert["condition"] or alert["details"],
            severity=_SEVERITIES.get(word),
            word=word or None,
            at=alert["updated_at"] or alert["timestamp"] or (alert["created_at"] if action is Action.TRIGGER else None),
            started_at=alert["created_at"],
            ended_at=alert["closed_at"],
            text=alert["details"],
            labels=facts(
                policy=alert["policies"] or alert["policy"],
                condition=alert["conditions"] or alert["condition"],
                entity=alert["entities"],
                workflow=alert["workflow"],
                priority=alert["priority"] or alert["severity"],
                trigger=alert["trigger"],
            ),
            component=(alert["entities"] or (None,))[0],
            url=alert["url"] or alert["incident_url"],
            reason=reason,
        )
