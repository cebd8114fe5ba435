"""Shared secrets that are sent as they are, in a header or a field. They prove who, not what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import parse_qsl

from bridge.config.schemes import FieldToken, HeaderToken
from bridge.errors import NotAuthentic
from bridge.secret import Secret
from bridge.sources.signatures.verifier import MOST_SIGNATURES, Proof, Request, header_of

_MOST_FIELDS = 500


class HeaderTokenVerifier:
    """Checks a :class:`HeaderToken`."""

    def __init__(self, scheme: HeaderToken, secrets: Sequence[Secret]) -> None:
        self._header = scheme.header
        self._secrets = tuple(secrets)

    def verify(self, request: Request) -> Proof:
        """See ``bridge.sources.signatures.verifier.Verifier``."""
        given = header_of(request, self._header).encode("latin-1", "replace")
        if not _any_matches(self._secrets, given):
            raise NotAuthentic(f"The secret in the header {self._header} is not valid.")
        return Proof()


class FieldTokenVerifier:
    """Checks a :class:`FieldToken`, in the query and in the form; of several values one must be right."""

    def __init__(self, scheme: FieldToken, secrets: Sequence[Secret]) -> None:
        self._field = scheme.field
        self._secrets = tuple(map(token_of_account, secrets)) if scheme.of_account else tuple(secrets)

    def verify(self, request: Request) -> Proof:
        """See ``bridge.sources.signatures.verifier.Verifier``."""
        given = list(islice((value for value in self._values(request) if value), MOST_SIGNATURES))
        if not given:
            raise NotAuthentic(f"The field {self._field} is missing.")
        matches = [_any_matches(self._secrets, value.encode("utf-8", "surrogatepass")) for value in given]
        if not any(matches):
            raise NotAuthentic(f"The secret in the field {self._field} is not valid.")
        return Proof()

    def _values(self, request: Request) -> Iterator[str]:
        for text in (request.query, request.body.decode("latin-1")):
            try:
                pairs = parse_qsl(text, max_num_fields=_MOST_FIELDS)
            except ValueError:
                raise NotAuthentic("The form has too many fields.") from None
            yield from (value.strip() for name, value in pairs if name.casefold() == self._field.casefold())


def token_of_account(secret: Secret) -> Secret:
    """StatusCake's token of ``user:api-key``; a secret without a colon is the token already.

    It is the MD5 of the user name in lower case followed by the key (StatusCake's documentation).
    """
    user, colon, key = secret.reveal().partition(":")
    if not colon:
        return secret
    return Secret(hashlib.md5(f"{user.lower()}{key}".encode(), usedforsecurity=False).hexdigest())


def _any_matches(secrets: Sequence[Secret], given: bytes) -> bool:
    matches = [secret.matches(given) for secret in secrets]  # no short cut: time must not tell which one it was
    return any(matches)
