"""Which handler answers which path of Cachet 3."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.sandbox.cachet3 import components, impact, incidents, metrics, schedules, subscribers, updates, words
from bridge.sandbox.cachet3.answers import ApiError
from bridge.sandbox.cachet3.call import Call

Handler = Callable[..., Any]
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """A path with its handlers by method; ``plain`` answers are not JSON:API documents."""

    pattern: re.Pattern[str]
    handlers: dict[str, Handler]
    plain: bool = False
    token_to_read: bool = False

    def methods(self) -> str:
        """As the text of a 405 lists them."""
        names = [name for name in _METHODS if name in self.handlers]
        return ", ".join("GET, HEAD" if name == "GET" else name for name in names)


def _ping(call: Call) -> Any:
    return {"data": "Pong!"}


def _version(call: Call) -> Any:
    """It has been the same for years, so it cannot tell servers apart."""
    return {"data": {"version": "3.x-dev"}}


def _status(call: Call) -> Any:
    word = impact.system_status(call.world, call.settings, call.impacts)
    return {"data": {"status": word, "message": words.SYSTEM[word]}}


def _route(path: str, plain: bool = False, token_to_read: bool = False, **handlers: Handler) -> Route:
    """PUT and PATCH are the same."""
    if "PUT" in handlers:
        handlers["PATCH"] = handlers["PUT"]
    return Route(re.compile(path.replace("{}", "([^/]+)") + r"\Z"), handlers, plain, token_to_read)


_C, _I, _U, _S, _M, _B = components, incidents, updates, schedules, metrics, subscribers
ROUTES = (
    _route("ping", plain=True, GET=_ping),
    _route("version", plain=True, GET=_version),
    _route("status", plain=True, GET=_status),
    _route("components", GET=_C.list_components, POST=_C.create_component),
    _route("components/{}", GET=_C.get_component, PUT=_C.update_component, DELETE=_C.delete_component),
    _route("component-groups", GET=_C.list_groups, POST=_C.create_group),
    _route("component-groups/{}", GET=_C.get_group, PUT=_C.update_group, DELETE=_C.delete_group),
    _route("incidents", GET=_I.list_incidents, POST=_I.create_incident),
    _route("incidents/{}", GET=_I.get_incident, PUT=_I.update_incident, DELETE=_I.delete_incident),
    _route("incidents/{}/updates", GET=_U.list_incident_updates, POST=_U.create_incident_update),
    _route(
        "incidents/{}/updates/{}", GET=_U.get_incident_update, PUT=_U.change_incident_update,
        DELETE=_U.delete_incident_update,
    ),
    _route("incident-templates", GET=_I.list_templates, POST=_I.create_template),
    _route("incident-templates/{}", GET=_I.get_template, PUT=_I.update_template, DELETE=_I.delete_template),
    _route("schedules", GET=_S.list_schedules, POST=_S.create_schedule),
    _route("schedules/{}", GET=_S.get_schedule, PUT=_S.update_schedule, DELETE=_S.delete_schedule),
    _route("schedules/{}/updates", GET=_U.list_schedule_updates, POST=_U.create_schedule_update),
    _route(
        "schedules/{}/updates/{}", GET=_U.get_schedule_update, PUT=_U.change_schedule_update,
        DELETE=_U.delete_schedule_update,
    ),
    _route("metrics", GET=_M.list_metrics, POST=_M.create_metric),
    _route("metrics/{}", GET=_M.get_metric, PUT=_M.update_metric, DELETE=_M.delete_metric),
    _route("metrics/{}/points", GET=_M.list_points, POST=_M.create_point),
    _route("metrics/{}/points/{}", GET=_M.get_point, DELETE=_M.delete_point),
    _route("subscribers", token_to_read=True, GET=_B.list_subscribers, POST=_B.create_subscriber),
    _route(
        "subscribers/{}", token_to_read=True, GET=_B.get_subscriber, PUT=_B.update_subscriber,
        DELETE=_B.delete_subscriber,
    ),
)  # fmt: skip


def find_route(path: str, method: str) -> tuple[Route, Handler, tuple[str, ...]]:
    """The route, its handler and the ids in the path; raises 404 or 405."""
    for route in ROUTES:
        if match := route.pattern.match(path):
            if method not in route.handlers:
                text = f"The {method} method is not supported for route api/{path}."
                raise ApiError(405, f"{text} Supported methods: {route.methods()}.", routing=True)
            return route, route.handlers[method], match.groups()
    raise no_route(path)


def no_route(path: str) -> ApiError:
    """The error for a path that the program does not know."""
    return ApiError(404, f"The route api/{path} could not be found.", routing=True)
