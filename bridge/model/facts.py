"""What the planner, the store and the providers exchange: keys, links, intents, wishes and sightings.

They live in the model because none of the three may import another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bridge.model.enums import ComponentStatus, Kind
from bridge.model.loss import Losses

Echo = Mapping[str, Any]
"""What a provider answers for an object: JSON-able, normalised, comparable with ``==``."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """Names one canonical object."""

    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> ObjectKey:
        """The inverse of ``str``."""
        kind, _, identity = text.partition(":")
        return cls(Kind(kind), identity)


@dataclass(frozen=True, slots=True)
class AppendWanted:
    """One incident update that a destination is to have.

    Attributes:
        id: canonical id of the update.
        body: what is sent.
        echo: how the provider will show the update (status and normalised text); used to find it again.
        settles: fields of the object's own ``echo`` that become true by this append (such as status or components).
        about: canonical id of an earlier update that this one says something about, such as its time; it is told to
            the provider by its remote id.
        side_effects: echo of *other* objects that this call changes at the provider, by ``str(ObjectKey)``.
    """

    id: str
    body: Mapping[str, Any]
    echo: Echo
    settles: Echo = field(default_factory=dict)
    about: str | None = None
    side_effects: Mapping[str, Echo] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindBy:
    """How to find an object again after a lost answer.

    Attributes:
        marker: our id as the provider carries it (metadata), None where it carries none.
        title: as the provider will show it.
        at: explicit start time that was sent, to the provider's precision.
        echo: further fields that must be equal.
    """

    marker: str | None = None
    title: str | None = None
    at: datetime | None = None
    echo: Echo = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One canonical object in one provider's words.

    Attributes:
        create: body of the creating call.
        update: full body of the changing call (never a difference: some PUTs reset what is missing).
        echo: what reading the object back will show once everything is written; only this is compared.
        opening: id of the incident update that the creating call carries as its message.
        appends: all further updates, in order.
        creates: the part of ``echo`` that is already true right after ``create`` (the rest needs appends or update).
        find: how to find the object again.
        side_effects: echo of *other* objects that the creating call changes at the provider, by ``str(ObjectKey)``
            (an incident that sets the status of its components).
        opened: that update, where it is listed among the others and can be compared with what is there.
        carriers: field of ``echo`` → the field of ``update`` that carries it, where the two are not called alike.
        followers: field of ``echo`` → the field that it follows: who sets that one sets this one as well.
    """

    create: Mapping[str, Any]
    update: Mapping[str, Any]
    echo: Echo
    find: FindBy
    creates: Echo = field(default_factory=dict)
    opening: str | None = None
    appends: tuple[AppendWanted, ...] = ()
    side_effects: Mapping[str, Echo] = field(default_factory=dict)
    opened: AppendWanted | None = None
    carriers: Mapping[str, str] = field(default_factory=dict)
    followers: Mapping[str, str] = field(default_factory=dict)

    def carrier(self, name: str) -> str:
        """The field of ``update`` that carries a field of ``echo``."""
        return self.carriers.get(name, name)


@dataclass(frozen=True, slots=True)
class SeenAppend:
    """One incident update as a provider shows it."""

    remote_id: str
    echo: Echo
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One object as a provider shows it.

    Attributes:
        remote_id: the provider's id, as text.
        echo: in the same shape as :attr:`Wanted.echo`.
        name: title or name, for matching by name.
        marker: our marker, if the object carries one.
        at: the object's start or creation time.
        appended: its updates, oldest first, without the opening message where the provider keeps that apart.
        raw: the answer as it came.
    """

    remote_id: str
    echo: Echo
    name: str = ""
    marker: str | None = None
    at: datetime | None = None
    appended: tuple[SeenAppend, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a successful write tells.

    Attributes:
        remote_id: the object's remote id.
        appended: canonical update id → remote update id, for updates that this call made.
    """

    remote_id: str
    appended: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refs:
    """What a translator needs to know of other objects.

    Attributes:
        remote: ``str(ObjectKey)`` → remote id, for every object on this destination that is linked.
        statuses: component id → the status the component is to show now (worst of everything open).
        left: ids of components whose status a person set there, and which no other object's call may overwrite.
        unattended: nobody will tell how the object goes on, so that the provider's own clock is to move it: it leaves
            its source for good.
    """

    remote: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, ComponentStatus] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    unattended: bool = False

    def remote_id(self, kind: Kind, identity: str) -> str | None:
        """The remote id of an object, None when it has no copy on this destination."""
        return self.remote.get(str(ObjectKey(kind, identity)))


class LinkState(StrEnum):
    """Where a link stands."""

    ABSENT = "absent"
    LINKED = "linked"
    DEAD = "dead"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was about to be made. Present in a stored link, its outcome is unknown until settled.

    Attributes:
        action: name of the action class: ``create``, ``update``, ``append``, ``remove``; of a metric also ``points``.
        at: when the call was about to start.
        append: canonical id of the update, for ``append``.
        echo: what the call would have made true (for ``append``: the update's echo; for ``points``: begin → value).
        settles: for ``append``: the fields of the object itself that it would have made true.
        find: how to find a created object again.
        touches: keys of other objects (as text) that the call changes as well; what they show is not known until then.
        until: when the call is taken not to have happened, if nothing is found by then; None leaves it to the
            destination's ``settle_after``.
    """

    action: str
    at: datetime
    touches: tuple[str, ...] = ()
    until: datetime | None = None
    append: str | None = None
    echo: Echo = field(default_factory=dict)
    settles: Echo = field(default_factory=dict)
    find: FindBy = field(default_factory=FindBy)


@dataclass(frozen=True, slots=True)
class Fed:
    """What a destination has of the points of one metric. Times are seconds since 1970.

    Attributes:
        until: every step that begins before is agreed, and not looked at any more.
        sent: by the begin of its step, the value of each later one that is agreed.
        due: when the earliest step that has points ends and may be sent; 0 when none waits.
        width: seconds of a step, as of the last points that were sent; 0 before.
        threshold: the remote metric's own, in minutes, where it has one.
        most: points that may go in one call; fewer after a call with several was refused.
        is_public: everybody sees the remote metric.
    """

    until: int = 0
    sent: Mapping[str, float] = field(default_factory=dict)
    due: int = 0
    width: int = 0
    threshold: int | None = None
    most: int = 0
    is_public: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """For one canonical object on one destination: the remote id, what was last written, what is unsettled.

    Attributes:
        echo: what the provider answers for the object after our last write.
        appended: canonical update id → remote update id ("" when the provider told none).
        intent: a write whose outcome is not known yet.
        adopted: True when the remote object existed before us; it is never removed without being asked to.
        revision: revision of the canonical object that was fully written.
        appended_at: when the last update was appended (some providers need a pause).
        error: why the object is a dead letter, in the provider's words; or how it came to be gone.
        refused: fingerprint of the wish that was refused; a different wish is tried again.
        verify_at: when to read the object back, because a late commit may still overwrite our last write.
        failures: consecutive calls for this object that ended in a 5xx or a time-out; spaces out the next ones.
        since: when the present state began.
        theirs: field of ``echo`` → what somebody else put there since; these fields are left alone.
        seen_at: when it was last known what all of the object's fields show.
        muted: revision up to which nobody is notified, because the object is made once more.
        fed: of a metric, which of its points are there.
    """

    state: LinkState = LinkState.ABSENT
    remote_id: str | None = None
    echo: Echo = field(default_factory=dict)
    appended: Mapping[str, str] = field(default_factory=dict)
    intent: Intent | None = None
    adopted: bool = False
    revision: int = 0
    appended_at: datetime | None = None
    error: str | None = None
    refused: str | None = None
    verify_at: datetime | None = None
    losses: Losses = ()
    failures: int = 0
    since: datetime | None = None
    theirs: Echo = field(default_factory=dict)
    seen_at: datetime | None = None
    muted: int = 0
    fed: Fed | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call to a destination, for the timeline. Holds no secret, no query, no body.

    Attributes:
        path: without host and query.
        status: HTTP status, None when no answer came.
        millis: duration in milliseconds.
        error: what went wrong, if anything did.
    """

    at: datetime
    method: str
    path: str
    status: int | None
    millis: float
    error: str | None = None
