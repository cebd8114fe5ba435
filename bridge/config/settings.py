"""The settings everything else receives. Nobody but ``config`` reads files or the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from bridge.config.schemes import Scheme
from bridge.model.pages import Original
from bridge.policy.rules import Rules
from bridge.secret import Secret


class AuthKind(StrEnum):
    """How a source proves who it is."""

    NONE = "none"
    BEARER = "bearer"
    BASIC = "basic"
    PATH = "path"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Authentication of one source. Several secrets are accepted at once, so that they can be rotated.

    Attributes:
        username: for ``basic``.
        scheme: for ``signature``: how the sender signs, or where it puts its secret.
    """

    kind: AuthKind
    secrets: tuple[Secret, ...] = ()
    username: str | None = None
    scheme: Scheme | None = None


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One entry of ``sources:``.

    Attributes:
        type: source type as ``bridge.sources.registry`` knows it, such as ``alertmanager``.
        options: the type's own settings, already checked by its schema.
        heartbeat: after how long without a delivery the source counts as silent; None never.
        page: name of the page that is looked at as soon as this source calls; its deliveries mean nothing else.
        resolve_after: how long after the last word about an alert it is taken to be over; None never.
        success_status: what is answered to an accepted delivery; None takes what the type says.
    """

    name: str
    type: str
    auth: AuthSettings
    options: Mapping[str, Any] = field(default_factory=dict)
    heartbeat: timedelta | None = None
    success_status: int | None = None
    resolve_after: timedelta | None = None
    page: str | None = None


class Edits(StrEnum):
    """What becomes of a field that somebody else changed on a destination after our last write."""

    RESPECT = "respect"
    REPAIR = "repair"


@dataclass(frozen=True, slots=True)
class EditSettings:
    """``edits:`` of a destination, by the sort of the field.

    Attributes:
        text: titles and messages.
        status: phases of incidents and maintenances.
        component_status: statuses of components, where incidents carry them also theirs.
        details: everything else: impact, times, visibility, which components an object concerns.
    """

    text: Edits = Edits.RESPECT
    status: Edits = Edits.RESPECT
    component_status: Edits = Edits.REPAIR
    details: Edits = Edits.RESPECT


class Deleted(StrEnum):
    """What becomes of an incident that is going on and that somebody else deleted on a destination."""

    RECREATE = "recreate"
    RESPECT = "respect"


@dataclass(frozen=True, slots=True)
class DestinationSettings:
    """One entry of ``destinations:``.

    Attributes:
        type: the provider.
        url: base address of the API; None where the provider has one of its own.
        options: the provider's own settings (``page_id``, ``time_zone``, ``dialect`` …), already checked.
        connect_timeout: seconds.
        read_timeout: seconds.
        concurrency: calls for different objects that may run side by side.
        rate: calls and window in seconds, such as ``(60, 60.0)``; None takes the provider's own from ``mappings/``.
        bulk_share: part of the rate that bulk work may use: history, subscribers, what an audit found.
        settle_after: seconds after which a call with a lost answer is taken not to have happened, if nothing is found.
        edits: what becomes of fields that somebody else changed there.
        deleted: what becomes of incidents that somebody else deleted there.
        audit: how often what is there is compared with what should be; None never.
    """

    name: str
    type: str
    token: Secret
    url: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    connect_timeout: float = 3.05
    read_timeout: float = 20.0
    concurrency: int = 4
    rate: tuple[int, float] | None = None
    bulk_share: float = 0.7
    settle_after: float = 60.0
    edits: EditSettings = EditSettings()
    deleted: Deleted = Deleted.RECREATE
    audit: timedelta | None = timedelta(hours=1)


class History(StrEnum):
    """What a mirror takes over when it looks at its page for the first time."""

    OPEN = "open"
    ALL = "all"


class Deletions(StrEnum):
    """What a mirror does with the copies of something that was deleted on its page while it was still going on."""

    KEEP = "keep"
    RESOLVE = "resolve"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """A status page that is looked at: a page of ``sources:``, or a destination that is mirrored from.

    Attributes:
        reach: how the page is spoken to; its ``type`` is a provider or ``statuspage-public``.
        every: how often it is looked at.
    """

    name: str
    reach: DestinationSettings
    every: timedelta = timedelta(seconds=30)


class Conflicts(StrEnum):
    """Who wins when a field was changed on a copy, and elsewhere too, since both agreed last."""

    SOURCE = "source"
    """What stands on the original, or was taken from another copy before."""
    NEWEST = "newest"
    """What was seen last."""
    HOLD = "hold"
    """Nobody, until a person decides."""


@dataclass(frozen=True, slots=True)
class MirrorSettings:
    """One entry of ``mirrors:``: what happens on one page happens on others.

    Attributes:
        page: name of the page that is looked at.
        to: names of the destinations.
        components: name or remote id of a component on the page → our component; None pairs equal names.
        everything: also what concerns none of our components.
        create_components: components of the page that are none of ours become ours, and are made on the destinations.
        metrics: whether the points of the page's metrics go along to metrics of equal name; or name or remote id of a
            metric on the page → name or remote id on the destinations.
        create_metrics: such metrics are made on the destinations that lack them.
        history: what is taken over at first.
        deletions: what becomes of copies when their original was deleted.
        notify: whether subscribers are told of live changes; never of what was there at first.
        two_way: what people change on a copy goes to the original and to the other copies.
        conflicts: who wins when both sides have changed a field since they agreed last.
    """

    page: str
    to: tuple[str, ...]
    components: Mapping[str, str] | None = None
    everything: bool = False
    create_components: bool = False
    metrics: bool | Mapping[str, str] = False
    create_metrics: bool = False
    history: History = History.OPEN
    deletions: Deletions = Deletions.RESOLVE
    notify: bool = True
    two_way: bool = False
    conflicts: Conflicts = Conflicts.SOURCE


@dataclass(frozen=True, slots=True)
class ComponentSettings:
    """One entry of ``components:``, or a component that was taken over from a page.

    Attributes:
        on: maps a destination to the remote id or the remote name.
        original: what it is made after on a destination that has none of its name; None never makes it.
    """

    id: str
    name: str
    group: str | None = None
    description: str | None = None
    on: Mapping[str, str] = field(default_factory=dict)
    original: Original | None = None

    def may_be_made(self, destination: str) -> bool:
        """Whether it is to be made where it is missing: it goes by its own name there, and that was asked for."""
        return self.original is not None and self.on.get(destination) == self.name


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the state is kept.

    Attributes:
        url: of a server of one's own (``BRIDGE_REDIS_URL``); None starts an embedded one in ``state_dir``.
        retention: how long applied deliveries and closed alerts are kept.
        retained_deliveries: how many deliveries are kept per source at most.
        replicas: how many replicas must have a delivery before it is answered with success, and the intent of a call
            before it is made; 0 leaves both to the primary alone.
    """

    state_dir: Path
    url: Secret | None = None
    retention: timedelta = timedelta(days=7)
    retained_deliveries: int = 10_000
    replicas: int = 0


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the web process listens."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 3
    threads: int = 6
    max_body: int = 1_048_576


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How many RQ workers there are and how often the sweep looks, in seconds."""

    count: int = 5
    sweep_every: float = 0.5


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything bridge.yaml and the environment say."""

    sources: Mapping[str, SourceSettings]
    destinations: Mapping[str, DestinationSettings]
    components: Mapping[str, ComponentSettings]
    rules: Rules
    store: StoreSettings
    web: WebSettings = WebSettings()
    worker: WorkerSettings = WorkerSettings()
    pages: Mapping[str, PageSettings] = field(default_factory=dict)
    mirrors: tuple[MirrorSettings, ...] = ()
    path: Path | None = None

    def destinations_of(self, component: str) -> tuple[str, ...]:
        """The destinations that show a component."""
        known = self.components.get(component)
        return tuple(name for name in known.on if name in self.destinations) if known else ()

    def mirrors_of(self, page: str) -> tuple[MirrorSettings, ...]:
        """The mirrors that look at a page."""
        return tuple(mirror for mirror in self.mirrors if mirror.page == page)
