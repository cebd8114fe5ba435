"""The collections of the Statuspage REST API v1 that statusbridge uses."""

from __future__ import annotations

from typing import Any

from bridge.providers.base.failures import Failures, Reaction, Row, first_of
from bridge.providers.base.paging import Paging
from bridge.providers.base.resource import Crud, JsonObject, Listing

FAILURES = Failures(
    # Over the limit is 420 or 429, documentation and vendor disagree which; both mean wait.
    [Row(420, Reaction.BUSY)],
    # The specification says "message"; what was seen is "error", as text, list or mapping.
    words=first_of("error", "message"),
    pause=60.0,
)


class Components(Crud):
    """Components. The list also holds a row for every group, which is not a component."""

    path = "/pages/{page}/components"
    wrap = "component"


class ComponentGroups(Crud):
    """Groups, which exist only with members; ``components`` replaces the membership."""

    path = "/pages/{page}/component-groups"
    wrap = "component_group"


class Incidents(Crud):
    """Incidents and maintenances. A PATCH with ``status`` or ``body`` makes an incident update."""

    path = "/pages/{page}/incidents"
    wrap = "incident"
    paging = Paging(size="limit")

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """Updates are null in some answers; here they are always a list, newest first as they come."""
        return {**row, "incident_updates": list(row.get("incident_updates") or [])}


class Unresolved(Listing):
    """Incidents that are not resolved; pages here are sized by ``per_page``, unlike in the full list."""

    path = "/pages/{page}/incidents/unresolved"

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """As in :class:`Incidents`."""
        return {**row, "incident_updates": list(row.get("incident_updates") or [])}


class Scheduled(Unresolved):
    """Maintenances that are not over."""

    path = "/pages/{page}/incidents/scheduled"
