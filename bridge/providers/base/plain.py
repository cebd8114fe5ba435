"""Parsed Markdown as plain text that reads well: blank lines between blocks, ``text (url)`` for links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token


@dataclass(slots=True)
class _List:
    """A list being written; ``number`` is None for a bulleted one."""

    number: int | None


@dataclass(slots=True)
class _Page:
    """What has been written so far."""

    blocks: list[str] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    bullet: str = ""

    def add(self, text: str) -> None:
        """Write one block; the first of a list item gets its bullet, all are indented by their lists."""
        depth = len(self.lists)
        if not depth:
            self.blocks.append(text)
            return
        bullet, self.bullet = self.bullet or "  ", ""
        lead = "  " * (depth - 1)
        indented = text.replace("\n", "\n" + lead + " " * len(bullet))
        line = lead + bullet + indented
        if self.blocks and self.blocks[-1].startswith("\x00"):
            self.blocks[-1] += "\n" + line
        else:
            self.blocks.append("\x00" + line)

    def text(self) -> str:
        """All of it."""
        return "\n\n".join(block.removeprefix("\x00") for block in self.blocks)


def plain_of(tokens: Sequence[Token]) -> str:
    """The plain text of a parsed Markdown document."""
    page = _Page()
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
            page.lists.append(_List(number))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            page.lists.pop()
        elif token.type == "list_item_open":
            page.bullet = _bullet(page.lists[-1])
        elif token.type == "inline":
            page.add(_inline(token.children or []))
        elif token.type in ("fence", "code_block"):
            page.add(token.content.rstrip("\n"))
    return page.text().strip()


def _bullet(of: _List) -> str:
    if of.number is None:
        return "- "
    of.number += 1
    return f"{of.number - 1}. "


def _inline(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    links: list[tuple[str, int]] = []
    for token in tokens:
        if token.type == "link_open":
            links.append((str(token.attrs.get("href", "")), len(parts)))
        elif token.type == "link_close":
            address, begin = links.pop()
            parts[begin:] = [_link("".join(parts[begin:]), address)]
        elif token.type == "image":
            parts.append(_link(token.content, str(token.attrs.get("src", ""))))
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        else:
            parts.append(token.content)
    return "".join(parts).strip()


def _link(label: str, address: str) -> str:
    bare = address.removeprefix("mailto:")
    if not bare or label in (address, bare):
        return label or bare
    return f"{label} ({bare})" if label else bare
