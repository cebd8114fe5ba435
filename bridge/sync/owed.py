"""Which destinations are behind after a change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.config.settings import Settings
from bridge.model.enums import Kind, Publication
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.model.state import Changes
from bridge.store.outbox import rank_of
from bridge.store.state import Mark, WantedStatus


def marks_of(changes: Changes, settings: Settings, before: Mapping[str, WantedStatus]) -> list[Mark]:
    """The debts that a change makes.

    Args:
        changes: what policy decided.
        settings: which component is shown where.
        before: the wanted component statuses before the change, for their revisions.
    """
    marks = [mark for incident in changes.incidents for mark in incident_marks(incident, settings)]
    for name in changes.components:
        revision = before[name].revision + 1 if name in before else 1
        key = ObjectKey(Kind.COMPONENT, name)
        marks += [Mark(destination, key, revision, rank_of(key.kind)) for destination in settings.destinations_of(name)]
    return marks


def incident_marks(incident: Incident, settings: Settings) -> list[Mark]:
    """An incident is owed to every destination that shows one of its components, once it may be published."""
    if incident.publication is not Publication.PUBLISHED:
        return []
    key = ObjectKey(Kind.INCIDENT, incident.id)
    return [
        Mark(name, key, incident.revision, rank_of(key.kind)) for name in _destinations(incident.components, settings)
    ]


def _destinations(components: Iterable[str], settings: Settings) -> list[str]:
    return sorted({name for component in components for name in settings.destinations_of(component)})
