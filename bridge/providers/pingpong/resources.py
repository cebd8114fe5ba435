"""The collections of the PingPong API that statusbridge uses. Nothing there can be deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from bridge.errors import Outcome, ProviderError
from bridge.providers.base.failures import Failures, first_of
from bridge.providers.base.http import Http
from bridge.providers.base.paging import OnePage
from bridge.providers.base.resource import Creating, Listing, Reading, Resource, Updating, Viewing

FAILURES = Failures(words=first_of("detail"))


class PingPongResource(Listing, Reading, Creating, Updating):
    """A collection whose updates are PATCH or PUT, which the documentation does not tell.

    Args:
        http: the destination.
        methods: the methods to try for an update, in order.
    """

    paging = OnePage()

    def __init__(self, http: Http, methods: Sequence[str]) -> None:
        super().__init__(http)
        self._methods = tuple(methods)

    def send_update(self, path: str, sent: Mapping[str, Any], about: bool) -> tuple[str, str, Any]:
        """A 405 proves that nothing happened, so the next method is tried and then kept."""
        for method in self._methods:
            try:
                answer = self.http.write(method, path, sent, about_object=about)
            except ProviderError as error:
                if error.status != 405 or error.outcome is not Outcome.NOT_DONE or method == self._methods[-1]:
                    raise
                continue
            self._methods = (method,)
            return method, path, answer
        raise AssertionError("there is always a last method")


class Components(PingPongResource):
    """Components; read with their effective status."""

    path = "/components"


class ComponentStatuses(PingPongResource):
    """A component's own status, below all incidents; written alone, so that no other field can be reset."""

    path = "/components"

    def write(self, component: str, body: Mapping[str, Any]) -> None:
        """Write ``{"status": …}``."""
        self.send_update(f"{self.path}/{quote(component, safe='')}/status", body, True)


class ComponentGroups(PingPongResource):
    """Groups; who belongs to one is told by the components."""

    path = "/component-groups"
    resets = ("description",)


class Incidents(PingPongResource):
    """Incidents, with their updates inside."""

    path = "/incidents"


class IncidentUpdates(Creating):
    """Updates of an incident; the newest one decides about the incident's status."""

    path = "/incidents/{incident}/updates"


class Maintenances(PingPongResource):
    """Maintenances; written with a title, read with a name."""

    path = "/maintenance"


class Live(Viewing):
    """What is going on: unresolved incidents, and maintenance in progress."""

    path = "/live"

    def touched(self) -> frozenset[str]:
        """Ids of the components whose status these impose."""
        live = self.view()
        events = [*(live.get("incidents") or ()), *(live.get("maintenance") or ())]
        return frozenset(str(row["id"]) for event in events for row in event.get("affected_components") or ())


R = TypeVar("R", bound=Resource)


def at(path: str, collection: type[R]) -> type[R]:
    """The collection, at the path that the configuration gives it."""
    return type(collection.__name__, (collection,), {"path": path})


def updates_at(incidents: str, updates: str) -> type[IncidentUpdates]:
    """The updates, below the path of the incidents."""
    return type(IncidentUpdates.__name__, (IncidentUpdates,), {"path": f"{incidents}/{{incident}}/{updates}"})
