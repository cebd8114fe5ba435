"""Cachet 2's rows as canonical objects. Pure.

Facts behind the choices (Cachet 2.4 source and measurements):

- The message of an incident is kept apart from its updates, and the first phase is overwritten by them.
- An incident is linked with one component and does not remember what it did to it.
- Where a schedule has no end, and where an address is not verified, the present moment is shown.
- A point that came again counts more than once, and is shown as its value times that count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Publication,
    Severity,
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
    IncidentTemplate,
    IncidentUpdate,
    Maintenance,
    Metric,
    MetricPoint,
    Subscriber,
    Text,
)
from bridge.providers.base.impact import severity_of
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import moment_of
from bridge.providers.base.reading import Identify, Reading

LINKED = "linked_component"
"""Added to the row of an incident: the component that it is linked with."""
READ_AT = "read_at"
"""Added to the row of a schedule: when it was read."""
TO_ALL = "to_all_components"
"""Added to the row of a subscriber: whether they are told of every component there is."""
SEVERITY = "severity"
"""Key of an incident's free data under which its severity is kept."""
OWN_METRIC_FIELDS = ("threshold", "default_view", "display_chart")

_SHORTLY = timedelta(seconds=5)
_CLOCK_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?", re.I)
_LONG_AGO = datetime.fromtimestamp(0, UTC)

Answer = Mapping[str, Any]


class Reader:
    """Understands Cachet 2; what is otherwise in 2.3 has been brought into the shape of 2.4 before.

    Args:
        words: the provider's tables and marker.
    """

    def __init__(self, words: Words) -> None:
        self.words = words

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what could not be understood of it.

        Raises:
            Refused: objects of this kind are not read alone.
        """
        if kind not in _READ:
            raise Refused(f"Cachet 2 shows a {kind} only inside of another object")
        reading = Reading(self.words, source, kind, seen, identify)
        return _READ[kind](self, reading), reading.losses

    def _component(self, reading: Reading) -> Component:
        row = reading.row
        status = reading.word(ComponentStatus, row.get("status"), "status")
        tags = dict(row.get("tags") or {})
        reading.put("tags", tags)
        self._keep_meta(reading)
        group = row.get("group_id")
        return Component(
            id=reading.id,
            name=str(row["name"]),
            status=status,
            effective_status=status,
            description=row.get("description") or None,
            link=row.get("link") or None,
            group=reading.other(Kind.COMPONENT_GROUP, group) if group else None,
            position=_number(row.get("order")),
            showcased=bool(row.get("enabled", True)),
            labels={str(slug): str(name) for slug, name in tags.items()},
            origin=reading.origin(),
        )

    def _group(self, reading: Reading) -> ComponentGroup:
        row = reading.row
        reading.keep("collapsed")
        return ComponentGroup(
            id=reading.id,
            name=str(row["name"]),
            visibility=_visibility(row.get("visible")),
            position=_number(row.get("order")),
            origin=reading.origin(),
        )

    def _incident(self, reading: Reading) -> Incident:
        row = reading.row
        status = reading.word(IncidentStatus, row.get("latest_status", row.get("status")))
        components = self._affected(reading, status)
        started = _start(row, "occurred_at")
        updates = (self._opening(reading, status, started), *self._updates(reading))
        reading.keep("stickied", "user_id")
        self._keep_meta(reading)
        return Incident(
            id=reading.id,
            title=str(row["name"]),
            status=status,
            impact=_severity(row.get("meta")) or severity_of(components.values()),
            components=components,
            updates=updates,
            started_at=started,
            visibility=_visibility(row.get("visible")),
            publication=Publication.PUBLISHED,
            notify=False,
            resolved_at=_resolved(row, updates) if status.is_terminal else None,
            origin=reading.origin(),
        )

    def _affected(self, reading: Reading, status: IncidentStatus) -> dict[str, ComponentStatus]:
        """The linked component, and what its status is as long as the incident lasts."""
        number, linked = reading.row.get("component_id"), reading.row.get(LINKED)
        if not number:
            return {}
        name = reading.other(Kind.COMPONENT, number)
        if linked and not status.is_terminal:
            return {name: reading.word(ComponentStatus, linked.get("status"))}
        why = "An incident does not remember what it did to its component."
        reading.lose("components", str((linked or {}).get("name", number)), ComponentStatus.UNKNOWN, why)
        return {name: ComponentStatus.UNKNOWN}

    def _opening(self, reading: Reading, status: IncidentStatus, started: datetime) -> IncidentUpdate:
        """The incident's own message; which phase it had is told only as long as there are no updates."""
        row = reading.row
        alone = not row.get("updates")
        raw = {"status": row.get("status")} if alone else {}
        identity = f"{row['id']}/message"
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, identity, started),
            message=_text(row.get("message")),
            at=started,
            status=status if alone else None,
            origin=reading.part(identity, **raw),
        )

    def _updates(self, reading: Reading) -> tuple[IncidentUpdate, ...]:
        """Oldest first. Times are whole seconds, so equal ones come in any order; ids never go back."""
        rows = sorted(reading.row.get("updates") or (), key=lambda row: int(row["id"]))
        return tuple(self._update(reading, row) for row in rows)

    def _update(self, reading: Reading, row: Answer) -> IncidentUpdate:
        at = _start(row, "created_at")
        identity = f"{reading.row['id']}/{row['id']}"
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, identity, at),
            message=_text(row.get("message")),
            at=at,
            status=reading.word(IncidentStatus, row.get("status")),
            origin=reading.part(row["id"], status=row.get("status")),
        )

    def _maintenance(self, reading: Reading) -> Maintenance:
        row = reading.row
        ends = end_of(row)
        reading.put("completed_at", row.get("completed_at") if ends else None)
        return Maintenance(
            id=reading.id,
            title=str(row["name"]),
            status=reading.word(MaintenanceStatus, row.get("status"), "status"),
            message=_text(row.get("message")),
            components=(),
            starts_at=_start(row, "scheduled_at"),
            visibility=Visibility.PUBLIC,
            notify=False,
            ends_at=ends,
            origin=reading.origin(),
        )

    def _metric(self, reading: Reading) -> Metric:
        row = reading.row
        reading.keep(*OWN_METRIC_FIELDS)
        aggregation = reading.word(MetricAggregation, row.get("calc_type"), "calc_type")
        # 2.3 shows all metrics to everybody.
        visibility = self.words.shown_to(row["visible"]) if "visible" in row else Visibility.PUBLIC
        return Metric(
            id=reading.id,
            name=str(row["name"]),
            aggregation=aggregation,
            visibility=visibility,
            suffix=row.get("suffix") or None,
            description=row.get("description") or None,
            places=_number(row.get("places")),
            default_value=float(row.get("default_value") or 0),
            position=_number(row.get("order")),
            origin=reading.origin(),
        )

    def _point(self, reading: Reading) -> MetricPoint:
        row = reading.row
        reading.keep("value", "counter")
        return MetricPoint(
            id=reading.id,
            metric=reading.other(Kind.METRIC, row["metric_id"]),
            value=shown_value(row),
            at=_start(row, "created_at"),
            origin=reading.origin(),
        )

    def _subscriber(self, reading: Reading) -> Subscriber:
        row = reading.row
        verified = is_verified(row.get("verified_at"))
        if verified is None:
            why = "It cannot be told from this form of a date whether the address was verified."
            reading.lose("verified", str(row.get("verified_at")), "false", why)
        numbers = () if row.get(TO_ALL) else subscribed(row)
        if not numbers and not row.get(TO_ALL):
            raise Refused(f"subscriber {row['id']} follows no component, so there is nothing to tell them of")
        return Subscriber(
            id=reading.id,
            address=str(row["email"]),
            components=tuple(reading.other(Kind.COMPONENT, number) for number in numbers),
            verified=bool(verified),
            origin=reading.origin(),
        )

    def _template(self, reading: Reading) -> IncidentTemplate:
        row = reading.row
        reading.keep("slug")
        return IncidentTemplate(
            id=reading.id, name=str(row["name"]), message=_text(row.get("template")), origin=reading.origin()
        )

    def _keep_meta(self, reading: Reading) -> None:
        """The page's own free data; our mark in it is made anew."""
        meta = reading.row.get("meta")
        mark = self.words.marker.key if self.words.marker else None
        reading.put("meta", {key: value for key, value in dict(meta or {}).items() if key != mark})


_READ: Mapping[Kind, Callable[[Reader, Reading], CanonicalObject]] = MappingProxyType(
    {
        Kind.COMPONENT: Reader._component,
        Kind.COMPONENT_GROUP: Reader._group,
        Kind.INCIDENT: Reader._incident,
        Kind.MAINTENANCE: Reader._maintenance,
        Kind.METRIC: Reader._metric,
        Kind.METRIC_POINT: Reader._point,
        Kind.SUBSCRIBER: Reader._subscriber,
        Kind.INCIDENT_TEMPLATE: Reader._template,
    }
)


def end_of(schedule: Answer) -> datetime | None:
    """When a schedule ends; None where it has no end, which is shown as the present moment.

    An end is written to the minute, so one with seconds is none. In the first second of a minute the present has none
    either; there the time of reading decides, as far as the two clocks agree.
    """
    ends = moment_of(schedule.get("completed_at"))
    if ends is None or ends.second:
        return None
    read_at = moment_of(schedule.get(READ_AT))
    return None if read_at is not None and abs(ends - read_at) < _SHORTLY else ends


def shown_value(point: Answer) -> float:
    """What a point counts for on the page (2.4: value times counter, for sums and for means)."""
    value = point.get("calculated_value")
    return float(point["value"]) * int(point.get("counter") or 1) if value is None else float(value)


def subscribed(subscriber: Answer) -> tuple[str, ...]:
    """Ids of the components that somebody is told of."""
    return tuple(sorted({str(row["component_id"]) for row in subscriber.get("subscriptions") or ()}, key=int))


def is_verified(text: object) -> bool | None:
    """Whether an address is verified: then midnight is shown, else the present moment; None where no time is shown."""
    found = _CLOCK_TIME.search(str(text or ""))
    if found is None:
        return None
    hour, minute, second, half = found.groups()
    midnight = int(hour) == (12 if half and half.lower() == "am" else 0)
    return midnight and int(minute) == 0 and int(second or 0) == 0


def _text(source: object) -> Text:
    return Text(str(source or ""), TextFormat.MARKDOWN)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _visibility(visible: object) -> Visibility:
    """Whoever is logged in sees everything; what is neither yes nor no is not for the public."""
    return Visibility.PUBLIC if visible in (1, True) else Visibility.AUTHENTICATED


def _severity(meta: object) -> Severity | None:
    kept = meta.get(SEVERITY) if isinstance(meta, Mapping) else None
    return Severity(kept) if kept in list(Severity) else None


def _start(row: Answer, field: str) -> datetime:
    """When it began; when it was made, where that is not told."""
    return moment_of(row.get(field)) or moment_of(row.get("created_at")) or _LONG_AGO


def _resolved(row: Answer, updates: tuple[IncidentUpdate, ...]) -> datetime | None:
    """Not stored: when the last update came, or the row was changed last."""
    return updates[-1].at if len(updates) > 1 else moment_of(row.get("updated_at"))
