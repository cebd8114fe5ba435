"""Cachet 3's rows as canonical objects. Pure.

Facts behind the choices (Cachet 3, measured and source):

- ``status`` of a component is its own, ``latest_status`` what incidents and maintenances lay over it.
- What an incident does to its components is told reliably for one incident at a time only: a listing brings every
  component once, with the impact of the first incident that names it. See :mod:`bridge.providers.cachet3.listed`.
- The message of an incident is no update of it, and with which status it opened is not kept.
- An incident or a maintenance whose ``published`` is still to come is hidden until then.
- A metric point that counts several times stands for points of the same value, whose own times are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
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
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.reading import Identify, Reading

SEVERITY = "status_bridge_severity"
"""Key in an incident's free data: Cachet has no other place for a severity."""
EMBARGOED = "embargoed"
"""Added to a row: whether it is not shown to anybody yet."""
LISTED = "listed"
"""Added to a row that came in a listing, where the impacts in it may be those of another one."""
_IMPACT = "component_status"
_LONG_AGO = datetime.fromtimestamp(0, UTC)

Row = Mapping[str, Any]


class Reader:
    """Understands Cachet 3.

    Args:
        words: the provider's tables.
        zone: of the times in answers, which name none.
    """

    def __init__(self, words: Words, zone: tzinfo) -> None:
        self.words = words
        self._zone = zone

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what could not be understood of it.

        Raises:
            Refused: there are no such objects, or this one has no canonical meaning.
        """
        if kind not in _READ:
            raise Refused(f"Cachet 3 shows an object of the kind {kind} only inside of another one")
        reading = Reading(self.words, source, kind, seen, identify)
        return _READ[kind](self, reading), reading.losses

    # --- what is shown -----------------------------------------------------------------------------------------

    def _component(self, reading: Reading) -> Component:
        row = reading.row
        shown, group = _value(row.get("latest_status")), row.get("group")
        return Component(
            id=reading.id,
            name=str(row["name"]),
            status=reading.word(ComponentStatus, _value(row.get("status")), "status"),
            effective_status=None if shown is None else reading.word(ComponentStatus, shown),
            description=row.get("description") or None,
            link=row.get("link") or None,
            group=reading.other(Kind.COMPONENT_GROUP, group["id"]) if group else None,
            position=row.get("order"),
            showcased=bool(row.get("enabled", True)),
            labels=self._labels(reading),
            origin=reading.origin(),
        )

    def _labels(self, reading: Reading) -> dict[str, str]:
        """Texts in the free data are labels; whatever else is there is kept."""
        data = self._free_data(reading)
        labels = {name: value for name, value in data.items() if isinstance(value, str) and value}
        reading.put("meta", {name: value for name, value in data.items() if name not in labels})
        return labels

    def _free_data(self, reading: Reading) -> dict[str, Any]:
        """The owner's free data, without what this program keeps there."""
        data = reading.row.get("meta") or {}
        items = data.items() if isinstance(data, Mapping) else enumerate(data)
        ours = {SEVERITY, self.words.marker.key if self.words.marker else None}
        return {str(name): value for name, value in items if name not in ours}

    def _group(self, reading: Reading) -> ComponentGroup:
        row = reading.row
        reading.keep("visible", "collapsed", "order_column", "order_direction")
        reading.put("meta", self._free_data(reading))
        return ComponentGroup(
            id=reading.id,
            name=str(row["name"]),
            visibility=self.words.shown_to(int(row.get("visible") or 0)),
            position=row.get("order"),
            origin=reading.origin(),
        )

    # --- incidents and maintenances ----------------------------------------------------------------------------

    def _incident(self, reading: Reading) -> Incident:
        row = reading.row
        status = reading.word(IncidentStatus, _value(row.get("status")), "status")
        components = self._affected(reading)
        started = self._moment(row, "occurred") or self._moment(row, "created") or _LONG_AGO
        updates = (self._opening(reading, started), *self._updates(reading, started))
        reading.keep("stickied", "guid", "visible")
        reading.put("meta", self._free_data(reading))
        return Incident(
            id=reading.id,
            title=str(row["name"]),
            status=status,
            impact=self._severity(reading, components),
            components=components,
            updates=updates,
            started_at=started,
            visibility=self._visibility(reading, self.words.shown_to(int(row.get("visible") or 0))),
            publication=Publication.PUBLISHED,
            notify=False,
            resolved_at=self._over(row, updates) if status.is_terminal else None,
            origin=reading.origin(),
        )

    def _affected(self, reading: Reading) -> dict[str, ComponentStatus]:
        """Component → what the incident itself does to it."""
        rows = reading.row.get("components") or ()
        ids = [reading.other(Kind.COMPONENT, component["id"]) for component in rows]
        if reading.row.get(LISTED) and ids:
            why = "A listing does not tell what a closed incident did to its components; looking at it alone does."
            reading.lose("components", ", ".join(ids), ComponentStatus.UNKNOWN, why)
            return dict.fromkeys(ids, ComponentStatus.UNKNOWN)
        impacts = self._impacts(reading)
        return {name: reading.word(ComponentStatus, value) for name, value in impacts.items()}

    def _impacts(self, reading: Reading) -> dict[str, Any]:
        """Component → the number of its impact, kept as it is."""
        impacts = {
            reading.other(Kind.COMPONENT, component["id"]): _value((component.get("pivot") or {}).get(_IMPACT))
            for component in reading.row.get("components") or ()
        }
        reading.put("impacts", impacts)
        return impacts

    def _severity(self, reading: Reading, components: Mapping[str, ComponentStatus]) -> Severity:
        """As it was noted in the free data; otherwise as the components say."""
        data = reading.row.get("meta")
        noted = data.get(SEVERITY) if isinstance(data, Mapping) else None
        return Severity(noted) if noted in set(Severity) else severity_of(components.values())

    def _visibility(self, reading: Reading, visibility: Visibility) -> Visibility:
        """Before its time of publication nobody sees it, whatever is set."""
        published = self._moment(reading.row, "published")
        if published is not None:
            reading.put("published_at", iso(published))
        if reading.row.get(EMBARGOED):
            reading.put(EMBARGOED, True)
            return Visibility.HIDDEN
        return visibility

    def _opening(self, reading: Reading, started: datetime) -> IncidentUpdate:
        row = reading.row
        identity = f"{row['id']}/message"
        alone = not row.get("updates")
        raw = {"status": _value(row.get("status"))} if alone else {}
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, identity, started),
            message=_markdown(row.get("message")),
            at=started,
            status=reading.word(IncidentStatus, _value(row.get("status"))) if alone else None,
            origin=reading.part(identity, **raw),
        )

    def _updates(self, reading: Reading, started: datetime) -> tuple[IncidentUpdate, ...]:
        """Oldest first; those of maintenances have no status."""
        rows = sorted(reading.row.get("updates") or (), key=lambda row: int(row["id"]))
        return tuple(self._update(reading, row, started) for row in rows)

    def _update(self, reading: Reading, row: Row, started: datetime) -> IncidentUpdate:
        at = self._moment(row, "created") or started
        identity = f"{reading.row['id']}/{row['id']}"
        value = _value(row.get("status"))
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, identity, at),
            message=_markdown(row.get("message")),
            at=at,
            status=None if value is None else reading.word(IncidentStatus, value),
            origin=reading.part(row["id"], **({} if value is None else {"status": value})),
        )

    def _over(self, row: Row, updates: tuple[IncidentUpdate, ...]) -> datetime | None:
        """When the update came that closed it; the last change, where it was closed without one."""
        status = updates[-1].status
        closed = len(updates) > 1 and isinstance(status, IncidentStatus) and status.is_terminal
        return updates[-1].at if closed else self._moment(row, "updated")

    def _maintenance(self, reading: Reading) -> Maintenance:
        row = reading.row
        starts = self._moment(row, "scheduled") or self._moment(row, "created") or _LONG_AGO
        components = row.get("components") or ()
        if not row.get(LISTED):
            self._impacts(reading)
        reading.put("meta", self._free_data(reading))
        return Maintenance(
            id=reading.id,
            title=str(row["name"]),
            status=reading.word(MaintenanceStatus, _value(row.get("status")), "status"),
            message=_markdown(row.get("message")),
            components=tuple(reading.other(Kind.COMPONENT, component["id"]) for component in components),
            starts_at=starts,
            ends_at=self._moment(row, "completed"),
            visibility=self._visibility(reading, Visibility.PUBLIC),
            notify=False,
            updates=self._updates(reading, starts),
            origin=reading.origin(),
        )

    # --- metrics, subscribers, templates -----------------------------------------------------------------------

    def _metric(self, reading: Reading) -> Metric:
        row = reading.row
        reading.keep("threshold", "display_chart", "default_view")
        default = row.get("default_value")
        return Metric(
            id=reading.id,
            name=str(row["name"]),
            aggregation=reading.word(MetricAggregation, row.get("calc_type"), "calc_type"),
            visibility=self.words.shown_to(row.get("visible")),
            suffix=row.get("suffix") or None,
            description=row.get("description") or None,
            places=row.get("places"),
            default_value=None if default is None else float(default),
            position=row.get("order"),
            origin=reading.origin(),
        )

    def _point(self, reading: Reading) -> MetricPoint:
        row = reading.row
        counter = int(row.get("counter") or 1)
        reading.keep("counter")
        if counter > 1:
            why = "Several points became one there; when the others were is not known."
            reading.lose("value", f"{counter} points", "1 point", why)
        return MetricPoint(
            id=reading.id,
            metric=reading.other(Kind.METRIC, row["metric_id"]),
            value=float(row["value"]),
            at=self._moment(row, "created") or _LONG_AGO,
            origin=reading.origin(),
        )

    def _subscriber(self, reading: Reading) -> Subscriber:
        """One who hears of everything is told by having no components.

        Raises:
            Refused: the subscriber hears of nothing, which must not become everything.
        """
        row = reading.row
        everything = bool(row.get("global"))
        ids = tuple(reading.other(Kind.COMPONENT, component["id"]) for component in row.get("components") or ())
        if not everything and not ids:
            raise Refused(
                f"subscriber {row['id']} has neither components nor everything, so there is nobody to write to"
            )
        reading.put("components", list(ids))
        reading.put("meta", self._free_data(reading))
        return Subscriber(
            id=reading.id,
            address=str(row["email"]),
            components=() if everything else ids,
            verified=bool(row.get("verified")),
            origin=reading.origin(),
        )

    def _template(self, reading: Reading) -> IncidentTemplate:
        row = reading.row
        reading.keep("slug", "engine")
        return IncidentTemplate(
            id=reading.id, name=str(row["name"]), message=_markdown(row.get("template")), origin=reading.origin()
        )

    def _moment(self, row: Row, field: str) -> datetime | None:
        time = row.get(field)
        return moment_of(time.get("string") if isinstance(time, Mapping) else None, self._zone)


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


def _value(shown: Any) -> Any:
    """The number of an enum; its label follows the server's language."""
    return shown.get("value") if isinstance(shown, Mapping) else shown


def _markdown(source: object) -> Text:
    return Text(str(source or ""), TextFormat.MARKDOWN)
