"""Canonical objects in Cachet 3's words, and what Cachet 3 shows in the form that is compared. Pure.

What is compared (``echo``):

* component: its base ``status``. What visitors see is overlaid by incidents and maintenances; we write the base and
  attach components to incidents with the neutral impact (see docs/decisions/0005);
* incident: ``name``, ``message``, ``visible``, ``status``, ``occurred``. Its components are write-once;
* maintenance: ``name``, ``message`` and both times, as the status follows the clock;
* update: ``status`` and ``message``.

Absent values are left out, never null: most optional fields refuse null (Cachet 3 source).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, Kind, Visibility
from bridge.model.facts import AppendWanted, FindBy, Refs, Seen, SeenAppend, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject, Component, ComponentGroup, Incident, Maintenance
from bridge.providers.base import mapping as mappings
from bridge.providers.base.course import course
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.stages import stages
from bridge.providers.base.text import plain_title

_UNTITLED = "Incident"
_SEVERITY = "status_bridge_severity"
"""Key in an incident's free data: Cachet has no other place for a severity."""


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
            _refuse_if_hidden(obj)
            wanted = self._maintenance(obj, refs, notes)
        else:
            raise Refused(f"{obj.kind} {obj.id}: objects of this kind are not written to {self.mapping.provider}")
        return wanted, notes.losses

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """Name and surroundings are written once and belong to the page's owner from then on."""
        echo = {"status": notes.word(component.status)}
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
            "meta": self._mark(component.id),
        }
        return Wanted(
            create={field: value for field, value in create.items() if value is not None},
            update=echo,
            echo=echo,
            creates=echo,
            find=FindBy(marker=component.id, title=name),
        )

    def _group(self, group: ComponentGroup, notes: Notes) -> Wanted:
        name = notes.name(group.name, self.mapping.widths.group_name)
        echo: dict[str, Any] = {"name": name, "visible": self._visible(group.visibility, notes)}
        body = {**echo, "visible": bool(echo["visible"])}
        if group.position is not None:
            body["order"] = group.position
        if group.description:
            notes.lose("description", group.description, "", "A group has no description there.")
        create = {**body, "meta": self._mark(group.id)}
        return Wanted(create=create, update=body, echo=echo, creates=echo, find=FindBy(marker=group.id, title=name))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        steps = course(incident, self.mapping.capabilities.text_format)
        visible = self._visible(incident.visibility, notes)
        own = {
            "name": notes.title(plain_title(incident.title) or _UNTITLED, self.mapping.widths.incident_title),
            "message": self._message(steps[0].source, steps[0].message, notes),
        }
        first = notes.word(steps[0].status)
        appends = [
            self._append(step.id, self._message(step.source, step.message, notes), notes.word(step.status))
            for step in steps[1:]
        ]
        occurred = iso(incident.started_at)
        echo = {**own, "visible": visible, "occurred": occurred, "status": first}
        body = {**own, "visible": bool(visible), "occurred_at": occurred}
        return Wanted(
            create={
                **body,
                "status": first,
                "stickied": False,
                # Also governs the mails of later updates: there is no flag on those.
                "notifications": incident.notify,
                "components": self._linked(incident.components, refs, notes),
                "meta": {**self._mark(incident.id), _SEVERITY: incident.impact.value},
            },
            # A status sent here would win over the updates until the next one comes.
            update=body if appends else {**body, "status": first},
            echo={**echo, "status": appends[-1].echo["status"]} if appends else echo,
            creates=echo,
            find=FindBy(marker=incident.id, title=own["name"], at=incident.started_at),
            opening=steps[0].id,
            appends=tuple(appends),
        )

    def _append(self, identity: str, message: str, status: str | int | None) -> AppendWanted:
        body = {"status": status, "message": message}
        return AppendWanted(identity, body=body, echo=body, settles={"status": status})

    def _maintenance(self, maintenance: Maintenance, refs: Refs, notes: Notes) -> Wanted:
        steps = stages(maintenance, self.mapping.capabilities.text_format)
        own = {
            "name": notes.title(plain_title(maintenance.title) or _UNTITLED, self.mapping.widths.maintenance_title),
            "message": self._message(steps[0].source, steps[0].message, notes),
        }
        notes.word(maintenance.status)
        scheduled = iso(maintenance.starts_at)
        completed = iso(maintenance.ends_at) if maintenance.ends_at else None
        impacts = dict.fromkeys(maintenance.components, ComponentStatus.MAINTENANCE)
        body: dict[str, Any] = {**own, "scheduled_at": scheduled}
        echo: dict[str, Any] = {**own, "scheduled": scheduled}
        if completed:
            body["completed_at"] = echo["completed"] = completed
        appends = []
        for step in steps[1:]:
            message = {"message": self._message(step.source, step.message, notes)}
            appends.append(AppendWanted(step.id, message, message))
        components = self._linked(impacts, refs, notes, notes.word(ComponentStatus.MAINTENANCE))
        return Wanted(
            create={
                **body,
                "components": components,
                "notifications": maintenance.notify,
                "meta": self._mark(maintenance.id),
            },
            update={**body, "components": components},
            echo=echo,
            creates=echo,
            find=FindBy(marker=maintenance.id, title=own["name"], at=maintenance.starts_at),
            appends=tuple(appends),
        )

    def _linked(
        self, components: Mapping[str, ComponentStatus], refs: Refs, notes: Notes, impact: str | int | None = None
    ) -> list[dict[str, Any]]:
        """Components by remote id; with the neutral impact, unless an impact is given."""
        status = self.mapping.to(ComponentStatus.OPERATIONAL) if impact is None else impact
        linked = []
        for name in sorted(components):
            remote = refs.remote_id(Kind.COMPONENT, name)
            if remote is None:
                notes.lose("components", name, "", "The component has no copy on this destination.")
            else:
                linked.append({"id": int(remote), "status": status})
        return linked

    def _visible(self, visibility: Visibility, notes: Notes) -> int:
        """1 for everybody, 0 for who is logged in. The API refuses to hide from those too."""
        if visibility is Visibility.HIDDEN:
            notes.lose("visibility", visibility, Visibility.AUTHENTICATED, "Whoever is logged in sees everything.")
        return int(visibility is Visibility.PUBLIC)

    def _mark(self, identity: str) -> dict[str, Any]:
        return self.mapping.marker.wrap(identity) if self.mapping.marker else {}

    def _message(self, source: str, rendered: str, notes: Notes) -> str:
        return notes.message(source, rendered, self.mapping.widths.incident_message).strip()

    def seen(self, kind: Kind, row: Mapping[str, Any]) -> Seen:
        """A row of Cachet in the form that is compared."""
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

    def changed_since(self, row: Mapping[str, Any], since: datetime) -> bool:
        """Whether a row or one of its updates changed; editing an update need not touch its incident."""
        moments = [self._moment(item.get("updated")) for item in (row, *(row.get("updates") or ()))]
        return any(moment is None or moment >= since.replace(microsecond=0) for moment in moments)

    def _shown(self, time: Any) -> str | None:
        moment = self._moment(time)
        return iso(moment) if moment else None

    def _moment(self, time: Any) -> datetime | None:
        return moment_of(time.get("string") if isinstance(time, Mapping) else None, self._zone)


def _refuse_if_hidden(maintenance: Maintenance) -> None:
    """Incidents can be hidden in Cachet, schedules cannot."""
    if maintenance.visibility is not Visibility.PUBLIC:
        raise Refused(
            f"{maintenance.id} is {maintenance.visibility}, and Cachet 3 cannot hide maintenance: "
            f"leave this destination out for it, or make it {Visibility.PUBLIC}"
        )


def _by_id(row: Mapping[str, Any]) -> int:
    return int(row["id"])
