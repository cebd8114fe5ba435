"""Graylog's HTTP notification (both versions), and the alarm callback of Graylog 2 and 3.

Facts are from the Graylog source. There is never a recovery: give such a source a ``resolve_after``. Traps that are
handled here:

* Each post is a new event; what goes on is the event definition with the values that it groups by.
* The test uses three different dummy ids.
* ``backlog`` holds log lines and is not looked at.
* The second version's default body is flat and its values are texts; it may come as a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.body import Json, clean
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, TextMap
from bridge.sources.form import read_values
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_PRIORITIES = {
    "1": AlertSeverity.INFO,
    "2": AlertSeverity.MINOR,
    "3": AlertSeverity.MAJOR,
    "4": AlertSeverity.CRITICAL,
}
_PLAIN = b"event_definition_id="
_TEST_IDS = frozenset(
    {
        "NotificationTestId",
        "EventDefinitionTestId",
        "TEST_NOTIFICATION_ID",
        "this-is-a-test-notification",
        "test-dummy-v1",
        "notification-test-v1",
        "dummy",
    }
)


class GraylogSchema(Element):
    """One event."""

    definition = Key()
    definition_type = Line()
    event_id = Line()
    key = Key()
    groups = TextMap()
    title = Line()
    text = Text()
    source = Line()
    priority = Text()
    alert = Flag()
    at = Moment()
    url = Text()


class Graylog(JsonSource):
    """``type: graylog``."""

    name: ClassVar[str] = "graylog"
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "GET")
    element: ClassVar[type[Schema]] = GraylogSchema

    _shape = Shape(
        definition="event_definition_id event.event_definition_id check_result.triggered_condition.id",
        definition_type="event_definition_type event.event_definition_type check_result.triggered_condition.type",
        event_id="event.id event_id",
        key="event.key event_key",
        title="event_definition_title event_title check_result.triggered_condition.title stream.title",
        text="event.message event_message check_result.result_description event_definition_description",
        source="event.source event_source stream.title",
        priority="event.priority event_priority",
        alert="event.alert event_alert check_result.triggered",
        at="event.timestamp event_timestamp check_result.triggered_at event_timestamp_processing",
        url="event.replay_info.url url",
    )
    record = Record(
        title="Graylog",
        resolves=Resolves.NO,
        setup=(
            "Add an HTTP notification with the address of this source to the event definition; the address "
            "must be on the URL allow-list.",
            "Set resolve_after or end incidents by hand: Graylog never tells that something is over.",
        ),
        used=(
            "event_definition_id, event_definition_title, event_definition_description, event.key, "
            "event.group_by_fields, event.priority, event.message, event.timestamp, event.alert"
        ),
        limits=("The backlog holds log lines; it is never published.",),
    )

    def read(self, delivery: Delivery) -> Json:
        """The JSON body, a form, or plain text with one ``name=value`` a line."""
        if delivery.body.lstrip().startswith(_PLAIN) and b"&" not in delivery.body.partition(b"\n")[0]:
            lines = delivery.body.decode("utf-8", "replace").splitlines()
            return Json(clean(dict(line.partition("=")[::2] for line in lines if "=" in line)))
        return read_values(delivery)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Any of the versions."""
        return {**self._shape(element), "groups": dict(inner(element, "event", "group_by_fields"))}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One event of a definition."""
        if alert["definition"] is None:
            raise ValidationError({"event_definition_id": ["is missing."]})
        groups = alert["groups"] or {}
        reason = None
        if not _TEST_IDS.isdisjoint((alert["definition"], alert["definition_type"], alert["event_id"])):
            reason = "test of the notification in Graylog"
        elif alert["alert"] is False:
            reason = "the event is no alert"
        return self.statement(
            notes,
            Action.TRIGGER,
            ":".join(filter(None, (alert["definition"], alert["key"] or _grouped(groups)))),
            title=alert["title"] or alert["text"],
            severity=_PRIORITIES.get(alert["priority"] or ""),
            text=alert["text"],
            labels={**{name: alert[name] for name in ("title", "source", "key") if alert[name]}, **groups},
            at=alert["at"],
            url=alert["url"],
            reason=reason,
        )


def _grouped(groups: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in sorted(groups.items()))
