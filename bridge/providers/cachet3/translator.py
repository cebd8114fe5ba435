"""Canonical objects in Cachet 3's words, and what Cachet 3 shows in the form that is compared. Pure.

What is compared (``echo``):

* component: its base ``status``. What visitors see is overlaid by incidents and maintenances; we write the base and
  attach components to incidents with the neutral impact (see docs/decisions/0005);
* incident: ``name``, ``message``, ``visible``, ``status``, ``occurred``. Its components are write-once;
* maintenance: ``name``, ``message`` and both times, as the status follows the clock;
* update: ``status`` and ``message``.

An object that was read from Cachet 3 gets back what it came with: numbers that no table knows, impacts, free data, its
time of publication, and a status that differs from that of its newest update.

Absent values are left out, never null: most optional fields refuse null (Cachet 3 source).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, Kind, MaintenanceStatus, Visibility
from bridge.model.facts import AppendWanted, FindBy, Refs, Seen, SeenAppend, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentTemplate,
    Maintenance,
    Metric,
    MetricPoint,
    Origin,
    Subscriber,
)
from bridge.providers.base import mapping as mappings
from bridge.providers.base.course import Step, course
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.stages import stages
from bridge.providers.cachet3 import metric_translator, subscriber_translator, template_translator
from bridge.providers.cachet3.reader import EMBARGOED, SEVERITY

_UNTITLED = "Incident"


class Translator:
    """Both directions, by the tables of ``mappings/cachet3.yaml``.

    Args:
        mapping: the provider's words.
        zone: of the times in answers, which name none.
    """

    def __init__(self, mapping: mappings.Mapping, zone: tzinfo) -> None:
        self.mapping = mapping
        self._zone = zone

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in Cachet's words.

        Raises:
            Refused: the object must not be shown there.
        """
        notes = Notes(obj, self.mapping)
        if isinstance(obj, Component):
            wanted = self._component(obj, refs, notes)
        elif isinstance(obj, ComponentGroup):
            wanted = self._group(obj, notes)
        elif isinstance(obj, Incident):
            refuse_if_private(obj, self.mapping)
            wanted = self._incident(obj, refs, notes)
        elif isinstance(obj, Maintenance):
            _refuse_if_hidden(obj, notes)
            wanted = self._maintenance(obj, refs, notes)
        else:
            wanted = self._of_the_rest(obj, refs, notes)
        return wanted, notes.losses

    def _of_the_rest(
        self, obj: Metric | MetricPoint | Subscriber | IncidentTemplate, refs: Refs, notes: Notes
    ) -> Wanted:
        if isinstance(obj, Metric):
            return metric_translator.metric(obj, notes, self.mapping)
        if isinstance(obj, MetricPoint):
            return metric_translator.point(obj, refs, notes)
        if isinstance(obj, Subscriber):
            return subscriber_translator.subscriber(obj, refs, notes, self._meta(obj.id, notes))
        return template_translator.template(obj, notes, self.mapping)

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """Name and surroundings are written once and belong to the page's owner from then on."""
        echo = {"status": notes.word(component.status, "status")}
        name = notes.name(component.name, self.mapping.widths.component_name)
        group = refs.remote_id(Kind.COMPONENT_GROUP, component.group) if component.group else None
        width = self.mapping.widths.component_description
        create: dict[str, Any] = {
            "name": name,
            **echo,
            "description": notes.text("description", component.description, width) if component.description else None,
            "link": component.link,
            "order": component.position,
            "enabled": component.showcased,
            "component_group_id": int(group) if group else None,
            "meta": {**self._labels(component, notes), **self._meta(component.id, notes)},
        }
        return Wanted(
            create={field: value for field, value in create.items() if value is not None},
            update=echo,
            echo=echo,
            creates=echo,
            find=FindBy(marker=component.id, title=name),
        )

    def _labels(self, component: Component, notes: Notes) -> dict[str, str]:
        """Labels are free data, which has no room for empty texts."""
        taken = {SEVERITY, self.mapping.marker.key if self.mapping.marker else ""}
        kept = {name: value for name, value in component.labels.items() if value and name not in taken}
        notes.label_losses(component, kept)
        return kept

    def _group(self, group: ComponentGroup, notes: Notes) -> Wanted:
        name = notes.name(group.name, self.mapping.widths.group_name)
        visible = self._visible(group.visibility, notes)
        echo: dict[str, Any] = {"name": name, "visible": visible}
        body = {**echo, "visible": bool(visible)}
        if group.position is not None:
            body["order"] = group.position
        if group.description:
            notes.lose("description", group.description, "", "A group has no description there.")
        own = _present(notes.own("collapsed", "order_column", "order_direction"))
        create = {**body, **own, "meta": self._meta(group.id, notes)}
        return Wanted(create=create, update=body, echo=echo, creates=echo, find=FindBy(marker=group.id, title=name))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        steps = self._steps(incident, notes)
        visible = self._visible(incident.visibility, notes)
        own = {
            "name": self._title(incident.title, self.mapping.widths.incident_title, notes),
            "message": self._message(steps[0].source, steps[0].message, steps[0].origin, notes),
        }
        first = notes.part_word(steps[0].status, steps[0].origin, "status")
        appends = [self._step(step, notes) for step in steps[1:]]
        last = appends[-1].echo["status"] if appends else first
        status = notes.word(incident.status, "status") if notes.is_own else last
        occurred = iso(incident.started_at)
        echo = {**own, "visible": visible, "occurred": occurred, "status": first}
        body = {**own, "visible": bool(visible), "occurred_at": occurred}
        self._note_losses(incident, notes)
        return Wanted(
            create={
                **body,
                "status": first,
                "stickied": False,
                **_present(notes.own("stickied", "published_at")),
                # Also governs the mails of later updates: there is no flag on those.
                "notifications": incident.notify,
                "components": self._linked(incident.components, refs, notes),
                "meta": {**self._meta(incident.id, notes), SEVERITY: incident.impact.value},
            },
            # A status sent here wins over the updates until the next one comes, as it did where it was read.
            update=body if appends and status == last else {**body, "status": status},
            echo={**echo, "status": status},
            creates=echo,
            # The text is for servers that carry no marker.
            find=FindBy(
                marker=incident.id,
                title=own["name"],
                at=self.mapping.capabilities.floor(incident.started_at),
                echo={"message": own["message"]},
            ),
            opening=steps[0].id,
            appends=tuple(appends),
            carriers={"occurred": "occurred_at"},
        )

    def _steps(self, incident: Incident, notes: Notes) -> tuple[Step, ...]:
        """The course. An incident of Cachet may have another status than its newest update, without one more."""
        steps = course(incident, self.mapping.capabilities.text_format)
        return steps[: len(incident.updates)] if notes.is_own else steps

    def _note_losses(self, incident: Incident, notes: Notes) -> None:
        """What has no place. The incident only names its components: their own status is driven (decision 5)."""
        neutral = ComponentStatus.OPERATIONAL
        changed = {name: status for name, status in incident.components.items() if status is not neutral}
        if changed and not notes.is_own:
            told = ", ".join(f"{name}={status}" for name, status in changed.items())
            notes.lose("components", told, neutral, "The incident only names them; their own statuses are written.")
        first, *later = incident.updates
        late = sorted({name for update in later for name in update.components} - set(first.components))
        if first.components and late:
            why = "The list of components is fixed when an incident is made; one that joins later may be missing."
            notes.lose("components", ", ".join(late), "", why)
        notes.severity_loss(incident, "Incidents show no severity there; it is kept in their free data.", "free data")
        notes.update_component_losses(incident.updates, "Updates have no components there.")
        notes.update_time_losses(later)

    def _title(self, title: str, width: int | None, notes: Notes) -> str:
        return notes.title(notes.plain("title", title) or _UNTITLED, width)

    def _step(self, step: Step, notes: Notes) -> AppendWanted:
        status = notes.part_word(step.status, step.origin, "status")
        return self._append(step.id, self._message(step.source, step.message, step.origin, notes), status)

    def _append(self, identity: str, message: str, status: str | int | None) -> AppendWanted:
        body = {"status": status, "message": message}
        return AppendWanted(identity, body=body, echo=body, settles={"status": status})

    def _maintenance(self, maintenance: Maintenance, refs: Refs, notes: Notes) -> Wanted:
        steps = stages(maintenance, self.mapping.capabilities.text_format)
        steps = steps[: len(maintenance.updates) + 1] if notes.is_own else steps
        origins = {maintenance.id: maintenance.origin, **{update.id: update.origin for update in maintenance.updates}}
        message, *later = [self._message(step.source, step.message, origins.get(step.id), notes) for step in steps]
        own = {"name": self._title(maintenance.title, self.mapping.widths.maintenance_title, notes), "message": message}
        notes.word(maintenance.status, "status")
        if any(isinstance(update.status, MaintenanceStatus) for update in maintenance.updates):
            notes.lose("updates.status", "statuses of updates", "", "Updates of a maintenance have no status there.")
        notes.update_time_losses(maintenance.updates)
        scheduled, completed = iso(maintenance.starts_at), self._completed(maintenance, notes)
        impacts = dict.fromkeys(maintenance.components, ComponentStatus.MAINTENANCE)
        body: dict[str, Any] = {**own, "scheduled_at": scheduled}
        echo: dict[str, Any] = {**own, "scheduled": scheduled}
        if completed:
            body["completed_at"] = echo["completed"] = completed
        texts = [{"message": text} for text in later]
        appends = [AppendWanted(step.id, text, text) for step, text in zip(steps[1:], texts, strict=True)]
        components = self._linked(impacts, refs, notes, notes.word(ComponentStatus.MAINTENANCE))
        return Wanted(
            create={
                **body,
                **_present(notes.own("published_at")),
                "components": components,
                "notifications": maintenance.notify,
                "meta": self._meta(maintenance.id, notes),
            },
            update={**body, "components": components},
            echo=echo,
            creates=echo,
            find=FindBy(
                marker=maintenance.id,
                title=own["name"],
                at=self.mapping.capabilities.floor(maintenance.starts_at),
                echo={"message": message},
            ),
            appends=tuple(appends),
            carriers={"scheduled": "scheduled_at", "completed": "completed_at"},
        )

    def _completed(self, maintenance: Maintenance, notes: Notes) -> str | None:
        """The end; without one a maintenance goes on for ever there, also one that is over."""
        if maintenance.ends_at is not None:
            return iso(maintenance.ends_at)
        if not maintenance.status.is_terminal:
            return None
        ended = iso(maintenance.updates[-1].at if maintenance.updates else maintenance.starts_at)
        notes.lose("ends_at", "", ended, "Work that is over needs an end there; the last that was said is taken.")
        return ended

    def _linked(
        self, components: Mapping[str, ComponentStatus], refs: Refs, notes: Notes, impact: str | int | None = None
    ) -> list[dict[str, Any]]:
        """Components by remote id, with the impact that they came with; else the given one, else the neutral one."""
        status = self.mapping.to(ComponentStatus.OPERATIONAL) if impact is None else impact
        came: Mapping[str, Any] = notes.own("impacts").get("impacts", {})
        linked = []
        for name in sorted(components):
            remote = refs.remote_id(Kind.COMPONENT, name)
            if remote is None:
                notes.lose("components", name, "", "The component has no copy on this destination.")
                continue
            value = came.get(name)
            kept = value is not None and (impact is not None or self._means(value, components[name]))
            linked.append({"id": int(remote), "status": value if kept else status})
        return linked

    def _means(self, value: Any, status: ComponentStatus) -> bool:
        return self.mapping.of(ComponentStatus, value) is status

    def _visible(self, visibility: Visibility, notes: Notes) -> int:
        """1 for everybody, 0 for who is logged in. The API refuses to hide from those too.

        What is hidden only until its publication gets that time back with it, and what it will be then.
        """
        own = notes.own("visible", EMBARGOED)
        if own.get(EMBARGOED) and visibility is Visibility.HIDDEN:
            visibility = self.mapping.shown_to(own.get("visible", 0))
        if visibility is Visibility.HIDDEN:
            notes.lose("visibility", visibility, Visibility.AUTHENTICATED, "Whoever is logged in sees everything.")
        return int(visibility is Visibility.PUBLIC)

    def _meta(self, identity: str, notes: Notes) -> dict[str, Any]:
        """Our mark, beside the free data that an object came with."""
        own = notes.own("meta").get("meta") or {}
        return {**own, **(self.mapping.marker.wrap(identity) if self.mapping.marker else {})}

    def _message(self, source: str, rendered: str, origin: Origin | None, notes: Notes) -> str:
        """A text that came from Cachet is as it was; nothing is changed there on the way in."""
        if source and origin is not None and origin.provider == self.mapping.provider:
            return source
        return notes.message(source, rendered, self.mapping.widths.incident_message).strip()

    def seen(self, kind: Kind, row: Mapping[str, Any]) -> Seen:
        """A row of Cachet in the form that is compared."""
        if kind in _SEEN:
            return _SEEN[kind](row, self._moment(row.get("created")))
        return Seen(
            remote_id=str(row["id"]),
            echo=self._echo(kind, row),
            name=str(row["name"]),
            marker=self.mapping.marker.read(row.get("meta")) if self.mapping.marker else None,
            at=self._moment(row.get("occurred") or row.get("scheduled")) or self._moment(row.get("created")),
            appended=tuple(self.seen_append(item) for item in sorted(row.get("updates") or (), key=_by_id)),
            raw=row,
        )

    def _echo(self, kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
        if kind is Kind.COMPONENT:
            return {"status": row["status"]["value"]}
        if kind is Kind.COMPONENT_GROUP:
            return {"name": row["name"], "visible": int(row["visible"] or 0)}
        own = {"name": row["name"], "message": row["message"]}
        if kind is Kind.INCIDENT:
            shown = {"visible": int(row["visible"] or 0), "status": row["status"]["value"]}
            return {**own, **shown, "occurred": self._shown(row["occurred"])}
        return {**own, "scheduled": self._shown(row["scheduled"]), "completed": self._shown(row["completed"])}

    def seen_append(self, row: Mapping[str, Any]) -> SeenAppend:
        """One update in the form that is compared; updates of maintenances have no status."""
        echo = {"message": row["message"]}
        if isinstance(row.get("status"), Mapping):
            echo["status"] = row["status"]["value"]
        return SeenAppend(str(row["id"]), echo, self._moment(row.get("created")))

    def made_at(self, row: Mapping[str, Any]) -> datetime | None:
        """When a row was made; of a metric point, the time that it stands for."""
        return self._moment(row.get("created"))

    def changed_since(self, row: Mapping[str, Any], since: datetime) -> bool:
        """Whether a row or one of its updates changed; editing an update need not touch its incident."""
        moments = [self._moment(item.get("updated")) for item in (row, *(row.get("updates") or ()))]
        return any(moment is None or moment >= since.replace(microsecond=0) for moment in moments)

    def is_embargoed(self, row: Mapping[str, Any], now: datetime) -> bool:
        """Whether a row is still to be published. One published as it was made is not, however fast its clock runs."""
        published, made = self._moment(row.get("published")), self.made_at(row)
        return published is not None and published > now and (made is None or published > made)

    def _shown(self, time: Any) -> str | None:
        moment = self._moment(time)
        return iso(moment) if moment else None

    def _moment(self, time: Any) -> datetime | None:
        return moment_of(time.get("string") if isinstance(time, Mapping) else None, self._zone)


_SEEN: Mapping[Kind, Callable[[Mapping[str, Any], datetime | None], Seen]] = MappingProxyType(
    {
        Kind.METRIC: metric_translator.seen_metric,
        Kind.METRIC_POINT: metric_translator.seen_point,
        Kind.SUBSCRIBER: subscriber_translator.seen_subscriber,
        Kind.INCIDENT_TEMPLATE: template_translator.seen_template,
    }
)


def _refuse_if_hidden(maintenance: Maintenance, notes: Notes) -> None:
    """Incidents can be hidden in Cachet, schedules cannot, unless until a time of publication that they came with."""
    if maintenance.visibility is not Visibility.PUBLIC and not notes.own(EMBARGOED):
        raise Refused(
            f"{maintenance.id} is {maintenance.visibility}, and Cachet 3 cannot hide maintenance: "
            f"leave this destination out for it, or make it {Visibility.PUBLIC}"
        )


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _by_id(row: Mapping[str, Any]) -> int:
    return int(row["id"])
