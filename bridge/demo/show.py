"""The demo on the screen: a live table on a terminal, plain lines in a pipe."""

from __future__ import annotations

from typing import Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table

from bridge.demo.place import PROVIDERS, Place
from bridge.demo.tour import Progress, Reached


class Screen(Protocol):
    """Shows progress while a context lasts."""

    def __enter__(self) -> Screen: ...

    def __exit__(self, *exc: object) -> None: ...

    def show(self, progress: Progress) -> None:
        """Show one step as it stands."""


def screen_for(stream: TextIO) -> Screen:
    """A live table where the stream is a terminal, lines where it is not."""
    console = Console(file=stream, highlight=False)
    return LiveTable(console) if console.is_terminal else Lines(stream)


class Lines:
    """One line for each thing that is reached; nothing is ever drawn over."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._said: set[tuple[int, str]] = set()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def show(self, progress: Progress) -> None:
        """Print what is new."""
        if progress.accepted is None:
            return
        self._once(progress.number, "", f"{progress.number}. {progress.step.title}: 202 after {progress.accepted} ms")
        for provider, reached in progress.reached.items():
            self._once(progress.number, provider, f"   {PROVIDERS[provider]:<10}  {describe(reached)}")

    def _once(self, number: int, what: str, line: str) -> None:
        if (number, what) not in self._said:
            self._said.add((number, what))
            self._stream.write(line + "\n")
            self._stream.flush()


class LiveTable:
    """A table with a row for each step and a column for each page, drawn again with every progress."""

    def __init__(self, console: Console) -> None:
        self._progress: dict[int, Progress] = {}
        self._live = Live(self._table(), console=console, auto_refresh=False)

    def __enter__(self) -> LiveTable:
        self._live.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.__exit__(None, None, None)

    def show(self, progress: Progress) -> None:
        """Draw the table again."""
        self._progress[progress.number] = progress
        self._live.update(self._table(), refresh=True)

    def _table(self) -> Table:
        table = Table(title="A webhook becomes an incident on four pages", title_justify="left", expand=False)
        for column in ("Alertmanager says", "accepted", *PROVIDERS.values()):
            table.add_column(column, overflow="fold")
        for progress in self._progress.values():
            accepted = "…" if progress.accepted is None else f"202 · {progress.accepted} ms"
            cells = [_cell(progress.reached.get(provider)) for provider in PROVIDERS]
            table.add_row(f"{progress.number}. {progress.step.title}", accepted, *cells)
        return table


def _cell(reached: Reached | None) -> str:
    if reached is None:
        return "[dim]…[/]"
    if reached.after is None:
        return f"[dim]#{reached.remote_id}\nunchanged[/]"
    return f"[green]{reached.after} ms[/]\n{reached.word}\n[dim]#{reached.remote_id}, {_updates(reached)}[/]"


def describe(reached: Reached) -> str:
    """One page's share of a step in one line."""
    if reached.after is None:
        return f"incident {reached.remote_id} unchanged, nothing was written"
    return f"incident {reached.remote_id}, {_updates(reached)}, component {reached.word!r}, after {reached.after} ms"


def _updates(reached: Reached) -> str:
    return "1 update" if reached.updates == 1 else f"{reached.updates} updates"


def addresses(place: Place) -> str:
    """Where to look."""
    lines = [f"  {'Dashboard':<10}  {place.web}/"]
    lines += [f"  {name:<10}  {place.page(provider)}" for provider, name in PROVIDERS.items()]
    return "\n".join(lines)
