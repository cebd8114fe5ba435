"""Bodies of incident updates, as a text in the language that they are written in. Pure."""

from __future__ import annotations

import re

from bridge.model.enums import TextFormat
from bridge.model.objects import Text
from bridge.providers.base.notes import Notes

_TAG = re.compile(r"</?(?:a|b|br|code|div|em|i|li|ol|p|pre|span|strong|u|ul)\b[^<>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"(?:<br\s*/?>)?\r?\n", re.IGNORECASE)


def text_of(body: object) -> Text:
    """Most bodies are plain text; those that hold tags are HTML, in which a line end still is one (public feeds)."""
    source = body if isinstance(body, str) else ""
    if _TAG.search(source):
        return Text(_LINE_END.sub("<br>", source), TextFormat.HTML)
    return Text(source, TextFormat.PLAIN)


def note_tags(source: str, body: str, notes: Notes) -> None:
    """Note that plain words which look like tags are taken for tags there."""
    if text_of(body).format is TextFormat.HTML:
        notes.lose("message", source, body, "What looks like a tag is taken for one there.")
