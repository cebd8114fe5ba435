"""Amazon SNS, played with a key made here: signs messages, serves the certificate, counts who asks."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from bridge.sources.signatures.fetch import Fetched
from bridge.sources.signatures.sns import string_to_sign
from bridge.sources.signatures.verifier import CannotCheck

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc.pem"
SUBSCRIBE = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def certificate(key: Any = None, begins: datetime = datetime(2020, 1, 1, tzinfo=UTC), days: int = 9000) -> bytes:
    key = key or rsa_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(begins).not_valid_after(begins + timedelta(days=days))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def elliptic() -> Any:
    return ec.generate_private_key(ec.SECP256R1())


class Amazon:
    """Answers what ``fetch`` asks; ``down`` makes it silent, ``visits`` are its next answers to a SubscribeURL."""

    def __init__(self, pem: bytes | None = None) -> None:
        self.pem = certificate() if pem is None else pem
        self.asked: list[str] = []
        self.status = 200
        self.visits: list[int] = []
        self.down = False

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.down:
            raise CannotCheck("Amazon SNS cannot be reached.")
        if ".pem" in url:
            return Fetched(self.status, self.pem)
        return Fetched(self.visits.pop(0) if self.visits else self.status, b"<ConfirmSubscriptionResponse/>")


def message(kind: str = "Notification", at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """A message without its signature."""
    sent_at = (at or datetime(2026, 11, 21, 12, 0, tzinfo=UTC)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    made = {
        "Type": kind,
        "MessageId": "0a1b",
        "TopicArn": TOPIC,
        "Message": "höllo\n",
        "Timestamp": sent_at,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    }
    if kind != "Notification":
        made |= {"Token": "abc", "SubscribeURL": SUBSCRIBE}
    return {name: value for name, value in (made | changes).items() if value is not None}


def signed(made: dict[str, Any], key: Any = None) -> bytes:
    """The body as SNS posts it."""
    digest = hashes.SHA1() if made.get("SignatureVersion") == "1" else hashes.SHA256()
    signature = (key or rsa_key()).sign(string_to_sign(made), padding.PKCS1v15(), digest)
    return json.dumps({**made, "Signature": base64.b64encode(signature).decode()}).encode()
