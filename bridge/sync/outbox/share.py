"""Bulk work keeps to its share of the rate: whoever calls is asked whether it is bulk work."""

from __future__ import annotations

from bridge.store.budget import Budget
from bridge.sync.outbox.slots import Slots


class SharedBudget:
    """A destination's budget as the threads of a slice use it, each for what it works on.

    Args:
        budget: of the destination.
        slots: know for whom each thread calls.
    """

    def __init__(self, budget: Budget, slots: Slots) -> None:
        self._budget = budget
        self._slots = slots

    def take(self, *, read: bool = False) -> float:
        """Take one call; returns 0.0 when it may be made now, else the seconds to wait."""
        return self._budget.take(read=read, bulk=self._slots.is_bulk())

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Stay away for so many seconds, because the provider said so."""
        self._budget.penalise(seconds, read=read)
