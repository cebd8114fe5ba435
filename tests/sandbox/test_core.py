"""The core of the sandbox: server, faults, journal, call log, control routes."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.ratelimit import FixedWindow
from bridge.sandbox.server import Server, serve

INCIDENT = {"name": "Slow", "message": "m", "status": 1}
API = "/cachet2/api/v1"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    with serve(sandbox) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["X-Cachet-Token"] = "sandbox"
        yield session


def _post(client: requests.Session, server: Server, **changed: Any) -> requests.Response:
    return client.post(f"{server.url}{API}/incidents", json={**INCIDENT, **changed}, timeout=5)


def _incidents(client: requests.Session, server: Server) -> list[Any]:
    rows: list[Any] = client.get(f"{server.url}{API}/incidents?sort=id", timeout=5).json()["data"]
    return rows


def test_a_connection_serves_many_requests(server: Server) -> None:
    connection = http.client.HTTPConnection(str(urlsplit(server.url).hostname), urlsplit(server.url).port, timeout=5)
    connection.connect()
    used = connection.sock
    for _ in range(3):
        connection.request("GET", f"{API}/ping")
        answer = connection.getresponse()
        assert answer.version == 11
        assert answer.read() == b'{"data":"Pong!"}'
    connection.request("HEAD", f"{API}/components")
    assert connection.getresponse().read() == b""
    connection.request("DELETE", f"{API}/components/99", headers={"X-Cachet-Token": "sandbox"})
    assert connection.getresponse().read()
    assert connection.sock is used
    connection.close()


def test_stopping_ends_idle_connections_at_once(sandbox: Sandbox) -> None:
    server = serve(sandbox)
    with requests.Session() as session:
        session.get(f"{server.url}{API}/ping", timeout=5)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 1
        with pytest.raises(requests.ConnectionError):
            session.get(f"{server.url}{API}/ping", timeout=1)


def test_a_reset_before_the_commit_changes_nothing(sandbox: Sandbox, server: Server, client: requests.Session) -> None:
    sandbox.faults.add(Fault("reset", method="POST", path="/incidents", when="before"))
    with pytest.raises(requests.ConnectionError):
        _post(client, server)
    assert _incidents(client, server) == []
    assert _post(client, server).status_code == 200


def test_a_reset_after_the_commit_leaves_the_row(sandbox: Sandbox, server: Server, client: requests.Session) -> None:
    sandbox.faults.add(Fault("reset", method="POST", path=f"{API}/incidents", when="after"))
    with pytest.raises(requests.ConnectionError):
        _post(client, server)
    assert [row["name"] for row in _incidents(client, server)] == ["Slow"]
    assert [call.status for call in sandbox.calls.all("cachet2", "POST")] == [None]


@pytest.mark.parametrize(("when", "rows"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("status", [401, 403, 404, 409, 420, 422, 429, 500, 503])
def test_a_status_is_answered_before_or_after_the_commit(
    sandbox: Sandbox, server: Server, client: requests.Session, status: int, when: Any, rows: int
) -> None:
    sandbox.faults.add(Fault("status", method="POST", status=status, when=when, retry_after=7))
    answer = _post(client, server)
    assert answer.status_code == status
    assert answer.headers["Retry-After"] == "7"
    assert answer.json()["errors"][0]["status"] == status
    assert len(_incidents(client, server)) == rows


def test_answers_can_be_html_truncated_short_or_of_the_wrong_type(
    sandbox: Sandbox, server: Server, client: requests.Session
) -> None:
    address = f"{server.url}{API}/components"
    sandbox.faults.add(Fault("html"))
    page = client.get(address, timeout=5)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    sandbox.faults.add(Fault("truncated"))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.get(address, timeout=5).json()
    sandbox.faults.add(Fault("short"))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.get(address, timeout=5)
    sandbox.faults.add(Fault("wrong_type"))
    odd = client.get(address, timeout=5)
    assert odd.headers["Content-Type"].startswith("text/plain")
    assert len(odd.json()["data"]) == 4


@pytest.mark.parametrize("when", ["before", "after"])
def test_latency_delays_the_answer(sandbox: Sandbox, server: Server, client: requests.Session, when: Any) -> None:
    sandbox.faults.add(Fault("latency", seconds=0.2, when=when))
    begun = time.monotonic()
    assert _post(client, server).status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_a_client_that_gives_up_finds_its_write_later(
    sandbox: Sandbox, server: Server, client: requests.Session
) -> None:
    sandbox.faults.add(Fault("latency", seconds=0.3, when="after", method="POST"))
    with pytest.raises(requests.Timeout):
        client.post(f"{server.url}{API}/incidents", json=INCIDENT, timeout=0.1)
    assert len(_incidents(client, server)) == 1


def test_nth_strikes_one_call_and_times_limits_the_others(sandbox: Sandbox) -> None:
    client = sandbox.app.test_client()
    sandbox.faults.add(Fault("status", status=500, nth=2, path="/ping"))
    assert [client.get(f"{API}/ping").status_code for _ in range(4)] == [200, 500, 200, 200]
    sandbox.faults.clear()
    sandbox.faults.add(Fault("status", status=503, times=2, provider="cachet3"))
    assert client.get(f"{API}/ping").status_code == 200
    assert [client.get("/cachet3/api/ping").status_code for _ in range(3)] == [503, 503, 200]


def test_probability_draws_the_same_from_the_same_seed() -> None:
    def statuses(seed: int) -> list[int]:
        sandbox = Sandbox(seed=seed)
        sandbox.faults.add(Fault("status", status=500, probability=0.5, times=None))
        client = sandbox.app.test_client()
        return [client.get(f"{API}/ping").status_code for _ in range(40)]

    assert statuses(1) == statuses(1)
    assert set(statuses(1)) == {200, 500}
    assert statuses(1) != statuses(2)


def test_faults_are_managed_over_http(server: Server, client: requests.Session) -> None:
    address = f"{server.url}/_sandbox/faults"
    made = client.post(address, json={"kind": "status", "status": 500, "path": "/ping"}, timeout=5)
    assert made.status_code == 201
    assert client.get(f"{server.url}{API}/ping", timeout=5).status_code == 500
    listed = client.get(address, timeout=5).json()
    assert [(fault["id"], fault["struck"]) for fault in listed] == [(made.json()["id"], 1)]
    assert client.delete(address, timeout=5).status_code == 204
    assert client.get(address, timeout=5).json() == []


@pytest.mark.parametrize("body", [{}, {"kind": "magic"}, {"kind": "status"}, {"kind": "reset", "wehn": "after"}])
def test_a_fault_that_makes_no_sense_is_refused_with_words(sandbox: Sandbox, body: dict[str, Any]) -> None:
    answer = sandbox.app.test_client().post("/_sandbox/faults", json=body)
    assert answer.status_code == 422
    assert "cannot be armed" in answer.get_json()["error"]


def test_the_journal_tells_writes_in_order_with_the_page_after_each(sandbox: Sandbox) -> None:
    client, headers = sandbox.app.test_client(), {"X-Cachet-Token": "sandbox"}
    client.post(f"{API}/incidents", json={**INCIDENT, "component_id": 1, "component_status": 4}, headers=headers)
    client.put(f"{API}/incidents/1", json={"status": 4}, headers=headers)
    client.get(f"{API}/incidents", headers=headers)
    entries = sandbox.journal.entries("cachet2")
    assert [(e.seq, e.kind, e.event, e.method) for e in entries] == [
        (1, "component", "updated", "POST"),
        (2, "incident", "created", "POST"),
        (3, "incident", "updated", "PUT"),
    ]
    assert entries[1].page["components"]["1"] == {"name": "Public API", "status": "Major Outage"}
    assert [list(e.page["incidents"].values()) for e in entries[1:]] == [
        [{"name": "Slow", "status": "Investigating"}],
        [],
    ]
    assert client.get("/_sandbox/journal?provider=cachet2&kind=incident").get_json()[0]["id"] == "1"


def test_refused_writes_are_called_but_not_journalled(sandbox: Sandbox) -> None:
    client = sandbox.app.test_client()
    client.post(f"{API}/incidents", json=INCIDENT)
    client.post(f"{API}/incidents", json={}, headers={"X-Cachet-Token": "sandbox"})
    assert sandbox.journal.entries() == []
    calls = client.get("/_sandbox/calls?method=POST").get_json()
    assert [(call["path"], call["status"]) for call in calls] == [(f"{API}/incidents", 401), (f"{API}/incidents", 400)]


def test_reset_goes_back_to_the_seeded_rows_and_ids() -> None:
    sandbox = Sandbox(seed=5)
    client, headers = sandbox.app.test_client(), {"Authorization": "Bearer sandbox"}

    def make() -> str:
        answer = client.post("/cachet3/api/incidents", json={**INCIDENT, "visible": True}, headers=headers)
        guid: str = answer.get_json()["data"]["attributes"]["guid"]
        return guid

    first = make()
    assert client.post("/_sandbox/reset").status_code == 204
    assert (sandbox.journal.entries(), sandbox.calls.all()) == ([], [])
    assert make() == first


def test_settings_are_changed_over_http(sandbox: Sandbox) -> None:
    client = sandbox.app.test_client()
    assert (
        client.put("/_sandbox/settings/cachet2", json={"zone": "Europe/Berlin"}).get_json()["zone"] == "Europe/Berlin"
    )
    assert client.put("/_sandbox/settings/cachet2", json={"zoen": 1}).status_code == 422
    assert client.get("/_sandbox/settings/nope").status_code == 404


def test_a_window_begins_with_its_first_request_and_ends_after_a_minute() -> None:
    window, now = FixedWindow(), datetime(2030, 1, 1, tzinfo=UTC)
    assert [window.count("a", 2, now + timedelta(seconds=s)).allowed for s in (0, 10, 20)] == [True, True, False]
    late = window.count("a", 2, now + timedelta(seconds=45))
    assert (late.allowed, late.remaining, late.retry_after) == (False, 0, 15)
    assert window.count("b", 2, now).remaining == 1
    assert window.count("a", 2, now + timedelta(seconds=60)).allowed
