"""PingPong's rows as canonical objects. Pure.

Facts behind the choices (PingPong documentation):

- A component is shown as live incidents and maintenance have it. Only while there are none, that is its own status.
- What an incident does to a component is told by the component's status, so only as long as the incident lasts.
- The message of an incident is its own, and stands for the phase that an incident has before its first update.
- Points cannot be read, and there are neither subscribers nor templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Publication,
    TextFormat,
    Visibility,
)
from bridge.model.facts import Seen
from bridge.model.loss import Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    Metric,
    Text,
)
from bridge.providers.base.impact import severity_of
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import moment_of
from bridge.providers.base.reading import Identify, Reading
from bridge.providers.pingpong.absent import unreadable

OVERLAID = "overlaid"
"""Added to the row of a component: whether a live incident or maintenance hides its own status."""
MEASURED = ("url", "frequency", "location", "showcased")
"""Fields of a metric that PingPong measures itself."""
_LONG_AGO = datetime.fromtimestamp(0, UTC)

Answer = Mapping[str, Any]


def overlaid(row: Answer, touched: frozenset[str]) -> Answer:
    """The row of a component that tells whether its own status is hidden; ``touched`` are those whose is."""
    return {**row, OVERLAID: str(row["id"]) in touched}


class Reader:
    """Understands PingPong.

    Args:
        words: the provider's tables.
    """

    def __init__(self, words: Words) -> None:
        self.words = words

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what could not be understood of it.

        Raises:
            Refused: PingPong does not show objects of this kind.
        """
        if kind not in _READ:
            raise unreadable(kind)
        reading = Reading(self.words, source, kind, seen, identify)
        return _READ[kind](self, reading), reading.losses

    def _component(self, reading: Reading) -> Component:
        row = reading.row
        shown = reading.word(ComponentStatus, row.get("status"))
        base = shown
        if row.get(OVERLAID, True):
            base = ComponentStatus.UNKNOWN
            why = "A live incident or maintenance hides the component's own status."
            reading.lose("component_status", shown, base, why)
        else:
            reading.word(ComponentStatus, row.get("status"), "status")
        group = row.get("group")
        return Component(
            id=reading.id,
            name=str(row["name"]),
            status=base,
            effective_status=shown,
            description=row.get("description") or None,
            group=reading.other(Kind.COMPONENT_GROUP, group["id"]) if group else None,
            showcased=bool(row.get("showcased", True)),
            origin=reading.origin(),
        )

    def _group(self, reading: Reading) -> ComponentGroup:
        row = reading.row
        return ComponentGroup(
            id=reading.id,
            name=str(row["name"]),
            visibility=Visibility.PUBLIC,
            description=row.get("description") or None,
            origin=reading.origin(),
        )

    def _incident(self, reading: Reading) -> Incident:
        row = reading.row
        status = reading.word(IncidentStatus, row.get("status"), "status")
        components = self._affected(reading, status)
        started = _start(row, "occurred_at")
        updates = (self._opening(reading, started), *self._updates(reading))
        reading.keep("reported_by")
        return Incident(
            id=reading.id,
            title=str(row["title"]),
            status=status,
            impact=severity_of(components.values()),
            components=components,
            updates=updates,
            started_at=started,
            visibility=Visibility.PUBLIC,
            publication=Publication.PUBLISHED,
            notify=False,
            resolved_at=updates[-1].at if status.is_terminal else None,
            origin=reading.origin(),
        )

    def _affected(self, reading: Reading, status: IncidentStatus) -> dict[str, ComponentStatus]:
        """Component → what the incident does to it, which nothing tells any more once it is over."""
        rows = reading.row.get("affected_components") or ()
        if status.is_terminal and rows:
            names = ", ".join(str(row.get("name", row["id"])) for row in rows)
            why = "What an incident did to its components is not told once it is over."
            reading.lose("components", names, ComponentStatus.UNKNOWN, why)
        reading.put("affected_components", {str(row["id"]): row.get("status") for row in rows})
        return {
            reading.other(Kind.COMPONENT, row["id"]): ComponentStatus.UNKNOWN
            if status.is_terminal
            else reading.word(ComponentStatus, row.get("status"))
            for row in rows
        }

    def _opening(self, reading: Reading, started: datetime) -> IncidentUpdate:
        row = reading.row
        has_updates = bool(row.get("updates"))
        status = IncidentStatus.REPORTED if has_updates else reading.word(IncidentStatus, row.get("status"))
        identity = f"{row['id']}/message"
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, identity, started),
            message=_html(row.get("message")),
            at=started,
            status=status,
            origin=reading.part(identity),
        )

    def _updates(self, reading: Reading) -> tuple[IncidentUpdate, ...]:
        """Oldest first in the documentation's samples, which promises nothing."""
        rows = sorted(reading.row.get("updates") or (), key=lambda row: str(row.get("created_at") or ""))
        return tuple(self._update(reading, row) for row in rows)

    def _update(self, reading: Reading, row: Answer) -> IncidentUpdate:
        at = _start(row, "created_at")
        identity = f"{reading.row['id']}/{row['id']}"
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, identity, at),
            message=_html(row.get("message")),
            at=at,
            status=reading.word(IncidentStatus, row.get("status")),
            origin=reading.part(row["id"], status=row.get("status"), reported_by=row.get("reported_by")),
        )

    def _maintenance(self, reading: Reading) -> Maintenance:
        row = reading.row
        reading.keep("reported_by")
        affected = row.get("affected_components") or ()
        return Maintenance(
            id=reading.id,
            title=str(row["name"]),
            status=reading.word(MaintenanceStatus, row.get("status"), "status"),
            message=_html(row.get("message")),
            components=tuple(reading.other(Kind.COMPONENT, component["id"]) for component in affected),
            starts_at=_start(row, "scheduled_for"),
            ends_at=moment_of(row.get("ends_at")),
            visibility=Visibility.PUBLIC,
            notify=False,
            origin=reading.origin(),
        )

    def _metric(self, reading: Reading) -> Metric:
        row = reading.row
        measured = "frequency" in row
        component = row.get("component")
        reading.keep(*(MEASURED if measured else ()))
        return Metric(
            id=reading.id,
            name=str(row["name"]),
            aggregation=MetricAggregation.MEAN
            if measured
            else reading.word(MetricAggregation, row.get("rollup"), "rollup"),
            visibility=self._seen_by(row["showcased"] if measured else bool(row.get("showcased"))),
            suffix=row.get("suffix") or None,
            description=row.get("description") or None,
            component=reading.other(Kind.COMPONENT, component["id"]) if component else None,
            origin=reading.origin(),
        )

    def _seen_by(self, showcased: object) -> Visibility:
        if isinstance(showcased, bool):
            return Visibility.PUBLIC if showcased else Visibility.HIDDEN
        return self.words.shown_to(showcased)


_READ: Mapping[Kind, Callable[[Reader, Reading], CanonicalObject]] = MappingProxyType(
    {
        Kind.COMPONENT: Reader._component,
        Kind.COMPONENT_GROUP: Reader._group,
        Kind.INCIDENT: Reader._incident,
        Kind.MAINTENANCE: Reader._maintenance,
        Kind.METRIC: Reader._metric,
    }
)


def _html(source: object) -> Text:
    return Text(str(source or ""), TextFormat.HTML)


def _start(row: Answer, field: str) -> datetime:
    """When it began; when it was made, where that is not told."""
    return moment_of(row.get(field)) or moment_of(row.get("created_at")) or _LONG_AGO
