"""Dynatrace problem notifications (custom integration), with the template of ``docs/sources/dynatrace.md``.

Traps that are handled here: placeholders without a value stay in braces; only a problem's details tell a time; the
problem of a merge ends without anything having been mended; the test notification is problem 999.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.body import read_json
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.single import facts, ignored, missing, tagged
from bridge.sources.values import ValueSource

_STATES = {"open": Action.TRIGGER, "resolved": Action.RESOLVE, "merged": Action.RESOLVE, "closed": Action.RESOLVE}
_SEVERITIES = {
    "availability": AlertSeverity.CRITICAL,
    "error": AlertSeverity.MAJOR,
    "performance": AlertSeverity.MINOR,
    "resource_contention": AlertSeverity.MINOR,
    "custom_alert": AlertSeverity.MINOR,
    "monitoring_unavailable": AlertSeverity.INFO,
}
_TEST_PID, _TEST_ID = "99999", "999"
_DETAILS = ("problemdetailsjsonv2", "problemdetailsjson")


class ProblemSchema(Element):
    """The values of the template."""

    pid = Key(data_key="PID")
    problem = Key(data_key="ProblemID")
    state = Word({word: word for word in _STATES}, data_key="State")
    title = Line(data_key="ProblemTitle")
    severity = Text(data_key="ProblemSeverity")
    impact = Text(data_key="ProblemImpact")
    url = Text(data_key="ProblemURL")
    entity = Line(data_key="ImpactedEntity")
    text = Text(data_key="ProblemDetailsText")
    other_text = Text(data_key="ProblemDetails")
    markdown = Text(data_key="ProblemDetailsMarkdown")
    tags = Texts(data_key="Tags")
    started_at = Moment(data_key="details.startTime")
    ended_at = Moment(data_key="details.endTime")


class Dynatrace(ValueSource):
    """``type: dynatrace``."""

    name: ClassVar[str] = "dynatrace"
    sender: ClassVar[str] = "Dynatrace problem notification"
    element: ClassVar[type[Schema]] = ProblemSchema
    record = Record(
        title="Dynatrace problem notifications",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Add a custom integration with the address and the payload of this page, and the token as a header.",
            "Turn “Send notification if a problem is closed” on.",
        ),
        used=(
            "PID, ProblemID, State, ProblemTitle, ProblemSeverity, ProblemImpact, ProblemURL, ImpactedEntity,"
            " ImpactedEntities, Tags, ProblemDetailsText"
        ),
        limits=(
            "The payload has no time.",
            "A problem that was merged into another is closed without a word about a repair.",
        ),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values, and what the problem's details tell beside them."""
        return super().renamed({**element, "details": _details(element)})

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One statement about one problem."""
        key = alert["pid"] or alert["problem"]
        if alert["pid"] == _TEST_PID or alert["problem"] == _TEST_ID:
            return ignored(key, "test notification", alert["title"])
        if not key or not alert["state"]:
            raise missing("State") if key else missing("PID", "ProblemID")
        action = _STATES[alert["state"]]
        severity = _SEVERITIES.get((alert["severity"] or "").replace(" ", "_").casefold())
        times = {Action.TRIGGER: alert["started_at"], Action.RESOLVE: alert["ended_at"]}
        return self.statement(
            notes,
            action,
            key,
            title=alert["title"],
            severity=severity,
            at=times[action],
            started_at=alert["started_at"],
            text=alert["text"] or alert["other_text"] or alert["markdown"],
            labels={
                **tagged(",".join(alert["tags"] or ())),
                **facts(
                    problem=alert["problem"],
                    severity=alert["severity"],
                    impact=alert["impact"],
                    entity=alert["entity"],
                    resolution="merged" if alert["state"] == "merged" else None,
                ),
            },
            component=alert["entity"],
            url=alert["url"],
        )


def _details(element: Mapping[str, Any]) -> Any:
    """The problem as an object, also where the template put it into a text."""
    folded = {name.casefold(): value for name, value in element.items()}
    for name in _DETAILS:
        details = folded.get(name)
        if isinstance(details, str):
            try:
                details = read_json(details.encode("utf-8", "replace")).data
            except Unparsable:
                continue
        if isinstance(details, dict):
            return details
    return None
