"""A person's word on a held incident."""

from __future__ import annotations

from bridge.errors import BridgeError, StateChanged
from bridge.model.enums import Kind, Publication
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.model.pages import Mirrored
from bridge.model.state import Decision
from bridge.policy import engine
from bridge.sync.owed import marks_of
from bridge.sync.runtime import Runtime

_RACES = 20


class UnknownIncident(BridgeError):
    """No incident has this id, or several begin with it."""


def approve(runtime: Runtime, identity: str) -> tuple[Decision, ...]:
    """Publish a held incident with its course so far.

    Returns:
        What was decided, in words.

    Raises:
        UnknownIncident: see there.
    """
    return _decide(runtime, identity, Publication.PUBLISHED)


def reject(runtime: Runtime, identity: str) -> tuple[Decision, ...]:
    """Keep a held incident internal for good. Raises as :func:`approve`."""
    return _decide(runtime, identity, Publication.REJECTED)


def _decide(runtime: Runtime, identity: str, verdict: Publication) -> tuple[Decision, ...]:
    incident = find(runtime, identity)
    state = runtime.store.state
    for _ in range(_RACES):
        snapshot = state.snapshot(())
        if incident.id not in snapshot.world.incidents:
            raise UnknownIncident(f"{incident.id} is resolved already: there is nothing left to decide")
        now = runtime.clock.now()
        changes = engine.decide(snapshot.world, incident.id, verdict, now, runtime.settings.rules)
        marks = marks_of(changes, runtime.settings, state.component_statuses())
        try:
            state.commit(snapshot, changes, marks, now)
        except StateChanged:
            continue
        return changes.decisions
    raise StateChanged("too many writers at once; try again")


def held_incidents(runtime: Runtime) -> list[Incident]:
    """The open incidents that wait for a person, oldest first."""
    return [item for item in runtime.store.open_incidents() if item.publication is Publication.HELD]


def find_any(runtime: Runtime, identity: str) -> Mirrored:
    """As :func:`find`, and what was taken over from a page as well."""
    for kind in (Kind.INCIDENT, Kind.MAINTENANCE):
        taken = runtime.store.pages.get(ObjectKey(kind, identity))
        if taken:
            return taken
    matches = [obj for obj in runtime.store.pages.open() if identity and obj.id.startswith(identity)]
    return matches[0] if len(matches) == 1 else find(runtime, identity)


def find(runtime: Runtime, identity: str) -> Incident:
    """The incident with an id, or the only open one whose id begins so.

    Raises:
        UnknownIncident: none or several match; names the held ones.
    """
    exact = runtime.store.incident(identity)
    if exact:
        return exact
    incidents = runtime.store.open_incidents()
    matches = [incident for incident in incidents if identity and incident.id.startswith(identity)]
    if len(matches) == 1:
        return matches[0]
    held = ", ".join(incident.id for incident in incidents if incident.publication is Publication.HELD) or "none"
    what = "several incidents begin with" if matches else "no incident is called"
    raise UnknownIncident(f"{what} {identity!r}; held incidents: {held}")
