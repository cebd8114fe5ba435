"""Source text as data: cleaned of what is not text, bounded, and literal inside Markdown."""

from __future__ import annotations

import re
import unicodedata

_TERMINAL_COLOUR = re.compile("\x1b(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[@-Z\\\\-_])")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufff9-\ufffb]")
# Marks that reorder the text around them; a forged reading of a public sentence is worse than a lost mark.
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")

_INLINE = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~])      # a backslash that would escape what follows
      | [`*<~]                     # code, emphasis, tags, strikethrough
      | \](?=[(\[:])               # the middle of a link, a reference or its definition
      | (?<![^\W_])_ | _(?![^\W_]) # an underscore, except inside a word
      | &(?=\#?\w+;)               # an entity
    """,
    re.VERBOSE,
)
_LINE_START = re.compile(r"^[ \t]*(?:(?P<mark>[#>+=-])|(?P<number>\d{1,9})(?P<dot>[.)]))?", re.MULTILINE)

_GLUED = {"\u200d", "\ufe0e", "\ufe0f"}
_NEAR_END = 0.75


def clean_line(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters: no controls, no line breaks, no runs of spaces."""
    return cut(_SPACES.sub(" ", _clean(text)).strip(), limit)


def clean_block(text: str, limit: int) -> str:
    """Text of several lines, at most ``limit`` characters, without controls other than line breaks and tabs."""
    return cut(_clean(text).strip(), limit)


def _clean(text: str) -> str:
    text = _BREAKS.sub("\n", _TERMINAL_COLOUR.sub("", text))
    return _REORDERING.sub("", _NOT_TEXT.sub("", text))


def escape_markdown(text: str) -> str:
    """The text so that Markdown shows it as it is: no links, no images, no tags, no headings out of foreign text."""
    return _LINE_START.sub(_escape_line_start, _INLINE.sub(lambda found: "\\" + found[0], text))


def _escape_line_start(found: re.Match[str]) -> str:
    if found["mark"]:
        return "\\" + found["mark"]
    if found["number"]:
        return f"{found['number']}\\{found['dot']}"
    return ""  # indentation would make a code block


def cut(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis, cut between words where a word ends near the limit."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (unicodedata.combining(text[end]) or text[end] in _GLUED or text[end - 1] in _GLUED):
        end -= 1
    space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
    if space >= limit * _NEAR_END:
        end = space
    return text[:end].rstrip() + "…"
