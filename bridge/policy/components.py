"""What status a component is to show: the worst that any open, published incident gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.model.enums import ComponentStatus, worst
from bridge.model.objects import Incident
from bridge.policy.gate import is_shown


def wanted_status(component: str, incidents: Iterable[Incident]) -> ComponentStatus:
    """The status of a component by all incidents; operational when none speaks about it."""
    return worst(
        incident.components[component]
        for incident in incidents
        if component in incident.components and is_shown(incident)
    )


def wanted_changes(
    components: Iterable[str], incidents: Iterable[Incident], shown: Mapping[str, ComponentStatus]
) -> dict[str, ComponentStatus]:
    """Of the given components, those whose status differs from what is to be shown so far."""
    speaking = [incident for incident in incidents if is_shown(incident)]
    changes = {}
    for component in components:
        status = wanted_status(component, speaking)
        if status is not shown.get(component, ComponentStatus.OPERATIONAL):
            changes[component] = status
    return changes
