"""Maintenances on pages that know no status but follow two times by their own clock. Pure.

What a person or another page says moves the work; there, only times can. So the start is moved forward when the work
began early, and the end is moved on before it comes for as long as the work is said to go on: once a page
has ended it, readers have been told that it is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.model.enums import MaintenanceStatus
from bridge.model.facts import ObjectKey
from bridge.model.objects import IncidentUpdate, Maintenance
from bridge.model.pages import Mirrored, PageChanges

AHEAD = timedelta(minutes=10)
"""How long before its end an overrun is prepared for: five minutes for clocks that disagree, the rest for a call that
has to be made again."""
STEP = timedelta(minutes=15)
"""By so much an end is moved on each time."""
TOLERANCE = timedelta(minutes=10)
"""Two clocks may disagree by so much: what is nearer to a planned time than this is neither early nor late."""
USUAL_LENGTH = timedelta(hours=1)
"""How long work without an end is taken to last where an end is needed; the same as its translators assume."""
_GOING_ON = (MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING)


def with_noted(changes: PageChanges, known: Mapping[ObjectKey, Mirrored], now: datetime) -> PageChanges:
    """What a look changes, with what is noted of its maintenances.

    Args:
        changes: from the look.
        known: the same objects as they were before.
        now: the present moment.
    """
    mirrored: list[Mirrored] = []
    for obj in changes.mirrored:
        before = known.get(ObjectKey(obj.kind, obj.id))
        kept = before if isinstance(before, Maintenance) else None
        mirrored.append(noted(obj, kept, now) if isinstance(obj, Maintenance) else obj)
    return replace(changes, mirrored=tuple(mirrored))


def noted(seen: Maintenance, before: Maintenance | None, now: datetime) -> Maintenance:
    """A maintenance of a page with the times that the page itself does not tell: when work really began, and was over.

    Args:
        seen: as the page shows it.
        before: as it was known; what was noted once stays.
        now: the present moment.
    """
    began_at = before.began_at if before else None
    if began_at is None and seen.status in _GOING_ON and seen.starts_at > now + TOLERANCE:
        began_at = _said(seen, MaintenanceStatus.IN_PROGRESS) or now
    if not seen.status.is_terminal:
        return replace(seen, began_at=began_at, over_at=None, ends_at=_planned_end(seen, before, now))
    if before and before.status.is_terminal and before.over_at:
        ends = before.ends_at if seen.ends_at is None or _is_near(seen.ends_at, now) else seen.ends_at
        return replace(seen, began_at=began_at, over_at=before.over_at, ends_at=ends)
    over_at = None
    if seen.ends_at is None or seen.ends_at > now - TOLERANCE:
        present = seen.ends_at if seen.ends_at is not None and _is_near(seen.ends_at, now) else now
        over_at = _said(seen, MaintenanceStatus.COMPLETED) or present
    return replace(seen, began_at=began_at, over_at=over_at)


def _planned_end(seen: Maintenance, before: Maintenance | None, now: datetime) -> datetime | None:
    """The planned end. One that appears and is as good as the present is none.

    Cachet 2 shows the present moment where there is no end (2.4, measured), and its clock may be another than ours.
    """
    known = before.ends_at if before and not before.status.is_terminal else None
    if known is None and seen.ends_at is not None and _is_near(seen.ends_at, now):
        return None
    return seen.ends_at


def _is_near(moment: datetime, now: datetime) -> bool:
    return abs(moment - now) <= TOLERANCE


def _said(maintenance: Maintenance, status: MaintenanceStatus) -> datetime | None:
    """When an update first said so."""
    found: list[IncidentUpdate] = [update for update in maintenance.updates if update.status is status]
    return found[0].at if found else None


def by_the_clock(maintenance: Maintenance, now: datetime, *, needs_end: bool) -> Maintenance:
    """A maintenance with the times that make a page which follows them show what is true.

    The end depends on nothing but the planned one and the present moment, in steps, so that asking twice makes no call.

    Args:
        maintenance: as it was taken over.
        now: the present moment.
        needs_end: the page ends every work; without an end of its own it is given the usual one.
    """
    starts = maintenance.began_at or maintenance.starts_at
    if maintenance.status.is_terminal:
        return replace(maintenance, starts_at=starts, ends_at=maintenance.over_at or maintenance.ends_at)
    if maintenance.status not in _GOING_ON:
        return maintenance
    return replace(maintenance, starts_at=starts, ends_at=_held_open(maintenance, starts, now, needs_end=needs_end))


def _held_open(maintenance: Maintenance, starts: datetime, now: datetime, *, needs_end: bool) -> datetime | None:
    ends = maintenance.ends_at or (starts + USUAL_LENGTH if needs_end else None)
    if ends is None or now < ends - AHEAD:
        return maintenance.ends_at
    return ends + STEP * ((now - (ends - AHEAD)) // STEP + 1)


def is_running_over(maintenance: Maintenance, now: datetime) -> bool:
    """Whether its end has to be moved on somewhere by now, or soon."""
    if maintenance.status not in _GOING_ON:
        return False
    ends = maintenance.ends_at or (maintenance.began_at or maintenance.starts_at) + USUAL_LENGTH
    return now >= ends - AHEAD
