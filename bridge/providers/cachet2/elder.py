"""What is otherwise when the destination is a Cachet 2.3.

2.3 has neither incident updates nor free data nor schedules (2.3 source). So an incident's updates stand in its
message, one below the other, each under a line with its phase and time; a word joiner, which nobody sees, tells such
a line from one that a person wrote. What is read is told in the shape that 2.4 would give it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zlib import crc32

from bridge.model.actions import Append, Create, Update
from bridge.model.enums import IncidentStatus, Kind, Visibility
from bridge.model.facts import ObjectKey, Receipt
from bridge.model.loss import Loss, Losses
from bridge.model.objects import CanonicalObject, ComponentGroup, Incident, Maintenance, Metric
from bridge.providers.base.capabilities import Capabilities
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.results import Record
from bridge.providers.base.text import WORD_JOINER
from bridge.providers.cachet2.dialect import NotInDialect
from bridge.providers.cachet2.resources import Cachet2Crud, Cachet2Resource

_MINUTE = "%Y-%m-%d %H:%M"
_PHASES = "|".join(status.capitalize() for status in IncidentStatus)
_HEAD = re.compile(rf"\n\n---\n\n{WORD_JOINER}\*\*({_PHASES})\*\* · (\d{{4}}-\d\d-\d\d \d\d:\d\d) UTC\n\n")
LACKING = frozenset({Kind.MAINTENANCE, Kind.INCIDENT_TEMPLATE})
"""Kinds of which a 2.3 has no objects."""
_ALWAYS_SHOWN = frozenset({Kind.COMPONENT_GROUP, Kind.METRIC})
_EVERYBODY = 1
_PLACES = 10**10
"""More than any checksum; an update's number is its place and, below that, the checksum of its words."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One incident update inside a message."""

    status: IncidentStatus
    at: str
    message: str

    def number(self, place: int) -> int:
        """An id that goes up from one update to the next, and changes when a person writes another text there."""
        return place * _PLACES + crc32(f"{self.status}{self.at}{self.message}".encode())


def capabilities(of_2_4: Capabilities) -> Capabilities:
    """What a 2.3 can do."""
    kinds, only_read = of_2_4.kinds - LACKING, of_2_4.only_read - LACKING
    return replace(of_2_4, kinds=kinds, only_read=only_read, carries_marker=False, append_spacing=0.0)


def chapters(message: str) -> tuple[str, tuple[Chapter, ...]]:
    """The opening message, and the updates below it, oldest first."""
    opening, *rest = _HEAD.split(message)
    told = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    return opening, tuple(Chapter(IncidentStatus(word.lower()), at, text) for word, at, text in told)


def retold(message: str, opening: str) -> str:
    """A message with another opening, and its updates as they are."""
    found = _HEAD.search(message)
    return opening + (message[found.start() :] if found else "")


def continued(message: str, status: IncidentStatus, text: str, at: datetime) -> str:
    """A message with one more update."""
    return f"{message}\n\n---\n\n{WORD_JOINER}**{status.capitalize()}** · {at.strftime(_MINUTE)} UTC\n\n{text}"


def fitting(rows: Cachet2Resource[Record], body: Mapping[str, Any]) -> dict[str, Any]:
    """A body without what only 2.4 has.

    Raises:
        NotInDialect: without it, something would be shown that must not be.
    """
    if "visible" in rows.newer and body.get("visible", _EVERYBODY) != _EVERYBODY:
        raise NotInDialect(_CANNOT_HIDE)
    return {name: value for name, value in body.items() if name not in rows.newer}


def perform(rows: Cachet2Crud[Record], action: Create | Update | Append, words: Words, now: datetime) -> Receipt:
    """Make one writing call. An incident that is there is read before, because its message holds its updates.

    Raises:
        ProviderError: as every call.
    """
    if isinstance(action, Create):
        return Receipt(str(rows.create(fitting(rows, action.body))["id"]))
    if isinstance(action, Append):
        return _append(rows, action, words, now)
    body = fitting(rows, action.body)
    if action.key.kind is Kind.INCIDENT:
        present = rows.get(action.remote_id)
        # No update decides about the status here, so it is written along with the rest.
        body["status"] = action.echo.get("status", present["status"])
        if "message" in body:
            body["message"] = retold(present["message"], body["message"])
    rows.update(action.remote_id, body)
    return Receipt(action.remote_id)


def _append(rows: Cachet2Crud[Record], action: Append, words: Words, now: datetime) -> Receipt:
    present, said = rows.get(action.remote_id), action.append.body
    status = words.of(IncidentStatus, said["status"])
    message = continued(present["message"], status, said["message"], now)
    body = {"status": said["status"], "message": message, "visible": present["visible"]}
    newest = shown(Kind.INCIDENT, rows.update(action.remote_id, body), words)["updates"][0]
    return Receipt(action.remote_id, {action.append.id: str(newest["id"])})


def shown(kind: Kind, row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """A row in the shape that 2.4 would give it."""
    if kind in _ALWAYS_SHOWN:
        return {**row, "visible": _EVERYBODY}
    if kind is not Kind.INCIDENT:
        return dict(row)
    opening, told = chapters(str(row.get("message") or ""))
    updates = [
        {
            "id": chapter.number(place),
            "status": words.to(chapter.status),
            "message": chapter.message,
            "created_at": f"{chapter.at}:00",
        }
        for place, chapter in enumerate(told, 1)
    ]
    return {**row, "message": opening, "updates": updates[::-1], "latest_status": row["status"]}


def refuse(obj: CanonicalObject) -> None:
    """Stop what a 2.3 has no place for.

    Raises:
        NotInDialect: with what to do about it.
    """
    if isinstance(obj, Maintenance):
        raise NotInDialect(
            f"{obj.id}: this is a Cachet 2.3, in which maintenance can be planned only by hand: "
            "leave this destination out for it, or upgrade the server to 2.4"
        )
    if isinstance(obj, ComponentGroup | Metric) and obj.visibility is not Visibility.PUBLIC:
        raise NotInDialect(f"{obj.id}: {_CANNOT_HIDE}")


def losses(obj: CanonicalObject) -> Losses:
    """What a 2.3 loses beyond what a 2.4 does."""
    return tuple(_losses(obj)) if isinstance(obj, Incident) else ()


def _losses(incident: Incident) -> Iterator[Loss]:
    later = len(incident.updates) - 1
    if later > 0:
        why = "Cachet 2.3 has no incident updates: they stand in the message, below each other."
        key = str(ObjectKey(incident.kind, incident.id))
        yield Loss(key, "updates", f"{later} beside the first", "part of the message", why)


_CANNOT_HIDE = (
    "this is a Cachet 2.3, which shows every component group and metric to everybody: "
    f"leave this destination out for it, make it {Visibility.PUBLIC}, or upgrade the server to 2.4"
)
