"""What belongs to the history of an incident and has calls of its own on Statuspage: postmortems, and past times. Pure.

Facts behind the choices (Statuspage specification and recorded answers):

- A postmortem is Markdown, is saved as a draft and then published; it is no update and changes no status.
- An update has the time at which it was written, until its ``display_at`` is changed. The start and the end of the
  incident follow the ``display_at`` of its first and of its resolving update.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bridge.model.enums import IncidentStatus, TextFormat
from bridge.model.facts import AppendWanted
from bridge.model.objects import Incident, IncidentUpdate, Maintenance, Text
from bridge.providers.base.course import Step
from bridge.providers.base.moments import iso
from bridge.providers.base.notes import Notes
from bridge.providers.base.phrases import PHRASES
from bridge.providers.base.text import render

DRAFT = "postmortem_draft"
"""Key in the body of an append: the text of a postmortem that is to be saved."""
PUBLISH = "postmortem_publish"
"""Key in the body of an append: how the saved postmortem is to be published."""
DISPLAY = "display_at"
"""Key in the body of an append: the time that an update is to be shown with."""


def parted(incident: Incident, steps: tuple[Step, ...]) -> tuple[tuple[Step, ...], IncidentUpdate | None]:
    """The steps that are updates, and the postmortem, if the incident ends with one that says something.

    A postmortem is about an incident that is over, so a step that says so is put before one that follows none.
    """
    last = incident.updates[-1]
    if last.status is not IncidentStatus.POSTMORTEM or len(steps) < 2 or steps[-1].id != last.id:
        return steps, None
    if not steps[-1].source:
        return steps, None
    told = steps[:-1]
    if not told[-1].status.is_terminal:
        phrase = render(Text(PHRASES[IncidentStatus.RESOLVED], TextFormat.PLAIN), TextFormat.PLAIN)
        told = (*told, Step(f"{last.id}.resolved", IncidentStatus.RESOLVED, phrase))
    return told, last


def postmortem(
    update: IncidentUpdate, word: str, width: int | None, *, notify: bool, notes: Notes
) -> tuple[AppendWanted, AppendWanted]:
    """The two calls that make a postmortem: save, publish."""
    text = _markdown(update.message, width, notes)
    flags = {"notify_subscribers": notify, "notify_twitter": False}
    return (
        AppendWanted(f"{update.id}.draft", {DRAFT: {"body_draft": text}}, {"draft": _plainly(text)}),
        AppendWanted(update.id, {PUBLISH: flags}, shown_postmortem(word, text)),
    )


def shown_postmortem(word: Any, body: str) -> dict[str, Any]:
    """A published postmortem in the form that is compared."""
    return {"status": word, "text": _plainly(body)}


def postmortem_id(incident_id: str) -> str:
    """An incident has at most one postmortem, which has no id of its own."""
    return f"{incident_id}/postmortem"


def is_past(obj: Incident | Maintenance) -> bool:
    """Whether an object is written as history: it comes from a page as it is, and nobody is told.

    What is told live is written within seconds, which is no reason to make twice as many calls. An update that we put
    under those of a page, to mend what somebody changed, happens now as well.
    """
    from_one_place = len({update.origin is None for update in obj.updates}) <= 1
    return obj.origin is not None and not obj.notify and from_one_place


def dated(updates: Iterable[AppendWanted], times: Mapping[str, datetime]) -> Iterator[AppendWanted]:
    """The updates, each followed by what puts its time right."""
    for update in updates:
        yield update
        if update.id in times:
            yield redated(update.id, times[update.id])


def redated(update_id: str, moment: datetime) -> AppendWanted:
    """What puts the time of an update right. That mails nobody."""
    shown = {DISPLAY: iso(moment)}
    return AppendWanted(f"{update_id}.at", {**shown, "deliver_notifications": False}, shown, about=update_id)


def _markdown(message: Text, width: int | None, notes: Notes) -> str:
    if notes.is_own and message.format is TextFormat.MARKDOWN:
        return message.source
    rendered = render(message, TextFormat.MARKDOWN)
    notes.markup("message", message, rendered, TextFormat.MARKDOWN)
    return notes.message(rendered, rendered, width)


def _plainly(text: str) -> str:
    return " ".join(text.split())
