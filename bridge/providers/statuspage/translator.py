"""Canonical objects in Statuspage's words, and what Statuspage shows in the form that is compared. Pure.

What is compared (``echo``):

* component: ``status``; one that Statuspage has no word for is neither sent nor compared;
* group: ``name``; membership belongs to whoever arranged the page;
* incident: ``name``, ``status``, ``impact_override``; the statuses of its components belong to the components;
* maintenance: ``name``, ``status`` and both times;
* update: ``status`` and the text with all white space alike.

An object that was read from Statuspage gets back what it came with: words that no table knows, bodies byte by byte, the
impact, metadata, reminders, a component's switches and a maintenance's clockwork.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus
from bridge.model.facts import AppendWanted, FindBy, Refs, Seen, SeenAppend, Wanted
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
    Origin,
    Subscriber,
)
from bridge.providers.base import mapping as mappings
from bridge.providers.base.course import Step, course
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.notes import Notes, refuse_if_private
from bridge.providers.base.stages import Stage, stages
from bridge.providers.statuspage import (
    history,
    metric_translator,
    subscriber_translator,
    template_translator,
    updates,
)
from bridge.providers.statuspage.clockwork import TURNING, clockwork_of
from bridge.providers.statuspage.reader import COMPONENT_FIELDS, READ_IMPACT
from bridge.providers.statuspage.wording import note_tags, text_of

_UNTITLED = "Incident"
_DEFAULT_LENGTH = timedelta(hours=1)
_SHORTEST = timedelta(minutes=1)


class Translator:
    """Both directions, by the tables of ``mappings/statuspage.yaml``."""

    def __init__(self, mapping: mappings.Mapping) -> None:
        self.mapping = mapping
        self._language = mapping.capabilities.text_format

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in Statuspage's words.

        Raises:
            Refused: the object is not for the public, and Statuspage cannot hide it; or it lacks what is needed there.
        """
        notes = Notes(obj, self.mapping)
        if isinstance(obj, Component):
            wanted = self._component(obj, refs, notes)
        elif isinstance(obj, ComponentGroup):
            wanted = self._group(obj, refs, notes)
        elif isinstance(obj, Incident):
            refuse_if_private(obj, self.mapping)
            wanted = self._incident(obj, refs, notes)
        elif isinstance(obj, Maintenance):
            refuse_if_private(obj, self.mapping)
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
            return metric_translator.point(obj, refs, notes, self.mapping)
        if isinstance(obj, Subscriber):
            return subscriber_translator.subscriber(obj, refs, notes)
        return template_translator.template(obj, refs, notes, self.mapping)

    def _component(self, component: Component, refs: Refs, notes: Notes) -> Wanted:
        """A component's name and surroundings are written once and left to the page's owner from then on."""
        name = notes.name(component.name, self.mapping.widths.component_name)
        # The empty word is read now and then; what sending it would do is not documented.
        word = notes.word(component.status, "status") or None
        echo = {} if word is None else {"status": word}
        own = {field: value for field, value in notes.own(*COMPONENT_FIELDS).items() if value is not None}
        create: dict[str, Any] = {"name": name, **echo, **own}
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
        notes.label_losses(component)
        return Wanted(create=create, update=echo, echo=echo, creates=echo, find=FindBy(title=name))

    def _group(self, group: ComponentGroup, refs: Refs, notes: Notes) -> Wanted:
        """Membership is written once, where it is known: a group that was read from Statuspage knows its members."""
        echo = {"name": notes.name(group.name, self.mapping.widths.group_name)}
        body: dict[str, Any] = dict(echo)
        if group.description is not None:
            body["description"] = group.description
        notes.group_losses(group)
        names = group.members or notes.own("components").get("components", ())
        members = [remote for name in names if (remote := refs.remote_id(Kind.COMPONENT, name))]
        create = {**body, "components": members} if members else body
        return Wanted(create=create, update=body, echo=echo, creates=echo, find=FindBy(title=echo["name"]))

    def _incident(self, incident: Incident, refs: Refs, notes: Notes) -> Wanted:
        own = {
            "name": self._title(incident.title, self.mapping.widths.incident_title, notes),
            "impact_override": self._impact(incident, notes),
        }
        attached = self._attached(incident.components, refs, notes)
        effects = updates.side_effects_of(incident.components, refs, attached)
        steps, postmortem = history.parted(incident, course(incident, self._language))
        opening, *later = [
            (step.id, self._step(self._phase(step.status, step.origin, notes), step, step.origin, notes))
            for step in steps
        ]
        times = self._times(incident, notes)
        flag = {"deliver_notifications": incident.notify}
        find = FindBy(marker=incident.id, title=own["name"], at=self.mapping.capabilities.floor(incident.started_at))
        return Wanted(
            create={
                **own, **opening[1], **attached, **flag, **_present(notes.own("reminder_intervals")),
                "metadata": self._metadata(incident.id, notes),
            },
            # Without status and body a PATCH makes no update, so that nobody is written to for a corrected title.
            update={**own, "deliver_notifications": False},
            echo={**own, "status": (later or [opening])[-1][1]["status"]},
            creates={**own, "status": opening[1]["status"]},
            find=find,
            opening=opening[0],
            opened=AppendWanted(opening[0], opening[1], updates.echo_of(opening[1]["status"], opening[1]["body"])),
            appends=(
                *([history.redated(opening[0], times[opening[0]])] if opening[0] in times else ()),
                *history.dated(updates.appends_of(later, flag, attached, effects), times),
                *(self._postmortem(postmortem, incident, notes) if postmortem else ()),
            ),
            side_effects=effects,
        )  # fmt: skip

    def _times(self, incident: Incident, notes: Notes) -> dict[str, datetime]:
        """When each update is to be shown as written. An incident there begins with its first update."""
        if not history.is_past(incident):
            notes.lose("started_at", iso(incident.started_at), "", "An incident told live begins when it is written.")
            notes.update_time_losses(incident.updates)
            return {}
        # Told live, each update moved its components when it was the newest.
        why = "Only the newest update moves components there: those of the past are not moved again."
        notes.update_component_losses(incident.updates[:-1], why)
        first, *later = incident.updates
        begin = first.at if notes.is_own else incident.started_at
        if iso(begin) != iso(incident.started_at):
            notes.lose("started_at", iso(incident.started_at), iso(begin), "An incident begins with its first update.")
        if iso(begin) != iso(first.at):
            notes.lose("updates.at", iso(first.at), iso(begin), "The first update there begins the incident.")
        return {first.id: begin, **{update.id: update.at for update in later}}

    def _postmortem(self, update: IncidentUpdate, incident: Incident, notes: Notes) -> tuple[AppendWanted, ...]:
        """It is published now, whatever its time was."""
        notes.lose("updates.at", iso(update.at), "", "A postmortem there has the time at which it is published.")
        word = str(notes.part_word(IncidentStatus.POSTMORTEM, update.origin, "status"))
        width = self.mapping.widths.incident_message
        return history.postmortem(update, word, width, notify=incident.notify, notes=notes)

    def _title(self, title: str, width: int | None, notes: Notes) -> str:
        return notes.title(notes.plain("title", title) or _UNTITLED, width)

    def _impact(self, incident: Incident, notes: Notes) -> str:
        """Always said, as Statuspage would judge for itself otherwise; severity's values are its own words.

        An impact that came from Statuspage and still means the same is given back, also one that is not known.
        """
        raw = notes.own("impact", "impact_override", READ_IMPACT)
        if raw.get(READ_IMPACT) == incident.impact:
            return str(raw.get("impact_override") or raw.get("impact") or incident.impact)
        return incident.impact.value

    def _maintenance(self, maintenance: Maintenance, refs: Refs, notes: Notes) -> Wanted:
        own = {
            "name": self._title(maintenance.title, self.mapping.widths.maintenance_title, notes),
            "scheduled_for": iso(maintenance.starts_at),
            "scheduled_until": self._until(maintenance, notes),
        }
        (_, opening), *later = self._stages(maintenance, notes)
        times = {update.id: update.at for update in maintenance.updates} if history.is_past(maintenance) else {}
        notes.update_time_losses(() if times else maintenance.updates)
        attached = self._attached(dict.fromkeys(maintenance.components, ComponentStatus.MAINTENANCE), refs, notes)
        effects = updates.side_effects_of(maintenance.components, refs, attached)
        only_ids = {"component_ids": attached["component_ids"]}
        flag = {"deliver_notifications": maintenance.notify}
        clockwork = clockwork_of(maintenance, notes, unattended=refs.unattended)
        turning = {name: clockwork[name] for name in TURNING}
        metadata = {"metadata": self._metadata(maintenance.id, notes)}
        return Wanted(
            create={**own, **opening, **only_ids, **clockwork, **flag, **metadata},
            update={**own, **turning, "deliver_notifications": False},
            echo={**own, **turning, "status": (later[-1][1] if later else opening)["status"]},
            creates={**own, **turning, "status": opening["status"]},
            find=FindBy(marker=maintenance.id, title=own["name"], at=maintenance.starts_at),
            appends=tuple(history.dated(updates.appends_of(later, flag, attached, effects), times)),
        )

    def _stages(self, maintenance: Maintenance, notes: Notes) -> list[tuple[str, dict[str, Any]]]:
        """Id and body of every update. What came from Statuspage keeps its words."""
        opening = notes.own("opening").get("opening")
        first = None if opening is None else Origin("", "", opening, self.mapping.provider)
        origins = {maintenance.id: first, **{update.id: update.origin for update in maintenance.updates}}
        found = []
        whole = stages(maintenance, self._language)
        for stage in whole[: len(origins)] if notes.is_own else whole:
            origin = origins.get(stage.id)
            status = stage.status
            if stage.id == maintenance.id and opening is not None:
                status = self.mapping.of(MaintenanceStatus, opening.get("status"))
            word = str(notes.part_word(status, origin, "status"))
            found.append((stage.id, self._step(word, stage, origin, notes)))
        return found

    def _until(self, maintenance: Maintenance, notes: Notes) -> str:
        """The planned end. One that is over has its real end, and gives back the planned one that it came with."""
        raw = notes.own("real_end", "scheduled_until")
        starts, ends = maintenance.starts_at, maintenance.ends_at
        if ends is not None and raw.get("real_end") == iso(ends):
            return str(raw["scheduled_until"])
        if maintenance.status.is_terminal:
            notes.lose("ends_at", iso(ends) if ends else "", "", "Work there ends when it is said to be over.")
        if ends is None:
            ends = starts + _DEFAULT_LENGTH
            notes.lose("ends_at", "", iso(ends), "A maintenance there needs an end; an hour is assumed.")
        return iso(self._after(starts, ends, notes))

    @staticmethod
    def _after(starts: datetime, ends: datetime, notes: Notes) -> datetime:
        shortest = starts + _SHORTEST
        if ends < shortest:
            notes.lose("ends_at", iso(ends), iso(shortest), "A maintenance there must end after it starts.")
        return max(ends, shortest)

    def _metadata(self, identity: str, notes: Notes) -> dict[str, Any]:
        own = notes.own("metadata").get("metadata") or {}
        return {**own, **(self.mapping.marker.wrap(identity) if self.mapping.marker else {})}

    def _phase(self, status: IncidentStatus, origin: Origin | None, notes: Notes) -> str:
        """The provider's word. A postmortem has calls of its own there; here its text closes the incident."""
        if status is IncidentStatus.POSTMORTEM:
            notes.lose("status", status, IncidentStatus.RESOLVED, "The postmortem becomes the last update.")
            return str(notes.word(IncidentStatus.RESOLVED))
        return str(notes.part_word(status, origin, "status"))

    def _step(self, word: str, step: Step | Stage, origin: Origin | None, notes: Notes) -> dict[str, Any]:
        """Status and text of one update; a text that came from Statuspage goes back byte by byte."""
        raw = origin.raw if origin is not None and origin.provider == self.mapping.provider else {}
        came = raw.get("body")
        if came and text_of(came).source.strip() == step.source:
            return {"status": word, "body": str(came)}
        body = notes.message(step.source, step.message, self.mapping.widths.incident_message)
        note_tags(step.source, body, notes)
        return {"status": word, "body": body}

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
            if name in refs.left:
                continue
            word = notes.word(refs.statuses.get(name, ComponentStatus.OPERATIONAL))
            if word is not None:
                words[remote] = word
        return {"component_ids": ids, "components": words}

    def seen(self, kind: Kind, row: Mapping[str, Any]) -> Seen:
        """A row of Statuspage in the form that is compared."""
        if kind in _SEEN:
            return _SEEN[kind](row)
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
            appended=self._seen_appends(row),
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
        turning = {name: bool(row.get(name)) for name in TURNING}
        return {"name": row["name"], "status": row["status"], **shown, **turning}

    def _seen_appends(self, row: Mapping[str, Any]) -> tuple[SeenAppend, ...]:
        """Its updates, oldest first; and its published postmortem, where that is not one of them already."""
        updates = tuple(self.seen_append(item) for item in reversed(row.get("incident_updates") or []))
        published, body = moment_of(row.get("postmortem_published_at")), row.get("postmortem_body")
        word = self.mapping.to(IncidentStatus.POSTMORTEM)
        if published is None or not body or any(item.echo["status"] == word for item in updates):
            return updates
        echo = history.shown_postmortem(word, str(body))
        return (*updates, SeenAppend(history.postmortem_id(str(row["id"])), echo, published))

    def seen_append(self, row: Mapping[str, Any]) -> SeenAppend:
        """One incident update in the form that is compared."""
        echo = updates.echo_of(row["status"], row.get("body") or "")
        return SeenAppend(str(row["id"]), echo, moment_of(row.get("created_at")))

    def _settled(self, word: Any) -> Any:
        """An incident with a published postmortem is a resolved one to us: we cannot write that status."""
        if self.mapping.of(IncidentStatus, word) is IncidentStatus.POSTMORTEM:
            return self.mapping.to(IncidentStatus.RESOLVED)
        return word


_SEEN: Mapping[Kind, Callable[[Mapping[str, Any]], Seen]] = MappingProxyType(
    {
        Kind.METRIC: metric_translator.seen_metric,
        Kind.METRIC_POINT: lambda row: Seen(str(row["id"]), {}),
        Kind.SUBSCRIBER: subscriber_translator.seen_subscriber,
        Kind.INCIDENT_TEMPLATE: template_translator.seen_template,
    }
)


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
