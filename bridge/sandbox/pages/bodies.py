"""Texts of updates as safe HTML. Nothing from another host is ever loaded, so images are left out."""

from __future__ import annotations

from typing import Literal

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

Format = Literal["markdown", "html", "text"]
_TAGS = nh3.ALLOWED_TAGS - {"img", "map", "area"}


class BodyRenderer:
    """Turns an update's text into what a page may contain."""

    def __init__(self) -> None:
        self._markdown = MarkdownIt("js-default", {"html": False, "breaks": True}).disable("image")

    def render(self, body: str, text_format: Format) -> Markup:
        """Safe HTML.

        Args:
            body: the text as its author wrote it.
            text_format: Markdown (its raw HTML is shown as text), HTML (cleaned), or plain text with line breaks.
        """
        if text_format == "text":
            return Markup("<br>").join(escape(line) for line in body.splitlines())
        raw = self._markdown.render(body) if text_format == "markdown" else body
        clean = nh3.clean(
            raw, tags=_TAGS, url_schemes={"http", "https", "mailto"}, link_rel="nofollow noopener noreferrer"
        )
        return Markup(clean)  # noqa: S704 - cleaned above
