"""The Cachet 3 client against the sandbox over HTTP: every operation, in the shapes that people use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bridge.errors import Busy, ConfigError, Gone, NotAllowed, Refused
from bridge.model.enums import ComponentStatus, IncidentStatus
from bridge.model.facts import Call
from bridge.providers.base import coverage
from bridge.providers.cachet3 import Client
from bridge.providers.cachet3.documents import Documents
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server, serve

OPERATIONS = Path(__file__).parents[2] / "meta" / "data" / "operations-cachet3.json"
TOKEN = "7|a-token-nobody-may-see"


@pytest.fixture
def sandbox() -> Sandbox:
    made = Sandbox(token=TOKEN)
    made.plugins["cachet3"].settings.rate_limit = None  # type: ignore[attr-defined]
    return made


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    with serve(sandbox) as running:
        yield running


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def client(server: Server, calls: list[Call]) -> Iterator[Client]:
    with Client(url=f"{server.url}/cachet3", token=TOKEN, rate=(10_000, 1.0), observe=calls.append, environ={}) as made:
        yield made


def use_everything(client: Client) -> None:
    """Each operation at least once."""
    client.server.ping()
    client.server.version()
    client.server.status()
    _use_the_page(client)
    _use_the_rest(client)


def _use_the_page(client: Client) -> None:
    group = client.component_groups.create(name="Edge", visible=True)
    client.component_groups.update(group.id, name="Edge 2")
    client.component_groups.replace(group.id, name="Edge 3")
    client.component_groups.get(group.id)
    list(client.component_groups.list())
    component = client.components.create(name="Cache", status=ComponentStatus.OPERATIONAL, component_group_id=group.id)
    client.components.update(component.id, status=ComponentStatus.DEGRADED)
    client.components.replace(component.id, description="Near.")
    client.components.get(component.id, include="group")
    list(client.components.list(enabled=[0, 1], sort="-id"))
    incident = client.incidents.create(
        name="Slow", message="We look.", status=IncidentStatus.INVESTIGATING, visible=True
    )
    client.incidents.update(incident.id, name="Very slow")
    client.incidents.replace(incident.id, stickied=True)
    client.incidents.get(incident.id, include="updates,components")
    list(client.incidents.list(status=IncidentStatus.INVESTIGATING))
    update = client.incident_updates.create(incident=incident.id, status=IncidentStatus.IDENTIFIED, message="Found.")
    client.incident_updates.update(update.id, incident=incident.id, message="Found it.")
    client.incident_updates.replace(update.id, incident=incident.id, message="Found it!")
    client.incident_updates.get(update.id, incident=incident.id)
    list(client.incident_updates.list(incident=incident.id))
    client.incident_updates.remove(update.id, incident=incident.id)
    _gone(client.incidents, incident.id)
    _gone(client.components, component.id)
    _gone(client.component_groups, group.id)


def _gone(collection: Documents, remote_id: str) -> None:
    collection.remove(remote_id)
    with pytest.raises(Gone):
        collection.get(remote_id)


def _use_the_rest(client: Client) -> None:
    template = client.incident_templates.create(name="Disk", slug="disk", template="We look into it.", engine="twig")
    client.incident_templates.update(template.id, name="Disks")
    client.incident_templates.replace(template.id, name="Disks!")
    client.incident_templates.get(template.id)
    list(client.incident_templates.list(slug="disk"))
    schedule = client.schedules.create(name="Work", message="New disks.", scheduled_at=datetime(2027, 1, 1, tzinfo=UTC))
    client.schedules.update(schedule.id, name="More work")
    client.schedules.replace(schedule.id, message="New disks and cables.")
    client.schedules.get(schedule.id)
    list(client.schedules.list())
    step = client.schedule_updates.create(schedule=schedule.id, message="Half done.")
    client.schedule_updates.update(step.id, schedule=schedule.id, message="Nearly done.")
    client.schedule_updates.replace(step.id, schedule=schedule.id, message="Done.")
    client.schedule_updates.get(step.id, schedule=schedule.id)
    list(client.schedule_updates.list(schedule=schedule.id))
    client.schedule_updates.remove(step.id, schedule=schedule.id)
    metric = client.metrics.create(name="Latency", suffix="ms", threshold=1)
    client.metrics.update(metric.id, suffix="s")
    client.metrics.replace(metric.id, description="How long.")
    client.metrics.get(metric.id)
    list(client.metrics.list(name="Latency"))
    point = client.metric_points.create(metric=metric.id, value=12.5)
    client.metric_points.get(point.id, metric=metric.id)
    list(client.metric_points.list(metric=metric.id))
    client.metric_points.remove(point.id, metric=metric.id)
    subscriber = client.subscribers.create(email="a@example.com", **{"global": True})
    client.subscribers.update(subscriber.id, email="b@example.com")
    client.subscribers.replace(subscriber.id, email="c@example.com")
    client.subscribers.get(subscriber.id)
    list(client.subscribers.list(email="c@example.com"))
    _gone(client.subscribers, subscriber.id)
    _gone(client.metrics, metric.id)
    _gone(client.schedules, schedule.id)
    _gone(client.incident_templates, template.id)


def test_every_operation_can_be_called(client: Client, calls: list[Call]) -> None:
    use_everything(client)
    called = {(call.method, call.path.removeprefix("/cachet3/api")) for call in calls}
    shapes = {
        (method, "/".join("{}" if part.isdigit() else part for part in path.split("/"))) for method, path in called
    }
    wanted = {coverage.plain(item) for item in coverage.read(OPERATIONS.read_text(encoding="utf-8"))}
    assert wanted - shapes == set()


def test_a_listing_goes_through_all_pages(client: Client) -> None:
    for number in range(60):
        client.incidents.create(name=f"Trouble {number}", message="We look.", status=1, visible=True)
    assert len(list(client.incidents.list(sort="id", per_page=25))) == 60
    assert client.incidents.count() == 60


def test_filters_are_plain_keywords(client: Client) -> None:
    client.incidents.create(name="Mine", message="We look.", status=1, visible=True, meta={"team": "core"})
    client.incidents.create(name="Theirs", message="We look.", status=2, visible=True)
    assert [row.name for row in client.incidents.list(meta={"team": "core"})] == ["Mine"]
    assert [row.name for row in client.incidents.list(status=[IncidentStatus.IDENTIFIED])] == ["Theirs"]


@pytest.mark.parametrize("meta", [{"ticket": "a,b"}, {"ticket": ["a", "b"]}, {"ticket": ""}, {"ticket": None}, "a"])
def test_a_filter_that_the_server_would_ignore_is_refused_before_anything_is_sent(
    client: Client, calls: list[Call], meta: object
) -> None:
    """It would list everything, and the first of that would be taken for the one that was looked for."""
    with pytest.raises(ValueError, match=r"meta|list everything"):
        list(client.incidents.list(meta=meta))
    assert calls == []


def test_what_was_included_stands_in_the_row(client: Client) -> None:
    made = client.incidents.create(
        name="Slow", message="We look.", status=1, visible=True, components=[{"id": 1, "status": 3}]
    )
    client.incident_updates.create(incident=made.id, status=2, message="Found.")
    row = client.incidents.get(made.id, include="components,updates")
    assert [item["name"] for item in row.components] == ["Public API"]
    assert [item["message"] for item in row.updates] == ["Found."]


def test_a_misspelt_field_is_told_before_anything_is_sent(client: Client, calls: list[Call]) -> None:
    with pytest.raises(TypeError, match="nmae"):
        client.components.create(nmae="Cache")
    assert calls == []


def test_a_row_can_be_made_again_from_what_was_stored(client: Client) -> None:
    stored = json.loads(json.dumps(client.components.get(1)))
    again = client.components.create(name=stored["name"] + " 2", status=stored["status"]["value"])
    assert again.name == "Public API 2"


def test_a_refusal_says_what_the_server_says(client: Client) -> None:
    with pytest.raises(Refused, match="name"):
        client.components.create(status=1)


def test_a_wrong_token_is_told_and_not_shown(server: Server) -> None:
    with Client(url=f"{server.url}/cachet3/api/", token="7|wrong-one", environ={}) as client:
        with pytest.raises(NotAllowed) as caught:
            client.components.create(name="Cache", status=1)
        assert "wrong-one" not in str(caught.value) + repr(client)


def test_features_are_probed_and_asked_once(client: Client, sandbox: Sandbox, calls: list[Call]) -> None:
    assert client.features.meta
    assert client.features.meta
    assert len(calls) == 1


def test_a_server_without_meta_is_recognised(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("status", provider="cachet3", status=400))
    assert not client.features.meta


def test_settings_come_from_the_environment(server: Server) -> None:
    environ = {"CACHET3_URL": f"{server.url}/cachet3", "CACHET3_TOKEN": TOKEN}
    with Client(environ=environ) as client:
        assert client.server.ping() == "Pong!"
    with pytest.raises(ConfigError, match="CACHET3_TOKEN"):
        Client(url="https://status.example.com", environ={})


def test_a_time_is_read_in_the_zone_of_the_server(client: Client) -> None:
    started = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    made = client.incidents.create(name="Slow", status=1, message="m", occurred_at=started)
    assert made.moment("occurred") == started
    assert made.moment("occurred", ZoneInfo("Europe/Berlin")) == started - timedelta(hours=2)
    assert made.moment("name") is None


def test_a_server_that_is_tired_of_reads_still_takes_writes(server: Server, sandbox: Sandbox) -> None:
    """Reads count against the caller's address, writes against the user of the token."""
    sandbox.plugins["cachet3"].settings.rate_limit = 3  # type: ignore[attr-defined]
    with Client(url=f"{server.url}/cachet3", token=TOKEN, environ={}) as client:
        with pytest.raises(Busy):
            for _ in range(5):
                client.components.get(1)
        assert client.components.update(1, name="Written all the same").name == "Written all the same"
        with pytest.raises(Busy):
            client.components.get(1)
