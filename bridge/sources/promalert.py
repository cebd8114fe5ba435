"""Alerts as Alertmanager writes them, wherever its groups turn up.

Facts are from the Alertmanager source. Traps that are handled here:

* An alert that has not ended carries the year 1 as its end.
* ``fingerprint`` is in the payload since 0.19; before, it is computed as Alertmanager does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Key, Moment, Text, TextMap, Word
from bridge.sources.labelled import NEVER_PUBLISHED, fingerprint, read_labels


class AlertSchema(Element):
    """One member of ``alerts``."""

    status = Word({"firing": Action.TRIGGER, "resolved": Action.RESOLVE}, required=True)
    labels = TextMap(required=True)
    annotations = TextMap()
    started_at = Moment(data_key="startsAt")
    ended_at = Moment(data_key="endsAt")
    link = Text(data_key="generatorURL")
    fingerprint = Key()


class PromAlertSource(JsonSource):
    """Base of whatever gets alerts of Alertmanager."""

    element: ClassVar[type[Schema]] = AlertSchema

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._ignored = frozenset(options.get("ignore", NEVER_PUBLISHED))

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One alert, by its own status and times."""
        told = read_labels(alert["labels"], alert["annotations"])
        return self.statement(
            notes,
            alert["status"],
            alert["fingerprint"] or fingerprint(alert["labels"]),
            title=told.title,
            word=told.severity,
            text=told.text,
            labels=told.labels,
            url=told.link or alert["link"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"],
            reason=f"{told.name} is on the ignore list" if told.name in self._ignored else None,
        )

    def one(self, element: Any, notes: Notes) -> Event:
        """The event of an alert that was wrapped in something else.

        Raises:
            ValidationError: when it cannot be understood.
        """
        return self.event(self._load(element, notes), notes)
