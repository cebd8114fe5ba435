"""Pages that are read without a token: what Statuspage shows to everybody happens on the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.config.settings import DestinationSettings, MirrorSettings, PageSettings
from bridge.errors import ProviderError
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Severity, Visibility
from bridge.model.facts import Call
from bridge.model.objects import Component, Incident, Maintenance, Text
from bridge.pages import registry
from bridge.pages.statuspage_public import PublicPage
from bridge.providers.base.provider import Unchanged
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.lanes import POLL, Lane
from tests.engine.harness import OPTIONS, PATHS, START, Person, Unlimited, incident, make_bridge, update
from tests.engine.little_web import LittleWeb
from tests.engine.test_mirroring_pages import EVERY, Stage, bodies

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
RESOLVED = IncidentStatus.RESOLVED
SAMPLES = Path(__file__).parents[1] / "data" / "statuspage-public"
SUMMARY, INCIDENTS, PLANS = "/api/v2/summary.json", "/api/v2/incidents.json", "/api/v2/scheduled-maintenances.json"


@pytest.fixture
def stage(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server]) -> Stage:
    """A bridge that mirrors what Statuspage shows in public to the three other providers."""
    server = sandbox_and_server[1]
    targets = ("cachet2", "cachet3", "pingpong")
    bridge = make_bridge(store, server, sandbox, targets)
    page = DestinationSettings(
        "page", "statuspage-public", Secret(""), url=f"{server.url}/statuspage", rate=(10_000, 1.0), read_timeout=1.0
    )
    settings = replace(
        bridge.runtime.settings,
        pages={"page": PageSettings("page", page, EVERY)},
        mirrors=(MirrorSettings("page", targets),),
    )
    bridge = replace(bridge, runtime=replace(bridge.runtime, settings=settings))
    written = DestinationSettings(
        "page", "statuspage", Secret("sandbox"), url=server.url + PATHS["statuspage"], options=OPTIONS["statuspage"]
    )
    return Stage(bridge, "statuspage", Person(written))


def reads(stage: Stage) -> list[str]:
    """Documents of the public page that were asked for."""
    return [call.path for call in stage.bridge.sandbox.calls.all("statuspage", None) if "/api/v2" in call.path]


def test_an_incident_is_opened_followed_and_resolved_everywhere(stage: Stage) -> None:
    stage.run()
    stage.person.writes(incident(), api=MAJOR)
    stage.person.sets("api", MAJOR)
    stage.run()
    assert stage.each(stage.bridge.status) == ["critical"] * 3
    stage.person.writes(incident(update(1), update(2, IncidentStatus.IDENTIFIED)), api=MAJOR)
    stage.run()
    stage.person.writes(incident(update(1), update(2, IncidentStatus.IDENTIFIED), update(3, RESOLVED)))
    stage.person.sets("api", FINE)
    stage.run()
    for target in stage.targets:
        assert bodies(stage, target) == ["Step number 1.", "Step number 2.", "Step number 3."], target
        assert stage.bridge.page(target).open_incidents == ()
    assert stage.each(stage.bridge.status) == ["good"] * 3
    assert stage.bridge.owed() == 0


def test_a_maintenance_is_announced_everywhere(stage: Stage) -> None:
    stage.run()
    begins = START + timedelta(hours=1)
    stage.person.writes(
        Maintenance(
            "mnt_1", "New disks", MaintenanceStatus.SCHEDULED, Text("We change disks."), ("api",), begins,
            Visibility.PUBLIC, notify=False, ends_at=begins + timedelta(hours=1),
        )
    )  # fmt: skip
    stage.run()
    for target in stage.targets:
        assert [item.title for item in stage.bridge.page(target).maintenances] == ["New disks"], target


def test_a_page_at_rest_costs_one_call_a_look_and_writes_nothing(stage: Stage) -> None:
    stage.person.writes(incident(), api=MAJOR)
    stage.run()
    asked, written = len(reads(stage)), stage.each(lambda name: len(stage.bridge.writes(name)))
    stage.bridge.run(3600, step=600)
    assert reads(stage)[asked:] == ["/statuspage/api/v2/summary.json"] * 6
    assert stage.each(lambda name: len(stage.bridge.writes(name))) == written


def test_a_page_that_is_away_resolves_nothing_and_is_caught_up_with(stage: Stage) -> None:
    stage.run()
    stage.person.writes(incident(), api=MAJOR)
    stage.run()
    stage.bridge.sandbox.faults.add(Fault("status", provider="statuspage", status=503, times=None))
    stage.run(120)
    assert stage.bridge.store.lanes.state(Lane(POLL, "page")).state == "down"
    assert stage.each(lambda name: len(stage.bridge.page(name).open_incidents)) == [1, 1, 1]
    stage.bridge.sandbox.faults.clear()
    stage.person.writes(incident(update(1), update(2, RESOLVED)))
    stage.run(600)
    assert stage.each(lambda name: len(stage.bridge.page(name).open_incidents)) == [0, 0, 0]


# --- one page by itself ------------------------------------------------------------------------------------------


def page_at(url: str, calls: list[Call]) -> PublicPage:
    settings = DestinationSettings("page", "statuspage-public", Secret(""), url=url, read_timeout=1.0)
    page = registry.make(settings, Unlimited(), calls.append)
    assert isinstance(page, PublicPage)
    return page


def test_the_sandbox_answers_what_is_known_with_304(sandbox: Sandbox, sandbox_and_server: Any) -> None:
    calls: list[Call] = []
    url = f"{sandbox_and_server[1].url}/statuspage"
    first = page_at(url, calls)
    assert [seen.name for seen in first.scan(Kind.COMPONENT)]
    later = page_at(url + "/api/v2/", calls)  # the address of the API will do as well
    later.etags.update(first.etags)
    with pytest.raises(Unchanged):
        list(later.scan(Kind.COMPONENT))
    assert [call.status for call in calls] == [200, 304]


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def web() -> Iterator[LittleWeb]:
    with LittleWeb() as made:
        yield made


def show(web: LittleWeb, *, summary: str | None = None, incidents: str | None = None, plans: str | None = None) -> None:
    """Serve recorded documents, and empty ones in place of those that were not recorded."""
    head = {"page": {"id": "p", "name": "P", "url": web.url}}
    empty = {**head, "components": [], "incidents": [], "scheduled_maintenances": []}
    web.put(SUMMARY, json.dumps(sample(summary) if summary else empty))
    web.put(INCIDENTS, json.dumps(sample(incidents) if incidents else empty))
    web.put(PLANS, json.dumps(sample(plans) if plans else empty))


def read_all(page: PublicPage, kind: Kind) -> list[Any]:
    return [page.read(kind, seen, "page", lambda what, remote, at: f"{what}-{remote}")[0] for seen in page.scan(kind)]


def test_the_outage_of_2020_is_read_as_its_visitors_saw_it(web: LittleWeb) -> None:
    show(web, summary="github-summary-2020-04-02-outage")
    components = read_all(page_at(web.url, []), Kind.COMPONENT)
    assert all(isinstance(item, Component) for item in components)
    shown = {item.name: item.status for item in components}
    assert shown["Git Operations"] is shown["GitHub Packages"] is MAJOR
    assert shown["GitHub Actions"] is ComponentStatus.PARTIAL_OUTAGE
    assert shown["GitHub Pages"] is FINE


def test_incidents_of_2024_keep_every_update_in_order(web: LittleWeb) -> None:
    show(web, incidents="github-incidents-2024-09-16")
    first, second = read_all(page_at(web.url, []), Kind.INCIDENT)
    assert isinstance(first, Incident)
    assert (first.title, first.status, first.impact) == ("Incident with Pages and Actions", RESOLVED, Severity.MAJOR)
    assert first.resolved_at == datetime(2024, 9, 16, 22, 8, 39, tzinfo=UTC)
    assert [item.at for item in first.updates] == sorted(item.at for item in first.updates)
    assert (len(first.updates), len(second.updates), second.impact) == (6, 6, Severity.MINOR)


def test_every_incident_of_2019_is_read_without_fields_that_came_later(web: LittleWeb) -> None:
    show(web, incidents="emma-incidents-2019-02-21")
    found = read_all(page_at(web.url, []), Kind.INCIDENT)
    rows = sample("emma-incidents-2019-02-21")["incidents"]
    assert [(item.title, len(item.updates)) for item in found] == [
        (row["name"], len(row["incident_updates"])) for row in rows
    ]
    assert {item.status for item in found} <= {RESOLVED, IncidentStatus.POSTMORTEM}


def test_a_maintenance_of_2016_is_over(web: LittleWeb) -> None:
    show(web, plans="discord-scheduled-maintenances-2016")
    (work,) = read_all(page_at(web.url, []), Kind.MAINTENANCE)
    assert isinstance(work, Maintenance)
    assert (work.title, work.status) == ("Potentially Disruptive Upgrade", MaintenanceStatus.COMPLETED)


def test_groups_are_not_components(web: LittleWeb) -> None:
    show(web, summary="discord-components-with-group-2019")
    page = page_at(web.url, [])
    assert [item.name for item in read_all(page, Kind.COMPONENT)] == ["API", "EU West"]
    page.etags.clear()
    assert [item.name for item in read_all(page, Kind.COMPONENT_GROUP)] == ["Voice"]


def test_a_page_of_somebody_else_is_refused_in_words(web: LittleWeb) -> None:
    web.put(SUMMARY, json.dumps({"status": "fine"}))
    with pytest.raises(ProviderError, match="hosted by Statuspage"):
        list(page_at(web.url, []).scan(Kind.COMPONENT))


@pytest.mark.parametrize("body", ["<html>we are sorry</html>", "[]", "null", ""])
def test_an_answer_that_is_no_summary_is_never_taken_for_an_empty_page(web: LittleWeb, body: str) -> None:
    web.put(SUMMARY, body)
    with pytest.raises(ProviderError):
        list(page_at(web.url, []).scan(Kind.COMPONENT))


@pytest.mark.parametrize("body", ["{}", "[]", '{"incidents": null}'])
def test_incidents_that_are_missing_are_not_taken_for_gone(web: LittleWeb, body: str) -> None:
    show(web)
    web.put(INCIDENTS, body)
    with pytest.raises(ProviderError):
        list(page_at(web.url, []).scan(Kind.INCIDENT))


def test_no_redirect_is_followed(web: LittleWeb) -> None:
    web.put(SUMMARY, "", status=302, Location=f"{web.url}/elsewhere")
    with pytest.raises(ProviderError):
        list(page_at(web.url, []).scan(Kind.COMPONENT))
    assert [asked.path for asked in web.asked] == [SUMMARY]


def test_nothing_secret_is_sent(web: LittleWeb) -> None:
    show(web)
    list(page_at(web.url, []).scan(Kind.COMPONENT))
    assert [asked.authorization for asked in web.asked] == [None]
