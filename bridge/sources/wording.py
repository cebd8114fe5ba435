"""What the code knows about a source type, in words for people: authentication, settings, answers."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from enum import Enum
from typing import Any

from marshmallow import Schema, fields, missing

from bridge.config.schemes import (
    EntraScheme,
    FieldToken,
    HeaderToken,
    HmacScheme,
    Scheme,
    SnsScheme,
    StandardWebhooksScheme,
)
from bridge.sources.base import SourceType

OTHERWISE = "`auth: {bearer: …}`, `{basic: …}`, `{header: …}` or `{path: …}`"
_TERM = re.compile(r"``([a-z_]+)``")
_BLANK = re.compile(r"\s+")


def authentication(scheme: Scheme | None) -> str:
    """One line: how the sender proves itself by default."""
    match scheme:
        case HmacScheme():
            timed = ", with a time in it" if "{timestamp}" in scheme.signed else ""
            choice = ", and a time where the tool is told to" if scheme.timed_by_choice else ""
            return f"HMAC-{scheme.algorithm.upper()} of the body in `{scheme.header}`{timed}{choice}"
        case StandardWebhooksScheme():
            return "Standard Webhooks signature (HMAC or ed25519) over id, time and body"
        case HeaderToken():
            return f"a shared secret in `{scheme.header}`"
        case FieldToken():
            return f"a shared secret in the field `{scheme.field}`"
        case SnsScheme():
            return "RSA signature of Amazon SNS, and a list of topics"
        case EntraScheme():
            return "a token of Microsoft Entra ID"
    return "a token in a header, or a secret in the path"


def configuration(name: str, scheme: Scheme | None) -> str:
    """The line of bridge.yaml that a type needs."""
    key = name.replace("-", "_")
    match scheme:
        case SnsScheme():
            return f"{key}: {{type: {name}, auth: {{sns: {{topics: ['arn:aws:sns:…']}}}}}}"
        case None:
            return f"{key}: {{type: {name}, auth: {{bearer: ${{{key.upper()}_TOKEN}}}}}}"
    return f"{key}: {{type: {name}, secrets: [${{{key.upper()}_SECRET}}]}}"


def settings_of(kind: type[SourceType]) -> Iterator[tuple[str, str, str]]:
    """Name, default and meaning of each setting; the meaning stands in the docstring of the schema.

    A docstring says ``name`` and then what it is about, up to the next name or the end of the paragraph.
    """
    keys = {field.data_key or name: field for name, field in kind.options_schema().fields.items()}
    told = dict(_meanings(kind.options_schema, keys))
    for key, field in keys.items():
        yield key, _default(field), told.get(key, "")


def _meanings(schema: type[Schema], keys: Container[str]) -> Iterator[tuple[str, str]]:
    bases = [base for base in reversed(schema.__mro__) if issubclass(base, Schema) and base is not Schema]
    for paragraph in (part for base in bases for part in (base.__doc__ or "").split("\n\n")):
        terms = [term for term in _TERM.finditer(paragraph) if term[1] in keys]
        for number, term in enumerate(terms, 1):
            end = terms[number].start() if number < len(terms) else len(paragraph)
            clean = _BLANK.sub(" ", paragraph[term.end() : end]).strip(" :;,.").removeprefix("is ")
            if clean:
                yield term[1], clean.replace("``", "`")


def _default(field: fields.Field[Any]) -> str:
    default = field.load_default
    if callable(default):
        default = default()
    if field.required:
        return "required"
    if default is missing or default is None or default in ({}, []):
        return ""
    if isinstance(default, Enum):
        return f"`{default.value}`"
    if isinstance(default, list | tuple):
        return ", ".join(f"`{item}`" for item in default)
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def answers(kind: type[SourceType], status: int) -> str:
    """Which methods are taken and what they are answered with."""
    return f"{', '.join(kind.methods)}; answered with {status}"


def plain(text: str) -> str:
    """The same without the marks of code."""
    return text.replace("`", "")


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
