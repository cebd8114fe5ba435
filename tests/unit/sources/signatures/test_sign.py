"""What the sender's side signs, the receiver's side accepts."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from signing import NOW, request

from bridge.config.schemes import FieldToken, HeaderToken, HmacScheme, Scheme
from bridge.config.settings import AuthKind, AuthSettings
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.auth import authenticate
from bridge.sources.base import traits_of
from bridge.sources.signatures import vendors
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.sign import CannotSign, credentials_of, sign

BODY = '{"a": "ü"}'.encode()
DECLARED = {name: scheme for name in registry.built_in() if (scheme := traits_of(registry.load(name)).scheme)}
MADE: list[Scheme] = [
    HmacScheme("x-sig", "sha512", "base64", prefix="v0=", signed="v0:{timestamp}:{body}", timestamp_header="x-time"),
    HmacScheme("x", separator=",", prefix="s=", signed="{id}.{timestamp}{body}.", timestamp_prefix="t=", id_header="i"),
    HeaderToken("x-token"),
    FieldToken("Key"),
]  # fmt: skip


@pytest.mark.parametrize("scheme", [*DECLARED.values(), *MADE], ids=[*DECLARED, *map(str, range(len(MADE)))])
def test_what_is_signed_is_accepted(scheme: Scheme) -> None:
    secret = Secret("whsec_c2VjcmV0")
    if scheme == vendors.SNS:
        with pytest.raises(CannotSign):
            sign(scheme, secret, BODY, NOW)
        return
    made = sign(scheme, secret, BODY, NOW)
    Verifiers().make(scheme, [secret]).verify(request(BODY, made.headers, NOW, urlencode(made.query)))


def test_a_public_key_cannot_sign() -> None:
    key = Secret("whpk_F4A7Q5znlP8M2/lQ9fzaeH/frJAqbdWN7EMoDS5EmXs=")
    with pytest.raises(CannotSign):
        sign(vendors.STANDARD_WEBHOOKS, key, BODY, NOW)


@pytest.mark.parametrize("kind", [AuthKind.BEARER, AuthKind.BASIC, AuthKind.PATH, AuthKind.NONE])
def test_tokens_are_given_as_they_are_asked_for(kind: AuthKind) -> None:
    auth = AuthSettings(kind, (Secret("s3cret"), Secret("older")), username="user")
    made = credentials_of(auth, BODY, NOW)
    authenticate(auth, made.headers.get("Authorization"), made.path.removeprefix("/") or None)
