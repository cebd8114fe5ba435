"""Who may read which rows."""

from __future__ import annotations

from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.cachet3.impact import GUESTS, published
from bridge.sandbox.table import Row

LOGGED_IN = 0


def _visible(call: Call, level: int) -> bool:
    """Guests see 1, tokens 0 and 1; 2 is seen by nobody. Before July 2026 the API showed everything to everybody."""
    return not call.settings.meta or level == GUESTS or (level == LOGGED_IN and not call.guest)


def group(call: Call, row: Row) -> bool:
    """By its visibility."""
    return _visible(call, row["visible"])


def component(call: Call, row: Row) -> bool:
    """Through its group, if it has one."""
    holder = call.world.groups.live(row["group_id"]) if row["group_id"] else None
    return holder is None or _visible(call, holder["visible"])


def component_alone(call: Call, row: Row) -> bool:
    """A single component: disabled ones are for tokens only."""
    return component(call, row) and (row["enabled"] or not call.guest or not call.settings.meta)


def incident(call: Call, row: Row) -> bool:
    """By its visibility; one that is not published yet needs the ability to manage incidents."""
    return _visible(call, row["visible"]) and (published(row, call.now) or call.may("incidents.manage"))


def schedule(call: Call, row: Row) -> bool:
    """One that is not published yet needs the ability to manage schedules."""
    return published(row, call.now) or call.may("schedules.manage")


def metric(call: Call, row: Row) -> bool:
    """By its visibility."""
    return _visible(call, row["visible"])


def anything(call: Call, row: Row) -> bool:
    """No restriction."""
    return True
