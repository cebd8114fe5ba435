"""The tables of Cachet 2 as a dump has them."""

from __future__ import annotations

from bridge.sandbox.dump.columns import (
    ANY,
    FLAG,
    MADE,
    NUMBER,
    STAMP,
    STAMP_OR_NONE,
    TEXT,
    TEXT_OR_NONE,
    TOLD,
    TOLD_OR_NONE,
    WHOLE,
    Column,
    Many,
    Reference,
    choice,
)
from bridge.sandbox.dump.sheets import COUNTED, Sheet

_TIMES: dict[str, Column] = {"created_at": STAMP, "updated_at": STAMP}
_SOFT: dict[str, Column] = {**_TIMES, "deleted_at": STAMP_OR_NONE}
_COMPONENT = Reference(kinds=("components",))

SHEETS = (
    Sheet("groups", COUNTED, {"name": TEXT, "order": WHOLE, "visible": WHOLE, "collapsed": WHOLE, **_TIMES}),
    Sheet("tags", COUNTED, {"name": TEXT, "slug": TEXT}),
    Sheet(
        "components", COUNTED,
        {
            "name": TEXT, "description": ANY, "link": ANY, "status": WHOLE, "order": WHOLE,
            "group_id": Reference(kinds=("groups",), loose=True), "enabled": FLAG, "meta": ANY,
            "tags": Many(of=Reference(kinds=("tags",))), **_SOFT,
        },
        known_by=("name", "group_id"),
    ),
    Sheet(
        "incidents", COUNTED,
        {
            "name": TEXT, "status": WHOLE, "visible": WHOLE, "stickied": FLAG, "message": TEXT, "user_id": WHOLE,
            "component_id": Reference(kinds=("components",), loose=True), "meta": ANY, "occurred_at": TOLD, **_SOFT,
        },
    ),
    Sheet(
        "updates", COUNTED,
        {
            "incident_id": Reference(kinds=("incidents",)), "status": WHOLE, "message": TEXT, "user_id": WHOLE,
            **_TIMES,
        },
        known_by=("incident_id",),
    ),
    Sheet(
        "schedules", COUNTED,
        {
            "name": TEXT, "message": TEXT_OR_NONE, "status": choice(0, 1, 2), "scheduled_at": TOLD,
            "completed_at": TOLD_OR_NONE, **_SOFT,
        },
    ),
    Sheet(
        "metrics", COUNTED,
        {
            "name": TEXT, "suffix": TEXT, "description": ANY, "default_value": ANY, "calc_type": WHOLE,
            "display_chart": FLAG, "places": WHOLE, "default_view": WHOLE, "threshold": WHOLE, "order": WHOLE,
            "visible": WHOLE, **_TIMES,
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
        "subscribers", COUNTED, {"email": TEXT, "verify_code": MADE, "verified_at": STAMP_OR_NONE, **_TIMES},
        known_by=("email",),
    ),
    Sheet(
        "subscriptions", COUNTED,
        {"subscriber_id": Reference(kinds=("subscribers",)), "component_id": _COMPONENT, **_TIMES},
        known_by=("subscriber_id", "component_id"),
    ),
    Sheet("templates", COUNTED, {"name": TEXT, "slug": TEXT, "template": TEXT, **_SOFT}, known_by=("slug",)),
)  # fmt: skip
