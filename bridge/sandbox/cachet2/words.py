"""Cachet 2's numbers and the words it shows for them (English locale)."""

from __future__ import annotations

from bridge.sandbox.state import Tone

COMPONENT = {
    "2.4": {0: "Unknown", 1: "Operational", 2: "Performance Issues", 3: "Partial Outage", 4: "Major Outage"},
    "2.3": {1: "Operational", 2: "Performance Issues", 3: "Partial Outage", 4: "Major Outage"},
}
INCIDENT = {
    "2.4": {1: "Investigating", 2: "Identified", 3: "Watching", 4: "Fixed"},
    "2.3": {0: "Scheduled", 1: "Investigating", 2: "Identified", 3: "Watching", 4: "Fixed"},
}
SCHEDULE = {0: "Upcoming", 1: "In Progress", 2: "Complete"}
ICON = {
    0: "icon ion-android-calendar",
    1: "icon ion-flag oranges",
    2: "icon ion-alert yellows",
    3: "icon ion-eye blues",
    4: "icon ion-checkmark greens",
}
VIEW = {0: "Last Hour", 1: "Last 12 Hours", 2: "Week", 3: "Month"}

COMPONENT_TONE: dict[int, Tone] = {0: "unknown", 1: "good", 2: "minor", 3: "major", 4: "critical"}
INCIDENT_TONE: dict[int, Tone] = {0: "unknown", 1: "critical", 2: "major", 3: "minor", 4: "good"}
SYSTEM_TONE: dict[str, Tone] = {"success": "good", "info": "minor", "danger": "critical"}

SYSTEM = {
    "2.4": {
        "success": ("System operational", "All systems are operational"),
        "info": ("The system is experiencing issues", "Some systems are experiencing issues"),
        "danger": ("The system is experiencing major issues", "Some systems are experiencing major issues"),
    },
    "2.3": {
        "success": ("System operational", "All systems are operational"),
        "info": ("The system is currently experiencing issues", "Some systems are experiencing issues"),
        "danger": ("The service experiencing a major outage", "Some systems are experiencing a major outage"),
    },
}
"""(one component or fewer, more than one)"""


def component_word(status: int, version: str) -> str:
    """The label of a component status; a number without a label shows its translation key."""
    return COMPONENT[version].get(status, f"cachet.components.status.{status}")


def incident_word(status: int, version: str) -> str:
    """The label of an incident status; a number without a label shows its translation key."""
    return INCIDENT[version].get(status, f"cachet.incidents.status.{status}")
