"""The state of the PingPong sandbox: one project, its objects, its ids."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from bridge.sandbox.pingpong.derive import effective_status, page_phrase
from bridge.sandbox.pingpong.http import detail
from bridge.sandbox.pingpong.objects import Component, CustomMetric, Group, Incident, Maintenance, Metric
from bridge.sandbox.pingpong.settings import PingPongSettings
from bridge.sandbox.state import Context, Event

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ID_LENGTH = 22
T = TypeVar("T")


def shorten(value: uuid.UUID) -> str:
    """A UUID in base 57, most significant digit first, always 22 characters."""
    number, digits = value.int, ""
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[rest] + digits
    return digits.rjust(_ID_LENGTH, _ALPHABET[0])


class World:
    """Everything that a reset throws away.

    Args:
        context: clock, lock, journal and seed from the core.
        settings: the switches, which survive.
        glimpse: the page's summary for the journal.

    Attributes:
        generator: draws the ids.
    """

    def __init__(
        self, context: Context, settings: PingPongSettings, glimpse: Callable[[World], Mapping[str, Any]]
    ) -> None:
        self.context = context
        self.settings = settings
        self._glimpse = glimpse
        self.generator = context.rng()
        self.groups: dict[str, Group] = {}
        self.components: dict[str, Component] = {}
        self.incidents: dict[str, Incident] = {}
        self.maintenances: dict[str, Maintenance] = {}
        self.metrics: dict[str, Metric] = {}
        self.custom_metrics: dict[str, CustomMetric] = {}

    def now(self) -> datetime:
        """The present to the second, which is all that PingPong shows."""
        return self.context.clock.now().replace(microsecond=0)

    def new_id(self) -> str:
        """A random UUID in 22 characters."""
        return shorten(uuid.UUID(int=self.generator.getrandbits(128), version=4))

    def find(self, table: Mapping[str, T], id: str, model: str) -> T:
        """An object, or the 404 in the words of the framework's version."""
        if id not in table:
            old = self.settings.framework == "3.12"
            raise detail(404, "Not found." if old else f"No {model} matches the given query.")
        return table[id]

    def effective(self, component: Component) -> str:
        """The status that is shown."""
        return effective_status(
            component,
            self.incidents.values(),
            self.maintenances.values(),
            self.context.clock.now(),
            maintenance_wins=self.settings.maintenance_wins,
        )

    def phrase(self) -> tuple[str, str]:
        """The page's phrase and colour."""
        shown = [self.effective(component) for component in self.components.values() if component.showcased]
        return page_phrase(shown, live_incidents=any(incident.live for incident in self.incidents.values()))

    def commit(self, kind: str, id: str, event: Event, row: Mapping[str, Any] | None) -> None:
        """Write one change to the journal."""
        self.context.record(kind, id, event, row, self._glimpse(self))

    def tell_subscribers(self, id: str, reason: str, about: str) -> None:
        """Note that the subscribers were mailed: a row of the journal, kind ``notification``.

        Args:
            id: the object that was told.
            reason: ``incident``, ``update`` or ``maintenance``.
            about: its title.
        """
        self.commit("notification", id, "created", {"reason": reason, "id": id, "title": about})
