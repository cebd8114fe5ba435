"""Signed deliveries, handshakes, delivery ids and answers, over HTTP against a real store."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema
from web_side import NOW, FixedClock
from werkzeug.test import TestResponse

from bridge.config.schemes import HeaderToken, HmacScheme, SnsScheme, StandardWebhooksScheme
from bridge.config.settings import AuthKind, AuthSettings, Settings, SourceSettings
from bridge.errors import ConfigError
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event, Parsed
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.base import Knock, Optional, Reply
from bridge.sources.batch import SourceOptions
from bridge.sources.signatures import vendors
from bridge.sources.signatures.factory import Verifiers
from bridge.store import Store, keys
from bridge.web.app import create_app
from tests import amazon as sns
from tests.amazon import Amazon
from tests.microsoft import SCHEME, Microsoft, claims, token

BODY = json.dumps({"action": "trigger", "dedup_key": "k", "title": "T"}).encode()
SECONDS = int(NOW.timestamp())


class Knocker(Optional):
    """A sender with everything that a type may say."""

    name: ClassVar[str] = "knocker"
    options_schema: ClassVar[type[Schema]] = SourceOptions
    headers: ClassVar[tuple[str, ...]] = ("x-kind", "content-type", "authorization")
    methods: ClassVar[tuple[str, ...]] = ("POST", "GET")
    sender_id_header: ClassVar[tuple[str, ...]] = ("x-delivery", "x-request")
    success_status: ClassVar[int] = 200
    token_parameter: ClassVar[str] = "access_token"
    handshake_methods: ClassVar[tuple[str, ...]] = ("OPTIONS", "GET")
    seen: ClassVar[list[Delivery]] = []

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options

    def handshake(self, knock: Knock, secrets: Sequence[Secret]) -> Reply | None:
        challenge = knock.query.get("challenge")
        return Reply(200, challenge, headers={"X-Origin": knock.headers.get("origin", "")}) if challenge else None

    def parse(self, delivery: Delivery) -> Parsed:
        self.seen.append(delivery)
        return Parsed((Event("k", Action.IGNORE, reason="a test"), Event("k", Action.IGNORE, reason="a test")))


def signed(scheme: Any, *secrets: str) -> AuthSettings:
    return AuthSettings(AuthKind.SIGNATURE, tuple(Secret(secret) for secret in secrets), scheme=scheme)


def source(name: str, kind: str, auth: AuthSettings, **rest: Any) -> SourceSettings:
    return SourceSettings(name, kind, auth, **rest)


@pytest.fixture
def amazon() -> Amazon:
    return Amazon()


@pytest.fixture
def client(settings: Settings, store: Store, amazon: Amazon, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda name: Knocker if name == "knocker" else load(name))
    Knocker.seen.clear()
    sources = [
        source("pager", "generic", signed(vendors.PAGERDUTY, "old", "new")),
        source(
            "timed", "generic", signed(HmacScheme("x-sig", signed="{timestamp}.{body}", timestamp_header="x-time"), "k")
        ),
        source("webhooks", "generic", signed(StandardWebhooksScheme(), "whsec_a2V5")),
        source("flare", "generic", signed(HeaderToken("cf-webhook-auth"), "s3cret")),
        source("cake", "statuscake", signed(vendors.STATUSCAKE, "s3cret-token")),
        source("sns", "generic", signed(SnsScheme(("arn:aws:*",)))),
        source("knocker", "knocker", AuthSettings(AuthKind.BEARER, (Secret("t0ken"),))),
        source("knocker-path", "knocker", AuthSettings(AuthKind.PATH, (Secret("t0ken"),))),
        source("created", "generic", AuthSettings(AuthKind.NONE), success_status=201),
        source("silent", "generic", AuthSettings(AuthKind.NONE), success_status=204),
    ]
    made = Settings({each.name: each for each in sources}, {}, {}, settings.rules, settings.store)
    return create_app(made, store, FixedClock(), Verifiers(amazon)).test_client()


def post(
    client: FlaskClient, name: str, headers: Mapping[str, str] = {}, body: bytes = BODY, **rest: Any
) -> TestResponse:
    return client.post(f"/hooks/{name}", data=body, headers=dict(headers), **rest)


def digest(body: bytes, key: str) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def entries(store: Store, name: str) -> int:
    return len(store.inbox.read(name, "0-0", 10))


# --- signatures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["old", "new"])
def test_what_is_signed_with_one_of_the_secrets_is_kept(client: FlaskClient, store: Store, key: str) -> None:
    assert post(client, "pager", {"X-PagerDuty-Signature": f"v1={digest(BODY, key)}"}).status_code == 202
    assert entries(store, "pager") == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-PagerDuty-Signature": ""}, {"X-PagerDuty-Signature": "v1=" + "0" * 64}, {"Authorization": "Bearer new"}],
)
def test_what_is_not_signed_is_401_before_it_is_read(
    client: FlaskClient, store: Store, headers: dict[str, str]
) -> None:
    for body in (BODY, b"not json", b""):
        answer = post(client, "pager", headers, body)
        assert answer.status_code == answer.get_json()["code"] == 401
    assert post(client, "pager/new", headers).status_code == 401
    assert store.counters() == {"deliveries.refused|pager|401": 1}  # the rest is written within a second


def test_a_signed_body_that_cannot_be_parsed_is_kept_and_400(client: FlaskClient, store: Store) -> None:
    answer = post(client, "pager", {"X-PagerDuty-Signature": f"v1={digest(b'nope', 'new')}"}, b"nope")
    assert answer.status_code == 400
    assert store.counters()["events.quarantined|pager"] == 1


def test_bytes_are_signed_and_not_what_they_mean(client: FlaskClient) -> None:
    body = '{"action":"trigger", "dedup_key":  "ü", "title":"\\u00fc\\/"}'.encode()
    assert post(client, "pager", {"X-PagerDuty-Signature": f"v1={digest(body, 'new')}"}, body).status_code == 202
    again = json.dumps(json.loads(body)).encode()
    assert post(client, "pager", {"X-PagerDuty-Signature": f"v1={digest(body, 'new')}"}, again).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(SECONDS, 202), (SECONDS - 301, 401), (SECONDS + 301, 401)])
def test_a_replay_is_refused_where_the_time_is_signed(client: FlaskClient, seconds: int, status: int) -> None:
    signature = digest(f"{seconds}.".encode() + BODY, "k")
    assert post(client, "timed", {"X-Sig": signature, "X-Time": str(seconds)}).status_code == status


def test_a_delivery_that_comes_again_under_its_signed_id_is_kept_once(client: FlaskClient, store: Store) -> None:
    from standardwebhooks.webhooks import Webhook

    def headers(at: int) -> dict[str, str]:
        signature = Webhook("whsec_a2V5").sign("msg_1", datetime.fromtimestamp(at, UTC), BODY.decode())
        return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at), "Webhook-Signature": signature}

    first = post(client, "webhooks", {**headers(SECONDS), "Idempotency-Key": "a"}).get_json()
    second = post(client, "webhooks", {**headers(SECONDS + 60), "Idempotency-Key": "b"}).get_json()
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert entries(store, "webhooks") == 1


def test_a_secret_in_a_header(client: FlaskClient) -> None:
    assert post(client, "flare", {"cf-webhook-auth": "s3cret"}).status_code == 202
    assert post(client, "flare", {"cf-webhook-auth": "secret"}).status_code == 401


def test_a_secret_in_a_form_is_not_kept_with_it(client: FlaskClient, store: Store) -> None:
    form = {"Token": "s3cret-token", "Status": "Down", "TestID": "7", "Name": "Shop"}
    assert client.post("/hooks/cake", data=form).get_json()["events"] == 1
    assert client.post("/hooks/cake", data={**form, "Token": "other"}).status_code == 401
    ((_, row),) = store.inbox._client.xrange(keys.inbox("cake"))
    assert b"s3cret" not in row[b"body"]
    assert b"Status=Down" in row[b"body"]


def test_a_source_of_which_nobody_knows_how_it_signs_takes_nothing(settings: Settings, store: Store) -> None:
    bad = source("bad", "generic", AuthSettings(AuthKind.SIGNATURE, (Secret("s"),)))
    with pytest.raises(ConfigError, match="nothing says how"):
        create_app(Settings({"bad": bad}, {}, {}, settings.rules, settings.store), store, FixedClock())


def test_a_secret_that_is_no_key_is_a_mistake_at_start(settings: Settings, store: Store) -> None:
    bad = source("bad", "generic", signed(StandardWebhooksScheme(), "whsec_"))
    with pytest.raises(ConfigError):
        create_app(Settings({"bad": bad}, {}, {}, settings.rules, settings.store), store, FixedClock())


# --- Amazon SNS -------------------------------------------------------------------------------------------------------


def test_while_amazon_cannot_be_asked_the_sender_is_to_come_back(
    client: FlaskClient, store: Store, amazon: Amazon
) -> None:
    amazon.down = True
    answer = post(client, "sns", body=sns.signed(sns.message(at=NOW)))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert store.counters() == {}
    amazon.down = False
    assert post(client, "sns", body=sns.signed(sns.message(at=NOW, TopicArn="arn:other"))).status_code == 401


def test_a_subscription_is_confirmed_after_it_was_kept_and_again_when_that_failed(
    client: FlaskClient, store: Store, amazon: Amazon
) -> None:
    body = sns.signed(sns.message("SubscriptionConfirmation", at=NOW))
    amazon.visits = [500, 200]
    first, second = post(client, "sns", body=body), post(client, "sns", body=body)
    assert (first.status_code, second.status_code) == (503, 202)
    assert second.get_json()["duplicate"]
    assert amazon.asked == [sns.CERTIFICATE, sns.SUBSCRIBE, sns.SUBSCRIBE]
    assert entries(store, "sns") == 1


# --- handshakes, ids and answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_a_handshake_is_answered_without_authentication(client: FlaskClient, store: Store, method: str) -> None:
    answer = client.open("/hooks/knocker?challenge=abc", method=method, headers={"Origin": "here"})
    assert (answer.status_code, answer.text) == (200, "abc")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Origin"] == "here"
    assert store.counters() == {}


def test_a_handshake_needs_the_secret_where_it_stands_in_the_path(client: FlaskClient) -> None:
    assert client.get("/hooks/knocker-path?challenge=abc").status_code == 401
    assert client.get("/hooks/knocker-path/wrong?challenge=abc").status_code == 401
    assert client.get("/hooks/knocker-path/t0ken?challenge=abc").text == "abc"
    assert client.get("/hooks/knocker/t0ken?challenge=abc").status_code == 401


def test_what_is_no_handshake_is_a_delivery_or_405(client: FlaskClient) -> None:
    assert client.get("/hooks/knocker").status_code == 401
    assert client.get("/hooks/knocker", headers={"Authorization": "Bearer t0ken"}).status_code == 200
    answer = client.options("/hooks/knocker")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, GET, OPTIONS")


def test_a_token_in_the_query_is_taken_where_the_sender_has_nothing_else_and_never_kept(
    client: FlaskClient, store: Store, logged: list[Any]
) -> None:
    assert post(client, "knocker?access_token=t0ken&a=b").status_code == 200
    assert post(client, "knocker?access_token=wrong").status_code == 401
    assert post(client, "created?access_token=x").status_code == 201
    (delivery,) = Knocker.seen
    assert delivery.query == {"a": "b"}
    assert "t0ken" not in str(logged)


def test_the_headers_a_type_asks_for_are_kept_and_credentials_never(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer t0ken", "X-Kind": "k", "X-Other": "o", "Content-Type": "text/x"}
    post(client, "knocker", headers)
    (delivery,) = Knocker.seen
    assert delivery.headers == {"x-kind": "k", "content-type": "text/x"}


@pytest.mark.parametrize("header", ["X-Delivery", "X-Request", "Idempotency-Key"])
def test_the_senders_own_id_tells_a_repetition(client: FlaskClient, store: Store, header: str) -> None:
    headers = {"Authorization": "Bearer t0ken", header: "1"}
    answers = [post(client, "knocker", headers).get_json()["duplicate"] for _ in range(2)]
    assert answers == [False, True]
    first = {**headers, "X-Delivery": "2", "X-Request": "3"}
    assert not post(client, "knocker", first).get_json()["duplicate"]
    assert Knocker.seen[-1].sender_id == "2"


def test_why_something_is_ignored_is_told(client: FlaskClient) -> None:
    answer = post(client, "knocker", {"Authorization": "Bearer t0ken"}).get_json()
    assert (answer["ignored"], answer["ignored_because"]) == (2, ["a test"])


def test_the_answer_is_the_one_that_the_sender_takes_for_success(client: FlaskClient) -> None:
    assert post(client, "knocker", {"Authorization": "Bearer t0ken"}).status_code == 200
    assert post(client, "created").status_code == 201
    silent = post(client, "silent")
    assert (silent.status_code, silent.data) == (204, b"")


# --- Microsoft Entra ID -----------------------------------------------------------------------------------------------

FIRED = {
    "schemaId": "azureMonitorCommonAlertSchema",
    "data": {
        "essentials": {
            "alertId": "/subscriptions/s/providers/Microsoft.AlertsManagement/alerts/a1",
            "alertRule": "CPU",
            "severity": "Sev1",
            "monitorCondition": "Fired",
            "monitoringService": "Platform",
        },
        "alertContext": {},
    },
}


def test_a_secure_webhook_of_azure_is_let_in_by_its_token_and_the_token_is_not_kept(
    settings: Settings, store: Store
) -> None:
    azure, microsoft = source("azure", "azure-monitor", signed(SCHEME)), Microsoft()
    made = Settings({"azure": azure}, {}, {}, settings.rules, settings.store)
    client = create_app(made, store, FixedClock(), Verifiers(microsoft)).test_client()
    body, right = json.dumps(FIRED).encode(), token(claims(SECONDS))
    for wrong in (None, "Bearer x", f"Bearer {right}x", f"Bearer {token(claims(SECONDS, roles=[]))}"):
        assert post(client, "azure", {"Authorization": wrong} if wrong else {}, body).status_code == 401
    assert entries(store, "azure") == 0
    answer = post(client, "azure", {"Authorization": f"Bearer {right}"}, body)
    assert (answer.status_code, answer.get_json()["events"]) == (202, 1)
    assert right not in str(store.inbox.read("azure", "0-0", 10))
    assert len(microsoft.asked) == 1


def test_without_the_keys_of_the_tenant_azure_is_to_try_again(settings: Settings, store: Store) -> None:
    azure, microsoft = source("azure", "azure-monitor", signed(SCHEME)), Microsoft()
    microsoft.down = True
    made = Settings({"azure": azure}, {}, {}, settings.rules, settings.store)
    client = create_app(made, store, FixedClock(), Verifiers(microsoft)).test_client()
    answer = post(client, "azure", {"Authorization": f"Bearer {token(claims(SECONDS))}"}, json.dumps(FIRED).encode())
    assert answer.status_code == 503
