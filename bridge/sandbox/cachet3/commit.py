"""The end of every write: the journal's entry, and what is sent to webhooks."""

from __future__ import annotations

from bridge.sandbox.cachet3 import hooks, page
from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.cachet3.kinds import KINDS
from bridge.sandbox.state import Event
from bridge.sandbox.table import Row


def commit(call: Call, kind: str, row: Row, event: Event) -> None:
    """Journal one write with the attributes of the row and what a visitor sees after it."""
    call.__dict__.pop("impacts", None)  # computed before the write
    shape = None if event == "deleted" else KINDS[kind].shape(call, row)
    call.context.record(kind, row["id"], event, shape, page.glimpse(call.world, call.settings, call.now))
    hooks.fire(call, kind, row, event)
