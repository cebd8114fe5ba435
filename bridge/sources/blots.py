"""Hiding secrets in text of no known form, such as JSON that a template broke: by name, and more rather than less."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

MASK = "•••"
"""What stands where a secret stood."""

# Every repetition is bounded or runs over characters that the next part cannot match: no text takes more than linear
# time. A text of bytes is read as Latin-1, one character for each byte, and written back the same way.
_NAMED = re.compile(r"(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{1,100})(?:\\?[\"'])?[ \t\r\n]{0,9}[:=>]")
_USER = re.compile(r"(:(?:\\?/){2})[^/?#\s\"'<>]{1,200}@")
_PARAMETER = re.compile(r"([?&;#])([A-Za-z0-9_.%-]{1,100})=([^?&;#\s\"'<>]+)")
_USER_BYTES = re.compile(_USER.pattern.encode())
_MASK_BYTES = MASK.encode()
_BLANKS = " \t\r\n"
_BARE_ENDS = re.compile(r"[,;}\]&<\r\n\"']")
_AFTER_TEXT = (",", "}", "]", "&", "<", "")
_BRACKET = re.compile(r"\\.|[\"{}\[\]]")


def without_user(text: str) -> str:
    """The same text with user and password hidden in every address."""
    return _USER.sub(rf"\1{MASK}@", text) if "@" in text and "//" in text.replace("\\", "") else text


def without_users(body: bytes) -> bytes:
    """The same for bytes; what is JSON stays JSON."""
    return _USER_BYTES.sub(rb"\1" + _MASK_BYTES + b"@", body) if b"@" in body else body


def without_parameters(text: str, is_secret: Callable[[str], bool], hide: Callable[[str], str]) -> str:
    """The same text with every parameter of an address hidden that has such a name."""
    if "=" not in text or ("?" not in text and "#" not in text):
        return text
    return _PARAMETER.sub(lambda one: f"{one[1]}{one[2]}={hide(one[3])}" if is_secret(one[2]) else one[0], text)


def blotted(body: bytes, is_secret: Callable[[str], bool]) -> bytes:
    """The bytes with every value hidden that stands behind such a name and ``:``, ``=`` or ``>``.

    A text in quotes ends at a quote behind which a value may end, an object or a list at its bracket, and where there
    is none everything to the end is hidden; anything else ends with its line.
    """
    text = body.decode("latin-1")
    mask = _MASK_BYTES.decode("latin-1")
    parts: list[str] = []
    done = 0
    for start, end in _values(text, is_secret):
        parts += (text[done:start], mask)
        done = end
    return "".join((*parts, text[done:])).encode("latin-1") if parts else body


def _values(text: str, is_secret: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Where secrets begin and end, without the quotes around them."""
    at = 0
    while found := _NAMED.search(text, at):
        at = found.end()
        if not is_secret(found[1]):
            continue
        start = _skip_blanks(text, at)
        opening = text[start : start + 1]
        if opening in ('"', "'"):
            start, at = start + 1, _end_of_text(text, start + 1, opening)
        elif text.startswith('\\"', start):  # JSON inside of a text
            start, at = start + 2, _end_of_text(text, start + 2, '\\"')
        elif opening in ("{", "["):
            at = _end_of_brackets(text, start)
        else:
            ending = _BARE_ENDS.search(text, start)
            at = ending.start() if ending else len(text)
        if at > start:
            yield start, at


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at


def _end_of_text(text: str, at: int, quote: str) -> int:
    """The next quote that is not escaped and behind which a value may end; a broken template escapes no quotes."""
    while (end := text.find(quote, at)) >= 0:
        at = end + len(quote)
        if quote == '"' and _backslashes_before(text, end) % 2:
            continue
        after = _skip_blanks(text, at)
        if text[after : after + 1] in _AFTER_TEXT or "\n" in text[at:after]:
            return end
    return len(text)


def _backslashes_before(text: str, at: int) -> int:
    start = at
    while start and text[start - 1] == "\\":
        start -= 1
    return at - start


def _end_of_brackets(text: str, at: int) -> int:
    """Behind the bracket that closes the one here; brackets in texts do not count."""
    depth, in_text = 0, False
    for found in _BRACKET.finditer(text, at):
        sign = found[0]
        if sign == '"':
            in_text = not in_text
        elif not in_text and len(sign) == 1:
            depth += 1 if sign in "{[" else -1
            if depth <= 0:
                return found.end()
    return len(text)
