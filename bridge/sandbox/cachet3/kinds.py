"""What the API knows about each kind of resource: type, relations, filters, sorts, includes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.sandbox.cachet3 import shapes, sight
from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.table import Row

Rows = Iterable[tuple[Row, dict[str, Any]]]
"""Related rows, each with the attributes that the relation adds (the pivot)."""


@dataclass(frozen=True)
class Relation:
    """A relation that can be included.

    Attributes:
        kind: name of the related kind.
        rows: finds the related rows that the caller may see.
        many: False for a relation to one or none.
    """

    kind: str
    rows: Callable[[Call, Row], Rows]
    many: bool = True


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Attributes:
        filters: name → test (``partial``, ``exact``, ``meta``, ``occurs``, ``derived``); None: all are ignored.
        sorts: name → column.
        default_sort: used without ``sort``.
        includes: what may be asked for, in the order in which an error names it.
    """

    type: str
    model: str
    shape: Callable[[Call, Row], dict[str, Any]]
    relations: Mapping[str, Relation] = field(default_factory=dict)
    filters: Mapping[str, str] | None = None
    sorts: Mapping[str, str] = field(default_factory=dict)
    default_sort: str = ""
    includes: Sequence[str] = ()


def _group_of(call: Call, row: Row) -> Rows:
    found = call.world.groups.live(row["group_id"]) if row["group_id"] else None
    return [(found, {})] if found is not None and sight.group(call, found) else []


def _incidents_of(call: Call, row: Row) -> Rows:
    return [(i, {}) for i in call.world.incidents if row["id"] in i["components"] and sight.incident(call, i)]


def _members(call: Call, row: Row) -> Rows:
    return [(c, {}) for c in call.world.components if c["group_id"] == row["id"]]


def _affected(call: Call, row: Row) -> Rows:
    for number, status in row["components"].items():
        component = call.world.components.live(number)
        if component is not None and sight.component(call, component):
            pivot = {"component_status": shapes.component_status(status)} if status else {"component_status": None}
            yield component, {"pivot": pivot}


def _subscribed(call: Call, row: Row) -> Rows:
    found = (call.world.components.live(number) for number in row["components"])
    return [(c, {}) for c in found if c is not None]


def _updates_of(parent_type: str) -> Callable[[Call, Row], Rows]:
    def rows(call: Call, row: Row) -> Rows:
        return [(u, {}) for u in call.world.updates.of(parent_type, row["id"])]

    return rows


def _parent(table: str) -> Callable[[Call, Row], Rows]:
    def rows(call: Call, row: Row) -> Rows:
        parent = getattr(call.world, table).live(row.get("parent_id") or row.get("metric_id"))
        return [(parent, {})] if parent is not None else []

    return rows


def _points_of(call: Call, row: Row) -> Rows:
    return [(p, {}) for p in call.world.points.of(row["id"])]


def _nobody(call: Call, row: Row) -> Rows:
    return []


def _countable(*names: str) -> tuple[str, ...]:
    return tuple(name + suffix for name in names for suffix in ("", "Count", "Exists"))


KINDS: dict[str, Kind] = {
    "component": Kind(
        "components", "Component", shapes.component,
        {"group": Relation("group", _group_of, many=False), "incidents": Relation("incident", _incidents_of)},
        {"name": "partial", "status": "exact", "enabled": "exact", "meta": "meta"},
        {"name": "name", "order": "order", "id": "id"},
        includes=(*_countable("group"), "incidents", *_countable("meta")),
    ),
    "group": Kind(
        "componentGroups", "ComponentGroup", shapes.group, {"components": Relation("component", _members)},
        {"meta": "meta"}, {"name": "name", "id": "id"}, includes=_countable("components", "meta"),
    ),
    "incident": Kind(
        "incidents", "Incident", shapes.incident,
        {
            "components": Relation("component", _affected), "updates": Relation("update", _updates_of("incident")),
            "user": Relation("user", _nobody, many=False),
        },
        {
            "name": "partial", "status": "exact", "occurs_after": "occurs", "occurs_before": "occurs",
            "occurs_on": "occurs", "meta": "meta",
        },
        {"name": "name", "status": "status", "id": "id", "created_at": "created_at"}, "-created_at",
        (*_countable("components"), "components.group", *_countable("updates", "user", "meta")),
    ),
    "incident_update": Kind(
        "updates", "Update", shapes.update, {"incident": Relation("incident", _parent("incidents"), many=False)},
        {"status": "exact"}, {"status": "status", "created_at": "created_at"}, includes=_countable("incident"),
    ),
    "schedule_update": Kind(
        "updates", "Update", shapes.update, {"schedule": Relation("schedule", _parent("schedules"), many=False)},
        None, {"created_at": "created_at"}, includes=_countable("schedule"),
    ),
    "update": Kind("updates", "Update", shapes.update),
    "template": Kind(
        "incidentTemplates", "IncidentTemplate", shapes.template, {}, {"name": "partial", "slug": "partial"},
        {"name": "name", "slug": "slug", "id": "id"},
    ),
    "schedule": Kind(
        "schedules", "Schedule", shapes.schedule,
        {"components": Relation("component", _affected), "updates": Relation("update", _updates_of("schedule"))},
        {"name": "partial", "status": "derived", "meta": "meta"},
        {"name": "name", "id": "id", "scheduled_at": "scheduled_at", "completed_at": "completed_at"},
        includes=(*_countable("components"), "components.group", *_countable("updates", "user", "meta")),
    ),
    "metric": Kind(
        "metrics", "Metric", shapes.metric, {"points": Relation("point", _points_of)},
        {"name": "partial", "calc_type": "partial"}, {"name": "name", "order": "order", "id": "id"}, "-created_at",
        _countable("points"),
    ),
    "point": Kind(
        "metricPoints", "MetricPoint", shapes.point, {"metric": Relation("metric", _parent("metrics"), many=False)},
        None, {"id": "id", "value": "value", "created_at": "created_at"}, includes=_countable("metric"),
    ),
    "subscriber": Kind(
        "subscribers", "Subscriber", shapes.subscriber, {"components": Relation("component", _subscribed)},
        {"email": "partial", "global": "exact", "meta": "meta"}, {"email": "email", "id": "id"},
        includes=_countable("components", "meta"),
    ),
}  # fmt: skip
