"""Maintenance in Cachet 2's words. Pure.

A schedule keeps neither components nor updates, and one that has an end is not announced on the page (2.4 source).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import MaintenanceStatus, TextFormat, Visibility
from bridge.model.facts import FindBy, Wanted
from bridge.model.objects import Maintenance
from bridge.providers.base.folded import folded
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import moment_of
from bridge.providers.base.notes import Notes
from bridge.providers.base.text import cleaned_form, render
from bridge.providers.cachet2.cleaner import safe_message
from bridge.providers.cachet2.minutes import floored, to_minute, written
from bridge.providers.cachet2.naming import bracketless

_UNTITLED = "Maintenance"


def maintenance(obj: Maintenance, notes: Notes, words: Words) -> Wanted:
    """A maintenance, with its updates in its message.

    Raises:
        Refused: it is not for the public.
    """
    _refuse_if_hidden(obj)
    name = notes.title(bracketless("title", obj.title, notes) or _UNTITLED, words.widths.maintenance_title)
    message = safe_message(_told(obj, notes))
    status = notes.word(obj.status, "status")
    body: dict[str, Any] = {
        "name": name,
        "message": message,
        "status": status,
        "scheduled_at": written(obj.starts_at),
    }
    ends = _end(obj, notes)
    if ends:
        body["completed_at"] = written(ends)
    if obj.components:
        why = "Cachet 2 does not keep the components of a maintenance."
        notes.lose("components", ", ".join(obj.components), "", why)
    echo = {
        "title": cleaned_form(name),
        "message": cleaned_form(message),
        "status": status,
        "started_at": floored(obj.starts_at),
        **({"ends_at": floored(ends)} if ends else {}),
    }
    return Wanted(
        create={**body, "notify": obj.notify},
        update=body,
        echo=echo,
        creates=echo,
        find=FindBy(title=cleaned_form(name), at=to_minute(obj.starts_at)),
        carriers={"title": "name", "started_at": "scheduled_at", "ends_at": "completed_at"},
    )


def _end(maintenance: Maintenance, notes: Notes) -> datetime | None:
    """The end that is written: that of work which is over, or which had it already on this page."""
    ends = maintenance.ends_at
    had = moment_of(notes.own("completed_at").get("completed_at"))
    if ends is None or maintenance.status is MaintenanceStatus.COMPLETED or had == to_minute(ends):
        return ends
    why = "Cachet 2 does not announce work that has an end; the end is written when the work is over."
    notes.lose("ends_at", written(ends), "", why)
    return None


def _refuse_if_hidden(maintenance: Maintenance) -> None:
    """Incidents can be hidden in Cachet, schedules cannot."""
    if maintenance.visibility is not Visibility.PUBLIC:
        raise Refused(
            f"{maintenance.id} is {maintenance.visibility}, and Cachet 2 cannot hide maintenance: "
            f"leave this destination out for it, or make it {Visibility.PUBLIC}"
        )


def _told(maintenance: Maintenance, notes: Notes) -> str:
    """The message, with the updates in it; there is none where Cachet itself had none."""
    language = TextFormat.MARKDOWN
    for text in (maintenance.message, *(update.message for update in maintenance.updates)):
        notes.markup("message", text, render(text, language), language)
    if maintenance.updates:
        told = f"{len(maintenance.updates)} updates"
        notes.lose("updates", told, "", "Maintenance has no updates here; they are told in its message.")
    elif notes.is_own and not maintenance.message.source.strip():
        return ""
    return folded(maintenance, language)
