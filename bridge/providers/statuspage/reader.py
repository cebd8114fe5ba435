"""Statuspage's rows as canonical objects: those of the REST API and those of the public JSON. Pure.

Facts behind the choices (Statuspage specification and recorded answers):

- A component stores one status, which is what the page shows.
- What an incident does to its components is told by each of its updates, under ``affected_components``, where the
  component's id is called ``code``; it is null in an update that moved none, and old data has rows without an id.
- ``impact`` is what is shown, ``impact_override`` who decided it. The public JSON has no override and no metadata.
- The opening message of an incident is its first update. Rows have the newest first.
- A published postmortem is a part of its incident; the public JSON has it as an update as well.
- Neither the aggregation of a metric nor the state of a subscriber is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
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
    Subscriber,
    Text,
)
from bridge.providers.base.impact import severity_of
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.reading import Identify, Reading
from bridge.providers.statuspage.clockwork import AUTOMATION
from bridge.providers.statuspage.history import postmortem_id
from bridge.providers.statuspage.wording import text_of

COMPONENT_FIELDS = ("showcase", "only_show_if_degraded", "start_date")
METRIC_FIELDS = ("metric_identifier", "y_axis_min", "y_axis_max", "y_axis_hidden", "display")
TEMPLATE_FIELDS = ("update_status", "should_tweet", "should_send_notifications")
CONFIRMED = "confirmed"
"""Added to the row of a subscriber: whether the address was confirmed, which only the kind of listing tells."""
READ_IMPACT = "impact_read_as"
"""Kept beside the impact: what it was read as."""
_LONG_AGO = datetime.fromtimestamp(0, UTC)

Row = Mapping[str, Any]


class Reader:
    """Understands Statuspage.

    Args:
        words: the provider's tables.
    """

    def __init__(self, words: Words) -> None:
        self.words = words

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what could not be understood of it.

        Raises:
            Refused: Statuspage does not show objects of this kind.
        """
        if kind not in _READ:
            raise Refused(f"Statuspage does not show an object of the kind {kind} by itself")
        reading = Reading(self.words, source, kind, seen, identify)
        return _READ[kind](self, reading), reading.losses

    # --- what is shown -----------------------------------------------------------------------------------------

    def _component(self, reading: Reading) -> Component:
        row = reading.row
        status = reading.word(ComponentStatus, row.get("status"), "status")
        reading.keep(*COMPONENT_FIELDS)
        group = row.get("group_id")
        return Component(
            id=reading.id,
            name=str(row["name"]),
            status=status,
            effective_status=status,
            description=row.get("description") or None,
            group=reading.other(Kind.COMPONENT_GROUP, group) if group else None,
            position=row.get("position"),
            origin=reading.origin(),
        )

    def _group(self, reading: Reading) -> ComponentGroup:
        """From the list of groups, or a group's row in the list of components."""
        row = reading.row
        members = [reading.other(Kind.COMPONENT, remote) for remote in row.get("components") or ()]
        reading.put("components", members)
        return ComponentGroup(
            id=reading.id,
            name=str(row["name"]),
            visibility=Visibility.PUBLIC,
            description=row.get("description") or None,
            position=row.get("position"),
            origin=reading.origin(),
        )

    # --- incidents and maintenances ----------------------------------------------------------------------------

    def _incident(self, reading: Reading) -> Incident:
        row = reading.row
        status = reading.word(IncidentStatus, row.get("status"), "status")
        updates = self._with_postmortem(reading, self._updates(reading, IncidentStatus))
        if updates[-1].status is IncidentStatus.POSTMORTEM and status.is_terminal:
            status = IncidentStatus.POSTMORTEM
        components = self._affected(reading, updates, over=status.is_terminal)
        reading.keep("impact_override", "reminder_intervals", "metadata", "shortlink")
        return Incident(
            id=reading.id,
            title=str(row["name"]),
            status=status,
            impact=self._severity(reading, components),
            components=components,
            updates=updates,
            started_at=_start(row),
            visibility=Visibility.PUBLIC,
            publication=Publication.PUBLISHED,
            notify=False,
            resolved_at=moment_of(row.get("resolved_at")) or (updates[-1].at if status.is_terminal else None),
            origin=reading.origin(),
        )

    def _updates(
        self, reading: Reading, enum: type[IncidentStatus] | type[MaintenanceStatus]
    ) -> tuple[IncidentUpdate, ...]:
        """Oldest first; an incident without any gets one that says nothing."""
        rows = list(reversed(reading.row.get("incident_updates") or ()))
        if rows:
            return tuple(self._update(reading, row, enum) for row in rows)
        identity, at = f"{reading.row['id']}/message", _start(reading.row)
        nothing = Text("", TextFormat.PLAIN)
        return (IncidentUpdate(reading.other(Kind.INCIDENT_UPDATE, identity, at), nothing, at),)

    def _update(
        self, reading: Reading, row: Row, enum: type[IncidentStatus] | type[MaintenanceStatus]
    ) -> IncidentUpdate:
        at = moment_of(row.get("display_at")) or moment_of(row.get("created_at")) or _start(reading.row)
        word = row.get("status")
        return IncidentUpdate(
            id=reading.other(Kind.INCIDENT_UPDATE, f"{reading.row['id']}/{row['id']}", at),
            message=text_of(row.get("body")),
            at=at,
            status=reading.word(enum, word),
            components={
                reading.other(Kind.COMPONENT, moved["code"]): reading.word(ComponentStatus, moved.get("new_status"))
                for moved in row.get("affected_components") or ()
                if moved.get("code")
            },
            origin=reading.part(row["id"], status=word, body=row.get("body")),
        )

    def _with_postmortem(self, reading: Reading, updates: tuple[IncidentUpdate, ...]) -> tuple[IncidentUpdate, ...]:
        """The published postmortem as the last update, unless it is there as one."""
        row, published = reading.row, moment_of(reading.row.get("postmortem_published_at"))
        told = any(update.status is IncidentStatus.POSTMORTEM for update in updates)
        if told or published is None or not row.get("postmortem_body"):
            return updates
        identity = postmortem_id(str(row["id"]))
        text = Text(str(row["postmortem_body"]), TextFormat.MARKDOWN)
        name = reading.other(Kind.INCIDENT_UPDATE, identity, published)
        postmortem = IncidentUpdate(name, text, published, IncidentStatus.POSTMORTEM, origin=reading.part(identity))
        if self.words.of(IncidentStatus, row.get("status")).is_terminal:
            return (*updates, postmortem)
        # It came back after its postmortem, which then is not the last word.
        return tuple(sorted((*updates, postmortem), key=lambda update: update.at))

    def _affected(
        self, reading: Reading, updates: Iterable[IncidentUpdate], *, over: bool
    ) -> dict[str, ComponentStatus]:
        """Component → what the incident last did to it; what it shows now, where no update tells and it is open."""
        found: dict[str, ComponentStatus] = {}
        for row in _components(reading.row):
            name = reading.other(Kind.COMPONENT, row["id"])
            found[name] = ComponentStatus.UNKNOWN if over else reading.word(ComponentStatus, row.get("status"))
        told = {name for update in updates for name in update.components}
        if over and set(found) - told:
            names = ", ".join(sorted(set(found) - told))
            why = "No update of the incident tells what it did to them."
            reading.lose("components", names, ComponentStatus.UNKNOWN, why)
        for update in updates:
            found |= update.components
        return found

    def _severity(self, reading: Reading, components: Mapping[str, ComponentStatus]) -> Severity:
        """Statuspage's words are ours; one that is not known is not taken for harmless."""
        word = reading.row.get("impact")
        reading.put("impact", word)
        severity = self._meant(word)
        if severity is None:
            derived = severity_of(components.values())
            severity = Severity.MINOR if derived is Severity.NONE else derived
            reading.lose("impact", str(word), severity, f"This impact is not known; it is read as {severity}.")
        reading.put(READ_IMPACT, severity.value)
        return severity

    def _meant(self, impact: Any) -> Severity | None:
        """What an impact means; that of a maintenance is none to an incident."""
        if impact == self.words.choice("impact", "work"):
            return Severity.NONE
        return Severity(impact) if impact in set(Severity) else None

    def _maintenance(self, reading: Reading) -> Maintenance:
        """The oldest update is the message; once the work is over, its end is the real one."""
        row = reading.row
        status = reading.word(MaintenanceStatus, row.get("status"), "status")
        opening, *later = self._updates(reading, MaintenanceStatus)
        until = moment_of(row.get("scheduled_until"))
        real = moment_of(row.get("resolved_at")) if status.is_terminal else None
        if opening.origin is not None:
            reading.put("opening", dict(opening.origin.raw))
        if real is not None and until is not None and real != until:
            reading.put("real_end", iso(real))
            reading.put("scheduled_until", iso(until))
        reading.keep(*AUTOMATION, "impact_override", "metadata", "shortlink")
        listed = [reading.other(Kind.COMPONENT, component["id"]) for component in _components(row)]
        moved = [name for update in (opening, *later) for name in update.components]
        return Maintenance(
            id=reading.id,
            title=str(row["name"]),
            status=status,
            message=opening.message,
            components=tuple(dict.fromkeys([*listed, *moved])),
            starts_at=moment_of(row.get("scheduled_for")) or _start(row),
            ends_at=real or until,
            visibility=Visibility.PUBLIC,
            notify=False,
            updates=tuple(later),
            origin=reading.origin(),
        )

    # --- metrics, subscribers, templates -----------------------------------------------------------------------

    def _metric(self, reading: Reading) -> Metric:
        row = reading.row
        reading.keep(*METRIC_FIELDS)
        aggregation = MetricAggregation.MEAN
        reading.lose("aggregation", "", aggregation, "Statuspage does not tell how points are combined.")
        return Metric(
            id=reading.id,
            name=str(row["name"]),
            aggregation=aggregation,
            visibility=Visibility.PUBLIC if row.get("display") else Visibility.HIDDEN,
            suffix=row.get("suffix") or None,
            description=row.get("tooltip_description") or None,
            places=row.get("decimal_places"),
            origin=reading.origin(),
        )

    def _subscriber(self, reading: Reading) -> Subscriber:
        """One who is written to by e-mail, by telephone or at an address of the web.

        Raises:
            Refused: the subscriber is reached in a way that has no address, such as a chat.
        """
        row = reading.row
        # A webhook may have an e-mail address as its contact.
        address = row.get("endpoint") or row.get("email") or row.get("phone_number")
        if not address:
            raise Refused(f"subscriber {row['id']} is reached by {row.get('mode')} and has no address to carry over")
        reading.keep("mode", "phone_country", "email")
        rows = row.get("components") or ()
        ids = (component["id"] if isinstance(component, Mapping) else component for component in rows)
        return Subscriber(
            id=reading.id,
            address=str(address),
            components=tuple(reading.other(Kind.COMPONENT, remote) for remote in ids),
            verified=bool(row.get(CONFIRMED)),
            origin=reading.origin(),
        )

    def _template(self, reading: Reading) -> IncidentTemplate:
        row = reading.row
        reading.keep(*TEMPLATE_FIELDS, "body")
        reading.put("components", [reading.other(Kind.COMPONENT, part["id"]) for part in row.get("components") or ()])
        word = row.get("update_status")
        known = self.words.incident_status.knows(word)
        if word and not known:
            reading.lose("incident_status", str(word), "", "Templates of incidents have a phase of incidents.")
        return IncidentTemplate(
            id=reading.id,
            name=str(row["name"]),
            message=text_of(row.get("body")),
            title=row.get("title") or None,
            status=self.words.of(IncidentStatus, word) if known else None,
            origin=reading.origin(),
        )


_READ: Mapping[Kind, Callable[[Reader, Reading], CanonicalObject]] = MappingProxyType(
    {
        Kind.COMPONENT: Reader._component,
        Kind.COMPONENT_GROUP: Reader._group,
        Kind.INCIDENT: Reader._incident,
        Kind.MAINTENANCE: Reader._maintenance,
        Kind.METRIC: Reader._metric,
        Kind.SUBSCRIBER: Reader._subscriber,
        Kind.INCIDENT_TEMPLATE: Reader._template,
    }
)


def _components(row: Row) -> Iterable[Row]:
    """The components that a row lists, without the rows that stand for groups."""
    return [component for component in row.get("components") or () if not component.get("group")]


def _start(row: Row) -> datetime:
    """When it began. Captures from before ``started_at`` existed have the edited time in ``created_at``."""
    return moment_of(row.get("started_at")) or moment_of(row.get("created_at")) or _LONG_AGO
