"""Sentry's integration platform webhooks: issue alerts, issues and metric alerts; the legacy WebHooks plugin as well.

Facts are from Sentry's documentation, source and tests. Traps that are handled here:

* Which resource it is stands in a header, but ``data`` tells as well, and keeps telling in a saved body.
* An issue alert never resolves. Issue webhooks do, under the same key, the issue's id.
* A metric alert is keyed by its rule: the id of its incident may differ between two messages.
* What users write into a feedback form is an issue too; it is about them, and no alert.
* What Seer does about an issue (``activity_alert``) comes with the issue, and changes nothing about it.
* ``firstSeen`` of an issue that came back is that of its first life, so a return has no start of its own.
* Events carry users, requests and headers, installations carry a grant code: only the members named here are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Verbatim, shown, to_text
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner
from bridge.sources.signatures import vendors

_RESOURCES = {"metric_alert": "metric_alert", "event": "event_alert", "issue": "issue"}
_OPENED: tuple[Action, AlertSeverity | None] = (Action.TRIGGER, None)
"""The action "open", which tells no more than that; the status may."""
_OTHERS = {"activity": "activity_alert", "comment": "comment", "run_id": "seer", "buildId": "preprod_artifact"}
"""Member of ``data`` → the resource, where no member has its name."""
_ISSUE = {"created": Action.TRIGGER, "unresolved": Action.TRIGGER, "resolved": Action.RESOLVE}
_METRIC: dict[str, tuple[Action, AlertSeverity | None]] = {
    **dict.fromkeys(("critical", "20"), (Action.TRIGGER, AlertSeverity.CRITICAL)),
    **dict.fromkeys(("warning", "10"), (Action.TRIGGER, AlertSeverity.MINOR)),
    **dict.fromkeys(("resolved", "2"), (Action.RESOLVE, None)),
}
_EXAMPLE, _SAMPLE_TAG = "This is an example", "sample_event"
_FEEDBACK = "feedback"
_TAGS = frozenset({"environment", "release", "transaction", "server_name", "service", "component", "team", "region"})
"""Tags of an event that become labels; others may be about persons."""

_SHAPES = {
    "event_alert": Shape(
        key="event.issue_id issue.id",
        title="event.title",
        level="event.level",
        text="event.culprit",
        at="event.datetime event.timestamp",
        url="event.web_url event.issue_url",
        project="event.project_slug event.project_name event.project",
        rule="triggered_rule issue_alert.title",
    ),
    "issue": Shape(
        key="issue.id",
        title="issue.title",
        level="issue.level",
        text="issue.culprit",
        began="issue.firstSeen",
        url="issue.web_url issue.permalink issue.url",
        project="issue.project.slug",
        category="issue.issueCategory",
    ),
    "metric_alert": Shape(
        key="metric_alert.alert_rule.id",
        title="metric_alert.alert_rule.name metric_alert.title description_title",
        level="metric_alert.status",
        text="description_text",
        began="metric_alert.date_started metric_alert.date_detected",
        ended="metric_alert.date_closed",
        url="web_url",
    ),
    "plugin": Shape(
        key="id",
        title="event.title message",
        level="level",
        text="culprit",
        at="event.datetime event.timestamp",
        url="url",
        project="project_slug project",
    ),
}


class SentrySchema(Element):
    """One message of any resource."""

    resource = Text(required=True, data_key="data")
    action = Verbatim()
    key = Key()
    title = Line()
    level = Verbatim()
    text = Text()
    at = Moment()
    began = Moment()
    ended = Moment()
    url = Text()
    project = Line()
    rule = Line()
    category = Text()
    tags = TextMap()


class Sentry(JsonSource):
    """``type: sentry``."""

    name: ClassVar[str] = "sentry"
    element: ClassVar[type[Schema]] = SentrySchema
    scheme = vendors.SENTRY
    sender_id_header: ClassVar[str] = "request-id"
    record = Record(
        title="Sentry",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Create an internal integration with the address of this source as webhook URL, and turn Alert "
            "Rule Action on.",
            "Subscribe it to issues as well: only they tell that an issue is resolved.",
            "Put its client secret under secrets.",
        ),
        used=(
            "action, data.event, data.issue, data.metric_alert, data.description_title, "
            "data.description_text, data.web_url"
        ),
        limits=(
            "Issue alerts never resolve by themselves; metric alerts do. Set resolve_after for what is lost.",
            "Nothing is sent again, and a sender that waits longer than a second is unsubscribed after a "
            "thousand times.",
        ),
        secrets=("code", "request", "user"),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Any of the resources."""
        data = inner(element, "data")
        named = () if isinstance(data.get("activity"), dict) else _RESOURCES.items()
        resource = next((name for member, name in named if isinstance(data.get(member), dict)), None)
        if resource is None and not data and element.get("project"):
            resource, data = "plugin", element
        if resource is None:
            return {"data": _other_of(data, element), "action": element.get("action")}
        told = _SHAPES[resource](data)
        if told["key"] is None:
            told["key"] = _issue_of(inner(data, "event").get("issue_url"))
        tags = _tags(inner(data, "event").get("tags"))
        return {**told, "data": resource, "action": element.get("action"), "tags": tags}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One message, by its resource."""
        action, word, tags = (alert["action"] or "").casefold(), alert["level"], alert["tags"] or {}
        severity, reason, began = None, None, alert["began"]
        match alert["resource"]:
            case "metric_alert":
                known = _METRIC.get(action) or _METRIC.get(word or "") or (_OPENED if action == "open" else None)
                if known is None:
                    raise ValidationError({"action": [f"unknown word {shown(action)}."]})
                (verdict, severity), word = known, None
            case "issue":
                verdict = _ISSUE.get(action, Action.IGNORE)
                reason = None if action in _ISSUE else f"issue {action or 'without action'}"
                reason = "feedback of a user" if (alert["category"] or "").casefold() == _FEEDBACK else reason
                began = None if action == "unresolved" else began  # that of its first life
            case "event_alert" | "plugin":
                verdict = Action.TRIGGER
            case other:
                return self.statement(notes, Action.IGNORE, other, reason=f"{other} webhooks concern no alert")
        if alert["key"] is None:
            raise ValidationError({_KEYS[alert["resource"]]: ["is missing."]})
        if tags.pop(_SAMPLE_TAG, "").casefold() == "yes" or _EXAMPLE in (alert["title"] or ""):
            reason = "sample event of Sentry"
        told = {
            "project": alert["project"],
            "level": None if alert["resource"] == "metric_alert" else alert["level"],
            "rule": alert["rule"],
        }
        return self.statement(
            notes,
            verdict,
            alert["key"],
            title=alert["title"],
            word=word,
            severity=severity,
            text=alert["text"],
            labels={**tags, **{name: value for name, value in told.items() if value}},
            url=alert["url"],
            at=alert["at"],
            started_at=began,
            ended_at=alert["ended"],
            reason=reason,
        )


_KEYS = {
    "metric_alert": "data.metric_alert.alert_rule.id",
    "event_alert": "data.event.issue_id",
    "issue": "data.issue.id",
    "plugin": "id",
}


def _other_of(data: Mapping[str, Any], element: Mapping[str, Any]) -> str | None:
    """The name of a resource that is none of ours: by its member, or by what only it has."""
    known = next((name for member, name in _OTHERS.items() if member in data), None)
    return known or next(iter(data), None) or ("unknown" if isinstance(element.get("installation"), dict) else None)


def _issue_of(url: Any) -> str | None:
    """The issue's id at the end of its address."""
    last = url.rstrip("/").rpartition("/")[2] if isinstance(url, str) else ""
    return last if last.isascii() and last.isdigit() else None


def _tags(tags: Any) -> dict[str, str]:
    """The tags that may become labels, and the one that tells of a sample; pairs, or objects in older versions."""
    found: dict[str, str] = {}
    for tag in tags if isinstance(tags, list) else ():
        pair = [tag.get("key"), tag.get("value")] if isinstance(tag, dict) else tag
        name, value = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        if isinstance(name, str) and value is not None and (name in _TAGS or name == _SAMPLE_TAG):
            found[name] = to_text(value)
    return found
