"""The course of an incident as steps, each with a status and a text: providers want both with every update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bridge.model.enums import IncidentStatus, MaintenanceStatus
from bridge.model.objects import Incident, IncidentUpdate, Maintenance, Text

INCIDENT_PHRASES: Mapping[IncidentStatus, str] = MappingProxyType(
    {
        IncidentStatus.SCHEDULED: "Work is planned.",
        IncidentStatus.REPORTED: "A problem was reported.",
        IncidentStatus.INVESTIGATING: "We are looking into the problem.",
        IncidentStatus.IDENTIFIED: "The cause of the problem is known.",
        IncidentStatus.MONITORING: "The problem seems to be over. We keep watching.",
        IncidentStatus.RESOLVED: "The problem is over.",
        IncidentStatus.POSTMORTEM: "The problem is over.",
    }
)
"""What is said where a source said nothing."""

MAINTENANCE_PHRASES: Mapping[MaintenanceStatus, str] = MappingProxyType(
    {
        MaintenanceStatus.SCHEDULED: "Maintenance is planned.",
        MaintenanceStatus.IN_PROGRESS: "Maintenance has begun.",
        MaintenanceStatus.VERIFYING: "The work is done. We are checking the result.",
        MaintenanceStatus.COMPLETED: "Maintenance is over.",
    }
)
"""The same for maintenance."""


@dataclass(frozen=True, slots=True)
class IncidentStep:
    """One update of an incident, complete."""

    id: str
    status: IncidentStatus
    text: Text


@dataclass(frozen=True, slots=True)
class MaintenanceStep:
    """One update of a maintenance, complete."""

    id: str
    status: MaintenanceStatus
    text: Text


def incident_steps(incident: Incident) -> tuple[IncidentStep, ...]:
    """The updates in order; the last step always has the incident's own status.

    An update that tells no status keeps the one before it. Where the last update tells another status than the
    incident has, a step without words of its own is added, so that the page does not stop half-way.
    """
    steps: list[IncidentStep] = []
    last = len(incident.updates) - 1
    for number, update in enumerate(incident.updates):
        status = update.status
        if not isinstance(status, IncidentStatus):
            kept = steps[-1].status if steps else IncidentStatus.INVESTIGATING
            status = incident.status if number == last else kept
        steps.append(IncidentStep(update.id, status, _said(update, INCIDENT_PHRASES[status])))
    if steps[-1].status is not incident.status:
        closing = Text(INCIDENT_PHRASES[incident.status])
        steps.append(IncidentStep(f"{steps[-1].id}.{incident.status}", incident.status, closing))
    return tuple(steps)


def maintenance_steps(maintenance: Maintenance) -> tuple[MaintenanceStep, ...]:
    """The updates in order, without the message; the last step always has the maintenance's own status."""
    steps: list[MaintenanceStep] = []
    status = MaintenanceStatus.SCHEDULED
    for update in maintenance.updates:
        status = update.status if isinstance(update.status, MaintenanceStatus) else status
        steps.append(MaintenanceStep(update.id, status, _said(update, MAINTENANCE_PHRASES[status])))
    if status is not maintenance.status:
        closing = Text(MAINTENANCE_PHRASES[maintenance.status])
        name = f"{steps[-1].id if steps else maintenance.id}.{maintenance.status}"
        steps.append(MaintenanceStep(name, maintenance.status, closing))
    return tuple(steps)


def _said(update: IncidentUpdate, phrase: str) -> Text:
    return update.message if update.message.source.strip() else Text(phrase)
