"""Upptime: its issues, through the webhook of the GitHub repository (event *Issues*).

Facts are from the Upptime monitor's source and GitHub's documentation. Traps that are handled here:

* Only issues with the label ``status`` are outages; those with ``maintenance`` are plans.
* Whoever closes the issue, it is over. Comments, labels, locks and assignments say nothing about it.
* A reopened issue keeps its time of creation; the time of the change tells that it is a new outbreak.
* Upptime's own webhook posts a text that names no issue, so nothing that it says could ever be ended.
* GitHub can wrap the JSON into the form field ``payload``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.body import Json
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Verbatim
from bridge.sources.form import read_json_in
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner
from bridge.sources.signatures import vendors

_ACTIONS = {"opened": Action.TRIGGER, "reopened": Action.TRIGGER, "closed": Action.RESOLVE}
_WORDS = re.compile(r"[^\W_]+")
_STATUS, _MAINTENANCE = "status", "maintenance"
_DEGRADED, _DOWN = ("degraded performance", "\u26a0"), (" is down", "\U0001f6d1")  # words, or the signs before them


class IssueSchema(Element):
    """What happened to an issue, or to something else on GitHub."""

    action = Verbatim()
    repository = Key()
    number = Key()
    title = Line()
    text = Text()
    url = Text()
    labels = Texts()
    began = Moment()
    closed = Moment()
    changed = Moment()
    aside = Text()
    own = Text()


class Upptime(JsonSource):
    """``type: upptime``."""

    name: ClassVar[str] = "upptime"
    element: ClassVar[type[Schema]] = IssueSchema
    scheme = vendors.GITHUB
    sender_id_header: ClassVar[str] = "x-github-delivery"

    _shape = Shape(
        action="action",
        repository="repository.full_name",
        number="issue.number",
        title="issue.title",
        text="issue.body",
        url="issue.html_url",
        began="issue.created_at",
        closed="issue.closed_at",
        changed="issue.updated_at",
    )
    record = Record(
        title="Upptime, through GitHub",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook to the repository: the address of this source, content type application/json, a "
            "secret, and the event Issues only.",
        ),
        used=(
            "action, issue.number, issue.title, issue.labels, issue.created_at, issue.closed_at, repository.full_name"
        ),
        limits=(
            "GitHub does not send again by itself: redeliver by hand what was lost.",
            "Maintenance issues are ignored.",
        ),
    )

    def read(self, delivery: Delivery) -> Json:
        """The JSON body, or the JSON text in the form's field ``payload``."""
        return read_json_in(delivery, "payload")

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The issue; ``aside`` names any other kind of event."""
        labels = inner(element, "issue").get("labels")
        named = [label.get("name") for label in labels if isinstance(label, dict)] if isinstance(labels, list) else []
        aside = None
        if "zen" in element and "hook_id" in element:
            aside = "ping"
        elif "comment" in element:
            aside = "comment on an issue"
        elif "issue" not in element and "repository" in element:
            aside = "event that is no issue"
        own = inner(element, "data").get("message")
        return {**self._shape(element), "labels": named, "aside": aside, "own": own}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """What happened to one issue."""
        if alert["aside"]:
            key = _key(alert) or alert["repository"] or alert["aside"]
            return self.statement(notes, Action.IGNORE, key, title=alert["title"], reason=f"GitHub: {alert['aside']}")
        key = _key(alert)
        if key is None and alert["own"]:
            raise ValidationError({"data": ["is a message of Upptime itself; add the webhook to the repository."]})
        if key is None:
            raise ValidationError({"issue.number" if alert["repository"] else "repository.full_name": ["is missing."]})
        labels, action, title = alert["labels"] or (), (alert["action"] or "").casefold(), alert["title"] or ""
        verdict = _ACTIONS.get(action, Action.IGNORE)
        slug = _slug(labels, title)
        return self.statement(
            notes,
            verdict,
            key,
            title=title,
            severity=_severity(title),
            text=alert["text"],
            labels={"repository": alert["repository"], "labels": ",".join(labels), **({"slug": slug} if slug else {})},
            component=slug,
            url=alert["url"],
            at=alert["closed"] if verdict is Action.RESOLVE else alert["changed"],
            started_at=alert["began"],
            ended_at=alert["closed"] or alert["changed"],
            reason=_why_ignored(action, labels),
        )


def _key(alert: Mapping[str, Any]) -> str | None:
    known = alert["repository"] and alert["number"]
    return f"{alert['repository']}#{alert['number']}" if known else None


def _slug(labels: tuple[str, ...], title: str) -> str | None:
    """The label of the site: of those that are not Upptime's own the one that begins the title, else the first."""
    own = [label for label in labels if label not in (_STATUS, _MAINTENANCE)]
    named = "-".join(_WORDS.findall(title.casefold()))
    close = [label for label in own if f"{named}-".startswith(f"{label.casefold()}-")]
    return max(close, key=len, default=own[0] if own else None)


def _severity(title: str) -> AlertSeverity | None:
    if any(mark in title for mark in _DEGRADED):
        return AlertSeverity.MINOR
    return AlertSeverity.CRITICAL if any(mark in title for mark in _DOWN) else None


def _why_ignored(action: str, labels: tuple[str, ...]) -> str | None:
    if action not in _ACTIONS:
        return f"issue {action or 'without action'}"
    if _MAINTENANCE in labels:
        return "planned maintenance"
    return None if _STATUS in labels else f"issue without the label {_STATUS}"
