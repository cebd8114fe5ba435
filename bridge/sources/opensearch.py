"""OpenSearch alerting (and Open Distro): the body is Mustache, typed by a person for each action of a monitor.

Facts are from OpenSearch's documentation and issues. Traps that are handled here:

* A query-level monitor never tells that it recovered. A bucket-level monitor lists what is new, what goes on and what
  is over: each bucket is an alert of its own.
* Severity is a text, "1" the worst.
* ``error`` tells that the monitor itself failed; that is not an outage.
* Lists that are made with a Mustache section end with a comma unless a null follows; the null is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event
from bridge.sources.batch import MOST_ELEMENTS, JsonSource, Notes
from bridge.sources.body import Json
from bridge.sources.fields import Element, Key, Line, Moment, Text, Word, to_text
from bridge.sources.lifecycle import ACTION_WORDS
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_GRADES = {
    "1": AlertSeverity.CRITICAL,
    "2": AlertSeverity.MAJOR,
    "3": AlertSeverity.MINOR,
    **dict.fromkeys(("4", "5"), AlertSeverity.INFO),
}
_LISTS = {
    "firing": ("new_alerts", "newAlerts", "deduped_alerts", "dedupedAlerts"),
    "resolved": ("completed_alerts", "completedAlerts"),
}
_STATES = {
    **ACTION_WORDS,
    **dict.fromkeys(("active", "new", "deduped"), Action.TRIGGER),
    **dict.fromkeys(("completed", "deleted"), Action.RESOLVE),
}
_SHAPE = Shape(
    monitor_id="monitor_id monitor._id monitor.id monitor_name monitor.name",
    trigger_id="trigger_id trigger.id trigger_name trigger.name",
    monitor_name="monitor_name monitor.name",
    trigger_name="trigger_name trigger.name",
    grade="severity trigger.severity",
    status="status state",
    at="period_end periodEnd",
    error="error",
    text="message",
    url="url",
)
_LONGEST_SHARED, _MOST_SHARED = 2_000, 40
_NAMES = ("_id", "id", "name", "severity")
_READ = (
    "monitor_id",
    "monitor",
    "monitor_name",
    "trigger_id",
    "trigger",
    "trigger_name",
    "period_end",
    "periodEnd",
    "error",
    "message",
    "url",
)


class OpenSearchSchema(Element):
    """One trigger, or one bucket of a trigger."""

    monitor = Key(required=True, data_key="monitor_id")
    trigger = Key(required=True, data_key="trigger_id")
    monitor_name = Line()
    trigger_name = Line()
    grade = Text()
    status = Word(_STATES)
    at = Moment()
    error = Text()
    text = Text()
    url = Text()
    bucket = Key()


class OpenSearch(JsonSource):
    """``type: opensearch``."""

    name: ClassVar[str] = "opensearch"
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "PATCH")
    element: ClassVar[type[Schema]] = OpenSearchSchema
    record = Record(
        title="OpenSearch alerting",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Add a custom webhook channel with the address of this source and the token as a header.",
            "Write the body of this page into the action of the trigger; for bucket-level monitors the one with lists.",
        ),
        used=("monitor, trigger, periodEnd, severity, alerts"),
        limits=(
            "Only bucket-level monitors tell that something is over: set resolve_after for all others.",
            "The default message is plain text and is refused.",
        ),
    )

    def read(self, delivery: Delivery) -> Json:
        """The body; the message that OpenSearch proposes is plain text."""
        try:
            return super().read(delivery)
        except Unparsable as error:
            if delivery.body.lstrip()[:1] in (b"{", b"["):
                raise
            hint = (
                "OpenSearch's own message is plain text: write the body of the page about this source into the action."
            )
            raise Unparsable(f"{error.reason} {hint}") from None

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """One element for each bucket, or a single one for a query-level monitor."""
        if not isinstance(data, dict):
            raise Unparsable("The body must be a JSON object; OpenSearch's own message is plain text.")
        context = {**data, **inner(data, "ctx")}
        listed = {name for names in _LISTS.values() for name in names}
        shared = _shared(context)
        each = (
            {**shared, "status": status, "_bucket": bucket}
            for status, names in _LISTS.items()
            for name in names
            for bucket in _listed(context.get(name))
        )
        buckets = list(islice(each, MOST_ELEMENTS + 1))
        is_bucket_level = any(isinstance(context.get(name), list) for name in listed)
        return buckets if buckets or (is_bucket_level and not context.get("error")) else [context]

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The recommended bodies, or the context as OpenSearch nests it."""
        told = _SHAPE(element)
        if told["status"] == "bucket":
            told["status"] = None
        if "_bucket" in element:
            told["bucket"] = _bucket_key(element["_bucket"])
        return told

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one trigger or of one bucket."""
        grade = _GRADES.get(alert["grade"] or "")
        names = {name: alert[name] for name in ("monitor_name", "trigger_name", "bucket") if alert[name]}
        parts = (alert["monitor"], alert["trigger"], alert["bucket"])
        return self.statement(
            notes,
            alert["status"] or Action.TRIGGER,
            ":".join(part for part in parts if part),
            title=alert["trigger_name"] or alert["monitor_name"],
            severity=grade,
            word=None if grade else alert["grade"],
            text=alert["text"],
            labels=names,
            url=alert["url"],
            internal_note=alert["error"],
            at=alert["at"],
            reason="the monitor itself failed" if alert["error"] else None,
        )


def _shared(context: Mapping[str, Any]) -> dict[str, Any]:
    """What the buckets of a body have in common, cut short: it is read and kept anew for each of thousands."""
    names = dict.fromkeys((*_READ, *islice(context, _MOST_SHARED)))
    return {name: _short(context[name]) for name in names if name in context}


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST_SHARED]
    if not isinstance(value, dict | list) or len(to_text(value)) <= _LONGEST_SHARED:
        return value
    return {name: _short(value[name]) for name in _NAMES if name in value} if isinstance(value, dict) else None


def _listed(alerts: Any) -> list[Any]:
    return [alert for alert in alerts if alert is not None] if isinstance(alerts, list) else []


def _bucket_key(bucket: Any) -> str:
    """The keys of a bucket; its alert id is another one in the next life."""
    keys = bucket.get("bucket_keys") if isinstance(bucket, dict) else bucket
    if isinstance(keys, list):
        keys = ",".join(to_text(key) for key in keys)
    if not isinstance(keys, str | int) or keys == "":
        raise ValidationError({"bucket_keys": ["is missing."]})
    return str(keys)
