"""What people and pipes read: tables and colours on a terminal, plain tab-separated lines elsewhere."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.text import Text

Tone = Literal["good", "waiting", "bad", "quiet", "plain"]

_COLOURS: dict[Tone, str] = {"good": "green", "waiting": "yellow", "bad": "bold red", "quiet": "dim", "plain": ""}
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Value:
    """A piece of text and how it is meant."""

    text: str
    tone: Tone = "plain"


Cells = Sequence[str | Value]


class Console:
    """Writes lines and tables in the way that suits a stream.

    Args:
        stream: where to; None takes stdout.
        terminal: whether a person looks at it; None asks the stream.
    """

    def __init__(self, stream: TextIO | None = None, *, terminal: bool | None = None) -> None:
        self._stream = stream or sys.stdout
        self.is_terminal = self._stream.isatty() if terminal is None else terminal

    def line(self, text: str, tone: Tone = "plain") -> None:
        """Write one line."""
        if self.is_terminal:
            self._rich().print(_text(Value(text, tone)))
        else:
            self._stream.write(f"{clean(text)}\n")

    def table(self, title: str, headers: Sequence[str], rows: Iterable[Cells]) -> None:
        """Write a table.

        Args:
            title: heading on a terminal, first column in a pipe, so that ``grep`` and ``cut`` can pick lines.
            headers: names of the columns, shown on a terminal only.
            rows: cells in the order of the headers.
        """
        if self.is_terminal:
            self._table(title, headers, list(rows))
            return
        for row in rows:
            self._stream.write("\t".join([title.lower(), *(clean(_value(cell).text) for cell in row)]) + "\n")

    def _table(self, title: str, headers: Sequence[str], rows: Sequence[Cells]) -> None:
        from rich.table import Table  # noqa: PLC0415 - rich is imported only when somebody looks

        table = Table(
            title=title, title_justify="left", title_style="bold", header_style="dim", pad_edge=False, box=None
        )
        for index, header in enumerate(headers):
            table.add_column(header, overflow="fold", no_wrap=index == 0)  # names and ids are there to be copied
        for row in rows:
            table.add_row(*(_text(_value(cell)) for cell in row))
        console = self._rich()
        console.print(table if rows else _text(Value(f"{title}: none", "quiet")))
        console.print()

    def _rich(self) -> RichConsole:
        from rich import console  # noqa: PLC0415 - rich is imported only when somebody looks

        return console.Console(
            file=self._stream,
            force_terminal=self.is_terminal,
            no_color=bool(os.environ.get("NO_COLOR")),
            highlight=False,
            emoji=False,
            markup=False,
        )


def clean(text: str) -> str:
    """The text on one line, without characters that steer a terminal: titles come from outside."""
    return "".join(" " if char in "\t\r\n" else char for char in text if char in "\t\r\n" or _is_shown(char))


def ago(moment: datetime | None, now: datetime) -> str:
    """``12s``, ``3m``, ``2h``, ``5d`` since a moment; a dash when there was none."""
    if moment is None:
        return "–"
    seconds = max(0, int((now - moment).total_seconds()))
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _is_shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _value(cell: str | Value) -> Value:
    return cell if isinstance(cell, Value) else Value(cell)


def _text(value: Value) -> Text:
    from rich import text  # noqa: PLC0415 - rich is imported only when somebody looks

    return text.Text(clean(value.text), style=_COLOURS[value.tone])
