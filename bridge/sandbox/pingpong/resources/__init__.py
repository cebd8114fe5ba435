"""The operations of the API, one module per resource; each has a table ``RESOURCES``."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.pingpong.http import Call, Reply, detail
from bridge.sandbox.pingpong.world import World


def listed(world: World, call: Call, rows: list[dict[str, Any]]) -> Reply:
    """A list: a bare array. With the switch it is the framework's page object, which a client should survive."""
    if not world.settings.wrap_lists:
        return Reply(200, rows)
    size = world.settings.page_size or max(len(rows), 1)
    start, count = (call.page - 1) * size, call.slip.count(rows)
    if call.page < 1 or (call.page > 1 and start >= count):
        raise detail(404, "Invalid page.")
    body = {
        "count": count,
        "next": f"{call.url}?page={call.page + 1}" if start + size < count else None,
        "previous": f"{call.url}?page={call.page - 1}" if call.page > 1 else None,
        "results": call.slip.cut(rows, start, size),
    }
    return Reply(200, body)


def resets(world: World, call: Call) -> bool:
    """Whether this update sets fields to their defaults that it does not name."""
    return call.method == "PUT" and not world.settings.put_keeps
