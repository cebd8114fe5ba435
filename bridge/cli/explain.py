"""``statusbridge explain``: what came in about an incident, every decision, and every call for it, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from bridge.cli.console import Console
from bridge.cli.invocation import Invocation
from bridge.model.chronicle import CallTold, Chronicle, DeliveryTold, EventTold, Standing, Told
from bridge.model.schemas import dump, encode_moment
from bridge.model.state import Decision
from bridge.sync.chronicle import chronicle_of
from bridge.sync.decisions.approve import find_any
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

        Which deliveries and events concerned it, what was decided and why, every call to every page with its answer and
        duration, what had to be made again, and where it stands now. INCIDENT is its id, or the beginning of the id of
        an open one (`statusbridge status` lists what is open and what was over last); the id of a maintenance or a
        component, or the name of a metric will do too.
        """
        settings = invocation.settings()
        store = invocation.open_store(settings)
        try:
            chronicle = chronicle_of(settings, store, incident)
            if chronicle is None:
                found = find_any(Runtime(settings, store, store.clock), incident)
                chronicle = chronicle_of(settings, store, found.id)
        finally:
            store.close()
        if chronicle is None:
            raise click.UsageError(f"{incident} is not kept any more")
        if as_json:
            for line in lines_of(chronicle):
                click.echo(json.dumps(line, ensure_ascii=False))
        else:
            show(Console(), chronicle)


def lines_of(chronicle: Chronicle) -> Iterator[dict[str, Any]]:
    """The story as JSON-able data: what it is about, every entry, and where it stands on each destination."""
    yield {"about": _about(chronicle)}
    for entry in chronicle.told:
        if isinstance(entry, CallTold):
            yield {"call": dump(entry.call), "destination": entry.destination, "attempt": entry.attempt}
        else:
            yield {"delivery" if isinstance(entry, DeliveryTold) else "decision": dump(entry)}
    for standing in chronicle.standings:
        yield {"standing": dump(standing)}


def _about(chronicle: Chronicle) -> dict[str, Any]:
    began = encode_moment(chronicle.started_at) if chronicle.started_at else None
    return {
        "id": chronicle.id,
        "kind": str(chronicle.kind),
        "title": chronicle.title,
        "status": str(chronicle.status),
        "publication": str(chronicle.publication) if chronicle.publication else None,
        "origin": chronicle.origin,
        "started_at": began,
        "is_cut": chronicle.is_cut,
    }


def show(console: Console, chronicle: Chronicle) -> None:
    """Write the story for a person or a pipe."""
    published = f", {chronicle.publication}" if chronicle.publication else ""
    origin = f", from {chronicle.origin}" if chronicle.origin else ""
    console.line(f"{chronicle.id}  {chronicle.title}  ({chronicle.status}{published}{origin})")
    if chronicle.is_cut:
        console.line("The oldest entries of this story are not kept any more.", "quiet")
    console.table("Story", ("time", "what", "detail"), [row for entry in chronicle.told for row in rows_of(entry)])
    console.table("Now", ("destination", "state", "remote id", "why"), map(_standing, chronicle.standings))
    losses = [
        (item.destination, loss.field, loss.had, loss.became or "–", loss.why)
        for item in chronicle.standings
        for loss in item.losses
    ]
    if losses:
        console.table("Lost", ("destination", "field", "had", "became", "why"), losses)


def rows_of(entry: Told) -> Iterator[tuple[str, str, str]]:
    """Time, what it is, and its detail; a delivery has a row for each of its events as well."""
    at = encode_moment(entry.at)
    if isinstance(entry, Decision):
        cause = f" (delivery {entry.delivery})" if entry.delivery else ""
        yield at, entry.why, f"{entry.text}{cause}"
    elif isinstance(entry, CallTold):
        call, again = entry.call, f" (attempt {entry.attempt})" if entry.attempt > 1 else ""
        answer = "no answer" if call.status is None else call.status
        error = f": {call.error}" if call.error else ""
        yield at, entry.destination, f"{call.method} {call.path} → {answer} in {call.millis:.0f} ms{again}{error}"
    else:
        others = f", {entry.others} about other things" if entry.others else ""
        kept = f"{len(entry.events) + entry.others} events{others}" if entry.kept else "not kept any more"
        yield at, "delivery", f"{entry.id} from {entry.source}: {kept}"
        for event in entry.events:
            yield at, "event", _event(event)


def _event(event: EventTold) -> str:
    times = [("began", event.started_at), ("ended", event.ended_at), ("said", event.happened_at)]
    told = [f"{word} {encode_moment(moment)}" for word, moment in times if moment]
    severity = [str(event.severity)] if event.severity else []
    return ", ".join([f"{event.action} {event.key}: {event.title}", *severity, *told])


def _standing(standing: Standing) -> tuple[str, str, str, str]:
    failures = f"{standing.failures} failures in a row" if standing.failures else ""
    why = "; ".join(part for part in (standing.why, failures) if part)
    return standing.destination, standing.state.replace("_", " "), standing.remote_id or "–", why
