"""``statusbridge status``: sources, destinations, and where each object stands on each destination."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

import click

from bridge.cli.console import Cells, Console, Tone, Value, ago
from bridge.cli.invocation import Invocation
from bridge.model.overview import Cell, CellState, DestinationView, Overview, PageView, SourceView, StoreView
from bridge.model.schemas import schema_of
from bridge.sync.decisions.remedies import remedies
from bridge.sync.pages.originals import with_stored_originals

_TONES: dict[CellState, Tone] = {
    CellState.IN_SYNC: "good",
    CellState.OWED: "waiting",
    CellState.FAILED: "bad",
    CellState.HELD: "waiting",
    CellState.DRIFT: "waiting",
    CellState.ABSENT: "quiet",
}

_DROPPED = "points.dropped|"
"""Begins the counters of metric points that a destination did not get."""

_STATUS_EPILOG = """\b
Examples:
  statusbridge status
  statusbridge status | grep '^incidents' | cut -f2,3
  statusbridge status --json
"""


def register(group: click.Group) -> None:
    """Add ``status`` to the command line."""

    @group.command(epilog=_STATUS_EPILOG)
    @click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
    @click.pass_obj
    def status(invocation: Invocation, as_json: bool) -> None:
        """Show sources, destinations and where each object stands.

        Tables on a terminal; in a pipe plain lines with tabs, the first word telling what the line is about.
        """
        settings = invocation.settings()
        store = invocation.open_store(settings)
        try:
            overview = store.overview(with_stored_originals(settings, store), store.clock.now())
        finally:
            store.close()
        if as_json:
            click.echo(json.dumps(schema_of(Overview).dump(overview), ensure_ascii=False))
        else:
            show(Console(), overview)


def show(console: Console, overview: Overview) -> None:
    """Write an overview for a person or a pipe."""
    now = overview.at
    if overview.store is not None:
        console.table("Store", ("state", "role", "replicas", "memory", "why"), [_store(overview.store)])
    console.table(
        "Sources",
        ("name", "type", "last delivery", "waiting"),
        [(each.name, each.type, _heard(each, now), str(each.waiting)) for each in overview.sources],
    )
    console.table(
        "Destinations",
        ("name", "type", "state", "behind", "since", "dead letters", "why"),
        [_destination(each, now) for each in overview.destinations],
    )
    if overview.pages:
        console.table(
            "Pages",
            ("name", "type", "state", "looked at", "open", "why"),
            [_page(each, now) for each in overview.pages],
        )
    names = [each.name for each in overview.destinations]
    kinds = [("Components", "component"), ("Incidents", "incident")]
    if any(row.kind == "maintenance" for row in overview.rows):
        kinds.append(("Maintenances", "maintenance"))
    for title, kind in kinds:
        rows: list[Cells] = [
            (row.id, row.title, row.status, *(_cell(row.cells.get(name), now) for name in names))
            for row in overview.rows
            if row.kind == kind
        ]
        console.table(title, ("id", "title", "status", *names), rows)
    if overview.recent:
        over = [(row.id, row.title, row.status, ago(row.since, now)) for row in overview.recent]
        console.table("Over lately", ("id", "title", "status", "over for"), over)
    for text, tone in _notes(overview):
        console.line(text, tone)


def _store(view: StoreView) -> Cells:
    memory = f"{view.used_memory / 1_048_576:.0f} MB"
    if view.max_memory:
        memory += f" of {view.max_memory / 1_048_576:.0f} MB"
    state = Value(view.state, "good" if view.state == "ok" else "bad")
    return (state, view.role, str(view.replicas), memory, Value(view.why or "", "bad"))


def _heard(view: SourceView, now: datetime) -> Value:
    since = ago(view.last_delivery_at, now)
    return Value(f"{since}, silent", "waiting") if view.silent else Value(since)


def _destination(view: DestinationView, now: datetime) -> tuple[str | Value, ...]:
    tone: Tone = "good" if view.state == "ok" else "bad" if view.state == "paused" else "waiting"
    why = view.why or ""
    if view.until is not None:
        why = f"{why} (tried again in {_left(view.until, now)})".strip()
    if view.bulk_until is not None:
        waits = f"bulk work waits for its share of the rate, {_left(view.bulk_until, now)} more"
        why = f"{why}; {waits}" if why else waits
    dead = Value(str(view.dead), "bad" if view.dead else "plain")
    return (view.name, view.type, Value(view.state, tone), str(view.owed), ago(view.oldest_owed_at, now), dead, why)


def _left(until: datetime, now: datetime) -> str:
    return f"{max(0, int((until - now).total_seconds()))}s"


def _page(view: PageView, now: datetime) -> tuple[str | Value, ...]:
    tone: Tone = "good" if view.state == "ok" else "bad" if view.state == "paused" else "waiting"
    return (view.name, view.type, Value(view.state, tone), ago(view.looked_at, now), str(view.open), view.why or "")


def _cell(cell: Cell | None, now: datetime) -> Value:
    if cell is None or cell.state is CellState.ABSENT:
        return Value("–", "quiet")
    tone = _TONES[cell.state]
    if cell.state is CellState.OWED:
        return Value(f"owed {ago(cell.since, now)}" + (f": {cell.why}" if cell.why else ""), tone)
    if cell.state is CellState.FAILED:
        return Value(f"failed: {cell.why or 'no reason is known'}", tone)
    if cell.state is CellState.DRIFT:
        return Value(f"drift: {cell.why}", tone)
    return Value(str(cell.state).replace("_", " "), tone)


def _notes(overview: Overview) -> Iterator[tuple[str, Tone]]:
    for source in overview.sources:
        if source.silent:
            yield f"{source.name} is silent: nothing was heard for longer than its heartbeat", "waiting"
        if source.unasked:
            yield f"{source.name} cannot be asked itself (pull): {source.unasked}", "waiting"
    for view in overview.destinations:
        dropped = {name.partition("|")[2]: number for name, number in view.counts.items() if _DROPPED in name}
        if dropped:
            told = ", ".join(f"{number} {reason.replace('_', ' ')}" for reason, number in sorted(dropped.items()))
            yield f"metric points that {view.name} did not get: {told}", "waiting"
    for remedy in remedies(overview):
        commands = " or ".join(f"`{command}`" for command in remedy.commands)
        yield f"{remedy.text}: {commands}", "bad" if remedy.urgent else "waiting"
    if overview.unrouted:
        yield f"{overview.unrouted} firing alerts are taken by no route", "waiting"
    if overview.quarantined:
        yield f"{overview.quarantined} events are in quarantine", "bad"
