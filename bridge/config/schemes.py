"""How senders sign what they send, as data. ``bridge.sources.signatures`` does the checking.

A source type declares the scheme of its vendor (``scheme``); then ``secrets:`` is all that bridge.yaml needs.
``auth: {hmac: …}``, ``{header: …}``, ``{standard_webhooks: …}``, ``{sns: …}`` and ``{entra: …}`` say the same by hand,
for every type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

ALGORITHMS = ("sha256", "sha512", "sha384", "sha1")
"""Digests that an HMAC may use; SHA-1 is still sound inside an HMAC."""
ENCODINGS = ("hex", "base64")
BODY, TIMESTAMP, ID = "{body}", "{timestamp}", "{id}"
"""What may stand in :attr:`HmacScheme.signed`."""

TOLERANCE = timedelta(minutes=5)
"""How far a signed time may be from ours, both ways, unless the scheme says otherwise."""


@dataclass(frozen=True, slots=True)
class HmacScheme:
    """A keyed digest of the raw body in a header.

    Attributes:
        header: where the signatures are.
        algorithm: one of :data:`ALGORITHMS`.
        encoding: one of :data:`ENCODINGS`.
        prefix: what stands before each signature, such as ``sha256=`` or ``v1=``; an entry without it does not count.
        separator: what stands between several signatures, such as ``,``; None where there is only one.
        signed: what is signed: ``{body}``, or with ``{timestamp}`` and ``{id}`` around it.
        timestamp_header: header with the signed time in Unix seconds.
        timestamp_prefix: what marks the signed time among the entries of ``header``, such as ``t=``.
        id_header: header with the signed id of the delivery.
        tolerance: how far the signed time may be from ours, both ways.
        timed_by_choice: the sender signs a time only when told to, and the user chooses the name of the header; with
            ``timestamp_header`` set the form without a time is refused.
    """

    header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    separator: str | None = None
    signed: str = BODY
    timestamp_header: str | None = None
    timestamp_prefix: str | None = None
    id_header: str | None = None
    tolerance: timedelta = TOLERANCE
    timed_by_choice: bool = False


@dataclass(frozen=True, slots=True)
class StandardWebhooksScheme:
    """Standard Webhooks, which is Svix's scheme: headers ``webhook-*`` or ``svix-*``.

    A secret is ``whsec_…`` (HMAC) or ``whpk_…`` (an ed25519 public key).
    """

    tolerance: timedelta = TOLERANCE


@dataclass(frozen=True, slots=True)
class HeaderToken:
    """A shared secret in a header of its own. Proves nothing about the body."""

    header: str


@dataclass(frozen=True, slots=True)
class FieldToken:
    """A shared secret in a form field or a query parameter. Proves nothing about the body.

    Attributes:
        field: its name, compared without regard to case.
        of_account: the token is StatusCake's: the MD5 of the user name in lower case followed by the API key. A secret
            of the form ``user:key`` is then made into the token.
    """

    field: str
    of_account: bool = False


@dataclass(frozen=True, slots=True)
class SnsScheme:
    """Amazon SNS: an RSA signature over decoded fields, with the address of its certificate in the message.

    Attributes:
        topics: topic ARNs that are let in; ``*`` stands for any characters. A valid signature alone only proves that
            some customer of AWS sent the message.
        max_age: how old a message may be; AWS sends one again for at most an hour.
        confirm: visit the SubscribeURL of a confirmation that passed every check.
        only_v2: refuse SHA-1 signatures (SignatureVersion 1).
    """

    topics: tuple[str, ...] = ()
    max_age: timedelta = timedelta(hours=1)
    confirm: bool = True
    only_v2: bool = False


CLOUDS = ("public", "us-government", "china")
"""Microsoft's clouds, each with sign-in servers of its own."""


@dataclass(frozen=True, slots=True)
class EntraScheme:
    """Microsoft Entra ID: a bearer token for an app of one tenant, as Azure Monitor's secure webhook sends it.

    Attributes:
        tenant: id of the directory; its keys are the only ones that count.
        audience: whom the token is for: the application id, or its URI (``api://…``); one of them has to be named.
        role: the app role that the caller was given.
        application: id of the calling application; Azure Monitor's action groups, by default.
        cloud: one of :data:`CLOUDS`.
    """

    tenant: str
    audience: tuple[str, ...]
    role: str = "ActionGroupsSecureWebhook"
    application: str = "461e8683-5575-4561-ac7f-899cc907d62a"
    cloud: str = "public"


Scheme = HmacScheme | StandardWebhooksScheme | HeaderToken | FieldToken | SnsScheme | EntraScheme
