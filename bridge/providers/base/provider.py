"""What a provider must be able to do. The contract suite in ``bridge.testing`` says the same in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from bridge.model.actions import WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import Call, FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base.capabilities import Capabilities
from bridge.providers.base.reading import Identify


class Budget(Protocol):
    """The rate budget of one destination, shared by all processes."""

    def take(self, *, read: bool = False) -> float:
        """Take one call out of the budget.

        Args:
            read: the call changes nothing; some providers count such calls apart.

        Returns:
            0.0 when the call may be made now (and is counted); else the seconds to wait (and nothing is counted).
        """

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """The provider answered a call (``read`` as above) that we are to stay away for so many seconds."""


Observer = Callable[[Call], None]
"""Called once after every HTTP call, also after a failed one."""


class Unchanged(Exception):
    """A page says that nothing has changed since it was asked last."""


class Page(Protocol):
    """A status page that is read. Safe for use from several threads; no method sleeps.

    Failures are raised as :class:`bridge.errors.ProviderError`.
    """

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone."""

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind (changed since), page by page; incidents and maintenances newest first.

        Raises:
            Unchanged: only by pages that were told what is known already (``etags``).
        """

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what it has that canonical objects have no place for. Pure.

        Args:
            kind: of the row.
            seen: from ``look``, ``find`` or ``scan``.
            source: name of the source that it was read from.
            identify: gives the canonical ids of remote objects.
        """

    def close(self) -> None:
        """Release the connections."""


@runtime_checkable
class PointPage(Protocol):
    """A page that shows the points of a metric without those of all others."""

    def points(self, metric: str, since: datetime | None = None) -> Iterator[Seen]:
        """The points of one metric (its remote id), the newest first, back to a moment."""


@runtime_checkable
class RememberingPage(Protocol):
    """A page that remembers who unsubscribed from it."""

    def unsubscribed(self) -> Iterator[str]:
        """The addresses of those who did."""


class Provider(Page, Protocol):
    """One destination, spoken to in its provider's own way.

    Safe for use from several threads (each gets an HTTP session of its own). No method sleeps, retries a
    write, or keeps state between calls. Failures are raised as :class:`bridge.errors.ProviderError`.
    """

    capabilities: Capabilities

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in the provider's words, and what is lost on the way. Pure."""

    def perform(self, action: WritingAction) -> Receipt:
        """Make exactly one writing call."""

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """Objects that may be the one a lost call made, best first. Never a stranger's where a marker exists."""
