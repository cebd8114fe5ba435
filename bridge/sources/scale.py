"""Severity scales that people name themselves: P1 to P5, SEV0 to SEV5, and whatever an account calls its priorities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.model.enums import AlertSeverity
from bridge.sources.batch import Notes, SourceOptions
from bridge.sources.fields import shown
from bridge.sources.severity import meaning_of
from bridge.sources.single import ObjectSource

_RANK = re.compile(r"(p|sev)(?:erity)?[ _-]?(\d)(?!\d)")
_HIGHEST = "p0"


class ScaleOptions(SourceOptions):
    """``severities``: the account's own names of its levels → severity."""

    severities = fields.Dict(keys=fields.String(), values=fields.Enum(AlertSeverity, by_value=True), load_default=dict)


class ScaleSource(ObjectSource):
    """Base of the incident hubs, where the account names its own levels."""

    options_schema: ClassVar[type[Schema]] = ScaleOptions

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        own: Mapping[str, AlertSeverity] = options.get("severities") or {}
        self._own = {name.strip().casefold(): severity for name, severity in own.items()}

    def level(self, name: str | None, notes: Notes) -> AlertSeverity | None:
        """The severity of a level by its name; None when there is none or nobody knows it, which is then noted."""
        if not name:
            return None
        severity = self._own.get(name.strip().casefold()) or rank_of(name)
        if severity is None:
            notes.warn(f"severity: unknown level {shown(name)}; add it to the setting “severities”.")
        return severity


def rank_of(name: str) -> AlertSeverity | None:
    """The severity of a common word, or of a rank at the beginning of a name: ``SEV-1 (critical)``, ``P2``."""
    meaning = meaning_of(name)
    if isinstance(meaning, AlertSeverity):
        return meaning
    rank = _RANK.match(name.strip().casefold())
    if rank is None:
        return None
    word = rank[1] + rank[2]
    found = AlertSeverity.CRITICAL if word == _HIGHEST else meaning_of(word)
    return found if isinstance(found, AlertSeverity) else None
