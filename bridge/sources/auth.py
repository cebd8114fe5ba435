"""Does a request come from its source? Compared in constant time, over all secrets, so that they can be rotated."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from bridge.config.settings import AuthKind, AuthSettings
from bridge.errors import NotAuthentic
from bridge.secret import Secret


def authenticate(auth: AuthSettings, authorization: str | None, path_secret: str | None = None) -> None:
    """Let the request pass, or not, by what stands in its head.

    Signatures need the body too and are checked after it was read; see ``bridge.sources.signatures``.

    Args:
        auth: how the source is to prove itself.
        authorization: the ``Authorization`` header as WSGI gives it (Latin-1 text), if there was one.
        path_secret: what followed the source's name in the path, if anything did.

    Raises:
        NotAuthentic: with a reason that tells nothing about the secret.
    """
    if path_secret is not None and auth.kind is not AuthKind.PATH:
        raise NotAuthentic("This source takes no secret in its path.")
    match auth.kind:
        case AuthKind.NONE | AuthKind.SIGNATURE:
            return
        case AuthKind.PATH:
            _check_path(auth, path_secret)
        case AuthKind.BEARER:
            _check_bearer(auth, authorization)
        case AuthKind.BASIC:
            _check_basic(auth, authorization)


def _check_path(auth: AuthSettings, path_secret: str | None) -> None:
    if not path_secret:
        raise NotAuthentic("The secret is missing from the path.")
    if not _any_matches(auth.secrets, path_secret):
        raise NotAuthentic("The secret in the path is not valid.")


def _check_bearer(auth: AuthSettings, authorization: str | None) -> None:
    token = _credentials(authorization, "bearer")
    if not _any_matches(auth.secrets, token):
        raise NotAuthentic("The bearer token is not valid.")


def _check_basic(auth: AuthSettings, authorization: str | None) -> None:
    try:
        decoded = base64.b64decode(_credentials(authorization, "basic"), validate=True)
    except (binascii.Error, ValueError):
        raise NotAuthentic("The basic credentials cannot be decoded.") from None
    username, separator, password = decoded.partition(b":")
    right_user = Secret(auth.username or "").matches(username) or not (auth.username or username)
    right_password = _any_matches(auth.secrets, password)
    if not (separator and right_user and right_password):
        raise NotAuthentic("The user name or the password is not valid.")


def _credentials(authorization: str | None, scheme: str) -> bytes:
    """What follows the scheme; WSGI hands header bytes over as Latin-1 text."""
    if not authorization:
        raise NotAuthentic(f"The Authorization header with {scheme} credentials is missing.")
    given, _, credentials = authorization.strip().partition(" ")
    if given.casefold() != scheme:
        raise NotAuthentic(f"The Authorization header must use the scheme {scheme}.")
    return credentials.strip().encode("latin-1", "replace")


def _any_matches(secrets: Iterable[Secret], candidate: str | bytes) -> bool:
    matches = [secret.matches(candidate) for secret in secrets]  # no short cut: time must not tell which one it was
    return any(matches)
