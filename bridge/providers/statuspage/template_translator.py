"""Incident templates in Statuspage's words, and what Statuspage shows of them. Pure.

A template can be listed and made, and neither changed nor deleted (Statuspage specification).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import IncidentStatus, Kind, TextFormat
from bridge.model.facts import FindBy, Refs, Seen, Wanted
from bridge.model.objects import IncidentTemplate
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import moment_of
from bridge.providers.base.notes import Notes
from bridge.providers.base.text import render
from bridge.providers.statuspage.reader import TEMPLATE_FIELDS
from bridge.providers.statuspage.wording import note_tags, text_of

Row = Mapping[str, Any]


def template(obj: IncidentTemplate, refs: Refs, notes: Notes, words: Words) -> Wanted:
    """A template in Statuspage's words.

    Raises:
        Refused: it has no text.
    """
    name = notes.name(obj.name, words.widths.incident_title)
    body = _body(obj, notes, words)
    if not body.strip():
        raise Refused(f"{obj.id}: a template on Statuspage needs a text")
    shown = {"name": name, "title": notes.title(obj.title or name, words.widths.incident_title), "body": body}
    own = {field: value for field, value in notes.own(*TEMPLATE_FIELDS).items() if value is not None}
    if obj.status is not None:
        own["update_status"] = _phase(obj.status, notes)
    ids = [refs.remote_id(Kind.COMPONENT, name) for name in notes.own("components").get("components", ())]
    create = {**shown, **own, "component_ids": sorted(remote for remote in ids if remote)}
    # A change is asked for, so that its refusal says what to do.
    return Wanted(create=create, update=shown, echo=shown, creates=shown, find=FindBy(title=name, echo=shown))


def seen_template(row: Row) -> Seen:
    """A template as Statuspage shows it."""
    echo = {name: row.get(name) for name in ("name", "title", "body")}
    return Seen(str(row["id"]), echo, str(row["name"]), None, moment_of(row.get("created_at")), (), row)


def _body(obj: IncidentTemplate, notes: Notes, words: Words) -> str:
    """The text; one that came from Statuspage goes back byte by byte."""
    came = notes.own("body").get("body")
    if came and text_of(came) == obj.message:
        return str(came)
    source = obj.message.source
    body = notes.message(source, render(obj.message, TextFormat.PLAIN), words.widths.incident_message)
    note_tags(source, body, notes)
    if "{{" in source:
        notes.lose("message", source, "", "Placeholders are written in another way there.")
    return body


def _phase(status: IncidentStatus, notes: Notes) -> str | int | None:
    """A template has one of the phases in which an incident can be written."""
    if status is IncidentStatus.POSTMORTEM:
        notes.lose("incident_status", status, IncidentStatus.RESOLVED, "A template cannot be a postmortem there.")
        return notes.word(IncidentStatus.RESOLVED)
    return notes.word(status, "update_status")
