"""The whole state of a sandbox as one JSON document, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import NUMBER, STAMP, Column, read_columns

if TYPE_CHECKING:
    from bridge.sandbox.app import Sandbox

FORMAT = "statusbridge sandbox state"
VERSION = 1
"""Of the document; a sandbox reads this one only."""

Document = dict[str, Any]
_COLUMNS: dict[str, Column] = {
    "format": Column(), "version": Column(), "at": STAMP, "shift_seconds": NUMBER,
    "faults": Column(optional=True), "moved_lists": Column(optional=True), "providers": Column(),
}  # fmt: skip


def write(sandbox: Sandbox, providers: Collection[str] | None = None) -> Document:
    """Everything that a sandbox keeps, at one moment.

    Not in it: the token, listeners of Cachet 3 (each has a secret), what is on its way to listeners, journal, call log.

    Args:
        sandbox: whose state.
        providers: only these; then armed faults are left out, too.
    """
    wanted = {name: plugin for name, plugin in sandbox.plugins.items() if providers is None or name in providers}
    with sandbox.held():
        saved = {name: plugin.save() for name, plugin in wanted.items()}
        return {
            "format": FORMAT,
            "version": VERSION,
            "at": STAMP.write(sandbox.time.now()),
            "shift_seconds": sandbox.time.shift.total_seconds(),
            "faults": sandbox.faults.save() if providers is None else None,
            "moved_lists": sandbox.gate.slips.save() if providers is None else None,
            "providers": saved,
        }


def prepare(sandbox: Sandbox, document: Any, *, resume: bool) -> Callable[[], None]:
    """Check a document; what is given back puts it in place.

    Args:
        sandbox: that is to go on from it. Providers that the document does not name keep what they have.
        document: what ``write`` gave.
        resume: whether the sandbox's clock goes on from the moment of the dump.

    Raises:
        BrokenDump: it cannot be loaded; nothing has changed.
    """
    head = check_head(document)
    if unknown := [name for name in head["providers"] if name not in sandbox.plugins]:
        raise BrokenDump(f"providers.{unknown[0]}", f"is not known; known are {', '.join(sandbox.plugins)}")
    steps = [sandbox.plugins[name].prepare(saved, f"providers.{name}") for name, saved in head["providers"].items()]
    if head["faults"] is not None:
        steps.append(sandbox.faults.prepare(head["faults"], "faults"))
    if head["moved_lists"] is not None:
        steps.append(sandbox.gate.slips.prepare(head["moved_lists"], "moved_lists"))

    def apply() -> None:
        if resume:
            sandbox.time.go_on_from(head["at"])
        else:
            sandbox.time.shift = timedelta(seconds=head["shift_seconds"])
        for step in steps:
            step()

    return apply


def check_head(document: Any) -> dict[str, Any]:
    """The parts of a document, its providers not yet read.

    Raises:
        BrokenDump: it is no dump, or one of another version.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise BrokenDump("", f'this is no dump of a sandbox: its "format" is not "{FORMAT}"')
    if document.get("version") != VERSION:
        found = document.get("version")
        raise BrokenDump("version", f"this dump has version {found!r}, this statusbridge reads version {VERSION}")
    head = read_columns(_COLUMNS, dict(document), "dump")
    if not isinstance(head["providers"], dict):
        raise BrokenDump("providers", "must be an object")
    return head


def to_text(document: Document) -> str:
    """A document as text: keys in their order, ASCII only, for texts may hold half of a surrogate pair."""
    return json.dumps(document, indent=1) + "\n"


def from_text(text: str | bytes) -> Any:
    """The document in a text; raises BrokenDump when it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BrokenDump("", f"this is not JSON: {problem}") from problem


def counts(document: Document) -> dict[str, dict[str, int]]:
    """How many objects of each kind a dump holds, by provider."""
    return {
        name: {kind: len(part["rows"]) for kind, part in saved["objects"].items()}
        for name, saved in document["providers"].items()
    }
