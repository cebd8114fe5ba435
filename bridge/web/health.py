"""``/healthz``: the process is alive. ``/readyz``: it can also accept deliveries."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response

from bridge.errors import StoreError
from bridge.store import Store
from bridge.web.errors import problem

_JSON = "application/json"
_log = structlog.get_logger("statusbridge.web")


def alive() -> Response:
    """The process serves requests, whatever its store does."""
    return Response('{"status": "alive"}\n', content_type=_JSON)


def blueprint(store: Store) -> Blueprint:
    """The routes of the two checks."""
    routes = Blueprint("health", __name__)

    routes.add_url_rule("/healthz", view_func=alive)

    @routes.get("/readyz")
    def ready() -> Response:
        try:
            store.check_writable()
        except StoreError as error:
            _log.warning("not ready", error=type(error).__name__)
            return problem(503, "The store does not answer or takes no writes; `statusbridge check` says why.")
        return Response('{"status": "ready"}\n', content_type=_JSON)

    return routes
