"""Canonical objects in Cachet 2.4's words, and what Cachet 2.4 shows in the shape of an echo. Pure.

Facts behind the choices (Cachet 2.4 source and measurements):

- One component is linked with an incident, and linking writes its status, with a mail unless nothing changes.
- Updates take the phases 1 to 4, have no time of their own, and mail the subscribers of a public incident.
- A component keeps its status when the incident ends: the component's own copy puts it back, silently.
- A schedule keeps neither components nor updates, and one that has an end is not announced on the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    TextFormat,
    Visibility,
)
from bridge.model.facts import AppendWanted, FindBy, ObjectKey, Refs, Seen, SeenAppend, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    Maintenance,
    Metric,
    MetricPoint,
    Subscriber,
)
from bridge.providers.base.course import Step, course
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import moment_of
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.text import cleaned_form
from bridge.providers.cachet2 import (
    maintenance_translator,
    metric_translator,
    subscriber_translator,
    template_translator,
)
from bridge.providers.cachet2.cleaner import safe_message
from bridge.providers.cachet2.minutes import floored, shown_at, to_minute, written
from bridge.providers.cachet2.naming import bracketless
from bridge.providers.cachet2.reader import SEVERITY, end_of

_UNTITLED = "Incident"
_ESCAPE = re.compile(r"%[0-9a-f]{2}", re.I)
_SCHEMES = ("http://", "https://", "ftp://")

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
            return maintenance_translator.maintenance(obj, notes, self.words), notes.losses
        if isinstance(obj, Component):
            return self._component(obj, refs, notes), notes.losses
        if isinstance(obj, ComponentGroup):
            return self._group(obj, notes), notes.losses
        if isinstance(obj, Metric):
            return metric_translator.metric(obj, notes, self.words), notes.losses
        if isinstance(obj, MetricPoint):
            return metric_translator.point(obj, refs, notes), notes.losses
        if isinstance(obj, Subscriber):
            return subscriber_translator.subscriber(obj, refs, notes), notes.losses
        raise template_translator.refusal(obj)

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """A component's name and surroundings are written once and left to the page's owner from then on."""
        status = notes.word(component.status, "status")
        own = notes.own("tags", "meta")
        tags: dict[str, str] = own.get("tags", {})
        notes.label_losses(component, tags)
        name = notes.name(bracketless("name", component.name, notes), self.words.widths.component_name)
        group = refs.remote_id(Kind.COMPONENT_GROUP, component.group) if component.group else None
        create = {
            "name": name,
            "status": status,
            "enabled": component.showcased,
            "description": safe_message(component.description) if component.description else None,
            "link": _link(component, notes),
            "group_id": int(group) if group else None,
            "order": component.position,
            "meta": {**own.get("meta", {}), **self._mark(component.id)} or None,
            "tags": [name for slug, name in tags.items() if slug in component.labels] or None,
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
        name = notes.name(bracketless("name", group.name, notes), self.words.widths.group_name)
        body: dict[str, Any] = {"name": name, "visible": int(self._visible(group.visibility, notes))}
        if group.position is not None:
            body["order"] = group.position
        if group.description:
            notes.lose("description", group.description, "", "Groups have no description here.")
        shown = cleaned_form(name)
        body |= notes.own("collapsed")
        echo = {**body, "name": shown, "visible": bool(body["visible"])}
        return Wanted(create=body, update=body, echo=echo, creates=echo, find=FindBy(title=shown))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        steps = course(incident, TextFormat.MARKDOWN)
        for update, step in zip(incident.updates, steps, strict=False):
            notes.markup("message", update.message, step.message, TextFormat.MARKDOWN)
        notes.severity_loss(incident, "Incidents show no severity here; it is kept in their free data.", "free data")
        notes.update_time_losses(incident.updates[1:])
        notes.update_component_losses(incident.updates, "Updates have no components here.")
        name = notes.title(bracketless("title", incident.title, notes) or _UNTITLED, self.words.widths.incident_title)
        message = self._message(steps[0])
        visible = self._visible(incident.visibility, notes)
        body = {"name": name, "message": message, "visible": int(visible), "occurred_at": written(incident.started_at)}
        first, last = self._phase(steps[0], notes), self._phase(steps[-1], notes)
        linked = self._linked(incident, refs, notes)
        appends = tuple(self._append(step, notes) for step in steps[1:])
        self._note_silence(incident, notes)
        echo = {
            "title": cleaned_form(name),
            "message": cleaned_form(message),
            "visible": visible,
            "started_at": floored(incident.started_at),
            "status": last,
        }
        body |= notes.own("stickied")
        create = {"status": first, "notify": incident.notify, "stickied": False, "meta": self._meta(incident, notes)}
        return Wanted(
            create={**create, **body, **linked},
            # Once there are updates the newest one decides, and the incident's own status is not looked at.
            update=body if appends else {**body, "status": first},
            echo=echo,
            creates={**echo, "status": first},
            find=FindBy(
                marker=incident.id,
                title=cleaned_form(name),
                at=to_minute(incident.started_at),
                # Where the server is a 2.3, which carries no marker.
                echo={"message": cleaned_form(message)},
            ),
            opening=steps[0].id,
            appends=appends,
            side_effects=self._linked_echo(linked, incident, refs),
            carriers={"title": "name", "started_at": "occurred_at"},
        )

    def _append(self, step: Step, notes: Notes) -> AppendWanted:
        status, message = self._phase(step, notes), self._message(step)
        return AppendWanted(
            id=step.id,
            body={"status": status, "message": message},
            echo={"status": status, "message": cleaned_form(message)},
            settles={"status": status},
        )

    def _phase(self, step: Step, notes: Notes) -> str | int | None:
        """The phase of a step; an incident that is still a plan counts as reported, as updates cannot say planned."""
        own = step.origin is not None and step.origin.provider == self.words.provider
        if step.status is not IncidentStatus.SCHEDULED or own:
            return notes.part_word(step.status, step.origin, "status")
        became = self.words.to(IncidentStatus.REPORTED)
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
        there = [name for name in sorted(incident.components) if refs.remote_id(Kind.COMPONENT, name)]
        for name in sorted(set(incident.components) - set(there)):
            notes.lose("components", name, "", "The component has no copy on this destination.")
        shown = [name for name in there if name not in refs.left]
        for name in sorted(set(there) - set(shown)):
            notes.lose("components", name, "", "Linking a component writes its status, which a person set here.")
        if not shown:
            return {}
        worst = max(shown, key=lambda name: incident.components[name].rank)
        others = [name for name in shown if name != worst]
        if incident.is_open and not incident.notify:
            why = "Linking a component mails its subscribers, and this incident is to be silent."
            notes.lose("components", ", ".join(shown), "", why)
            return {}
        if not incident.is_open and worst not in refs.statuses:
            why = "Linking a component writes its status, and nothing tells what it is now."
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

    def _meta(self, incident: Incident, notes: Notes) -> dict[str, Any]:
        """Free data: what the incident had here, or else its severity; and our mark."""
        had = notes.own("meta").get("meta", {}) if notes.is_own else {SEVERITY: str(incident.impact)}
        return {**had, **self._mark(incident.id)}

    def _mark(self, identity: str) -> dict[str, Any]:
        return self.words.marker.wrap(identity) if self.words.marker else {}

    # --- from Cachet ---------------------------------------------------------------------------------------

    def seen(self, kind: Kind, row: Answer) -> Seen:
        """An object as Cachet shows it."""
        return _SEEN[kind](self, row)

    def _seen_component(self, row: Answer) -> Seen:
        return self._sighting(row, {"status": row["status"]}, row.get("created_at"))

    def _seen_group(self, row: Answer) -> Seen:
        echo = {
            "name": cleaned_form(str(row["name"])),
            "visible": bool(row["visible"]),
            **{field: row.get(field) for field in ("order", "collapsed")},
        }
        return self._sighting(row, echo, row.get("created_at"))

    def _seen_incident(self, row: Answer) -> Seen:
        echo = {
            **self._seen_text(row),
            "visible": bool(row["visible"]),
            "started_at": shown_at(row.get("occurred_at")),
            "status": row["latest_status"],
        }
        # Newest first by whole seconds, so equal times come in any order; ids never go back.
        updates = sorted(row.get("updates") or (), key=lambda update: int(update["id"]))
        return self._sighting(row, echo, row.get("occurred_at"), tuple(map(_seen_update, updates)))

    def _seen_maintenance(self, row: Answer) -> Seen:
        ends = end_of(row)
        echo = {
            **self._seen_text(row),
            "status": row["status"],
            "started_at": shown_at(row.get("scheduled_at")),
            "ends_at": floored(ends) if ends else None,
        }
        return self._sighting(row, echo, row.get("scheduled_at"))

    def _seen_text(self, row: Answer) -> dict[str, str]:
        return {"title": cleaned_form(str(row["name"])), "message": cleaned_form(row.get("message") or "")}

    def _sighting(self, row: Answer, echo: Answer, at: object, appended: tuple[SeenAppend, ...] = ()) -> Seen:
        return Seen(
            remote_id=str(row["id"]),
            echo=echo,
            name=str(row["name"]),
            marker=self.words.marker.read(row.get("meta")) if self.words.marker else None,
            at=moment_of(at),
            appended=appended,
            raw=dict(row),
        )


_SEEN: Mapping[Kind, Callable[[Translator, Answer], Seen]] = {
    Kind.COMPONENT: Translator._seen_component,
    Kind.COMPONENT_GROUP: Translator._seen_group,
    Kind.INCIDENT: Translator._seen_incident,
    Kind.MAINTENANCE: Translator._seen_maintenance,
    Kind.METRIC: lambda _, row: metric_translator.seen_metric(row),
    Kind.METRIC_POINT: lambda _, row: metric_translator.seen_point(row),
    Kind.SUBSCRIBER: lambda _, row: subscriber_translator.seen_subscriber(row),
    Kind.INCIDENT_TEMPLATE: lambda _, row: template_translator.seen_template(row),
}


def _seen_update(row: Answer) -> SeenAppend:
    echo = {"status": row["status"], "message": cleaned_form(row.get("message") or "")}
    return SeenAppend(str(row["id"]), echo, moment_of(row.get("created_at")))


def _link(component: Component, notes: Notes) -> str | None:
    """An address that Cachet takes: it decodes percent escapes before it looks whether it is one."""
    link = component.link
    if link and (_ESCAPE.search(link) or not link.startswith(_SCHEMES)):
        notes.lose("link", link, "", "Cachet 2 takes web addresses only, and none with a percent escape.")
        return None
    return link


def _status_of(component: str, incident: Incident, refs: Refs) -> ComponentStatus:
    return refs.statuses.get(component, incident.components[component])
