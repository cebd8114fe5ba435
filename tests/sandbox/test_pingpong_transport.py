"""The PingPong sandbox over HTTP: keys, routes, methods and error bodies of a Django REST framework backend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.pingpong import COMPONENT_IDS
from bridge.sandbox.server import serve

API = COMPONENT_IDS["Public API"]
NO_KEY = "Authentication credentials were not provided."


class Server:
    """A served sandbox."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.settings = sandbox.plugins["pingpong"].settings
        self.sandbox = sandbox
        self._base = f"{url}/pingpong/rest/v1"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": "Token sandbox", **options.pop("headers", {})}
        return requests.request(method, self._base + path, headers=headers, timeout=5, **options)


@pytest.fixture
def server() -> Iterator[Server]:
    sandbox = Sandbox()
    with serve(sandbox) as running:
        yield Server(sandbox, running.url)


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, NO_KEY),
        ("Bearer sandbox", NO_KEY),
        ("Token wrong", "Invalid token."),
        ("Token", "Invalid token header. No credentials provided."),
        ("Token a b", "Invalid token header. Token string should not contain spaces."),
    ],
)
def test_a_key_that_is_missing_or_wrong_is_told_in_the_frameworks_words(
    server: Server, header: str | None, detail: str
) -> None:
    answer = server.call("GET", "/status", headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, {"detail": detail})
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_scheme_word_may_be_in_lower_case(server: Server) -> None:
    assert server.call("GET", "/status", headers={"Authorization": "token sandbox"}).status_code == 200


@pytest.mark.parametrize("path", ["/components/", "/nowhere", "/", f"/components/{API}/", "/incidents//updates"])
def test_an_unknown_route_is_an_html_page_even_without_a_key(server: Server, path: str) -> None:
    answer = server.call("GET", path, headers={"Authorization": None})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("framework", "detail"), [("3.12", "Not found."), ("3.18", "No Incident matches the given query.")]
)
def test_an_unknown_object_is_json(server: Server, framework: str, detail: str) -> None:
    server.settings.framework = framework
    answer = server.call("GET", "/incidents/2222222222222222222222")
    assert (answer.status_code, answer.json()) == (404, {"detail": detail})


def test_an_unknown_object_is_told_before_a_broken_body(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    assert server.call("PATCH", "/incidents/nobody", data="{", headers=headers).status_code == 404
    answer = server.call("PATCH", f"/components/{API}", data="{", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("JSON parse error - ")


def test_content_negotiation(server: Server) -> None:
    assert server.call("GET", "/status", headers={"Accept": "text/html"}).status_code == 406
    assert server.call("GET", "/status", headers={"Accept": "application/*"}).status_code == 200
    answer = server.call("POST", "/components", data="name=x", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()) == (415, {"detail": 'Unsupported media type "text/plain" in request.'})


def test_options_tells_methods_and_fields_even_for_an_object_that_does_not_exist(server: Server) -> None:
    answer = server.call("OPTIONS", "/incidents/nobody/updates/nothing")
    assert answer.headers["Allow"] == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
    assert answer.json()["actions"]["PUT"]["status"]["required"] is True
    names = server.call("OPTIONS", "/components").json()["actions"]["POST"]
    assert names["name"]["max_length"] == 50


def test_fixed_paths_win_over_ids(server: Server) -> None:
    assert server.call("GET", "/incidents/ongoing").json() == []
    assert server.call("GET", "/custom-metrics/data").status_code == 405


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": "  "}, {"name": ["This field may not be blank."]}),
        ({"name": "x" * 51}, {"name": ["Ensure this field has no more than 50 characters."]}),
        ({"name": "x\x00y"}, {"name": ["Null characters are not allowed."]}),
        ({"name": ["x"]}, {"name": ["Not a valid string."]}),
        ({"name": "x", "status": "down"}, {"status": ['"down" is not a valid choice.']}),
        ({"name": "x", "showcased": "maybe"}, {"showcased": ["Must be a valid boolean."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_bad_bodies_are_explained_field_by_field(server: Server, body: Any, problem: Any) -> None:
    answer = server.call("POST", "/components", json=body)
    assert (answer.status_code, answer.json()) == (400, problem)
    assert len(server.call("GET", "/components").json()) == 4
    assert server.sandbox.journal.entries("pingpong") == []


def test_length_counts_code_points_after_trimming_and_unknown_fields_are_ignored(server: Server) -> None:
    made = server.call("POST", "/components", json={"name": f"  {'🙂' * 50}  ", "discription": "typo"})
    assert made.status_code == 201
    assert made.json()["name"] == "🙂" * 50
    assert made.json()["description"] is None


@pytest.mark.parametrize(
    ("framework", "problem"),
    [
        ("3.12", [{}, {"status": ["This field is required."]}]),
        ("3.18", {"1": {"status": ["This field is required."]}}),
    ],
)
def test_problems_in_nested_lists_follow_the_version(server: Server, framework: str, problem: Any) -> None:
    server.settings.framework = framework
    rows = [{"id": API, "status": "Operational"}, {"id": API}]
    answer = server.call("POST", "/incidents", json={"title": "x", "affected_components": rows})
    assert (answer.status_code, answer.json()) == (400, {"affected_components": problem})


def test_a_bad_id_in_a_list_of_ids_is_told_by_its_place(server: Server) -> None:
    body = {
        "title": "x",
        "scheduled_for": "2026-01-01T00:00:00",
        "ends_at": "2026-01-02T00:00:00.5Z",
        "affected_components": [API, "nobody"],
    }
    answer = server.call("POST", "/maintenance", json=body)
    assert list(answer.json()["affected_components"]) == ["1"]
    made = server.call("POST", "/maintenance", json=body | {"affected_components": [API]}).json()
    assert (made["scheduled_for"], made["ends_at"]) == ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")


def test_a_time_that_is_none_is_explained(server: Server) -> None:
    answer = server.call("POST", "/incidents", json={"title": "x", "occurred_at": "yesterday"})
    assert answer.json()["occurred_at"][0].startswith("Datetime has wrong format.")


def test_lists_can_come_wrapped(server: Server) -> None:
    server.settings.wrap_lists = True
    body = server.call("GET", "/components").json()
    assert (body["count"], body["next"], len(body["results"])) == (4, None, 4)


def test_every_answer_allows_every_origin(server: Server) -> None:
    assert server.call("GET", "/status").headers["Access-Control-Allow-Origin"] == "*"
