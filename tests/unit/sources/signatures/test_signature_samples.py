"""Every worked example of a vendor's signature, and every variant of it that must be refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from signing import NOW, request, verify

from bridge.config.schemes import BODY, TIMESTAMP, Scheme
from bridge.errors import NotAuthentic
from bridge.secret import Secret
from bridge.sources.signatures import vendors
from bridge.sources.signatures.tokens import token_of_account

DATA = Path(__file__).parents[3] / "data" / "signatures"
SCHEMES: Mapping[str, Scheme] = {
    "checkly": vendors.CHECKLY,
    "firehydrant": vendors.FIREHYDRANT,
    "grafana": vendors.GRAFANA,
    "incident_io": vendors.STANDARD_WEBHOOKS,
    "instatus": vendors.INSTATUS,
    "pagerduty": vendors.PAGERDUTY,
    "rootly": vendors.ROOTLY,
    "sentry": vendors.SENTRY,
    "standard-webhooks": vendors.STANDARD_WEBHOOKS,
    "upptime": vendors.GITHUB,
}
CLOCKS = {"rootly": 1768824002}


class Case(NamedTuple):
    name: str
    scheme: Scheme
    secret: str
    body: str
    headers: Mapping[str, str]
    now: datetime
    is_right: bool


def sample(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def cases() -> Iterator[Case]:
    for name, scheme in SCHEMES.items():
        data = sample(name)
        variants = [({}, data.get("expect") == "accept")] if "headers" in data else []
        variants += [(variant, False) for variant in data.get("reject", [])]
        variants += [(variant, True) for variant in data.get("accept_also", [])]
        variants += [(variant, variant["expect"] == "accept") for variant in data.get("cases", [])]
        if "also_accept_headers" in data:
            variants.append(({"why": "svix", "headers": data["also_accept_headers"]}, True))
        for variant, is_right in variants:
            yield case_of(name, scheme, data, variant, is_right)


def case_of(name: str, scheme: Scheme, data: dict[str, Any], variant: dict[str, Any], is_right: bool) -> Case:
    headers = dict(variant.get("headers", data.get("headers", {})))
    single = {key: value for key, value in variant.items() if "-" in key}
    headers = {key: value for key, value in headers.items() if key.lower() not in map(str.lower, single)} | single
    if "timestamp_header" in variant:
        scheme = replace(scheme, timestamp_header=variant["timestamp_header"], signed=f"{TIMESTAMP}:{BODY}")
    now = variant.get("now", data.get("now", CLOCKS.get(name)))
    secret = variant.get("secret", data["secret"])
    if variant.get("optional"):
        secret = data["public_key_v1a"]
    moment = datetime.fromtimestamp(now, UTC) if now else NOW
    title = f"{name}: {variant.get('why', 'as published')}"
    return Case(title, scheme, secret, variant.get("body", data["body"]), headers, moment, is_right)


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_each_example_is_judged_as_its_vendor_says(case: Case) -> None:
    asked = request(case.body, case.headers, case.now)
    if case.is_right:
        verify(case.scheme, [case.secret], asked)
        verify(case.scheme, ["whsec_b3RoZXI=" if case.scheme is vendors.STANDARD_WEBHOOKS else "x", case.secret], asked)
    else:
        with pytest.raises(NotAuthentic) as refusal:
            verify(case.scheme, [case.secret], asked)
        assert case.secret not in str(refusal.value)


@pytest.mark.parametrize("name", SCHEMES)
def test_another_secret_no_secret_or_one_more_byte_is_refused(name: str) -> None:
    data = sample(name)
    headers = data["headers"] if "headers" in data else data["cases"][0]["headers"]
    now = data.get("now", CLOCKS.get(name))
    moment = datetime.fromtimestamp(now, UTC) if now else NOW
    other = "whsec_b3RoZXI=" if SCHEMES[name] is vendors.STANDARD_WEBHOOKS else "other"
    for secrets, body in (([other], data["body"]), ([], data["body"]), ([data["secret"]], data["body"] + "\n")):
        with pytest.raises(NotAuthentic):
            verify(SCHEMES[name], secrets, request(body, headers, moment))


def test_githubs_published_vector() -> None:
    vector = sample("upptime")["check_vector"]
    headers = {"X-Hub-Signature-256": vector["X-Hub-Signature-256"]}
    verify(vendors.GITHUB, [vector["secret"]], request(vector["body"], headers))


def test_cachet_3_signs_what_php_wrote() -> None:
    data = sample("cachet3-webhook")
    sent = data["request"]
    verify(vendors.CACHET3, [data["secret"]], request(sent["raw"], sent["headers"]))
    with pytest.raises(NotAuthentic):
        verify(vendors.CACHET3, [data["secret"]], request(json.dumps(sent["json"]), sent["headers"]))


def test_statuscakes_token_comes_from_user_and_key_or_ready_made() -> None:
    data = sample("statuscake")
    account = f"{data['username']}:{data['api_key']}"
    assert token_of_account(Secret(account)).reveal() == data["expected_token"]
    for secret in (account, data["expected_token"]):
        for body, query in (
            (f"Token={data['expected_token']}&Status=Up", ""),
            ("", f"a=b&token={data['expected_token']}"),
        ):
            verify(vendors.STATUSCAKE, [secret], request(body, {}, query=query))
        for token in (data["reject"][0]["token"], "", hashlib.md5(b"").hexdigest()):
            with pytest.raises(NotAuthentic):
                verify(vendors.STATUSCAKE, [secret], request(f"Token={token}", {}))
        with pytest.raises(NotAuthentic):
            verify(vendors.STATUSCAKE, [secret], request("Status=Up", {}))


@pytest.mark.parametrize("scheme", [vendors.CLOUDFLARE, vendors.HONEYCOMB])
def test_a_secret_in_a_header_of_its_own(scheme: Any) -> None:
    verify(scheme, ["old", "néw"], request("", {scheme.header: "néw"}))
    for headers in ({}, {scheme.header: ""}, {scheme.header: " "}, {scheme.header: "wrong"}, {scheme.header: "ol"}):
        with pytest.raises(NotAuthentic):
            verify(scheme, ["old", "néw"], request("", headers))
        with pytest.raises(NotAuthentic):
            verify(scheme, [""], request("", headers))
