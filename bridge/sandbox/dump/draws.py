"""Random generators as text: a sandbox that goes on after a dump was loaded draws the same ids."""

from __future__ import annotations

import base64
import binascii
import random
import struct
from typing import Any

from bridge.sandbox.dump.broken import BrokenDump

_WORDS = 624
_LAYOUT = f"<{_WORDS + 1}I"
_VERSION = 3
"""Of the state that Python's generator tells."""


def write_draws(generator: random.Random) -> str:
    """The state of a generator."""
    _, words, _ = generator.getstate()
    return base64.b64encode(struct.pack(_LAYOUT, *words)).decode()


def read_draws(raw: Any, where: str, generator: random.Random) -> None:
    """Set a generator to a written state; raises BrokenDump."""
    try:
        words = struct.unpack(_LAYOUT, base64.b64decode(raw, validate=True))
    except (TypeError, ValueError, binascii.Error, struct.error):
        raise BrokenDump(where, "is not the state of a generator") from None
    if words[-1] > _WORDS:
        raise BrokenDump(where, "is not the state of a generator")
    generator.setstate((_VERSION, words, None))
