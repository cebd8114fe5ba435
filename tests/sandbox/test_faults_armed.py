"""A fault that would never strike, or break where it does, is refused with words when it is armed."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault

MISTAKES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kind": "explosion"}, "kind is one of latency"),
    ({"kind": "reset", "when": "later"}, "when is before or after"),
    ({"kind": "reset", "provider": "status-page"}, "known are cachet2, cachet3, statuspage, pingpong"),
    ({"kind": "reset", "provider": 7}, "provider must be"),
    ({"kind": "reset", "method": "SEND"}, "method must be one of"),
    ({"kind": "reset", "path": None}, "path must be a glob"),
    ({"kind": "status"}, "needs a status"),
    ({"kind": "status", "status": "503"}, "status must be between 200 and 599"),
    ({"kind": "html", "status": 99}, "status must be"),
    ({"kind": "latency"}, "more than 0 for latency"),
    ({"kind": "timeout", "seconds": -1}, "seconds must be"),
    ({"kind": "status", "status": 429, "retry_after": [7]}, "retry_after must be"),
    ({"kind": "reset", "nth": 0}, "nth must be"),
    ({"kind": "reset", "nth": True}, "nth must be"),
    ({"kind": "reset", "probability": 1.5}, "probability must be between 0 and 1"),
    ({"kind": "reset", "times": 0}, "times must be"),
    ({"kind": "reset", "perhaps": 1}, "unknown keys"),
    ({}, "kind is missing"),
)


@pytest.mark.parametrize(("body", "words"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_fault_that_makes_no_sense_is_refused_with_words(body: dict[str, Any], words: str) -> None:
    sandbox = Sandbox()
    answer = sandbox.app.test_client().post("/_sandbox/faults", json=body)
    assert answer.status_code == 422
    assert words in answer.get_json()["error"]
    assert sandbox.faults.to_json() == []


def test_from_python_it_is_refused_too() -> None:
    with pytest.raises(ValueError, match="no provider 'status-page'"):
        Sandbox().faults.add(Fault("reset", provider="status-page"))
    with pytest.raises(ValueError, match="probability"):
        Fault("reset", probability=7)


def test_the_type_of_the_body_and_the_case_of_the_method_do_not_matter() -> None:
    sandbox = Sandbox()
    client = sandbox.app.test_client()
    fault = '{"kind": "status", "status": 503, "method": "get", "provider": "cachet*"}'
    assert client.post("/_sandbox/faults", data=fault).status_code == 201
    assert client.get("/cachet3/api/ping").status_code == 503
    assert client.post("/_sandbox/faults", data="{").status_code == 422


@pytest.mark.parametrize(
    ("provider", "settings", "words"),
    [
        ("cachet2", {"version": "2.5"}, "settings.version"),
        ("cachet3", {"rate_limit": "many"}, "settings.rate_limit"),
        ("statuspage", {"rate": 1}, "settings.rate: is not known"),
        ("pingpong", {"update_methods": "PUT"}, "settings.update_methods"),
    ],
)
def test_a_switch_that_cannot_be_set_so_is_refused_and_nothing_has_changed(
    provider: str, settings: dict[str, Any], words: str
) -> None:
    client = Sandbox().app.test_client()
    before = client.get(f"/_sandbox/settings/{provider}").get_json()
    answer = client.put(f"/_sandbox/settings/{provider}", json=settings)
    assert (answer.status_code, words in answer.get_json()["error"]) == (422, True)
    assert client.get(f"/_sandbox/settings/{provider}").get_json() == before


@pytest.mark.parametrize("status", [400, 401, 403, 405, 409, 420, 422])
@pytest.mark.parametrize(
    "path", ["/cachet2/api/v1/ping", "/cachet3/api/ping", "/statuspage/v1/pages", "/pingpong/live"]
)
def test_what_the_caller_did_wrong_is_not_told_as_trouble_of_the_server(path: str, status: int) -> None:
    sandbox = Sandbox()
    sandbox.faults.add(Fault("status", status=status))
    text = sandbox.app.test_client().get(path).get_data(as_text=True).lower()
    assert "server error" not in text


def test_draws_begin_anew_from_the_same_seed_or_from_another_one() -> None:
    client = Sandbox().app.test_client()

    def statuses(seed: str) -> list[int]:
        assert client.delete(f"/_sandbox/faults{seed}").status_code == 204
        armed = {"kind": "status", "status": 503, "probability": 0.5, "times": None, "path": "/ping"}
        assert client.post("/_sandbox/faults", json=armed).status_code == 201
        return [client.get("/cachet3/api/ping").status_code for _ in range(40)]

    first = statuses("")
    assert set(first) == {200, 503}
    assert statuses("") == first
    other = statuses("?seed=7")
    assert other != first
    assert statuses("") == other, "a seed stays until another one is told"
    assert statuses("?seed=1") == first


@pytest.mark.parametrize("path", ["/ping", "/cachet3/api/p*", "*"])
def test_a_path_is_that_below_the_api_or_the_whole_and_a_number_is_that_of_a_fitting_call(path: str) -> None:
    sandbox = Sandbox()
    sandbox.faults.add(Fault("status", provider="cachet3", status=503, path=path, nth=2))
    client = sandbox.app.test_client()
    assert client.get("/cachet2/api/v1/ping").status_code == 200
    assert [client.get("/cachet3/api/ping").status_code for _ in range(4)] == [200, 503, 200, 200]


# --- as the command serves it ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """A sandbox behind gunicorn, as people start it."""
    port = _free_port()
    command = [sys.executable, "-m", "bridge", "sandbox", "--port", str(port), "--seed", "empty"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _await(url)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        ({"kind": "reset", "when": "before"}, 0),
        ({"kind": "reset", "when": "after"}, 1),
        ({"kind": "timeout", "seconds": 0.1, "when": "after"}, 1),
        ({"kind": "short"}, 1),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_connection_that_is_to_end_ends(served: str, fault: dict[str, Any], made: int) -> None:
    requests.post(f"{served}/_sandbox/reset", timeout=5)
    requests.post(f"{served}/_sandbox/faults", json={**fault, "provider": "cachet3", "method": "POST"}, timeout=5)
    begun = time.monotonic()
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)) as caught:
        requests.post(
            f"{served}/cachet3/api/incidents",
            json={"name": "Slow", "message": "m", "status": 1},
            headers={"Authorization": "Bearer sandbox"},
            timeout=5,
        )
    assert not isinstance(caught.value, requests.Timeout)
    assert time.monotonic() - begun < 3
    assert requests.get(f"{served}/_sandbox/state/counts", timeout=5).json()["cachet3"]["incidents"] == made


def _free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str) -> None:
    for _ in range(200):
        try:
            requests.get(f"{url}/_sandbox/faults", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the sandbox did not begin to answer")
