"""What people changed on a destination: which fields are left alone, and which are written again.

The comparison is in :mod:`bridge.sync.fields`; here the policy of the destination is applied to it. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bridge.config.settings import Edits, EditSettings
from bridge.model.actions import Append, PlannedAction, Update
from bridge.model.enums import IncidentStatus, Kind, MaintenanceStatus
from bridge.model.facts import Link, Seen, Wanted
from bridge.model.objects import CanonicalObject, Incident, IncidentUpdate, Maintenance, Text
from bridge.sync.fields import Change, Field, agreed, compare, followed, missing
from bridge.sync.wishes import EVERYTHING


class Sort(StrEnum):
    """Sorts of fields, as ``edits:`` names them."""

    TEXT = "text"
    STATUS = "status"
    COMPONENT_STATUS = "component_status"
    DETAILS = "details"


_SORTS: Mapping[str, Sort] = MappingProxyType(
    {
        "title": Sort.TEXT,
        "name": Sort.TEXT,
        "message": Sort.TEXT,
        "description": Sort.TEXT,
        "status": Sort.STATUS,
        "statuses": Sort.COMPONENT_STATUS,
    }
)
"""By the names that translators give to the fields of an echo; every other field is a detail."""
STATUS = "status"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows from a look at an object.

    Attributes:
        link: as it stands now.
        left: fields that somebody else changed and that are left alone, those that were so before too.
        mended: fields that somebody else changed and that are to be written again.
    """

    link: Link
    left: tuple[Field, ...] = ()
    mended: tuple[Field, ...] = ()


def sort_of(kind: Kind, name: str) -> Sort:
    """The sort of a field."""
    if kind is Kind.COMPONENT:
        return Sort.COMPONENT_STATUS if name == STATUS else Sort.DETAILS
    return _SORTS.get(name, Sort.DETAILS)


def policy_of(edits: EditSettings, kind: Kind, name: str) -> Edits:
    """What becomes of a field that somebody else changed."""
    return Edits(getattr(edits, sort_of(kind, name)))


def judge(
    edits: EditSettings,
    kind: Kind,
    wanted: Wanted,
    link: Link,
    seen: Seen,
    now: datetime,
    reclaimed: Collection[str] = (),
) -> Judgement:
    """Compare what is there with what was written last, and decide field by field.

    Args:
        edits: the destination's policy.
        kind: of the object.
        wanted: what is to stand there.
        link: what was written last, and what was left alone so far.
        seen: what stands there.
        now: when that was read.
        reclaimed: fields that are taken back whatever the policy says.
    """
    fields = followed(compare(link.echo, seen.echo, wanted.echo), wanted)
    left: list[Field] = []
    mended: list[Field] = []
    for field in fields:
        if field.is_theirs:
            taken = field.name in reclaimed or EVERYTHING in reclaimed
            respects = policy_of(edits, kind, field.name) is Edits.RESPECT
            (left if respects and not taken else mended).append(field)
    same = {field.name: field.there for field in fields if field.change is Change.AGREED}
    met = agreed(wanted, replace(link, theirs=same))
    echo = {**met.echo, **{field.name: field.there for field in mended}}
    theirs = {field.name: field.there for field in left}
    return Judgement(replace(met, echo=echo, theirs=theirs, seen_at=now), tuple(left), tuple(mended))


def may_overwrite(edits: EditSettings, action: PlannedAction, wanted: Wanted) -> bool:
    """Whether a call writes a field that would have to be left alone if somebody else had changed it."""
    kind = action.key.kind
    if isinstance(action, Append):
        names = [name for name in action.append.settles if wanted.carrier(name) in action.append.body]
    elif isinstance(action, Update):
        names = [name for name in wanted.echo if wanted.carrier(name) in action.body]
    else:
        return False
    return any(policy_of(edits, kind, name) is Edits.RESPECT for name in names)


def must_restate(judgement: Judgement, wanted: Wanted, kind: Kind) -> bool:
    """Whether a phase that somebody else changed can be mended by one more update only.

    The phase of an incident follows its updates; that of a maintenance only where its own fields do not carry it.
    """
    said = any(STATUS in append.settles for append in missing(wanted, judgement.link))
    if said or not any(field.name == STATUS for field in judgement.mended):
        return False
    return kind is Kind.INCIDENT or (kind is Kind.MAINTENANCE and wanted.carrier(STATUS) not in wanted.update)


def unsaid(link: Link, before: Link) -> Link:
    """The link until a phase was said again: to the next look it is still changed by somebody else.

    Otherwise a worker that dies between the look and the call would leave nobody who knows that it must be said.

    Args:
        link: after the look.
        before: as it was before.
    """
    return replace(link, echo={**link.echo, STATUS: before.echo.get(STATUS)})


def restated(obj: CanonicalObject, link: Link) -> CanonicalObject:
    """The object with one more update that says its phase again, and that nobody is notified of."""
    if not isinstance(obj, Incident | Maintenance):
        return obj
    status: IncidentStatus | MaintenanceStatus = obj.status
    base = obj.updates[-1].id if obj.updates else obj.id
    number = sum(name.startswith(f"{base}.again") for name in link.appended)
    at = obj.updates[-1].at if obj.updates else _begin(obj)
    update = IncidentUpdate(f"{base}.again{number + 1}", Text(""), at, status)
    return replace(obj, updates=(*obj.updates, update), notify=False)


def _begin(obj: Incident | Maintenance) -> datetime:
    return obj.started_at if isinstance(obj, Incident) else obj.starts_at
