"""``statusbridge approve`` and ``reject``: a person's word on an incident that is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from bridge.cli.invocation import Invocation
from bridge.model.state import Decision
from bridge.sync.decisions.approve import approve, held_incidents, reject
from bridge.sync.runtime import Runtime

_Decide = Callable[[Runtime, str], Sequence[Decision]]

_APPROVE_EPILOG = """\b
Examples:
  statusbridge approve inc_0h6x2k9v
  statusbridge approve --all
"""

_REJECT_EPILOG = """\b
Example:
  statusbridge reject inc_0h6x2k9v
"""


def register(group: click.Group) -> None:
    """Add ``approve`` and ``reject`` to the command line."""

    @group.command("approve", epilog=_APPROVE_EPILOG)
    @click.argument("incident", required=False)
    @click.option("--all", "everything", is_flag=True, help="All incidents that are held, after a valve has closed.")
    @click.pass_obj
    def approve_command(invocation: Invocation, incident: str | None, everything: bool) -> None:
        """Publish an incident that is held.

        INCIDENT is its id, or as much of the beginning of it as no other open incident shares. `statusbridge status`
        shows the held ones.
        """
        if (incident is None) is not everything:
            raise click.UsageError("give the id of one incident, or --all")
        _decide(invocation, incident, approve)

    @group.command("reject", epilog=_REJECT_EPILOG)
    @click.argument("incident")
    @click.pass_obj
    def reject_command(invocation: Invocation, incident: str) -> None:
        """Keep an incident that is held off every page.

        INCIDENT is as for `statusbridge approve`.
        """
        _decide(invocation, incident, reject)


def _decide(invocation: Invocation, incident: str | None, decide: _Decide) -> None:
    """Decide about one incident, or about all that are held."""
    settings = invocation.settings()
    store = invocation.open_store(settings)
    try:
        runtime = Runtime(settings, store, store.clock)
        named = [incident] if incident is not None else [held.id for held in held_incidents(runtime)]
        decisions = [decision for name in named for decision in decide(runtime, name)]
    finally:
        store.close()
    for decision in decisions:
        click.echo(f"{decision.incident or decision.subject}: {decision.text}")
    if not decisions:
        click.echo("nothing to do: nothing is held, or this was decided before")
