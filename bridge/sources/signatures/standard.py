"""Standard Webhooks and Svix, whose scheme it is: an HMAC or an ed25519 signature over id, time and body.

The library ``standardwebhooks`` computes the HMAC. Its own ``verify`` is not used: it knows neither ``svix-*`` headers
nor ed25519, reads the machine's clock, takes one secret, and fails with errors that are not its own on a malformed
entry of the list.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.config.schemes import StandardWebhooksScheme
from bridge.errors import ConfigError, NotAuthentic
from bridge.secret import Secret
from bridge.sources.signatures.verifier import MOST_SIGNATURES, Proof, Request, check_age, header_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PUBLIC = "whpk_"
"""How a secret begins that is none: a public key."""

Check = Callable[[str, str, bytes, Sequence[str]], bool]
"""Whether one of the entries signs id, time and body."""


class StandardWebhooksVerifier:
    """Checks Standard Webhooks with any number of keys of both kinds.

    Raises:
        ConfigError: when a secret is no key.
    """

    def __init__(self, scheme: StandardWebhooksScheme, secrets: Sequence[Secret]) -> None:
        self._tolerance = scheme.tolerance
        self._checks = [_check_of(secret) for secret in secrets]

    def verify(self, request: Request) -> Proof:
        """See ``bridge.sources.signatures.verifier.Verifier``."""
        is_svix = request.header("webhook-signature") is None and request.header("svix-signature") is not None
        family = "svix" if is_svix else "webhook"
        identity = header_of(request, f"{family}-id")
        seconds = header_of(request, f"{family}-timestamp")
        entries = header_of(request, f"{family}-signature").split(" ", MOST_SIGNATURES)[:MOST_SIGNATURES]
        check_age(seconds, request.now, self._tolerance)
        matches = [check(identity, seconds, request.body, entries) for check in self._checks]
        if not any(matches):
            raise NotAuthentic(f"None of the signatures in the header {family}-signature is valid.")
        return Proof(sender_id=identity)


def _check_of(secret: Secret) -> Check:
    try:
        return _asymmetric(secret) if secret.reveal().startswith(PUBLIC) else _symmetric(secret)
    except ValueError:
        why = "a secret of a Standard Webhooks source is neither whsec_… nor whpk_… followed by base 64"
        raise ConfigError([why]) from None


def _symmetric(secret: Secret) -> Check:
    from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook  # noqa: PLC0415 - only for who uses it

    try:
        webhook = Webhook(secret.reveal())
    except EmptyWebhookSecretError:
        raise ValueError("empty") from None

    def check(identity: str, seconds: str, body: bytes, entries: Sequence[str]) -> bool:
        try:
            moment = datetime.fromtimestamp(int(seconds), UTC)
            expected = webhook.sign(identity, moment, body.decode("utf-8")).encode()
        except ValueError:  # not UTF-8, which the library needs and JSON is
            return False
        matches = [hmac.compare_digest(expected, entry.encode("latin-1", "replace")) for entry in entries]
        return any(matches)

    return check


def _asymmetric(secret: Secret) -> Check:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only for who uses it

    key = _public_key(secret)

    def check(identity: str, seconds: str, body: bytes, entries: Sequence[str]) -> bool:
        signed = b".".join((identity.encode("latin-1", "replace"), seconds.encode(), body))
        for entry in entries:
            version, _, signature = entry.partition(",")
            if version != "v1a":
                continue
            try:
                key.verify(base64.b64decode(signature, validate=True), signed)
            except (InvalidSignature, binascii.Error, ValueError):
                continue
            return True
        return False

    return check


def _public_key(secret: Secret) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - only for who uses it
        Ed25519PublicKey,
    )

    raw = base64.b64decode(secret.reveal().removeprefix(PUBLIC) + "==")
    return Ed25519PublicKey.from_public_bytes(raw)
