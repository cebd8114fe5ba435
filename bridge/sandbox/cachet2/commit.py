"""The end of every write: what the database keeps of the row, and the journal's entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sandbox.cachet2 import page
from bridge.sandbox.cachet2.call import Call
from bridge.sandbox.state import Event
from bridge.sandbox.table import Row

NAME_WIDTH = 191
"""Characters of a name column; MySQL cuts silently, and only a later read shows it."""


def commit(call: Call, kind: str, row: Row, event: Event, shape: Mapping[str, Any] | None) -> None:
    """Cut what the columns cannot hold, then journal the write (``shape``: the row as GET shows it)."""
    if isinstance(row.get("name"), str):
        row["name"] = row["name"][:NAME_WIDTH]
    call.context.record(kind, row["id"], event, shape, page.glimpse(call.world, call.settings))
