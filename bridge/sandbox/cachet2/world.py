"""The rows of a Cachet 2 installation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bridge.sandbox.table import Row, Table


@dataclass
class Settings:
    """The switches of the Cachet 2 sandbox.

    Attributes:
        version: "2.4" or "2.3", the dialect that is spoken.
        zone: the display zone of the site, which the API never tells.
        always_authenticate: reads need a token too, except ping, version and status.
        maintenance_mode: everything answers 503.
        release_service_up: when False, ``/version`` answers 500.
        verify_subscribers: subscribers made without ``verify`` are verified at once (2.4).
        date_format: strftime-like pattern of ``verified_at``; ``{suffix}`` is the English ordinal suffix of the day.
        rate_limit: requests a minute before 429; None as in the real program (a proxy in front may have one).
        seeded: whether ``reset`` fills in the demo rows or gives a fresh installation.
    """

    version: Literal["2.3", "2.4"] = "2.4"
    zone: str = "UTC"
    always_authenticate: bool = False
    maintenance_mode: bool = False
    release_service_up: bool = True
    verify_subscribers: bool = False
    date_format: str = "%A %-d{suffix} %B %Y %H:%M:%S"
    rate_limit: int | None = None
    seeded: bool = True


@dataclass
class World:
    """All tables; ``tags`` holds tag names in the order in which they were first used."""

    components: Table = field(default_factory=Table)
    groups: Table = field(default_factory=Table)
    incidents: Table = field(default_factory=Table)
    updates: Table = field(default_factory=lambda: Table(by=["incident_id"]))
    schedules: Table = field(default_factory=Table)
    metrics: Table = field(default_factory=Table)
    points: Table = field(default_factory=Table)
    subscribers: Table = field(default_factory=Table)
    subscriptions: Table = field(default_factory=Table)
    templates: Table = field(default_factory=Table)
    tags: Table = field(default_factory=Table)


def component_row(name: str, now: datetime, **values: Any) -> Row:
    """A component's columns with the defaults of the schema."""
    row: Row = {
        "name": name, "description": "", "link": "", "status": 1, "order": 0, "group_id": 0, "enabled": True,
        "meta": None, "created_at": now, "updated_at": now, "deleted_at": None, "tags": [],
    }  # fmt: skip
    return {**row, **values}


def seed(world: World, now: datetime) -> None:
    """Fill in the demo rows: four components, two of them in the group Core, and a template."""
    core = world.groups.add(
        {"name": "Core", "order": 0, "visible": 1, "collapsed": 0, "created_at": now, "updated_at": now}
    )
    for order, name in enumerate(("Public API", "Website", "Dashboard", "Background jobs")):
        group = core["id"] if order < 2 else 0
        world.components.add(component_row(name, now, order=order, group_id=group))
    world.templates.add(
        {
            "name": "Service outage", "slug": "service-outage",
            "template": "{{ service }} is not reachable. We are working on {{ incident.name }}.",
            "created_at": now, "updated_at": now, "deleted_at": None,
        }
    )  # fmt: skip
