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
from bridge.model.actions import Append, Create, Nothing, Reason, Remove, Update
from bridge.model.enums import (
    Action,
    AlertSeverity,
    ComponentStatus,
    IncidentStatus,
    Kind,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.events import Delivery, Event, Parsed
from bridge.model.facts import Link, LinkState, ObjectKey, Refs, Seen, Wanted
from bridge.model.objects import CanonicalObject, Component, Incident, IncidentUpdate, Maintenance, Text
from bridge.model.state import Changes
from bridge.policy.rules import ComponentInfo, Match, Route, Rules
from bridge.providers import registry
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.sandbox.state import PublicPage, ShownIncident
from bridge.secret import Secret
from bridge.store import Store
from bridge.sync.drift.audit import audit
from bridge.sync.inbox.ingest import ingest
from bridge.sync.inbox.pull import pull, pulled
from bridge.sync.outbox.mirror import mirror
from bridge.sync.owed import marks_of
from bridge.sync.pages.poll import poll
from bridge.sync.plan import plan
from bridge.sync.runtime import Runtime
from bridge.sync.sweep import sweep

PROVIDERS = ("cachet2", "cachet3", "statuspage", "pingpong")
TARGETS = (*PROVIDERS, "cachet2-2.3")
"""The providers, and the old dialect of one of them."""
PATHS = {
    "cachet2": "/cachet2/api/v1",
    "cachet3": "/cachet3/api",
    "statuspage": "/statuspage/v1",
    "pingpong": "/pingpong/rest/v1",
}
OPTIONS = {"statuspage": {"page_id": "sandboxpage1"}}
FINE = ComponentStatus.OPERATIONAL
START = datetime(2036, 11, 21, 12, 0, 0, tzinfo=UTC)
"""Far ahead: what a command marks by the real clock is due by the test's clock, whenever the tests run."""


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
                audit(self.runtime, name)
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


class Unlimited:
    """A person has no rate budget."""

    def take(self, *, read: bool = False) -> float:
        return 0.0

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        raise AssertionError(f"the page asked to stay away for {seconds} s")


@dataclass
class Person:
    """Somebody who works on a page by its API, with no statusbridge."""

    settings: DestinationSettings
    links: dict[str, Link] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.provider = registry.make(self.settings, Unlimited(), lambda call: None)
        rows = {seen.name: seen.remote_id for seen in self.provider.scan(Kind.COMPONENT)}
        self.remote = {
            str(ObjectKey(Kind.COMPONENT, name)): rows[shown]
            for name, shown in {"api": "Public API", "web": "Website"}.items()
        }

    def writes(self, obj: CanonicalObject, **statuses: ComponentStatus) -> None:
        """Bring the page to what the person wants it to show."""
        key = ObjectKey(obj.kind, obj.id)
        refs = Refs(self.remote, {"api": FINE, "web": FINE, **statuses})
        wanted, _ = self.provider.translate(obj, refs)
        link = self.links.get(str(key), Link())
        if obj.kind is Kind.COMPONENT:
            link = replace(link, remote_id=self.remote[str(key)], state=LinkState.LINKED)
        while not isinstance(action := plan(key, wanted, link)[0], Nothing):
            assert isinstance(action, Create | Append | Update)
            receipt = self.provider.perform(action)
            appended = {**link.appended, **receipt.appended}
            echo = dict(wanted.creates) if isinstance(action, Create) else {**link.echo, **wanted.echo}
            if isinstance(action, Create) and action.opening:
                appended.setdefault(action.opening, "")
            if isinstance(action, Append):
                echo = {**link.echo, **action.append.settles}
                appended.setdefault(action.append.id, "")
            link = replace(link, state=LinkState.LINKED, remote_id=receipt.remote_id, echo=echo, appended=appended)
        self.links[str(key)] = link

    def sets(self, component: str, status: ComponentStatus) -> None:
        """Set a component's status."""
        self.writes(Component(component, {"api": "Public API", "web": "Website"}[component], status))

    def deletes(self, kind: Kind, identity: str) -> None:
        """Delete an object by hand."""
        key = ObjectKey(kind, identity)
        self.provider.perform(Remove(key, str(self.links[str(key)].remote_id)))

    # --- what others wrote --------------------------------------------------------------------------------------

    def edits(self, obj: CanonicalObject, remote_id: str, *fields: str) -> None:
        """Make some fields of what somebody else wrote those of an object; fields by their name in the echo."""
        wanted = self._wanted(obj)
        names = [wanted.carrier(name) for name in fields]
        body = {name: wanted.update[name] for name in names}
        echo = {name: wanted.echo[name] for name in fields}
        self.provider.perform(Update(ObjectKey(obj.kind, obj.id), remote_id, body, echo, Reason.CHANGED))

    def posts(self, obj: Incident | Maintenance, remote_id: str) -> None:
        """Add the last update of an object to what somebody else wrote."""
        (*_, newest) = self._wanted(obj).appends
        self.provider.perform(Append(ObjectKey(obj.kind, obj.id), remote_id, newest))

    def removes(self, kind: Kind, remote_id: str) -> None:
        """Delete what somebody else wrote."""
        self.provider.perform(Remove(ObjectKey(kind, "theirs"), remote_id))

    def sees(self, kind: Kind, remote_id: str) -> Seen:
        """What stands there, in the words of the provider."""
        seen = self.provider.look(kind, remote_id)
        assert seen is not None
        return seen

    def _wanted(self, obj: CanonicalObject) -> Wanted:
        wanted, _ = self.provider.translate(obj, Refs(self.remote, {"api": FINE, "web": FINE}))
        return wanted


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
