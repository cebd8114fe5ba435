"""The whole story of one object, put together for people: what came in, what was decided, what was called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.model.enums import Action, AlertSeverity
from bridge.model.facts import Call
from bridge.model.loss import Losses
from bridge.model.state import Decision


@dataclass(frozen=True, slots=True)
class EventTold:
    """One event of a delivery; without labels and texts, which may be nobody else's business."""

    key: str
    action: Action
    title: str = ""
    severity: AlertSeverity | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryTold:
    """One delivery that concerned the object.

    Attributes:
        at: when it was received; where it is not kept any more, when it was first acted upon.
        kept: whether its events are still kept.
        events: those about the object.
        others: how many events it had beside these.
    """

    id: str
    source: str
    at: datetime
    kept: bool = True
    events: tuple[EventTold, ...] = ()
    others: int = 0


@dataclass(frozen=True, slots=True)
class CallTold:
    """One call.

    Attributes:
        attempt: 1, and one more for every time that the same call had to be made again after a failure.
    """

    destination: str
    call: Call
    attempt: int = 1

    @property
    def at(self) -> datetime:
        """When it was made."""
        return self.call.at


Told = DeliveryTold | Decision | CallTold
"""One entry of the story."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the object stands on one destination now.

    Attributes:
        state: ``in_sync``, ``owed``, ``failed``, ``held``, ``drift``, ``gone`` or ``absent``.
        why: reason of any other state than in sync, in words.
        since: when it fell behind, was refused or was last brought up to date.
        failures: calls in a row that ended in a failure of the destination.
        losses: what the destination cannot express.
    """

    destination: str
    state: str
    why: str | None = None
    since: datetime | None = None
    remote_id: str | None = None
    failures: int = 0
    losses: Losses = ()


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Everything about one object.

    Attributes:
        publication: of an incident that policy made.
        origin: name of the page that it was taken over from.
        told: in order of time.
        standings: one for each destination that it concerns.
        is_cut: older entries were not kept.
    """

    id: str
    kind: str
    title: str
    status: str
    publication: str | None = None
    origin: str | None = None
    started_at: datetime | None = None
    told: tuple[Told, ...] = ()
    standings: tuple[Standing, ...] = ()
    is_cut: bool = False
