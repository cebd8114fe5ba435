"""Tokens of Microsoft Entra ID: what they have to claim, whose keys count, and how seldom these are asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from signing import NOW, request

from bridge.errors import NotAuthentic
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.tenantkeys import LIFETIME, PATIENCE, RETRY, TenantKeys
from bridge.sources.signatures.verifier import CannotCheck
from tests.amazon import rsa_key
from tests.microsoft import AUDIENCE, KEYS, SCHEME, TENANT, Microsoft, claims, coded, key_told, token

SECONDS = NOW.timestamp()


def check(authorization: str | None, microsoft: Microsoft | None = None, scheme: Any = SCHEME) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    Verifiers(microsoft or Microsoft()).make(scheme, []).verify(request("{}", headers))


def refused(authorization: str | None, microsoft: Microsoft | None = None, scheme: Any = SCHEME) -> str:
    with pytest.raises(NotAuthentic) as refusal:
        check(authorization, microsoft, scheme)
    return str(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": AUDIENCE},
        {"aud": f"api://{AUDIENCE.upper()}/"},
        {"iss": f"https://login.microsoftonline.com/{TENANT}/v2.0", "appid": None, "azp": SCHEME.application},
        {"roles": ["Other", SCHEME.role]},
        {"nbf": None},
        {"exp": SECONDS - 200},
        {"nbf": SECONDS + 200},
    ],
)
def test_a_token_of_the_tenant_for_this_app_is_let_in(changes: dict[str, Any]) -> None:
    microsoft = Microsoft()
    check(f"bearer {token(claims(SECONDS, **changes))}", microsoft)
    assert microsoft.asked == [KEYS]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://sts.windows.net/66666666-2222-3333-4444-555555555555/"}, "tenant"),
        ({"iss": f"https://evil.example/{TENANT}/v2.0"}, "tenant"),
        ({"iss": [f"https://sts.windows.net/{TENANT}/"]}, "tenant"),
        ({"iss": None}, "tenant"),
        ({"tid": "66666666-2222-3333-4444-555555555555"}, "tenant"),
        ({"tid": None}, "tenant"),
        ({"aud": "https://management.azure.com/"}, "audience"),
        ({"aud": [AUDIENCE]}, "audience"),
        ({"aud": None}, "audience"),
        ({"appid": "66666666-2222-3333-4444-555555555555"}, "another application"),
        ({"appid": None}, "another application"),
        ({"roles": ["Reader"]}, "does not name the role"),
        ({"roles": SCHEME.role}, "does not name the role"),
        ({"roles": None}, "does not name the role"),
        ({"exp": SECONDS - 301}, "not valid now"),
        ({"nbf": SECONDS + 301}, "not valid now"),
        ({"exp": None}, "until when"),
        ({"exp": "4102444800"}, "until when"),
        ({"exp": 10**400}, "until when"),
        ({"nbf": -(10**400)}, "until when"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused_before_a_key_is_asked_for(changes: dict[str, Any], why: str) -> None:
    microsoft = Microsoft()
    assert why in refused(f"Bearer {token(claims(SECONDS, **changes))}", microsoft)
    assert microsoft.asked == []


@pytest.mark.parametrize(
    "head", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "PS256"}, {"kid": None}, {"kid": ["one"]}, {"crit": ["b64"]}]
)
def test_nothing_but_rs256_with_a_named_key_is_looked_at(head: dict[str, Any]) -> None:
    microsoft = Microsoft()
    assert "RS256" in refused(f"Bearer {token(claims(SECONDS), **head)}", microsoft)
    assert microsoft.asked == []


def test_an_address_of_keys_in_the_token_is_never_asked() -> None:
    microsoft = Microsoft()
    check(f"Bearer {token(claims(SECONDS), jku='https://evil.example/keys', x5u='https://evil.example/x')}", microsoft)
    assert microsoft.asked == [KEYS]


def test_what_another_key_signed_is_refused() -> None:
    other = rsa.generate_private_key(65537, 2048)
    assert "signature" in refused(f"Bearer {token(claims(SECONDS), other)}")
    whole = token(claims(SECONDS))
    head, body, signature = whole.split(".")
    assert "signature" in refused(f"Bearer {head}.{coded(claims(SECONDS, extra=1))}.{signature}")
    assert "signature" in refused(f"Bearer {head}.{body}.{coded(b'')}")


@pytest.mark.parametrize(
    "authorization", [None, "", "Basic YTpi", "Bearer", "Bearer a", "Bearer a.b", "Bearer ..", "Bearer é.é.é"]
)
def test_what_is_no_token_is_refused(authorization: str | None) -> None:
    refused(authorization)


@given(st.text(alphabet="abcXYZ019._-=+/é \n", max_size=60))
def test_no_token_at_all_breaks_the_check(text: str) -> None:
    refused(f"Bearer {text}")


@pytest.mark.parametrize(
    ("cloud", "issuer", "server"),
    [
        ("us-government", f"https://login.microsoftonline.us/{TENANT}/v2.0", "https://login.microsoftonline.us"),
        ("china", f"https://sts.chinacloudapi.cn/{TENANT}/", "https://login.partner.microsoftonline.cn"),
    ],
)
def test_other_clouds_have_keys_of_their_own(cloud: str, issuer: str, server: str) -> None:
    microsoft = Microsoft()
    check(f"Bearer {token(claims(SECONDS, iss=issuer))}", microsoft, replace(SCHEME, cloud=cloud))
    assert microsoft.asked == [f"{server}/{TENANT}/discovery/v2.0/keys"]
    refused(f"Bearer {token(claims(SECONDS, iss=issuer))}")


# --- keys -------------------------------------------------------------------------------------------------------------


class Timer:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_keys_are_fetched_once_a_day_and_shared() -> None:
    microsoft, timer = Microsoft(), Timer()
    keys = TenantKeys(microsoft, timer)
    for _ in range(3):
        assert keys.key(KEYS, "one").key_size == 2048
    assert len(microsoft.asked) == 1
    timer.now += LIFETIME + 1
    keys.key(KEYS, "one")
    assert len(microsoft.asked) == 2


def test_a_key_that_is_not_known_is_asked_for_and_not_too_often() -> None:
    microsoft, timer = Microsoft(), Timer()
    keys = TenantKeys(microsoft, timer)
    keys.key(KEYS, "one")
    for _ in range(3):
        with pytest.raises(NotAuthentic, match="none of the tenant"):
            keys.key(KEYS, "two")
    assert len(microsoft.asked) == 1
    microsoft.keys.append(key_told("two"))
    timer.now += PATIENCE
    assert keys.key(KEYS, "two")
    assert len(microsoft.asked) == 2


def test_known_keys_outlast_a_server_that_is_silent() -> None:
    microsoft, timer = Microsoft(), Timer()
    keys = TenantKeys(microsoft, timer)
    keys.key(KEYS, "one")
    microsoft.down = True
    timer.now += LIFETIME + 1
    assert keys.key(KEYS, "one")


@pytest.mark.parametrize("status", [None, 500, 404])
def test_without_any_keys_the_sender_is_to_try_again(status: int | None) -> None:
    microsoft, timer = Microsoft(), Timer()
    microsoft.down, microsoft.status = status is None, status or 200
    keys = TenantKeys(microsoft, timer)
    for _ in range(3):
        with pytest.raises(CannotCheck, match="cannot be had"):
            keys.key(KEYS, "one")
    assert len(microsoft.asked) == 1
    microsoft.down, microsoft.status = False, 200
    timer.now += RETRY
    assert keys.key(KEYS, "one")


@pytest.mark.parametrize(
    "told",
    [
        {"kty": "EC"},
        {"use": "enc"},
        {"kid": 7},
        {"n": "AQAB"},
        {"n": None},
        {"n": "é"},
        {"e": "AA"},
        {"n": coded(b"\xff" * 4096)},
        key_told(key=rsa_key(1024)),
    ],
)
def test_what_is_no_strong_rsa_key_for_signatures_is_left_out(told: dict[str, Any]) -> None:
    keys = TenantKeys(Microsoft({**key_told(), **told}, {"kid": "x"}, key_told("good")), Timer())
    assert keys.key(KEYS, "good")
    with pytest.raises(NotAuthentic):
        keys.key(KEYS, "one")
