"""The part of the Twig template language that both Cachets let into incident templates.

Output of expressions, ``{% if %}`` with its branches, comments, and the ``-`` that takes away blanks; what comes from
variables is HTML-escaped. Anything else is refused, as the programs' own sandboxes do with most of the language, and as
there it makes no difference whether the forbidden part would have been shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.sandbox.twig_expression import Node, Opaque, Safe, TemplateError, compile_expression, printed, truth

__all__ = ["Opaque", "TemplateError", "render"]

_TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}\n?|\{#.*?#\}\n?)", re.DOTALL)
"""A line break that follows a tag or a comment belongs to it."""
_WORD = re.compile(r"[A-Za-z_]*")
_OPENINGS = ("{{", "{%", "{#")


@dataclass
class _Branches:
    """An open ``if``: whether one of its branches was taken, whether the present one is, whether ``else`` was seen."""

    outside: bool
    taken: bool
    shown: bool
    ended: bool = False


@dataclass
class _Run:
    variables: Mapping[str, Any]
    parts: list[str] = field(default_factory=list)
    open: list[_Branches] = field(default_factory=list)

    @property
    def shown(self) -> bool:
        return not self.open or (self.open[-1].outside and self.open[-1].shown)

    def tag(self, statement: str) -> None:
        word = _WORD.match(statement)[0]  # type: ignore[index]  # it matches the empty text too
        rest = statement[len(word) :].strip()
        if word == "if":
            condition = compile_expression(rest)
            wanted = self.shown and truth(condition(self.variables))
            self.open.append(_Branches(self.shown, wanted, wanted))
        elif word == "elseif" and self.open and not self.open[-1].ended:
            self._turn(compile_expression(rest))
        elif word == "else" and not rest and self.open and not self.open[-1].ended:
            self._turn(lambda variables: True)
            self.open[-1].ended = True
        elif word == "endif" and not rest and self.open:
            self.open.pop()
        else:
            raise TemplateError(f"tag {word!r} is not allowed here")

    def _turn(self, condition: Node) -> None:
        branches = self.open[-1]
        branches.shown = branches.outside and not branches.taken and truth(condition(self.variables))
        branches.taken = branches.taken or branches.shown

    def output(self, expression: str) -> None:
        node = compile_expression(expression)
        if self.shown:
            value = node(self.variables)
            self.parts.append(value if isinstance(value, Safe) else _escape(printed(value)))


def render(source: str, variables: Mapping[str, Any]) -> str:
    """Fill in the variables; a missing one is empty.

    Raises:
        TemplateError: for anything outside of the supported part.
    """
    run = _Run(variables)
    tokens = _TOKEN.split(source)
    for place, token in enumerate(tokens):
        if place % 2:
            inner = token.rstrip("\n")[2:-2].removeprefix("-").removesuffix("-").strip()
            if token.startswith("{{"):
                run.output(inner)
            elif token.startswith("{%"):
                run.tag(inner)
        elif any(opening in token for opening in _OPENINGS):
            raise TemplateError("unclosed")
        elif run.shown:
            run.parts.append(_trimmed(token, tokens, place))
    if run.open:
        raise TemplateError("missing endif")
    return "".join(run.parts)


def _trimmed(text: str, tokens: list[str], place: int) -> str:
    """The text between two tokens, without the blanks that a ``-`` next to it takes away."""
    if place and tokens[place - 1].rstrip("\n")[-3] == "-":
        text = text.lstrip()
    if place + 1 < len(tokens) and tokens[place + 1][2] == "-":
        text = text.rstrip()
    return text


def _escape(text: str) -> str:
    return html.escape(text, quote=True).replace("&#x27;", "&#039;")
