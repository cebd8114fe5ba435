"""One outbound request of the sandbox. It goes to this machine only, unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


class Unsent(Exception):
    """There was no answer; the text says why."""


def is_here(url: str) -> bool:
    """Whether an address names this machine."""
    return urlsplit(url).hostname in _HERE


def send(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> int:
    """POST a body; gives the status of the answer, whose text is not read. Redirects are not followed.

    Args:
        url: where to.
        body: sent as it is.
        headers: all headers but ``Host`` and ``Content-Length``.
        timeout: seconds to connect, and again to wait for the answer.

    Raises:
        Unsent: there was no answer.
    """
    with requests.Session() as session:
        session.trust_env = False
        session.headers.clear()
        try:
            answer = session.post(
                url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
            )
        except (requests.RequestException, OSError, ValueError) as error:
            raise Unsent(type(error).__name__) from error
        answer.close()
        return answer.status_code
