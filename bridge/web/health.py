"""``/healthz``: the process is alive. ``/readyz``: it can also accept deliveries."""

from __future__ import annotations

from flask import Blueprint, Response

from bridge.errors import StoreError
from bridge.store import Store
from bridge.web.errors import store_away

_JSON = "application/json"


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
            store.ping()
        except StoreError:
            return store_away()
        return Response('{"status": "ready"}\n', content_type=_JSON)

    return routes
