"""What a look at a page changes here: objects taken over, changed and withdrawn, component statuses. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bridge.config.settings import Deletions, History, MirrorSettings
from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus
from bridge.model.facts import ObjectKey, Seen
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.model.pages import ComponentSeen, Mirrored, Original, PageChanges, PageMemory, Remembered
from bridge.model.schemas import dump
from bridge.model.state import Decision, Why
from bridge.policy.rules import Valves

_OURS = "ours"
"""Fingerprint of a copy that this bridge made itself: never news."""
_GONE = "gone"
_SEVERAL = 3
"""From so many things on it is no coincidence that all are deleted between two looks."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a page.

    Attributes:
        page: its name.
        objects: by remote key, what is there; components that are not ours are left out of them already.
        gone: remote keys of known open objects that are not there any more.
        ours: remote key → canonical id, of copies that this bridge made.
        components: the status the page gives to each of our components that somebody else set there.
        originals: by remote id, components of the page that are ours because a mirror makes them elsewhere.
        copies: what the page shows of objects that are linked there.
    """

    page: str
    objects: Mapping[str, Mirrored] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    ours: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, ComponentStatus] = field(default_factory=dict)
    originals: Mapping[str, Original] = field(default_factory=dict)
    copies: Mapping[ObjectKey, Seen] = field(default_factory=dict)


def changes_of(
    sight: Sight,
    memory: PageMemory,
    mirrors: Iterable[MirrorSettings],
    known: Mapping[ObjectKey, Mirrored],
    now: datetime,
) -> PageChanges:
    """What follows from a look.

    Args:
        sight: what was seen.
        memory: what was known before.
        mirrors: those that look at this page.
        known: the objects behind ``sight.gone``, as they were taken over.
        now: the present moment.
    """
    found = _Findings(sight.page, memory, tuple(mirrors), now)
    for name, identity in sight.ours.items():
        if memory.objects.get(name) is None:
            found.remembered[name] = Remembered(identity, _OURS, taken=False, open=False)
    for name, obj in sight.objects.items():
        found.look_at(name, obj)
    for name in sight.gone:
        found.miss(name, known)
    return PageChanges(
        remembered=found.remembered,
        mirrored=tuple(found.mirrored),
        withdrawn=tuple(found.withdrawn),
        components=_components(sight.components, memory.components),
        originals={name: item for name, item in sight.originals.items() if memory.originals.get(name) != item},
        decisions=tuple(found.decisions),
    )


def nothing_is_left(sight: Sight, memory: PageMemory) -> str | None:
    """Why a look is not to be believed: several things went on, and all of them are gone at once. None when it is."""
    open_before = [name for name, item in memory.objects.items() if item.open and item.taken]
    if len(open_before) < _SEVERAL or set(open_before) - set(sight.gone):
        return None
    return (
        f"all {len(open_before)} incidents and maintenances that went on are gone from the page at once; "
        "if that is right, resume it"
    )


def too_much_at_once(changes: PageChanges, memory: PageMemory, valves: Valves, components: int) -> str | None:
    """Why a look is to be confirmed: more began since the last one than is likely. None when it may go out.

    What a page shows at the very first look is what a person has just asked for, and is told to nobody.

    Args:
        changes: what would follow from the look.
        memory: what was known before.
        valves: the same as for what senders say.
        components: how many there are.
    """
    if memory.begun is None:
        return None
    known = {item.id for item in memory.objects.values()}
    begun = [obj for obj in changes.mirrored if isinstance(obj, Incident) and obj.is_open and obj.id not in known]
    if len(begun) > valves.incidents_a_minute:
        return (
            f"{len(begun)} new incidents are on the page at once, more than valves.incidents_a_minute allows; "
            "if they are to go out, resume it"
        )
    before = {name: seen.status.rank for name, seen in memory.components.items()}
    worse = [name for name, seen in changes.components.items() if seen.status.rank > before.get(name, 0)]
    if len(worse) > max(valves.components_at_once, valves.components_share * components):
        return (
            f"{len(worse)} of {components} components got worse on the page at once, more than the valves allow; "
            "if that is right, resume it"
        )
    return None


def with_touched(changes: PageChanges, memory: PageMemory, going_on: Iterable[Mirrored], page: str) -> PageChanges:
    """The changes with every open incident of the page whose components have another status now.

    On a page where incidents lie over the status of their components, an incident carries what its page shows.
    """
    changed = {obj.id for obj in changes.mirrored}
    touched = [
        replace(obj, revision=obj.revision + 1)
        for obj in going_on
        if isinstance(obj, Incident) and obj.origin and obj.origin.source == page and obj.id not in changed
        if changes.components.keys() & obj.components.keys()
    ]
    revisions = {obj.id: obj.revision for obj in touched}
    remembered = {
        name: replace(item, revision=revisions[item.id])
        for name, item in memory.objects.items()
        if item.id in revisions
    }
    return replace(
        changes,
        mirrored=(*changes.mirrored, *touched),
        remembered={**remembered, **changes.remembered},
    )


class _Findings:
    """Collects what follows, object by object."""

    def __init__(self, page: str, memory: PageMemory, mirrors: tuple[MirrorSettings, ...], now: datetime) -> None:
        self._page = page
        self._memory = memory
        self._mirrors = mirrors
        self._now = now
        self.remembered: dict[str, Remembered] = {}
        self.mirrored: list[Mirrored] = []
        self.withdrawn: list[ObjectKey] = []
        self.decisions: list[Decision] = []

    def look_at(self, name: str, obj: Mirrored) -> None:
        """Take an object over, anew or changed, if a mirror wants it."""
        before = self._memory.objects.get(name)
        print_of = fingerprint(obj)
        if before and before.fingerprint in (print_of, _OURS):
            return
        if before and not before.taken and obj.status.is_terminal:
            return  # history that was left where it is stays there
        takers = [mirror for mirror in self._mirrors if takes(mirror, obj, self._memory.begun)]
        taken = bool(takers) or bool(before and before.taken)
        revision = (before.revision if before else 0) + taken
        is_open = not obj.status.is_terminal
        self.remembered[name] = Remembered(obj.id, print_of, taken, is_open, revision)
        if not taken:
            return
        notify = self._memory.begun is not None and bool(takers) and all(mirror.notify for mirror in takers)
        self.mirrored.append(replace(obj, notify=notify, revision=revision))
        anew = before is None or not before.taken
        text = f"{obj.title!r} was taken over from {self._page}" if anew else f"{obj.title!r} changed on {self._page}"
        self._decide(obj, Why.TAKEN_OVER if anew else Why.CHANGED_AT_SOURCE, text)

    def miss(self, name: str, known: Mapping[ObjectKey, Mirrored]) -> None:
        """Treat an open object that was deleted on its page as its mirrors say."""
        before = self._memory.objects[name]
        obj = next((item for key, item in known.items() if key.id == before.id), None)
        self.remembered[name] = replace(before, fingerprint=_GONE, open=False, revision=before.revision + 1)
        if obj is None or not before.taken:
            return
        wishes = {mirror.deletions for mirror in self._mirrors if takes(mirror, obj, self._memory.begun)}
        self._decide(obj, Why.GONE_AT_SOURCE, f"{obj.title!r} was deleted on {self._page}")
        if Deletions.REMOVE in wishes:
            self.withdrawn.append(ObjectKey(obj.kind, obj.id))
        if wishes & {Deletions.REMOVE, Deletions.RESOLVE}:
            self.mirrored.append(_ended(obj, before.revision + 1, self._now))

    def _decide(self, obj: Mirrored, why: Why, text: str) -> None:
        self.decisions.append(Decision(self._now, obj.id, why, text, incident=obj.id))


def takes(mirror: MirrorSettings, obj: Mirrored, begun: datetime | None) -> bool:
    """Whether a mirror wants an object.

    Args:
        mirror: its settings.
        obj: with only those components that are ours.
        begun: when the page was first looked at, None at that very time; ``history`` decides about what ended before.
    """
    if obj.status is IncidentStatus.SCHEDULED:
        return False  # a plan in the shape of an incident, left over from old Cachets: never an incident elsewhere
    if mirror.history is History.OPEN and obj.status.is_terminal and (begun is None or _ended_at(obj) < begun):
        return False
    return mirror.everything or bool(obj.components)


def _ended_at(obj: Mirrored) -> datetime:
    if isinstance(obj, Incident):
        return obj.resolved_at or obj.updates[-1].at
    return obj.ends_at or (obj.updates[-1].at if obj.updates else obj.starts_at)


def fingerprint(obj: Mirrored) -> str:
    """Equal for equal objects, whatever their revision and their readers."""
    data = dump(replace(obj, revision=1, notify=False))
    text = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _ended(obj: Mirrored, revision: int, now: datetime) -> Mirrored:
    """The object as over; nobody says why, so the last update has no text of its own."""
    if isinstance(obj, Incident):
        last = IncidentUpdate(f"{obj.id}.gone", Text(""), now, IncidentStatus.RESOLVED)
        return replace(
            obj, status=IncidentStatus.RESOLVED, resolved_at=now, updates=(*obj.updates, last), revision=revision
        )
    last = IncidentUpdate(f"{obj.id}.gone", Text(""), now, MaintenanceStatus.COMPLETED)
    return replace(
        obj, status=MaintenanceStatus.COMPLETED, ends_at=now, updates=(*obj.updates, last), revision=revision
    )


def _components(seen: Mapping[str, ComponentStatus], before: Mapping[str, ComponentSeen]) -> dict[str, ComponentSeen]:
    """Statuses that are new; a component that nobody but us says anything about any more is operational there."""
    changed: dict[str, ComponentSeen] = {}
    for name in {*seen, *before}:
        status = seen.get(name, ComponentStatus.OPERATIONAL)
        old = before.get(name)
        if old is None or old.status is not status:
            changed[name] = ComponentSeen(status)
    return changed
