"""Path templates, such as ``/pages/{page_id}/incidents``, and what fills them."""

from __future__ import annotations

import string
from functools import lru_cache
from urllib.parse import quote


@lru_cache(maxsize=1024)
def placeholders(template: str) -> tuple[str, ...]:
    """The ``{names}`` of a path, in order."""
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name)


def quoted(name: str, value: object) -> str:
    """An id as one path segment. Ids that would address something else (the collection, its parent) are refused."""
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot be an id in a path ({name})")
    return quote(text, safe="")
