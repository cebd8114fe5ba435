"""Logging: one JSON object a line in a pipe, and nothing secret in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bridge.observe import configure, mask_text
from bridge.secret import Secret


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(logging.INFO, stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_each_line_is_one_object(lines: io.StringIO) -> None:
    structlog.get_logger("a").info("accepted", source="prometheus", count=3)
    logging.getLogger("library").warning("from %s", "elsewhere")
    first, second = entries(lines)
    assert (first["event"], first["source"], first["count"], first["level"]) == ("accepted", "prometheus", 3, "info")
    assert (second["event"], second["logger"]) == ("from elsewhere", "library")


def test_secrets_and_bodies_are_left_out(lines: io.StringIO) -> None:
    structlog.get_logger("a").info(
        "sent to https://u:pw-hidden@host/x?token=tok-hidden",
        token="tok-hidden",
        url=Secret("tok-hidden"),
        headers={"Authorization": "Bearer tok-hidden"},
        body='{"x": "tok-hidden"}',
        raw=b"tok-hidden",
        path="/hooks/prometheus/tok-hidden",
        tries=["Bearer tok-hidden"],
    )
    assert "hidden" not in lines.getvalue()
    assert entries(lines)[0]["raw"] == "<10 bytes>"


def test_a_traceback_is_masked_too(lines: io.StringIO) -> None:
    try:
        raise ValueError("redis://:pw-hidden@host refused Bearer tok-hidden")
    except ValueError:
        structlog.get_logger("a").exception("failed")
    entry = entries(lines)[0]
    assert "ValueError" in entry["exception"]
    assert "hidden" not in lines.getvalue()


def test_a_terminal_gets_readable_lines() -> None:
    stream = io.StringIO()
    configure(logging.INFO, stream, json=False)
    structlog.get_logger("a").info("accepted", token="tok-hidden")
    assert "accepted" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert "hidden" not in stream.getvalue()
    structlog.reset_defaults()


def test_long_texts_keep_both_ends() -> None:
    text = mask_text("begin " + "x" * 100_000 + " end")
    assert text.startswith("begin")
    assert text.endswith("end")
    assert len(text) < 5_000


def test_mailboxes_and_what_is_looked_for_are_masked() -> None:
    asked = "GET /subscribers?include=meta&filter%5Bemail%5D=%2B15550100&page=1 and ?q=anna%40mail.test&state=all"
    assert mask_text(asked) == "GET /subscribers?include=meta&filter%5Bemail%5D=•••&page=1 and ?q=•••&state=all"
    assert mask_text("anna.b+c@mail.example.test broke it") == "••• broke it"
