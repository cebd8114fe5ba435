"""HTTP to a destination: what is sent, what never is, and what is known after an answer got lost."""

from __future__ import annotations

import http.server
import os
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_server import answer, hang_up, scripted, trickle

from bridge.errors import Busy, ConfigError, Down, NotAllowed, Outcome, ProviderError, Refused
from bridge.model.facts import Call
from bridge.providers.base.failures import Failures, first_of
from bridge.providers.base.http import Address, Http
from bridge.secret import Secret
from bridge.testing.stage import CountingBudget

TOKEN = "s3cr3t|key/with+signs"


def http_to(url: str, calls: list[Call] | None = None, budget: CountingBudget | None = None, **address: Any) -> Http:
    where = Address(**{"url": url, "token": Secret(TOKEN), "scheme": "Bearer", "read_timeout": 0.5, **address})
    failures = Failures(words=first_of("error"))
    return Http(where, failures, budget or CountingBudget(), (calls if calls is not None else []).append)


def failed(http: Http, method: str = "POST", path: str = "/things") -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        if method == "GET":
            http.read(path)
        else:
            http.write(method, path, {"name": "x"})
    return caught.value


def test_a_call_carries_the_token_in_its_scheme_and_the_body_as_json() -> None:
    with scripted(answer({"id": 1})) as server:
        assert http_to(server.url).write("POST", "/things", {"name": "über 🔥"}, {"q": "a b"}) == {"id": 1}
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /things?q=a+b HTTP/1.1")
    assert f"Authorization: Bearer {TOKEN}".encode() in head
    assert b"Accept: application/json" in head
    assert b"Content-Type: application/json" in head
    assert body.decode() == '{"name": "über 🔥"}'


def test_a_netrc_entry_for_the_host_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with scripted(answer({})) as server:
        http_to(server.url).read("/things")
    assert f"Authorization: Bearer {TOKEN}".encode() in server.requests[0]


def test_another_header_can_carry_the_token_bare() -> None:
    with scripted(answer({})) as server:
        http_to(server.url, header="X-Cachet-Token", scheme="").read("/things")
    assert f"X-Cachet-Token: {TOKEN}\r\n".encode() in server.requests[0]
    assert b"Authorization" not in server.requests[0]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed_and_its_target_is_told(method: str, status: int) -> None:
    with scripted(answer({})) as other:
        target = f"{other.url}/elsewhere?with={TOKEN}"
        with scripted(answer({}, status, Location=target)) as server:
            error = failed(http_to(server.url), method)
        assert other.requests == []
    assert isinstance(error, Down)
    assert "127.0.0.1/elsewhere" in str(error)
    assert TOKEN not in str(error)
    assert len(server.requests) == 1


def test_cookies_are_not_kept_between_calls() -> None:
    with scripted(answer({}, Set_Cookie="session=1")) as server:
        http = http_to(server.url)
        http.read("/a")
        http.read("/b")
    assert b"Cookie" not in server.requests[1]


def test_one_connection_serves_many_calls_of_a_thread() -> None:
    with scripted(answer({})) as server:
        http = http_to(server.url)
        for _ in range(3):
            http.read("/things")
    assert server.connections == 1


def test_each_thread_has_a_connection_of_its_own() -> None:
    with scripted(answer({})) as server:
        http = http_to(server.url)
        threads = [threading.Thread(target=http.read, args=("/things",)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.connections == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to survive without fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_worker_does_not_share_its_parents_connection() -> None:
    with scripted(answer({})) as server:
        http = http_to(server.url)
        http.read("/things")
        child = os.fork()
        if child == 0:
            http.read("/things")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    assert server.connections == 2


def test_an_idle_connection_that_the_server_closed_costs_no_write() -> None:
    with scripted(answer({"id": 1}, keep=False)) as server:
        http = http_to(server.url)
        http.read("/things")
        time.sleep(0.05)  # until the end of the connection has arrived here
        assert http.write("POST", "/things", {}) == {"id": 1}
    assert server.connections == 2


def test_a_reused_connection_that_breaks_on_a_write_leaves_the_outcome_open() -> None:
    with scripted(answer({}), hang_up) as server:
        http = http_to(server.url)
        http.read("/things")
        error = failed(http)
    assert server.connections == 1
    assert isinstance(error, Down)
    assert error.outcome is Outcome.UNKNOWN


def test_a_write_is_sent_once_whatever_happens() -> None:
    for reaction in (hang_up, answer({}, 500), answer({}, 503), answer(b"<html>", 502), answer(b"{")):
        with scripted(reaction) as server:
            error = failed(http_to(server.url))
        assert len(server.requests) == 1
        assert error.outcome is Outcome.UNKNOWN


def test_a_read_is_tried_three_times_and_each_time_counted() -> None:
    calls: list[Call] = []
    budget = CountingBudget()
    with scripted(hang_up, answer({}, 500), answer([1])) as server:
        assert http_to(server.url, calls, budget).read("/things") == [1]
    assert [call.status for call in calls] == [None, 500, 200]
    assert budget.taken == 3


def test_a_read_that_took_long_is_not_repeated() -> None:
    with scripted(trickle) as server:
        error = failed(http_to(server.url, read_timeout=1.1), "GET")
    assert len(server.requests) == 1
    assert isinstance(error, Down)


def test_an_answer_that_comes_drop_by_drop_ends_with_the_read_timeout() -> None:
    with scripted(trickle) as server:
        error = failed(http_to(server.url))
    assert error.outcome is Outcome.UNKNOWN
    assert "in time" in str(error)


def test_a_refusal_whose_explanation_is_cut_off_is_still_a_refusal() -> None:
    def cut(connection: Any) -> bool:
        connection.sendall(b"HTTP/1.1 422 No\r\nContent-Length: 1000\r\n\r\n{")
        return False

    with scripted(cut) as server:
        error = failed(http_to(server.url))
    assert isinstance(error, Refused)
    assert error.outcome is Outcome.NOT_DONE


def test_nobody_listening_means_that_nothing_was_sent() -> None:
    with scripted(answer({})) as server:
        pass
    error = failed(http_to(server.url))
    assert isinstance(error, Down)
    assert error.outcome is Outcome.NOT_DONE


def test_a_name_that_does_not_exist_means_that_nothing_was_sent() -> None:
    error = failed(http_to("http://nowhere.invalid"))
    assert isinstance(error, Down)
    assert error.outcome is Outcome.NOT_DONE


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=x"
    try:
        subprocess.run([*make.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_certificate_that_cannot_be_trusted_gets_nothing_sent(self_signed: str) -> None:
    error = failed(http_to(self_signed))
    assert isinstance(error, Down)
    assert error.outcome is Outcome.NOT_DONE
    assert "certificate" in str(error)


def test_a_provider_that_echoes_the_token_does_not_get_it_into_our_errors() -> None:
    calls: list[Call] = []
    said = {"error": f"no: Bearer {TOKEN}", "again": TOKEN.rpartition("|")[2], "url": "/?k=s3cr3t%7Ckey%2Fwith%2Bsigns"}
    with scripted(answer({"error": said}, 403, X_Request_Id="req-1")) as server:
        error = failed(http_to(server.url, calls))
    assert isinstance(error, NotAllowed)
    assert error.request_id == "req-1"
    for text in (str(error), repr(error), str(calls), str(error.detail)):
        assert "key/with+signs" not in text
        assert "key%2Fwith%2Bsigns" not in text
    assert "no: Bearer •••" in str(error)


def test_a_call_is_observed_with_its_base_path_and_without_query_and_host() -> None:
    calls: list[Call] = []
    with scripted(answer({})) as server:
        http_to(server.url + "/api/v1/", calls).read("/things", {"secret": "x"})
    assert [(call.method, call.path, call.status) for call in calls] == [("GET", "/api/v1/things", 200)]
    assert calls[0].millis > 0
    assert calls[0].error is None


def test_a_used_up_budget_sends_nothing_and_observes_nothing() -> None:
    calls: list[Call] = []
    with scripted(answer({})) as server:
        error = failed(http_to(server.url, calls, CountingBudget(wait=3.5)))
    assert isinstance(error, Busy)
    assert error.retry_after == 3.5
    assert server.requests == []
    assert calls == []


def test_the_budget_hears_how_long_to_stay_away() -> None:
    budget = CountingBudget()
    with scripted(answer({}, 429, Retry_After="17")) as server:
        failed(http_to(server.url, budget=budget))
    assert budget.penalties == [17]


@pytest.mark.parametrize("url", ["ftp://x", "https://", "status.example.com", "https://u:p@x", "https://x/?a=b"])
def test_an_address_that_cannot_be_used_is_a_mistake_in_the_configuration(url: str) -> None:
    with pytest.raises(ConfigError, match="url"):
        http_to(url)


@pytest.mark.parametrize("token", ["", "two words ", "line\nbreak", "žluť"])
def test_a_token_that_no_header_can_carry_is_a_mistake_and_is_not_shown(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        http_to("https://x.test", token=Secret(token))
    assert not token or token not in str(caught.value)


def test_an_empty_success_is_an_answer() -> None:
    with scripted(answer(b"", 204)) as server:
        assert http_to(server.url).write("DELETE", "/things/1") is None
