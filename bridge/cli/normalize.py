"""``statusbridge normalize``: what would this webhook say? Needs no store and no configuration."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import click
from marshmallow import ValidationError

from bridge.cli.invocation import Invocation
from bridge.clock import SystemClock
from bridge.config.problems import suggest
from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.model.schemas import dump
from bridge.pages import saved
from bridge.sources import registry
from bridge.sources.base import SourceType
from bridge.sources.body import read_json
from bridge.sources.envelope import delivery_of, normalized
from bridge.sources.fields import to_moment

_STDIN = "-"
_NAME = "normalize"
_CONTENT_TYPE = "content-type"

_NORMALIZE_EPILOG = """\b
Exit codes:
  0  every body was understood, also where it says nothing to act on
  1  a body was not understood; the reason is in "quarantined" and on stderr
  2  wrong usage: no such type, no such file

\b
Examples:
  statusbridge normalize alertmanager body.json
  curl -s example.test/body | statusbridge normalize generic -
  statusbridge normalize cloudevents event.json --header 'ce-type: com.example.db.down' --header 'ce-specversion: 1.0'
  statusbridge normalize healthchecks --query 'code=3f1c&status=down&name=Backup'
"""


@dataclass(frozen=True, slots=True)
class Around:
    """What the command line says about the request around the bodies; it goes before what a file says.

    Attributes:
        headers: lower-case names.
        at: when it arrived.
    """

    method: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] | None = None
    at: datetime | None = None

    def applied(self, delivery: Delivery) -> Delivery:
        """The delivery with all of it."""
        headers = {**delivery.headers, **self.headers}
        return replace(
            delivery,
            method=self.method or delivery.method,
            headers=headers,
            content_type=headers.get(_CONTENT_TYPE, delivery.content_type),
            query=delivery.query if self.query is None else self.query,
            received_at=self.at or delivery.received_at,
        )


def register(group: click.Group) -> None:
    """Add ``normalize`` to the command line."""

    @group.command(epilog=_NORMALIZE_EPILOG)
    @click.argument("source_type", metavar="SOURCE")
    @click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=str))
    @click.option("--method", metavar="METHOD", help="The method of the request; POST, or GET where only --query is.")
    @click.option("--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="A header; several may be given.")
    @click.option("--query", metavar="QUERY", help="The query, as in an address; a FILE is not needed then.")
    @click.option("--received-at", metavar="TIME", help="When it arrived; by default now.")
    @click.option("--json", "as_lines", is_flag=True, help="One object a line on a terminal too, where it is indented.")
    @click.pass_obj
    def normalize(
        invocation: Invocation,
        source_type: str,
        files: tuple[str, ...],
        method: str | None,
        headers: tuple[str, ...],
        query: str | None,
        received_at: str | None,
        as_lines: bool,
    ) -> None:
        """Print the events in saved webhook bodies.

        SOURCE is a source type, or the name of a source in bridge.yaml, which is then read with its settings.

        One FILE gives one JSON object; several give one a line, in their order; '-' reads standard input. A file that
        holds a whole HTTP request under "_request" or "request" is taken as that request; what the options say about
        it goes before.

        A saved document of a Statuspage (SOURCE is statuspage-public or statuspage) gives the objects that it tells.
        """
        if not files and query is None:
            raise click.UsageError("there is no FILE; '-' reads standard input")
        indent = None if as_lines or len(files) > 1 or not sys.stdout.isatty() else 2
        if registry.normal(source_type) in saved.TYPES:
            told = [_print_objects(name, _read(name), indent) for name in files]
            if not all(told):
                raise click.exceptions.Exit(1)
            return
        source = _source(source_type, invocation)
        around = _around(method or (None if files else "GET"), headers, query, received_at)
        bodies = [(name, _read(name)) for name in files] or [("the query", b"")]
        understood = [_print(source, name, body, around, indent) for name, body in bodies]
        if not all(understood):
            raise click.exceptions.Exit(1)


def _around(method: str | None, headers: tuple[str, ...], query: str | None, received_at: str | None) -> Around:
    named: dict[str, str] = {}
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            raise click.UsageError(f"--header {header!r} is no header: write 'NAME: VALUE'")
        named[name.strip().lower()] = value.strip()
    try:
        at = to_moment(received_at)
    except ValueError:
        raise click.UsageError(f"--received-at {received_at!r} is no time: write 2026-08-20T10:00:00Z") from None
    values = None if query is None else dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True))
    return Around(method.upper() if method else None, named, values, at)


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


def _print_objects(name: str, content: bytes, indent: int | None) -> bool:
    """Print what a saved document of a page says; False when it is none."""
    try:
        found = saved.objects_in(read_json(content).data)
    except Unparsable as error:
        click.echo(f"{name}: not understood: {error.reason}", err=True)
        return False
    told = {f"{kind}s": [dump(obj) for obj in objects] for kind, objects in found.items()}
    click.echo(json.dumps(told, ensure_ascii=False, indent=indent))
    return True


def _print(source: SourceType, name: str, content: bytes, around: Around, indent: int | None) -> bool:
    """Print what one body says; False when nothing of it could be understood."""
    try:
        parsed = source.parse(around.applied(delivery_of(content, _NAME, SystemClock().now())))
    except Unparsable as error:
        refused = {"events": [], "quarantined": [{"index": 0, "reason": error.reason, "element": None}]}
        click.echo(json.dumps(refused, ensure_ascii=False, indent=indent))
        click.echo(f"{name}: not understood: {error.reason}", err=True)
        return False
    click.echo(json.dumps(normalized(parsed), ensure_ascii=False, indent=indent))
    for element in parsed.quarantined:
        click.echo(f"{name}: element {element.index}: {element.reason}", err=True)
    return bool(parsed.events) or not parsed.quarantined
