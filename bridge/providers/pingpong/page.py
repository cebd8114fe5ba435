"""What tells about the page as a whole: its status, what is going on, and the badges for other sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.actions import One
from bridge.providers.base.resource import JsonObject, Resource, Viewing
from bridge.providers.base.results import Record
from bridge.providers.pingpong.records import Events, PagePhrase, StatusBadge, UptimeBadge
from bridge.providers.pingpong.routed import Routed


class PageStatus(Viewing[PagePhrase]):
    """One phrase about the page, and its colour."""

    path = "/status"


class Live(Routed[Events], Viewing[Events]):
    """What is going on: unresolved incidents, and maintenance in progress."""

    route = "live"
    path = "/live"

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """With maintenance as it is among the others."""
        return {**row, "maintenance": [titled(each) for each in row.get("maintenance") or ()]}

    def touched(self) -> frozenset[str]:
        """Ids of the components whose status these impose."""
        return touched(self.view())


class Widgets(Resource[Record]):
    """What the badges say, with the key that the dashboard shows beside them; no token is sent.

    Neither is in the documentation: they were seen in a public badge service.
    """

    path = "/widget/shields"

    status = One(StatusBadge, "GET", "/status/{widget_key}")
    uptime = One(UptimeBadge, "GET", "/uptime/{widget_key}")


def titled(maintenance: JsonObject) -> JsonObject:
    """Maintenance with its name under ``title`` too, so that what was read can be written."""
    return {"title": maintenance["name"], **maintenance}


def touched(live: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the components whose status live incidents and maintenance impose."""
    events = [*(live.get("incidents") or ()), *(live.get("maintenance") or ())]
    return frozenset(str(row["id"]) for event in events for row in event.get("affected_components") or ())
