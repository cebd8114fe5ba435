"""The operations of the API, one module per resource; each has a table ``RESOURCES``."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.pingpong.http import Call, Reply
from bridge.sandbox.pingpong.world import World


def listed(world: World, rows: list[dict[str, Any]]) -> Reply:
    """A list: a bare array. With the switch it is the framework's page object, which a client should survive."""
    if world.settings.wrap_lists:
        return Reply(200, {"count": len(rows), "next": None, "previous": None, "results": rows})
    return Reply(200, rows)


def resets(world: World, call: Call) -> bool:
    """Whether this update sets fields to their defaults that it does not name."""
    return call.method == "PUT" and not world.settings.put_keeps
