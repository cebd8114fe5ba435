"""Text on its way to a provider: between Markdown, HTML and plain text, cut to width, and in a form to compare.

Everything here is a pure function of its arguments. Markdown is CommonMark without raw HTML: what looks like a
tag in Markdown is text. HTML is reduced to a small set of tags and sanitised by ``nh3`` whatever its origin.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdownify import MarkdownConverter

from bridge.model.enums import TextFormat
from bridge.model.objects import Text
from bridge.providers.base.plain import plain_of

ELLIPSIS = "…"
WORD_JOINER = "\u2060"
"""Invisible and without width; breaks a pattern without changing what a reader sees."""

_CACHED = 512
_LIST_NUMBER = re.compile(r"[\s>*+-]*\d{1,9}\\[.)]")
_ESCAPED_NUMBER = re.compile(r"(\d)\\([.)])")
_TAGS = {"div", "p", "br", "b", "strong", "i", "em", "s", "a", "ul", "ol", "li", "code", "pre"}
_SCHEMES = {"http", "https", "mailto"}
_DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "template"}
_BLOCKS = {"div", "p", "li", "ul", "ol", "pre", "blockquote", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}

# Written where Markdown has a tag that PingPong's subset has not.
_RENAMED = {"p": "div", "strong": "b", "em": "i", "blockquote": "div"}

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_TITLE_TAG = re.compile(r"</?(?:a|b|br|code|div|em|i|img|li|ol|p|pre|s|script|span|strong|style|u|ul)\b[^<>]*>", re.I)
_TITLE_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:https?:|mailto:)[^()\s]*\)")
_TITLE_EMPHASIS = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*|`([^`]+)`")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!])|^(\s*)([-+=]|\d+[.)])(?=\s|$|[-=])", re.M)


def render(text: Text, wanted: TextFormat) -> str:
    """A text in the wanted language, without control characters and outer blanks.

    A text that is already in the wanted language keeps its source, except that HTML is sanitised.
    """
    return _rendered(text.source, text.format, wanted)


@lru_cache(maxsize=_CACHED)
def _rendered(source: str, have: TextFormat, wanted: TextFormat) -> str:
    source = without_controls(source).strip()
    if have is TextFormat.HTML:
        clean = sanitise(source)
        if wanted is TextFormat.HTML:
            return clean
        source, have = _markdown_of_html(clean), TextFormat.MARKDOWN
    if have is wanted:
        return source
    if have is TextFormat.PLAIN:
        return _html_of_plain(source) if wanted is TextFormat.HTML else _markdown_of_plain(source)
    return _html_of_markdown(source) if wanted is TextFormat.HTML else plain_of(_parser().parse(source))


def sanitise(source: str) -> str:
    """HTML of which only harmless tags, and of these only links' addresses, are left."""
    return nh3.clean(
        source,
        tags=_TAGS | {"strikethrough", "del", "strike"},
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel=None,
    ).strip()


def plain_title(source: str) -> str:
    """A title or name as one line of plain text: no markup, no control characters, single blanks."""
    text = _CONTROL.sub(" ", source)
    text = _TITLE_LINK.sub(r"\1", _TITLE_TAG.sub(" ", text))
    text = _TITLE_EMPHASIS.sub(lambda match: match.group(1) or match.group(2), text)
    return " ".join(text.split())


def without_controls(source: str) -> str:
    """The text without control, direction and surrogate characters, and with one kind of line end."""
    return _CONTROL.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))


# --- width -----------------------------------------------------------------------------------------------------


def cut(text: str, width: int | None) -> str:
    """The text, at most ``width`` code points long; a cut ends with ``…`` and falls between words if it can.

    Args:
        text: plain text.
        width: at least 1; None means that there is no limit.
    """
    if width is None or len(text) <= width:
        return text
    head = _head(text, width - 1)
    if not text[len(head)].isspace():
        start_of_word = max((at for at, char in enumerate(head) if char.isspace()), default=0)
        if start_of_word >= len(head) // 2:
            head = head[:start_of_word]
    return head.rstrip() + ELLIPSIS


def cut_name(name: str, width: int | None) -> str:
    """A name, which is an identity: a cut one ends with ``~`` and 4 digits of a hash, so that no two become equal."""
    if width is None or len(name) <= width:
        return name
    tail = "~" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:4]
    return _head(name, width - len(tail)).rstrip() + tail


def graphemes(text: str) -> Iterator[str]:
    """What a reader takes for one character each: base with marks, joined emoji, flags."""
    begin, flags = 0, 0
    for at in range(1, len(text) + 1):
        flags = flags + 1 if _is_flag_half(text[at - 1]) else 0
        if at < len(text) and _joins(text[at - 1], text[at], flags):
            continue
        yield text[begin:at]
        begin, flags = at, 0


def _head(text: str, width: int) -> str:
    length = 0
    for cluster in graphemes(text):
        if length + len(cluster) > width:
            break
        length += len(cluster)
    return text[:length]


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


# Marks, joiners, variation selectors, skin tones, tag characters, and the second and third parts of Korean syllables.
_EXTENDS = re.compile("[\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u1160-\u11ff]")


def _joins(before: str, after: str, flags: int) -> bool:
    """Whether no reader would expect a cut between two characters; ``flags`` counts the flag halves up to here."""
    if before in "\r\n" or after in "\r\n":
        return before == "\r" and after == "\n"
    if before == "\u200d" or _EXTENDS.match(after) or unicodedata.category(after).startswith("M"):
        return True
    return flags % 2 == 1 and _is_flag_half(after)


# --- forms to compare ------------------------------------------------------------------------------------------


def cleaned_form(text: str) -> str:
    """What is left of a text after any amount of escaping, trimming, re-spacing and ``[removed]`` of Cachet 2."""
    bare = html.unescape(without_controls(text)).replace("[removed]", "").replace(WORD_JOINER, "")
    return " ".join(without_controls(bare).split())


def same_text(one: str, other: str) -> bool:
    """Whether two texts are one text to Cachet 2's cleaner."""
    return cleaned_form(one) == cleaned_form(other)


@lru_cache(maxsize=_CACHED)
def html_form(source: str) -> str:
    """What an HTML text says: its lines and its links' addresses, whatever the tags around them."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Collects text, line ends and addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or tag == "br":
            self.parts.append("\n")
        href = dict(attrs).get("href") if tag == "a" else None
        if href:
            self.parts.append(f"[{href}]")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\r", " ").replace("\n", " "))


# --- between languages -----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def _html_of_markdown(source: str) -> str:
    parser = _parser()
    tokens = [renamed for token in parser.parse(source) for renamed in _in_subset(token)]
    rendered = str(parser.renderer.render(tokens, parser.options, {}))
    return sanitise(rendered)


def _in_subset(token: Token) -> list[Token]:
    """The tokens to render instead: headings become a bold line, images a link, rules nothing."""
    if token.type == "hr":
        return []
    if token.type in ("heading_open", "heading_close"):
        opens = token.type == "heading_open"
        line = Token("paragraph_open" if opens else "paragraph_close", "div", token.nesting, block=True)
        bold = Token("strong_open" if opens else "strong_close", "b", token.nesting)
        return [line, bold] if opens else [bold, line]
    if token.type == "image":
        opening = Token("link_open", "a", 1, attrs={"href": str(token.attrs.get("src", ""))})
        label = Token("text", "", 0, content=token.content or str(token.attrs.get("src", "")))
        return [opening, label, Token("link_close", "a", -1)]
    changes: dict[str, Any] = {"tag": _RENAMED.get(token.tag, token.tag)}
    if token.children:
        changes["children"] = [inner for child in token.children for inner in _in_subset(child)]
    return [token.copy(**changes)]


class _ToMarkdown(MarkdownConverter):
    """HTML to Markdown; knows the tag that PingPong's sample uses for deleted text."""

    def convert_strikethrough(self, element: Any, text: str, parent_tags: set[str]) -> str:
        """The same as ``<s>``; the name is how markdownify finds it."""
        return f"~~{text.strip()}~~" if text.strip() else ""

    class Options:
        """Everything that would mean something in Markdown is escaped."""

        heading_style = "atx"
        bullets = "-"
        escape_misc = True
        autolinks = False


def _markdown_of_html(source: str) -> str:
    lines = str(_ToMarkdown().convert(source)).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(map(_numbers_as_they_are, lines))).strip()


def _numbers_as_they_are(line: str) -> str:
    """A number with a point begins a list only at the beginning of a line; elsewhere the escape would be noise."""
    head = _LIST_NUMBER.match(line)
    start = head.end() if head else 0
    return line[:start] + _ESCAPED_NUMBER.sub(r"\1\2", line[start:])


def _html_of_plain(source: str) -> str:
    paragraphs = re.split(r"\n\s*\n", html.escape(source, quote=False))
    # Sanitised like all other HTML, so that there is one spelling of it: a hard blank is ``&nbsp;`` everywhere.
    return sanitise("".join(f"<div>{'<br>'.join(part.split(chr(10)))}</div>" for part in paragraphs if part))


def _markdown_of_plain(source: str) -> str:
    escaped = _MARKDOWN_SPECIAL.sub(_escape, source)
    return re.sub(r"(?<=\S)[ \t]*\n(?=[ \t]*\S)", "  \n", escaped)


def _escape(match: re.Match[str]) -> str:
    if match.group(1):
        return "\\" + match.group(1)
    sign = match.group(3)
    return match.group(2) + (sign[:-1] + "\\" + sign[-1])
