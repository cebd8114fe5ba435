"""Alerts pushed as to Alertmanager's API: by Prometheus, vmalert and the rulers of Mimir, Thanos and Loki.

Facts are from the notifiers of Prometheus and VictoriaMetrics. The body is a bare array without status or fingerprint.
A firing alert carries an end some intervals ahead, by which it is over unless it is sent again; a resolved one carries
the real end. So the end is compared with the arrival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.body import Json
from bridge.sources.fields import Element, Moment, Text, TextMap
from bridge.sources.labelled import NEVER_PUBLISHED, LabelledOptions, fingerprint, read_labels
from bridge.sources.record import Record, Resolves


class PostableSchema(Element):
    """One alert of the array; ``arrival`` is ours."""

    labels = TextMap(required=True)
    annotations = TextMap()
    started_at = Moment(data_key="startsAt")
    ended_at = Moment(data_key="endsAt")
    link = Text(data_key="generatorURL")
    arrival = Moment(data_key="_arrival", required=True)


class PrometheusApi(JsonSource):
    """``type: prometheus-api``."""

    name: ClassVar[str] = "prometheus-api"
    options_schema: ClassVar[type[Schema]] = LabelledOptions
    element: ClassVar[type[Schema]] = PostableSchema
    success_status: ClassVar[int] = 200
    path_suffix: ClassVar[str] = "/api/v2/alerts"
    record = Record(
        title="Prometheus and vmalert, without an Alertmanager",
        resolves=Resolves.YES,
        setup=(
            "Name the bridge as an Alertmanager, with the address of this source as path_prefix: "
            "/api/v2/alerts is appended by Prometheus itself.",
            "Give the token in the authorization block of the alertmanagers section.",
        ),
        used=("[].labels, [].annotations, [].startsAt, [].endsAt, [].generatorURL"),
        limits=(
            "Firing alerts come again every minute or so; an alert that is not sent again before its endsAt "
            "counts as over there, and here only with resolve_after: set it to a few times that interval.",
        ),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._ignored = frozenset(options.get("ignore", NEVER_PUBLISHED))

    def read(self, delivery: Delivery) -> Json:
        """The array, each alert with the time of arrival."""
        body = super().read(delivery)
        if not isinstance(body.data, list):
            raise Unparsable("This is no push of alerts: an array is expected. Alertmanager's webhook is another type.")
        arrival = delivery.received_at.isoformat()
        alerts = [{**alert, "_arrival": arrival} if isinstance(alert, dict) else alert for alert in body.data]
        return Json(alerts, body.warnings)

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The alerts; an empty array is a valid no-op."""
        alerts: list[Any] = data
        return alerts

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One alert: over if its end is not after its arrival."""
        told = read_labels(alert["labels"], alert["annotations"])
        over = alert["ended_at"] is not None and alert["ended_at"] <= alert["arrival"]
        return self.statement(
            notes,
            Action.RESOLVE if over else Action.TRIGGER,
            fingerprint(alert["labels"]),
            title=told.title,
            word=told.severity,
            text=told.text,
            labels=told.labels,
            url=told.link or alert["link"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"],
            reason=f"{told.name} is on the ignore list" if told.name in self._ignored else None,
        )
