"""``statusbridge normalize``: what would this webhook say? Needs no store and no configuration."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from bridge.cli.invocation import Invocation
from bridge.clock import SystemClock
from bridge.config.problems import suggest
from bridge.errors import Unparsable
from bridge.sources import registry
from bridge.sources.base import SourceType
from bridge.sources.envelope import delivery_of, normalized

_STDIN = "-"
_NAME = "normalize"

_NORMALIZE_EPILOG = """\b
Exit codes:
  0  every body was understood, also where it says nothing to act on
  1  a body was not understood; the reason is in "quarantined" and on stderr
  2  wrong usage: no such type, no such file

\b
Examples:
  statusbridge normalize alertmanager body.json
  curl -s example.test/body | statusbridge normalize generic -
"""


def register(group: click.Group) -> None:
    """Add ``normalize`` to the command line."""

    @group.command(epilog=_NORMALIZE_EPILOG)
    @click.argument("source_type", metavar="SOURCE")
    @click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=str))
    @click.pass_obj
    def normalize(invocation: Invocation, source_type: str, files: tuple[str, ...]) -> None:
        """Print the events in saved webhook bodies.

        SOURCE is a source type, or the name of a source in bridge.yaml, which is then read with its settings.

        One FILE gives one JSON object; several give one a line, in their order; '-' reads standard input. A file that
        holds a whole HTTP request under "_request" or "request" is taken as that request.
        """
        source = _source(source_type, invocation)
        bodies = [(name, _read(name)) for name in files]
        understood = [_print(source, name, body) for name, body in bodies]
        if not all(understood):
            raise click.exceptions.Exit(1)


def _source(name: str, invocation: Invocation) -> SourceType:
    known = registry.names()
    if registry.normal(name) not in known:
        reading = invocation.read()
        configured = reading.settings.sources if reading.settings else {}
        if name in configured:
            return registry.make(configured[name].type, configured[name].options)
        hint = suggest(registry.normal(name), {*known, *configured}, noun="known types")
        raise click.UsageError(f"there is no source type {name!r}; {hint}")
    try:
        options: dict[str, Any] = registry.options_schema(name)().load({})
    except ValidationError:
        raise click.UsageError(f"the type {name} needs settings: name a source of bridge.yaml that has them") from None
    return registry.make(name, options)


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{name} cannot be read: {error.strerror or error}") from error


def _print(source: SourceType, name: str, content: bytes) -> bool:
    """Print what one body says; False when nothing of it could be understood."""
    try:
        parsed = source.parse(delivery_of(content, _NAME, SystemClock().now()))
    except Unparsable as error:
        refused = {"events": [], "quarantined": [{"index": 0, "reason": error.reason, "element": None}]}
        click.echo(json.dumps(refused, ensure_ascii=False))
        click.echo(f"{name}: not understood: {error.reason}", err=True)
        return False
    click.echo(json.dumps(normalized(parsed), ensure_ascii=False))
    for element in parsed.quarantined:
        click.echo(f"{name}: element {element.index}: {element.reason}", err=True)
    return bool(parsed.events) or not parsed.quarantined
