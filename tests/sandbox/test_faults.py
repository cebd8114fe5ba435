"""Every kind of fault against every provider, armed from Python and over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import ROWS_KINDS, Fault, Kind
from bridge.sandbox.server import Server, serve

STATUSES = [401, 403, 404, 409, 420, 422, 429, 500, 502, 503]
OVER_THE_ANSWER = ("html", "truncated", "short", "wrong_type")


@dataclass(frozen=True)
class Side:
    """How one provider is spoken to.

    Attributes:
        size: the query that makes pages of two rows.
        rows: the rows of a list's body.
    """

    headers: dict[str, str]
    path: str
    body: dict[str, Any]
    rows: Callable[[Any], list[Any]]
    size: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


SIDES = {
    "cachet2": Side(
        {"X-Cachet-Token": "sandbox"},
        "/cachet2/api/v1/incidents",
        {"name": "Slow", "message": "m", "status": 1},
        lambda body: list(body["data"]),
        "sort=id&per_page=2",
    ),
    "cachet3": Side(
        {"Authorization": "Bearer sandbox"},
        "/cachet3/api/incidents",
        {"name": "Slow", "message": "m", "status": 1, "visible": True},
        lambda body: list(body["data"]),
        "per_page=2",
    ),
    "statuspage": Side(
        {"Authorization": "OAuth sandbox"},
        "/statuspage/v1/pages/sandboxpage1/incidents",
        {"incident": {"name": "Slow", "body": "m"}},
        list,
        "limit=2",
    ),
    "pingpong": Side(
        {"Authorization": "Token sandbox"},
        "/pingpong/rest/v1/incidents",
        {"title": "Slow", "message": "m"},
        lambda body: list(body["results"] if isinstance(body, dict) else body),
        "",
        {"wrap_lists": True, "page_size": 2},
    ),
}


@dataclass
class Client:
    """One provider over HTTP."""

    sandbox: Sandbox
    server: Server
    name: str
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def side(self) -> Side:
        return SIDES[self.name]

    def post(self, timeout: float = 5) -> requests.Response:
        return self.session.post(
            self.server.url + self.side.path, json=self.side.body, headers=self.side.headers, timeout=timeout
        )

    def get(self, query: str = "", timeout: float = 5) -> requests.Response:
        address = f"{self.server.url}{self.side.path}?{query}"
        return self.session.get(address, headers=self.side.headers, timeout=timeout)

    def rows(self, query: str = "") -> list[Any]:
        answer = self.get(query)
        assert answer.status_code == 200, answer.text
        return self.side.rows(answer.json())

    def ids(self, page: int) -> list[Any]:
        return [row["id"] for row in self.rows(f"{self.side.size}&page={page}")]

    def arm(self, **fault: Any) -> None:
        """Over HTTP, for this provider."""
        made = requests.post(f"{self.server.url}/_sandbox/faults", json={"provider": self.name, **fault}, timeout=5)
        assert made.status_code == 201, made.text


@pytest.fixture(params=sorted(SIDES))
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    sandbox = Sandbox()
    with serve(sandbox) as server:
        client = Client(sandbox, server, request.param)
        yield client
        client.session.close()


@pytest.fixture
def paged(client: Client) -> Client:
    """The page has seven incidents and lists of two rows."""
    for name, value in client.side.settings.items():
        setattr(client.sandbox.plugins[client.name].settings, name, value)
    for _ in range(7):
        assert client.post().ok
    return client


def test_this_file_tries_every_kind_of_fault() -> None:
    tried = {"latency", "reset", "timeout", "status", *OVER_THE_ANSWER, *ROWS_KINDS}
    assert tried == set(get_args(Kind))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reset_leaves_the_write_only_after_the_commit(client: Client, when: str) -> None:
    client.arm(kind="reset", method="POST", when=when)
    with pytest.raises(requests.ConnectionError):
        client.post()
    assert len(client.rows()) == (when == "after")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_time_out_leaves_the_write_only_after_the_commit(client: Client, when: str) -> None:
    client.arm(kind="timeout", method="POST", when=when)
    begun = time.monotonic()
    with pytest.raises(requests.Timeout):
        client.post(timeout=0.1)
    assert time.monotonic() - begun < 1
    assert len(client.rows()) == (when == "after")


def test_a_time_out_ends_by_itself_with_a_reset(client: Client) -> None:
    client.arm(kind="timeout", seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        client.get(timeout=5)


@pytest.mark.parametrize("when", ["before", "after"])
def test_latency_delays_the_answer_and_spoils_nothing(client: Client, when: str) -> None:
    client.arm(kind="latency", seconds=0.1, when=when, method="POST")
    begun = time.monotonic()
    assert client.post().ok
    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", STATUSES)
def test_every_status_comes_as_json_with_and_without_retry_after(client: Client, status: int, when: str) -> None:
    client.arm(kind="status", method="POST", status=status, when=when)
    client.arm(kind="status", method="POST", status=status, retry_after=7)
    plain, told = client.post(), client.post()
    assert (plain.status_code, told.status_code) == (status, status)
    assert (plain.headers.get("Retry-After"), told.headers.get("Retry-After")) == (None, "7")
    assert isinstance(plain.json(), dict)
    assert len(client.rows()) == (when == "after")


@pytest.mark.parametrize("kind", OVER_THE_ANSWER)
def test_an_answer_can_be_unreadable(client: Client, kind: str) -> None:
    assert client.post().ok
    client.arm(kind=kind, method="GET")
    if kind == "short":
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            client.get()
        return
    answer = client.get()
    assert answer.status_code == 200
    assert ("json" in answer.headers["Content-Type"]) == (kind == "truncated")
    if kind == "wrong_type":
        assert len(client.side.rows(answer.json())) == 1
    else:
        with pytest.raises(requests.exceptions.JSONDecodeError):
            answer.json()


def test_faults_from_python_and_over_http_are_the_same(client: Client) -> None:
    client.sandbox.faults.add(Fault("status", provider=client.name, status=503))
    client.arm(kind="status", status=503)
    listed = requests.get(f"{client.server.url}/_sandbox/faults", timeout=5).json()
    first, second = ({key: value for key, value in fault.items() if key != "id"} for fault in listed)
    assert first == second
    assert [client.get().status_code for _ in range(3)] == [503, 503, 200]


def test_pages_without_a_fault_hold_every_row_once(paged: Client) -> None:
    pages = [paged.ids(number) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert len({row for page in pages for row in page}) == 7


def test_duplicate_rows_repeat_the_last_row_of_the_page_before(paged: Client) -> None:
    clean = [paged.ids(number) for number in (1, 2, 3, 4)]
    paged.arm(kind="duplicate_rows", nth=2)
    assert [paged.ids(number) for number in (1, 2)] == clean[:2]
    assert paged.ids(3) == [clean[1][-1], *clean[2]]
    assert paged.ids(4) == clean[3]
    assert [call.fault for call in paged.sandbox.calls.all(paged.name, "GET")][-4:] == [
        None,
        None,
        "duplicate_rows",
        None,
    ]


def test_a_row_that_was_inserted_moves_all_later_rows_until_the_list_is_begun_again(paged: Client) -> None:
    clean = [row for number in (1, 2, 3, 4) for row in paged.ids(number)]
    paged.arm(kind="moving_rows", path="*/incidents")
    assert paged.ids(1) == clean[:2]
    assert [paged.ids(number) for number in (2, 3, 4)] == [clean[1:3], clean[3:5], clean[5:7]]
    assert paged.ids(1) + paged.ids(2) == clean[:4]


def test_a_row_that_was_removed_hides_another_one(paged: Client) -> None:
    clean = [row for number in (1, 2, 3, 4) for row in paged.ids(number)]
    paged.arm(kind="moving_rows", rows="removed", nth=1)
    read = [row for number in (1, 2, 3) for row in paged.ids(number)]
    assert read == clean[:2] + clean[3:]


def test_row_faults_draw_the_same_from_the_same_seed(paged: Client) -> None:
    def read() -> list[list[Any]]:
        paged.sandbox.faults.clear()
        paged.arm(kind="duplicate_rows", probability=0.5, times=None)
        return [paged.ids(number) for number in (2, 3, 4) * 4]

    first = read()
    assert first == read()
    assert {len(page) for page in first} >= {2, 3}


def test_a_fault_with_unknown_rows_is_refused_with_words() -> None:
    answer = Sandbox().app.test_client().post("/_sandbox/faults", json={"kind": "moving_rows", "rows": "eaten"})
    assert answer.status_code == 422
    assert "inserted or removed" in answer.get_json()["error"]


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        ("statuspage", "/api/v2/summary.json"),
        ("pingpong", "/widget/shields/status/sp_5a4d0b0c5a4d0b0c5a4d0b0c5a4d0b0c"),
    ],
)
def test_public_addresses_have_faults_and_a_call_log_too(provider: str, path: str) -> None:
    sandbox = Sandbox()
    client = sandbox.app.test_client()
    sandbox.faults.add(Fault("status", provider=provider, status=503, path=path))
    sandbox.faults.add(Fault("html", provider=provider, path=f"/{provider}{path}"))
    answers = [client.get(f"/{provider}{path}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert [answer.mimetype for answer in answers] == ["application/json", "text/html", "application/json"]
    assert [(call.path, call.fault) for call in sandbox.calls.all(provider)] == [
        (f"/{provider}{path}", "status"),
        (f"/{provider}{path}", "html"),
        (f"/{provider}{path}", None),
    ]


def test_a_fault_for_the_api_does_not_strike_public_addresses() -> None:
    sandbox = Sandbox()
    sandbox.faults.add(Fault("status", provider="statuspage", status=503, path="/pages/*"))
    assert sandbox.app.test_client().get("/statuspage/api/v2/summary.json").status_code == 200


def test_the_pages_for_people_are_never_struck() -> None:
    sandbox = Sandbox()
    sandbox.faults.add(Fault("status", status=503, times=None))
    client = sandbox.app.test_client()
    assert [client.get(f"/{name}/").status_code for name in sandbox.plugins] == [200] * 4
    assert sandbox.calls.all() == []
