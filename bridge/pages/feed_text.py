"""Texts of feeds and calendars without their markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "hr", "blockquote"})
_TAG = re.compile(r"</?(?:p|br|b|strong|small|ul|li|a|div)(?:\s[^<>]{0,300})?/?>")


def plain(markup: str) -> str:
    """The text, with blocks as lines and paragraphs set apart. Some pages escape their markup twice over."""
    return unmarked(_text(markup))


def unmarked(text: str) -> str:
    """A text that may be markup: as it is where there are no tags in it."""
    return _text(text) if _TAG.search(text) else text


class _Reader(HTMLParser):
    """Collects the text of markup: blocks become lines, paragraphs are set apart, scripts are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line."""
        self._mute += tag in ("script", "style")
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag == "p" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """The end of a paragraph sets it apart."""
        self._mute -= tag in ("script", "style") and self._mute > 0
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Text stays."""
        if not self._mute:
            self.parts.append(data)


def _text(markup: str) -> str:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
