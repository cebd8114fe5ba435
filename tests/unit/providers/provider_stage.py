"""Objects, a budget and a small engine for tests of single providers."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bridge.config.settings import DestinationSettings
from bridge.model.actions import Append, Create, Nothing
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Publication, Severity, Visibility
from bridge.model.facts import Call, Link, LinkState, ObjectKey, Refs
from bridge.model.objects import CanonicalObject, Incident, IncidentUpdate, Text
from bridge.providers import registry
from bridge.providers.base.provider import Provider
from bridge.sandbox.server import Server
from bridge.secret import Secret
from bridge.sync.plan import plan

START = datetime(2024, 5, 6, 7, 30, 33, 250_000, tzinfo=UTC)
MOUNTS = {"cachet2": "/cachet2", "pingpong": "/pingpong/rest/v1"}


class Plenty:
    """A budget that never runs out."""

    def take(self, *, read: bool = False) -> float:
        return 0.0

    def penalise(self, seconds: float, *, read: bool = False) -> None:
        pass


def provider_of(name: str, server: Server, calls: list[Call] | None = None, **options: Any) -> Provider:
    settings = DestinationSettings("page", name, Secret("sandbox"), server.url + MOUNTS[name], options=options)
    return registry.make(settings, Plenty(), (calls if calls is not None else []).append)


def update(name: str, text: str = "Words.", status: IncidentStatus | None = None) -> IncidentUpdate:
    return IncidentUpdate(name, Text(text), START, status)


def incident(*updates: IncidentUpdate, **changes: Any) -> Incident:
    made = Incident(
        id="inc_1",
        title="Problems with Public API",
        status=IncidentStatus.INVESTIGATING,
        impact=Severity.MAJOR,
        components={"api": ComponentStatus.MAJOR_OUTAGE},
        updates=updates or (update("upd_1", status=IncidentStatus.INVESTIGATING),),
        started_at=START,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        notify=True,
    )
    return replace(made, **changes)


def refs_of(**components: tuple[str, ComponentStatus]) -> Refs:
    return Refs(
        {str(ObjectKey(Kind.COMPONENT, name)): remote for name, (remote, _) in components.items()},
        {name: status for name, (_, status) in components.items()},
    )


def bring_up_to_date(
    provider: Provider, obj: CanonicalObject, refs: Refs, link: Link | None = None
) -> tuple[Link, list[str]]:
    """What the engine does for one object when nothing goes wrong: plan, perform, note; until nothing is owed."""
    wanted, _ = provider.translate(obj, refs)
    link, key, done = link or Link(), ObjectKey(obj.kind, obj.id), []
    while not isinstance(action := plan(key, wanted, link)[0], Nothing):
        if isinstance(action, Append) and done:
            time.sleep(min(provider.capabilities.append_spacing, 1.0))
        receipt = provider.perform(action)
        done.append(action.name)
        appended = {**link.appended, **receipt.appended}
        if isinstance(action, Create):
            echo = dict(wanted.creates)
            appended |= {action.opening: ""} if action.opening else {}
        else:
            echo = {**link.echo, **(action.append.settles if isinstance(action, Append) else wanted.echo)}
        link = replace(link, state=LinkState.LINKED, remote_id=receipt.remote_id, echo=echo, appended=appended)
    return link, done
