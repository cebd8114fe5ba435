"""Canonical objects in Statuspage's words, and what Statuspage shows in the form that is compared. Pure.

What is compared (``echo``):

* component: ``status``; one that Statuspage has no word for is neither sent nor compared;
* group: ``name``; membership belongs to whoever arranged the page;
* incident: ``name``, ``status``, ``impact_override``; the statuses of its components belong to the components;
* maintenance: ``name``, ``status`` and both times;
* update: ``status`` and the text with all white space alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind
from bridge.model.facts import AppendWanted, Echo, FindBy, ObjectKey, Refs, Seen, SeenAppend, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject, Component, ComponentGroup, Incident, Maintenance
from bridge.providers.base import mapping as mappings
from bridge.providers.base.course import course
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.stages import stages
from bridge.providers.base.text import plain_title

_UNTITLED = "Incident"
_DEFAULT_LENGTH = timedelta(hours=1)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class Translator:
    """Both directions, by the tables of ``mappings/statuspage.yaml``."""

    def __init__(self, mapping: mappings.Mapping) -> None:
        self.mapping = mapping
        self._language = mapping.capabilities.text_format

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in Statuspage's words.

        Raises:
            Refused: the object is not for the public, and Statuspage cannot hide it.
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
            refuse_if_private(obj, self.mapping)
            wanted = self._maintenance(obj, refs, notes)
        else:
            raise Refused(f"{obj.kind} {obj.id}: objects of this kind are not written to {self.mapping.provider}")
        return wanted, notes.losses

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """A component's name and surroundings are written once and left to the page's owner from then on."""
        name = notes.name(component.name, self.mapping.widths.component_name)
        word = notes.word(component.status)
        echo = {} if word is None else {"status": word}
        create: dict[str, Any] = {"name": name, **echo}
        if component.description:
            width = self.mapping.widths.component_description
            create["description"] = notes.text("description", component.description, width)
        group = refs.remote_id(Kind.COMPONENT_GROUP, component.group) if component.group else None
        if group:
            create["group_id"] = group
        if component.link:
            notes.lose("link", component.link, "", "Components have no link here.")
        if component.position is not None:
            notes.lose("position", str(component.position), "", "The order of components cannot be written here.")
        if not component.showcased:
            notes.lose("showcased", "false", "", "Components cannot be hidden here.")
        return Wanted(create=create, update=echo, echo=echo, creates=echo, find=FindBy(title=name))

    def _group(self, group: ComponentGroup, notes: Notes) -> Wanted:
        echo = {"name": notes.name(group.name, self.mapping.widths.group_name)}
        body: dict[str, Any] = dict(echo)
        if group.description is not None:
            body["description"] = group.description
        notes.group_losses(group)
        return Wanted(create=body, update=body, echo=echo, creates=echo, find=FindBy(title=echo["name"]))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        own = {
            "name": notes.title(plain_title(incident.title) or _UNTITLED, self.mapping.widths.incident_title),
            # Severity's values are the words of Statuspage's own enum.
            "impact_override": incident.impact.value,
        }
        attached = self._attached(incident.components, refs, notes)
        opening, *later = [
            (step.id, self._step(self._phase(step.status, notes), step.source, step.message, notes))
            for step in course(incident, self._language)
        ]
        flag = {"deliver_notifications": incident.notify}
        find = FindBy(marker=incident.id, title=own["name"], at=self.mapping.capabilities.floor(incident.started_at))
        return Wanted(
            create={**own, **opening[1], **attached, **flag, "metadata": self._marker(incident.id)},
            # Without status and body a PATCH makes no update, so that nobody is written to for a corrected title.
            update={**own, "deliver_notifications": False},
            echo={**own, "status": (later or [opening])[-1][1]["status"]},
            creates={**own, "status": opening[1]["status"]},
            find=find,
            opening=opening[0],
            appends=_appends(later, flag, attached),
            side_effects=_side_effects(incident.components, refs, attached),
        )

    def _maintenance(self, maintenance: Maintenance, refs: Refs, notes: Notes) -> Wanted:
        ends = maintenance.ends_at
        if ends is None:
            ends = maintenance.starts_at + _DEFAULT_LENGTH
            notes.lose("ends_at", "", iso(ends), "A maintenance there needs an end; an hour is assumed.")
        own = {
            "name": notes.title(plain_title(maintenance.title) or _UNTITLED, self.mapping.widths.maintenance_title),
            "scheduled_for": iso(maintenance.starts_at),
            "scheduled_until": iso(ends),
        }
        (_, opening), *later = [
            (stage.id, self._step(str(notes.word(stage.status)), stage.source, stage.message, notes))
            for stage in stages(maintenance, self._language)
        ]
        attached = self._attached(dict.fromkeys(maintenance.components, ComponentStatus.MAINTENANCE), refs, notes)
        only_ids = {"component_ids": attached["component_ids"]}
        flag = {"deliver_notifications": maintenance.notify}
        manual = dict.fromkeys(_AUTOMATION, False)
        return Wanted(
            create={**own, **opening, **only_ids, **manual, **flag, "metadata": self._marker(maintenance.id)},
            update={**own, "deliver_notifications": False},
            echo={**own, "status": (later[-1][1] if later else opening)["status"]},
            creates={**own, "status": opening["status"]},
            find=FindBy(marker=maintenance.id, title=own["name"], at=maintenance.starts_at),
            appends=_appends(later, flag, attached),
            side_effects=_side_effects(maintenance.components, refs, attached) if later else {},
        )

    def _marker(self, identity: str) -> Mapping[str, Any]:
        return self.mapping.marker.wrap(identity) if self.mapping.marker else {}

    def _phase(self, status: IncidentStatus, notes: Notes) -> str:
        """The provider's word. A postmortem has calls of its own there; here its text closes the incident."""
        if status is IncidentStatus.POSTMORTEM:
            notes.lose("status", status, IncidentStatus.RESOLVED, "The postmortem becomes the last update.")
            status = IncidentStatus.RESOLVED
        return str(notes.word(status))

    def _step(self, word: str, source: str, rendered: str, notes: Notes) -> dict[str, Any]:
        return {"status": word, "body": notes.message(source, rendered, self.mapping.widths.incident_message)}

    def _attached(self, components: Mapping[str, ComponentStatus], refs: Refs, notes: Notes) -> dict[str, Any]:
        """``component_ids`` attaches; ``components`` sets statuses, operational too, as nothing restores itself."""
        ids: list[str] = []
        words: dict[str, Any] = {}
        for name in sorted(components):
            remote = refs.remote_id(Kind.COMPONENT, name)
            if remote is None:
                notes.lose("components", name, "", "The component has no copy on this destination.")
                continue
            ids.append(remote)
            word = notes.word(refs.statuses.get(name, ComponentStatus.OPERATIONAL))
            if word is not None:
                words[remote] = word
        return {"component_ids": ids, "components": words}

    def seen(self, kind: Kind, row: Mapping[str, Any]) -> Seen:
        """A row of Statuspage in the form that is compared."""
        if kind is Kind.COMPONENT:
            echo = {"status": row["status"]}
        elif kind is Kind.COMPONENT_GROUP:
            echo = {"name": row["name"]}
        else:
            echo = self._seen_incident(kind, row)
        marker = self.mapping.marker.read(row.get("metadata")) if self.mapping.marker else None
        return Seen(
            remote_id=str(row["id"]),
            echo=echo,
            name=str(row["name"]),
            marker=marker,
            at=moment_of(row.get("scheduled_for") or row.get("started_at") or row.get("created_at")),
            appended=tuple(self.seen_append(item) for item in reversed(row.get("incident_updates") or [])),
            raw=row,
        )

    def _seen_incident(self, kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
        if kind is Kind.INCIDENT:
            return {
                "name": row["name"],
                "status": self._settled(row["status"]),
                "impact_override": row.get("impact_override"),
            }
        times = {name: moment_of(row.get(name)) for name in ("scheduled_for", "scheduled_until")}
        shown = {name: iso(moment) if moment else None for name, moment in times.items()}
        return {"name": row["name"], "status": row["status"], **shown}

    def seen_append(self, row: Mapping[str, Any]) -> SeenAppend:
        """One incident update in the form that is compared."""
        echo = _update_echo(row["status"], row.get("body") or "")
        return SeenAppend(str(row["id"]), echo, moment_of(row.get("created_at")))

    def _settled(self, word: Any) -> Any:
        """An incident with a published postmortem is a resolved one to us: we cannot write that status."""
        if self.mapping.of(IncidentStatus, word) is IncidentStatus.POSTMORTEM:
            return self.mapping.to(IncidentStatus.RESOLVED)
        return word


_AUTOMATION = (
    "scheduled_remind_prior",
    "scheduled_auto_in_progress",
    "scheduled_auto_completed",
    "auto_transition_to_maintenance_state",
    "auto_transition_to_operational_state",
    "auto_transition_deliver_notifications_at_start",
    "auto_transition_deliver_notifications_at_end",
)
"""Statuspage's own clockwork; off, because it would compete with the source of the maintenance."""


def _appends(
    steps: Sequence[tuple[str, Mapping[str, Any]]], flag: Mapping[str, Any], attached: Mapping[str, Any]
) -> tuple[AppendWanted, ...]:
    """Status and text go in one PATCH (apart they make two updates); only the newest also moves components."""
    newest = steps[-1][0] if steps else None
    return tuple(
        AppendWanted(
            id=name,
            body={**step, **flag, **(attached if name == newest else {})},
            echo=_update_echo(step["status"], step["body"]),
            settles={"status": step["status"]},
        )
        for name, step in steps
    )


def _side_effects(components: Any, refs: Refs, attached: Mapping[str, Any]) -> dict[str, Echo]:
    """The statuses that the call writes to components as well."""
    words = attached["components"]
    found: dict[str, Echo] = {}
    for name in components:
        remote = refs.remote_id(Kind.COMPONENT, name)
        if remote in words:
            found[str(ObjectKey(Kind.COMPONENT, name))] = {"status": words[remote]}
    return found


def _update_echo(status: Any, body: str) -> dict[str, Any]:
    return {"status": status, "text": " ".join(_BREAK.sub(" ", body).split())}
