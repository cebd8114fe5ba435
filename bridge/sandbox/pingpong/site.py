"""The badges, which need no key of the API: they show what the public sees (seen in a public badge service)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from bridge.sandbox.pingpong.derive import uptime_percentage
from bridge.sandbox.pingpong.http import HTML_404
from bridge.sandbox.pingpong.tables import WIDGET_WORDS
from bridge.sandbox.pingpong.world import World
from bridge.sandbox.state import Context

WIDGET_KEY = "sp_5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c"


def make_site(context: Context, world: Callable[[], World]) -> Blueprint:
    """Routes below the vendor's host; ``world`` gives the present state."""
    blueprint = Blueprint("pingpong_site", __name__)

    @blueprint.get("/widget/shields/<what>/<key>")
    def shield(what: str, key: str) -> Response:
        makers = {"status": _status, "uptime": _uptime}
        if key != WIDGET_KEY or what not in makers:
            return Response(HTML_404, status=404, mimetype="text/html")
        with context.lock:
            body = makers[what](world())
        return Response(json.dumps(body), mimetype="application/json")

    return blueprint


def _status(world: World) -> dict[str, Any]:
    return {"status": WIDGET_WORDS[world.phrase()[0]]}


def _uptime(world: World) -> dict[str, Any]:
    return {"uptime": uptime_percentage(world.incidents.values(), world.context.clock.now())}
