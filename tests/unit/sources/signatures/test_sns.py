"""Amazon SNS: the published examples, a key of our own, every address that is a trap, and a cache that stays small."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing import NOW, request

from bridge.config.schemes import SnsScheme
from bridge.errors import NotAuthentic
from bridge.sources.fields import to_moment
from bridge.sources.signatures.certificates import BAD_LIFETIME, FETCHES, LIFETIME, MOST_KEPT, Certificates
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.sns import string_to_sign
from bridge.sources.signatures.verifier import CannotCheck, Proof
from tests.amazon import CERTIFICATE, SUBSCRIBE, TOPIC, Amazon, certificate, elliptic, message, rsa_key, signed

SAMPLE = json.loads((Path(__file__).parents[3] / "data" / "signatures" / "aws_sns.json").read_text(encoding="utf-8"))


def check(body: bytes, amazon: Amazon, now: datetime = NOW, **options: Any) -> Proof:
    scheme = SnsScheme(**{"topics": ("arn:aws:sns:*:123456789012:*",), **options})
    return Verifiers(amazon).make(scheme, []).verify(request(body, {}, now))


def refused(body: bytes, amazon: Amazon | None = None, **options: Any) -> str:
    amazon = amazon or Amazon()
    with pytest.raises(NotAuthentic) as refusal:
        check(body, amazon, **options)
    assert not [url for url in amazon.asked if not url.endswith(".pem")], "a SubscribeURL was visited"
    return str(refusal.value)


@pytest.mark.parametrize("case", SAMPLE["cases"], ids=lambda case: case["name"])
def test_each_published_example_is_judged_as_it_says(case: dict[str, Any]) -> None:
    amazon = Amazon(SAMPLE["certificate_pem"].encode())
    now = to_moment(case["message"]["Timestamp"])
    assert now
    body = json.dumps(case["message"]).encode()
    if case["expect"] == "accept":
        assert string_to_sign(case["message"]).decode() == case["string_to_sign"]
        assert check(body, amazon, now).sender_id == case["message"]["MessageId"]
        assert amazon.asked == [SAMPLE["certificate_served_at"]]
    else:
        refused(body, amazon, now=now)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", ["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"])
@pytest.mark.parametrize(
    "changes", [{}, {"Subject": "Ü"}, {"Message": ""}, {"SigningCertUrl": CERTIFICATE, "SigningCertURL": None}]
)
def test_what_our_own_key_signs_is_accepted(version: str, kind: str, changes: dict[str, Any]) -> None:
    check(signed(message(kind, SignatureVersion=version, **changes)), Amazon())


@pytest.mark.parametrize("url", SAMPLE["cert_url_accept"])
def test_certificates_come_from_amazon(url: str) -> None:
    amazon = Amazon()
    check(signed(message(SigningCertURL=url)), amazon)
    assert amazon.asked == [url]


@pytest.mark.parametrize(
    "url",
    [
        *SAMPLE["cert_url_reject"],
        "https://sns.us-west-2.amazonaws.com",
        "https://user@sns.us-west-2.amazonaws.com/x.pem",
        "https://sns.us-west-2.amazonaws.com#@evil.example/x.pem",
        "https://sns.us-west-2.amazonaws.com\\@evil.example/x.pem",
        "https://sns.us-west-2.amazonaws.com/\n/x.pem",
        "https://sns.us-west-2.amazonaws.com/x.pem\n",
        " https://sns.us-west-2.amazonaws.com/x.pem",
        "https://sns.us-west-2.amazonaws.com/x.pem?y=.pem",
        "https://sns.us-west-2.amazonaws.com/../x.pem",
        "https://sns.us-west-2.amazonaws.com./x.pem",
        "https://sns.amazonaws.com/x.pem",
        "https://sns.us.west.amazonaws.com/x.pem",
        "https://sns.us-west-2.amazonaws.com.cn.evil/x.pem",
        "https://sns.üs-west-2.amazonaws.com/x.pem",
        "HTTPS://sns.us-west-2.amazonaws.com/x.pem",
        "",
    ],
)
def test_no_certificate_is_fetched_from_anywhere_else(url: str) -> None:
    amazon = Amazon()
    assert "SigningCertURL" in refused(signed(message(SigningCertURL=url)), amazon)
    assert amazon.asked == []


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"TopicArn": "arn:aws:sns:eu-west-1:999999999999:alarms"}, {}),
        ({}, {"topics": ()}),
        ({}, {"topics": (TOPIC[:-1],)}),
        ({"TopicArn": TOPIC + "x" * 600}, {}),
        ({"Timestamp": "2026-11-21T10:59:00Z"}, {}),
        ({"Timestamp": "2026-11-21T12:06:00Z"}, {}),
        ({"Timestamp": "soon"}, {}),
        ({"Timestamp": "0001-01-01T00:00:00Z"}, {}),
        ({"SignatureVersion": "1"}, {"only_v2": True}),
        ({"SignatureVersion": "3"}, {}),
    ],
)  # fmt: skip
def test_what_is_not_for_us_is_refused_before_anything_is_fetched(
    changes: dict[str, Any], options: dict[str, Any]
) -> None:
    amazon = Amazon()
    refused(signed(message(**changes)), amazon, **options)
    assert amazon.asked == []


def test_another_key_a_weak_key_or_another_kind_of_key_is_refused() -> None:
    body = signed(message())
    assert refused(signed(message(), rsa_key(3072))) == "The Signature is not valid."
    for pem in (certificate(elliptic()), certificate(rsa_key(1024)), b"", b"-----BEGIN CERTIFICATE-----\nx", b"\xff"):
        assert "no usable certificate" in refused(body, Amazon(pem))
    assert "not valid now" in refused(body, Amazon(certificate(days=30)))
    assert "not valid now" in refused(body, Amazon(certificate(begins=NOW + timedelta(days=1))))


def test_a_field_that_is_no_text_cannot_be_added_to_a_message() -> None:
    body = json.loads(signed(message()))
    for value in (5, [], {}, False, "x"):
        refused(json.dumps({**body, "Subject": value}).encode())
    check(json.dumps({**body, "Subject": None}).encode(), Amazon())


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "TopicArn", "Token", "SubscribeURL", "Timestamp"])
def test_every_signed_field_counts(name: str) -> None:
    body = json.loads(
        signed(
            message("SubscriptionConfirmation" if name in ("Token", "SubscribeURL") else "Notification", Subject="S")
        )
    )
    for value in (None, "", "x", 3, [], {}):
        refused(json.dumps({**body, name: value}).encode())
    del body[name]
    refused(json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"AlarmName": "raw delivery"}', b'{"Type": "Other"}'],
)
def test_a_raw_delivery_or_no_message_at_all_is_refused(body: bytes) -> None:
    refused(body)


def test_a_subscription_is_confirmed_afterwards_and_only_then() -> None:
    amazon = Amazon()
    proof = check(signed(message("SubscriptionConfirmation")), amazon)
    assert amazon.asked == [CERTIFICATE]
    assert proof.afterwards
    proof.afterwards()
    assert amazon.asked == [CERTIFICATE, SUBSCRIBE]
    amazon.status = 500
    with pytest.raises(CannotCheck):
        proof.afterwards()


def test_an_unsubscription_is_never_undone_and_confirming_can_be_turned_off() -> None:
    assert check(signed(message("UnsubscribeConfirmation")), Amazon()).afterwards is None
    assert check(signed(message("SubscriptionConfirmation")), Amazon(), confirm=False).afterwards is None
    assert check(signed(message()), Amazon()).afterwards is None


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc",
        "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription&Token=abc",
        "https://169.254.169.254/?Action=ConfirmSubscription&Token=abc",
        "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&Token=abc",
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=a b",
    ],
)
def test_a_signed_address_is_still_checked_before_it_is_visited(url: str) -> None:
    assert "SubscribeURL" in refused(signed(message("SubscriptionConfirmation", SubscribeURL=url)))


def test_when_amazon_is_silent_the_sender_is_asked_to_come_back() -> None:
    amazon = Amazon()
    amazon.down = True
    with pytest.raises(CannotCheck):
        check(signed(message()), amazon)
    amazon.down, amazon.status = False, 503
    with pytest.raises(CannotCheck):
        check(signed(message()), amazon)
    amazon.status = 404
    refused(signed(message()), amazon)


def test_a_certificate_is_fetched_once_and_again_when_it_is_old() -> None:
    amazon, clock = Amazon(), [0.0]
    kept = Certificates(amazon, lambda: clock[0])
    for _ in range(5):
        kept.at(CERTIFICATE, NOW)
    assert len(amazon.asked) == 1
    clock[0] = LIFETIME + 1
    kept.at(CERTIFICATE, NOW)
    assert len(amazon.asked) == 2


def test_strangers_cannot_make_us_ask_without_end_or_fill_the_cache() -> None:
    amazon, clock = Amazon(), [0.0]
    kept = Certificates(amazon, lambda: clock[0])
    for number in range(FETCHES):
        kept.at(f"{CERTIFICATE}{number}", NOW)
    with pytest.raises(CannotCheck, match="Too many"):
        kept.at(f"{CERTIFICATE}-more", NOW)
    kept.at(f"{CERTIFICATE}0", NOW)
    for number in range(3 * MOST_KEPT):
        clock[0] += 60
        kept.at(f"{CERTIFICATE}{number + 100}", NOW)
    assert len(kept._kept) == MOST_KEPT
    amazon.pem, asked = b"", len(amazon.asked)
    for _ in range(5):
        clock[0] += BAD_LIFETIME / 10
        with pytest.raises(NotAuthentic):
            kept.at(f"{CERTIFICATE}-bad", NOW)
    assert len(amazon.asked) == asked + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
FIELDS = (*message("SubscriptionConfirmation"), "Subject", "Signature", "SigningCertUrl")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.booleans())
def test_whatever_strangers_send_is_refused_and_never_an_error(changes: dict[str, Any], is_signed: bool) -> None:
    body = json.loads(signed(message("SubscriptionConfirmation"))) if is_signed else {}
    changed = {**body, **changes}
    unsigned = ("Subject", "SigningCertUrl")  # of a confirmation
    if body and all(changed[name] == value for name, value in body.items() if name not in unsigned):
        return
    refused(json.dumps(changed).encode())
