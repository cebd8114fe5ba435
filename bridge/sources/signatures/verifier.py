"""What a check of a signature is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bridge.errors import NotAuthentic, SourceError

LONGEST_HEADER = 8_192
"""Characters of a header that are looked at; longer ones are refused."""
MOST_SIGNATURES = 16
"""Signatures in one header that are compared; a sender has one for each of its active secrets."""


class CannotCheck(SourceError):
    """Whether a delivery is authentic cannot be found out now; the sender is to try again."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose sender is to be proved.

    Attributes:
        body: the raw bytes.
        header: value of a header by its name, as WSGI gives it (Latin-1 text); None when it was not sent.
        query: the query string as sent.
        now: when it arrived.
    """

    body: bytes
    header: Callable[[str], str | None]
    query: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """A request that proved where it comes from.

    Attributes:
        sender_id: the sender's id of the delivery, if the signature covers one.
        afterwards: what is to be done once the delivery is kept; may raise :class:`CannotCheck`.
    """

    sender_id: str | None = None
    afterwards: Callable[[], None] | None = None


class Verifier(Protocol):
    """Checks the requests of one source. Made once, used by many threads."""

    def verify(self, request: Request) -> Proof:
        """Let a request pass, or not.

        Raises:
            NotAuthentic: with a reason that tells nothing about a secret.
            CannotCheck: when it cannot be found out now.
        """
        ...


def header_of(request: Request, name: str) -> str:
    """A header that must be there.

    Raises:
        NotAuthentic: when it is missing, blank or far too long. An empty header is never an empty secret.
    """
    value = (request.header(name) or "").strip()
    if not value:
        raise NotAuthentic(f"The header {name} is missing.")
    if len(value) > LONGEST_HEADER:
        raise NotAuthentic(f"The header {name} is too long.")
    return value


def check_age(seconds: str, now: datetime, tolerance: timedelta) -> None:
    """Refuse a signed time that is too far from ours, either way.

    Args:
        seconds: Unix time in decimal digits, as sent.
        now: our time.
        tolerance: how far is too far.

    Raises:
        NotAuthentic: when it is no time, too old, or in the future.
    """
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise NotAuthentic("The signed time is not a Unix time in seconds.")
    ahead = int(seconds) - now.timestamp()
    if abs(ahead) > tolerance.total_seconds():
        raise NotAuthentic("The signed time is too far in the future." if ahead > 0 else "The signed time is too old.")
