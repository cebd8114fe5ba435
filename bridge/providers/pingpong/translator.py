"""Canonical objects in PingPong's words, and what PingPong shows in the shape of an echo. Pure.

Facts behind the choices (PingPong documentation):

- An incident has no status of its own: the newest update decides, and without one it is in progress.
- Live incidents lie over the status of their components and lift by themselves. So a component's own status stays
  operational and is never written again, and each incident carries the statuses that it alone imposes: the service
  shows the worst of them.
- Nothing can be hidden, and nothing but an update can be deleted.
- Messages are HTML and come back changed; their lines and addresses are what is compared.
- A maintenance has no status and no updates: it follows its two times, and its message tells the story.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any

from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, TextFormat
from bridge.model.facts import AppendWanted, FindBy, Refs, Seen, SeenAppend, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    Maintenance,
    Metric,
    MetricPoint,
)
from bridge.providers.base.course import Step, course
from bridge.providers.base.folded import folded
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.text import html_form, render
from bridge.providers.pingpong import metric_translator
from bridge.providers.pingpong.absent import unwritable

_UNTITLED = "Incident"
_AFFECTED = "affected_components"
_USUAL_LENGTH = timedelta(hours=1)
_SHORTEST = timedelta(minutes=1)
_SHOWN_WITHOUT_UPDATE = (IncidentStatus.SCHEDULED, IncidentStatus.REPORTED, IncidentStatus.INVESTIGATING)
_NOT_POSTABLE = (IncidentStatus.SCHEDULED, IncidentStatus.REPORTED)

Answer = Mapping[str, Any]


class Translator:
    """Speaks PingPong.

    Args:
        words: the provider's tables and widths.
    """

    def __init__(self, words: Words) -> None:
        self.words = words

    # --- to PingPong ---------------------------------------------------------------------------------------

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in PingPong's words, and what is lost on the way.

        Raises:
            Refused: the object must not be shown there, or there is no place for it.
        """
        notes = Notes(obj, self.words)
        if isinstance(obj, Incident):
            refuse_if_private(obj, self.words)
            return self._incident(obj, refs, notes), notes.losses
        if isinstance(obj, Maintenance):
            return self._maintenance(obj, refs, notes), notes.losses
        if isinstance(obj, Component):
            return self._component(obj, refs, notes), notes.losses
        if isinstance(obj, ComponentGroup):
            return self._group(obj, notes), notes.losses
        if isinstance(obj, Metric):
            return metric_translator.metric(obj, refs, notes, self.words), notes.losses
        if isinstance(obj, MetricPoint):
            return metric_translator.point(obj, refs, notes, self.words), notes.losses
        raise unwritable(obj.kind, obj.id)

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """Made once, operational; from then on its incidents say how it is, so nothing is owed for it.

        One whose status is known apart from what is shown (it was read from a page) has a status of its own, below all
        incidents, and that is written.
        """
        has_base = notes.is_own or component.effective_status is not None
        status = notes.word(component.status if has_base else ComponentStatus.OPERATIONAL, "status")
        own = {"status": status} if component.effective_status is not None and not notes.is_own else {}
        name = notes.name(component.name, self.words.widths.component_name)
        create: dict[str, Any] = {
            "name": name,
            "status": status,
            "showcased": component.showcased,
            "group": refs.remote_id(Kind.COMPONENT_GROUP, component.group) if component.group else None,
            "description": self._description(component.description, notes),
        }
        if component.link:
            notes.lose("link", component.link, "", "Components have no link here.")
        if component.position is not None:
            notes.lose("position", str(component.position), "", "Components have no order here.")
        notes.label_losses(component)
        return Wanted(create=create, update=own, echo=own, creates=own, find=FindBy(title=name))

    def _group(self, group: ComponentGroup, notes: Notes) -> Wanted:
        name = notes.name(group.name, self.words.widths.group_name)
        body: dict[str, Any] = {"name": name}
        if group.description is not None:
            body["description"] = self._description(group.description, notes)
        notes.group_losses(group)
        echo = {name: value or "" for name, value in body.items()}
        return Wanted(create=body, update=body, echo=echo, creates=echo, find=FindBy(title=name))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        steps = course(incident, TextFormat.HTML)
        for update, step in zip(incident.updates, steps, strict=False):
            notes.markup("message", update.message, step.message, TextFormat.HTML)
        notes.severity_loss(incident, "Incidents have no severity here.")
        notes.update_time_losses(incident.updates[1:])
        notes.update_component_losses(incident.updates, "Updates have no components here.")
        title, message = self._titled(incident, steps[0], notes)
        affected = self._affected(incident, refs, notes)
        body = {
            "title": title,
            "message": message,
            "occurred_at": iso(incident.started_at),
            "affected_components": [{"id": remote, "status": word} for remote, word in affected.items()],
        }
        appends = self._appends(steps, affected, notes)
        new = self.words.incident_status.to(IncidentStatus.REPORTED)
        own = {
            "title": title,
            "message": html_form(message),
            "started_at": iso(incident.started_at),
            "components": sorted(affected),
        }
        creates = {**own, "status": new, "statuses": affected}
        echo = {**creates, **(appends[-1].settles if appends else {})}
        return Wanted(
            create={**body, "notify_subscribers": incident.notify},
            # Updates tell what is new; a corrected title or a changed status is no reason for another mail.
            update={**body, "notify_subscribers": False},
            echo=echo,
            creates=creates,
            find=FindBy(title=title, at=moment_of(body["occurred_at"]), echo={"message": own["message"]}),
            opening=steps[0].id,
            appends=appends,
            carriers={"started_at": "occurred_at", "components": _AFFECTED, "statuses": _AFFECTED},
            followers={"statuses": "status"},  # who resolves an incident lifts what it imposes
        )

    def _titled(self, incident: Incident, step: Step, notes: Notes) -> tuple[str, str]:
        """Title and opening message; a title that is too long is told in full as the first line of the message."""
        whole = notes.plain("title", incident.title) or _UNTITLED
        title = notes.title(whole, self.words.widths.incident_title)
        message = "" if notes.is_own and step.origin is not None and not step.source else step.message
        return title, message if title == whole else f"<div><b>{escape(whole, quote=False)}</b></div>{message}"

    def _appends(self, steps: tuple[Step, ...], affected: Answer, notes: Notes) -> tuple[AppendWanted, ...]:
        """The updates to post. The opening message is the incident's own and stands for the first phases.

        Where there is only an opening and it stands for a later phase, it is posted once more to show that phase.
        """
        opening, *later = steps
        if opening.status in _SHOWN_WITHOUT_UPDATE:
            self._note_phase(opening.status, notes, told_later=bool(later))
        elif later:
            shown = str(self.words.incident_status.to(IncidentStatus.REPORTED))
            notes.lose(
                "incident_status", opening.status, shown, "A new incident shows no phase until its first update."
            )
        else:
            later = [Step(f"{opening.id}.{opening.status}", opening.status, opening.message)]
        return tuple(self._append(step, affected, notes) for step in later)

    def _note_phase(self, status: IncidentStatus, notes: Notes, *, told_later: bool) -> None:
        """A first phase that says little is not posted: the same words would only be mailed once more."""
        shown = self.words.incident_status.to(IncidentStatus.REPORTED)
        if status is IncidentStatus.SCHEDULED:
            notes.word(status)
        elif status is not IncidentStatus.REPORTED and not told_later:
            notes.lose("incident_status", status, str(shown), "An incident shows no phase until its first update.")

    def _append(self, step: Step, affected: Answer, notes: Notes) -> AppendWanted:
        status, message = self._phase(step, notes), step.message
        over = step.status.is_terminal
        return AppendWanted(
            id=step.id,
            body={"status": status, "message": message},
            echo={"status": status, "message": html_form(message)},
            # A resolved incident imposes nothing any more.
            settles={"status": status, "statuses": {}} if over else {"status": status},
        )

    def _phase(self, step: Step, notes: Notes) -> str | int | None:
        """The phase of an update; that an incident is only in progress can be read and not posted."""
        status = step.status
        if status not in _NOT_POSTABLE or self._is_news(step):
            return notes.part_word(status, step.origin, "status")
        became = self.words.incident_status.to(IncidentStatus.INVESTIGATING)
        notes.lose("incident_status", status, str(became), "An update cannot say less than that.")
        return became

    def _is_news(self, step: Step) -> bool:
        """Whether PingPong itself showed the step with a phase that the tables do not know."""
        raw = step.origin.raw if step.origin is not None and step.origin.provider == self.words.provider else {}
        return "status" in raw and not self.words.incident_status.knows(raw["status"])

    def _affected(self, incident: Incident, refs: Refs, notes: Notes) -> dict[str, str]:
        """Remote component → the status that this incident alone imposes."""
        came: Answer = notes.own("affected_components").get("affected_components", {})
        found = {}
        for name, status in sorted(incident.components.items()):
            remote = refs.remote_id(Kind.COMPONENT, name)
            if remote is None:
                notes.lose("components", name, "", "The component has no copy on this destination.")
            else:
                as_it_was = remote in came and self.words.of(ComponentStatus, came[remote]) is status
                found[remote] = str(came[remote] if as_it_was else notes.word(status))
        return found

    def _maintenance(self, maintenance: Maintenance, refs: Refs, notes: Notes) -> Wanted:
        refuse_if_private(maintenance, self.words)
        whole = notes.plain("title", maintenance.title) or _UNTITLED
        title = notes.title(whole, self.words.widths.maintenance_title)
        message = self._told(maintenance, notes)
        if title != whole:
            message = f"<div><b>{escape(whole, quote=False)}</b></div>{message}"
        notes.word(maintenance.status, "status")
        ends = self._end(maintenance, notes)
        ids = sorted(_remote_ids(maintenance.components, refs, notes))
        body = {
            "title": title,
            "message": message,
            "scheduled_for": iso(maintenance.starts_at),
            "ends_at": iso(ends),
            "affected_components": ids,
        }
        echo = {
            "title": title,
            "message": html_form(message),
            "started_at": iso(maintenance.starts_at),
            "ends_at": iso(ends),
            "components": ids,
        }
        return Wanted(
            create={**body, "notify_subscribers": maintenance.notify},
            update={**body, "notify_subscribers": False},
            echo=echo,
            creates=echo,
            find=FindBy(title=title, at=moment_of(body["scheduled_for"]), echo={"message": echo["message"]}),
            carriers={"started_at": "scheduled_for", "components": _AFFECTED},
        )

    def _told(self, maintenance: Maintenance, notes: Notes) -> str:
        """The message, with the updates in it; there is none where PingPong itself had none."""
        language = TextFormat.HTML
        for text in (maintenance.message, *(update.message for update in maintenance.updates)):
            notes.markup("message", text, render(text, language), language)
        if maintenance.updates:
            told = f"{len(maintenance.updates)} updates"
            notes.lose("updates", told, "", "Maintenance has no updates here; they are told in its message.")
        elif notes.is_own and not maintenance.message.source.strip():
            return ""
        return folded(maintenance, language)

    def _end(self, maintenance: Maintenance, notes: Notes) -> datetime:
        """PingPong needs an end, after the start, and takes the work for done when it has come."""
        starts, ends = maintenance.starts_at, maintenance.ends_at
        if ends is None:
            done = maintenance.status is MaintenanceStatus.COMPLETED and maintenance.updates
            ends = maintenance.updates[-1].at if done else starts + _USUAL_LENGTH
            notes.lose("ends_at", "", iso(ends), "PingPong wants an end; this one is assumed.")
        shortest = starts + _SHORTEST
        if ends < shortest:
            notes.lose("ends_at", iso(ends), iso(shortest), "PingPong wants an end that is after the start.")
        return max(ends, shortest)

    def _description(self, text: str | None, notes: Notes) -> str | None:
        return notes.text("description", text, self.words.widths.component_description) if text else None

    # --- from PingPong -------------------------------------------------------------------------------------

    def seen(self, kind: Kind, row: Answer) -> Seen:
        """An object as PingPong shows it."""
        return _SEEN[kind](self, row)

    def _seen_component(self, row: Answer) -> Seen:
        """The status is the effective one, so it says nothing about what we wrote."""
        return _sighting(row, {}, row["name"], row.get("created_at"))

    def _seen_group(self, row: Answer) -> Seen:
        echo = {"name": row["name"], "description": row.get("description") or ""}
        return _sighting(row, echo, row["name"], row.get("created_at"))

    def _seen_metric(self, row: Answer) -> Seen:
        return metric_translator.seen_metric(row)

    def _seen_incident(self, row: Answer) -> Seen:
        affected = row.get("affected_components") or ()
        over = self.words.of(IncidentStatus, row["status"]).is_terminal
        echo = {
            "title": row["title"],
            "message": html_form(row.get("message") or ""),
            "started_at": _read(row.get("occurred_at")),
            "components": sorted(str(component["id"]) for component in affected),
            "status": row["status"],
            "statuses": {} if over else {str(component["id"]): component["status"] for component in affected},
        }
        # Oldest first in the documentation's samples, which promises nothing.
        updates = sorted(row.get("updates") or (), key=lambda update: str(update.get("created_at") or ""))
        return _sighting(row, echo, row["title"], row.get("occurred_at"), map(_seen_update, updates))

    def _seen_maintenance(self, row: Answer) -> Seen:
        echo = {
            "title": row["name"],
            "message": html_form(row.get("message") or ""),
            "started_at": _read(row.get("scheduled_for")),
            "ends_at": _read(row.get("ends_at")),
            "components": sorted(str(component["id"]) for component in row.get("affected_components") or ()),
        }
        return _sighting(row, echo, row["name"], row.get("scheduled_for"))


_SEEN = {
    Kind.COMPONENT: Translator._seen_component,
    Kind.COMPONENT_GROUP: Translator._seen_group,
    Kind.INCIDENT: Translator._seen_incident,
    Kind.MAINTENANCE: Translator._seen_maintenance,
    Kind.METRIC: Translator._seen_metric,
}


def _remote_ids(components: Iterable[str], refs: Refs, notes: Notes) -> Iterable[str]:
    for name in components:
        remote = refs.remote_id(Kind.COMPONENT, name)
        if remote is None:
            notes.lose("components", name, "", "The component has no copy on this destination.")
        else:
            yield remote


def _sighting(row: Answer, echo: Answer, name: object, at: object, appended: Iterable[SeenAppend] = ()) -> Seen:
    return Seen(str(row["id"]), echo, str(name), None, moment_of(at), tuple(appended), dict(row))


def _seen_update(row: Answer) -> SeenAppend:
    echo = {"status": row["status"], "message": html_form(row.get("message") or "")}
    return SeenAppend(str(row["id"]), echo, moment_of(row.get("created_at")))


def _read(text: object) -> str | None:
    moment = moment_of(text)
    return iso(moment) if moment else None
