"""``statusbridge take``: what stands on a page of a two-way mirror counts."""

from __future__ import annotations

import json

import click

from bridge.cli.drift import runtime_of
from bridge.cli.invocation import Invocation
from bridge.sync.decisions.take import take

_EPILOG = """\b
Example:
  statusbridge take intranet inc_0h6x2k9v
"""


def register(group: click.Group) -> None:
    """Add ``take`` to the command line."""

    @group.command("take", epilog=_EPILOG)
    @click.argument("destination")
    @click.argument("object_id", metavar="OBJECT")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
    @click.pass_obj
    def take_command(invocation: Invocation, destination: str, object_id: str, as_json: bool) -> None:
        """Take what people wrote on a destination to all other pages.

        For two-way mirrors: ends a conflict that is held, or a quarrel that was stopped, in favour of what DESTINATION
        shows of OBJECT (an incident or a maintenance). `reclaim` ends it in favour of the other pages.
        """
        key = take(runtime_of(invocation, destination), destination, object_id)
        text = f"{key}: what {destination} shows is taken to the other pages"
        click.echo(json.dumps({"object": str(key), "destination": destination}) if as_json else text)
