"""Requests and schemes for the tests of signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bridge.config.schemes import Scheme
from bridge.secret import Secret
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.verifier import Proof, Request

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def request(body: bytes | str, headers: Mapping[str, str], now: datetime = NOW, query: str = "") -> Request:
    """A request; names of headers in any case, values as WSGI hands them over."""
    known = {name.lower(): value.encode().decode("latin-1") for name, value in headers.items()}
    raw = body.encode() if isinstance(body, str) else body
    return Request(raw, lambda name: known.get(name.lower()), query, now)


def verify(scheme: Scheme, secrets: Sequence[str], asked: Request) -> Proof:
    """Check one request.

    Raises:
        NotAuthentic: when it is not.
    """
    return Verifiers().make(scheme, [Secret(secret) for secret in secrets]).verify(asked)
