"""Honeycomb triggers and burn alerts.

The default body tells no time; only the order of arrival places it. A delivery that is repeated keeps its id. A trigger
that is set to "on true" is sent again in every run. Older bodies have no id, and then the name is the key. Honeycomb's
own "generic" template has the state, the test and a time one level down, under ``alert``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape
from bridge.sources.signatures.vendors import HONEYCOMB
from bridge.sources.single import ObjectSource, facts, ignored, missing

_told_by = Shape(
    id="id",
    name="name",
    status="status alert.status",
    is_test="is_test isTest alert.isTest",
    summary="summary alert.summary",
    description="alert.description description",
    trigger_description="trigger_description",
    operator="operator threshold.op",
    threshold="threshold.value threshold",
    alert_type="alert_type",
    result_url="result_url result.links.url",
    trigger_url="trigger_url links.url url",
    timestamp="alert.timestamp timestamp",
)
"""Names of the default body → where else their values stand."""


class TriggerSchema(Element):
    """The default body, version 0.1.0 and before."""

    id = Key()
    title = Key(data_key="name")
    state = Word({"triggered": Action.TRIGGER, "ok": Action.RESOLVE}, data_key="status")
    test = Flag(data_key="is_test")
    summary = Line()
    text = Text(data_key="trigger_description")
    description = Text()
    operator = Text()
    threshold = Text()
    alert_type = Text()
    result_url = Text()
    trigger_url = Text()
    at = Moment(data_key="timestamp")


class Honeycomb(ObjectSource):
    """``type: honeycomb``."""

    name: ClassVar[str] = "honeycomb"
    sender: ClassVar[str] = "Honeycomb webhook"
    element: ClassVar[type[Schema]] = TriggerSchema
    scheme = HONEYCOMB
    sender_id_header: ClassVar[str] = "x-honeycomb-webhook-delivery-id"
    record = Record(
        title="Honeycomb triggers",
        resolves=Resolves.YES,
        setup=("Add a webhook recipient with the address of this source, and put its shared secret under secrets.",),
        used=("id, name, status, description, summary, trigger_url, result_groups_triggered, is_test"),
        limits=("The default body has no time. There is one message for each trigger and not for each group.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values under the names of the default body."""
        return super().renamed(_told_by(element))

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A trigger fired, fires still, or is fine."""
        key = alert["id"] or alert["title"]
        if alert["test"]:
            return ignored(key, "test notification", alert["title"])
        if not key or alert["state"] is None:
            raise missing("status") if key else missing("id", "name")
        return self.statement(
            notes,
            alert["state"],
            key,
            title=alert["title"] or alert["summary"],
            at=alert["at"],
            text=alert["description"] or alert["text"],
            labels=facts(
                trigger=alert["title"],
                alert_type=alert["alert_type"],
                operator=alert["operator"],
                threshold=alert["threshold"],
            ),
            url=alert["result_url"] or alert["trigger_url"],
        )
