"""Prometheus Alertmanager's webhook: payload version 4, version 3 (2016) tolerated.

Facts are from the Alertmanager source. Traps that are handled here:

* The envelope's ``status`` is the group's: "firing" while any member fires. Only ``alerts[].status`` counts.
* ``truncatedAlerts`` says that members were left out; nothing is inferred about them.
* An alert that has not ended carries the year 1 as its end.
* ``fingerprint`` is in the payload since 0.19; before, it is computed as Alertmanager does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Key, Moment, Text, TextMap, Word
from bridge.sources.labelled import NEVER_PUBLISHED, PulledOptions, fingerprint, members, read_labels
from bridge.sources.record import Record, Resolves


class AlertSchema(Element):
    """One member of ``alerts``."""

    status = Word({"firing": Action.TRIGGER, "resolved": Action.RESOLVE}, required=True)
    labels = TextMap(required=True)
    annotations = TextMap()
    started_at = Moment(data_key="startsAt")
    ended_at = Moment(data_key="endsAt")
    link = Text(data_key="generatorURL")
    fingerprint = Key()


class Alertmanager(JsonSource):
    """``type: alertmanager``."""

    name: ClassVar[str] = "alertmanager"
    options_schema: ClassVar[type[Schema]] = PulledOptions
    element: ClassVar[type[Schema]] = AlertSchema
    record = Record(
        title="Prometheus Alertmanager",
        resolves=Resolves.MOSTLY,
        setup=(
            "Add a receiver with webhook_configs: url is the address of this source, send_resolved is true, "
            "max_alerts is 0.",
            "Give it the token under http_config.authorization.credentials or credentials_file.",
            "Route to it what is for customers. How alerts are grouped makes no difference here; smaller "
            "groups resolve sooner.",
        ),
        used=(
            "alerts[].status, alerts[].labels, alerts[].annotations, alerts[].startsAt, alerts[].endsAt, "
            "alerts[].fingerprint, alerts[].generatorURL, truncatedAlerts"
        ),
        limits=(
            "An alert that resolves while it is silenced, inhibited or muted is never reported as resolved; "
            "`pull` sees it.",
            "VictoriaMetrics vmalert and the rulers of Mimir, Cortex, Thanos and Loki send through an "
            "Alertmanager: use this type.",
        ),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._ignored = frozenset(options.get("ignore", NEVER_PUBLISHED))

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The members of the group."""
        return members(data, notes, sender="Alertmanager")

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
