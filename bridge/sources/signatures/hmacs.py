"""Keyed digests of the raw body, in the forms that the vendors have found for them."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from bridge.config.schemes import BODY, ID, TIMESTAMP, HmacScheme
from bridge.errors import NotAuthentic
from bridge.secret import Secret
from bridge.sources.signatures.verifier import MOST_SIGNATURES, Proof, Request, check_age, header_of


class HmacVerifier:
    """Checks one :class:`HmacScheme`. Every secret is tried on every signature, so that both can be rotated."""

    def __init__(self, scheme: HmacScheme, secrets: Sequence[Secret]) -> None:
        self._scheme = scheme
        self._keys = [secret.reveal().encode() for secret in secrets if secret]
        before, _, after = scheme.signed.partition(BODY)
        self._before, self._after = before, after
        self._is_timed = TIMESTAMP in scheme.signed

    def verify(self, request: Request) -> Proof:
        """See ``bridge.sources.signatures.verifier.Verifier``."""
        scheme = self._scheme
        entries = self._entries(header_of(request, scheme.header))
        seconds = self._seconds(request, entries) if self._is_timed else ""
        identity = header_of(request, scheme.id_header) if scheme.id_header and ID in scheme.signed else None
        signatures = self._signatures(entries)
        if not signatures:
            raise NotAuthentic(f"The header {scheme.header} holds no signature of the expected form.")
        signed = request.body
        if self._before or self._after:
            parts = (self._filled(part, seconds, identity or "") for part in (self._before, self._after))
            signed = signed.join(parts)
        # No short cut anywhere: time must not tell which secret or which signature it was.
        digests = [self._digest(key, signed) for key in self._keys]
        matches = [hmac.compare_digest(digest, signature) for digest in digests for signature in signatures]
        if not any(matches):
            raise NotAuthentic(f"The signature in the header {scheme.header} is not valid.")
        if self._is_timed:
            check_age(seconds, request.now, scheme.tolerance)
        return Proof(sender_id=identity)

    def _entries(self, header: str) -> list[str]:
        separator = self._scheme.separator
        return [entry.strip() for entry in header.split(separator, MOST_SIGNATURES)] if separator else [header]

    def _seconds(self, request: Request, entries: Sequence[str]) -> str:
        scheme = self._scheme
        if scheme.timestamp_header:
            return header_of(request, scheme.timestamp_header)
        prefix = scheme.timestamp_prefix or ""
        times = [entry.removeprefix(prefix) for entry in entries if entry.startswith(prefix)]
        if len(times) != 1:
            raise NotAuthentic(f"The header {scheme.header} must hold one signed time.")
        return times[0]

    def _signatures(self, entries: Sequence[str]) -> list[bytes]:
        prefix = self._scheme.prefix
        found = [entry.removeprefix(prefix) for entry in entries[:MOST_SIGNATURES] if entry.startswith(prefix)]
        if self._scheme.encoding == "hex":
            found = [signature.lower() for signature in found]
        return [signature.encode("latin-1", "replace") for signature in found if signature]

    def _digest(self, key: bytes, signed: bytes) -> bytes:
        digest = hmac.digest(key, signed, self._scheme.algorithm)
        return base64.b64encode(digest) if self._scheme.encoding == "base64" else digest.hex().encode()

    @staticmethod
    def _filled(part: str, seconds: str, identity: str) -> bytes:
        """What stands before or after the body, with the bytes of the headers as they came."""
        pieces = part.replace(TIMESTAMP, seconds).split(ID)
        return identity.encode("latin-1", "replace").join(piece.encode("utf-8") for piece in pieces)
