"""The Cachet 2 client against the sandbox: every operation over HTTP in both dialects, and the traps of the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

import pytest

from bridge.errors import ConfigError, Down, Gone, NotAllowed, Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus, MetricAggregation
from bridge.model.facts import Call
from bridge.providers.base.mapping import load
from bridge.providers.base.results import Record
from bridge.providers.cachet2 import Client, Dialect, NotInDialect, has_tag, verified_at
from bridge.providers.cachet2.resources import Cachet2Resource
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server, serve

BASE = "/cachet2/api/v1"
TOKEN = "a-key-for-the-stage"
START = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PAGE = Path(__file__).parents[3] / "docs" / "clients" / "cachet2.md"


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


@pytest.fixture
def staged(request: pytest.FixtureRequest) -> Iterator[Staged]:
    sandbox = Sandbox(Ticking(), TOKEN)
    sandbox.plugins["cachet2"].settings.version = getattr(request, "param", "2.4")
    # The zone of the page must not matter.
    sandbox.plugins["cachet2"].settings.zone = "Asia/Tokyo"
    calls: list[Call] = []
    with serve(sandbox) as server:
        options = {"observe": calls.append, "rate": (10_000, 60.0), "environ": {}}
        with Client(url=server.url + "/cachet2", token=TOKEN, **options) as client:  # type: ignore[arg-type]
            yield Staged(client, server, sandbox, calls)


@pytest.fixture
def client(staged: Staged) -> Client:
    return staged.client


old = pytest.mark.parametrize("staged", ["2.3"], indirect=True)
both = pytest.mark.parametrize("staged", ["2.3", "2.4"], indirect=True)


# --- every operation -------------------------------------------------------------------------------------------


def use_server(client: Client) -> None:
    assert client.ping() is client.ping.get() is True
    assert client.version().value == client.version.get().value
    assert client.version().latest.tag_name.startswith("v2.")
    assert client.status.view().status == "success"


def use_components(client: Client) -> None:
    group = client.component_groups.create(name="Edge", order=3, collapsed="unless_operational")
    assert (group.collapsed, group.enabled_components) == (2, [])
    made = client.components.create(
        name="CDN", status=ComponentStatus.DEGRADED, group_id=group.id, tags=["EU", "Beta Two"], enabled=False
    )
    assert (made.status, made.tags, made.enabled) == (2, {"eu": "EU", "beta-two": "Beta Two"}, False)
    changed = client.components.update(made.id, name="Edge cache")
    assert (changed.status, changed.enabled, changed.name) == (2, False, "Edge cache")
    assert client.components.get(made.id).name == "Edge cache"
    assert client.components.count() == len(list(client.components.list())) == 5
    client.component_groups.update(group.id, name="Border")
    after = client.component_groups.get(group.id)
    assert (after.name, after.order, after.collapsed) == ("Border", 3, 2)
    assert client.component_groups.count() == len(list(client.component_groups.list())) == 2
    client.components.remove(made.id)
    client.component_groups.remove(group.id)
    with pytest.raises(Gone):
        client.components.get(made.id)


def use_incidents(client: Client) -> None:
    start = datetime(2024, 1, 2, 5, 4, 59, tzinfo=timezone(timedelta(hours=2)))
    made = client.incidents.create(
        name="Down", message="m", status=IncidentStatus.INVESTIGATING, visible=False, component_id=1,
        component_status=ComponentStatus.MAJOR_OUTAGE, occurred_at=start,
    )  # fmt: skip
    assert made.component_id == 1
    assert made.moment("occurred_at") == datetime(2024, 1, 2, 3, 4, tzinfo=UTC)
    assert client.components.get(1).status == 4
    changed = client.incidents.update(made.id, message="n", occurred_at="2024-01-02 03:05:59")
    assert (changed.visible, changed.message, changed.status) == (0, "n", 1)
    assert changed.occurred_at == "2024-01-02 03:05:00"
    assert client.incidents.get(made.id).occurred_at == "2024-01-02 03:05:00"
    assert client.incidents.count() == 1
    client.incidents.remove(made.id)
    assert list(client.incidents.list()) == []


def use_metrics(client: Client) -> None:
    metric = client.metrics.create(name="Latency", suffix="ms", display_chart=False, calc_type=MetricAggregation.MEAN)
    assert (metric.calc_type, metric.display_chart, metric.description) == (1, False, "")
    client.metrics.update(metric.id, default_view="week", display_chart=True)
    assert client.metrics.get(metric.id).default_view == load("cachet2").choice("default_view", "week")
    assert client.metrics.count() == len(list(client.metrics.list())) == 1
    of = {"metric_id": metric.id}
    point = client.metric_points.create(value=3.5, timestamp=START - timedelta(days=1), **of)
    assert point.moment("created_at") == START - timedelta(days=1)
    moved = client.metric_points.update(point.id, value=0, timestamp=START - timedelta(days=2), **of)
    assert (moved.value, moved.moment("created_at")) == (0, START - timedelta(days=2))
    assert client.metric_points.update(point.id, value=4, timestamp=1_700_000_010, **of).value == 4
    assert client.metric_points.count(**of) == len(list(client.metric_points.list(**of))) == 1
    client.metric_points.remove(point.id, **of)
    client.metrics.remove(metric.id)


def use_subscribers(client: Client) -> None:
    made = client.subscribers.create(email="a@example.com", verify=True, components=[1, 2])
    assert made["global"] is True
    assert client.subscribers.count() == len(list(client.subscribers.list())) == 1
    client.subscriptions.remove(made.subscriptions[0].id)
    assert len(next(client.subscribers.list()).subscriptions) == 1
    client.subscribers.remove(made.id)


def use_what_is_new(client: Client) -> None:
    incident = client.incidents.create(name="x", message="m", status=1, stickied=True, meta={"a": "b"})
    assert incident.meta == {"a": "b"}
    of = {"incident_id": incident.id}
    first = client.incident_updates.create(status=IncidentStatus.IDENTIFIED, message="one", **of)
    client.incident_updates.create(status=4, message="two", **of)
    client.incident_updates.update(first.id, message="first", **of)
    assert client.incident_updates.get(first.id, **of).message == "first"
    assert [row.message for row in client.incident_updates.list(**of)] == ["two", "first"]
    assert client.incident_updates.count(**of) == 2
    assert client.incidents.get(incident.id).latest_human_status == "Fixed"
    client.incident_updates.remove(first.id, **of)
    template = next(client.incident_templates.list())
    assert client.incident_templates.get(template.id).slug == template.slug
    schedule = client.schedules.create(
        name="Disks", status=MaintenanceStatus.SCHEDULED, scheduled_at=START, completed_at=START + timedelta(hours=1)
    )
    assert (schedule.scheduled_at, schedule.components) == ("2026-05-04 12:00:00", [])
    client.schedules.update(schedule.id, status="1", scheduled_at=schedule.scheduled_at)
    assert client.schedules.get(schedule.id).status == 1
    assert client.schedules.count() == len(list(client.schedules.list())) == 1
    client.schedules.remove(schedule.id)


def use_everything(client: Client) -> None:
    """Each operation that the server has at least once."""
    use_server(client)
    use_components(client)
    use_incidents(client)
    use_metrics(client)
    use_subscribers(client)
    if client.dialect is Dialect.CACHET_2_4:
        use_what_is_new(client)


@both
def test_every_operation_works_over_http(staged: Staged) -> None:
    client = staged.client
    use_everything(client)
    unused = dict(Client.served())
    for method, path in (line.split(" ", 1) for line in staged.asked):
        # A literal path wins over one with an id in its place, as it does on the server.
        fitting = [call for call in Client.served() if call[0] == method and _fits(call[1], path)]
        unused.pop(min(fitting, key=lambda call: call[1].count("{")), None)
    newer = {f"{name}.{verb}" for name, verb in _newer_calls()} if client.dialect is Dialect.CACHET_2_3 else set()
    # That the schedules are asked for once is how a 2.3 is found out.
    assert set(unused.values()) == newer - {"schedules.list"}


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _newer_calls() -> list[tuple[str, str]]:
    parts = Client.parts().items()
    newer = {name: part for name, part in parts if issubclass(part, Cachet2Resource) and part.newer_than_2_3}
    return [(name, verb) for name, part in newer.items() for verb in part.served().values()]


# --- two dialects ----------------------------------------------------------------------------------------------


@both
def test_the_server_is_asked_once_what_it_is(staged: Staged) -> None:
    version = staged.sandbox.plugins["cachet2"].settings.version
    assert staged.client.dialect == version
    list(staged.client.components.list())
    assert staged.client.dialect == version
    assert [line for line in staged.asked if line != "GET /ping"] == ["GET /schedules", "GET /components"]


def test_nothing_is_asked_when_the_dialect_is_told(staged: Staged) -> None:
    calls: list[Call] = []
    told = Client(url=staged.server.url + BASE, token=TOKEN, dialect="2.4", environ={}, observe=calls.append)
    told.components.update(1, status=2)
    assert [call.method for call in calls] == ["PUT"]


@old
@pytest.mark.parametrize(("name", "verb"), _newer_calls())
def test_what_2_3_lacks_is_told_before_it_is_asked_for(staged: Staged, name: str, verb: str) -> None:
    ids = {"incident_id": 1} if name == "incident_updates" else {}
    arguments = [] if verb in ("list", "create") else [1]
    assert staged.client.dialect is Dialect.CACHET_2_3
    staged.calls.clear()
    with pytest.raises(NotInDialect, match=r"Cachet 2\.3.*upgrade the server to 2\.4") as caught:
        getattr(getattr(staged.client, name), verb)(*arguments, **ids)
    assert isinstance(caught.value, Refused)
    assert staged.calls == []


@old
def test_a_field_or_filter_that_2_3_would_ignore_is_refused(staged: Staged) -> None:
    client = staged.client
    for write in (
        lambda: client.incidents.create(name="x", message="m", status=1, stickied=True),
        lambda: client.incidents.create({"name": "x", "message": "m", "status": 1, "meta": {"a": "b"}}),
        lambda: client.component_groups.create(name="x", visible=False),
        lambda: client.components.update(1, silent=True),
        lambda: client.metrics.create(name="x", suffix="y", visible=1),
        lambda: list(client.incidents.list(stickied=True)),
    ):
        with pytest.raises(NotInDialect):
            write()
    assert {call.method for call in staged.calls} == {"GET"}


@old
def test_a_2_3_gets_the_start_of_an_incident_as_it_reads_it(client: Client) -> None:
    made = client.incidents.create(name="x", message="m", status=1, occurred_at=datetime(2024, 2, 1, 3, 4, tzinfo=UTC))
    assert made.created_at == made.occurred_at == "2024-02-01 03:04:00"
    assert "occurred_at" not in made.raw


def test_a_server_that_is_no_cachet_is_no_2_3(staged: Staged) -> None:
    with Client(url=staged.server.url + "/nowhere", token=TOKEN, environ={}) as lost:
        assert lost.ping() is False
        with pytest.raises(Down, match="url"):
            _ = lost.dialect


# --- lists -----------------------------------------------------------------------------------------------------


@both
def test_a_list_goes_through_all_pages_and_gives_each_row_once_although_rows_move(staged: Staged) -> None:
    client = staged.client
    for number in range(9):
        client.components.create(name=str(number), status=1)
    rows = client.components.list(per_page=3)
    seen = [row.id for row in islice(rows, 3)]
    client.components.create(name="one more", status=1)
    seen += [row.id for row in rows]
    assert len(seen) == len(set(seen)) == 13
    assert [line for line in staged.asked if line == "GET /components"] == ["GET /components"] * 5


@both
def test_no_row_is_left_out_because_others_went_meanwhile(staged: Staged) -> None:
    client = staged.client
    made = [client.components.create(name=str(number), status=1).id for number in range(8)]
    rows = client.components.list(per_page=3)
    seen = [next(rows).id for _ in range(3)]
    for gone in made[-2:]:
        client.components.remove(gone)
    seen += [row.id for row in rows]
    assert set(seen) >= {"1", "2", "3", "4", *made[:-2]}
    assert len(seen) == len(set(seen))


@both
def test_a_filtered_list_comes_whole_although_cachet_cannot_page_it(
    staged: Staged, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = staged.client
    monkeypatch.setattr("bridge.providers.cachet2.paging._FIRST", 5)
    for number in range(8):
        client.components.create(name=str(number), status=ComponentStatus.DEGRADED)
    assert len(list(client.components.list(status=ComponentStatus.DEGRADED, per_page=2))) == 8
    assert client.components.count(status=2) == 8
    assert [row.name for row in client.components.list(status=2, name="3")] == ["3"]
    assert list(client.components.list(enabled=False)) == []
    assert client.components.count(enabled=True) == 12


@both
def test_components_are_found_by_tag_alone_and_beside_another_filter(client: Client) -> None:
    client.components.create(name="a", status=1, tags=["Beta Two"])
    client.components.create(name="b", status=2, tags=["Beta Two", "EU"])
    assert [row.name for row in client.components.list(tags="beta-two")] == ["b", "a"]
    assert [row.name for row in client.components.list(tags=["eu", "us"])] == ["b"]
    assert [row.name for row in client.components.list(tags="Beta Two", status=1)] == ["a"]
    assert client.components.count(tags="eu") == 1


def test_a_guest_is_found_out_by_counting_subscribers(staged: Staged) -> None:
    with Client(url=staged.server.url + BASE, token="wrong", environ={}) as guest:
        assert guest.components.count() == 4
        with pytest.raises(NotAllowed, match="token"):
            guest.subscribers.count()


# --- writing ---------------------------------------------------------------------------------------------------


@both
def test_tags_are_added_taken_away_and_cleared(client: Client) -> None:
    assert client.components.get(1).tags == {}
    assert client.components.add_tags(1, "EU", "Beta Two").tags == {"eu": "EU", "beta-two": "Beta Two"}
    assert client.components.add_tags(1, "eu", "New").tags == {"eu": "EU", "beta-two": "Beta Two", "new": "New"}
    left = client.components.remove_tags(1, "beta-two", "NEW")
    assert left.tags == {"eu": "EU"}
    assert has_tag(left, "Eu")
    assert not has_tag(left, "new")
    with pytest.raises(KeyError, match="the component has EU"):
        client.components.remove_tags(1, "nonsense")
    assert client.components.set_tags(1).tags == {}
    with pytest.raises(ValueError, match="comma"):
        client.components.set_tags(1, "a, b")


@both
def test_a_word_for_a_status_is_refused_because_cachet_would_take_it_for_unknown(staged: Staged) -> None:
    with pytest.raises(ValueError, match="status is a number, not 'operational'"):
        staged.client.components.update(1, status="operational")
    with pytest.raises(ValueError, match="known: never, always, unless_operational"):
        staged.client.component_groups.create(name="x", collapsed="sometimes")
    assert staged.calls == []
    assert staged.client.components.update(1, status="2").status == 2


@both
def test_a_stored_record_is_written_again_as_it_was(client: Client) -> None:
    made = client.components.create(name="x", status=2, tags=["A"], link="https://example.com/", order=4)
    stored = json.dumps(made.to_dict())
    assert Record.from_json(stored) == made
    assert Record.list_from_json(f"[{stored}]") == [made]
    client.components.remove(made.id)
    known = set(client.components.fields)
    copy = client.components.create({name: value for name, value in json.loads(stored).items() if name in known})
    same = known - {"silent"}
    assert {name: copy.get(name) for name in same} == {name: made.get(name) for name in same}


def test_what_cachet_would_misunderstand_is_refused(staged: Staged) -> None:
    client = staged.client
    with pytest.raises(ValueError, match="leave it out for all"):
        client.subscribers.create(email="a@example.com", components=[])
    with pytest.raises(TypeError, match="with its value"):
        client.metric_points.update(1, metric_id=1, timestamp=START)
    with pytest.raises(TypeError, match=r"cannot filter /metrics.* for name"):
        client.metrics.list(name="x")
    with pytest.raises(TypeError, match="no filter 'page'"):
        client.incidents.list(page=2)
    with pytest.raises(TypeError, match="did you mean status"):
        client.incidents.create(name="x", stauts=1)
    assert staged.calls == []


def test_nothing_is_sent_for_none_because_cachet_breaks_on_it(client: Client) -> None:
    made = client.incidents.create(name="x", message="m", status=1, vars=None, meta=None, component_id=None)
    assert made.meta == {}
    made = client.incidents.create(name="x", status=1, template="incident-template-that-is-not", message="m")
    assert made.message == "m"


# --- errors ----------------------------------------------------------------------------------------------------


@both
def test_a_missing_object_is_gone_and_a_refusal_has_cachets_words(client: Client) -> None:
    for missing in (lambda: client.incidents.get(99), lambda: client.metric_points.remove(9, metric_id=9)):
        with pytest.raises(Gone):
            client.dialect, missing()
    with pytest.raises(Refused) as caught:
        client.components.create(name="x", status=1, link="no address")
    assert caught.value.status == 400
    assert caught.value.detail == "The link format is invalid."
    assert re.fullmatch(r"[0-9a-f-]{36}", str(caught.value.request_id))


def test_a_version_that_cannot_be_told_says_what_else_to_ask(staged: Staged) -> None:
    staged.sandbox.plugins["cachet2"].settings.release_service_up = False
    with pytest.raises(Down, match="release service: ask ping"):
        staged.client.version()
    assert staged.client.ping()


def test_a_ping_that_is_not_answered_is_false(staged: Staged) -> None:
    staged.sandbox.faults.add(Fault("status", provider="cachet2", status=500, times=None))
    assert staged.client.ping() is False


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Saturday 21st November 2026 00:00:00", datetime(2026, 11, 21, tzinfo=UTC)),
        ("21/11/2026 02:55", datetime(2026, 11, 21, 2, 55, tzinfo=UTC)),
        ("2026-11-02 02:55:00", datetime(2026, 11, 2, 2, 55, tzinfo=UTC)),
        ("02.11.2026 02:55", datetime(2026, 11, 2, 2, 55, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_day_of_verification_is_read_in_many_formats(text: str | None, read: datetime | None) -> None:
    assert verified_at({"verified_at": text}) == read
    assert verified_at({"verified_at": "Nov 2nd 26"}, "%b %d %y") == datetime(2026, 11, 2, tzinfo=UTC)


# --- settings and documentation --------------------------------------------------------------------------------


@pytest.mark.parametrize(("url", "token"), [("CACHET2_URL", "CACHET2_TOKEN"), ("CACHET_ENDPOINT", "CACHET_API_TOKEN")])
def test_settings_come_from_the_environment_under_either_name(staged: Staged, url: str, token: str) -> None:
    environ = {url: staged.server.url + BASE + "/", token: TOKEN, "CACHET2_DIALECT": "2.4"}
    with Client(environ=environ) as client:
        assert client.components.count() == 4
        assert client.dialect is Dialect.CACHET_2_4
        assert TOKEN not in repr(client)


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Client(dialect="2.5", environ={})
    assert len(caught.value.problems) == 3
    assert "set CACHET2_TOKEN" in str(caught.value)


@both
def test_the_examples_of_the_documentation_run(staged: Staged) -> None:
    examples = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"client": staged.client}
    for example in examples[1:]:
        exec(compile(example, str(PAGE), "exec"), names)
    assert staged.client.components.get(1).name == "Public API 2"
