"""Prometheus Alertmanager's webhook: payload version 4, version 3 (2016) tolerated.

Facts are from the Alertmanager source. Traps that are handled here:

* The envelope's ``status`` is the group's: "firing" while any member fires. Only ``alerts[].status`` counts.
* ``truncatedAlerts`` says that members were left out; nothing is inferred about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.sources.batch import Notes
from bridge.sources.labelled import PulledOptions, members
from bridge.sources.promalert import PromAlertSource
from bridge.sources.record import Record, Resolves


class Alertmanager(PromAlertSource):
    """``type: alertmanager``."""

    name: ClassVar[str] = "alertmanager"
    options_schema: ClassVar[type[Schema]] = PulledOptions
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

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The members of the group."""
        return members(data, notes, sender="Alertmanager")
