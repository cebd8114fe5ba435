"""The collections of Cachet 3's API: every field, filter and verb that the vendor documents.

PUT and PATCH are the same partial update there (Cachet 3 source); ``update`` is PATCH and ``replace`` is PUT. Unknown
fields are ignored silently by the server, so a keyword that is none is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from bridge.providers.base.actions import One, Value
from bridge.providers.base.resource import (
    Creating,
    JsonObject,
    Listing,
    Names,
    Reading,
    Removing,
    Replacing,
    Resource,
    Updating,
)
from bridge.providers.base.results import Record
from bridge.providers.cachet3.records import (
    Component,
    ComponentGroup,
    Incident,
    IncidentTemplate,
    IncidentUpdate,
    Metric,
    MetricPoint,
    Schedule,
    ScheduleUpdate,
    ServerStatus,
    ServerVersion,
    Subscriber,
)
from bridge.providers.cachet3.resources import Filtered

R_co = TypeVar("R_co", bound=Record, covariant=True)

_IDS = frozenset({"component_group_id", "component_id", "components"})
"""Fields that name other objects. Ids are numbers in bodies and texts elsewhere (Cachet 3 specification)."""


class Documents(
    Filtered[R_co], Listing[R_co], Reading[R_co], Creating[R_co], Updating[R_co], Replacing[R_co], Removing[R_co]
):
    """A collection with every verb."""

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields, with ids as the numbers that they are to be: ``component_group_id=group.id`` is a text."""
        sent = super().body(given, keywords)
        return {name: _numbered(value) if name in _IDS else value for name, value in sent.items()}


def _numbered(value: Any) -> Any:
    """An id, a list of ids, or a list of objects with an id."""
    if isinstance(value, list):
        return [_numbered(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _numbered(inner) if name == "id" else inner for name, inner in value.items()}
    return int(value) if isinstance(value, str) and value.isdecimal() else value


class Components(Documents[Component]):
    """Components. Disabled ones are left out of a listing unless ``enabled=[0, 1]`` asks for them."""

    path = "/components"
    fields = ("name", "description", "status", "link", "order", "enabled", "component_group_id", "meta")
    filters = ("status", "name", "enabled", "meta", "sort", "include")


class ComponentGroups(Documents[ComponentGroup]):
    """Groups; without ``visible=True`` a new one is for those who are logged in only."""

    path = "/component-groups"
    fields = ("name", "order", "visible", "collapsed", "order_column", "order_direction", "components", "meta")
    filters = ("meta", "sort", "include")


class Incidents(Documents[Incident]):
    """Incidents; without ``visible=True`` a new one is for those who are logged in only.

    Which components an incident concerns is said on creation and never again.
    """

    path = "/incidents"
    fields = (
        "name", "message", "template", "status", "visible", "stickied", "notifications", "occurred_at", "published_at",
        "template_vars", "component_id", "component_status", "components", "meta",
    )  # fmt: skip
    filters = ("name", "status", "occurs_after", "occurs_before", "occurs_on", "meta", "sort", "include")


class IncidentUpdates(Documents[IncidentUpdate]):
    """Updates of one incident (``incident=…``); the newest one gives the incident its status."""

    path = "/incidents/{incident}/updates"
    fields = ("status", "message")
    filters = ("status", "sort", "include")


class IncidentTemplates(Documents[IncidentTemplate]):
    """Incident templates, found by their slug where an incident names one."""

    path = "/incident-templates"
    fields = ("name", "slug", "template", "engine")
    filters = ("name", "slug", "sort")


class Schedules(Documents[Schedule]):
    """Maintenances; their status follows the clock."""

    path = "/schedules"
    fields = (
        "name", "message", "scheduled_at", "completed_at", "published_at", "notifications", "components", "meta",
    )  # fmt: skip
    filters = ("name", "status", "meta", "sort", "include")


class ScheduleUpdates(Documents[ScheduleUpdate]):
    """Updates of one maintenance (``schedule=…``); they have no status."""

    path = "/schedules/{schedule}/updates"
    fields = ("message", "completed_at")
    filters = ("sort", "include")


class Metrics(Documents[Metric]):
    """Metrics; aggregation, decimals and visibility are settled on creation."""

    path = "/metrics"
    fields = (
        "name", "suffix", "calc_type", "description", "default_value", "display_chart", "threshold", "places",
    )  # fmt: skip
    filters = ("name", "calc_type", "sort", "include")


class MetricPoints(
    Filtered[MetricPoint], Listing[MetricPoint], Reading[MetricPoint], Creating[MetricPoint], Removing[MetricPoint]
):
    """Points of one metric (``metric=…``). One within the threshold of the newest is counted, and its value dropped."""

    path = "/metrics/{metric}/points"
    fields = ("value", "timestamp")
    filters = ("sort", "include")


class Subscribers(Documents[Subscriber]):
    """Subscribers; a token with ``subscribers.manage`` is needed even to read them."""

    path = "/subscribers"
    fields = ("email", "global", "components", "verified", "meta")
    filters = ("email", "global", "meta", "sort", "include")


class Server(Resource[ServerStatus]):
    """The server itself: ``client.server.ping()``, ``version()``, ``status()``."""

    path = ""
    unwrap: ClassVar[str | None] = "data"
    ping = Value(str, "GET", "/ping")
    version = One(ServerVersion, "GET", "/version")
    status = One(ServerStatus, "GET", "/status")
