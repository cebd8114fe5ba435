"""The one place from which a source speaks to the outside: Amazon SNS, and the keys of a tenant of Microsoft Entra ID.

Which addresses may be asked is decided before, in ``bridge.sources.signatures.sns`` and ``.entra``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from bridge.sources.signatures.verifier import CannotCheck

LARGEST = 65_536
"""Bytes of an answer that are read."""
_TIMEOUT = (3.05, 4.0)
_AGENT = "statusbridge"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status and its first bytes."""

    status: int
    body: bytes


Fetch = Callable[[str], Fetched]
"""GET of an address; replaced in tests. Raises :class:`CannotCheck` when there is no answer."""


def fetch(url: str) -> Fetched:
    """GET an address once: no redirects, no credentials, 3 s to connect, 4 s for each read, 64 KiB at most.

    Raises:
        CannotCheck: when there is no answer.
    """
    try:
        with requests.Session() as session:
            session.auth = _no_credentials  # not even those of a .netrc
            answer = session.get(
                url, timeout=_TIMEOUT, allow_redirects=False, stream=True, headers={"User-Agent": _AGENT}
            )
            with answer:
                return Fetched(answer.status_code, _beginning(answer))
    except (requests.RequestException, OSError) as error:
        raise CannotCheck(f"{urlsplit(url).hostname} cannot be reached ({type(error).__name__}).") from None


def _beginning(answer: requests.Response) -> bytes:
    """The first bytes of an answer, in however many pieces they come."""
    body = bytearray()
    for piece in answer.iter_content(LARGEST):
        body += piece
        if len(body) >= LARGEST:
            break
    return bytes(body[:LARGEST])


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
