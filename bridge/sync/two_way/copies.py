"""What a person changed on a page of a two-way mirror, as a change of the canonical object. Pure.

Which fields of the page were changed is found in the page's own words (:mod:`bridge.sync.fields`). Which canonical
field that means is found by trying: a canonical field was changed if taking it over from the page explains what the
page shows. So nothing is taken for an edit that is only the page's way of showing what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bridge.ids import derived_id
from bridge.model.enums import IncidentStatus
from bridge.model.facts import Link, Seen, SeenAppend, Wanted
from bridge.model.objects import Incident, IncidentUpdate, Maintenance, Origin, Text
from bridge.model.pages import Mirrored
from bridge.sync.fields import Change, Field, compare, followed

Translate = Callable[[Mirrored], Wanted]
"""The object in the words of the page that was looked at."""

MESSAGE = "message"
"""The opening message of an incident, or the description of a maintenance."""
STATUS = "status"
COMPONENTS = "components"
_FIELDS: Mapping[type[Incident | Maintenance], tuple[str, ...]] = MappingProxyType(
    {
        Incident: ("title", MESSAGE, "impact", STATUS, COMPONENTS),
        Maintenance: ("title", MESSAGE, "starts_at", "ends_at", STATUS, COMPONENTS),
    }
)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change that a person made on a page.

    Attributes:
        field: canonical name.
        value: as the page shows it now.
        clashes: it was changed elsewhere too, to another value, since the page and the others agreed last.
    """

    field: str
    value: Any
    clashes: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """Everything that a person changed on a page.

    Attributes:
        fields: changed fields.
        updates: what was added, oldest first.
        clashes: what the added updates say about the state of the object was also changed elsewhere.
    """

    fields: tuple[Edit, ...] = ()
    updates: tuple[IncidentUpdate, ...] = ()
    clashes: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.updates)


def edited(obj: Mirrored, shown: Mirrored, translate: Translate, link: Link, seen: Seen) -> Edited:
    """What people changed on a page since it was written there, or read, last.

    Args:
        obj: the canonical object.
        shown: the page's row as a canonical object, with our names of components.
        translate: to the words of the page.
        link: what was written there last.
        seen: what the page shows.
    """
    wanted = translate(obj)
    theirs = _theirs(wanted, link, seen)
    updates = _added(wanted, shown, link, seen)
    if not (theirs or updates):
        return Edited()
    followed_up = with_updates(obj, updates)
    left = _theirs(translate(followed_up), link, seen) if updates else theirs
    settled = {field.name for field in theirs} - {field.name for field in left}
    clashes = any(field.change is Change.CONFLICT for field in theirs if field.name in settled)
    fields = tuple(_edits(followed_up, shown, translate, left, seen)) if left else ()
    return Edited(fields, updates, clashes)


def with_updates(obj: Mirrored, updates: Iterable[IncidentUpdate]) -> Mirrored:
    """The object with further updates, and in the state that the last of them leaves it in."""
    added = tuple(updates)
    if not added:
        return obj
    told = [update.status for update in added if update.status is not None]
    longer = replace(obj, updates=(*obj.updates, *added))
    return _in_phase(longer, told[-1], added[-1].at) if told else longer


def with_field(obj: Mirrored, edit: Edit, page: str, now: datetime) -> Mirrored:
    """The object with one field as somebody changed it on a page. A new status is told by an update without text."""
    if edit.field == MESSAGE and isinstance(obj, Incident):
        opening, *rest = obj.updates
        return replace(obj, updates=(replace(opening, message=edit.value), *rest))
    if edit.field == STATUS:
        identity = derived_id("upd", page, obj.id, str(edit.value), str(len(obj.updates)))
        return with_updates(obj, [IncidentUpdate(identity, Text(""), now, edit.value, origin=Origin(page, ""))])
    changed: Mirrored = replace(obj, **{edit.field: edit.value})
    return changed


def value_of(obj: Mirrored, field: str) -> Any:
    """The present value of a field."""
    if field == MESSAGE and isinstance(obj, Incident):
        return obj.updates[0].message
    return getattr(obj, field)


def native(obj: Mirrored, pages: Iterable[str], link: Link) -> Link:
    """The link with those updates that people wrote on this very page: they are there, and not to be written again."""
    names = set(pages)
    there = {item.id: item.origin.remote_id for item in obj.updates if item.origin and item.origin.source in names}
    if there.keys() <= link.appended.keys():
        return link
    return replace(link, appended={**there, **link.appended})


def is_as_written(link: Link, seen: Seen) -> bool:
    """True when a page shows what was written there last, and nothing else; the quick answer for nearly all copies."""
    same = all(seen.echo[name] == value for name, value in link.echo.items() if name in seen.echo)
    return same and {row.remote_id for row in seen.appended} <= set(link.appended.values())


def _theirs(wanted: Wanted, link: Link, seen: Seen) -> tuple[Field, ...]:
    fields = followed(compare(link.echo, seen.echo, wanted.echo), wanted)
    return tuple(field for field in fields if field.is_theirs)


def _added(wanted: Wanted, shown: Mirrored, link: Link, seen: Seen) -> tuple[IncidentUpdate, ...]:
    """The updates that are not ours: by id, and by their text where the page does not tell the ids of ours."""
    known = set(link.appended.values()) - {""}
    ours = [append.echo for append in wanted.appends if not link.appended.get(append.id)]

    def is_new(row: SeenAppend) -> bool:
        return row.remote_id not in known and row.echo not in ours

    fresh = {row.remote_id for row in seen.appended if is_new(row)}
    return tuple(item for item in shown.updates if item.origin and item.origin.remote_id in fresh)


def _edits(
    obj: Mirrored, shown: Mirrored, translate: Translate, theirs: tuple[Field, ...], seen: Seen
) -> Iterable[Edit]:
    for name in _FIELDS[type(obj)]:
        value = _value_shown(obj, shown, name)
        if value == value_of(obj, name):
            continue
        tried = translate(with_field(obj, Edit(name, value), seen.remote_id, _last(obj))).echo
        explained = [field for field in theirs if field.name in tried and tried[field.name] == field.there]
        if explained:
            yield Edit(name, value, any(field.change is Change.CONFLICT for field in explained))


def _value_shown(obj: Mirrored, shown: Mirrored, name: str) -> Any:
    """What the page shows; of the components only those that are ours, and that the object concerns or may concern."""
    value = value_of(shown, name) if type(shown) is type(obj) else value_of(obj, name)
    if name == MESSAGE and isinstance(shown, Incident) and not shown.updates:
        return value_of(obj, name)
    return value


def _last(obj: Mirrored) -> datetime:
    if obj.updates:
        return obj.updates[-1].at
    return obj.started_at if isinstance(obj, Incident) else obj.starts_at


def _in_phase(obj: Mirrored, status: Any, at: datetime) -> Mirrored:
    if isinstance(obj, Incident):
        over = status is IncidentStatus.RESOLVED or status.is_terminal
        return replace(obj, status=status, resolved_at=(obj.resolved_at or at) if over else None)
    return replace(obj, status=status)
