"""What all clients share: settings, waiting, records, actions, words. Against a server that says what it is told."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from marshmallow import Schema, fields
from scripted_server import Reaction, answer, hang_up, scripted

from bridge.config.settings import DestinationSettings
from bridge.errors import Busy, ConfigError, Down, NotAllowed, Outcome
from bridge.model.enums import ComponentStatus, Severity
from bridge.model.facts import Call
from bridge.providers.base import coverage
from bridge.providers.base.actions import Nothing, One, Rows, Table, Value
from bridge.providers.base.client import BaseClient, Part
from bridge.providers.base.failures import Failures
from bridge.providers.base.http import Address
from bridge.providers.base.pace import LocalBudget, PatientHttp
from bridge.providers.base.paging import CountedPages, Paging
from bridge.providers.base.resource import Crud, Replacing
from bridge.providers.base.results import Record
from bridge.secret import Secret
from bridge.testing.stage import CountingBudget

TOKEN = "sb|a+very/secret=key"


class Things(Crud, Replacing):
    path = "/realms/{realm}/things"
    wrap = "thing"
    fields = ("name", "status", "at")
    filters = ("q",)
    open = Rows(Record, "/open", paging=Paging(limit=2), filters=("q",))
    publish = One(Record, "PUT", "/{id}/publish", wrap="thing")
    touch = Nothing("POST", "/{id}/touch")
    ping = Value(dict, "GET", "/ping")
    empty = Nothing("DELETE", "/{id}/parts", sends=True, needs=("parts",))
    by_name = Table(Record, "GET", "/by_name")


class Options(Schema):
    realm = fields.String(required=True)


class Client(BaseClient):
    provider = "statuspage"
    failures = Failures()
    options = Options
    environment = MappingProxyType({"token": "THINGS_TOKEN", "url": "THINGS_URL", "realm": "THINGS_REALM"})
    needed = ("token", "url")
    things = Part(Things)

    def __init__(self, token: str | None = None, url: str | None = None, realm: str | None = None, **how: Any) -> None:
        super().__init__({"token": token, "url": url, "realm": realm}, **how)

    @staticmethod
    def address(settings: DestinationSettings) -> Address:
        return Address(
            str(settings.url),
            settings.token,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
        )


def client_on(url: str, **how: Any) -> Client:
    return Client(TOKEN, url, "r1", **{"environ": {}, **how})


# --- settings ------------------------------------------------------------------------------------------------


def test_all_that_is_missing_is_told_at_once_with_argument_and_variable() -> None:
    with pytest.raises(ConfigError) as caught:
        Client(environ={"THINGS_TOKEN": ""})
    assert str(caught.value).splitlines() == [
        "token is missing: pass token=… to Client, or set THINGS_TOKEN",
        "url is missing: pass url=… to Client, or set THINGS_URL",
    ]


def test_an_argument_wins_over_the_environment() -> None:
    environ = {"THINGS_TOKEN": "t", "THINGS_URL": "https://a.example.com", "THINGS_REALM": "r"}
    client = Client(url="https://b.example.com", environ=environ)
    assert client.http.base == "https://b.example.com"
    assert client.constants() == {"realm": "r"}


def test_a_strange_argument_is_no_silent_setting() -> None:
    with pytest.raises(TypeError, match="takes no read_timeuot"):
        client_on("https://a.example.com", read_timeuot=1)


def test_neither_client_nor_error_shows_the_token() -> None:
    calls: list[Call] = []
    with scripted(answer({"error": f"bad key {TOKEN}"}, 401, X_Request_Id="req-7")) as server:
        client = client_on(server.url, observe=calls.append)
        with pytest.raises(NotAllowed) as caught:
            client.things.get("1")
    shown = f"{client!r} {client.settings!r} {caught.value} {caught.value!r} {caught.value.detail} {calls}"
    assert "very/secret" not in shown
    assert "bad key •••" in shown
    assert (caught.value.request_id, caught.value.where) == ("req-7", "GET /realms/r1/things/1")


def test_time_outs_are_kept() -> None:
    with scripted(lambda connection: bool(connection.recv(1))) as server, pytest.raises(Down, match="in time"):
        client_on(server.url, read_timeout=0.1).things.create(name="x")


def test_an_id_of_the_path_is_asked_for_when_it_is_missing_and_may_be_given_each_time() -> None:
    with scripted(answer({"id": 1})) as server:
        client = Client(TOKEN, server.url, environ={})
        with pytest.raises(TypeError, match="needs realm"):
            client.things.get(1)
        client.things.get(1, realm="r9")
    assert server.requests[0].startswith(b"GET /realms/r9/things/1 ")
    assert len(server.requests) == 1


def test_a_proxy_of_the_environment_is_used_unless_the_host_is_exempt(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(answer({"id": 1})) as proxy, scripted(answer({"id": 2})) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert client_on(server.url).things.get(1).id == "1"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert client_on(server.url).things.get(1).id == "2"


# --- rate ----------------------------------------------------------------------------------------------------


def test_over_the_rate_nothing_is_sent_and_nobody_sleeps() -> None:
    with scripted(answer({"id": 1})) as server:
        client = client_on(server.url, rate=(2, 60.0))
        client.things.get(1)
        client.things.create(name="x")
        with pytest.raises(Busy) as caught:
            client.things.create(name="y")
    assert len(server.requests) == 2
    assert 50 < caught.value.retry_after <= 60
    assert caught.value.outcome is Outcome.NOT_DONE


def test_the_window_moves_and_what_the_provider_says_wins() -> None:
    now = [0.0]
    budget = LocalBudget(2, 10.0, lambda: now[0])
    assert (budget.take(), budget.take()) == (0.0, 0.0)
    assert budget.take() == 10.0
    now[0] = 10.0
    assert budget.take() == 0.0
    budget.penalise(30.0)
    budget.penalise(5.0)
    assert budget.take() == 30.0
    now[0] = 40.0
    assert budget.take() == 0.0


def test_reads_that_are_counted_apart_leave_the_writes_alone() -> None:
    now = [0.0]
    budget = LocalBudget(2, 10.0, lambda: now[0], reads_apart=True)
    assert [budget.take(read=True) for _ in range(3)] == [0.0, 0.0, 10.0]
    budget.penalise(30.0, read=True)
    assert [budget.take() for _ in range(3)] == [0.0, 0.0, 10.0]
    budget.penalise(60.0)
    now[0] = 30.0
    assert (budget.take(read=True), budget.take()) == (0.0, 30.0)


def test_eight_threads_together_keep_to_the_rate() -> None:
    budget, taken = LocalBudget(100, 60.0), []

    def work() -> None:
        taken.extend(budget.take() for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(0.0) == 100


def patient(url: str, patience: float, slept: list[float]) -> PatientHttp:
    budget = CountingBudget()
    where = Address(url, Secret(TOKEN))
    return PatientHttp(where, Failures(), budget, lambda call: None, patience=patience, sleep=slept.append)


def test_patience_waits_and_sends_again_what_was_refused_for_its_rate() -> None:
    slept: list[float] = []
    with scripted(answer({}, 429, Retry_After="7"), answer({}, 429, Retry_After="3"), answer({"id": 1})) as server:
        assert patient(server.url, 10, slept).write("POST", "/x", {}) == {"id": 1}
    assert slept == [7.0, 3.0]


@pytest.mark.parametrize(
    ("refusals", "waited"),
    [
        pytest.param([answer({}, 429, Retry_After="7")], [7.0], id="the patience is for the whole call"),
        pytest.param([answer({}, 429, Retry_After="60")], [], id="a wait that is too long is not begun"),
        pytest.param([answer({}, 503, Retry_After="1")], [], id="a write that may have been done is not sent again"),
    ],
)
def test_patience_has_an_end(refusals: list[Reaction], waited: list[float]) -> None:
    slept: list[float] = []
    with scripted(*refusals) as server, pytest.raises(Busy):
        patient(server.url, 10, slept).write("POST", "/x", {})
    assert slept == waited


def test_a_client_with_wait_is_patient() -> None:
    with scripted(answer({"id": 1})) as server:
        client = client_on(server.url, rate=(1, 0.2), wait=2)
        assert [client.things.get(1).id for _ in range(3)] == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("headers", "away"),
    [
        ({"X_RateLimit_Remaining": "0", "Retry_After": "9"}, [9.0]),
        (
            {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1767225630", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"},
            [30],
        ),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "17", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, [1]),
        ({"X_RateLimit_Remaining": "0"}, []),
        ({"X_RateLimit_Remaining": "1", "X_RateLimit_Reset": "1767225630"}, []),
        ({}, []),
    ],
)
def test_an_answer_that_was_the_last_one_for_now_is_believed(headers: dict[str, str], away: list[float]) -> None:
    budget = CountingBudget()
    with scripted(answer({"id": 1}, **headers)) as server:
        client_on(server.url, budget=budget).things.get(1)
    assert budget.penalties == away


# --- calls ---------------------------------------------------------------------------------------------------


def sent(server: Any, number: int = 0) -> Any:
    head, _, body = server.requests[number].partition(b"\r\n\r\n")
    return head.split(b" HTTP/", 1)[0].decode(), json.loads(body) if body else None


def test_keywords_are_ids_fields_or_filters_and_values_are_written_for_the_provider() -> None:
    moment = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    with scripted(answer({"id": 1})) as server:
        things = client_on(server.url).things
        things.create(name="x", status=ComponentStatus.DEGRADED, at=moment)
        things.update("1", {"at": [date(2026, 3, 4)], "impact": Severity.MAJOR}, status=None)
        things.replace(1, realm="r2", name="y")
    assert sent(server, 0) == (
        "POST /realms/r1/things",
        {"thing": {"name": "x", "status": "degraded_performance", "at": "2026-03-04T05:06:00Z"}},
    )
    assert sent(server, 1)[1] == {"thing": {"at": ["2026-03-04"], "impact": "major", "status": None}}
    assert sent(server, 2) == ("PUT /realms/r2/things/1", {"thing": {"name": "y"}})


def test_a_canonical_value_without_a_word_is_refused_before_anything_is_sent() -> None:
    with scripted(hang_up) as server, pytest.raises(ValueError, match="no word for unknown"):
        client_on(server.url).things.create(status=ComponentStatus.UNKNOWN)
    assert server.requests == []


def test_actions_take_ids_in_order_and_one_mapping() -> None:
    with scripted(answer({"id": 1})) as server:
        things = client_on(server.url).things
        assert things.publish("1", {"a": 1}, b=2).id == "1"
        assert things.touch(1) is None
        assert things.ping(loud=True) == {"id": 1}
        things.empty(1, parts=["p"])
        with pytest.raises(TypeError, match="needs parts, and not empty"):
            things.empty(1)
        with pytest.raises(TypeError, match="positional"):
            things.touch(1, 2)
        with pytest.raises(TypeError, match="needs id"):
            things.touch()
    assert [sent(server, number) for number in range(4)] == [
        ("PUT /realms/r1/things/1/publish", {"thing": {"a": 1, "b": 2}}),
        ("POST /realms/r1/things/1/touch", None),
        ("GET /realms/r1/things/ping?loud=true", None),
        ("DELETE /realms/r1/things/1/parts", {"parts": ["p"]}),
    ]


def test_an_action_gives_what_it_is_declared_to_give_or_calls_the_answer_strange() -> None:
    with scripted(answer({"a": [{"id": 1}], "b": [], "c": None}), answer({"a": [1]}), answer([])) as server:
        things = client_on(server.url).things
        assert things.by_name() == {"a": [{"id": 1}], "b": []}
        with pytest.raises(Down, match="it lacks a part"):
            things.by_name()
        with pytest.raises(Down, match="dict was expected"):
            things.ping()


def test_a_listing_action_goes_through_its_own_pages() -> None:
    pages = [answer([{"id": 1}, {"id": 2}]), answer([{"id": 3}])]
    with scripted(*pages) as server:
        assert [row.id for row in client_on(server.url).things.open(q="x")] == ["1", "2", "3"]
    assert sent(server, 1)[0] == "GET /realms/r1/things/open?q=x&page=2&per_page=2"


def test_a_count_costs_one_call_where_the_provider_tells_and_all_pages_elsewhere() -> None:
    class Counted(Things):
        paging = CountedPages()

    total = {"data": [{"id": 1}], "meta": {"pagination": {"total": 321, "total_pages": 321}}}
    with scripted(answer(total)) as server:
        assert client_on(server.url).make(Counted).count(q="x") == 321
    assert sent(server)[0] == "GET /realms/r1/things?q=x&per_page=1"
    with scripted(answer([{"id": 1}, {"id": 2}])) as server:
        assert client_on(server.url).things.count() == 2


def test_a_collection_is_made_once() -> None:
    client = client_on("https://a.example.com")
    assert client.things is client.things
    assert Client.parts() == {"things": Things}


def test_coverage_tells_what_is_missing_and_what_is_invented() -> None:
    operations = coverage.read('["GET /realms/{a}/things", "GET /realms/{a}/others"]')
    assert coverage.missing(Client, operations) == [("GET", "/realms/{a}/others")]
    assert ("PUT", "/realms/{realm}/things/{id}/publish") in coverage.invented(Client, operations)
    page = coverage.renewed(f"before {coverage.BEGIN} old {coverage.END} after", Client, operations)
    assert "| `GET /realms/{a}/things` | `things.list` |\n| `GET /realms/{a}/others` | none |" in page
    assert (page[:6], page[-5:], "old" in page) == ("before", "after", False)
    with pytest.raises(ValueError, match="needs the lines"):
        coverage.renewed("no place", Client, operations)


# --- records -------------------------------------------------------------------------------------------------

ROW = {"id": 7, "name": "x", "items": [1], "parts": [{"id": 8, "deep": {"er": 1}}], "nothing": None}


def test_a_record_is_a_mapping_with_attributes() -> None:
    record = Record(ROW)
    assert (record.id, record["id"], record.name, record.nothing) == ("7", 7, "x", None)
    assert record["items"] == [1]
    assert record.parts[0].deep.er == 1
    assert record == ROW
    assert json.loads(json.dumps(record)) == ROW
    assert "name" in dir(record)
    with pytest.raises(AttributeError, match="has no 'nam'; it has id, name"):
        _ = record.nam
    with pytest.raises(AttributeError, match="no"):
        _ = Record({}).id


def test_a_record_cannot_be_changed_and_its_copies_can() -> None:
    record = Record(ROW)
    for change in (
        lambda: record.update(name="y"),
        lambda: record.pop("name"),
        lambda: record.__setitem__("name", "y"),
        lambda: record.__ior__({"name": "y"}),
        record.clear,
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    record.to_dict()["parts"][0]["id"] = 9
    record.raw["parts"].clear()
    assert record == ROW
    assert record | {"name": "y"} == {**ROW, "name": "y"}


def test_a_record_comes_back_from_what_was_stored() -> None:
    record = Record(ROW, {"id": 7, "attributes": {}})
    assert Record.from_dict(record.to_dict()) == record
    assert Record.from_json(json.dumps(record)) == record
    assert Record.list_from_json(json.dumps([record, record])) == [record, record]
    again = pickle.loads(pickle.dumps(record))
    assert (again, again.raw, type(again)) == (record, record.raw, Record)
    assert copy.deepcopy(record) == record
    for wrong in (lambda: Record.from_json("[]"), lambda: Record.list_from_json("{}"), lambda: Record.from_dict([])):  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            wrong()


def test_a_field_can_be_had_as_a_moment() -> None:
    record = Record({"at": "2026-05-04 12:00:01", "zoned": "2026-05-04T12:00:01.9+02:00", "none": None, "no": "soon"})
    assert record.moment("at") == datetime(2026, 5, 4, 12, 0, 1, tzinfo=UTC)
    assert record.moment("at", timezone(timedelta(hours=2))) == datetime(2026, 5, 4, 10, 0, 1, tzinfo=UTC)
    assert record.moment("zoned") == datetime(2026, 5, 4, 10, 0, 1, tzinfo=UTC)
    assert record.moment("none") is record.moment("no") is record.moment("absent") is None
