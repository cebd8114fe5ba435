"""Every request that clients make, in every operation of the vendors, is as the vendors document it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cachet3_client import TOKEN as CACHET3_TOKEN
from test_cachet3_client import use_everything as use_cachet3
from test_pingpong_client import TOKEN as PINGPONG_TOKEN
from test_pingpong_client import Ticking
from test_pingpong_client import use_everything as use_pingpong
from test_statuspage_client import TOKEN as STATUSPAGE_TOKEN
from test_statuspage_client import Still
from test_statuspage_client import use_everything as use_statuspage

from bridge.providers import cachet3, pingpong, statuspage
from bridge.sandbox.app import Sandbox
from bridge.sandbox.pingpong import WIDGET_KEY
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import ORGANIZATION_ID, PAGE_ID
from tests.contract.recording import Sent, operations, problems_of, recorded

LISTS = Path(__file__).parents[2] / "meta" / "data"
PLENTY = {"rate": (100_000, 60.0), "environ": {}}


def _unlimited(sandbox: Sandbox, provider: str) -> Sandbox:
    sandbox.plugins[provider].settings.rate_limit = None  # type: ignore[attr-defined]
    return sandbox


def test_all_that_the_statuspage_client_sends_is_as_documented() -> None:
    sandbox = _unlimited(Sandbox(Still(), STATUSPAGE_TOKEN), "statuspage")
    with serve(sandbox) as server, recorded() as requests:
        of = {"url": server.url + "/statuspage/v1", "organization_id": ORGANIZATION_ID}
        with statuspage.Client(STATUSPAGE_TOKEN, PAGE_ID, **of, **PLENTY) as client:  # type: ignore[arg-type]
            use_statuspage(client)
    assert requests.problems() == []
    assert set(operations("statuspage")) - requests.used("statuspage") == set()
    assert len(operations("statuspage")) == 112


def test_all_that_the_pingpong_client_sends_is_as_documented() -> None:
    with serve(Sandbox(Ticking(), PINGPONG_TOKEN)) as server, recorded() as requests:
        of = {"url": server.url + "/pingpong/rest/v1", "widget_key": WIDGET_KEY}
        with pingpong.Client(PINGPONG_TOKEN, **of, **PLENTY) as client:  # type: ignore[arg-type]
            use_pingpong(client)
    assert requests.problems() == []
    assert set(operations("pingpong")) - requests.used("pingpong") == set()
    assert len(operations("pingpong")) == 44


def test_all_that_the_cachet_3_client_sends_is_as_documented() -> None:
    sandbox = _unlimited(Sandbox(token=CACHET3_TOKEN), "cachet3")
    with serve(sandbox) as server, recorded() as requests:
        of = {"url": server.url + "/cachet3", "token": CACHET3_TOKEN, **PLENTY}
        with cachet3.Client(**of) as client:  # type: ignore[arg-type]
            use_cachet3(client)
    assert requests.problems() == []
    assert set(operations("cachet3")) - requests.used("cachet3") == set()
    assert len(operations("cachet3")) == 61


@pytest.mark.parametrize("provider", ["statuspage", "pingpong", "cachet3"])
def test_the_documented_operations_are_those_that_the_clients_are_held_to(provider: str) -> None:
    listed = json.loads((LISTS / f"operations-{provider}.json").read_text(encoding="utf-8"))
    assert set(listed) == set(operations(provider))


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "told"),
    [
        ("GET", "/pages/p/nothing", {}, None, "no such operation"),
        ("GET", "/pages/p/incidents", {"per_page": "100"}, None, "no parameter per_page"),
        ("GET", "/pages/p/subscribers", {"state": "asleep"}, None, "state=asleep"),
        ("POST", "/pages/p/incidents", {}, {"incident": {"name": "x", "colour": "red"}}, "colour"),
        ("POST", "/pages/p/incidents", {}, {"name": "x"}, "'incident' is a required property"),
        ("POST", "/pages/p/incidents", {}, {"incident": {"name": "x", "status": "odd"}}, "'odd' is not one of"),
        ("POST", "/pages/p/incidents", {}, {"incident": {"name": "x", "metadata": {"a": "b"}}}, "metadata.a"),
        ("PUT", "/pages/p/incidents/i/postmortem", {}, None, "'postmortem' is a required property"),
        ("DELETE", "/pages/p/incidents/i", {}, {"a": 1}, "where none is documented"),
    ],
)
def test_a_request_that_is_not_as_documented_is_noticed(
    method: str, path: str, query: dict[str, str], body: object, told: str
) -> None:
    sent = Sent("statuspage", method, path, query, body, "application/json")
    assert told in "\n".join(problems_of(sent))
