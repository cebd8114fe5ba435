"""Keep: its alert object, as a workflow posts it; one, a list of them, or a list under ``alerts``.

Facts are from the Keep source. Times may lack a zone; they are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, TextMap, Texts, Verbatim, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_STATES = {
    "firing": (Action.TRIGGER, None),
    "acknowledged": (Action.UPDATE, None),
    "resolved": (Action.RESOLVE, None),
    **{
        word: (Action.IGNORE, f"the alert is in the status {word}")
        for word in ("suppressed", "pending", "maintenance", "dismissed", "deleted")
    },
}


class KeepSchema(Element):
    """The state of one alert."""

    fingerprint = Key(required=True)
    status = Word(_STATES, required=True)
    title = Line()
    text = Text()
    severity = Verbatim()
    environment = Line()
    service = Texts()
    source = Texts()
    url = Text()
    labels = TextMap()
    began = Moment()
    at = Moment()
    dismissed = Flag()
    deleted = Flag()


class Keep(JsonSource):
    """``type: keep``."""

    name: ClassVar[str] = "keep"
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    element: ClassVar[type[Schema]] = KeepSchema

    _shape = Shape(
        fingerprint="fingerprint",
        status="status",
        title="name",
        text="description message",
        severity="severity",
        environment="environment",
        service="service",
        source="source",
        url="url",
        began="firingStartTime startedAt",
        at="lastReceived",
        dismissed="dismissed",
        deleted="deleted",
    )
    record = Record(
        title="Keep",
        resolves=Resolves.YES,
        setup=(
            "Send alerts to the address of this source in a workflow with the action of the provider webhook,"
            " and the token in a header.",
        ),
        used=(
            "fingerprint, name, status, severity, message, description, environment, service, startedAt, "
            "firingStartTime, lastReceived"
        ),
        limits=("A workflow can send anything: the snippet of this page sends what is understood.",),
    )

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The alerts of a body."""
        if isinstance(data, dict) and isinstance(data.get("alerts"), list):
            alerts: list[Any] = data["alerts"]
            return alerts
        return super().elements(data, notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The alert under our names."""
        return {**self._shape(element), "labels": dict(inner(element, "labels"))}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one alert; what was put aside in Keep stays aside, whatever its status, as it does there."""
        action, reason = alert["status"]
        reason = next((f"the alert is {name} in Keep" for name in ("deleted", "dismissed") if alert[name]), reason)
        known = {name: ",".join(alert[name]) for name in ("service", "source") if alert[name]}
        if alert["environment"]:
            known["environment"] = alert["environment"]
        return self.statement(
            notes,
            action,
            alert["fingerprint"],
            title=alert["title"],
            word=alert["severity"],
            text=alert["text"],
            labels={**(alert["labels"] or {}), **known},
            url=alert["url"],
            at=alert["at"],
            started_at=alert["began"],
            reason=reason,
        )
