"""Amazon SNS, which signs decoded fields with RSA and names the certificate in the message itself.

Every address in a message is the sender's choice until it is checked: https, no user, no other port, exactly
``sns.<region>.amazonaws.com`` or its Chinese sibling, and no redirects. What is cheap is checked before the certificate
is asked for. A SubscribeURL is visited only after everything held, and never that of an UnsubscribeConfirmation, which
would undo it. (Amazon SNS developer guide.)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bridge.config.schemes import SnsScheme
from bridge.errors import NotAuthentic, Unparsable
from bridge.sources.body import read_json
from bridge.sources.fields import to_moment
from bridge.sources.signatures.certificates import Certificate, Certificates
from bridge.sources.signatures.fetch import Fetch
from bridge.sources.signatures.verifier import CannotCheck, Proof, Request

NOTIFICATION = "Notification"
SUBSCRIBE = "SubscriptionConfirmation"
UNSUBSCRIBE = "UnsubscribeConfirmation"

_CONFIRMED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED: Mapping[str, tuple[str, ...]] = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIBE: _CONFIRMED,
    UNSUBSCRIBE: _CONFIRMED,
}
"""Type of a message → the fields that are signed, in order. A Notification may have no Subject."""
_TEXTS = frozenset(name for names in _SIGNED.values() for name in names)
_HOST = r"https://sns\.[a-zA-Z0-9-]{3,63}\.amazonaws\.com(?:\.cn)?(?::443)?"
_CERTIFICATE_URL = re.compile(_HOST + r"/[A-Za-z0-9_./-]{1,200}\.pem")
SUBSCRIBE_URL = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[A-Za-z0-9_.:%&=~+*-]{1,2000}")
_LONGEST_TOPIC = 512
_AHEAD = timedelta(minutes=5)


class SnsVerifier:
    """Checks messages of Amazon SNS.

    Args:
        scheme: which topics are let in, and how old a message may be.
        certificates: those of the process.
        fetch: visits a SubscribeURL.
    """

    def __init__(self, scheme: SnsScheme, certificates: Certificates, fetch: Fetch) -> None:
        self._scheme = scheme
        self._certificates = certificates
        self._fetch = fetch
        self._topics = [re.compile(re.escape(topic).replace(r"\*", "[^\n]*")) for topic in scheme.topics]

    def verify(self, request: Request) -> Proof:
        """See ``bridge.sources.signatures.verifier.Verifier``."""
        message = _message(request.body)
        kind = message.get("Type", "")
        if kind not in _SIGNED:
            raise NotAuthentic("This is no message of Amazon SNS: a raw delivery cannot be authenticated.")
        self._check_topic(message.get("TopicArn", ""))
        self._check_age(message.get("Timestamp", ""), request.now)
        url = message.get("SigningCertURL") or message.get("SigningCertUrl") or ""
        if not _CERTIFICATE_URL.fullmatch(url) or "/../" in url:
            raise NotAuthentic("The SigningCertURL is no address of Amazon SNS.")
        version = message.get("SignatureVersion", "")
        if version not in ("1", "2") or (version == "1" and self._scheme.only_v2):
            raise NotAuthentic("The SignatureVersion is not accepted here.")
        signed, signature = string_to_sign(message), _signature(message)
        _check_signature(self._certificates.at(url, request.now), version, signature, signed)
        return Proof(message["MessageId"], self._confirmation(message) if kind == SUBSCRIBE else None)

    def _check_topic(self, topic: str) -> None:
        if len(topic) > _LONGEST_TOPIC or not any(pattern.fullmatch(topic) for pattern in self._topics):
            raise NotAuthentic("The topic is not on the list of this source.")

    def _check_age(self, timestamp: str, now: datetime) -> None:
        try:
            sent_at = to_moment(timestamp)
        except ValueError:
            sent_at = None
        if sent_at is None:
            raise NotAuthentic("The Timestamp is not a time.")
        if not now - self._scheme.max_age <= sent_at <= now + _AHEAD:
            raise NotAuthentic("The Timestamp is too old or in the future.")

    def _confirmation(self, message: Mapping[str, str]) -> _Visit | None:
        if not self._scheme.confirm:
            return None
        if not SUBSCRIBE_URL.fullmatch(message["SubscribeURL"]):
            raise NotAuthentic("The SubscribeURL is no address of Amazon SNS.")
        return _Visit(self._fetch, message["SubscribeURL"])


class _Visit:
    """The visit of a SubscribeURL. AWS repeats a confirmation, and visiting it twice does no harm."""

    def __init__(self, fetch: Fetch, url: str) -> None:
        self._fetch, self._url = fetch, url

    def __call__(self) -> None:
        status = self._fetch(self._url).status
        if status != 200:
            raise CannotCheck(f"Amazon SNS answers {status} to the confirmation of the subscription.")


def string_to_sign(message: Mapping[str, str]) -> bytes:
    """What SNS signs: name and value of each signed field, each followed by a line feed.

    Raises:
        NotAuthentic: when a signed field is missing.
    """
    parts: list[str] = []
    for name in _SIGNED[message["Type"]]:
        if name in message:
            parts += (name, message[name])
        elif name != "Subject":
            raise NotAuthentic(f"The field {name} of the message is missing.")
    return "".join(f"{part}\n" for part in parts).encode("utf-8")


def _message(body: bytes) -> dict[str, str]:
    """The fields that are texts; SNS signs no others, so a signed field of another kind was put there by a stranger."""
    try:
        data = read_json(body).data
    except Unparsable:
        data = None
    if not isinstance(data, dict):
        raise NotAuthentic("This is no message of Amazon SNS.")
    if not all(isinstance(data.get(name), str | None) for name in _TEXTS):
        raise NotAuthentic("A signed field of the message is no text.")
    return {name: value for name, value in data.items() if isinstance(value, str)}


def _signature(message: Mapping[str, str]) -> bytes:
    try:
        return base64.b64decode(message.get("Signature", ""), validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthentic("The Signature is not base 64.") from None


def _check_signature(certificate: Certificate, version: str, signature: bytes, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only for who uses it
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415

    digest = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - version 1 is AWS's default
    try:
        certificate.key.verify(signature, signed, PKCS1v15(), digest)
    except InvalidSignature:
        raise NotAuthentic("The Signature is not valid.") from None
