"""The sender's side of every scheme, for ``statusbridge sources test`` and for tests."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from bridge.config.schemes import (
    BODY,
    ID,
    TIMESTAMP,
    EntraScheme,
    FieldToken,
    HeaderToken,
    HmacScheme,
    Scheme,
    SnsScheme,
    StandardWebhooksScheme,
)
from bridge.config.settings import AuthKind, AuthSettings
from bridge.secret import Secret


class CannotSign(Exception):
    """Only the vendor can sign so."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request needs to be let in.

    Attributes:
        path: what follows the name of the source in the path.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


def credentials_of(auth: AuthSettings, body: bytes, now: datetime) -> Credentials:
    """What the sender of a source would send with a body; made with the first of its secrets.

    Raises:
        CannotSign: when only the vendor has the key.
    """
    secret = auth.secrets[0] if auth.secrets else Secret("")
    match auth.kind:
        case AuthKind.BEARER:
            return Credentials({"Authorization": f"Bearer {secret.reveal()}"})
        case AuthKind.BASIC:
            pair = base64.b64encode(f"{auth.username}:{secret.reveal()}".encode()).decode()
            return Credentials({"Authorization": f"Basic {pair}"})
        case AuthKind.PATH:
            return Credentials(path=f"/{secret.reveal()}")
        case AuthKind.SIGNATURE if auth.scheme is not None:
            return sign(auth.scheme, secret, body, now)
    return Credentials()


def sign(scheme: Scheme, secret: Secret, body: bytes, now: datetime) -> Credentials:
    """Sign a body as the sender does.

    Raises:
        CannotSign: when only the vendor has the key.
    """
    match scheme:
        case HmacScheme():
            return _keyed(scheme, secret, body, now)
        case HeaderToken():
            return Credentials({scheme.header: secret.reveal()})
        case FieldToken():
            from bridge.sources.signatures.tokens import token_of_account  # noqa: PLC0415 - only for who uses it

            token = token_of_account(secret) if scheme.of_account else secret
            return Credentials(query={scheme.field: token.reveal()})
        case StandardWebhooksScheme():
            return _standard(secret, body, now)
        case SnsScheme():
            raise CannotSign("Only Amazon can sign for Amazon SNS.")
        case EntraScheme():
            raise CannotSign("Only Microsoft Entra ID can give a token.")


def _keyed(scheme: HmacScheme, secret: Secret, body: bytes, now: datetime) -> Credentials:
    seconds, identity = str(int(now.timestamp())), uuid4().hex
    before, _, after = scheme.signed.replace(TIMESTAMP, seconds).replace(ID, identity).partition(BODY)
    digest = hmac.digest(secret.reveal().encode(), before.encode() + body + after.encode(), scheme.algorithm)
    coded = base64.b64encode(digest).decode() if scheme.encoding == "base64" else digest.hex()
    entries = [f"{scheme.timestamp_prefix}{seconds}"] if scheme.timestamp_prefix else []
    headers = {scheme.header: (scheme.separator or "").join([*entries, f"{scheme.prefix}{coded}"])}
    if scheme.timestamp_header:
        headers[scheme.timestamp_header] = seconds
    if scheme.id_header:
        headers[scheme.id_header] = identity
    return Credentials(headers)


def _standard(secret: Secret, body: bytes, now: datetime) -> Credentials:
    from standardwebhooks.webhooks import Webhook  # noqa: PLC0415 - only for who uses it

    if secret.reveal().startswith("whpk_"):
        raise CannotSign("The bridge has the public key only, and cannot sign with it.")
    identity = f"msg_{uuid4().hex}"
    signature = Webhook(secret.reveal()).sign(identity, now, body.decode("utf-8"))
    return Credentials(
        {"webhook-id": identity, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    )
