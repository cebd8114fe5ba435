"""Canonical objects in Cachet 2.4's words, and what Cachet 2.4 shows in the shape of an echo. Pure.

Facts behind the choices (Cachet 2.4 source and measurements):

- One component is linked with an incident, and linking writes its status, with a mail unless nothing changes.
- Updates take the phases 1 to 4, have no time of their own, and mail the subscribers of a public incident.
- A component keeps its status when the incident ends: the component's own copy puts it back, silently.
- A schedule keeps neither components nor updates, and one that has an end is not announced on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    TextFormat,
    Visibility,
)
from bridge.model.facts import AppendWanted, FindBy, ObjectKey, Refs, Seen, SeenAppend, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject, Component, ComponentGroup, Incident, Maintenance
from bridge.providers.base.course import Step, course
from bridge.providers.base.folded import folded
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.text import cleaned_form, plain_title
from bridge.providers.cachet2.cleaner import safe_message, safe_name

_UNTITLED = "Incident"
_IN = "%Y-%m-%d %H:%M"
_OUT = "%Y-%m-%d %H:%M:%S"

Answer = Mapping[str, Any]


class Translator:
    """Speaks Cachet 2.4.

    Args:
        words: the provider's tables, widths and marker.
    """

    def __init__(self, words: Words) -> None:
        self.words = words

    # --- to Cachet -----------------------------------------------------------------------------------------

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in Cachet's words, and what is lost on the way.

        Raises:
            Refused: the object must not be shown there, or cannot be.
        """
        notes = Notes(obj, self.words)
        if isinstance(obj, Incident):
            refuse_if_private(obj, self.words)
            return self._incident(obj, refs, notes), notes.losses
        if isinstance(obj, Maintenance):
            return self._maintenance(obj, notes), notes.losses
        if isinstance(obj, Component):
            return self._component(obj, refs, notes), notes.losses
        if isinstance(obj, ComponentGroup):
            return self._group(obj, notes), notes.losses
        raise Refused(f"{obj.kind} {obj.id}: objects of this kind are not written to {self.words.provider}")

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """A component's name and surroundings are written once and left to the page's owner from then on."""
        status = notes.word(component.status)
        name = notes.name(_bracketless(component.name, notes), self.words.widths.component_name)
        group = refs.remote_id(Kind.COMPONENT_GROUP, component.group) if component.group else None
        create = {
            "name": name,
            "status": status,
            "enabled": component.showcased,
            "description": safe_message(component.description) if component.description else None,
            "link": component.link,
            "group_id": int(group) if group else None,
            "order": component.position,
            "meta": self._mark(component.id),
        }
        echo = {"status": status}
        return Wanted(
            create={field: value for field, value in create.items() if value is not None},
            # The incident tells the subscribers; a mail for every component beside it would tell them again.
            update={"status": status, "silent": True},
            echo=echo,
            creates=echo,
            find=FindBy(marker=component.id, title=cleaned_form(name)),
        )

    def _group(self, group: ComponentGroup, notes: Notes) -> Wanted:
        name = notes.name(_bracketless(group.name, notes), self.words.widths.group_name)
        body: dict[str, Any] = {"name": name, "visible": int(self._visible(group.visibility, notes))}
        if group.position is not None:
            body["order"] = group.position
        if group.description:
            notes.lose("description", group.description, "", "Groups have no description here.")
        shown = cleaned_form(name)
        echo = {"name": shown, "visible": bool(body["visible"])}
        return Wanted(create=body, update=body, echo=echo, creates=echo, find=FindBy(title=shown))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        steps = course(incident, TextFormat.MARKDOWN)
        name = notes.title(_bracketless(incident.title, notes) or _UNTITLED, self.words.widths.incident_title)
        message = self._message(steps[0])
        visible = self._visible(incident.visibility, notes)
        body = {"name": name, "message": message, "visible": int(visible), "occurred_at": _written(incident.started_at)}
        first, last = self._phase(steps[0], notes), self._phase(steps[-1], notes)
        linked = self._linked(incident, refs, notes)
        appends = tuple(self._append(step, notes) for step in steps[1:])
        self._note_silence(incident, notes)
        echo = {
            "title": cleaned_form(name),
            "message": cleaned_form(message),
            "visible": visible,
            "started_at": _floored(incident.started_at),
            "status": last,
        }
        create = {"status": first, "notify": incident.notify, "stickied": False, "meta": self._mark(incident.id)}
        return Wanted(
            create={**body, **create, **linked},
            # Once there are updates the newest one decides, and the incident's own status is not looked at.
            update=body if appends else {**body, "status": first},
            echo=echo,
            creates={**echo, "status": first},
            find=FindBy(marker=incident.id, title=cleaned_form(name), at=_minute(incident.started_at)),
            opening=steps[0].id,
            appends=appends,
            side_effects={} if appends else self._linked_echo(linked, incident, refs),
        )

    def _append(self, step: Step, notes: Notes) -> AppendWanted:
        status, message = self._phase(step, notes), self._message(step)
        return AppendWanted(
            id=step.id,
            body={"status": status, "message": message},
            echo={"status": status, "message": cleaned_form(message)},
            settles={"status": status},
        )

    def _maintenance(self, maintenance: Maintenance, notes: Notes) -> Wanted:
        _refuse_if_hidden(maintenance)
        name = notes.title(_bracketless(maintenance.title, notes) or _UNTITLED, self.words.widths.maintenance_title)
        message = safe_message(folded(maintenance, TextFormat.MARKDOWN))
        status = notes.word(maintenance.status)
        body = {"name": name, "message": message, "status": status, "scheduled_at": _written(maintenance.starts_at)}
        if maintenance.ends_at and maintenance.status is MaintenanceStatus.COMPLETED:
            body["completed_at"] = _written(maintenance.ends_at)
        elif maintenance.ends_at:
            why = "Cachet 2 does not announce work that has an end; the end is written when the work is over."
            notes.lose("ends_at", _written(maintenance.ends_at), "", why)
        if maintenance.components:
            why = "Cachet 2 does not keep the components of a maintenance."
            notes.lose("components", ", ".join(maintenance.components), "", why)
        echo = {
            "title": cleaned_form(name),
            "message": cleaned_form(message),
            "status": status,
            "started_at": _floored(maintenance.starts_at),
        }
        return Wanted(
            create={**body, "notify": maintenance.notify},
            update=body,
            echo=echo,
            creates=echo,
            find=FindBy(title=cleaned_form(name), at=_minute(maintenance.starts_at)),
        )

    def _phase(self, step: Step, notes: Notes) -> str | int | None:
        """The phase of a step; an incident that is still a plan counts as reported, as updates cannot say planned."""
        if step.status is not IncidentStatus.SCHEDULED:
            return notes.word(step.status)
        became = notes.word(IncidentStatus.REPORTED)
        notes.lose("incident_status", step.status, str(became), "An incident is not a plan here.")
        return became

    def _message(self, step: Step) -> str:
        return safe_message(step.message)

    def _visible(self, visibility: Visibility, notes: Notes) -> bool:
        if visibility is Visibility.HIDDEN:
            notes.lose("visibility", visibility, Visibility.AUTHENTICATED, "Whoever is logged in sees everything.")
        return visibility is Visibility.PUBLIC

    def _linked(self, incident: Incident, refs: Refs, notes: Notes) -> dict[str, Any]:
        """The one component of an incident: the worst, the first by name among equals.

        It is linked with the status that it is to have anyway, so a link never makes a page wrong. An incident that
        must not mail anybody is linked only when it is over, because then the link changes nothing.
        """
        shown = [name for name in sorted(incident.components) if refs.remote_id(Kind.COMPONENT, name)]
        for name in sorted(set(incident.components) - set(shown)):
            notes.lose("components", name, "", "The component has no copy on this destination.")
        if not shown:
            return {}
        worst = max(shown, key=lambda name: incident.components[name].rank)
        others = [name for name in shown if name != worst]
        if incident.is_open and not incident.notify:
            why = "Linking a component mails its subscribers, and this incident is to be silent."
            notes.lose("components", ", ".join(shown), "", why)
            return {}
        if others:
            notes.lose("components", ", ".join(shown), worst, "One component is linked; the others show their status.")
        status = notes.word(_status_of(worst, incident, refs))
        return {"component_id": int(str(refs.remote_id(Kind.COMPONENT, worst))), "component_status": status}

    def _linked_echo(self, linked: Answer, incident: Incident, refs: Refs) -> dict[str, Answer]:
        """What the creating call does to the linked component."""
        remote = str(linked.get("component_id", ""))
        keys = (ObjectKey(Kind.COMPONENT, name) for name in incident.components)
        return {
            str(key): {"status": linked["component_status"]}
            for key in keys
            if remote and refs.remote_id(key.kind, key.id) == remote
        }

    def _note_silence(self, incident: Incident, notes: Notes) -> None:
        if not incident.notify and len(incident.updates) > 1 and incident.visibility is Visibility.PUBLIC:
            notes.lose("notify", "false", "true", "Cachet 2 mails every update of a public incident.")

    def _mark(self, identity: str) -> dict[str, Any] | None:
        return self.words.marker.wrap(identity) if self.words.marker else None

    # --- from Cachet ---------------------------------------------------------------------------------------

    def seen(self, kind: Kind, row: Answer) -> Seen:
        """An object as Cachet shows it."""
        return _SEEN[kind](self, row)

    def _seen_component(self, row: Answer) -> Seen:
        return self._sighting(row, {"status": row["status"]}, row.get("created_at"))

    def _seen_group(self, row: Answer) -> Seen:
        echo = {"name": cleaned_form(str(row["name"])), "visible": bool(row["visible"])}
        return self._sighting(row, echo, row.get("created_at"))

    def _seen_incident(self, row: Answer) -> Seen:
        echo = {
            **self._seen_text(row),
            "visible": bool(row["visible"]),
            "started_at": _read(row.get("occurred_at")),
            "status": row["latest_status"],
        }
        # Newest first by whole seconds, so equal times come in any order; ids never go back.
        updates = sorted(row.get("updates") or (), key=lambda update: int(update["id"]))
        return self._sighting(row, echo, row.get("occurred_at"), tuple(map(_seen_update, updates)))

    def _seen_maintenance(self, row: Answer) -> Seen:
        echo = {**self._seen_text(row), "status": row["status"], "started_at": _read(row.get("scheduled_at"))}
        return self._sighting(row, echo, row.get("scheduled_at"))

    def _seen_text(self, row: Answer) -> dict[str, str]:
        return {"title": cleaned_form(str(row["name"])), "message": cleaned_form(row.get("message") or "")}

    def _sighting(self, row: Answer, echo: Answer, at: object, appended: tuple[SeenAppend, ...] = ()) -> Seen:
        return Seen(
            remote_id=str(row["id"]),
            echo=echo,
            name=str(row["name"]),
            marker=self.words.marker.read(row.get("meta")) if self.words.marker else None,
            at=_moment(at),
            appended=appended,
            raw=dict(row),
        )


_SEEN = {
    Kind.COMPONENT: Translator._seen_component,
    Kind.COMPONENT_GROUP: Translator._seen_group,
    Kind.INCIDENT: Translator._seen_incident,
    Kind.MAINTENANCE: Translator._seen_maintenance,
}


def _seen_update(row: Answer) -> SeenAppend:
    echo = {"status": row["status"], "message": cleaned_form(row.get("message") or "")}
    return SeenAppend(str(row["id"]), echo, _moment(row.get("created_at")))


def _refuse_if_hidden(maintenance: Maintenance) -> None:
    """Incidents can be hidden in Cachet, schedules cannot."""
    if maintenance.visibility is not Visibility.PUBLIC:
        raise Refused(
            f"{maintenance.id} is {maintenance.visibility}, and Cachet 2 cannot hide maintenance: "
            f"leave this destination out for it, or make it {Visibility.PUBLIC}"
        )


def _bracketless(name: str, notes: Notes) -> str:
    """A title or name that the cleaner leaves alone; its angle brackets are replaced by look-alikes."""
    plain = plain_title(name)
    safe = safe_name(plain)
    if "<" in plain or ">" in plain:
        notes.lose("title", plain, safe, "Cachet 2 takes angle brackets in names for HTML.")
    return safe


def _status_of(component: str, incident: Incident, refs: Refs) -> ComponentStatus:
    return refs.statuses.get(component, incident.components[component])


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _written(moment: datetime) -> str:
    """To the minute, without zone; the ``Time-Zone`` header says that it is UTC. Seconds would be an error 500."""
    return _minute(moment).strftime(_IN)


def _floored(moment: datetime) -> str:
    return _minute(moment).strftime(_OUT)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), _OUT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _read(text: object) -> str | None:
    moment = _moment(text)
    return _floored(moment) if moment else None
