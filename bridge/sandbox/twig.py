"""The part of the Twig template language that both Cachets let into incident templates.

Variables, the ``escape`` filter, conditional expressions over them and ``{% if %}``; everything is HTML-escaped.
Anything else is refused, as the programs' own sandboxes do with most of the language.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*\Z")
_TEXT = re.compile(r"""(["'])(.*)\1\Z""", re.DOTALL)
_CHOICE = re.compile(r"(?P<test>[^?]+)\?(?P<yes>[^:]+):(?P<no>.+)\Z", re.DOTALL)


class TemplateError(Exception):
    """A syntax error, or something that the sandbox of the template language forbids."""


class Opaque:
    """A value that templates may hold but neither print nor look into (a PHP enum)."""


def render(source: str, variables: Mapping[str, Any]) -> str:
    """Fill in the variables; a missing one is empty.

    Raises:
        TemplateError: for anything outside of the supported part.
    """
    parts: list[str] = []
    shown = [True]
    for token in _TOKEN.split(source):
        if token.startswith("{%") and token.endswith("%}"):
            _branch(token[2:-2].strip(" -\n"), shown, variables)
        elif all(shown) and token.startswith("{{") and token.endswith("}}"):
            parts.append(_print(token[2:-2].strip(), variables))
        elif all(shown) and not token.startswith("{#"):
            if "{{" in token or "{%" in token:
                raise TemplateError("unclosed")
            parts.append(token)
    if len(shown) != 1:
        raise TemplateError("missing endif")
    return "".join(parts)


def _branch(statement: str, shown: list[bool], variables: Mapping[str, Any]) -> None:
    word, _, condition = statement.partition(" ")
    if word == "if":
        negated = condition.strip().startswith("not ")
        value = _value(condition.strip().removeprefix("not ").strip(), variables)
        shown.append(bool(value) is not negated)
    elif word == "else" and len(shown) > 1:
        shown[-1] = not shown[-1]
    elif word == "endif" and len(shown) > 1:
        shown.pop()
    else:
        raise TemplateError(f"tag {word!r} is not allowed")


def _print(expression: str, variables: Mapping[str, Any]) -> str:
    path, *filters = (part.strip() for part in expression.split("|"))
    if any(name not in ("e", "escape") for name in filters):
        raise TemplateError("filter is not allowed")
    value = _value(path, variables)
    if value is None or value is False:
        return ""
    if isinstance(value, dict | list | Opaque):
        raise TemplateError("cannot be printed")
    text = "1" if value is True else str(value)
    return html.escape(text, quote=True).replace("&#x27;", "&#039;")


def _value(expression: str, variables: Mapping[str, Any]) -> Any:
    if literal := _TEXT.match(expression):
        return literal[2]
    if choice := _CHOICE.match(expression):
        branch = "yes" if _value(choice["test"].strip(), variables) else "no"
        return _value(choice[branch].strip(), variables)
    if not _PATH.match(expression):
        raise TemplateError("syntax")
    value: Any = variables
    for name in expression.split("."):
        if isinstance(value, Opaque):
            raise TemplateError("property is not allowed")
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
