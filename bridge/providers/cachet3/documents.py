"""The collections of Cachet 3's API as its client offers them: every field, filter and verb that the vendor documents.

PUT and PATCH are the same partial update there (Cachet 3 source); ``update`` is PATCH and ``replace`` is PUT. Unknown
fields are ignored silently by the server, so a keyword that is none is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bridge.providers.base.actions import Value
from bridge.providers.base.http import Query
from bridge.providers.base.paging import LinkedPages
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
from bridge.providers.cachet3 import resources

_PLAIN = frozenset({"sort", "include", "per_page", "page"})
"""Parameters of a listing that are no filters."""


class Filtered(Resource):
    """Rows of JSON:API: flat, with what was included; filters as plain keywords."""

    unwrap = "data"
    update_method = "PATCH"
    paging = LinkedPages()
    shape = resources.Document.shape

    def asked(self, given: Query | None, keywords: Names) -> JsonObject:
        """``name="x"`` becomes ``filter[name]=x``, ``meta={"a": 1}`` becomes ``filter[meta][a]=1``; lists are told by
        commas, true and false by 1 and 0. What already is spelt as a parameter stays as it is.
        """
        asked: JsonObject = {}
        for name, value in {**(given or {}), **keywords}.items():
            if name in _PLAIN or name.startswith("filter["):
                asked[name] = _told(self.value(value))
            elif isinstance(value, Mapping):
                asked |= {f"filter[{name}][{key}]": _told(self.value(inner)) for key, inner in value.items()}
            else:
                asked[f"filter[{name}]"] = _told(self.value(value))
        return asked


def _told(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return ",".join(str(_told(item)) for item in value) if isinstance(value, list | tuple) else value


class Documents(Filtered, Listing, Reading, Creating, Updating, Replacing, Removing):
    """A collection with every verb."""


class Components(Documents):
    """Components. Disabled ones are left out of a listing unless ``enabled=[0, 1]`` asks for them."""

    path = "/components"
    fields = ("name", "description", "status", "link", "order", "enabled", "component_group_id", "meta")
    filters = ("status", "name", "enabled", "meta", "sort", "include")


class ComponentGroups(Documents):
    """Groups; without ``visible=True`` a new one is for those who are logged in only."""

    path = "/component-groups"
    fields = ("name", "order", "visible", "collapsed", "order_column", "order_direction", "components", "meta")
    filters = ("meta", "sort", "include")


class Incidents(Documents):
    """Incidents; without ``visible=True`` a new one is for those who are logged in only.

    Which components an incident concerns is said on creation and never again.
    """

    path = "/incidents"
    fields = (
        "name", "message", "template", "status", "visible", "stickied", "notifications", "occurred_at", "published_at",
        "template_vars", "component_id", "component_status", "components", "meta",
    )  # fmt: skip
    filters = ("name", "status", "occurs_after", "occurs_before", "occurs_on", "meta", "sort", "include")


class IncidentUpdates(Documents):
    """Updates of one incident (``incident=…``); the newest one gives the incident its status."""

    path = "/incidents/{incident}/updates"
    fields = ("status", "message")
    filters = ("status", "sort", "include")


class IncidentTemplates(Documents):
    """Incident templates, found by their slug where an incident names one."""

    path = "/incident-templates"
    fields = ("name", "slug", "template", "engine")
    filters = ("name", "slug", "sort")


class Schedules(Documents):
    """Maintenances; their status follows the clock."""

    path = "/schedules"
    fields = (
        "name", "message", "scheduled_at", "completed_at", "published_at", "notifications", "components", "meta",
    )  # fmt: skip
    filters = ("name", "status", "meta", "sort", "include")


class ScheduleUpdates(Documents):
    """Updates of one maintenance (``schedule=…``); they have no status."""

    path = "/schedules/{schedule}/updates"
    fields = ("message", "completed_at")
    filters = ("sort", "include")


class Metrics(Documents):
    """Metrics; aggregation, decimals and visibility are settled on creation."""

    path = "/metrics"
    fields = (
        "name", "suffix", "calc_type", "description", "default_value", "display_chart", "threshold", "places",
    )  # fmt: skip
    filters = ("name", "calc_type", "sort", "include")


class MetricPoints(Filtered, Listing, Reading, Creating, Removing):
    """Points of one metric (``metric=…``). One within the threshold of the newest is counted, and its value dropped."""

    path = "/metrics/{metric}/points"
    fields = ("value", "timestamp")
    filters = ("sort", "include")


class Subscribers(Documents):
    """Subscribers; a token with ``subscribers.manage`` is needed even to read them."""

    path = "/subscribers"
    fields = ("email", "global", "components", "verified", "meta")
    filters = ("email", "global", "meta", "sort", "include")


class Server(Resource):
    """The server itself: ``client.server.ping()``, ``version()``, ``status()``."""

    path = ""
    unwrap: ClassVar[str | None] = "data"
    ping = Value("GET", "/ping")
    version = Value("GET", "/version")
    status = Value("GET", "/status")
