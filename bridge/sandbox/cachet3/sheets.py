"""The tables of Cachet 3 as a dump has them.

Of the listeners of webhooks only the counter is: each has a secret, and a dump holds none.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.sandbox.cachet3 import words
from bridge.sandbox.dump.columns import (
    FLAG,
    MADE,
    NUMBER,
    NUMBER_OR_NONE,
    OBJECT,
    STAMP,
    STAMP_OR_NONE,
    TEXT,
    TEXT_OR_NONE,
    TOLD,
    TOLD_OR_NONE,
    WHOLE,
    WHOLE_OR_NONE,
    Column,
    Many,
    Pairs,
    Reference,
    choice,
)
from bridge.sandbox.dump.sheets import COUNTED, Sheet
from bridge.sandbox.table import Row

_TIMES: dict[str, Column] = {"created_at": STAMP, "updated_at": STAMP}
_SOFT: dict[str, Column] = {**_TIMES, "deleted_at": STAMP_OR_NONE}
_COMPONENT = Reference(kinds=("components",))
_IMPACTS = Pairs(key=_COMPONENT, value=choice(0, *words.COMPONENT))

SHEETS = (
    Sheet(
        "groups", COUNTED,
        {
            "name": TEXT, "order": WHOLE, "order_column": TEXT_OR_NONE, "order_direction": TEXT_OR_NONE,
            "collapsed": WHOLE, "visible": WHOLE, "meta": OBJECT, **_TIMES,
        },
    ),
    Sheet(
        "components", COUNTED,
        {
            "name": TEXT, "description": TEXT_OR_NONE, "link": TEXT_OR_NONE, "order": WHOLE_OR_NONE,
            "status": choice(*words.COMPONENT), "enabled": FLAG,
            "group_id": Reference(optional=True, kinds=("groups",), loose=True), "meta": OBJECT, **_SOFT,
        },
        known_by=("name", "group_id"),
    ),
    Sheet(
        "incidents", COUNTED,
        {
            "guid": MADE, "name": TEXT, "message": TEXT, "status": choice(*words.INCIDENT), "visible": WHOLE,
            "stickied": FLAG, "notifications": FLAG, "occurred_at": TOLD_OR_NONE, "published_at": TOLD,
            "components": _IMPACTS, "meta": OBJECT, **_SOFT,
        },
    ),
    Sheet(
        "schedules", COUNTED,
        {
            "name": TEXT, "message": TEXT, "scheduled_at": TOLD, "completed_at": TOLD_OR_NONE, "published_at": TOLD,
            "components": _IMPACTS, "meta": OBJECT, **_SOFT,
        },
    ),
    Sheet(
        "updates", COUNTED,
        {
            "incident_id": Reference(optional=True, kinds=("incidents",)),
            "schedule_id": Reference(optional=True, kinds=("schedules",)), "message": TEXT,
            "status": WHOLE_OR_NONE, **_TIMES,
        },
        known_by=("incident_id", "schedule_id"),
    ),
    Sheet("templates", COUNTED, {"name": TEXT, "slug": TEXT, "template": TEXT, "engine": TEXT, **_TIMES}),
    Sheet(
        "metrics", COUNTED,
        {
            "name": TEXT, "suffix": TEXT, "description": TEXT_OR_NONE, "default_value": NUMBER_OR_NONE,
            "calc_type": WHOLE, "display_chart": FLAG, "places": WHOLE, "threshold": WHOLE, "default_view": WHOLE,
            "order": WHOLE, "visible": WHOLE, **_TIMES,
        },
    ),
    Sheet(
        "points", COUNTED,
        {
            "metric_id": Reference(kinds=("metrics",)), "value": NUMBER, "counter": WHOLE, "created_at": TOLD,
            "updated_at": STAMP,
        },
        known_by=("metric_id", "created_at"),
    ),
    Sheet(
        "subscribers", COUNTED,
        {
            "email": TEXT, "global": FLAG, "components": Many(of=_COMPONENT), "verified_at": STAMP_OR_NONE,
            "meta": OBJECT, **_TIMES,
        },
        known_by=("email",),
    ),
    Sheet("webhooks", COUNTED, {}, known_by=()),
)  # fmt: skip


def with_parents(rows: Iterable[Row]) -> list[Row]:
    """Updates as the dump has them: one reference for each kind of parent."""
    return [
        {**row, **{f"{kind}_id": row["parent_id"] if kind == row["parent_type"] else None for kind in _PARENTS}}
        for row in rows
    ]


def with_parent(rows: Iterable[Row]) -> list[Row]:
    """Updates as the table has them; the inverse of :func:`with_parents`."""
    return [_with_parent(row) for row in rows]


def _with_parent(row: Row) -> Row:
    kind = "incident" if row["incident_id"] is not None else "schedule"
    rest = {key: value for key, value in row.items() if key not in ("incident_id", "schedule_id")}
    return {**rest, "parent_type": kind, "parent_id": row[f"{kind}_id"]}


_PARENTS = ("incident", "schedule")
