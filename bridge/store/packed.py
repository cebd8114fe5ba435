"""Values that are written once more and then kept: compressed, because everything lives in memory.

Valkey compresses nothing by itself. What is packed begins with zlib's ``x``; what is not is JSON, which never does.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_MARK = b"x"
_LEVEL = 9
"""The best there is: it costs microseconds, once."""


def pack(raw: bytes) -> bytes:
    """A value in its compressed form; one that is packed already stays as it is."""
    return raw if is_packed(raw) else zlib.compress(raw, _LEVEL)


def unpack(raw: bytes) -> bytes:
    """The JSON of a value, packed or not."""
    return zlib.decompress(raw) if is_packed(raw) else raw


def is_packed(raw: bytes) -> bool:
    """Whether a value is in its compressed form."""
    return raw.startswith(_MARK)


def pack_rows(rows: Iterable[bytes]) -> bytes:
    """Many values as one; JSON has no line breaks of its own, so they hold the values apart."""
    return zlib.compress(b"\n".join(unpack_rows(rows)), _LEVEL)


def unpack_rows(rows: Iterable[bytes]) -> Iterator[bytes]:
    """All values, those that were packed into one too."""
    for row in rows:
        yield from unpack(row).split(b"\n")
