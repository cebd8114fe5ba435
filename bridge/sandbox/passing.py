"""The sandbox's time: that of a clock, or so much earlier or later, as after the load of an old dump."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.clock import Clock


class ShiftedClock:
    """A clock beside another one.

    Args:
        clock: that tells the time.

    Attributes:
        shift: what is added to it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.shift = timedelta()

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        return self._clock.now() + self.shift

    def go_on_from(self, moment: datetime) -> None:
        """Let it be this moment now."""
        self.shift = moment - self._clock.now()
