"""What PingPong makes of a message: cleaned HTML inside one ``div``. The value read is not the value written."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3

_NO_CONTENT = {"script", "style", "iframe", "object", "embed", "template", "noscript"}
_TAGS = nh3.ALLOWED_TAGS - _NO_CONTENT
_VOID = frozenset({"area", "br", "col", "hr", "img", "wbr"})


def store_message(raw: str) -> str:
    """A message as it is kept and answered.

    Scripts, styles, frames, event attributes, comments and ``javascript:`` links are removed; the rest is wrapped in
    one ``div`` unless it is one already. An empty message stays empty.
    """
    clean = nh3.clean(
        raw.strip(),
        tags=_TAGS,
        clean_content_tags=_NO_CONTENT,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    ).strip()
    if not clean or _is_one_div(clean):
        return clean
    return f"<div>{clean}</div>"


def _is_one_div(clean: str) -> bool:
    """Whether the (well-formed) fragment consists of a single ``div``."""
    outline = _Outline()
    outline.feed(clean)
    outline.close()
    return outline.top == ["div"]


class _Outline(HTMLParser):
    """Collects what stands at the top level of a fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top: list[str] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count nesting; remember what is outermost."""
        if self._depth == 0:
            self.top.append(tag)
        if tag not in _VOID:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        """Count nesting."""
        if tag not in _VOID:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        """Text outside of every element is top level too."""
        if self._depth == 0 and data.strip():
            self.top.append("#text")
