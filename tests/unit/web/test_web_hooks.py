"""The hooks against a real store: every answer that the issue names, and every bad input it lists."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from web_side import AUTHORIZED, NOW, TOKEN, FixedClock
from werkzeug.test import TestResponse

from bridge.config.settings import Settings
from bridge.errors import StoreDown
from bridge.model.enums import Action
from bridge.sources.alertmanager import Alertmanager
from bridge.store import Store
from bridge.store.embedded import EmbeddedServer, ensure_server
from bridge.web.app import create_app
from bridge.web.errors import RETRY_AFTER

DATA = Path(__file__).parents[2] / "data" / "sources" / "alertmanager"
FIRING = (DATA / "firing_batch.json").read_bytes()


@pytest.fixture
def client(settings: Settings, store: Store) -> FlaskClient:
    return create_app(settings, store, FixedClock()).test_client()


def post(client: FlaskClient, body: Any = FIRING, path: str = "/hooks/prometheus", **options: Any) -> TestResponse:
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return client.post(path, data=body, **{"headers": AUTHORIZED, **options})


def group(*alerts: Any) -> dict[str, Any]:
    return {"version": "4", "status": "firing", "alerts": list(alerts)}


def alert(**changes: Any) -> dict[str, Any]:
    labels = {"alertname": "Down", "severity": "critical"}
    return {"status": "firing", "labels": labels, "startsAt": "2026-08-20T10:11:12Z", "fingerprint": "f1", **changes}


def is_error(answer: TestResponse, code: int) -> bool:
    body = answer.get_json()
    return answer.status_code == code == body["code"] and {"code", "status", "message"} <= set(body)


# --- accepted ---------------------------------------------------------------------------------------------------------


def test_a_delivery_is_on_disk_when_202_is_answered(client: FlaskClient, store: Store) -> None:
    answer = post(client)
    assert answer.status_code == 202
    body = answer.get_json()
    assert body == {"delivery": body["delivery"], "events": 2, "ignored": 0, "quarantined": 0, "duplicate": False}
    (entry,) = store.inbox.read("prometheus", "0-0", 10)
    assert (entry.delivery, entry.received_at) == (body["delivery"], NOW)
    assert [event.action for event in entry.events] == [Action.TRIGGER, Action.TRIGGER]


def test_one_bad_alert_of_ten_is_quarantined_and_nine_are_accepted(client: FlaskClient, store: Store) -> None:
    alerts = [alert(fingerprint=str(number)) for number in range(10)]
    del alerts[4]["labels"]
    answer = post(client, group(*alerts)).get_json()
    assert (answer["events"], answer["quarantined"]) == (9, 1)
    assert answer["reasons"] == ["4: labels: is missing."]
    assert len(store.inbox.read("prometheus", "0-0", 10)[0].events) == 9
    assert store.counters()["events.quarantined|prometheus"] == 1


def test_a_slash_too_many_at_the_end_of_the_address_loses_nothing(client: FlaskClient, store: Store) -> None:
    assert post(client, path="/hooks/prometheus/").status_code == 202
    assert len(store.inbox.read("prometheus", "0-0", 10)) == 1


def test_ignored_alerts_are_accepted_and_counted(client: FlaskClient) -> None:
    answer = post(client, (DATA / "never_published.json").read_bytes())
    assert answer.status_code == 202
    assert (answer.get_json()["events"], answer.get_json()["ignored"]) == (0, 3)


def test_a_truncated_group_warns(client: FlaskClient, store: Store) -> None:
    answer = post(client, (DATA / "truncated.json").read_bytes()).get_json()
    assert answer["warnings"] == ["7 alerts of the group were left out: set max_alerts to 0 in Alertmanager."]
    assert store.counters()["deliveries.warned|prometheus"] == 1


def test_500_alerts_in_one_body(client: FlaskClient, store: Store) -> None:
    answer = post(client, group(*(alert(fingerprint=str(number)) for number in range(500))))
    assert answer.get_json()["events"] == 500
    assert len(store.inbox.read("prometheus", "0-0", 10)[0].events) == 500


def test_nul_and_four_byte_characters_come_through(client: FlaskClient, store: Store) -> None:
    body = group(alert(annotations={"summary": "a\x00b 🔥\ud800"}, labels={"alertname": "Dåwn\x00🔥"}))
    assert post(client, body).get_json()["events"] == 1
    (event,) = store.inbox.read("prometheus", "0-0", 10)[0].events
    assert (event.title, event.labels["alertname"]) == ("a\ufffdb 🔥\ufffd", "Dåwn\ufffd🔥")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "☃"]
)
def test_the_content_type_is_not_trusted(client: FlaskClient, content_type: str | None) -> None:
    assert post(client, content_type=content_type).get_json()["events"] == 2


def test_a_body_sent_twice_is_accepted_twice(client: FlaskClient, store: Store) -> None:
    first, second = post(client).get_json(), post(client).get_json()
    assert first["delivery"] != second["delivery"]
    assert len(store.inbox.read("prometheus", "0-0", 10)) == 2


def test_a_body_sent_twice_under_one_idempotency_key_is_kept_once(client: FlaskClient, store: Store) -> None:
    headers = {**AUTHORIZED, "Idempotency-Key": "abc"}
    first, second = post(client, headers=headers).get_json(), post(client, headers=headers).get_json()
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert len(store.inbox.read("prometheus", "0-0", 10)) == 1


def test_times_that_are_no_times_do_not_cost_the_alert(client: FlaskClient) -> None:
    answer = post(client, group(alert(startsAt="tea time", endsAt={}))).get_json()
    assert (answer["events"], answer["quarantined"]) == (1, 0)
    assert len(answer["warnings"]) == 2


@pytest.mark.parametrize("bad", [alert(status="exploded"), alert(labels=None), alert(labels={}), "text", None])
def test_an_alert_that_cannot_be_understood_is_quarantined(client: FlaskClient, bad: Any) -> None:
    answer = post(client, group(bad))
    assert answer.status_code == 202
    assert (answer.get_json()["events"], answer.get_json()["quarantined"]) == (0, 1)


def test_pagerduty_clients_get_their_answer_beside_ours(client: FlaskClient) -> None:
    body = {"event_action": "trigger", "dedup_key": "k", "payload": {"summary": "S", "severity": "error"}}
    answer = post(client, body, "/hooks/open", headers={})
    assert answer.status_code == 202
    assert answer.get_json()["status"] == "success"
    assert answer.get_json()["events"] == 1


def test_a_chunked_body_is_read_to_its_end(client: FlaskClient) -> None:
    answer = client.post(
        "/hooks/prometheus",
        input_stream=io.BytesIO(FIRING),
        headers=AUTHORIZED,
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.get_json()["events"] == 2


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"not json", b'{"a":', b"[" * 100_000, b"\xff\xfe", b"[]", b"{}", b'"x"', b"null", b'{"alerts": 3}'],
)
def test_a_body_that_cannot_be_parsed_is_kept_and_refused(client: FlaskClient, store: Store, body: bytes) -> None:
    answer = post(client, body)
    assert is_error(answer, 400)
    assert answer.get_json()["delivery"].startswith("dlv_")
    assert store.counters()["events.quarantined|prometheus"] == 1
    assert store.counters()["deliveries.refused|prometheus|400"] == 1
    assert store.inbox.read("prometheus", "0-0", 10) == []


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/hooks/prometheus", {}),
        ("/hooks/prometheus", {"Authorization": "Bearer wrong"}),
        ("/hooks/prometheus", {"Authorization": "Basic cHJvbTpwYXNz"}),
        (f"/hooks/prometheus/{TOKEN}", {}),
        ("/hooks/basic", {"Authorization": f"Bearer {TOKEN}"}),
        ("/hooks/path", AUTHORIZED),
        ("/hooks/path/wrong", {}),
        ("/hooks/open/anything", {}),
    ],
)
def test_who_is_not_authentic_gets_401_and_nothing_is_kept(
    client: FlaskClient, store: Store, path: str, headers: dict[str, str]
) -> None:
    answer = post(client, path=path, headers=headers)
    assert is_error(answer, 401)
    assert "deliveries.accepted" not in str(store.counters())
    assert "events.quarantined" not in str(store.counters())


def test_each_kind_of_authentication_lets_its_own_in(client: FlaskClient) -> None:
    basic = {"Authorization": "Basic " + base64.b64encode(b"prom:pass").decode()}
    assert post(client, headers={"Authorization": "Bearer older-token"}).status_code == 202
    assert post(client, path="/hooks/basic", headers=basic).status_code == 202
    assert post(client, [], "/hooks/path/path-secret", headers={}).status_code == 202
    assert post(client, [], "/hooks/open", headers={}).status_code == 202


def test_a_401_says_how_to_authenticate(client: FlaskClient) -> None:
    assert post(client, headers={}).headers["WWW-Authenticate"].startswith("Bearer ")
    assert post(client, path="/hooks/basic", headers={}).headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "path", ["/hooks/nobody", "/hooks/nobody/secret", "/hooks/", "/hooks", "/hooks//prometheus", "/nothing"]
)
def test_an_unknown_source_is_404_without_repeating_the_path(client: FlaskClient, path: str) -> None:
    answer = post(client, path=path)
    assert is_error(answer, 404)
    assert "nobody" not in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_405(client: FlaskClient, method: str) -> None:
    answer = client.open("/hooks/prometheus", method=method, headers=AUTHORIZED)
    assert is_error(answer, 405)
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [1_048_577, 2 * 1_048_576, 20 * 1_048_576])
def test_a_body_above_one_mebibyte_is_413(client: FlaskClient, size: int, chunked: bool) -> None:
    stream = CountingStream(size)
    length = {"CONTENT_LENGTH": "" if chunked else str(size)}
    environ = {"wsgi.input": stream, "wsgi.input_terminated": chunked, **length}
    answer = client.post("/hooks/prometheus", headers=AUTHORIZED, environ_overrides=environ)
    assert is_error(answer, 413)
    assert stream.read_bytes <= 10 * 1_048_576


def test_a_body_of_exactly_one_mebibyte_is_read(client: FlaskClient) -> None:
    body = FIRING + b" " * (1_048_576 - len(FIRING))
    assert post(client, body).get_json()["events"] == 2


class CountingStream(io.RawIOBase):
    """Blanks without end, or nearly; counts what was taken."""

    def __init__(self, size: int) -> None:
        self.left, self.read_bytes = size, 0

    def read(self, size: int = -1) -> bytes:
        taken = min(size, self.left)
        self.left -= taken
        self.read_bytes += taken
        return b" " * taken


def test_a_body_that_ends_too_early_is_400_and_not_kept(client: FlaskClient, store: Store) -> None:
    environ = {"CONTENT_LENGTH": "5000"}
    answer = client.post(
        "/hooks/prometheus", input_stream=io.BytesIO(b"{}"), headers=AUTHORIZED, environ_overrides=environ
    )
    assert is_error(answer, 400)
    assert "events.quarantined|prometheus" not in store.counters()


def test_a_broken_transfer_coding_is_400(client: FlaskClient) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ValueError("invalid chunk size")

    environ = {"wsgi.input": Broken(), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert is_error(client.post("/hooks/prometheus", headers=AUTHORIZED, environ_overrides=environ), 400)


# --- the store is away ------------------------------------------------------------------------------------------------


def test_while_the_store_is_away_everything_is_503_and_afterwards_it_works(
    client: FlaskClient, settings: Settings, store: Store, server: EmbeddedServer
) -> None:
    assert post(client).status_code == 202
    server.stop()
    answer = post(client)
    assert is_error(answer, 503)
    assert answer.headers["Retry-After"] == str(RETRY_AFTER)
    assert is_error(client.get("/readyz"), 503)
    assert client.get("/healthz").status_code == 200
    assert is_error(post(client, b"not json"), 400)
    assert "statusbridge_store_up 0.0" in client.get("/metrics").text
    again = ensure_server(settings.store.state_dir)
    try:
        statuses = [post(client).status_code for _ in range(3)]
        assert statuses[-1] == 202
        assert client.get("/readyz").status_code == 200
        assert len(store.inbox.read("prometheus", "0-0", 10)) == 1 + statuses.count(202)
        assert client.get("/metrics").status_code == 200  # hands over what was counted meanwhile
        assert store.counters()["deliveries.refused|prometheus|400"] == 1
    finally:
        again.stop()


def test_a_store_that_vanishes_in_the_middle_of_a_request_is_503(
    client: FlaskClient, store: Store, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Alertmanager.parse

    def stop_store_and_parse(self: Alertmanager, delivery: Any) -> Any:
        server.stop()
        return real(self, delivery)

    monkeypatch.setattr(Alertmanager, "parse", stop_store_and_parse)
    answer = post(client)
    assert is_error(answer, 503)
    assert answer.get_json()["delivery"].startswith("dlv_")


@pytest.mark.parametrize("where", ["parse", "accept"])
def test_a_fault_of_our_own_is_503_and_logged_without_the_body(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch, logged: list[Any], where: str
) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("quotes the body: 127.0.0.1:9090")

    monkeypatch.setattr(*((Alertmanager, "parse", fail) if where == "parse" else (store, "accept", fail)))
    answer = post(client)
    assert is_error(answer, 503)
    assert "Retry-After" in answer.headers
    assert "store" not in answer.get_json()["message"]
    (entry,) = [entry for entry in logged if entry["log_level"] == "error"]
    assert entry["delivery"] == answer.get_json()["delivery"]
    assert entry["error"] == "ZeroDivisionError"
    assert "fail" in entry["where"]
    assert "9090" not in str(logged) + answer.text


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_secret_reaches_a_log_or_an_answer(client: FlaskClient, store: Store, logged: list[Any]) -> None:
    texts = [
        post(client, path="/hooks/path/path-secret", headers={}, query_string={"token": "query-secret", "a": "b"}).text,
        post(client, b"{", "/hooks/path/path-secret", headers={}).text,
        post(client, path="/hooks/path/almost-path-secret", headers={}).text,
        post(client, path="/hooks/path/path-secret/more", headers={}).text,
        post(client, path="/hooks/nobody/path-secret", headers={}).text,
        post(client, headers={"Authorization": "Bearer bearer-secret"}).text,
        client.get("/metrics").text,
        client.get("/").text,
    ]
    assert "secret" not in "".join(texts).replace("The secret in the path is not valid.", "")
    assert "-secret" not in str(logged)


def test_a_store_error_from_another_address_is_the_same_shape(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise StoreDown("redis://user:pass@host")

    monkeypatch.setattr(store, "check_writable", away)
    answer = client.get("/readyz")
    assert is_error(answer, 503)
    assert "pass" not in answer.text
