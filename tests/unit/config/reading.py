"""Reads configurations written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from bridge.config.load import Reading, parse_settings
from bridge.config.problems import Problem

FILE = Path("bridge.yaml")
ENVIRON = {"HOOK": "a-hook-token", "PAGE": "a-page-token"}

WHOLE = """\
sources:
  prometheus: {type: alertmanager, auth: {bearer: ${HOOK}}}
destinations:
  public: {type: cachet3, url: https://status.example.com, token: ${PAGE}}
components:
  api: {name: Public API, on: {public: 3}}
  web: {name: Website, on: {public: Website}}
routes:
  - match: {source: prometheus}
    components: [api]
"""


def read_text(text: str, environ: Mapping[str, str] = ENVIRON, file: Path = FILE) -> Reading:
    """What a configuration gives."""
    return parse_settings(dedent(text).encode(), file, environ)


def read_changed(old: str, new: str, environ: Mapping[str, str] = ENVIRON) -> Reading:
    """What the whole configuration above gives with one text in it replaced by another."""
    assert WHOLE.count(old) == 1, old
    return read_text(WHOLE.replace(old, new), environ)


def places(reading: Reading) -> list[str]:
    """``line:column why`` of every problem."""
    return [f"{problem.where.line}:{problem.where.column} {problem.why}" for problem in reading.problems]


def only(reading: Reading) -> Problem:
    """The one problem there is."""
    assert len(reading.problems) == 1, [str(problem) for problem in reading.problems]
    return reading.problems[0]
