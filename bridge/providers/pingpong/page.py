"""What tells about the page as a whole: its status, what is going on, and the badges for other sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.actions import One
from bridge.providers.base.resource import Resource, Viewing
from bridge.providers.pingpong.routed import Routed


class PageStatus(Viewing):
    """One phrase about the page, and its colour."""

    path = "/status"


class Live(Routed, Viewing):
    """What is going on: unresolved incidents, and maintenance in progress."""

    route = "live"
    path = "/live"

    def touched(self) -> frozenset[str]:
        """Ids of the components whose status these impose."""
        return touched(self.view())


class Widgets(Resource):
    """What the badges say, with the key that the dashboard shows beside them; no token is sent.

    Neither is in the documentation: they were seen in a public badge service.
    """

    path = "/widget/shields"

    status = One("GET", "/status/{widget_key}")
    uptime = One("GET", "/uptime/{widget_key}")


def touched(live: Mapping[str, Any]) -> frozenset[str]:
    """Ids of the components whose status live incidents and maintenance impose."""
    events = [*(live.get("incidents") or ()), *(live.get("maintenance") or ())]
    return frozenset(str(row["id"]) for event in events for row in event.get("affected_components") or ())
