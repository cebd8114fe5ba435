"""``statusbridge explain``: every decision about an incident and every call for it, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from bridge.cli.console import Console
from bridge.cli.invocation import Invocation
from bridge.model.objects import Incident
from bridge.model.pages import Mirrored
from bridge.sync.approve import find_any
from bridge.sync.runtime import Runtime

_EPILOG = """\b
Examples:
  statusbridge explain inc_0h6x2k9v
  statusbridge explain inc_0h6x2k9v --json | jq 'select(.call.status >= 400)'
"""


def register(group: click.Group) -> None:
    """Add ``explain`` to the command line."""

    @group.command("explain", epilog=_EPILOG)
    @click.argument("incident")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object a line, nothing left out.")
    @click.pass_obj
    def explain_command(invocation: Invocation, incident: str, as_json: bool) -> None:
        """Tell the whole story of an incident.

        Which deliveries concerned it, what was decided and why, every call to every page with its answer and
        duration. INCIDENT is its id, or the beginning of the id of an open one.
        """
        settings = invocation.settings()
        store = invocation.open_store(settings)
        runtime = Runtime(settings, store, store.clock)
        found = find_any(runtime, incident)
        entries = sorted(runtime.store.story.entries(found.id), key=_at)
        if as_json:
            for entry in entries:
                click.echo(json.dumps(entry, ensure_ascii=False))
            return
        console = Console()
        console.line(f"{found.id}  {found.title}  ({found.status}{_published(found)})")
        console.table("Story", ("time", "what", "detail"), list(_rows(entries)))


def _published(found: Mirrored) -> str:
    return f", {found.publication}" if isinstance(found, Incident) else ""


def _at(entry: dict[str, Any]) -> str:
    return str((entry.get("decision") or entry["call"])["at"])


def _rows(entries: list[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for entry in entries:
        if "decision" in entry:
            decision = entry["decision"]
            cause = f" (delivery {decision['delivery']})" if decision.get("delivery") else ""
            yield decision["at"], decision["why"], f"{decision['text']}{cause}"
        else:
            call = entry["call"]
            answer = call["status"] if call.get("status") is not None else "no answer"
            error = f": {call['error']}" if call.get("error") else ""
            detail = f"{call['method']} {call['path']} → {answer} in {call['millis']:.0f} ms{error}"
            yield call["at"], entry["destination"], detail
