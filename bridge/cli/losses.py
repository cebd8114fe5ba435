"""``statusbridge losses``: what cannot be carried from one provider to another. Needs no store and no network."""

from __future__ import annotations

import dataclasses
import json

import click

from bridge.cli.console import Console
from bridge.config.settings import DestinationSettings
from bridge.model.facts import Call
from bridge.providers import registry
from bridge.providers.base import mapping
from bridge.providers.base.losses import Side, lost
from bridge.providers.base.pace import LocalBudget
from bridge.secret import Secret

_EPILOG = """\b
Examples:
  statusbridge losses cachet3 pingpong
  statusbridge losses statuspage cachet2 --json | jq -r '.[].why'
"""
_HEADERS = ("object", "field", "had", "became", "why")
_NOWHERE = "http://127.0.0.1"


def register(group: click.Group) -> None:
    """Add ``losses`` to the command line."""

    @group.command("losses", epilog=_EPILOG)
    @click.argument("source", metavar="FROM")
    @click.argument("target", metavar="TO")
    @click.option("--json", "as_json", is_flag=True, help="One JSON list of all losses.")
    def losses_command(source: str, target: str, as_json: bool) -> None:
        """Show what is lost between two providers.

        FROM and TO are providers, such as cachet2. An object stands for all of its sort: incident:long is one with
        the longest title that FROM holds. The table is made by translating, so it is what a mirror would report.
        """
        found = lost(_side(source), _side(target))
        if as_json:
            click.echo(json.dumps([dataclasses.asdict(loss) for loss in found], ensure_ascii=False))
            return
        rows = [(loss.object, loss.field, loss.had, loss.became or "–", loss.why) for loss in found]
        Console().table("Losses", _HEADERS, rows)


def _side(name: str) -> Side:
    if name not in mapping.names():
        raise click.UsageError(f"there is no provider {name!r}; known providers: {', '.join(mapping.names())}")
    # Translating makes no call, so the address and the token of this destination are never used.
    settings = DestinationSettings(name, name, Secret("unused"), _NOWHERE, options={"page_id": "unused"})
    provider = registry.make(settings, LocalBudget(1, 1.0), _ignore)
    try:
        return Side(mapping.load(name), provider.translate)
    finally:
        provider.close()


def _ignore(call: Call) -> None:
    """No call is made."""
