"""Logging: JSON lines in a pipe, readable lines on a terminal, never a secret and never a body."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from bridge.secret import Secret

MASK = "•••"
LONGEST_TEXT = 4_000

_SECRET_KEY = re.compile(
    r"(?:^|[_-])(?:auth|authorization|bearer|cookie|credentials?|passw(?:or)?d|secrets?|(?:access|api|auth)?_?token"
    r"|api_?key|signature)$",
    re.IGNORECASE,
)
_BODY_KEYS = frozenset({"body", "content", "data", "element", "form", "payload", "raw", "text"})
_SECRET_TEXT = (
    (re.compile(r"(?<=://)[^/@\s]+(?=@)"), MASK),
    (re.compile(r"\b(Bearer|Basic|OAuth|Token)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    (
        re.compile(r"([?&](?:api_?key|token|secret|password|signature|access_token)=)[^&\s]+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    (re.compile(r"(/hooks/[^/\s?]+/)[^/\s?]+"), rf"\1{MASK}"),
    # Addresses of people: what is looked for in lists of subscribers, and mailboxes wherever they stand.
    (re.compile(r"([?&](?:q|filter(?:\[|%5B)email(?:\]|%5D))=)[^&\s]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,254}(?:@|%40)[\w-]+(?:\.[\w-]+)+"), MASK),
)
_QUIET = ("urllib3", "rq", "markdown_it", "asyncio")


def configure(level: int, stream: TextIO, *, libraries: int = logging.WARNING, json: bool | None = None) -> None:
    """Set up structlog and the standard library's logging, which then speak alike.

    Args:
        level: of :mod:`logging`.
        stream: where the lines go.
        libraries: level of those that talk much.
        json: True for JSON lines, False for readable ones; None asks whether the stream is a terminal.
    """
    as_json = not stream.isatty() if json is None else json
    shared = _shared()
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(as_json, shared, colours=_colours(stream)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(libraries)


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(
    as_json: bool, shared: list[structlog.typing.Processor], *, colours: bool
) -> structlog.stdlib.ProcessorFormatter:
    last: list[structlog.typing.Processor] = (
        [
            structlog.processors.format_exc_info,
            conceal,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ]
        if as_json
        else [structlog.processors.format_exc_info, conceal, structlog.dev.ConsoleRenderer(colors=colours)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def conceal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets and bodies out of a log entry: by type, by key, and by the look of the text."""
    for key, value in list(event.items()):
        event[key] = _value(key, value) if key != "event" else _value("", value)
    return event


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Secret) or (_SECRET_KEY.search(key) and value):
        return MASK
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if key in _BODY_KEYS and value is not None:
        return f"<{len(value)} characters>" if isinstance(value, str) else "<left out>"
    if isinstance(value, str):
        return mask_text(value)
    return _collection(value)


def _collection(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _value(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value("", item) for item in value]
    return value if isinstance(value, int | float | None) else mask_text(str(value))


def mask_text(text: str) -> str:
    """The text without what looks like credentials, and cut when it is long."""
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    if len(text) <= LONGEST_TEXT:
        return text
    half = LONGEST_TEXT // 2  # the end of a traceback says most
    return f"{text[:half]} … ({len(text)} characters) … {text[-half:]}"


def _colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")
