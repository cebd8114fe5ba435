"""The one table of severity words that all sources share."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.model.enums import Action, AlertSeverity

_BY_MEANING: Mapping[AlertSeverity | Action, str] = {
    AlertSeverity.CRITICAL: "critical crit emergency emerg disaster fatal page panic security p1 sev0 sev1 down",
    AlertSeverity.MAJOR: "major error err high alert p2 sev2",
    AlertSeverity.MINOR: "minor warning warn average medium moderate p3 sev3",
    AlertSeverity.INFO: "info informational information notice low debug trace p4 p5 sev4 sev5",
    Action.IGNORE: "none",
    Action.RESOLVE: "ok normal cleared clear up resolved",
}

WORDS: Mapping[str, AlertSeverity | Action] = {
    word: meaning for meaning, words in _BY_MEANING.items() for word in words.split()
}
"""Casefolded word → what it means: a severity, or an action where a source uses a severity word as a state."""


def meaning_of(word: str | None) -> AlertSeverity | Action | None:
    """What a severity word means; None when there is no word or the table does not know it."""
    return WORDS.get(word.strip().casefold()) if word else None
