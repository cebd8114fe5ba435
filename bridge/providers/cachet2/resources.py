"""The collections of the Cachet 2.4 API that statusbridge uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.failures import Failures, Reaction, Row, Trouble
from bridge.providers.base.paging import CountedPages
from bridge.providers.base.resource import Creating, Crud, Viewing

NEWEST_FIRST: Mapping[str, str] = {"sort": "id"}
"""The only stable order: ``sort`` always goes down, and without it the database decides (2.4, measured)."""


def words(payload: Any) -> Any:
    """The telling part of ``{"errors": [{"detail", "meta": {"details": []}}]}``."""
    errors = payload.get("errors") if isinstance(payload, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, Mapping):
        return None
    meta = first.get("meta")
    return (meta.get("details") if isinstance(meta, Mapping) else None) or first.get("detail")


def _names_no_record(trouble: Trouble) -> bool:
    """A missing record is told with its model, a missing route is not (2.4, measured)."""
    return "No query results" not in str(words(trouble.payload))


FAILURES = Failures([Row(404, Reaction.MISROUTED, _names_no_record)], words=words)


class Cachet2Resource(Crud):
    """All objects come inside ``data``; changes are PUT."""

    unwrap = "data"
    update_method = "PUT"
    paging = CountedPages(limit=200)
    query = NEWEST_FIRST


class Components(Cachet2Resource):
    """Components; what a PUT leaves out is kept (2.4)."""

    path = "/components"


class ComponentGroups(Cachet2Resource):
    """Groups. Unlike everywhere else ``sort`` goes up here; a PUT without ``visible`` hides the group."""

    path = "/components/groups"
    resets = ("order", "visible")


class Incidents(Cachet2Resource):
    """Incidents, with their updates inside. A PUT without ``visible`` publishes, one without ``stickied`` un-sticks."""

    path = "/incidents"
    resets = ("visible", "stickied")


class IncidentUpdates(Creating):
    """Updates of an incident (2.4 only)."""

    path = "/incidents/{incident}/updates"
    unwrap = "data"


class Schedules(Cachet2Resource):
    """Maintenances (2.4 only)."""

    path = "/schedules"


class Ping(Viewing):
    """Whether there is a Cachet at all."""

    path = "/ping"

    def answers(self) -> bool:
        """True when the server says so in Cachet's word."""
        answer = self.http.read(self.path)
        return isinstance(answer, Mapping) and answer.get("data") == "Pong!"
