"""Whether a text loses something in another language: words, addresses, or the kind of markup that carries them."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt

from bridge.model.enums import TextFormat
from bridge.model.objects import Text
from bridge.providers.base.text import html_form, render

_REPLACED = frozenset({"heading_open", "image", "hr", "html_block", "html_inline", "table_open"})
"""Markdown that the HTML of providers has no place for: headings become bold lines, images become links."""


def loses_markup(text: Text, rendered: str, language: TextFormat) -> bool:
    """Whether a text, rendered in another language, has become less.

    Args:
        text: as it was written.
        rendered: the same in ``language``.
        language: of the provider.
    """
    if text.format is language or text.format is TextFormat.PLAIN:
        return False
    if language is TextFormat.PLAIN:
        return rendered != render(Text(text.source, TextFormat.PLAIN), TextFormat.PLAIN)
    if text.format is TextFormat.MARKDOWN and _constructs(text.source) & _REPLACED:
        return True
    return html_form(render(text, TextFormat.HTML)) != html_form(render(Text(rendered, language), TextFormat.HTML))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])


def _constructs(source: str) -> frozenset[str]:
    tokens = _parser().parse(source)
    inner = (child.type for token in tokens for child in token.children or ())
    return frozenset((*(token.type for token in tokens), *inner))
