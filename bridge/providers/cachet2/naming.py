"""Names and titles that come through Cachet 2's cleaner whole."""

from __future__ import annotations

from bridge.providers.base.notes import Notes
from bridge.providers.cachet2.cleaner import safe_name


def bracketless(field: str, name: str, notes: Notes) -> str:
    """A title or name that the cleaner leaves alone; its angle brackets are replaced by look-alikes."""
    plain = notes.plain(field, name)
    safe = safe_name(plain)
    if "<" in plain or ">" in plain:
        notes.lose(field, plain, safe, "Cachet 2 takes angle brackets in names for HTML.")
    return safe
