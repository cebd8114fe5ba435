"""Words, limits and orders of Statuspage, as data (Statuspage spec; rows of real answers where the spec is silent)."""

from __future__ import annotations

COMPONENT_STATUSES = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage", "")
SEVERITY = {status: rank for rank, status in enumerate(COMPONENT_STATUSES[:-1])} | {"": 0}
"""From harmless to worst; a component without a status counts as operational."""

REALTIME = ("investigating", "identified", "monitoring", "resolved")
PLANNED = ("scheduled", "in_progress", "verifying", "completed")
INCIDENT_STATUSES = REALTIME + PLANNED
FINAL = ("resolved", "completed")

IMPACTS = ("none", "maintenance", "minor", "major", "critical")
IMPACT_RANK = {impact: rank for rank, impact in enumerate(IMPACTS)}

DEFAULT_BODIES = {
    "investigating": "We are currently investigating this issue.",
    "identified": "The issue has been identified and a fix is being implemented.",
    "monitoring": "A fix has been implemented and we are monitoring the results.",
    "resolved": "This incident has been resolved.",
    "scheduled": "We will be undergoing scheduled maintenance during this time.",
    "in_progress": "Scheduled maintenance is currently in progress. We will provide updates as necessary.",
    "verifying": "Verification is currently underway for the maintenance items.",
    "completed": "The scheduled maintenance has been completed.",
}
"""Texts of updates that were sent without one."""

NAME_LIMIT = 255
BODY_LIMIT = 25_000
PAGE_SIZE = 100
BULK_UNSUBSCRIBE_LIMIT = 100
INT32_MAX = 2**31 - 1
METRIC_SLOT = 30
"""Seconds; one point per slot is kept, the last one written."""
METRIC_BACKFILL_DAYS = 28

SUBSCRIBER_TYPES = ("email", "sms", "webhook", "slack", "teams", "integration_partner")
SUBSCRIBER_STATES = ("active", "unconfirmed", "quarantined", "all")
SORT_FIELDS = ("primary", "created_at", "quarantined_at", "relevance")
PROVIDER_TYPES = ("Pingdom", "NewRelic", "Librato", "Datadog", "Self")
TRANSFORMS = ("average", "count", "max", "min", "sum", "response_time", "uptime")
BRANDINGS = ("basic", "premium")

RAILS_ZONES = {
    "UTC": "Etc/UTC",
    "London": "Europe/London",
    "Berlin": "Europe/Berlin",
    "Amsterdam": "Europe/Amsterdam",
    "Paris": "Europe/Paris",
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Tokyo": "Asia/Tokyo",
    "Sydney": "Australia/Sydney",
}
"""The v1 surface names zones as Rails does, the public surface by their IANA names."""
