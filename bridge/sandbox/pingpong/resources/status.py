"""The page's phrase, and what is going on right now."""

from __future__ import annotations

from bridge.sandbox.pingpong.http import Call, Reply, Resource
from bridge.sandbox.pingpong.resources.incidents import newest_first
from bridge.sandbox.pingpong.views import show_incident, show_maintenance
from bridge.sandbox.pingpong.world import World


def get_status(world: World, _call: Call) -> Reply:
    """Phrase and colour of the whole page."""
    phrase, colour = world.phrase()
    return Reply(200, {"status": phrase, "status_color": colour})


def get_live(world: World, _call: Call) -> Reply:
    """Unresolved incidents, and maintenance in progress."""
    now = world.context.clock.now()
    return Reply(
        200,
        {
            "project": world.settings.project,
            "url": "https://sandbox.pingpong.host",
            "incidents": [show_incident(world, incident) for incident in newest_first(world) if incident.live],
            "maintenance": [show_maintenance(world, w) for w in world.maintenances.values() if w.running(now)],
        },
    )


RESOURCES = (
    Resource("/status", {"GET": get_status}, "Status"),
    Resource("/live", {"GET": get_live}, "Live"),
)
