"""What cachet-client 4.0 (Python) can do for Cachet 2, the client can do too, and what it gets wrong is right here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus
from bridge.providers.base.results import Record
from bridge.providers.cachet2 import Client, has_tag, verified_at
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve

CRUD = ("create", "update", "list", "get", "count", "delete")
METHODS = {
    "ping": ("__call__", "get"),
    "version": ("__call__", "get"),
    "components": CRUD,
    "component_groups": CRUD,
    "incidents": CRUD,
    "incident_updates": CRUD,
    "metrics": ("create", "list", "get", "count", "delete"),
    "metric_points": ("create", "list", "count", "delete"),
    "schedules": CRUD,
    "subscribers": ("create", "list", "count", "delete"),
}
"""Manager → its methods, all of which have the same name here but one."""
RENAMED = {"delete": "remove", "template_vars": "vars", "created_at": "occurred_at"}

PARAMETERS = {
    "components": ("name", "status", "description", "link", "order", "group_id", "enabled", "tags"),
    "component_groups": ("name", "order", "collapsed", "visible"),
    "incidents": (
        "name", "message", "status", "visible", "stickied", "component_id", "component_status", "notify", "created_at",
        "occurred_at", "template", "template_vars",
    ),
    "incident_updates": ("status", "message"),
    "metrics": ("name", "description", "suffix", "default_value", "display_chart"),
    "metric_points": ("value",),
    "schedules": ("name", "status", "message", "scheduled_at", "completed_at", "notify"),
    "subscribers": ("email", "components", "verify"),
}  # fmt: skip
"""Manager → what create and update take, beside the ids of the path."""

PROPERTIES = {
    "components": (
        "id", "name", "description", "link", "status", "status_name", "order", "group_id", "enabled", "tags",
        "created_at", "updated_at",
    ),
    "component_groups": (
        "id", "name", "enabled_components", "order", "collapsed", "lowest_human_status", "visible", "created_at",
        "updated_at",
    ),
    "incidents": (
        "id", "component_id", "name", "message", "status", "human_status", "visible", "stickied", "occurred_at",
        "created_at", "updated_at", "deleted_at", "updates",
    ),
    "incident_updates": (
        "id", "incident_id", "status", "message", "user_id", "created_at", "updated_at", "human_status", "permalink",
    ),
    "metrics": (
        "id", "name", "suffix", "description", "calc_type", "default_value", "display_chart", "places", "default_view",
        "threshold", "order", "visible", "created_at", "updated_at",
    ),
    "metric_points": ("id", "metric_id", "value", "counter", "calculated_value", "created_at", "updated_at"),
    "schedules": ("id", "name", "message", "status", "scheduled_at", "completed_at"),
    "subscribers": ("id", "email", "verify_code", "global", "created_at", "updated_at", "verified_at"),
}  # fmt: skip
"""Manager → properties of its objects, as the answers spell them."""

ENUMS = {
    ComponentStatus: {
        ComponentStatus.OPERATIONAL: 1,
        ComponentStatus.DEGRADED: 2,
        ComponentStatus.PARTIAL_OUTAGE: 3,
        ComponentStatus.MAJOR_OUTAGE: 4,
    },
    IncidentStatus: {
        IncidentStatus.SCHEDULED: 0,
        IncidentStatus.INVESTIGATING: 1,
        IncidentStatus.IDENTIFIED: 2,
        IncidentStatus.MONITORING: 3,
        IncidentStatus.RESOLVED: 4,
    },
    MaintenanceStatus: {
        MaintenanceStatus.SCHEDULED: 0,
        MaintenanceStatus.IN_PROGRESS: 1,
        MaintenanceStatus.COMPLETED: 2,
    },
}
COLLAPSED = {"never": 0, "always": 1, "unless_operational": 2}


@pytest.fixture
def client() -> Iterator[Client]:
    with (
        serve(Sandbox(token="a-key-for-the-stage")) as server,
        Client(url=server.url + "/cachet2/api/v1", token="a-key-for-the-stage", environ={}) as made,
    ):
        yield made


def make_one_of_each(client: Client) -> dict[str, Record]:
    incident = client.incidents.create(name="x", message="m", status=1)
    metric = client.metrics.create(name="x", suffix="ms")
    return {
        "components": client.components.create(name="x", status=1),
        "component_groups": client.component_groups.create(name="x"),
        "incidents": incident,
        "incident_updates": client.incident_updates.create(status=2, message="m", incident_id=incident.id),
        "metrics": metric,
        "metric_points": client.metric_points.create(value=1, metric_id=metric.id),
        "schedules": client.schedules.create(name="x", status=0, scheduled_at=datetime(2026, 5, 4, tzinfo=UTC)),
        "subscribers": client.subscribers.create(email="x@example.com"),
    }


@pytest.mark.parametrize("manager", METHODS)
def test_every_method_is_there(client: Client, manager: str) -> None:
    ours = getattr(client, manager)
    assert [name for name in METHODS[manager] if not callable(getattr(ours, RENAMED.get(name, name), None))] == []


@pytest.mark.parametrize("manager", PARAMETERS)
def test_every_parameter_is_there(client: Client, manager: str) -> None:
    known = set(getattr(client, manager).fields)
    assert {RENAMED.get(name, name) for name in PARAMETERS[manager]} - known == set()


def test_every_property_is_there_right_after_creating(client: Client) -> None:
    made = make_one_of_each(client)
    lacking = {
        manager: [name for name in names if name not in made[manager]]
        for manager, names in PROPERTIES.items()
        if set(names) - set(made[manager])
    }
    assert lacking == {}


def test_objects_are_made_again_from_stored_json(client: Client) -> None:
    for record in make_one_of_each(client).values():
        text = json.dumps(record.to_dict())
        assert Record.from_json(text) == Record.from_dict(record.to_dict()) == record
        assert Record.list_from_json(f"[{text}]") == [record]


@pytest.mark.parametrize("enum", ENUMS)
def test_every_number_has_a_name_and_every_name_a_number(client: Client, enum: Any) -> None:
    for member, number in ENUMS[enum].items():
        assert client.words.to(member) == number
        assert client.words.of(enum, number) is member
    assert set(ENUMS[enum].values()) <= set(client.words.table(enum).values)
    assert client.words.choices["collapsed"] == COLLAPSED


def test_tags_can_be_set_added_deleted_and_asked_for(client: Client) -> None:
    client.components.set_tags(1, "One", "Two")
    client.components.add_tags(1, "Three")
    component = client.components.remove_tags(1, "two")
    assert sorted(component.tags.values()) == ["One", "Three"]
    assert has_tag(component, "ONE")


def test_what_belongs_to_an_object_can_be_listed(client: Client) -> None:
    made = make_one_of_each(client)
    assert client.incident_updates.count(incident_id=made["incidents"].id) == 1
    assert client.metric_points.count(metric_id=made["metrics"].id) == 1
    client.components.update(1, group_id=made["component_groups"]["id"])
    assert [row.id for row in client.component_groups.get(made["component_groups"].id).enabled_components] == ["1"]
    assert verified_at(made["subscribers"]) is not None


# --- what it gets wrong ----------------------------------------------------------------------------------------


def test_times_with_seconds_are_written_as_cachet_takes_them(client: Client) -> None:
    moment = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    incident = client.incidents.create(name="x", message="m", status=1, occurred_at=moment)
    schedule = client.schedules.create(name="x", status=1, scheduled_at=moment, notify=True)
    again = client.schedules.update(schedule.id, scheduled_at=moment, completed_at=schedule.scheduled_at)
    assert incident.moment("occurred_at") == again.moment("completed_at") == moment.replace(second=0)
    assert schedule.status == 1, "the status that was asked for"


def test_an_update_changes_only_what_it_names(client: Client) -> None:
    group = client.component_groups.create(name="x", visible=True, order=4)
    incident = client.incidents.create(name="x", message="m", status=1, visible=False, stickied=True)
    group = client.component_groups.update(group.id, name="y")
    incident = client.incidents.update(incident.id, name="y")
    assert (group.visible, group.order) == (1, 4)
    assert (incident.visible, incident.stickied, incident.message, incident.status) == (0, True, "m", 1)


def test_metrics_and_points_can_be_changed_and_points_have_times(client: Client) -> None:
    metric = client.metrics.create(name="x", suffix="ms", display_chart=False)
    assert client.metrics.update(metric.id, name="y", display_chart=True).name == "y"
    moment = datetime(2026, 5, 4, 3, 2, 30, tzinfo=UTC)
    point = client.metric_points.create(value=1, timestamp=moment, metric_id=metric.id)
    assert point.moment("created_at") == moment
    assert client.metric_points.update(point.id, value=2, metric_id=metric.id).value == 2


def test_a_list_takes_few_calls(client: Client) -> None:
    calls: list[object] = []
    with Client(url=client.http.base, token="a-key-for-the-stage", environ={}, observe=calls.append) as watched:
        for number in range(25):
            client.metrics.create(name=str(number), suffix="ms")
        assert len(list(watched.metrics.list())) == 25
    assert len(calls) == 1
