"""Dynatrace problem notifications (custom integration), with the template of ``docs/sources/dynatrace.md``.

A workflow of the newer platform that sends its event as it is (``{{ event() }}``) is read as well: a record of
``dt.davis.problems``, whose ``event.id`` is the PID of the notification.

Traps that are handled here: placeholders without a value stay in braces; only a problem's details tell a time; the
problem of a merge ends without anything having been mended; the test notification is problem 999. The vendor's own
example leaves the severity out, which the details tell as well, and writes ``Problem URL`` in two words.
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
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Word, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape
from bridge.sources.single import facts, ignored, missing, tagged
from bridge.sources.values import ValueSource

_STATES = {
    "open": Action.TRIGGER,
    "active": Action.TRIGGER,
    "resolved": Action.RESOLVE,
    "merged": Action.RESOLVE,
    "closed": Action.RESOLVE,
}
_SEVERITIES = {
    "availability": AlertSeverity.CRITICAL,
    "error": AlertSeverity.MAJOR,
    "performance": AlertSeverity.MINOR,
    "slowdown": AlertSeverity.MINOR,
    "resource_contention": AlertSeverity.MINOR,
    "custom_alert": AlertSeverity.MINOR,
    "monitoring_unavailable": AlertSeverity.INFO,
    "info": AlertSeverity.INFO,
}
_TEST_PID, _TEST_ID = "99999", "999"
_DETAILS = ("problemdetailsjsonv2", "problemdetailsjson")
_PROBLEM = "davis_problem"
_record = Shape(
    PID="event.id",
    ProblemID="display_id",
    State="event.status",
    ProblemTitle="event.name",
    ProblemSeverity="event.category",
    ProblemDetailsMarkdown="event.description",
    Tags="entity_tags",
    kind="event.kind",
    names="affected_entity_names",
    entities="smartscape.affected_entities",
    duplicate="dt.davis.is_duplicate",
    mute="dt.davis.mute.status",
    maintenance="maintenance.is_under_maintenance",
    began="event.start",
    ended="event.end",
)
"""Values of the template → where the record of a problem has them, and what else it tells."""


class ProblemSchema(Element):
    """The values of the template."""

    pid = Key(data_key="PID")
    problem = Key(data_key="ProblemID")
    state = Word({word: word for word in _STATES}, data_key="State")
    title = Line(data_key="ProblemTitle")
    severity = Text(data_key="ProblemSeverity")
    other_severity = Text(data_key="details.severityLevel")
    impact = Text(data_key="ProblemImpact")
    url = Text(data_key="ProblemURL")
    entity = Line(data_key="ImpactedEntity")
    text = Text(data_key="ProblemDetailsText")
    other_text = Text(data_key="ProblemDetails")
    markdown = Text(data_key="ProblemDetailsMarkdown")
    names = Line(data_key="ImpactedEntityNames")
    tags = Texts(data_key="Tags")
    other_tags = Texts(data_key="ProblemTags")
    kind = Text()
    quiet = Text()
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
        """The values, and what the problem's details tell beside them; names may have blanks in them."""
        told = {name.replace(" ", ""): value for name, value in element.items()}
        if "event.id" in told:
            return super().renamed(_of_record(told))
        return super().renamed({**told, "details": _details(told)})

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One statement about one problem."""
        key = alert["pid"] or alert["problem"]
        if alert["pid"] == _TEST_PID or alert["problem"] == _TEST_ID:
            return ignored(key, "test notification", alert["title"])
        if not key or not alert["state"]:
            raise missing("State") if key else missing("PID", "ProblemID")
        action = _STATES[alert["state"]]
        if (alert["kind"] or _PROBLEM).casefold() != _PROBLEM:
            return ignored(key, f"{shown(alert['kind'])} is no problem", alert["title"])
        if alert["quiet"] and action is Action.TRIGGER:
            return ignored(key, alert["quiet"], alert["title"])
        level = alert["severity"] or alert["other_severity"]
        severity = _SEVERITIES.get((level or "").replace(" ", "_").casefold())
        entity = alert["entity"] or alert["names"]
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
                **tagged(",".join(alert["tags"] or alert["other_tags"] or ())),
                **facts(
                    problem=alert["problem"],
                    severity=level,
                    impact=alert["impact"],
                    entity=entity,
                    resolution="merged" if alert["state"] == "merged" else None,
                ),
            },
            component=entity,
            url=alert["url"],
        )


def _of_record(element: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the template, from the record of a problem."""
    told = _record(element)
    entities = told["entities"] if isinstance(told["entities"], list) else []
    names = told["names"] or [one.get("name") for one in entities if isinstance(one, dict)]
    quiet = "the problem is muted" if str(told["mute"]).casefold() == "muted" else None
    if told["maintenance"] in (True, "true"):
        quiet = "what it hurts is under maintenance"
    if told["duplicate"] in (True, "true") and str(told["State"]).casefold() == "closed":
        told["State"] = "MERGED"
    return {
        **told,
        "ImpactedEntityNames": ", ".join(filter(_is_name, names)) if isinstance(names, list) else names,
        "quiet": quiet,
        "details": {"startTime": told["began"], "endTime": told["ended"]},
    }


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


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
