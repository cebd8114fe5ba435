"""What happens on the way to a destination and back: reading an answer, and what it means that there is none."""

from __future__ import annotations

import json
import ssl
import time
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ReadTimeoutError

_CHUNK = 64 * 1024


def read_body(response: requests.Response, deadline: float, most: int) -> bytes:
    """The whole body, within the deadline even when a server sends it drop by drop.

    ``read1`` gives what is there; every other way of reading waits until a whole chunk has come together. An older
    urllib3 has no ``read1``: there only silence ends the reading.
    """
    read = getattr(response.raw, "read1", response.raw.read)
    body = bytearray()
    try:
        while chunk := read(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > most:
                raise requests.exceptions.ContentDecodingError("the answer is far too long")
            if time.monotonic() > deadline:
                raise requests.exceptions.ReadTimeout("the answer came too slowly")
    except requests.RequestException:
        raise
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except (HTTPError, OSError) as error:
        raise requests.exceptions.ConnectionError(error) from error
    return bytes(body)


def parsed(body: bytes) -> tuple[bool, Any]:
    """Whether the body is JSON (or empty), and its value. Content-Type is not asked: providers get it wrong."""
    if not body.strip():
        return True, None
    try:
        return True, json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False, None


def was_sent(error: requests.RequestException) -> bool:
    """False only when the request provably never left: no connection, no proxy, or a certificate we refused.

    A connection that breaks later, a reused one included, may have carried the request to the end. urllib3 itself
    drops idle connections that it sees closed before it reuses them, so this is not the ordinary end of keep-alive.
    """
    never = (
        requests.exceptions.ConnectTimeout,
        requests.exceptions.ProxyError,  # urllib3 raises it only before the proxy is connected
        requests.exceptions.InvalidURL,
    )
    if isinstance(error, never):
        return False
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    if isinstance(reason, (NewConnectionError, ConnectTimeoutError)):
        return False
    return not _refused_certificate(error)


def _refused_certificate(error: BaseException) -> bool:
    seen: list[BaseException] = []
    queue: list[Any] = [error]
    while queue:
        item = queue.pop()
        if not isinstance(item, BaseException) or item in seen:
            continue
        if isinstance(item, ssl.SSLCertVerificationError):
            return True
        seen.append(item)
        queue += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return False


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.ConnectTimeout, "the destination could not be reached in time"),
    (requests.exceptions.ReadTimeout, "the destination did not answer in time"),
    (requests.exceptions.SSLError, "no secure connection to the destination: check its certificate and `url`"),
    (requests.exceptions.ProxyError, "the HTTP proxy between us and the destination cannot be used"),
)


def in_words(error: requests.RequestException) -> str:
    """What happened, for people."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    if not was_sent(error):
        return "the destination could not be reached"
    return "the connection broke before the whole answer was there"
