"""Maintenances everywhere as the work really goes, also where pages follow the clock, and where clocks disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import MirrorSettings, PageSettings
from bridge.model.enums import Kind, MaintenanceStatus, Visibility
from bridge.model.objects import IncidentUpdate, Maintenance, Text
from bridge.providers import registry
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.sync.outbox.clockwork import AHEAD, STEP, by_the_clock, noted
from bridge.sync.outbox.duties import owe_overruns
from bridge.sync.runtime import Runtime
from tests.engine.harness import PROVIDERS, START, Bridge, ManualClock, Person, Unlimited, make_bridge

SCHEDULED, GOING_ON = MaintenanceStatus.SCHEDULED, MaintenanceStatus.IN_PROGRESS
VERIFYING, OVER = MaintenanceStatus.VERIFYING, MaintenanceStatus.COMPLETED
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DRIFTS = [timedelta(0), timedelta(minutes=5), timedelta(minutes=-5)]
ROUND = 5 * MINUTE
"""The sweep is quicker; if this is often enough, so is that."""
TELLING = ("cachet2", "statuspage")
"""Pages where a person says how the work goes."""


@dataclass
class Shifted:
    """A clock that disagrees with another one."""

    clock: ManualClock
    by: timedelta

    def now(self) -> datetime:
        return self.clock.now() + self.by


@dataclass
class Work:
    """One maintenance on a page that is mirrored to all others, while our clock disagrees with that of the pages."""

    bridge: Bridge
    person: Person
    plan: Maintenance

    def says(self, status: MaintenanceStatus) -> None:
        """The person says on the page how the work goes."""
        updates = self.plan.updates
        if updates or self.person.provider.capabilities.carries_marker:
            told = IncidentUpdate(f"upd_{status}", Text(f"It is {status}."), self.bridge.clock.now(), status)
            updates = (*updates, told)
        self.plan = replace(self.plan, status=status, updates=updates)
        self.person.writes(self.plan)

    def goes_on(self, span: timedelta, check: Callable[[], None] = lambda: None) -> None:
        """Let time pass, with a round of the sweep every few minutes."""
        end = self.bridge.clock.now() + span
        while (left := end - self.bridge.clock.now()) > timedelta(0):
            self.bridge.clock.advance(min(left, ROUND).total_seconds())
            owe_overruns(self.bridge.runtime)
            self.bridge.settle()
            check()

    def shown(self) -> dict[str, MaintenanceStatus]:
        """What each destination shows, read from its own answers."""
        found: dict[str, MaintenanceStatus] = {}
        for name, settings in self.bridge.runtime.settings.destinations.items():
            page = registry.make(settings, Unlimited(), lambda call: None)
            (seen,) = [item for item in page.scan(Kind.MAINTENANCE) if item.name == self.plan.title]
            obj, _ = page.read(Kind.MAINTENANCE, seen, name, lambda kind, remote, at: remote)
            assert isinstance(obj, Maintenance)
            found[name] = obj.status
        return found

    def everywhere(self, *statuses: MaintenanceStatus) -> None:
        """Every destination shows one of some statuses."""
        shown = self.shown()
        assert all(status in statuses for status in shown.values()), (self.bridge.clock.now(), shown)


@pytest.fixture(params=DRIFTS, ids=["agreeing", "ahead", "behind"])
def drift(request: pytest.FixtureRequest) -> timedelta:
    found: timedelta = request.param
    return found


@pytest.fixture(params=PROVIDERS)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def work(
    store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], source: str, drift: timedelta
) -> Work:
    """Work that is planned in an hour, for an hour."""
    bridge = make_bridge(store, sandbox_and_server[1], sandbox, PROVIDERS)
    settings = bridge.runtime.settings
    destinations = {name: replace(item, audit=None) for name, item in settings.destinations.items()}
    page = PageSettings("page", replace(destinations.pop(source), name="page"), timedelta(seconds=30))
    mirror = MirrorSettings("page", tuple(destinations), everything=True)
    changed = replace(settings, destinations=destinations, pages={"page": page}, mirrors=(mirror,))
    runtime = Runtime(changed, store, Shifted(bridge.clock, drift))
    bridge = replace(bridge, runtime=runtime)
    bridge.settle()
    plan = Maintenance(
        "mnt_1", "New disks", SCHEDULED, Text("We change disks."), ("api",), START + HOUR, Visibility.PUBLIC,
        notify=False, ends_at=START + 2 * HOUR,
    )  # fmt: skip
    found = Work(bridge, Person(page.reach), plan)
    found.person.writes(plan)
    found.goes_on(MINUTE)
    return found


def test_work_that_goes_as_planned_starts_and_ends_everywhere(work: Work, source: str) -> None:
    work.everywhere(SCHEDULED)
    work.goes_on(HOUR)
    if source in TELLING:
        work.says(GOING_ON)
    work.goes_on(6 * MINUTE)
    work.everywhere(GOING_ON)
    work.goes_on(HOUR - 7 * MINUTE)
    if source in TELLING:
        work.says(OVER)
    work.goes_on(7 * MINUTE)
    work.everywhere(OVER)
    assert work.bridge.owed() == 0


@pytest.mark.parametrize("source", TELLING, indirect=True)
def test_work_that_takes_longer_is_over_nowhere_before_it_is(work: Work, source: str) -> None:
    work.goes_on(HOUR)
    work.says(GOING_ON)
    work.goes_on(6 * MINUTE)
    work.goes_on(100 * MINUTE, lambda: work.everywhere(GOING_ON))
    writes = {name: len(work.bridge.writes(name)) for name in work.bridge.runtime.settings.destinations}
    assert all(count <= 4 + 2 * HOUR // STEP for count in writes.values()), writes
    work.says(OVER)
    work.goes_on(3 * ROUND)
    work.everywhere(OVER)
    before = dict(writes)
    writes = {name: len(work.bridge.writes(name)) for name in work.bridge.runtime.settings.destinations}
    work.goes_on(HOUR)
    assert {name: len(work.bridge.writes(name)) for name in before} == writes
    assert work.bridge.owed() == 0


@pytest.mark.parametrize("drift", [timedelta(minutes=-5)], indirect=True)
@pytest.mark.parametrize("source", ["statuspage"], indirect=True)
def test_verifying_keeps_the_work_open(work: Work, source: str) -> None:
    work.goes_on(HOUR)
    work.says(GOING_ON)
    work.goes_on(50 * MINUTE)
    work.says(VERIFYING)
    work.goes_on(MINUTE)
    work.goes_on(HOUR, lambda: work.everywhere(GOING_ON, VERIFYING))


@pytest.mark.parametrize("source", TELLING, indirect=True)
def test_work_that_begins_and_ends_early_does_so_everywhere(work: Work, source: str) -> None:
    work.says(GOING_ON)
    work.goes_on(3 * ROUND)
    work.everywhere(GOING_ON)
    work.says(OVER)
    work.goes_on(3 * ROUND)
    work.everywhere(OVER)
    work.goes_on(2 * HOUR)
    work.everywhere(OVER)
    assert work.bridge.owed() == 0


@pytest.mark.parametrize("drift", [timedelta(0)], indirect=True)
@pytest.mark.parametrize("source", ["statuspage"], indirect=True)
def test_the_end_is_moved_on_while_the_page_that_tells_is_away(work: Work, source: str) -> None:
    work.goes_on(HOUR)
    work.says(GOING_ON)
    work.goes_on(2 * MINUTE)
    settings = work.bridge.runtime.settings
    away = replace(settings.pages["page"].reach, url="http://127.0.0.1:9/statuspage/v1")
    pages = {"page": replace(settings.pages["page"], reach=away)}
    runtime = replace(work.bridge.runtime, settings=replace(settings, pages=pages))
    work.bridge = replace(work.bridge, runtime=runtime)
    work.goes_on(90 * MINUTE, lambda: work.everywhere(GOING_ON))


# --- the times themselves ------------------------------------------------------------------------------------------

PLAN = Maintenance(
    "mnt_1", "New disks", GOING_ON, Text("We change disks."), (), START, Visibility.PUBLIC, notify=False,
    ends_at=START + HOUR,
)  # fmt: skip


@given(st.integers(0, 60 * 24 * 60))
def test_an_end_is_always_far_enough_ahead_and_moves_in_steps(seconds: int) -> None:
    now = START + timedelta(seconds=seconds)
    ends = by_the_clock(PLAN, now, needs_end=True).ends_at
    assert ends is not None
    assert now + AHEAD < ends <= max(START + HOUR, now + AHEAD + STEP)
    assert (ends - (START + HOUR)) % STEP == timedelta(0)
    later = by_the_clock(PLAN, now + MINUTE, needs_end=True).ends_at
    assert later is not None
    assert later >= ends


@given(st.integers(-600, 24 * 60))
def test_work_that_is_planned_or_over_is_not_stretched(minutes: int) -> None:
    now = START + timedelta(minutes=minutes)
    for status in (SCHEDULED, OVER):
        plan = replace(PLAN, status=status)
        assert by_the_clock(plan, now, needs_end=True) == plan


def test_work_without_an_end_is_given_one_only_where_there_must_be_one() -> None:
    endless = replace(PLAN, ends_at=None)
    assert by_the_clock(endless, START + 5 * HOUR, needs_end=False).ends_at is None
    assert by_the_clock(endless, START + MINUTE, needs_end=True).ends_at is None, "what the translator assumes holds"
    ends = by_the_clock(endless, START + 5 * HOUR, needs_end=True).ends_at
    assert ends is not None
    assert ends > START + 5 * HOUR + AHEAD


@pytest.mark.parametrize("minutes", [-9, 0, 9])
def test_what_is_near_to_its_time_is_neither_early_nor_late(minutes: int) -> None:
    begun = noted(PLAN, None, START - timedelta(minutes=minutes))
    over = noted(replace(PLAN, status=OVER), begun, START + HOUR - timedelta(minutes=minutes))
    assert (begun.began_at, over.over_at) == (None, START + HOUR)


def test_an_end_that_is_only_the_present_moment_is_none() -> None:
    seen = noted(replace(PLAN, ends_at=START + 3 * MINUTE), None, START)
    assert seen.ends_at is None
    assert noted(replace(PLAN, ends_at=START + 63 * MINUTE), seen, START + HOUR).ends_at is None
    over = noted(replace(PLAN, status=OVER, ends_at=None), seen, START + HOUR)
    again = noted(replace(PLAN, status=OVER, ends_at=START + 2 * HOUR), over, START + 2 * HOUR)
    assert (over.over_at, again.over_at, again.ends_at) == (START + HOUR, START + HOUR, None)


def test_what_was_noted_once_stays_until_the_work_is_opened_again() -> None:
    early = noted(PLAN, None, START - HOUR)
    assert early.began_at == START - HOUR
    later = noted(replace(PLAN, title="Newer disks"), early, START - HOUR / 2)
    assert later.began_at == START - HOUR
    over = noted(replace(PLAN, status=OVER), later, START - HOUR / 4)
    assert over.over_at == START - HOUR / 4
    assert noted(replace(PLAN, status=OVER, title="Done"), over, START).over_at == START - HOUR / 4
    assert noted(PLAN, over, START).over_at is None
