"""PingPong read over HTTP: base status and shown status kept apart, with few calls."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from provider_stage import bring_up_to_date, incident, provider_of, update

from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    Severity,
    TextFormat,
    Visibility,
)
from bridge.model.facts import Call, Link, ObjectKey, Refs
from bridge.model.objects import Component, Incident, Maintenance, Text
from bridge.providers.base.provider import Provider
from bridge.sandbox.server import Server


def identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return f"{kind}-{remote_id}"


def read_components(provider: Provider) -> dict[str, Component]:
    read = (provider.read(Kind.COMPONENT, seen, "page", identify)[0] for seen in provider.scan(Kind.COMPONENT))
    return {obj.name: obj for obj in read if isinstance(obj, Component)}


def refs_of_page(provider: Provider) -> Refs:
    seen = next(seen for seen in provider.scan(Kind.COMPONENT) if seen.name == "Public API")
    return Refs({str(ObjectKey(Kind.COMPONENT, "api")): seen.remote_id})


def test_a_live_incident_hides_the_status_of_its_component_and_of_no_other(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    before = read_components(provider)
    link, _ = bring_up_to_date(provider, incident(), refs_of_page(provider))
    during = read_components(provider)
    api = during.pop("Public API")
    assert (api.status, api.effective_status) == (ComponentStatus.UNKNOWN, ComponentStatus.MAJOR_OUTAGE)
    assert all(obj == before[name] for name, obj in during.items())
    over = incident(update("a"), update("b", status=IncidentStatus.RESOLVED), status=IncidentStatus.RESOLVED)
    bring_up_to_date(provider, over, refs_of_page(provider), link)
    assert read_components(provider) == before


def test_maintenance_in_progress_hides_it_too(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    now = datetime.now().astimezone()
    work = Maintenance(
        id="mnt_1",
        title="New disks",
        status=MaintenanceStatus.IN_PROGRESS,
        message=Text("We change disks."),
        components=("api",),
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
        visibility=Visibility.PUBLIC,
        notify=False,
    )
    link, _ = bring_up_to_date(provider, work, refs_of_page(provider))
    seen = provider.look(Kind.MAINTENANCE, str(link.remote_id))
    assert seen is not None
    read, losses = provider.read(Kind.MAINTENANCE, seen, "page", identify)
    assert isinstance(read, Maintenance)
    assert (read.status, read.ends_at) == (MaintenanceStatus.IN_PROGRESS, work.ends_at.replace(microsecond=0))  # type: ignore[union-attr]
    assert losses == ()
    api = read_components(provider)["Public API"]
    assert (api.status, api.effective_status) == (ComponentStatus.UNKNOWN, ComponentStatus.MAINTENANCE)


def test_all_components_are_read_in_two_calls_and_all_incidents_in_one(sandbox_server: Server) -> None:
    calls: list[Call] = []
    provider = provider_of("pingpong", sandbox_server, calls)
    refs = refs_of_page(provider)
    for number in range(3):
        bring_up_to_date(provider, incident(id=f"inc_{number}", title=f"Trouble {number}"), refs, Link())
    calls.clear()
    read_components(provider)
    assert [call.path.rpartition("/")[2] for call in calls] == ["live", "components"]
    calls.clear()
    assert len(list(provider.scan(Kind.INCIDENT))) == 3
    assert len(calls) == 1


def test_an_incident_comes_with_all_its_updates_in_order(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    told = (
        update("a", "One."),
        update("b", "Two **bold**.", IncidentStatus.IDENTIFIED),
        update("c", "Three.", IncidentStatus.MONITORING),
    )
    story = incident(*told, status=IncidentStatus.MONITORING)
    link, _ = bring_up_to_date(provider, story, refs_of_page(provider))
    seen = provider.look(Kind.INCIDENT, str(link.remote_id))
    assert seen is not None
    obj, _ = provider.read(Kind.INCIDENT, seen, "page", identify)
    assert isinstance(obj, Incident)
    assert [(item.message.source, item.message.format, item.status) for item in obj.updates] == [
        ("<div>One.</div>", TextFormat.HTML, IncidentStatus.REPORTED),
        ("<div>Two <b>bold</b>.</div>", TextFormat.HTML, IncidentStatus.IDENTIFIED),
        ("<div>Three.</div>", TextFormat.HTML, IncidentStatus.MONITORING),
    ]
    assert len({item.id for item in obj.updates}) == 3
    assert (obj.impact, obj.notify, obj.visibility) == (Severity.CRITICAL, False, Visibility.PUBLIC)


def test_updates_and_points_are_not_read_alone(sandbox_server: Server) -> None:
    provider = provider_of("pingpong", sandbox_server)
    for kind, why in ((Kind.INCIDENT_UPDATE, "inside of its incident"), (Kind.METRIC_POINT, "never shows them")):
        with pytest.raises(Refused, match=why):
            list(provider.scan(kind))
