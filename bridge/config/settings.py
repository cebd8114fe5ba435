"""The settings everything else receives. Nobody but ``config`` reads files or the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from bridge.config.schemes import Scheme
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
        success_status: what is answered to an accepted delivery; None takes what the type says.
    """

    name: str
    type: str
    auth: AuthSettings
    options: Mapping[str, Any] = field(default_factory=dict)
    heartbeat: timedelta | None = None
    success_status: int | None = None


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
        bulk_share: part of the rate that bulk work may use.
        settle_after: seconds after which a call with a lost answer is taken not to have happened, if nothing is found.
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


@dataclass(frozen=True, slots=True)
class ComponentSettings:
    """One entry of ``components:``; ``on`` maps a destination to the remote id or the remote name."""

    id: str
    name: str
    group: str | None = None
    description: str | None = None
    on: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where the state is kept.

    Attributes:
        url: of a server of one's own (``BRIDGE_REDIS_URL``); None starts an embedded one in ``state_dir``.
        retention: how long applied deliveries and closed alerts are kept.
        retained_deliveries: how many deliveries are kept per source at most.
    """

    state_dir: Path
    url: Secret | None = None
    retention: timedelta = timedelta(days=7)
    retained_deliveries: int = 10_000


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
    path: Path | None = None

    def destinations_of(self, component: str) -> tuple[str, ...]:
        """The destinations that show a component."""
        known = self.components.get(component)
        return tuple(name for name in known.on if name in self.destinations) if known else ()
