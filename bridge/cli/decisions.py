"""``statusbridge approve`` and ``reject``: a person's word on an incident that is held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from bridge.cli.invocation import Invocation
from bridge.model.state import Decision
from bridge.sync.approve import approve, reject
from bridge.sync.runtime import Runtime

_Decide = Callable[[Runtime, str], Sequence[Decision]]

_APPROVE_EPILOG = """\b
Example:
  statusbridge approve inc_0h6x2k9v
"""

_REJECT_EPILOG = """\b
Example:
  statusbridge reject inc_0h6x2k9v
"""


def register(group: click.Group) -> None:
    """Add ``approve`` and ``reject`` to the command line."""

    @group.command("approve", epilog=_APPROVE_EPILOG)
    @click.argument("incident")
    @click.pass_obj
    def approve_command(invocation: Invocation, incident: str) -> None:
        """Publish an incident that is held.

        INCIDENT is its id, or as much of the beginning of it as no other open incident shares. `statusbridge status`
        shows the held ones.
        """
        _decide(invocation, incident, approve)

    @group.command("reject", epilog=_REJECT_EPILOG)
    @click.argument("incident")
    @click.pass_obj
    def reject_command(invocation: Invocation, incident: str) -> None:
        """Keep an incident that is held off every page.

        INCIDENT is as for `statusbridge approve`.
        """
        _decide(invocation, incident, reject)


def _decide(invocation: Invocation, incident: str, decide: _Decide) -> None:
    settings = invocation.settings()
    store = invocation.open_store(settings)
    try:
        decisions = decide(Runtime(settings, store, store.clock), incident)
    finally:
        store.close()
    for decision in decisions:
        click.echo(f"{decision.incident or decision.subject}: {decision.text}")
    if not decisions:
        click.echo("nothing to do: this was decided before")
