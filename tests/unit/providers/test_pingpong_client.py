"""The PingPong client against the sandbox: every operation over HTTP, and the traps of the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scripted_server import answer, scripted

from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError, Down, Gone, NotAllowed, Outcome, Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus, MetricAggregation, Visibility
from bridge.model.facts import Call
from bridge.providers.base.results import Record
from bridge.providers.pingpong import Client
from bridge.providers.pingpong.resources import Incidents
from bridge.providers.pingpong.settings import address
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.pingpong import COMPONENT_IDS, GROUP_ID, WIDGET_KEY
from bridge.sandbox.server import Server, serve
from bridge.secret import Secret

API, SITE, JOBS = COMPONENT_IDS["Public API"], COMPONENT_IDS["Website"], COMPONENT_IDS["Background jobs"]
BASE = "/pingpong/rest/v1"
TOKEN = "a-key-for-the-stage"
START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs" / "clients" / "pingpong.md"


class Ticking:
    """A clock that goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


@dataclass
class Staged:
    client: Client
    server: Server
    sandbox: Sandbox
    calls: list[Call] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        return [f"{call.method} {call.path.removeprefix(BASE)}" for call in self.calls]

    def switch(self, **switches: object) -> None:
        for name, value in switches.items():
            setattr(self.sandbox.plugins["pingpong"].settings, name, value)

    def told(self) -> list[bool]:
        """Of each write of an incident or maintenance, whether it said to tell subscribers."""
        rows = [entry.row for entry in self.sandbox.journal.entries("pingpong") if entry.row]
        return [row["notify_subscribers"] for row in rows if "notify_subscribers" in row]


@pytest.fixture
def staged() -> Iterator[Staged]:
    sandbox = Sandbox(Ticking(), TOKEN)
    calls: list[Call] = []
    with serve(sandbox) as server:
        where = {"url": server.url + BASE, "widget_key": WIDGET_KEY, "environ": {}}
        with Client(TOKEN, observe=calls.append, rate=(10_000, 60.0), **where) as client:  # type: ignore[arg-type]
            yield Staged(client, server, sandbox, calls)


@pytest.fixture
def client(staged: Staged) -> Client:
    return staged.client


# --- every operation -------------------------------------------------------------------------------------------


def use_page(client: Client) -> None:
    assert client.status.view().status_color == "green"
    assert client.live.view().incidents == []
    assert client.live.touched() == frozenset()
    assert client.widgets.status().status == client.widgets.status(WIDGET_KEY).status == "Operational"
    assert client.widgets.uptime().uptime == 100


def use_components(client: Client) -> None:
    group = client.component_groups.create(name="Edge")
    client.component_groups.update(group.id, description="near you")
    client.component_groups.replace(group.id, name="Border")
    shown = client.component_groups.get(group.id)
    assert (shown.name, shown.description) == ("Border", "near you")
    assert client.component_groups.count() == len(list(client.component_groups.list())) == 2
    made = client.components.create(name="CDN", status=ComponentStatus.DEGRADED, group=group)
    assert (made.status, made.group.id) == ("Minor issues", group.id)
    client.components.update(made.id, description="everywhere")
    client.components.replace(made.id, name="Edge cache", group=None)
    shown = client.components.get(made.id)
    assert (shown.name, shown.group, shown.description) == ("Edge cache", None, "everywhere")
    assert client.components.set_status(made.id, ComponentStatus.MAJOR_OUTAGE).status == "Critical state"
    assert client.components.replace_status(made.id, "Operational").status_color == "green"
    assert client.components.count() == len(list(client.components.list())) == 5


def use_incidents(client: Client) -> None:
    affected = {API: ComponentStatus.MAJOR_OUTAGE}
    made = client.incidents.create(title="Down", message="m", occurred_at=START, affected_components=affected)
    assert (made.status, made.occurred_at, made.updates) == ("In progress", "2026-05-04T12:00:00Z", [])
    client.incidents.update(made.id, title="Still down")
    client.incidents.replace(made.id, title="Down again", message="n")
    shown = client.incidents.get(made.id)
    assert (shown.title, shown.moment("occurred_at")) == ("Down again", START)
    of = {"incident_id": made.id}
    first = client.incident_updates.create(status=IncidentStatus.IDENTIFIED, message="one", **of)
    client.incident_updates.update(first.id, message="first", **of)
    client.incident_updates.replace(first.id, status=IncidentStatus.MONITORING, message="first", **of)
    assert "first" in client.incident_updates.get(first.id, **of).message
    assert [row.id for row in client.incidents.ongoing()] == [made.id]
    last = client.incident_updates.create(status=IncidentStatus.RESOLVED, message="over", **of)
    assert [row.id for row in client.incident_updates.list(**of)] == [first.id, last.id]
    assert client.words.of(IncidentStatus, client.incidents.get(made.id).status) is IncidentStatus.RESOLVED
    client.incident_updates.remove(last.id, **of)
    assert client.words.of(IncidentStatus, client.incidents.get(made.id).status) is IncidentStatus.MONITORING
    assert client.incidents.count() == len(list(client.incidents.list())) == 1


def use_maintenance(client: Client) -> None:
    made = client.maintenance.create(
        title="Disks", message="m", scheduled_for=START + timedelta(days=1), ends_at=START + timedelta(days=2),
        affected_components=[client.components.get(JOBS), API],
    )  # fmt: skip
    assert {row.id for row in made.affected_components} == {JOBS, API}
    client.maintenance.update(made.id, scheduled_for=START - timedelta(hours=1))
    client.maintenance.replace(made.id, title="New disks", scheduled_for=START, ends_at="2026-05-06T00:00:00Z")
    shown = client.maintenance.get(made.id)
    assert (shown.title, shown.name, shown.ends_at) == ("New disks", "New disks", "2026-05-06T00:00:00Z")
    assert client.words.of(MaintenanceStatus, shown.status) is MaintenanceStatus.IN_PROGRESS
    assert client.maintenance.count() == len(list(client.maintenance.list())) == 1


def use_metrics(client: Client) -> None:
    address = {"url": "https://example.com/", "frequency": "5 minutes", "location": "Sweden"}
    measured = client.metrics.create(name="Answers", component=API, showcased=Visibility.HIDDEN, **address)
    assert (measured.showcased, measured.component.id) == ("Don't showcase", API)
    client.metrics.update(measured.id, showcased=Visibility.PUBLIC, component=client.components.get(JOBS))
    client.metrics.replace(measured.id, name="Response")
    shown = client.metrics.get(measured.id)
    assert (shown.name, shown.component.id, shown.frequency) == ("Response", JOBS, "5 minutes")
    assert shown.showcased == "Showcase uptime and response time"
    assert client.metrics.count() == len(list(client.metrics.list())) == 1
    fed = client.custom_metrics.create(name="Orders", suffix="a minute", rollup=MetricAggregation.SUM, showcased=True)
    client.custom_metrics.update(fed.id, description="all of them")
    client.custom_metrics.replace(fed.id, name="All orders")
    shown = client.custom_metrics.get(fed.id)
    assert (shown.name, shown.rollup, shown.description) == ("All orders", "Sum of all values", "all of them")
    assert client.custom_metrics.count() == len(list(client.custom_metrics.list())) == 1
    kept = client.metric_points.add({fed.id: [{"timestamp": START + timedelta(seconds=59), "value": 2.5}]})
    assert kept == {fed.id: [{"timestamp": int(START.timestamp()), "value": 2.5}]}


def use_everything(client: Client) -> None:
    """Each operation at least once."""
    for use in (use_page, use_components, use_maintenance, use_incidents, use_metrics):
        use(client)


def test_every_operation_works_over_http(staged: Staged) -> None:
    use_everything(staged.client)
    unused = dict(Client.served())
    for method, path in (line.replace("/pingpong/", "/").split(" ", 1) for line in staged.asked):
        # A literal path wins over one with an id in its place, as it does on the server.
        fitting = [call for call in Client.served() if call[0] == method and _fits(call[1], path)]
        unused.pop(min(fitting, key=lambda call: call[1].count("{")), None)
    assert unused == {}
    assert len(Client.served()) == 44


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


# --- PATCH or PUT ----------------------------------------------------------------------------------------------


def test_where_only_put_is_allowed_the_object_is_read_and_sent_whole(staged: Staged) -> None:
    staged.switch(update_methods=["PUT"], put_keeps=False)
    client = staged.client
    made = client.components.create(name="CDN", description="d", group=GROUP_ID, status="Minor issues", showcased=True)
    staged.calls.clear()
    client.components.update(made.id, name="Edge")
    one = f"/components/{made.id}"
    assert staged.asked == [f"PATCH {one}", f"GET {one}", "GET /live", f"PUT {one}"]
    staged.calls.clear()
    client.components.update(made.id, showcased=False)
    assert staged.asked == [f"GET {one}", "GET /live", f"PUT {one}"]
    assert client.components.get(made.id).raw == {**made.raw, "name": "Edge", "showcased": False}


def test_nothing_of_an_incident_or_maintenance_or_metric_is_reset_by_a_put(staged: Staged) -> None:
    staged.switch(update_methods=["PUT"], put_keeps=False)
    client = staged.client
    incident = client.incidents.create(
        title="Down", message="m", occurred_at=START, affected_components={API: ComponentStatus.DEGRADED}
    )
    work = client.maintenance.create(
        title="Disks", message="m", scheduled_for=START, ends_at=START + timedelta(days=2), affected_components=[JOBS]
    )
    metric = client.custom_metrics.create(name="Orders", component=API, suffix="s", rollup=MetricAggregation.MAX)
    assert client.incidents.update(incident.id, title="Up").raw == {**incident.raw, "title": "Up"}
    changed = client.maintenance.update(work.id, title="Racks").raw
    assert changed == {**work.raw, "name": "Racks"}
    assert client.custom_metrics.update(metric.id, name="All").raw == {**metric.raw, "name": "All"}


def test_a_status_that_an_incident_hides_is_never_written_as_the_components_own(staged: Staged) -> None:
    staged.switch(update_methods=["PUT"], put_keeps=False)
    client = staged.client
    client.incidents.create(title="Down", message="m", affected_components={API: ComponentStatus.MAJOR_OUTAGE})
    with pytest.raises(TypeError, match="pass status"):
        client.components.update(API, name="The API")
    client.components.update(API, name="The API", status=ComponentStatus.OPERATIONAL)
    assert staged.sandbox.plugins["pingpong"].world.components[API].status == "Operational"
    assert client.components.get(API).status == "Critical state"


def test_a_method_that_is_told_is_the_only_one(staged: Staged) -> None:
    staged.switch(update_methods=["PATCH"])
    told = Client(TOKEN, url=staged.server.url + BASE, update_method="put", environ={})
    with told, pytest.raises(Refused) as caught:
        told.components.set_status(API, "Operational")
    assert (caught.value.status, caught.value.detail) == (405, 'Method "PUT" not allowed.')
    staged.client.components.set_status(API, "Operational")
    staged.client.components.update(API, name="x")
    assert [line.split()[0] for line in staged.asked] == ["PATCH", "PATCH"]


def test_a_refused_or_lost_change_is_sent_once(staged: Staged) -> None:
    with pytest.raises(Refused):
        staged.client.components.set_status(API, "down")
    staged.sandbox.faults.add(Fault("reset", provider="pingpong", when="after"))
    with pytest.raises(Down) as caught:
        staged.client.components.update(API, name="x")
    assert caught.value.outcome is Outcome.UNKNOWN
    assert [line.split()[0] for line in staged.asked] == ["PATCH", "PATCH"]


# --- routes and addresses --------------------------------------------------------------------------------------


def test_every_path_but_that_of_the_page_can_be_spelt_otherwise() -> None:
    told = {
        "components": "/parts", "component_status": "state", "component_groups": "/groups", "incidents": "/events",
        "incident_updates": "news", "ongoing_incidents": "live", "maintenance": "/works", "live": "/now",
        "metrics": "/pings", "custom_metrics": "/metrics/custom", "metric_points": "/metrics/data",
    }  # fmt: skip
    calls: list[str] = []

    def observe(call: Call) -> None:
        calls.append(call.path.removeprefix("/rest/v1"))

    client = Client(TOKEN, url="http://127.0.0.1:9", routes=told, environ={}, observe=observe, rate=(1000, 1.0))
    asks = [
        lambda: list(client.components.list()),
        lambda: client.components.set_status("c", "x"),
        lambda: list(client.component_groups.list()),
        lambda: client.incidents.create(title="x"),
        lambda: client.incident_updates.create(incident_id="i"),
        lambda: list(client.incidents.ongoing()),
        lambda: client.maintenance.create(title="x"),
        client.live.view,
        lambda: client.metrics.create(name="x"),
        lambda: client.custom_metrics.create(name="x"),
        lambda: client.metric_points.add({}),
    ]
    for ask in asks:
        with pytest.raises(Down):
            ask()
    assert list(dict.fromkeys(calls)) == [
        "/parts", "/parts/c/state", "/groups", "/events", "/events/i/news", "/events/live", "/works", "/now",
        "/pings", "/metrics/custom", "/metrics/data",
    ]  # fmt: skip
    assert Incidents.path == "/incidents"


@pytest.mark.parametrize("tail", ["", "/", "/rest/v1", "/rest/v1/"])
def test_the_address_may_be_that_of_the_service_or_of_its_api(staged: Staged, tail: str) -> None:
    environ = {"PINGPONG_URL": f"{staged.server.url}/pingpong{tail}", "PINGPONG_TOKEN": TOKEN}
    with Client(environ=environ) as client:
        assert client.components.count() == 4
        assert client.widgets.status(WIDGET_KEY).status == "Operational"
        assert TOKEN not in repr(client)


@pytest.mark.parametrize("tail", ["", "/", "/rest/v1", "/rest/v1/"])
def test_a_destination_takes_the_same_addresses(tail: str) -> None:
    settings = DestinationSettings(
        name="page", type="pingpong", token=Secret(TOKEN), url="https://status.example.com/pp" + tail, options={}
    )
    assert address(settings).url == "https://status.example.com/pp/rest/v1"


def test_without_an_address_it_is_the_vendors() -> None:
    client = Client("t", environ={})
    assert client.http.base == "https://api.pingpong.one/rest/v1"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Client(environ={"PINGPONG_UPDATE_METHOD": "post"}, routes={"component": "/x"}, widget_key="a/b")
    assert len(caught.value.problems) == 4
    assert "set PINGPONG_TOKEN" in str(caught.value)


# --- traps -----------------------------------------------------------------------------------------------------


def test_nobody_is_mailed_unless_the_call_says_so(staged: Staged) -> None:
    client = staged.client
    times = {"scheduled_for": START, "ends_at": START + timedelta(days=2)}
    incident = client.incidents.create(title="Down")
    client.incidents.update(incident.id, title="Up")
    client.incidents.replace(incident.id, title="Up")
    work = client.maintenance.create(title="Disks", **times)
    client.maintenance.update(work.id, title="Racks")
    assert staged.told() == [False] * 5
    client.incidents.update(incident.id, title="Told", notify_subscribers=True)
    assert True in staged.told()


def test_the_status_of_an_incident_cannot_be_given(staged: Staged) -> None:
    with pytest.raises(TypeError, match="no field 'status'"):
        staged.client.incidents.create(title="Down", status=IncidentStatus.RESOLVED)
    assert staged.calls == []


def test_what_was_read_can_be_written(client: Client) -> None:
    affected = {API: ComponentStatus.DEGRADED, SITE: ComponentStatus.UNAVAILABLE}
    made = client.incidents.create(title="Down", message="m", affected_components=affected, occurred_at=START)
    stored = Record.from_json(json.dumps(made.to_dict()))
    known = {name: stored[name] for name in client.incidents.fields if name in stored}
    again = client.incidents.create(known)
    same = ("title", "message", "occurred_at", "affected_components")
    assert {name: again[name] for name in same} == {name: made[name] for name in same}
    work = client.maintenance.create(title="x", scheduled_for=START, ends_at="2027-01-01T00:00:00Z")
    known = {name: work[name] for name in client.maintenance.fields if name in work}
    assert client.maintenance.create(known).name == "x"


def test_the_present_moment_as_the_start_is_sent_and_nothing_is_sent_for_what_is_left_out(client: Client) -> None:
    made = client.incidents.create(title="Down", occurred_at=START - timedelta(days=1))
    assert client.incidents.update(made.id, title="x").occurred_at == "2026-05-03T12:00:00Z"
    moved = client.incidents.update(made.id, occurred_at=None).moment("occurred_at")
    assert moved is not None
    assert moved > START


def test_points_that_are_too_old_are_missing_from_the_answer(client: Client) -> None:
    metric = client.custom_metrics.create(name="Orders", rollup="Sum of all values").id
    points = [{"timestamp": START - timedelta(days=days), "value": days} for days in (31, 1)]
    kept = client.metric_points.add({metric: points})
    assert [row.value for row in kept[metric]] == [1]
    with pytest.raises(Refused, match="refuses") as caught:
        client.metric_points.add({"nosuchmetric": points})
    assert "does not exist" in str(caught.value.detail)


def test_lists_survive_pages_although_none_are_documented(staged: Staged) -> None:
    for number in range(5):
        staged.client.components.create(name=str(number))
    staged.switch(wrap_lists=True, page_size=4)
    assert len({row.id for row in staged.client.components.list()}) == staged.client.components.count() == 9


def test_a_missing_object_is_gone_and_a_missing_path_is_not(staged: Staged) -> None:
    for missing in (
        lambda: staged.client.incidents.get("nosuchincident"),
        lambda: list(staged.client.incident_updates.list(incident_id="nosuchincident")),
        lambda: staged.client.maintenance.update("nosuchwork", title="x"),
    ):
        with pytest.raises(Gone):
            missing()
    lost = Client(TOKEN, url=staged.server.url + BASE, routes={"incidents": "/events"}, environ={})
    with lost, pytest.raises(Down, match="no such API"):
        lost.incidents.get("nosuchincident")


def test_errors_have_the_services_words_and_never_the_token(staged: Staged) -> None:
    with pytest.raises(Refused) as refused:
        staged.client.components.create(name="x" * 51)
    assert refused.value.detail == "name: Ensure this field has no more than 50 characters."
    secret = "a-wrong-key-that-nobody-may-see"
    stranger = Client(secret, url=staged.server.url + BASE, environ={})
    with stranger, pytest.raises(NotAllowed, match="token") as caught:
        stranger.status.view()
    assert caught.value.detail == "Invalid token."
    assert secret not in f"{caught.value!r} {caught.value} {stranger!r} {stranger.settings!r}"


def test_the_badges_are_asked_beside_the_api_and_without_the_token() -> None:
    with scripted(answer({"status": "Operational"})) as server, Client(TOKEN, url=server.url, environ={}) as client:
        client.widgets.status(WIDGET_KEY)
        client.status.view()
    badge, page = server.requests
    assert badge.startswith(f"GET /widget/shields/status/{WIDGET_KEY} ".encode())
    assert b"authorization" not in badge.lower()
    assert page.startswith(b"GET /rest/v1/status ")
    assert f"Authorization: Token {TOKEN}".encode() in page


def test_the_examples_of_the_documentation_run(staged: Staged) -> None:
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"client": staged.client, "Client": Client}
    for example in examples[1:]:
        exec(compile(example, str(PAGE), "exec"), names)
    assert names["kept"][names["metric"].id][0]["value"] == 17
    assert staged.client.incidents.get(names["incident"].id).status == "Resolved"
