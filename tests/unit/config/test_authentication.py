"""Every way in which a source may prove who it is, as it is written, and every mistake in writing it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.config.load import Reading
from bridge.config.schemes import (
    EntraScheme,
    FieldToken,
    HeaderToken,
    HmacScheme,
    Scheme,
    SnsScheme,
    StandardWebhooksScheme,
)
from bridge.config.settings import AuthKind, SourceSettings
from bridge.sources import registry
from bridge.sources.signatures import vendors
from tests.unit.config.reading import places, read_text

ENVIRON = {
    "A": "first-secret",
    "B": "second-secret",
    "WH": "whsec_a2V5a2V5",
    "PK": "whpk_F4A7Q5znlP8M2/lQ9fzaeH/frJAqbdWN7EMoDS5EmXs=",
}


_ID = "11111111-2222-3333-4444-55555555555a"


@pytest.fixture(autouse=True)
def signing_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """``generic``, and types by the names of schemes that are otherwise like it."""
    schemes: dict[str, Scheme] = {
        "pager": vendors.PAGERDUTY,
        "grafanas": vendors.GRAFANA,
        "svix": vendors.STANDARD_WEBHOOKS,
        "topics": vendors.SNS,
        "cake": vendors.STATUSCAKE,
    }
    generic = registry.load("generic")
    kinds = {name: type(name, (generic,), {"name": name, "scheme": scheme}) for name, scheme in schemes.items()}
    load, names = registry.load, registry.names
    monkeypatch.setattr(registry, "load", lambda name: kinds.get(name) or load(name))
    monkeypatch.setattr(registry, "names", lambda: (*names(), *kinds))


def read(rest: str, kind: str = "generic") -> Reading:
    return read_text(f"sources:\n  one: {{type: {kind}{rest}}}\n", ENVIRON)


def source(rest: str, kind: str = "generic") -> SourceSettings:
    return read(rest, kind).require().sources["one"]


def mistake(rest: str, kind: str = "generic") -> str:
    reading = read(rest, kind)
    errors = [problem for problem in reading.problems if problem.severity == "error"]
    assert len(errors) == 1, [str(problem) for problem in errors]
    assert errors[0].where.line == 2
    assert errors[0].hint
    assert not [secret for secret in ENVIRON.values() if secret in str(errors[0])]
    return errors[0].why


@pytest.mark.parametrize(
    ("rest", "kind", "scheme", "secrets"),
    [
        (", secrets: [$A, $B]", "pager", vendors.PAGERDUTY, 2),
        (", secrets: $A", "pager", vendors.PAGERDUTY, 1),
        (", secrets: $WH", "svix", vendors.STANDARD_WEBHOOKS, 1),
        (", secrets: 'user:${A}'", "cake", FieldToken("Token", of_account=True), 1),
        (", auth: {header: {name: X-Token, secrets: $A}}", "generic", HeaderToken("x-token"), 1),
        (", auth: {standard_webhooks: [$WH]}", "generic", StandardWebhooksScheme(), 1),
        (", auth: {standard_webhooks: ${PK}}", "generic", StandardWebhooksScheme(), 1),
        (", auth: {sns: {topics: 'arn:aws:sns:*', max_age: 10m, only_v2: true, confirm: false}}", "topics",
         SnsScheme(("arn:aws:sns:*",), timedelta(minutes=10), confirm=False, only_v2=True), 0),
        (", auth: {sns: {topics: [a, b]}}", "generic", SnsScheme(("a", "b")), 0),
        (f", auth: {{entra: {{tenant: {_ID.upper()}, audience: api://app}}}}", "azure-monitor",
         EntraScheme(_ID, ("api://app",)), 0),
        (f", auth: {{entra: {{tenant: {_ID}, audience: [a, b], role: R, application: {_ID}, cloud: china}}}}",
         "generic", EntraScheme(_ID, ("a", "b"), "R", _ID, "china"), 0),
        (", auth: {hmac: {header: X-Sig, secrets: $A}}", "generic", HmacScheme("x-sig"), 1),
        (", auth: {hmac: {header: X-Sig, secrets: $A, algorithm: sha512, encoding: base64, prefix: 'sha512='}}",
         "generic", HmacScheme("x-sig", "sha512", "base64", "sha512="), 1),
        (", auth: {hmac: {header: X-Sig, secrets: $A, timestamp_header: X-Time, tolerance: 1m}}", "generic",
         HmacScheme("x-sig", signed="{timestamp}.{body}", timestamp_header="x-time", tolerance=timedelta(minutes=1)),
         1),
        (", auth: {hmac: {header: X-Sig, secrets: $A, separator: ' ', timestamp_prefix: 't=', prefix: 'v1='}}",
         "generic",
         HmacScheme("x-sig", signed="{timestamp}.{body}", timestamp_prefix="t=", prefix="v1=", separator=" "), 1),
        (", auth: {hmac: {header: X-Sig, secrets: $A, id_header: X-Id, signed: '{id}{body}'}}", "generic",
         HmacScheme("x-sig", signed="{id}{body}", id_header="x-id"), 1),
        (", auth: {hmac: {secrets: $A, timestamp_header: X-Time}}", "grafanas",
         HmacScheme("x-grafana-alerting-signature", signed="{timestamp}:{body}", timestamp_header="x-time",
                    timed_by_choice=True), 1),
    ],
)  # fmt: skip
def test_each_way_to_sign(rest: str, kind: str, scheme: Scheme, secrets: int) -> None:
    auth = source(rest.replace("$A", "${A}").replace("$B", "${B}").replace("$WH", "${WH}"), kind).auth
    assert (auth.kind, auth.scheme, len(auth.secrets)) == (AuthKind.SIGNATURE, scheme, secrets)


@pytest.mark.parametrize("way", ["{bearer: ${A}}", "{basic: {username: u, password: ${A}}}", "{path: ${A}}", "none"])
def test_a_type_that_signs_may_prove_itself_in_any_other_way(way: str) -> None:
    assert source(f", auth: {way}", "pager").auth.kind is not AuthKind.SIGNATURE


def test_secrets_may_come_from_files(tmp_path: Any) -> None:
    (tmp_path / "a").write_text("from-a-file\n", encoding="utf-8")
    (secret,) = source(f", secrets: 'file:{tmp_path}/a'", "pager").auth.secrets
    assert secret.reveal() == "from-a-file"


@pytest.mark.parametrize(
    ("rest", "kind", "why"),
    [
        ("", "pager", "'auth' is missing"),
        ("", "topics", "'auth' is missing"),
        (", secrets: ${A}", "generic", "does not say how its sender signs"),
        (", secrets: ${A}", "topics", "needs more than a secret"),
        (", secrets: ${A}, auth: none", "pager", "one way to authenticate"),
        (", secrets: []", "pager", "this list is empty"),
        (", secrets: ''", "pager", "the secret is empty"),
        (", secrets: [${A}, '']", "pager", "the secret is empty"),
        (", secrets: {a: b}", "pager", "a secret is text"),
        (", secrets: ${MISSING}", "pager", "not set"),
        (", secrets: ${A}", "svix", "no secret of Standard Webhooks"),
        (", auth: {standard_webhooks: whpk_QUJD}", "generic", "no secret of Standard Webhooks"),
        (", auth: {standard_webhooks: [${WH}, whsec_]}", "generic", "no secret of Standard Webhooks"),
        (", auth: {hmac: {secrets: ${A}}}", "generic", "the header with the signature is missing"),
        (", auth: {hmac: {header: X-Sig}}", "generic", "'secrets' is missing"),
        (", auth: {hmac: ${A}}", "generic", "mapping"),
        (", auth: {hmac: {header: 'X Sig', secrets: ${A}}}", "pager", "not the name of a header"),
        (", auth: {hmac: {header: X, secrets: ${A}, algorithm: md5}}", "generic", "not known here"),
        (", auth: {hmac: {header: X, secrets: ${A}, signed: '{timestamp}'}}", "generic", "needs {body} once"),
        (", auth: {hmac: {header: X, secrets: ${A}, signed: '{body}{body}'}}", "generic", "needs {body} once"),
        (", auth: {hmac: {header: X, secrets: ${A}, signed: '{body}{tiemstamp}'}}", "generic", "needs {body} once"),
        (
            ", auth: {hmac: {header: X, secrets: ${A}, signed: '{timestamp}{body}'}}",
            "generic",
            "a time is signed exactly",
        ),
        (
            ", auth: {hmac: {header: X, secrets: ${A}, signed: '{body}', timestamp_header: T}}",
            "generic",
            "a time is signed",
        ),
        (", auth: {hmac: {header: X, secrets: ${A}, timestamp_prefix: t=}}", "generic", "needs a 'separator'"),
        (", auth: {hmac: {header: X, secrets: ${A}, id_header: I}}", "generic", "an id is signed exactly"),
        (", auth: {header: {name: X}}", "generic", "'secrets' is missing"),
        (", auth: {sns: {}}", "generic", "'topics' is missing"),
        (", auth: {sns: {topics: []}}", "generic", "this list is empty"),
        (", auth: {sns: {topics: a, max_age: 3d}}", "generic", "not between"),
        (", auth: {entra: {audience: a}}", "generic", "'tenant' is missing"),
        (f", auth: {{entra: {{tenant: {_ID}}}}}", "generic", "'audience' is missing"),
        (", auth: {entra: {tenant: contoso.example, audience: a}}", "generic", "this is no id"),
        (f", auth: {{entra: {{tenant: {_ID}, audience: a, cloud: moon}}}}", "generic", "not known here"),
        (", auth: {bearer: ${A}, hmac: {header: X, secrets: ${B}}}", "generic", "one way to authenticate"),
        (", auth: none, heartbeat: 10", "generic", "no unit"),
        (", auth: none, heartbeat: 1s", "generic", "not between"),
        (", auth: none, success_status: 302", "generic", "out of range"),
    ],
)
def test_each_mistake_is_told_once_and_without_a_secret(rest: str, kind: str, why: str) -> None:
    assert why in mistake(rest, kind)


def test_a_vendor_that_signs_is_hinted_at() -> None:
    reading = read("", "pager")
    assert "write secrets: [${NAME}]" in "".join(map(str, reading.problems))
    assert "sns: {topics" in "".join(map(str, read("", "topics").problems))


def test_an_unknown_type_with_secrets_is_one_mistake() -> None:
    reading = read(", secrets: ${A}", "pagr")
    assert any(place.endswith("there is no such source type") for place in places(reading))
    assert sum(problem.severity == "error" for problem in reading.problems) == 1


def test_heartbeat_and_answer() -> None:
    made = source(", auth: none, heartbeat: 10m, success_status: 200")
    assert (made.heartbeat, made.success_status) == (timedelta(minutes=10), 200)
    plain = source(", auth: none")
    assert (plain.heartbeat, plain.success_status) == (None, None)
