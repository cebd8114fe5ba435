"""Sources whose alerts may stay open for ever, because their sender never says, or need not say, that they are over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.config.settings import Settings, SourceSettings
from bridge.sources import registry
from bridge.sources.base import traits_of
from bridge.sources.record import Record, Resolves

_WHY = {
    Resolves.NO: "cannot be relied on to tell that a problem is over, and there is no resolve_after",
    Resolves.BY_SET_UP: "tells that a problem is over only where it was set up to, and there is no resolve_after",
    Resolves.MOSTLY: "tells in most cases that a problem is over, not in all; where it does not, the alert stays open",
}
_PULL = "pull"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What may go wrong with one source although its settings are right.

    Attributes:
        source: its name in ``bridge.yaml``.
        why: what may happen.
        hint: what to do about it.
        is_warning: whether it is likely; else it is worth a note.
    """

    source: str
    why: str
    hint: str
    is_warning: bool

    def __str__(self) -> str:
        level = "warning" if self.is_warning else "note"
        return f"{level}: sources.{self.source}: {self.why}\n    → {self.hint}"


def doubts_of(settings: Settings) -> Iterator[Doubt]:
    """A doubt for each source of which an alert may stay open until a person ends it."""
    for source in settings.sources.values():
        record = traits_of(registry.load(source.type)).record
        if record is not None and record.resolves in _WHY and not _ends_by_itself(source):
            yield _doubt(source, record)


def _ends_by_itself(source: SourceSettings) -> bool:
    """Whether silence or a look ends its alerts, or its deliveries are about no alerts at all."""
    return source.resolve_after is not None or source.page is not None or bool(source.options.get(_PULL))


def _doubt(source: SourceSettings, record: Record) -> Doubt:
    can_pull = _PULL in registry.options_schema(source.type)().fields
    settings = f"{f'{_PULL} or ' if can_pull else ''}resolve_after"
    hint = (
        f"set {settings} under sources.{source.name}, or end its incidents by hand; "
        f"'statusbridge sources show {source.type}' tells more"
    )
    why = f"{record.title} {_WHY[record.resolves]}"
    return Doubt(source.name, why, hint, is_warning=record.resolves is not Resolves.MOSTLY)
