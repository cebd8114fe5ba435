"""What a provider can and cannot do, as data: loaded from ``mappings/<provider>.yaml`` by ``base.mapping``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.model.enums import Kind, TextFormat, Visibility


class StatusKeeping(StrEnum):
    """Who keeps the status that an incident gives to a component."""

    STORED = "stored"
    """The component stores one status; nobody puts it back when the incident ends unless we write it."""
    OVERLAY = "overlay"
    """Live incidents lie over the component's base status and lift by themselves when they end."""


class UpdateNotice(StrEnum):
    """Whether posting an incident update writes to the subscribers."""

    CHOSEN = "chosen"
    """Every update carries a flag of its own."""
    FIXED = "fixed"
    """The flag given when the incident was created also governs its updates."""
    ALWAYS = "always"
    """Updates of public incidents are always sent."""
    UNKNOWN = "unknown"
    """There is no flag and no word about it: assume that mails are sent."""


class SecondPoint(StrEnum):
    """What becomes of a metric point at a time that has one already."""

    COUNTED = "counted"
    """An equal value makes the one that is there count once more and loses its own time; another one is added."""
    DROPPED = "dropped"
    """The one that is there counts once more, and the new value is lost."""
    REPLACES = "replaces"
    """The new value takes the place of the old one, so sending a point again is harmless."""


class KnownAddress(StrEnum):
    """What becomes of somebody who is subscribed once more."""

    KEPT = "kept"
    """Nothing: the answer is the one who is there."""
    REFUSED = "refused"
    """Nothing: the call is refused."""
    CHANGED = "changed"
    """Something, such as more components or another mail: so one must look before."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the engine must know of a provider to plan for it.

    Attributes:
        provider: name of the provider.
        kinds: what can be mirrored there.
        can_hide_incidents: an incident can be kept from the public.
        can_delete_incidents: an incident can be removed for good.
        carries_marker: incidents carry our id, so that a lost call is found again without guessing.
        carries_component_status: whether component statuses are stored or laid over.
        append_spacing: seconds that must pass between two incident updates of one incident.
        time_precision: seconds to which the provider keeps times.
        text_format: the language its messages are written in.
        update_notice: whether an incident update notifies the subscribers.
        can_hide_components: a component can be kept from the public.
        follows_clock: the status of a maintenance follows its two times; it cannot be said.
        needs_end: a maintenance without an end is given one, and is over then.
        groups_begin_with_component: a group can be made only together with a component that is there already.
        only_read: further kinds, which can be read and not written.
        only_written: those of ``kinds`` that cannot be read.
        known_address: what becomes of an address that is subscribed once more.
        asks_anyway: where confirmed subscribers are asked for confirmation all the same, in words.
    """

    provider: str
    kinds: frozenset[Kind]
    can_hide_incidents: bool
    can_delete_incidents: bool
    carries_marker: bool
    carries_component_status: StatusKeeping
    append_spacing: float
    time_precision: int
    text_format: TextFormat
    update_notice: UpdateNotice
    can_hide_components: bool = False
    groups_begin_with_component: bool = False
    follows_clock: bool = False
    needs_end: bool = False
    only_read: frozenset[Kind] = frozenset()
    only_written: frozenset[Kind] = frozenset()
    known_address: KnownAddress = KnownAddress.CHANGED
    asks_anyway: str | None = None

    @property
    def readable(self) -> frozenset[Kind]:
        """What can be read there."""
        return (self.kinds | self.only_read) - self.only_written

    def may_show(self, visibility: Visibility) -> bool:
        """Whether an incident may go there: hidden content never goes where nothing can be hidden."""
        return self.can_hide_incidents or visibility is Visibility.PUBLIC

    def floor(self, moment: datetime) -> datetime:
        """The moment as the provider keeps it."""
        second = moment.second - moment.second % min(self.time_precision, 60)
        return moment.replace(second=second, microsecond=0)
