"""What the contract suite of a provider plays on: a sandbox over HTTP, a provider that speaks to it, a small engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.config.settings import DestinationSettings
from bridge.model.actions import Append, Create, Nothing, Reason
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Publication, Severity, Visibility
from bridge.model.facts import Call, Echo, Link, LinkState, ObjectKey, Refs, Seen, Wanted
from bridge.model.objects import CanonicalObject, Incident, IncidentUpdate, Text
from bridge.providers import registry
from bridge.providers.base.provider import Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.secret import Secret
from bridge.sync.plan import plan

START = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
TOKEN = "stage|5ecret-k3y/with+signs"  # noqa: S105 - the sandbox's
SEEDED = {"api": "Public API", "web": "Website", "dashboard": "Dashboard", "jobs": "Background jobs"}
"""Canonical id → name of the components that every sandbox begins with."""


class Ticking:
    """A clock that goes on by a second whenever it is read, so that nothing happens at the same time as anything."""

    def __init__(self, start: datetime = START + timedelta(hours=1)) -> None:
        self._now = start

    def now(self) -> datetime:
        """A second after the last time."""
        self._now += timedelta(seconds=1)
        return self._now


@dataclass
class CountingBudget:
    """A budget that notes what it is asked. ``wait`` above 0 says that nothing may be sent."""

    wait: float = 0.0
    taken: int = 0
    penalties: list[float] = field(default_factory=list)

    def take(self, *, read: bool = False) -> float:
        """Nothing to wait for, unless the test says so."""
        self.taken += 1
        return self.wait

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        """Note what the provider told."""
        self.penalties.append(seconds)


@dataclass
class Stage:
    """One provider before one sandbox.

    Attributes:
        name: of the provider.
        path: below the sandbox's address, as it would stand in ``url``.
        options: the provider's own settings.
        calls: every call that was observed.
    """

    name: str
    path: str
    options: Mapping[str, Any]
    sandbox: Sandbox
    server: Server
    budget: CountingBudget = field(default_factory=CountingBudget)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = self.make()

    def make(self, token: str = TOKEN, **changes: Any) -> Provider:
        """Another provider for the same page."""
        url, budget = changes.pop("url", self.server.url + self.path), changes.pop("budget", self.budget)
        settings = DestinationSettings("page", self.name, Secret(token), url, options=dict(self.options), **changes)
        return registry.make(settings, budget, self.calls.append)

    def fault(self, kind: Any, **details: Any) -> None:
        """Arm a fault for this provider."""
        self.sandbox.faults.add(Fault(kind, provider=self.name, **details))

    def refs(self, **statuses: ComponentStatus) -> Refs:
        """The seeded components; all operational unless said otherwise."""
        found = {seen.name: seen.remote_id for seen in self.provider.scan(Kind.COMPONENT)}
        return Refs(
            remote={str(ObjectKey(Kind.COMPONENT, name)): found[shown] for name, shown in SEEDED.items()},
            statuses={**dict.fromkeys(SEEDED, ComponentStatus.OPERATIONAL), **statuses},
        )

    def settle(self, obj: CanonicalObject, refs: Refs, link: Link | None = None) -> tuple[Link, list[str]]:
        """What the engine does when nothing goes wrong: plan, perform, note; until nothing is owed.

        Returns:
            The link, and the names of the actions that were performed.
        """
        wanted, _ = self.provider.translate(obj, refs)
        link, key = link or Link(), ObjectKey(obj.kind, obj.id)
        done: list[str] = []
        while not isinstance(action := plan(key, wanted, link)[0], Nothing):
            assert len(done) < 50, f"the plan for {key} has no end: {done}"
            receipt = self.provider.perform(action)  # type: ignore[arg-type]
            done.append(action.name)
            appended = {**link.appended, **receipt.appended}
            echo: Echo = {**link.echo, **wanted.echo}
            if isinstance(action, Create):
                echo = wanted.creates
                if action.opening:
                    appended.setdefault(action.opening, "")
            elif isinstance(action, Append):
                echo = {**link.echo, **action.append.settles}
                appended.setdefault(action.append.id, "")
            link = replace(link, state=LinkState.LINKED, remote_id=receipt.remote_id, echo=echo, appended=appended)
        return link, done

    def seen(self, kind: Kind, remote_id: str | None) -> Seen:
        """The remote object, which must be there."""
        found = self.provider.look(kind, str(remote_id))
        assert found is not None, f"{kind} {remote_id} is not there"
        return found


def creation(obj: CanonicalObject, wanted: Wanted) -> Create:
    """The creating action for a wish."""
    key = ObjectKey(obj.kind, obj.id)
    return Create(key, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST)


def assert_shows(seen: Seen, echo: Echo) -> None:
    """The provider answers what was wanted, in every field that was; and both survive being stored."""
    assert {name: seen.echo.get(name) for name in echo} == dict(echo)
    assert json.loads(json.dumps(dict(seen.echo))) == dict(seen.echo)
    assert json.loads(json.dumps(dict(echo))) == dict(echo)


def update(identity: str, text: str, status: IncidentStatus | None = None) -> IncidentUpdate:
    """One incident update."""
    return IncidentUpdate(identity, Text(text), START, status)


OPENING = update("upd_1", "We are looking into it.", IncidentStatus.INVESTIGATING)
IDENTIFIED = update("upd_2", "We **know** why, see [status](https://example.com/s).", IncidentStatus.IDENTIFIED)
MONITORING = update("upd_3", "A fix is out.\n\nWe watch it.", IncidentStatus.MONITORING)
RESOLVED = update("upd_4", "It is over.", IncidentStatus.RESOLVED)


def incident(*updates: IncidentUpdate, **changes: Any) -> Incident:
    """A public incident with these updates; its status is that of the last one."""
    told = updates or (OPENING,)
    made = Incident(
        id="inc_0h6x2k9vw8c3m1p4q7r2",
        title="Problems with Public API",
        status=told[-1].status if isinstance(told[-1].status, IncidentStatus) else IncidentStatus.INVESTIGATING,
        impact=Severity.MAJOR,
        components={"api": ComponentStatus.PARTIAL_OUTAGE, "web": ComponentStatus.DEGRADED},
        updates=told,
        started_at=START,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        notify=False,
    )
    return replace(made, **changes)
