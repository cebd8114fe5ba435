"""What is said where a source said nothing: providers want a text with every phase."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.model.enums import IncidentStatus, MaintenanceStatus

PHRASES: Mapping[IncidentStatus | MaintenanceStatus, str] = MappingProxyType(
    {
        # Also what a planned maintenance says: the two enums share this word.
        IncidentStatus.SCHEDULED: "Work is planned.",
        IncidentStatus.REPORTED: "A problem was reported.",
        IncidentStatus.INVESTIGATING: "We are looking into the problem.",
        IncidentStatus.IDENTIFIED: "The cause of the problem is known.",
        IncidentStatus.MONITORING: "The problem seems to be over. We keep watching.",
        IncidentStatus.RESOLVED: "The problem is over.",
        IncidentStatus.POSTMORTEM: "The problem is over.",
        MaintenanceStatus.IN_PROGRESS: "The work has begun.",
        MaintenanceStatus.VERIFYING: "The work is done. We are checking the result.",
        MaintenanceStatus.COMPLETED: "The work is over.",
    }
)
"""One sentence for every phase."""
