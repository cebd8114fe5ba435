"""What is kept of a delivery and what is not, and answers that depend on the format, over HTTP against a real store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from web_side import NOW, FixedClock, source
from werkzeug.test import TestResponse

from bridge.cli.main import main
from bridge.config.schemes import FieldToken, HmacScheme, SnsScheme
from bridge.config.settings import AuthKind, AuthSettings, Settings, SourceSettings
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.base import traits_of
from bridge.sources.samples import options_of, samples_of
from bridge.sources.signatures.factory import Verifiers
from bridge.store import Store, keys
from bridge.store.backup import dump_state
from bridge.web.app import create_app
from tests import amazon
from tests.amazon import Amazon

HUSH = "hush-hush-hush"
OPEN = AuthSettings(AuthKind.NONE)
EVENT = {
    "specversion": "1.0",
    "id": "1",
    "source": "/mon",
    "type": "x.firing",
    "subject": "api",
    "data": {"title": "T"},
}


@pytest.fixture
def client(settings: Settings, store: Store) -> FlaskClient:
    def checked(name: str, kind: str, auth: AuthSettings = OPEN, **options: Any) -> Any:
        return replace(source(name, kind, auth), options=registry.options_schema(kind)().load(options))

    sns = AuthSettings(AuthKind.SIGNATURE, (), scheme=SnsScheme((amazon.TOPIC,), confirm=False))
    field = AuthSettings(AuthKind.SIGNATURE, (Secret(HUSH),), scheme=FieldToken("k"))
    sources = [
        checked("kuma", "uptime-kuma"),
        checked("plain", "generic"),
        checked("am", "alertmanager"),
        checked("ce", "cloudevents"),
        checked("custom", "custom", key="id", action="state", envelope="cloudevents"),
        checked("netdata", "netdata"),
        checked("sns", "aws-sns", sns),
        checked("cake", "statuscake", field),
    ]
    made = replace(settings, sources={each.name: each for each in sources})
    return create_app(made, store, FixedClock(), Verifiers(Amazon())).test_client()


def post(client: FlaskClient, name: str, body: Any, headers: Mapping[str, str] = {}, query: str = "") -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/hooks/{name}{query}", data=raw, headers=dict(headers))


def held(store: Store, stream: str) -> list[dict[bytes, bytes]]:
    return [row for _, row in store._client.xrange(stream)]  # type: ignore[union-attr]


def test_passwords_of_a_monitor_are_not_kept_and_the_alert_is(client: FlaskClient, store: Store) -> None:
    body = json.loads(samples_of("uptime-kuma")["down"])
    secrets = {
        "basic_auth_user": HUSH, "basic_auth_pass": HUSH, "pushToken": HUSH, "mqttPassword": HUSH, "radiusSecret": HUSH,
        "headers": f'{{"Authorization": "Basic {HUSH}"}}', "body": f'{{"login": "{HUSH}"}}', "tlsKey": HUSH,
        "databaseConnectionString": f"Server=db;Password={HUSH}", "oauth_client_secret": HUSH,
        "kafkaProducerSaslOptions": {"username": "u", "x": HUSH}, "url": f"https://admin:{HUSH}@shop.example.com",
    }  # fmt: skip
    body["monitor"].update(secrets)
    body["heartbeat"]["msg"] = f"connect to mysql://root:{HUSH}@db failed"
    assert post(client, "kuma", body).status_code == 202
    (row,) = held(store, keys.inbox("kuma"))
    assert HUSH not in repr(row)
    kept = json.loads(row[b"body"])
    assert kept["monitor"]["pushToken"] == "•••"
    assert kept["monitor"]["name"] == body["monitor"]["name"]
    (event,) = json.loads(row[b"events"])
    assert event["dedup_key"] == str(body["monitor"]["id"])
    assert event["url"] == "https://•••@shop.example.com"
    assert event["text"] == "connect to mysql://•••@db failed"


def test_the_query_of_a_get_is_looked_into(client: FlaskClient, store: Store) -> None:
    heartbeat = json.dumps({"status": 0, "monitorID": 7})
    monitor = json.dumps({"id": 7, "name": "Shop", "pushToken": HUSH})
    answer = client.get("/hooks/kuma", query_string={"msg": "m", "heartbeat": heartbeat, "monitor": monitor})
    assert answer.status_code == 202
    (row,) = held(store, keys.inbox("kuma"))
    assert HUSH not in repr(row)
    assert "Shop" in row[b"request"].decode()


def test_a_body_without_secrets_is_kept_as_it_came(client: FlaskClient, store: Store) -> None:
    raw = samples_of("alertmanager")["firing_batch"] + b" \r\n"
    assert post(client, "am", raw).status_code == 202
    assert held(store, keys.inbox("am"))[0][b"body"] == raw


def test_what_cannot_be_read_is_kept_without_its_secrets(client: FlaskClient, store: Store) -> None:
    raw = f'{{"title": "it "broke", "api_key": "{HUSH}", "state": "down"}}'.encode()
    assert post(client, "plain", raw).status_code == 400
    assert post(client, "kuma", b"\xff\xfe\x00 password " + HUSH.encode()).status_code == 400
    readable, binary = held(store, keys.QUARANTINE)
    assert readable[b"body"].decode() == '{"title": "it "broke", "api_key": "•••", "state": "down"}'
    assert b"not kept" in binary[b"body"]
    assert HUSH.encode() not in binary[b"body"]


def test_a_quarantined_element_is_kept_without_its_secrets(client: FlaskClient, store: Store) -> None:
    body = [{"dedup_key": "k", "action": "explode", "x": json.dumps({"token": HUSH}), "password": HUSH}]
    answer = post(client, "plain", body)
    assert answer.status_code == 202
    assert HUSH not in answer.get_data(as_text=True)
    assert HUSH not in repr(held(store, keys.inbox("plain")))


def test_a_token_in_a_field_of_any_name_is_not_kept(client: FlaskClient, store: Store) -> None:
    assert post(client, "cake", b"Status=Down&TestID=1&Name=x&k=" + HUSH.encode()).status_code == 202
    assert post(client, "cake", b"Status=Down&TestID=1&Name=x", query=f"?k={HUSH}").status_code == 202
    rows = held(store, keys.inbox("cake"))
    assert len(rows) == 2
    assert HUSH not in repr(rows)


def test_the_token_of_a_test_is_shown_once_and_is_in_no_delivery(
    client: FlaskClient, store: Store, settings: Settings, tmp_path: Path
) -> None:
    sample = samples_of("netdata")["test_notification_token"]
    token = json.loads(sample)["token"]
    assert post(client, "netdata", sample).status_code == 202
    assert token not in repr(held(store, keys.inbox("netdata")))
    assert not any(token in line for line in dump_state(store._client))
    config = tmp_path / "bridge.yaml"
    config.write_text(
        f"sources:\n  netdata: {{type: netdata, auth: none}}\nstore: {{redis_url: '{store.url}'}}\n", encoding="utf-8"
    )
    told = CliRunner().invoke(main, ["--config", str(config), "sources", "handover", "netdata"])
    assert token in told.output, told.output
    again = CliRunner().invoke(main, ["--config", str(config), "sources", "handover", "netdata"])
    assert "asks for nothing" in again.output


def test_an_address_that_the_bridge_does_not_visit_is_handed_over(client: FlaskClient, store: Store) -> None:
    body = amazon.signed(amazon.message("SubscriptionConfirmation", at=NOW))
    assert post(client, "sns", body).status_code == 202
    assert amazon.SUBSCRIBE not in repr(held(store, keys.inbox("sns")))
    assert store.handovers.take("sns") == f"To confirm the subscription, visit {amazon.SUBSCRIBE}"
    assert store.handovers.take("sns") is None


def test_a_dry_run_hands_nothing_over(client: FlaskClient, store: Store) -> None:
    sample = samples_of("netdata")["test_notification_token"]
    assert post(client, "netdata", sample, {"Statusbridge-Dry-Run": "1"}).status_code == 200
    assert store.handovers.take("netdata") is None


AVRO = b"\x0aObj\x01\x04\x14avro.codec\x08null"


@pytest.mark.parametrize("name", ["ce", "custom"])
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/cloudevents+json", EVENT, 202),
        ("application/cloudevents-batch+json; charset=UTF-8", [EVENT], 202),
        ("application/cloudevents", EVENT, 202),
        ("application/json", EVENT, 202),
        ("text/plain", EVENT, 202),
        ("", EVENT, 202),
        ("application/cloudevents+avro", AVRO, 415),
        ("application/cloudevents+avro", EVENT, 415),
        ("application/cloudevents+protobuf", AVRO, 415),
        ("application/cloudevents-batch+xml", b"<batch/>", 415),
        ("APPLICATION/CloudEvents+XML; charset=utf-8", b"<event/>", 415),
        ("application/xml", b"<event/>", 415),
        ("avro/binary", AVRO, 415),
        ("application/cloudevents+json", b"{", 400),
        ("application/json", b"nope", 400),
        ("", b"nope", 400),
    ],
)  # fmt: skip
def test_a_format_that_is_not_read_is_told_from_a_body_that_is_broken(
    client: FlaskClient, store: Store, name: str, kind: str, body: Any, status: int
) -> None:
    answer = post(client, name, body, {"Content-Type": kind} if kind else {})
    assert answer.status_code == status, answer.get_data(as_text=True)
    if status >= 400:
        assert len(held(store, keys.QUARANTINE)) == 1
        assert answer.json is not None
        assert answer.json["delivery"]


def test_in_binary_mode_the_media_type_is_that_of_the_data(client: FlaskClient) -> None:
    attributes = {f"ce-{name}": str(value) for name, value in EVENT.items() if name != "data"}
    for kind, body in (("application/xml", b"<data/>"), ("application/json", b'{"title": "T"}'), ("text/plain", b"x")):
        assert post(client, "ce", body, {**attributes, "Content-Type": kind}).status_code == 202
    refused = post(client, "ce", AVRO, {**attributes, "Content-Type": "application/cloudevents+avro"})
    assert refused.status_code == 415


@pytest.mark.parametrize("kind", sorted(registry.built_in()))
def test_nothing_is_read_before_it_is_authentic(
    kind: str, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: Any) -> Any:
        raise AssertionError("it was read")

    loaded = registry.load(kind)
    monkeypatch.setattr(loaded, "parse", read)
    scheme = traits_of(loaded).scheme
    scheme = SnsScheme((amazon.TOPIC,)) if isinstance(scheme, SnsScheme) else scheme or HmacScheme("x-signature")
    signed = AuthSettings(AuthKind.SIGNATURE, (Secret("whsec_aHVzaA=="),), scheme=scheme)
    options = registry.options_schema(kind)().load(dict(options_of(kind)))
    bearer = AuthSettings(AuthKind.BEARER, (Secret("t"),))
    sources = {name: SourceSettings(name, kind, auth, options) for name, auth in (("s", signed), ("b", bearer))}
    client = create_app(replace(settings, sources=sources), store, FixedClock(), Verifiers(Amazon())).test_client()
    for name in sources:
        for headers in ({}, {"X-Signature": "00", "Authorization": "Bearer x"}):
            answer = client.open(f"/hooks/{name}", method="POST", data=b'{"a": 1}', headers=headers)
            assert answer.status_code in (401, 405), name
    assert store._client.xlen(keys.QUARANTINE) == 0
