"""What a person does on one page happens on the others: once, in order, and only what is meant to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bridge.config.settings import Deletions, DestinationSettings, History, MirrorSettings, PageSettings
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus, Visibility
from bridge.model.objects import Maintenance, Text
from bridge.policy.rules import Valves
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.lanes import POLL, Lane
from tests.engine.harness import OPTIONS, PATHS, PROVIDERS, START, Bridge, Person, incident, make_bridge, update

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
RESOLVED = IncidentStatus.RESOLVED
EVERY = timedelta(seconds=30)


@dataclass
class Stage:
    """A bridge that mirrors one provider's page to those of all others."""

    bridge: Bridge
    source: str
    person: Person

    @property
    def targets(self) -> list[str]:
        return [name for name in PROVIDERS if name != self.source]

    def run(self, seconds: float = 35.0) -> None:
        """Let a look at the page and everything that follows from it happen."""
        self.bridge.run(seconds, step=5.0)

    def each(self, what: Callable[[str], object]) -> list[object]:
        return [what(name) for name in self.targets]


@pytest.fixture(params=PROVIDERS)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_stage(
    store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], source: str
) -> Iterator[Callable[..., Stage]]:
    """Makes the stage; keywords are the mirror's settings."""

    def make(**mirror: object) -> Stage:
        server = sandbox_and_server[1]
        targets = tuple(name for name in PROVIDERS if name != source)
        bridge = make_bridge(store, server, sandbox, targets)
        reach = DestinationSettings(
            "page",
            source,
            Secret("sandbox"),
            url=server.url + PATHS[source],
            options=OPTIONS.get(source, {}),
            read_timeout=1.0,
            rate=(10_000, 1.0),
        )
        settings = replace(
            bridge.runtime.settings,
            pages={"page": PageSettings("page", reach, EVERY)},
            mirrors=(MirrorSettings("page", targets, **mirror),),  # type: ignore[arg-type]
        )
        bridge = replace(bridge, runtime=replace(bridge.runtime, settings=settings))
        return Stage(bridge, source, Person(reach))

    yield make


def bodies(stage: Stage, provider: str) -> list[str]:
    """Texts of the updates of the only incident, oldest first."""
    (shown,) = stage.bridge.incidents(provider)
    return [item.body.replace("<div>", "").replace("</div>", "").strip() for item in reversed(shown.updates)]


def test_an_incident_is_opened_followed_and_resolved_everywhere(make_stage: Callable[..., Stage], source: str) -> None:
    stage = make_stage()
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


def test_a_mirror_at_rest_writes_nothing_for_a_day(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(history=History.ALL)
    stage.person.writes(incident(update(1), update(2, RESOLVED), identity="inc_old"))
    stage.person.writes(incident(update(3)), api=MAJOR)
    stage.person.sets("api", MAJOR)
    stage.run()
    before = stage.each(lambda name: len(stage.bridge.writes(name)))
    stage.bridge.run(24 * 3600, step=3600)
    assert stage.each(lambda name: len(stage.bridge.writes(name))) == before


def test_what_is_over_stays_where_it_is_unless_history_is_asked_for(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage()
    stage.person.writes(incident(update(1), update(2, RESOLVED), identity="inc_old"))
    stage.run()
    assert stage.each(stage.bridge.incidents) == [[], [], []]


def test_history_is_taken_over_without_telling_anybody(make_stage: Callable[..., Stage], source: str) -> None:
    stage = make_stage(history=History.ALL)
    stage.person.writes(incident(update(1), update(2, RESOLVED), identity="inc_old"))
    stage.run()
    for target in stage.targets:
        assert len(stage.bridge.incidents(target)) == 1
        told = stage.bridge.sandbox.journal.entries(target, "notification")
        # PingPong has no flag on an update: the one that resolves the incident may be mailed.
        assert len(told) <= (1 if target == "pingpong" else 0), target


def test_an_incident_on_nothing_of_ours_is_taken_over_only_when_asked(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(components={"Website": "web"})
    stage.run()
    stage.person.writes(incident(components={}))
    stage.run()
    assert stage.each(stage.bridge.incidents) == [[], [], []]
    stage = make_stage(components={"Website": "web"}, everything=True)
    stage.person.writes(incident(components={}, identity="inc_2"))
    stage.run()
    assert [len(shown) for shown in map(stage.bridge.incidents, stage.targets)] == [1, 1, 1]


@pytest.mark.parametrize("deletions", list(Deletions))
def test_a_deletion_is_treated_as_the_mirror_says(
    make_stage: Callable[..., Stage], source: str, deletions: Deletions
) -> None:
    if source == "pingpong":
        pytest.skip("nothing can be deleted there")
    stage = make_stage(deletions=deletions)
    stage.run()
    stage.person.writes(incident(), api=MAJOR)
    stage.run()
    stage.person.deletes(Kind.INCIDENT, "inc_1")
    stage.run()
    for target in stage.targets:
        removed = deletions is Deletions.REMOVE and target != "pingpong"
        shown = stage.bridge.page(target)
        assert bool(shown.open_incidents) is (deletions is Deletions.KEEP), target
        assert len(stage.bridge.incidents(target)) == (0 if removed else 1), target


def test_a_maintenance_is_announced_begun_and_completed_everywhere(
    make_stage: Callable[..., Stage], source: str
) -> None:
    stage = make_stage()
    stage.run()
    work = Maintenance(
        "mnt_1",
        "New disks",
        MaintenanceStatus.SCHEDULED,
        Text("We change disks."),
        ("api",),
        START + timedelta(hours=1),
        Visibility.PUBLIC,
        notify=False,
        ends_at=START + timedelta(hours=2),
    )
    stage.person.writes(work)
    stage.run()
    if source == "cachet2":  # schedules have no components there, so they are nobody's
        assert stage.bridge.owed() == 0
        return
    for target in stage.targets:
        assert [item.title for item in stage.bridge.page(target).maintenances] == ["New disks"], target


def test_a_page_that_fails_is_left_alone_and_catches_up(make_stage: Callable[..., Stage], source: str) -> None:
    stage = make_stage()
    stage.run()
    stage.person.writes(incident(), api=MAJOR)
    stage.bridge.sandbox.faults.add(Fault("status", provider=source, status=503, times=None))
    stage.run()
    assert stage.bridge.store.lanes.state(Lane(POLL, "page")).state == "down"
    assert stage.each(stage.bridge.incidents) == [[], [], []]
    stage.bridge.sandbox.faults.clear()
    stage.run(600)
    assert [len(shown) for shown in map(stage.bridge.incidents, stage.targets)] == [1, 1, 1]


def test_components_are_mapped_by_their_id_as_well(make_stage: Callable[..., Stage], source: str) -> None:
    stage = make_stage()
    settings = stage.bridge.runtime.settings
    (mirror,) = settings.mirrors
    by_id = replace(mirror, components={stage.person.remote["component:web"]: "web"})
    stage.bridge.runtime = replace(stage.bridge.runtime, settings=replace(settings, mirrors=(by_id,)))
    stage.run()
    stage.person.writes(incident(identity="inc_api"), api=MAJOR)
    stage.person.writes(incident(identity="inc_web", title="Slow pages", components={"web": MAJOR}), web=MAJOR)
    if source == "cachet3":  # its incidents only name components, so the person sets the status as well
        stage.person.sets("web", MAJOR)
    stage.run()
    assert [[shown.title for shown in shown_there] for shown_there in map(stage.bridge.incidents, stage.targets)] == [
        ["Slow pages"]
    ] * 3
    assert {stage.bridge.status(name, "Website") for name in stage.targets} == {"critical"}


@pytest.mark.parametrize("source", ["cachet3"])
def test_a_page_on_which_too_much_begins_at_once_is_paused(make_stage: Callable[..., Stage], source: str) -> None:
    stage = make_stage()
    settings = stage.bridge.runtime.settings
    rules = replace(settings.rules, valves=Valves(incidents_a_minute=2))
    stage.bridge.runtime = replace(stage.bridge.runtime, settings=replace(settings, rules=rules))
    stage.run()
    for number in range(3):
        stage.person.writes(incident(identity=f"inc_{number}", title=f"Trouble {number}"), api=MAJOR)
    stage.run()
    lanes, lane = stage.bridge.store.lanes, Lane(POLL, "page")
    assert lanes.state(lane).state == "paused"
    assert "3 new incidents" in str(lanes.state(lane).why)
    assert stage.each(stage.bridge.incidents) == [[], [], []]
    lanes.resume(lane)
    stage.run(60)
    assert [len(stage.bridge.page(name).open_incidents) for name in stage.targets] == [3, 3, 3]


@pytest.mark.parametrize("source", ["cachet3"])
def test_a_page_on_which_most_components_get_worse_at_once_is_paused(
    make_stage: Callable[..., Stage], source: str
) -> None:
    stage = make_stage()
    settings = stage.bridge.runtime.settings
    rules = replace(settings.rules, valves=Valves(components_at_once=1, components_share=0.5))
    stage.bridge.runtime = replace(stage.bridge.runtime, settings=replace(settings, rules=rules))
    stage.run()
    stage.person.sets("api", MAJOR)
    stage.run()
    assert stage.bridge.status("cachet2") == "critical", "one of two is no flood"
    stage.person.sets("api", FINE)
    stage.run()
    for name in ("api", "web"):
        stage.person.sets(name, MAJOR)
    stage.run()
    assert stage.bridge.store.lanes.state(Lane(POLL, "page")).state == "paused"
    assert stage.bridge.status("cachet2") == "good"


def test_a_page_from_which_everything_is_gone_at_once_is_paused(make_stage: Callable[..., Stage], source: str) -> None:
    if source == "pingpong":
        pytest.skip("nothing can be deleted there")
    stage = make_stage()
    stage.run()
    for number in range(3):
        stage.person.writes(incident(identity=f"inc_{number}", title=f"Trouble {number}"), api=MAJOR)
    stage.run()
    for number in range(3):
        stage.person.deletes(Kind.INCIDENT, f"inc_{number}")
    stage.run(120)
    lanes, lane = stage.bridge.store.lanes, Lane(POLL, "page")
    assert lanes.state(lane).state == "paused"
    assert [len(stage.bridge.page(name).open_incidents) for name in stage.targets] == [3, 3, 3]
    lanes.resume(lane)
    stage.run(120)
    assert lanes.state(lane).state == "ok"
    assert [len(stage.bridge.page(name).open_incidents) for name in stage.targets] == [0, 0, 0]
