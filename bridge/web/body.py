"""The raw bytes of a request, and no more of them than are allowed."""

from __future__ import annotations

from typing import Any

_CHUNK = 65_536
_DRAINED = 8 * 1_048_576


class TooLarge(Exception):
    """The body is above the limit."""


class CutOff(Exception):
    """The sender went away, or broke the transfer coding, before the body ended."""


def read_body(environ: dict[str, Any], limit: int) -> bytes:
    """Read the body, chunked or with a Content-Length, before anything else touches the stream.

    What is above the limit is thrown away unread up to 8 MiB, since most clients read no answer before they have sent
    everything; a larger body finds the connection closed.

    Args:
        environ: WSGI environment of the request.
        limit: bytes.

    Raises:
        TooLarge: when there is more than ``limit``.
        CutOff: when there is less than was announced, or the transfer coding is broken.
    """
    stream = environ["wsgi.input"]
    announced = environ.get("CONTENT_LENGTH")
    if announced:
        length = int(announced)
        if length > limit:
            if length <= _DRAINED:
                _read(stream, length, keep=False)
            raise TooLarge
        body = _read(stream, length)
        if len(body) < length:
            raise CutOff
        return body
    if not environ.get("wsgi.input_terminated"):
        return b""
    body = _read(stream, limit + 1)
    if len(body) > limit:
        _read(stream, _DRAINED, keep=False)
        raise TooLarge
    return body


def _read(stream: Any, size: int, *, keep: bool = True) -> bytes:
    """Up to ``size`` bytes; a stream may hand out fewer at a time."""
    parts: list[bytes] = []
    while size > 0:
        try:
            part: bytes = stream.read(size if keep else min(size, _CHUNK))
        except Exception as error:  # servers have no common error for a broken transfer coding or a lost sender
            raise CutOff from error
        if not part:
            break
        size -= len(part)
        if keep:
            parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
