"""Where a record class and what it is held against do not agree, each with the reason."""

from __future__ import annotations

_AT_ONCE = "servers from before July 2026 publish at once, and have no such time"
_TWO_KINDS = "the document has one schema for the updates of incidents and of maintenances"

DOCUMENT: dict[str, dict[str, str]] = {
    "statuspage": {},
    "pingpong": {
        "Maintenance.title is not in the document": "the client adds the name under the word with which it is written",
    },
    "cachet3": {
        "Component.latest_status is never NoneType in the document": "servers from before July 26, 2026 have none",
        "Incident.published is never NoneType in the document": _AT_ONCE,
        "Schedule.published is never NoneType in the document": _AT_ONCE,
        "IncidentUpdate.schedule is not declared": _TWO_KINDS,
        "IncidentUpdate.status may be null or missing in the document": _TWO_KINDS,
        "ScheduleUpdate.incident is not declared": _TWO_KINDS,
        "ScheduleUpdate.status is not declared": _TWO_KINDS,
    },
}
"""Provider → a difference from the vendor's document."""

UNDOCUMENTED: dict[str, dict[str, str]] = {
    "statuspage": {
        "Logo": "the document has the pictures as text; recorded answers have objects",
        "PageRoles": "the document has one page's roles beside its id; its prose and its example have a mapping",
    },
    "pingpong": {},
    "cachet3": {"User": "comes only where it is included, of which the document tells no more than the type"},
}
"""Provider → a class that no operation of the document tells of."""

RECORDED: dict[str, dict[str, str]] = {"cachet2": {}, "cachet2-v23": {}, "cachet3": {}}
"""Recording → what is otherwise in it."""

NEVER_RECORDED: dict[str, str] = {}
"""Fields for Cachet 2 that stand in no recorded answer."""
