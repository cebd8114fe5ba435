"""What every job needs: settings, store and clock, made once per process."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.clock import Clock, SystemClock
from bridge.config.settings import Settings
from bridge.store import Store


@dataclass(frozen=True, slots=True)
class Runtime:
    """The surroundings of a job."""

    settings: Settings
    store: Store
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> Runtime:
        """Connect to the store that the settings name.

        Raises:
            StoreDown: it does not answer.
        """
        return cls(settings, Store.open(settings.store), clock or SystemClock())
