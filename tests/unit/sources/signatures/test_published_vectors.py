"""Requests that others signed and published: what the vendors' own libraries and standards say is valid.

Every vector names where it stands. None of them was computed here, so an error that is ours and in both the samples and
the code cannot hide. Of a key pair there is the public half only; that of the Go library belongs to the seed in its
test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from signing import NOW, request, verify

from bridge.config.schemes import HmacScheme, Scheme
from bridge.config.settings import AuthKind, AuthSettings
from bridge.errors import NotAuthentic
from bridge.secret import Secret
from bridge.sources.auth import authenticate
from bridge.sources.signatures import vendors
from bridge.sources.signatures.entra import _check_signature
from bridge.sources.signatures.tenantkeys import read, unsealed


class Vector(NamedTuple):
    published: str
    scheme: Scheme
    secret: str
    body: str
    headers: Mapping[str, str]
    seconds: int | None = None

    @property
    def now(self) -> datetime:
        return NOW if self.seconds is None else datetime.fromtimestamp(self.seconds, UTC)


def github(where: str, secret: str, body: str, digest: str) -> Vector:
    return Vector(where, vendors.GITHUB, secret, body, {"X-Hub-Signature-256": f"sha256={digest}"})


def cachet(where: str, body: str, digest: str) -> Vector:
    return Vector(where, vendors.CACHET3, "abc", body, {"Signature": digest})


def rfc(where: str, algorithm: str, digest: str) -> Vector:
    scheme = HmacScheme("x-signature", algorithm)
    return Vector(where, scheme, "Jefe", "what do ya want for nothing?", {"X-Signature": digest})


SIGNED_AT = 1614265330
BODY = '{"test": 2432232314}'
KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
"""The key in the tests of every Standard Webhooks and Svix library; they write it with and without its prefix."""
SYMMETRIC = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
PUBLIC_OF_SVIX = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
BY_SVIX = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
PUBLIC_OF_GO = "whpk_ZlN4eg7dSSqi0moX9hQUk3orrOouK3QVQSlJa248c/g="
BY_GO = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
DECOY = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="


def standard(where: str, secret: str, signature: str, family: str = "webhook") -> Vector:
    told = {"id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "timestamp": str(SIGNED_AT), "signature": signature}
    headers = {f"{family}-{name}": value for name, value in told.items()}
    return Vector(where, vendors.STANDARD_WEBHOOKS, secret, BODY, headers, SIGNED_AT)


VECTORS = [
    github(
        "octokit/webhooks-methods.js test/sign.test.ts",
        "mysecret",
        '{"foo":"bar"}',
        "4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3",
    ),
    github(
        "octokit/webhooks-methods.js test/verify.test.ts, indented as GitHub sends it",
        "mysecret",
        '{\n  "foo": "bar"\n}\n',
        "e3eccac34c43c7dc1cbb905488b1b81347fcc700a7b025697a9d07862256023f",
    ),
    github(
        "octokit/webhooks-methods.js test/verify.test.ts, not ASCII",
        "development",
        '{\n  "foo": "Foo\\n\\u001B[34mbar: ♥♥♥♥♥♥♥♥\\nthis-is-lost\\u001B[0m\\u001B[2K"\n}\n',
        "9dacf9003316b09be07df56d86a2d0d6872e42a1e6c72c3bad9ff915a7c5603e",
    ),
    cachet(
        "spatie/laravel-webhook-server tests/DefaultSignerTest.php",
        '{"a":"1"}',
        "345611a3626cf5e080a7a412184001882ab231b8bdb465dc76dbf709f01f210a",
    ),
    cachet(
        "spatie/laravel-webhook-server tests/CallWebhookJobTest.php",
        '{"a":1}',
        "1f14a62b15ba5095326d6c75c3e2e6b462dd71e1c4b7fbdac0f32309adb7be5f",
    ),
    rfc("RFC 2202, test case 2 of SHA-1", "sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    rfc(
        "RFC 4231, test case 2 of SHA-256",
        "sha256",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    rfc(
        "RFC 4231, test case 2 of SHA-384",
        "sha384",
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
    ),
    rfc(
        "RFC 4231, test case 2 of SHA-512",
        "sha512",
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
        "caeab1a34d4a6b4b636e070a38bce737",
    ),
    standard("standard-webhooks/standard-webhooks libraries/*, sign function", f"whsec_{KEY}", SYMMETRIC),
    standard("standard-webhooks/standard-webhooks libraries/*, key without its prefix", KEY, SYMMETRIC),
    standard("svix/svix-webhooks python/tests/test_webhooks.py", f"whsec_{KEY}", SYMMETRIC, "svix"),
    standard(
        "svix/svix-webhooks python/tests/test_webhooks.py, several signatures",
        f"whsec_{KEY}",
        " ".join((DECOY, DECOY.replace("v1", "v2"), SYMMETRIC, DECOY)),
        "svix",
    ),
    standard("svix/svix-webhooks server/svix-server/src/worker.rs", PUBLIC_OF_SVIX, BY_SVIX, "svix"),
    standard("standard-webhooks/standard-webhooks libraries/go/webhook_asymmetric_test.go", PUBLIC_OF_GO, BY_GO),
]
by_place = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.published)


def refused(vector: Vector, body: bytes, headers: Mapping[str, str], now: datetime | None = None) -> None:
    with pytest.raises(NotAuthentic):
        verify(vector.scheme, [vector.secret], request(body, headers, now or vector.now))


@by_place
def test_what_others_signed_is_accepted(vector: Vector) -> None:
    verify(vector.scheme, [vector.secret], request(vector.body, vector.headers, vector.now))


@by_place
def test_a_byte_more_or_less_or_another_one_is_refused(vector: Vector) -> None:
    raw = vector.body.encode()
    for body in (raw + b"\n", b" " + raw, raw[:-1], raw[1:], b""):
        refused(vector, body, vector.headers)
    for place, byte in enumerate(raw):
        refused(vector, raw[:place] + bytes([byte ^ 1]) + raw[place + 1 :], vector.headers)


LABELS = ("sha256=", "v1,", "v1a,")


def wrong_signatures(signature: str) -> Iterator[str]:
    """A signature with another character, wherever it is one of the digest's; the digest with another label."""
    start = next((len(label) for label in LABELS if signature.startswith(label)), 0)
    for place in range(start, len(signature.rstrip("="))):
        yield signature[:place] + ("0" if signature[place] != "0" else "1") + signature[place + 1 :]
    yield f"x{signature}"


@by_place
def test_a_signature_with_another_character_is_refused(vector: Vector) -> None:
    (name,) = (name for name in vector.headers if "signature" in name.lower())
    entries = vector.headers[name].split(" ")
    right = entries.index(SYMMETRIC) if SYMMETRIC in entries else 0
    for wrong in wrong_signatures(entries[right]):
        header = " ".join((*entries[:right], wrong, *entries[right + 1 :]))
        refused(vector, vector.body.encode(), {**vector.headers, name: header})


TIMED = [vector for vector in VECTORS if vector.seconds]


@pytest.mark.parametrize("vector", TIMED, ids=lambda vector: vector.published)
def test_another_id_another_time_or_a_late_clock_is_refused(vector: Vector) -> None:
    raw = vector.body.encode()
    for name, value in vector.headers.items():
        if name.endswith("-id"):
            refused(vector, raw, {**vector.headers, name: f"{value}x"})
        if name.endswith("-timestamp"):
            refused(vector, raw, {**vector.headers, name: str(int(value) + 1)})
    for minutes in (-6, 6):
        refused(vector, raw, vector.headers, vector.now + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("secret", "signature"),
    [
        (KEY, BY_SVIX),
        (KEY, f"v1a,{SYMMETRIC.removeprefix('v1,')}"),
        (KEY, f"v2,{SYMMETRIC.removeprefix('v1,')}"),
        (KEY, SYMMETRIC.removeprefix("v1,")),
        (KEY, SYMMETRIC[:8]),
        (KEY, "v1,"),
        (PUBLIC_OF_SVIX, SYMMETRIC),
        (PUBLIC_OF_SVIX, BY_GO),
        (PUBLIC_OF_SVIX, BY_SVIX.replace("v1a", "v1")),
        (PUBLIC_OF_SVIX, "v1a,"),
    ],
)
def test_a_signature_counts_for_its_own_kind_of_key_only(secret: str, signature: str) -> None:
    vector = standard("the same, misused", secret, signature)
    refused(vector, BODY.encode(), vector.headers)


# --- tokens and passwords ---------------------------------------------------------------------------------------------

RFC_7515_KEY = {
    "kty": "RSA",
    "kid": "A.2",
    "e": "AQAB",
    "n": (
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
        "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
        "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
        "TW9gb54h4FRWyuXpoQ"
    ),
}
RFC_7515_SIGNED = (
    b"eyJhbGciOiJSUzI1NiJ9"
    b".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)
RFC_7515_SIGNATURE = (
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t"
    "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j"
    "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
    "Ge77Rw"
)


def test_the_rs256_example_of_rfc_7515_holds_for_the_keys_and_the_check_of_entra() -> None:
    key = read(json.dumps({"keys": [RFC_7515_KEY]}).encode())["A.2"]
    signature = unsealed(RFC_7515_SIGNATURE)
    _check_signature(key, signature, RFC_7515_SIGNED)
    for place in (0, 100, 255):
        wrong = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        with pytest.raises(NotAuthentic):
            _check_signature(key, wrong, RFC_7515_SIGNED)
    with pytest.raises(NotAuthentic):
        _check_signature(key, signature, RFC_7515_SIGNED + b"Q")


@pytest.mark.parametrize(
    ("kind", "username", "secret", "authorization"),
    [
        (AuthKind.BASIC, "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),  # RFC 7617, 2
        (AuthKind.BASIC, "test", "123£", "Basic dGVzdDoxMjPCow=="),  # RFC 7617, 2.1
        (AuthKind.BEARER, None, "mF_9.B5f-4.1JqM", "Bearer mF_9.B5f-4.1JqM"),  # RFC 6750, 2.1
    ],
)
def test_the_headers_in_the_rfcs_are_accepted(
    kind: AuthKind, username: str | None, secret: str, authorization: str
) -> None:
    auth = AuthSettings(kind, (Secret(secret),), username)
    authenticate(auth, authorization)
    for place in range(authorization.index(" ") + 1, len(authorization.rstrip("="))):
        other = "A" if authorization[place] != "A" else "B"
        with pytest.raises(NotAuthentic):
            authenticate(auth, authorization[:place] + other + authorization[place + 1 :])
