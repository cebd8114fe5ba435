"""Which handler answers which path of Cachet 2, and the checks in front of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.cachet2 import components, incidents, metrics, page, schedules, subscribers
from bridge.sandbox.cachet2.answers import ApiError
from bridge.sandbox.cachet2.call import Call

Handler = Callable[..., Any]


@dataclass(frozen=True)
class Route:
    """A path with its handlers by method; ``guests_always`` ignores the setting that demands a token everywhere."""

    pattern: re.Pattern[str]
    handlers: dict[str, Handler]
    new_only: bool = False
    guests_always: bool = False
    token_to_read: bool = False

    def methods(self) -> str:
        """For the ``Allow`` header."""
        names = [name for name in ("GET", "POST", "PUT", "DELETE") if name in self.handlers]
        return ", ".join(name if name != "GET" else "GET, HEAD" for name in names)


@dataclass(frozen=True)
class Envelope:
    """An answer that is not just ``data``."""

    body: Any


def _ping(call: Call) -> Any:
    return "Pong!"


def _version(call: Call) -> Envelope:
    """An error when the release service cannot be reached; the 2.4.1 tag calls itself 2.4.0-dev."""
    if not call.settings.release_service_up:
        raise ApiError(500)
    latest = {"tag_name": "v2.3.18" if call.old else "v2.4.1", "prelease": False, "draft": False}
    data = "2.3.18" if call.old else "2.4.0-dev"
    return Envelope({"meta": {"on_latest": True, "latest": latest}, "data": data})


def _status(call: Call) -> Any:
    status, message = page.system_status(call.world, call.settings, guest=call.user is None)
    return {"status": status, "message": message}


def _route(
    path: str, new_only: bool = False, guests_always: bool = False, token_to_read: bool = False, **handlers: Handler
) -> Route:
    pattern = re.compile(path.replace("{}", "([^/]+)") + r"\Z")
    return Route(pattern, handlers, new_only, guests_always, token_to_read)


_C, _I, _M, _S, _U = components, incidents, metrics, schedules, subscribers
ROUTES = (
    _route("ping", GET=_ping, guests_always=True),
    _route("version", GET=_version, guests_always=True),
    _route("status", GET=_status, guests_always=True),
    _route("components", GET=_C.list_components, POST=_C.create_component),
    _route("components/groups", GET=_C.list_groups, POST=_C.create_group),
    _route("components/groups/{}", GET=_C.get_group, PUT=_C.update_group, DELETE=_C.delete_group),
    _route("components/{}", GET=_C.get_component, PUT=_C.update_component, DELETE=_C.delete_component),
    _route("incidents", GET=_I.list_incidents, POST=_I.create_incident),
    _route("incidents/templates", GET=_I.list_templates, new_only=True),
    _route("incidents/templates/{}", GET=_I.get_template, new_only=True),
    _route("incidents/{}", GET=_I.get_incident, PUT=_I.update_incident, DELETE=_I.delete_incident),
    _route("incidents/{}/updates", GET=_I.list_updates, POST=_I.create_update, new_only=True),
    _route("incidents/{}/updates/{}", GET=_I.get_update, PUT=_I.change_update, DELETE=_I.delete_update, new_only=True),
    _route("schedules", GET=_S.list_schedules, POST=_S.create_schedule, new_only=True),
    _route("schedules/{}", GET=_S.get_schedule, PUT=_S.update_schedule, DELETE=_S.delete_schedule, new_only=True),
    _route("metrics", GET=_M.list_metrics, POST=_M.create_metric),
    _route("metrics/{}", GET=_M.get_metric, PUT=_M.update_metric, DELETE=_M.delete_metric),
    _route("metrics/{}/points", GET=_M.list_points, POST=_M.create_point),
    _route("metrics/{}/points/{}", PUT=_M.update_point, DELETE=_M.delete_point),
    _route("subscribers", GET=_U.list_subscribers, POST=_U.create_subscriber, token_to_read=True),
    _route("subscribers/{}", DELETE=_U.delete_subscriber),
    _route("subscriptions/{}", DELETE=_U.delete_subscription),
)


def find_route(path: str, method: str, version: str) -> tuple[Route, Handler, tuple[str, ...]]:
    """The route, its handler and the ids in the path; raises 404 or 405."""
    found = [
        (route, match.groups())
        for route in ROUTES
        if (match := route.pattern.match(path)) and not (route.new_only and version == "2.3")
    ]
    if not found:
        raise ApiError(404)
    for route, ids in found:
        if method in route.handlers:
            return route, route.handlers[method], ids
    raise ApiError(405, allow=found[-1][0].methods())


def run(route: Route, handler: Handler, call: Call, ids: tuple[str, ...], method: str) -> Any:
    """Check the token where one is needed, then call the handler."""
    if not route.guests_always and call.user is None:
        needed = method != "GET" or route.token_to_read or call.settings.always_authenticate
        if needed:
            raise ApiError(401)
    return handler(call, *ids)
