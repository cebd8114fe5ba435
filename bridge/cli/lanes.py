"""``statusbridge pause`` and ``resume``: a person's word on a destination."""

from __future__ import annotations

import click

from bridge.cli.invocation import Invocation
from bridge.store import Store
from bridge.store.lanes import MIRROR, POLL, Lane, lane_of_pull
from bridge.sync.inbox.pull import pulled

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

        What is owed to DESTINATION is kept, and written in order when it is resumed. A call under way is finished. A
        page that is mirrored, or a source with a `pull`, can be paused in the same way: it is not looked at until it is
        resumed.
        """
        lanes, store = _lanes(invocation, destination)
        for lane in lanes:
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
        lanes, store = _lanes(invocation, destination)
        for lane in lanes:
            store.lanes.resume(lane)
            store.lanes.wake(lane)
        click.echo(f"{destination} is resumed")


def _lanes(invocation: Invocation, name: str) -> tuple[list[Lane], Store]:
    """The lanes of a name: writing to it as a destination, looking at it as a page, or both."""
    settings = invocation.settings()
    kinds = [(MIRROR, settings.destinations), (POLL, settings.pages)]
    lanes = [Lane(kind, name) for kind, named in kinds if name in named]
    if name in pulled(settings):
        lanes.append(lane_of_pull(name))
    if not lanes:
        known = ", ".join({**settings.destinations, **settings.pages}) or "none"
        raise click.UsageError(f"there is no destination or page {name!r}; the configuration has: {known}")
    return lanes, invocation.open_store(settings)
