"""A bridge in one process: real store, real sandbox over HTTP, jobs run by hand, time moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.config.settings import (
    AuthKind,
    AuthSettings,
    ComponentSettings,
    DestinationSettings,
    Settings,
    SourceSettings,
    StoreSettings,
)
from bridge.model.enums import (
    Action,
    AlertSeverity,
    ComponentStatus,
    IncidentStatus,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.events import Delivery, Event, Parsed
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.model.state import Changes
from bridge.policy.rules import ComponentInfo, Match, Route, Rules
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.sandbox.state import PublicPage, ShownIncident
from bridge.secret import Secret
from bridge.store import Store
from bridge.sync.ingest import ingest
from bridge.sync.mirror import mirror
from bridge.sync.owed import marks_of
from bridge.sync.poll import poll
from bridge.sync.pull import pull, pulled
from bridge.sync.runtime import Runtime
from bridge.sync.sweep import sweep

PROVIDERS = ("cachet2", "cachet3", "statuspage", "pingpong")
PATHS = {
    "cachet2": "/cachet2/api/v1",
    "cachet3": "/cachet3/api",
    "statuspage": "/statuspage/v1",
    "pingpong": "/pingpong/rest/v1",
}
OPTIONS = {"statuspage": {"page_id": "sandboxpage1"}}
START = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


class ManualClock:
    """Time that moves when told to."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@dataclass
class Bridge:
    """What a test drives."""

    runtime: Runtime
    sandbox: Sandbox
    clock: ManualClock
    store: Store
    revision: dict[str, int] = field(default_factory=dict)

    def run(self, seconds: float = 0.0, step: float = 1.0) -> None:
        """Let everything that is due happen, then move time on and do it again, for so many seconds."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while True:
            self.settle()
            if self.clock.now() >= end:
                return
            self.clock.advance(step)

    def settle(self) -> None:
        """Run jobs until none has anything to do at this moment."""
        for _ in range(50):
            for source in self.runtime.settings.sources:
                ingest(self.runtime, source)
            ingest(self.runtime, "_timers")
            for name in self.runtime.settings.pages:
                poll(self.runtime, name)
            for name in pulled(self.runtime.settings):
                pull(self.runtime, name)
            for name in self.runtime.settings.destinations:
                mirror(self.runtime, name)
            if not sweep(self.runtime):
                return

    def alert(self, key: str, action: Action = Action.TRIGGER, **fields: object) -> None:
        """One delivery with one event, from the source ``prom``."""
        facts: dict[str, object] = {
            "severity": AlertSeverity.CRITICAL,
            "title": f"{key} is down",
            "labels": {"service": "api"},
            "started_at": START,
        }
        event = Event(key, action, **{**facts, **fields})  # type: ignore[arg-type]
        number = self.store.counters().get("deliveries.accepted|prom", 0)
        self.store.accept(Delivery(f"dlv_{number}", "prom", self.clock.now(), b"{}"), Parsed((event,)))

    def commit(self, incident: Incident, **statuses: ComponentStatus) -> None:
        """Put an incident into the state as policy would."""
        changes = Changes(incidents=(incident,), components=statuses)
        state = self.store.state
        marks = marks_of(changes, self.runtime.settings, state.component_statuses())
        state.commit(state.snapshot([]), changes, marks, self.clock.now())

    def page(self, provider: str) -> PublicPage:
        """What a visitor sees."""
        return self.sandbox.plugins[provider].page()

    def status(self, provider: str, component: str = "Public API") -> str:
        """The tone in which a component is shown."""
        shown = {item.name: item.tone for group in self.page(provider).groups for item in group.components}
        return shown[component]

    def incidents(self, provider: str) -> list[ShownIncident]:
        """All incidents a visitor sees."""
        page = self.page(provider)
        return [*page.open_incidents, *page.past_incidents]

    def writes(self, provider: str) -> list[str]:
        """The writing calls that reached the provider."""
        calls = self.sandbox.calls.all(provider, None)
        return [f"{call.method} {call.path}" for call in calls if call.method not in ("GET", "HEAD", "OPTIONS")]

    def owed(self) -> int:
        """How much is owed to all destinations."""
        return sum(len(self.store.outbox.all(name)) for name in self.runtime.settings.destinations)


def make_bridge(store: Store, server: Server, sandbox: Sandbox, providers: tuple[str, ...]) -> Bridge:
    """A bridge whose destinations are the sandbox's providers, each called by its provider's name."""
    clock = sandbox.clock
    assert isinstance(clock, ManualClock)
    destinations = {
        name: DestinationSettings(
            name,
            name,
            Secret("sandbox"),
            url=server.url + PATHS[name],
            options=OPTIONS.get(name, {}),
            read_timeout=1.0,
            rate=(10_000, 1.0),
        )
        for name in providers
    }
    on = dict.fromkeys(providers, "Public API"), dict.fromkeys(providers, "Website")
    components = {
        "api": ComponentSettings("api", "Public API", on=on[0]),
        "web": ComponentSettings("web", "Website", on=on[1]),
    }
    route = Route("all", Match(), ("{{ labels.service }}",))
    settings = Settings(
        sources={"prom": SourceSettings("prom", "alertmanager", AuthSettings(AuthKind.NONE))},
        destinations=destinations,
        components=components,
        rules=Rules((route,), {name: ComponentInfo(name, item.name) for name, item in components.items()}),
        store=StoreSettings(Path("unused")),
    )
    return Bridge(Runtime(settings, store, clock), sandbox, clock, store)


def with_destination(bridge: Bridge, name: str, **fields: object) -> Bridge:
    """The same bridge with other settings of one destination."""
    settings = bridge.runtime.settings
    changed = replace(settings.destinations[name], **fields)  # type: ignore[arg-type]
    runtime = replace(bridge.runtime, settings=replace(settings, destinations={**settings.destinations, name: changed}))
    return replace(bridge, runtime=runtime)


def update(
    number: int, status: IncidentStatus = IncidentStatus.INVESTIGATING, text: str | None = None
) -> IncidentUpdate:
    """The nth update of an incident, a minute after the one before."""
    return IncidentUpdate(
        f"upd_{number}", Text(text or f"Step number {number}."), START + timedelta(minutes=number), status
    )


def incident(*updates: IncidentUpdate, identity: str = "inc_1", revision: int = 1, **fields: object) -> Incident:
    """An incident on the component ``api``."""
    steps = updates or (update(1),)
    status = steps[-1].status
    assert isinstance(status, IncidentStatus)
    over = status is IncidentStatus.RESOLVED
    facts: dict[str, object] = {
        "title": "Problems with Public API",
        "impact": Severity.CRITICAL,
        "components": {"api": ComponentStatus.OPERATIONAL if over else ComponentStatus.MAJOR_OUTAGE},
        "started_at": START,
        "visibility": Visibility.PUBLIC,
        "publication": Publication.PUBLISHED,
        "notify": True,
        "resolved_at": START + timedelta(hours=1) if over else None,
    }
    return Incident(id=identity, status=status, updates=steps, revision=revision, **{**facts, **fields})  # type: ignore[arg-type]
