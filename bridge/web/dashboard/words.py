"""Times and states as a person would say them."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.model.chronicle import CallTold, Standing, Told
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.model.overview import Cell, CellState
from bridge.model.state import Decision

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))

SYMBOLS = {
    CellState.IN_SYNC: "✓",
    CellState.OWED: "…",
    CellState.FAILED: "✕",
    CellState.HELD: "‖",
    CellState.DRIFT: "≠",
    CellState.ABSENT: "–",
}
"""A sign beside the colour, for those who do not see the colour."""


MOST_EVENTS = 20
"""So many events of one delivery are shown; `statusbridge explain --json` tells all of them."""


def age(since: datetime | None, now: datetime) -> str:
    """How long ago, in the two largest units: ``12 s``, ``4 min``, ``2 h 5 min``, ``3 d 1 h``."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    for position, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            if unit == "min":
                return f"{whole} min"
            smaller, below = _UNITS[position + 1]
            part = rest // smaller
            return f"{whole} {unit} {part} {below}" if part else f"{whole} {unit}"
    return f"{seconds} s"


def cell_words(cell: Cell, now: datetime) -> str:
    """What a cell says: ``in sync``, ``owed for 12 s``, ``failed 4 min ago``, ``held``, ``drift``,
    ``not shown here``.
    """
    duration = age(cell.since, now)
    match cell.state:
        case CellState.IN_SYNC:
            return "in sync"
        case CellState.OWED:
            return f"owed for {duration}" if duration else "owed"
        case CellState.FAILED:
            return f"failed {duration} ago" if duration else "failed"
        case CellState.HELD:
            return (cell.why or "held").partition(":")[0]  # held, or rejected
        case CellState.DRIFT:
            return "drift"
        case CellState.ABSENT:
            return "not shown here"


def plain(word: str) -> str:
    """A word of the model without underscores."""
    return word.replace("_", " ")


def number(count: int, singular: str, plural: str | None = None) -> str:
    """``1 object``, ``2 objects``."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def moment(at: datetime) -> str:
    """A time in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def short(text: str, width: int = 300) -> str:
    """A text that comes from outside, not longer than a person would read in a list."""
    return text if len(text) <= width else f"{text[: width - 1]}…"


def endings(standing: Standing, key: ObjectKey) -> tuple[str, ...]:
    """The commands by which a person ends that an object is refused, left alone or held on a destination."""
    name, words = standing.destination, str(key)
    match standing.state:
        case "failed":
            verbs = ("retry", "edit", "discard") if key.kind is Kind.INCIDENT else ("retry", "discard")
            return tuple(f"statusbridge failed {verb} {name} {words}" for verb in verbs)
        case "drift" | "gone":
            return (f"statusbridge reclaim {name} {words}",)
        case "held" if not (standing.why or "").startswith("rejected"):
            return (f"statusbridge approve {key.id}", f"statusbridge reject {key.id}")
    return ()


def sort_of(entry: Told) -> str:
    """``delivery``, ``decision`` or ``call``."""
    if isinstance(entry, CallTold):
        return "call"
    return "decision" if isinstance(entry, Decision) else "delivery"
