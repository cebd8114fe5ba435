"""Incident templates in Cachet 3's words, and what Cachet 3 shows of them. Pure.

A template's slug follows its name whenever it is changed, and its placeholders are those of Twig (measured).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import TextFormat
from bridge.model.facts import FindBy, Seen, Wanted
from bridge.model.objects import IncidentTemplate
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.notes import Notes
from bridge.providers.base.text import render

Row = Mapping[str, Any]


def template(obj: IncidentTemplate, notes: Notes, words: Words) -> Wanted:
    """A template in Cachet's words.

    Raises:
        Refused: it has no text.
    """
    name = notes.name(obj.name, words.widths.incident_title)
    text = obj.message.source.strip() if notes.is_own else render(obj.message, TextFormat.MARKDOWN)
    if not text:
        raise Refused(f"{obj.id}: a template in Cachet 3 needs a text")
    if not notes.is_own:
        notes.markup("message", obj.message, text, TextFormat.MARKDOWN)
        if "{{" in text:
            notes.lose("message", obj.message.source, "", "Placeholders are written in another way there.")
    if obj.title:
        notes.lose("title", obj.title, "", "A template has no title for its incidents there.")
    if obj.status is not None:
        notes.lose("incident_status", obj.status, "", "A template has no phase there.")
    body = {"name": name, "template": text}
    own = {field: value for field, value in notes.own("slug", "engine").items() if value}
    return Wanted(
        create={**body, **own}, update=body, echo=body, creates=body, find=FindBy(title=name, echo={"template": text})
    )


def seen_template(row: Row, at: datetime | None) -> Seen:
    """A template as Cachet shows it."""
    return Seen(str(row["id"]), {name: row[name] for name in ("name", "template")}, str(row["name"]), None, at, (), row)
