"""Cachet 3's numbers and the words it shows for them (English locale)."""

from __future__ import annotations

from bridge.sandbox.state import Tone

COMPONENT = {
    1: "Operational", 2: "Performance issues", 3: "Partial outage", 4: "Major outage", 5: "Unknown",
    6: "Under maintenance",
}  # fmt: skip
INCIDENT = {0: "Reported", 1: "Investigating", 2: "Identified", 3: "Watching", 4: "Fixed"}
SCHEDULE = {0: "Upcoming", 1: "In progress", 2: "Complete"}
SYSTEM = {
    "operational": "All systems are operational.",
    "partial_outage": "Some systems are experiencing issues.",
    "major_outage": "Some systems are experiencing major issues.",
    "under_maintenance": "Some systems are under maintenance.",
}

WORST_FIRST = (4, 3, 2, 6, 5, 1)
"""Component statuses from the most severe to the least."""

OPERATIONAL, MAJOR_OUTAGE, MAINTENANCE = 1, 4, 6
FIXED = 4
UPCOMING, IN_PROGRESS, COMPLETE = 0, 1, 2

COMPONENT_TONE: dict[int, Tone] = {1: "good", 2: "minor", 3: "major", 4: "critical", 5: "unknown", 6: "maintenance"}
INCIDENT_TONE: dict[int, Tone] = {0: "unknown", 1: "critical", 2: "major", 3: "minor", 4: "good"}
SYSTEM_TONE: dict[str, Tone] = {
    "operational": "good", "partial_outage": "major", "major_outage": "critical", "under_maintenance": "maintenance",
}  # fmt: skip
