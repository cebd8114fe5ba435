"""Grafana's unified alerting (8 and newer): Alertmanager's envelope with version "1" and more in it.

Facts are from the grafana/alerting source and Grafana's documentation. Traps that are handled here:

* The envelope's ``status`` and ``state`` are the group's; only ``alerts[].status`` counts.
* The fingerprint covers labels that are not sent, so it is taken as given and never computed.
* DatasourceNoData and DatasourceError carry the annotations of the real rule, but say nothing about its subject.
* The test button sends an alert that looks like any other; its ``groupKey`` begins with ``test-``, whatever labels the
  person gave it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Key, Moment, Text, TextMap, Word
from bridge.sources.labelled import NEVER_PUBLISHED, PulledOptions, members, read_labels
from bridge.sources.pulled import STATE_REASON
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures import vendors

NO_DATA = ("DatasourceNoData", "DatasourceError")
"""Names of the alerts that Grafana makes up when a rule cannot be evaluated."""

_TEST_NAME, _TEST_FINGERPRINT, _TEST_GROUP = "TestAlert", "57c6d9296de2ad39", "test-"


class GrafanaOptions(PulledOptions):
    """``no_data``: let alerts about missing data through; they are ignored by default."""

    no_data = fields.Boolean(load_default=False)


class GrafanaSchema(Element):
    """One member of ``alerts``; ``group`` is the envelope's ``groupKey``."""

    status = Word({"firing": Action.TRIGGER, "resolved": Action.RESOLVE})
    labels = TextMap()
    annotations = TextMap()
    started_at = Moment(data_key="startsAt")
    ended_at = Moment(data_key="endsAt")
    dashboard = Text(data_key="dashboardURL")
    link = Text(data_key="generatorURL")
    fingerprint = Key(required=True)
    group = Text(data_key="_group")


class Grafana(JsonSource):
    """``type: grafana``."""

    name: ClassVar[str] = "grafana"
    options_schema: ClassVar[type[Schema]] = GrafanaOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    element: ClassVar[type[Schema]] = GrafanaSchema
    scheme = vendors.GRAFANA
    record = Record(
        title="Grafana alerting, version 8 and newer",
        resolves=Resolves.MOSTLY,
        setup=(
            "Add a contact point of the type Webhook with the address of this source, and leave “Disable "
            "resolved message” off.",
            "Give the token as authorization header; or, from Grafana 12, a secret under HMAC signature.",
            "If a timestamp header is set there, set it here too: auth: {hmac: {secrets: …, timestamp_header: …}}.",
        ),
        used=(
            "alerts[].status, alerts[].labels, alerts[].annotations, alerts[].startsAt, alerts[].endsAt, "
            "alerts[].fingerprint, alerts[].generatorURL, groupKey, truncatedAlerts"
        ),
        limits=(
            "An alert that resolves while it is silenced or muted is never reported as resolved; `pull` sees it.",
            "Alerts also resolve because their rule was edited, paused or deleted: resolved does not mean repaired.",
        ),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._ignored = frozenset(options.get("ignore", NEVER_PUBLISHED))

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The members of the group, each with the key of its group if that tells of a test."""
        if isinstance(data, dict) and "ruleId" in data and "alerts" not in data:
            raise Unparsable("There is no list “alerts”: legacy alerting of Grafana has the type grafana-legacy.")
        alerts = members(data, notes, sender="Grafana")
        group = data.get("groupKey")
        if isinstance(group, str) and group.startswith(_TEST_GROUP):
            return [{**alert, "_group": group} if isinstance(alert, dict) else alert for alert in alerts]
        return alerts

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One alert, by its own status and times."""
        told = read_labels(alert["labels"] or {}, alert["annotations"])
        ignored = self._why_ignored(alert, told.name)
        if alert["status"] is None and not ignored:  # the test of a payload of one's own may leave it out
            raise ValidationError({"status": ["is missing."]})
        labels = dict(told.labels)
        if reason := (alert["annotations"] or {}).get(STATE_REASON):
            labels[STATE_REASON] = reason
        return self.statement(
            notes,
            alert["status"] or Action.IGNORE,
            alert["fingerprint"],
            title=told.title,
            word=told.severity,
            text=told.text,
            labels=labels,
            url=told.link or alert["dashboard"] or alert["link"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"],
            reason=ignored,
        )

    def _why_ignored(self, alert: Mapping[str, Any], name: str) -> str | None:
        if alert["group"] or alert["fingerprint"] == _TEST_FINGERPRINT or name == _TEST_NAME:
            return "test button of Grafana"
        if name in NO_DATA and not self.options.get("no_data"):
            return f"{name}: missing data is not an outage"
        return f"{name} is on the ignore list" if name in self._ignored else None
