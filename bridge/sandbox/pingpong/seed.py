"""What is on the PingPong sandbox after a reset."""

from __future__ import annotations

from bridge.sandbox.pingpong.objects import Component, Group
from bridge.sandbox.pingpong.world import World

GROUP_ID = "6HGV4X24UzuTDjEdHEJEoy"
COMPONENT_IDS = {
    "Public API": "bnFEh8C9AM7tGy4xFbEcGi",
    "Website": "8NHWGJm9GTUPND4VnsF4BD",
    "Dashboard": "bjwbV4S9tCk4hNCGyDzvYG",
    "Background jobs": "Uu4w8JvJPfK8HmyhhqK8aW",
}
CORE = ("Public API", "Website")


def seed(world: World) -> None:
    """Four operational components, the first two in the group "Core"."""
    now = world.now()
    world.groups[GROUP_ID] = Group(GROUP_ID, "Core", now)
    for name, id in COMPONENT_IDS.items():
        world.components[id] = Component(id, name, now, group=GROUP_ID if name in CORE else None)
