"""The forms that keyed digests come in, the replay window, rotation, and whatever strangers may send."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import NOW, request, verify

from bridge.config.schemes import FieldToken, HeaderToken, HmacScheme, Scheme, StandardWebhooksScheme
from bridge.errors import ConfigError, NotAuthentic
from bridge.sources.signatures import vendors
from bridge.sources.signatures.verifier import MOST_SIGNATURES

BODY = '{"a": "ü"}'
SECONDS = str(int(NOW.timestamp()))


def digest(text: str, key: str = "key", algorithm: str = "sha256") -> str:
    return hmac.new(key.encode(), text.encode(), algorithm).hexdigest()


SLACK = HmacScheme(
    "x-slack-signature", prefix="v0=", signed="v0:{timestamp}:{body}", timestamp_header="x-slack-request-timestamp"
)
STRIPE = HmacScheme("stripe-signature", prefix="v1=", separator=",", timestamp_prefix="t=", signed="{timestamp}.{body}")
SPLUNK_OBSERVABILITY = HmacScheme("x-sfx-signature", encoding="base64")
WITH_ID = HmacScheme("x-sig", signed="{id}.{body}.", id_header="x-id")


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("upper", [False, True])
def test_digests_in_hex(algorithm: str, upper: bool) -> None:
    signature = digest(BODY, algorithm=algorithm)
    verify(HmacScheme("x", algorithm), ["key"], request(BODY, {"X": signature.upper() if upper else signature}))


def test_digests_in_base_64() -> None:
    raw = hmac.digest(b"key", BODY.encode(), hashlib.sha256)
    headers = {"x-sfx-signature": base64.b64encode(raw).decode()}
    verify(SPLUNK_OBSERVABILITY, ["key"], request(BODY, headers))
    with pytest.raises(NotAuthentic):
        verify(SPLUNK_OBSERVABILITY, ["key"], request(BODY, {"x-sfx-signature": raw.hex()}))


def test_a_time_in_a_header_of_its_own() -> None:
    headers = {"X-Slack-Signature": f"v0={digest(f'v0:{SECONDS}:{BODY}')}", "X-Slack-Request-Timestamp": SECONDS}
    verify(SLACK, ["key"], request(BODY, headers))
    with pytest.raises(NotAuthentic, match="x-slack-request-timestamp is missing"):
        verify(SLACK, ["key"], request(BODY, {"X-Slack-Signature": headers["X-Slack-Signature"]}))


@pytest.mark.parametrize("blank", ["", " ", "\n "])
def test_time_and_signatures_in_one_header(blank: str) -> None:
    signature = digest(f"{SECONDS}.{BODY}")
    entries = (f"t={SECONDS}", f"v1={digest('other')}", f"v1={signature}", "v0=ignored")
    verify(STRIPE, ["key"], request(BODY, {"Stripe-Signature": f",{blank}".join(entries)}))


def test_a_signed_id_names_the_delivery() -> None:
    proof = verify(WITH_ID, ["key"], request(BODY, {"x-sig": digest(f"d-1.{BODY}."), "x-id": "d-1"}))
    assert proof.sender_id == "d-1"
    with pytest.raises(NotAuthentic):
        verify(WITH_ID, ["key"], request(BODY, {"x-sig": digest(f"d-1.{BODY}."), "x-id": "d-2"}))


@pytest.mark.parametrize(
    "entries",
    [
        [f"v1={digest(f'{SECONDS}.{BODY}')}"],
        [f"t={SECONDS}"],
        [f"t={SECONDS}", f"t={SECONDS}", f"v1={digest(f'{SECONDS}.{BODY}')}"],
        ["t=", f"v1={digest(f'.{BODY}')}"],
        ["t=²", f"v1={digest(f'².{BODY}')}"],
        ["t=-5", f"v1={digest(f'-5.{BODY}')}"],
        [f"t={SECONDS}", "v1="],
        [f"t={SECONDS}", digest(f"{SECONDS}.{BODY}")],
    ],
)
def test_a_header_that_lacks_something_is_refused(entries: list[str]) -> None:
    with pytest.raises(NotAuthentic):
        verify(STRIPE, ["key"], request(BODY, {"Stripe-Signature": ",".join(entries)}))


@pytest.mark.parametrize(("ahead", "is_right"), [(-301, False), (-299, True), (0, True), (299, True), (301, False)])
def test_the_replay_window_is_closed_at_both_ends(ahead: int, is_right: bool) -> None:
    seconds = str(int(NOW.timestamp()) + ahead)
    asked = request(BODY, {"Stripe-Signature": f"t={seconds},v1={digest(f'{seconds}.{BODY}')}"})
    if is_right:
        verify(STRIPE, ["key"], asked)
    else:
        with pytest.raises(NotAuthentic, match="too old" if ahead < 0 else "future"):
            verify(STRIPE, ["key"], asked)


def test_while_secrets_are_rotated_both_are_accepted() -> None:
    for key in ("old", "new"):
        verify(vendors.PAGERDUTY, ["old", "new"], request(BODY, {"X-PagerDuty-Signature": f"v1={digest(BODY, key)}"}))
    both = f"v1={digest(BODY, 'older')}, v1={digest(BODY, 'new')}"
    verify(vendors.PAGERDUTY, ["new"], request(BODY, {"X-PagerDuty-Signature": both}))
    with pytest.raises(NotAuthentic):
        verify(vendors.PAGERDUTY, ["newest"], request(BODY, {"X-PagerDuty-Signature": both}))


def test_a_header_full_of_signatures_is_not_compared_to_its_end() -> None:
    many = ",".join([f"v1={digest('x')}"] * MOST_SIGNATURES + [f"v1={digest(BODY)}"])
    with pytest.raises(NotAuthentic):
        verify(vendors.PAGERDUTY, ["key"], request(BODY, {"X-PagerDuty-Signature": many}))
    with pytest.raises(NotAuthentic, match="too long"):
        verify(vendors.PAGERDUTY, ["key"], request(BODY, {"X-PagerDuty-Signature": "v1=" + "a" * 10_000}))


def test_an_empty_secret_signs_nothing() -> None:
    for header in ({}, {"fh-signature": ""}, {"fh-signature": digest(BODY, "")}):
        with pytest.raises(NotAuthentic):
            verify(vendors.FIREHYDRANT, [""], request(BODY, header))
        with pytest.raises(NotAuthentic):
            verify(vendors.FIREHYDRANT, [], request(BODY, header))


def test_a_body_that_is_no_text_can_be_signed() -> None:
    raw = b"\xff\x00\xfe"
    verify(vendors.FIREHYDRANT, ["key"], request(raw, {"fh-signature": hmac.digest(b"key", raw, "sha256").hex()}))


@pytest.mark.parametrize("secret", ["", "whsec_", "whpk_", "whpk_QUJD", "whsec_%", "é"])
def test_a_secret_of_standard_webhooks_must_be_a_key(secret: str) -> None:
    with pytest.raises(ConfigError, match="whsec_"):
        verify(StandardWebhooksScheme(), [secret], request("", {}))


def test_a_body_that_is_no_text_is_refused_by_standard_webhooks_and_is_no_error() -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": SECONDS, "webhook-signature": "v1,AAAA"}
    with pytest.raises(NotAuthentic):
        verify(StandardWebhooksScheme(), ["whsec_QUJD"], request(b"\xff", headers))


ALL = [
    SLACK, STRIPE, WITH_ID, vendors.PAGERDUTY, vendors.GITHUB, vendors.ROOTLY, SPLUNK_OBSERVABILITY,
    vendors.CLOUDFLARE, vendors.STATUSCAKE, vendors.STANDARD_WEBHOOKS, HeaderToken("x-a"), FieldToken("f"),
]  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "v1=", "t=1,v1=", "v1,", "v1a,AAAA", "v1," * 40, "sha256=", ",", " ", SECONDS, "9" * 12]),
)


@given(
    st.sampled_from(ALL),
    st.binary(max_size=80),
    st.dictionaries(
        st.sampled_from(
            [scheme.header for scheme in ALL if isinstance(scheme, HmacScheme | HeaderToken)]
            + ["x-id", "x-slack-request-timestamp", "webhook-id", "webhook-timestamp", "webhook-signature",
               "svix-id", "svix-timestamp", "svix-signature"]
        ),
        VALUES,
    ),
    VALUES,
    st.sampled_from([NOW, datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(days=9000)]),
)  # fmt: skip
def test_whatever_strangers_send_is_refused_and_never_an_error(
    scheme: Scheme, body: bytes, headers: dict[str, str], query: str, now: datetime
) -> None:
    known = {name: value.encode("utf-8", "replace").decode("latin-1") for name, value in headers.items()}
    asked = request(body, {}, now, query)
    asked = type(asked)(body, known.get, query, now)
    with pytest.raises(NotAuthentic):
        verify(scheme, ["whsec_c29tZXRoaW5n", "whpk_F4A7Q5znlP8M2/lQ9fzaeH/frJAqbdWN7EMoDS5EmXs="], asked)
