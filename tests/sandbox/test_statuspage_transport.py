"""The Statuspage sandbox over HTTP: keys, limits, paging, bodies and error shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import COMPONENT_IDS, PAGE_ID
from bridge.sandbox.statuspage.http import parse_form

API = COMPONENT_IDS["Public API"]


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Server:
    """A served sandbox with its clock."""

    def __init__(self, sandbox: Sandbox, clock: Hands, url: str) -> None:
        self.clock = clock
        self.settings = sandbox.plugins["statuspage"].settings
        self.sandbox = sandbox
        self._base = f"{url}/statuspage/v1"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("headers", {"Authorization": "OAuth sandbox"})
        return requests.request(method, self._base + path, timeout=5, **options)


@pytest.fixture
def server() -> Iterator[Server]:
    clock = Hands()
    sandbox = Sandbox(clock)
    with serve(sandbox) as running:
        yield Server(sandbox, clock, running.url)


COMPONENTS = f"/pages/{PAGE_ID}/components"
INCIDENTS = f"/pages/{PAGE_ID}/incidents"


@pytest.mark.parametrize("header", ["OAuth sandbox", "oauth sandbox", "OAUTH sandbox"])
def test_the_scheme_word_may_be_in_any_case(server: Server, header: str) -> None:
    assert server.call("GET", COMPONENTS, headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize("header", ["Bearer sandbox", "sandbox", "OAuth wrong", "Token sandbox", ""])
def test_every_other_key_or_scheme_answers_the_same_401(server: Server, header: str) -> None:
    answer = server.call("GET", COMPONENTS, headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()) == (401, {"error": "Could not authenticate"})


def test_the_key_can_be_in_the_query(server: Server) -> None:
    assert server.call("GET", COMPONENTS + "?api_key=sandbox", headers={}).status_code == 200


@pytest.mark.parametrize("status", [420, 429])
def test_the_61st_call_within_a_minute_is_refused_and_tells_when_to_come_back(server: Server, status: int) -> None:
    server.settings.over_limit_status = status
    for _ in range(60):
        assert server.call("GET", "/pages").status_code == 200
        server.clock.time += timedelta(milliseconds=500)
    refused = server.call("GET", "/pages")
    assert (refused.status_code, refused.headers["Retry-After"]) == (status, "30")
    assert "error" in refused.json()
    assert not [name for name in refused.headers if name.lower().startswith("x-ratelimit")]
    server.clock.time += timedelta(seconds=30)
    assert server.call("GET", "/pages").status_code == 200


def test_the_limit_can_be_switched_off(server: Server) -> None:
    server.settings.rate_limit = None
    assert all(server.call("GET", "/pages").ok for _ in range(61))


def test_whether_refused_calls_count_is_a_switch(server: Server) -> None:
    server.settings.rate_limit, server.settings.count_refused_calls = 1, True
    assert server.call("HEAD", "/pages").status_code == 200
    server.clock.time += timedelta(seconds=40)
    assert server.call("GET", "/pages").headers["Retry-After"] == "60"
    server.settings.count_refused_calls = False
    assert server.call("GET", "/pages").headers["Retry-After"] == "60"
    server.clock.time += timedelta(seconds=20)
    assert server.call("GET", "/pages").status_code == 420, "the refused call is still in the window"


def test_calls_with_a_wrong_key_cost_no_budget(server: Server) -> None:
    server.settings.rate_limit = 1
    server.call("GET", "/pages", headers={})
    assert server.call("GET", "/pages").status_code == 200


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("list", ["Name can't be blank", "Status is not included in the list"]),
        ("string", "Name can't be blank, Status is not included in the list"),
        ("object", {"name": ["can't be blank"], "status": ["is not included in the list"]}),
    ],
)
def test_the_shape_of_an_error_can_be_switched(server: Server, shape: str, expected: Any) -> None:
    server.settings.error_shape = shape
    answer = server.call("POST", INCIDENTS, json={"incident": {"status": "no"}})
    assert (answer.status_code, answer.json()) == (422, {"error": expected})


def test_a_json_suffix_is_accepted_and_an_unknown_page_is_not(server: Server) -> None:
    assert server.call("GET", f"/pages/{PAGE_ID}.json").json()["id"] == PAGE_ID
    assert server.call("GET", COMPONENTS + ".json").status_code == 200
    assert server.call("GET", "/pages/bcdfghjklmnp/components").status_code == 404


def test_broken_unwrapped_and_undeclared_bodies_are_told_apart(server: Server) -> None:
    headers = {"Authorization": "OAuth sandbox", "Content-Type": "application/json"}
    assert server.call("POST", INCIDENTS, data="{", headers=headers).status_code == 400
    assert server.call("POST", INCIDENTS, json={"name": "x"}).status_code == 400
    assert server.call("POST", INCIDENTS, data="{}").status_code == 415


def test_a_form_can_carry_the_components_map(server: Server) -> None:
    form = {
        "incident[name]": "From a form",
        "incident[body]": "x",
        "incident[component_ids][]": API,
        f"incident[components][{API}]": "major_outage",
        "incident[deliver_notifications]": "f",
    }
    made = server.call("POST", INCIDENTS, data=form).json()
    assert made["components"][0]["status"] == "major_outage"
    assert made["incident_updates"][0]["deliver_notifications"] is False


def test_form_keys_nest() -> None:
    assert parse_form([("a[b][c]", "1"), ("a[d][]", "2"), ("a[d][]", "3"), ("e", "4")]) == {
        "a": {"b": {"c": "1"}, "d": ["2", "3"]},
        "e": "4",
    }


def test_lists_are_cut_at_100_without_a_word(server: Server) -> None:
    server.settings.rate_limit = None
    for number in range(101):
        server.call("POST", INCIDENTS, json={"incident": {"name": f"n{number}"}})
    assert len(server.call("GET", INCIDENTS).json()) == 100
    assert [row["name"] for row in server.call("GET", INCIDENTS + "?page=2").json()] == ["n0"]
    assert server.call("GET", INCIDENTS + "?page=3").json() == []
    assert len(server.call("GET", INCIDENTS + "?limit=7").json()) == 7
    assert len(server.call("GET", INCIDENTS + "?per_page=7").json()) == 100, "incidents call it limit"
    assert len(server.call("GET", INCIDENTS + "/unresolved?per_page=7").json()) == 7
    assert server.call("GET", INCIDENTS + "?page=0").status_code == 400


def test_only_subscribers_begin_with_page_0(server: Server) -> None:
    for number in range(3):
        fields = {"email": f"{number}@example.com", "skip_confirmation_notification": True}
        server.call("POST", f"/pages/{PAGE_ID}/subscribers", json={"subscriber": fields})

    def read(page: int) -> list[str]:
        rows = server.call("GET", f"/pages/{PAGE_ID}/subscribers?limit=2&page={page}").json()
        return [row["email"] for row in rows]

    assert read(0) == ["0@example.com", "1@example.com"]
    assert read(1) == ["2@example.com"]


def test_the_same_seed_gives_the_same_ids_after_a_reset(server: Server) -> None:
    first = server.call("POST", INCIDENTS, json={"incident": {"name": "x"}}).json()["id"]
    server.sandbox.reset()
    assert server.call("GET", INCIDENTS).json() == []
    assert server.call("POST", INCIDENTS, json={"incident": {"name": "x"}}).json()["id"] == first
