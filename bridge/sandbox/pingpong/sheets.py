"""The objects of a PingPong project as a dump has them. Updates stand for themselves."""

from __future__ import annotations

from bridge.sandbox.dump.columns import (
    FLAG,
    NUMBER,
    STAMP,
    TEXT,
    TEXT_OR_NONE,
    TOLD,
    WHOLE,
    Column,
    Many,
    Pairs,
    Reference,
    choice,
)
from bridge.sandbox.dump.sheets import DRAWN, Sheet
from bridge.sandbox.pingpong.tables import (
    COMPONENT_STATUSES,
    FREQUENCIES,
    LOCATIONS,
    ROLLUPS,
    SHOWCASES,
    UPDATE_STATUSES,
)

_COMPONENT = Reference(kinds=("components",))
_METRIC: dict[str, Column] = {
    "name": TEXT, "description": TEXT_OR_NONE, "component": Reference(optional=True, kinds=("components",)),
    "created_at": TOLD,
}  # fmt: skip

SHEETS = (
    Sheet("groups", DRAWN, {"name": TEXT, "description": TEXT_OR_NONE, "created_at": STAMP}),
    Sheet(
        "components", DRAWN,
        {
            "name": TEXT, "group": Reference(optional=True, kinds=("groups",)), "status": choice(*COMPONENT_STATUSES),
            "description": TEXT_OR_NONE, "showcased": FLAG, "created_at": STAMP,
        },
        known_by=("name", "group"),
    ),
    Sheet(
        "incidents", DRAWN,
        {
            "title": TEXT, "message": TEXT, "imposed": Pairs(key=_COMPONENT, value=choice(*COMPONENT_STATUSES)),
            "occurred_at": TOLD, "reported_by": TEXT, "created_at": STAMP,
        },
        known_by=("title",),
    ),
    Sheet(
        "updates", DRAWN,
        {
            "incident_id": Reference(kinds=("incidents",)), "status": choice(*UPDATE_STATUSES), "message": TEXT,
            "reported_by": TEXT, "created_at": STAMP,
        },
        known_by=("incident_id",),
    ),
    Sheet(
        "maintenances", DRAWN,
        {
            "name": TEXT, "message": TEXT, "component_ids": Many(of=_COMPONENT), "scheduled_for": TOLD,
            "ends_at": TOLD, "reported_by": TEXT, "created_at": STAMP,
        },
    ),
    Sheet(
        "metrics", DRAWN,
        {
            **_METRIC, "url": TEXT, "frequency": choice(*FREQUENCIES), "location": choice(*LOCATIONS),
            "showcased": choice(*SHOWCASES),
        },
    ),
    Sheet(
        "custom_metrics", DRAWN,
        {
            **_METRIC, "suffix": TEXT, "rollup": choice(*ROLLUPS), "showcased": FLAG,
            "points": Pairs(key=WHOLE, value=NUMBER),
        },
    ),
)  # fmt: skip
