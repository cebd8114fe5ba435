"""``statusbridge failed``: dead letters, and what a person can do about them."""

from __future__ import annotations

import json
from typing import Any

import click

from bridge.cli.console import Console
from bridge.cli.invocation import Invocation
from bridge.model.schemas import dump
from bridge.sync.decisions import dead_letters
from bridge.sync.decisions.dead_letters import DeadLetter
from bridge.sync.runtime import Runtime

_EPILOG = """\b
Examples:
  statusbridge failed list
  statusbridge failed show public inc_0h6x2k9v
  statusbridge failed retry public inc_0h6x2k9v
"""


def register(group: click.Group) -> None:
    """Add ``failed`` and what is below it to the command line."""

    @group.group("failed", epilog=_EPILOG)
    def failed() -> None:
        """See to what a destination refuses.

        A dead letter is an object that a destination refuses for good, such as for a text that it does not take.
        Everything else goes on; the object waits for a person, or for its next change.
        """

    failed.command("list")(list_command)
    failed.command("show")(show_command)
    failed.command("retry")(retry_command)
    failed.command("edit")(edit_command)
    failed.command("discard")(discard_command)


@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.argument("destination", required=False)
@click.pass_obj
def list_command(invocation: Invocation, destination: str | None, as_json: bool) -> None:
    """List the dead letters, of all destinations or of one."""
    letters = list(dead_letters.dead_letters(_runtime(invocation), destination))
    if as_json:
        for letter in letters:
            click.echo(json.dumps(_data(letter), ensure_ascii=False))
    elif letters:
        rows = [(letter.destination, str(letter.key), letter.title, letter.why) for letter in letters]
        Console().table("Failed", ("destination", "object", "title", "why"), rows)
    else:
        click.echo("nothing failed")


@click.argument("destination")
@click.argument("object_id", metavar="OBJECT")
@click.pass_obj
def show_command(invocation: Invocation, destination: str, object_id: str) -> None:
    """Show one dead letter as JSON: the reason, what was last agreed with the page, and the object itself."""
    runtime = _runtime(invocation)
    letter = dead_letters.find(runtime, destination, object_id)
    link = runtime.store.links.get(destination, letter.key)
    incident = runtime.store.incident(letter.key.id)
    data = {**_data(letter), "link": dump(link), "incident": dump(incident) if incident else None}
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


@click.argument("destination")
@click.argument("object_id", metavar="OBJECT")
@click.pass_obj
def retry_command(invocation: Invocation, destination: str, object_id: str) -> None:
    """Try an object again, after what the page complained about was mended there."""
    runtime = _runtime(invocation)
    letter = dead_letters.find(runtime, destination, object_id)
    dead_letters.retry(runtime, letter)
    click.echo(f"{letter.key} is owed to {destination} again")


@click.argument("destination")
@click.argument("object_id", metavar="OBJECT")
@click.option("--text", help="The new text. Without it your editor opens with the refused one.")
@click.pass_obj
def edit_command(invocation: Invocation, destination: str, object_id: str, text: str | None) -> None:
    """Change the text that a page refuses, for that page only, and send it in its place in the order."""
    runtime = _runtime(invocation)
    letter = dead_letters.find(runtime, destination, object_id)
    refused = dead_letters.refused_update(runtime, letter).message.source
    wanted = text if text is not None else click.edit(refused)
    if wanted is None or not wanted.strip() or wanted.strip() == refused.strip():
        raise click.ClickException("nothing was changed, so nothing is sent")
    dead_letters.edit(runtime, letter, wanted.strip())
    click.echo(f"{letter.key} is owed to {destination} again, with the new text")


@click.argument("destination")
@click.argument("object_id", metavar="OBJECT")
@click.pass_obj
def discard_command(invocation: Invocation, destination: str, object_id: str) -> None:
    """Give an object up on one destination: nothing more is written about it there."""
    runtime = _runtime(invocation)
    letter = dead_letters.find(runtime, destination, object_id)
    dead_letters.discard(runtime, letter)
    click.echo(f"{letter.key} is given up on {destination}")


def _runtime(invocation: Invocation) -> Runtime:
    settings = invocation.settings()
    store = invocation.open_store(settings)
    return Runtime(settings, store, store.clock)


def _data(letter: DeadLetter) -> dict[str, Any]:
    return {
        "destination": letter.destination,
        "object": str(letter.key),
        "title": letter.title,
        "why": letter.why,
        "since": letter.since.isoformat() if letter.since else None,
    }
