"""What every job needs: settings, store and clock, made once per process."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.clock import Clock
from bridge.config.settings import Settings
from bridge.store import Store


@dataclass(frozen=True, slots=True)
class Runtime:
    """The surroundings of a job."""

    settings: Settings
    store: Store
    clock: Clock

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> Runtime:
        """Connect to the store that the settings name.

        Raises:
            StoreDown: it does not answer.
        """
        store = Store.open(settings.store)
        return cls(settings, store, clock or store.clock)
