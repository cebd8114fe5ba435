"""Words, colours and lengths of PingPong, as its documentation prints them (marks: see each line)."""

from __future__ import annotations

COMPONENT_STATUSES = (
    "Operational",
    "Unknown",
    "Maintenance mode",
    "Minor issues",
    "Major issues",
    "Critical state",
    "Unavailable",
)
"""In the order of severity that the sandbox uses when several incidents impose a status (the order is our choice)."""
SEVERITY = {status: rank for rank, status in enumerate(COMPONENT_STATUSES)}
COLOURS = {
    "Operational": "green",
    "Unknown": "gray",
    "Maintenance mode": "gray",
    "Minor issues": "orange",
    "Major issues": "orange",
    "Critical state": "red",
    "Unavailable": "red",
}
"""Stated for four of them; Unknown, Minor issues and Unavailable by analogy."""

NEW_INCIDENT = "In progress"
"""Status of an incident without updates. It can be read and not written."""
RESOLVED = "Resolved"
UPDATE_STATUSES = ("Investigating", "Identified", "Verifying", "Resolved")
MAINTENANCE_STATUSES = ("Upcoming", "In progress", "Complete")

ALL_WELL = ("All systems operational", "green")
SOME_ISSUES = ("Some systems have issues", "orange")
ALL_DOWN = ("All systems down", "red")
MAINTENANCE = ("Under maintenance", "gray")
WIDGET_WORDS = {
    "All systems operational": "Operational",
    "Some systems have issues": "Major issues",
    "All systems down": "Critical state",
    "Under maintenance": "Maintenance mode",
}
"""The badge knows four words only (seen in a public badge service)."""

FREQUENCIES = ("minute", "2 minutes", "5 minutes", "10 minutes", "15 minutes", "30 minutes", "60 minutes")
LOCATIONS = (
    "US West",
    "US East",
    "Brazil",
    "United Kingdom",
    "Italy",
    "Sweden",
    "South Africa",
    "Singapore",
    "Australia",
    "Japan",
)
SHOWCASES = ("Don't showcase", "Showcase uptime and response time", "Showcase uptime", "Showcase response time")
ROLLUPS = ("Mean value", "Mean value (rounded)", "Sum of all values", "Minimum value", "Maximum value")

NAME_LIMIT = 50
TITLE_LIMIT = 100
DESCRIPTION_LIMIT = 255
SUFFIX_LIMIT = 50
REFERENCE_LIMIT = 255
POINT_SLOT = 60
"""Seconds; the timestamp of a point is cut down to the minute."""
POINT_DAYS = 30
INT32_MAX = 2**31 - 1
