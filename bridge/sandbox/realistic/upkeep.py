"""Twenty maintenances: what was done, what is being done, what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from bridge.sandbox.realistic.plan import Notice, PlannedComponent, PlannedMaintenance, Step

_WORK: tuple[tuple[str, str], ...] = (
    ("Upgrade of the primary database", "We move to the next major version. Expect **two short interruptions**."),
    ("New certificates", "Certificates are replaced everywhere. Nothing should be noticed."),
    ("Network works", "A carrier replaces hardware; traffic takes another way meanwhile."),
    ("Storage migration 📦", "Files move to new storage. Uploads are paused for up to ten minutes."),
    ("Restart of all API nodes", "Node after node gets a patched kernel. Long connections are closed once."),
    ("صيانة مجدولة للمدفوعات", "نقوم بتحديث نظام المدفوعات. Payments made meanwhile are done afterwards."),
    ("Search index rebuild", "Results may be incomplete meanwhile:\n\n- new records first\n- then the rest"),
    ("Failover test", "We switch to the second site and back, to know that we can."),
)  # fmt: skip
_PAST, _RUNNING, _AHEAD = 14, 2, 4
TOTAL = _PAST + _RUNNING + _AHEAD
_STARTED: dict[Step, str] = {
    "in_progress": "We have begun.",
    "verifying": "The work is done; we are checking that everything is as it was.",
    "completed": "Done. Thank you for your patience.",
}


def draw_maintenances(
    draw: Random, now: datetime, components: Sequence[PlannedComponent]
) -> tuple[PlannedMaintenance, ...]:
    """All maintenances, by their announcement."""
    starts = sorted(now - timedelta(days=draw.randrange(8, 1080), hours=draw.randrange(24)) for _ in range(_PAST))
    starts += [now - timedelta(hours=2), now - timedelta(minutes=40)]
    starts += [now + timedelta(days=days, hours=2) for days in (1, 6, 13, 41)]
    lengths = [timedelta(minutes=draw.choice((30, 60, 90, 120, 240))) for _ in range(_PAST)]
    lengths += [timedelta(hours=9), timedelta(hours=6)]
    lengths += [timedelta(minutes=draw.choice((60, 120, 180))) for _ in range(_AHEAD)]
    found = []
    for place, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        hit = draw.sample([component.key for component in components if not component.hidden], draw.randrange(1, 4))
        found.append(_one(draw, now, place, start, start + length, tuple(hit)))
    return tuple(sorted(found, key=lambda maintenance: maintenance.notices[0].at))


def _one(
    draw: Random, now: datetime, place: int, start: datetime, end: datetime, hit: tuple[int, ...]
) -> PlannedMaintenance:
    title, text = _WORK[place % len(_WORK)]
    if place >= len(_WORK):
        title = f"{title} ({'second' if place < 2 * len(_WORK) else 'third'} part)"
    announced = min(start, now) - timedelta(days=draw.randrange(3, 8), minutes=draw.randrange(600))
    steps: list[tuple[datetime, Step]] = [(start, "in_progress")]
    if place % 3 == 0:
        steps.append((end - (end - start) / 4, "verifying"))
    steps.append((end, "completed"))
    notices = [Notice(announced, "scheduled", text)]
    notices += [Notice(at, step, _STARTED[step]) for at, step in steps if at <= now]
    return PlannedMaintenance(title, start, end, hit, tuple(notices))
