"""``statusbridge pause`` and ``resume``: a person's word on a destination."""

from __future__ import annotations

import click

from bridge.cli.invocation import Invocation
from bridge.store import Store
from bridge.store.lanes import MIRROR, Lane

_PAUSE_EPILOG = """\b
Example:
  statusbridge pause public --why "the page is being rearranged"
"""

_RESUME_EPILOG = """\b
Example:
  statusbridge resume public
"""


def register(group: click.Group) -> None:
    """Add ``pause`` and ``resume`` to the command line."""

    @group.command("pause", epilog=_PAUSE_EPILOG)
    @click.argument("destination")
    @click.option("--why", default="paused by hand", show_default=True, help="Shown wherever the pause is.")
    @click.pass_obj
    def pause_command(invocation: Invocation, destination: str, why: str) -> None:
        """Write nothing to a destination until it is resumed.

        What is owed to DESTINATION is kept, and written in order when it is resumed. A call under way is finished.
        """
        lane, store = _lane(invocation, destination)
        store.lanes.pause(lane, why)
        click.echo(f"{destination} is paused: {why}")

    @group.command("resume", epilog=_RESUME_EPILOG)
    @click.argument("destination")
    @click.pass_obj
    def resume_command(invocation: Invocation, destination: str) -> None:
        """Write to a destination again, at once.

        Ends a pause that you made, one that the destination caused by refusing the token (401, 403), and the waiting
        time after failures.
        """
        lane, store = _lane(invocation, destination)
        store.lanes.resume(lane)
        store.lanes.wake(lane)
        click.echo(f"{destination} is resumed")


def _lane(invocation: Invocation, destination: str) -> tuple[Lane, Store]:
    settings = invocation.settings()
    if destination not in settings.destinations:
        known = ", ".join(settings.destinations) or "none"
        raise click.UsageError(f"there is no destination {destination!r}; the configuration has: {known}")
    return Lane(MIRROR, destination), invocation.open_store(settings)
