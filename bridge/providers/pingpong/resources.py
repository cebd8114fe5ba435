"""Components, groups, incidents with their updates, and maintenance (PingPong documentation).

Metrics are in ``metrics``, what tells about the page as a whole in ``page``. Only an update of an incident can be
deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bridge.providers.base.actions import Rows
from bridge.providers.base.failures import Failures, first_of
from bridge.providers.base.resource import JsonObject, Names, Removing
from bridge.providers.pingpong.page import titled, touched
from bridge.providers.pingpong.records import (
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    ShownStatus,
)
from bridge.providers.pingpong.routed import PingPongResource, id_of

FAILURES = Failures(words=first_of("detail"))

_STATUS = "/{id}/status"


class Components(PingPongResource[Component]):
    """Components. ``status`` is read as it is shown, with what live incidents and maintenance impose, and written bare.

    ``group`` is an id, or a group that was read; None takes the component out of its group.
    """

    route = "components"
    path = "/components"
    below: ClassVar[Mapping[str, str]] = {_STATUS: "component_status"}
    serves = {"set_status": ("PATCH", _STATUS), "replace_status": ("PUT", _STATUS)}  # noqa: RUF012
    fields = ("name", "group", "description", "status", "showcased")
    resets = fields
    references = ("group",)

    def set_status(self, remote_id: str, status: Any) -> ShownStatus:
        """Write the component's own status and nothing else.

        Args:
            remote_id: the component.
            status: PingPong's word, or a canonical status.

        Returns:
            Only ``id``, ``status`` and ``status_color``; whether that is the status written or the one shown, the
            documentation does not tell.
        """
        path, about, _ = self.aim(_STATUS, {"id": remote_id})
        return self.one(ShownStatus, *self.send(path, self.body({"status": status}, {}), about, _STATUS))

    def replace_status(self, remote_id: str, status: Any) -> ShownStatus:
        """The same by PUT."""
        path, about, _ = self.aim(_STATUS, {"id": remote_id})
        sent = self.body({"status": status}, {})
        return self.one(ShownStatus, "PUT", path, self.http.write("PUT", path, sent, about_object=about))

    def kept(self, row: Mapping[str, Any], present: JsonObject) -> JsonObject:
        """All that was read; the status only where it is known to be the component's own.

        Raises:
            TypeError: it is not, because an incident or maintenance is shown over it.
        """
        if "status" in present and str(row["id"]) in touched(self.http.read(self.routes["live"])):
            raise TypeError(
                "PingPong takes only whole components here, and this one's own status cannot be read while an incident "
                "or maintenance is shown over it: pass status=… too"
            )
        return present


class ComponentGroups(PingPongResource[ComponentGroup]):
    """Groups; who belongs to one is told by the components."""

    route = "component_groups"
    path = "/component-groups"
    fields = ("name", "description")
    resets = fields


class Incidents(PingPongResource[Incident]):
    """Incidents, with their updates inside. An incident's status is that of its newest update and cannot be written.

    ``affected_components`` is a mapping id → status, a list of ``id`` and ``status``, or one that was read. It imposes
    these statuses until the incident is resolved, and a change replaces all of it. ``occurred_at`` None is the present
    moment, also in a change.
    """

    route = "incidents"
    path = "/incidents"
    below: ClassVar[Mapping[str, str]] = {"/ongoing": "ongoing_incidents"}
    fields = ("title", "message", "occurred_at", "notify_subscribers", "affected_components")
    resets = ("title", "message", "occurred_at", "affected_components")
    quiet = True

    ongoing = Rows(Incident, "/ongoing")

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write."""
        made = super().body(given, keywords)
        affected = made.get("affected_components")
        if isinstance(affected, Mapping):
            affected = [{"id": remote_id, "status": status} for remote_id, status in affected.items()]
        if isinstance(affected, list):
            made["affected_components"] = [_imposed(row) for row in affected]
        return made


class IncidentUpdates(PingPongResource[IncidentUpdate], Removing[IncidentUpdate]):
    """Updates of an incident, dated by the service. The newest one decides about the incident's status.

    Whether one is mailed to subscribers is not documented, and cannot be told. Without the last one, or with a changed
    one, the incident is as the others have it: an incident whose resolving update goes is open again.
    """

    route = "incident_updates"
    path = "/incidents/{incident_id}/updates"
    fields = ("status", "message")
    resets = fields

    @classmethod
    def spelt(cls, routes: Mapping[str, str]) -> str:
        """Below the incidents, wherever they are."""
        return f"{routes['incidents']}/{{incident_id}}/{routes[cls.route]}"


class Maintenances(PingPongResource[Maintenance]):
    """Maintenance. Its status follows from the two times: to end, begin late or cancel it, change them.

    ``affected_components`` is a list of ids, or one that was read. What is written as ``title`` is read as ``name``,
    and here as both. 100 characters may be written and 50 are documented to be read.
    """

    route = "maintenance"
    path = "/maintenance"
    fields = ("title", "message", "scheduled_for", "ends_at", "notify_subscribers", "affected_components")
    resets = ("title", "message", "scheduled_for", "ends_at", "affected_components")
    quiet = True

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write."""
        made = super().body(given, keywords)
        if isinstance(made.get("affected_components"), list):
            made["affected_components"] = [id_of(row) for row in made["affected_components"]]
        return made

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """With the name under ``title`` too."""
        return titled(row)


def _imposed(row: Any) -> Any:
    """What an incident does to one component, out of a row that may be the whole component."""
    return {name: row[name] for name in ("id", "status") if name in row} if isinstance(row, Mapping) else row
