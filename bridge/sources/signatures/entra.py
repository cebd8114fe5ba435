"""Bearer tokens of Microsoft Entra ID, as Azure Monitor's secure webhook sends them: RS256, for one app of one tenant.

Everything that a token claims is checked before a key is asked for, so that strangers cannot make us ask. Keys come
from the address of the configured tenant and from nowhere else; a token tells no more than the name of one. It proves
who calls, and nothing about the body. (Microsoft's pages on access tokens and on secure webhooks.)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.config.schemes import TOLERANCE, EntraScheme
from bridge.errors import NotAuthentic, Unparsable
from bridge.sources.body import read_json
from bridge.sources.signatures.tenantkeys import TenantKeys, unsealed
from bridge.sources.signatures.verifier import Proof, Request, header_of

_CLOUDS = {
    "public": ("https://login.microsoftonline.com", "https://sts.windows.net"),
    "us-government": ("https://login.microsoftonline.us", "https://sts.windows.net"),
    "china": ("https://login.partner.microsoftonline.cn", "https://sts.chinacloudapi.cn"),
}
"""Cloud → who signs tokens of version 2 and has the keys, who signs those of version 1."""
_URI = "api://"
_ALGORITHM = "RS256"
_FARTHEST = 10**12
"""Seconds; what is farther away is no time, and may be a number with which nothing can be reckoned."""


class EntraVerifier:
    """Checks one :class:`EntraScheme`.

    Args:
        scheme: whose tokens are let in.
        keys: those of the process.
    """

    def __init__(self, scheme: EntraScheme, keys: TenantKeys) -> None:
        server, issuer = _CLOUDS[scheme.cloud]
        self._scheme = scheme
        self._keys = keys
        self._url = f"{server}/{scheme.tenant}/discovery/v2.0/keys"
        self._issuers = frozenset((f"{server}/{scheme.tenant}/v2.0", f"{issuer}/{scheme.tenant}/"))
        self._audience = frozenset(_bare(name) for name in scheme.audience)

    def verify(self, request: Request) -> Proof:
        """See ``bridge.sources.signatures.verifier.Verifier``."""
        kind, _, token = header_of(request, "authorization").partition(" ")
        if kind.casefold() != "bearer":
            raise NotAuthentic("The Authorization header must use the scheme bearer.")
        signed, _, coded = token.strip().rpartition(".")
        head, _, body = signed.partition(".")
        told, claims, signature = _object(head), _object(body), _bytes(coded)
        name = told.get("kid")
        if told.get("alg") != _ALGORITHM or not isinstance(name, str) or "crit" in told:
            raise NotAuthentic(f"The token is not simply signed with {_ALGORITHM} and a named key.")
        self._check_claims(claims)
        _check_times(claims, request.now)
        _check_signature(self._keys.key(self._url, name), signature, signed.encode("latin-1", "replace"))
        return Proof()

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        scheme, roles, caller = self._scheme, claims.get("roles"), claims.get("appid") or claims.get("azp")
        issuer, audience = claims.get("iss"), claims.get("aud")
        if not isinstance(issuer, str) or issuer not in self._issuers or claims.get("tid") != scheme.tenant:
            raise NotAuthentic("The token is not from the tenant of this source.")
        if not isinstance(audience, str) or _bare(audience) not in self._audience:
            raise NotAuthentic("The token is for another audience than this source's.")
        if caller != scheme.application:
            raise NotAuthentic("The token was given to another application than this source expects.")
        if not isinstance(roles, list) or scheme.role not in roles:
            raise NotAuthentic(f"The token does not name the role {scheme.role}.")


def _bare(audience: str) -> str:
    """An application by its id: ``api://<id>`` is the same."""
    return audience.removeprefix(_URI).rstrip("/").casefold()


def _bytes(coded: str) -> bytes:
    try:
        return unsealed(coded)
    except ValueError:
        raise NotAuthentic("The bearer token is no JSON Web Token.") from None


def _object(coded: str) -> Mapping[str, Any]:
    try:
        data = read_json(_bytes(coded)).data
    except Unparsable:
        data = None
    if not isinstance(data, dict):
        raise NotAuthentic("The bearer token is no JSON Web Token.")
    return data


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    """A token has an end, and may have a beginning; clocks may differ by a few minutes."""
    seconds, leeway = now.timestamp(), TOLERANCE.total_seconds()
    ends, begins = claims.get("exp"), claims.get("nbf", 0)
    if (
        not isinstance(ends, int | float)
        or not isinstance(begins, int | float)
        or max(abs(begins), abs(ends)) > _FARTHEST
    ):
        raise NotAuthentic("The token does not say until when it is valid.")
    if not begins - leeway <= seconds <= ends + leeway:
        raise NotAuthentic("The token is not valid now.")


def _check_signature(key: Any, signature: bytes, signed: bytes) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only for who uses it
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415

    try:
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise NotAuthentic("The signature of the token is not valid.") from None
