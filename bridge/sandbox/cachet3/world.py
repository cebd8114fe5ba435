"""The rows of a Cachet 3 installation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bridge.sandbox.table import Row, Table

ALL = frozenset({"*"})
LATER_FIELDS = ("meta", "published_at")
"""Fields of requests that servers from before July 2026 do not know."""
LATER_ATTRIBUTES = ("latest_status", "published")
"""Attributes of answers that they do not have."""


@dataclass
class Settings:
    """The switches of the Cachet 3 sandbox.

    Attributes:
        zone: the application's time zone, which no endpoint tells.
        rate_limit: requests a minute and bucket; None switches the limiter off.
        api_enabled: when False every route is a 404.
        api_protected: when True every route needs a valid token.
        database: "mariadb" (decimals as text, narrow columns) or "sqlite".
        major_outage_share: share of components in major outage that makes the page red.
        seeded: whether ``reset`` fills in the demo rows or gives a fresh installation.
        meta: False plays a server from before July 2026: no free data, no ``published``, no ``latest_status``, and
            guests read hidden rows too.
        subscribers: False plays a server from before July 8, 2026, without an API for them.
    """

    zone: str = "UTC"
    rate_limit: int | None = 300
    api_enabled: bool = True
    api_protected: bool = False
    database: Literal["mariadb", "sqlite"] = "mariadb"
    major_outage_share: float = 0.25
    seeded: bool = True
    meta: bool = True
    subscribers: bool = True


@dataclass
class World:
    """All tables. An incident's and a schedule's ``components`` map component id → impact (the pivot rows)."""

    components: Table = field(default_factory=Table)
    groups: Table = field(default_factory=Table)
    incidents: Table = field(default_factory=Table)
    updates: Table = field(default_factory=lambda: Table(by=["parent_type", "parent_id"]))
    templates: Table = field(default_factory=Table)
    schedules: Table = field(default_factory=Table)
    metrics: Table = field(default_factory=Table)
    points: Table = field(default_factory=lambda: Table(by=["metric_id"]))
    subscribers: Table = field(default_factory=Table)
    webhooks: Table = field(default_factory=Table)


def component_row(name: str, now: datetime, **values: Any) -> Row:
    """A component's columns; without ``status`` it is unknown (5)."""
    row: Row = {
        "name": name, "description": None, "link": None, "order": None, "status": 5, "enabled": True,
        "group_id": None, "meta": {}, "created_at": now, "updated_at": now, "deleted_at": None,
    }  # fmt: skip
    return {**row, **values}


def group_row(name: str, now: datetime, **values: Any) -> Row:
    """A group's columns with the database's defaults: collapsed, and hidden from guests."""
    row: Row = {
        "name": name, "order": 0, "order_column": None, "order_direction": None, "collapsed": 1, "visible": 0,
        "meta": {}, "created_at": now, "updated_at": now,
    }  # fmt: skip
    return {**row, **values}


def seed(world: World, now: datetime) -> None:
    """Fill in the demo rows: four components, two of them in the visible group Core."""
    core = world.groups.add(group_row("Core", now, visible=1))
    for order, name in enumerate(("Public API", "Website", "Dashboard", "Background jobs")):
        group = core["id"] if order < 2 else None
        world.components.add(component_row(name, now, status=1, order=order, group_id=group))
