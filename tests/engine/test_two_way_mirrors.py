"""What people change on a copy goes to the original and to the other copies; conflicts by policy; no quarrels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bridge.config.settings import Conflicts, MirrorSettings, PageSettings
from bridge.model.enums import IncidentStatus, Kind
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.store.links import Links
from bridge.store.pages import Pages
from bridge.sync.decisions.reclaim import reclaim
from bridge.sync.decisions.take import NothingToTake, take
from tests.engine.harness import PROVIDERS, Bridge, Person, incident, make_bridge, update

EVERY = timedelta(seconds=30)
PAIRS = [(one, other) for one in PROVIDERS for other in PROVIDERS if one != other]


@dataclass
class Stage:
    """One original page and its copies, all of them destinations; a person with access to each."""

    bridge: Bridge
    original: str
    copies: tuple[str, ...]

    def __post_init__(self) -> None:
        settings = self.bridge.runtime.settings.destinations
        self.people = {name: Person(settings[name]) for name in (self.original, *self.copies)}

    @property
    def pages(self) -> tuple[str, ...]:
        return (self.original, *self.copies)

    def run(self, looks: int = 2) -> None:
        """So many looks at every page, and what follows from them."""
        for _ in range(looks):
            self.bridge.clock.advance(EVERY.total_seconds() + 1)
            self.bridge.run(4, step=2.0)

    def open(self) -> None:
        """Somebody opens an incident on the original, and it is copied."""
        self.run()
        self.people[self.original].writes(incident())
        self.run()
        assert [self.titles(name) for name in self.pages] == [["Problems with Public API"]] * len(self.pages)
        self.key = ObjectKey(Kind.INCIDENT, self.mirrored().id)

    def mirrored(self) -> Incident:
        (obj,) = self.bridge.store.pages.many(
            ObjectKey.parse(name)
            for destination in self.copies
            for name in map(str, self.bridge.store.links.all(destination))
            if name.startswith("incident:")
        ).values()
        assert isinstance(obj, Incident)
        return obj

    def remote_id(self, page: str) -> str:
        if page == self.original:
            (link,) = self.people[page].links.values()
            return str(link.remote_id)
        return str(self.bridge.store.links.get(page, self.key).remote_id)

    def edits(self, page: str, field: str, **values: object) -> None:
        """A person changes a field of the incident on a page."""
        obj = replace(self.mirrored(), **values)  # type: ignore[arg-type]
        self.people[page].edits(obj, self.remote_id(page), *self.named(page, field))

    def named(self, page: str, field: str) -> list[str]:
        """The name of a field in the echo of the page."""
        seen = self.people[page].sees(Kind.INCIDENT, self.remote_id(page))
        return [name for name in (field, "name" if field == "title" else field) if name in seen.echo][:1]

    def posts(self, page: str, number: int, status: IncidentStatus = IncidentStatus.IDENTIFIED) -> None:
        """A person adds an update on a page."""
        obj = self.mirrored()
        step = update(number, status, f"A person says number {number}.")
        self.people[page].posts(replace(obj, status=status, updates=(*obj.updates, step)), self.remote_id(page))

    def titles(self, page: str) -> list[str]:
        return [shown.title for shown in self.bridge.incidents(page)]

    def bodies(self, page: str) -> list[str]:
        (shown,) = self.bridge.incidents(page)
        return [item.body.replace("<div>", "").replace("</div>", "").strip() for item in reversed(shown.updates)]

    def why(self) -> list[str]:
        return [entry.why for entry in self.bridge.store.story.decisions(self.key.id)]


MakeStage = Callable[..., Stage]


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def make_stage(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server]) -> MakeStage:
    def make(original: str, *copies: str, **mirror: object) -> Stage:
        bridge = make_bridge(store, sandbox_and_server[1], sandbox, (original, *copies))
        settings = bridge.runtime.settings
        pages = {name: PageSettings(name, reach, EVERY) for name, reach in settings.destinations.items()}
        two_way = MirrorSettings(original, copies, two_way=True, **mirror)  # type: ignore[arg-type]
        runtime = replace(bridge.runtime, settings=replace(settings, pages=pages, mirrors=(two_way,)))
        return Stage(replace(bridge, runtime=runtime), original, copies)

    return make


@pytest.mark.parametrize(("original", "copy"), PAIRS)
def test_an_update_on_a_copy_goes_to_the_original_once(make_stage: MakeStage, original: str, copy: str) -> None:
    stage = make_stage(original, copy)
    stage.open()
    stage.posts(copy, 2)
    stage.run(3)
    for page in stage.pages:
        assert stage.bodies(page) == ["Step number 1.", "A person says number 2."], page
    assert stage.bridge.owed() == 0
    stage.posts(original, 3, IncidentStatus.MONITORING)
    stage.run(3)
    stage.posts(copy, 4, IncidentStatus.RESOLVED)
    stage.run(3)
    for page in stage.pages:
        assert [text.rpartition(" ")[2] for text in stage.bodies(page)] == ["1.", "2.", "3.", "4."], page
        assert stage.bridge.page(page).open_incidents == ()
    writes = {page: len(stage.bridge.writes(page)) for page in stage.pages}
    stage.run(10)
    assert {page: len(stage.bridge.writes(page)) for page in stage.pages} == writes


@pytest.mark.parametrize("copy", PROVIDERS[1:])
def test_a_field_that_is_changed_on_a_copy_changes_on_all_pages(make_stage: MakeStage, copy: str) -> None:
    others = [name for name in PROVIDERS if name not in ("cachet2", copy)]
    stage = make_stage("cachet2", copy, *others)
    stage.open()
    stage.edits(copy, "title", title="Problems with logging in")
    stage.run(3)
    assert [stage.titles(page) for page in stage.pages] == [["Problems with logging in"]] * 4
    stage.edits("cachet2", "title", title="Problems with logging out")
    stage.run(3)
    assert [stage.titles(page) for page in stage.pages] == [["Problems with logging out"]] * 4, "and back again"
    assert stage.bridge.store.links.drift(copy) == {}, "what has travelled is no drift"


def test_what_people_change_on_a_copy_stays_there_where_the_mirror_has_one_way(make_stage: MakeStage) -> None:
    stage = make_stage("cachet2", "cachet3")
    settings = stage.bridge.runtime.settings
    (mirror,) = settings.mirrors
    one_way = replace(settings, mirrors=(replace(mirror, two_way=False),))
    stage.bridge = replace(stage.bridge, runtime=replace(stage.bridge.runtime, settings=one_way))
    stage.open()
    stage.posts("cachet3", 2)
    stage.edits("cachet3", "title", title="Elsewhere")
    stage.run(3)
    assert stage.bodies("cachet2") == ["Step number 1."]
    assert stage.titles("cachet2") == ["Problems with Public API"]


@pytest.mark.parametrize(
    ("policy", "winner"), [(Conflicts.SOURCE, "On the original"), (Conflicts.NEWEST, "On the copy")]
)
def test_a_field_that_both_sides_changed_is_decided_by_policy(
    make_stage: MakeStage, policy: Conflicts, winner: str
) -> None:
    stage = make_stage("cachet2", "cachet3", "statuspage", conflicts=policy)
    stage.open()
    stage.edits("cachet2", "title", title="On the original")
    stage.edits("cachet3", "title", title="On the copy")
    stage.run(4)
    assert [stage.titles(page) for page in stage.pages] == [[winner]] * 3
    assert "conflict" in stage.why()


def test_a_conflict_is_held_until_a_person_decides(make_stage: MakeStage) -> None:
    stage = make_stage("cachet2", "cachet3", "statuspage", conflicts=Conflicts.HOLD)
    stage.open()
    stage.edits("cachet2", "title", title="On the original")
    stage.edits("cachet3", "title", title="On the copy")
    stage.run(6)
    held = [["On the original"], ["On the copy"], ["On the original"]]
    assert [stage.titles(page) for page in stage.pages] == held
    assert stage.why().count("conflict") == 1, "told once, not at every look"
    assert stage.bridge.store.links.drift("cachet3")[stage.key], "and shown as drift"
    take(stage.bridge.runtime, "cachet3", stage.key.id)
    stage.run(3)
    assert [stage.titles(page) for page in stage.pages] == [["On the copy"]] * 3
    assert stage.bridge.store.links.drift("cachet3") == {}


def test_a_held_conflict_can_be_taken_back_under_automation(make_stage: MakeStage) -> None:
    stage = make_stage("cachet2", "cachet3", conflicts=Conflicts.HOLD)
    stage.open()
    stage.edits("cachet2", "title", title="On the original")
    stage.edits("cachet3", "title", title="On the copy")
    stage.run(4)
    reclaim(stage.bridge.runtime, "cachet3", stage.key.id)
    stage.run(3)
    assert [stage.titles(page) for page in stage.pages] == [["On the original"]] * 2


def test_updates_of_both_sides_are_kept_whoever_wins(make_stage: MakeStage) -> None:
    stage = make_stage("cachet3", "statuspage")
    stage.open()
    stage.posts("cachet3", 2, IncidentStatus.MONITORING)
    stage.posts("statuspage", 3, IncidentStatus.IDENTIFIED)
    stage.run(4)
    for page in stage.pages:
        assert sorted(stage.bodies(page)) == [
            "A person says number 2.", "A person says number 3.", "Step number 1.",
        ], page  # fmt: skip
    assert stage.mirrored().status is IncidentStatus.MONITORING, "the state is the original's"


def test_machines_that_quarrel_over_a_field_are_stopped(make_stage: MakeStage) -> None:
    stage = make_stage("cachet2", "cachet3")
    stage.open()
    for _ in range(8):  # something on each page puts its own title back, whatever comes from the other
        stage.edits("cachet3", "title", title="Three")
        stage.run(1)
        stage.edits("cachet2", "title", title="Two")
        stage.run(1)
    assert stage.why().count("oscillation") == 1
    before = {page: len(stage.bridge.writes(page)) for page in stage.pages}
    stage.run(10)
    assert {page: len(stage.bridge.writes(page)) for page in stage.pages} == before, "it is left alone"
    take(stage.bridge.runtime, "cachet3", stage.key.id)
    stage.run(3)
    assert [stage.titles(page) for page in stage.pages] == [["Three"]] * 2, "until a person says so"


def test_what_is_resolved_on_a_copy_is_resolved_everywhere(make_stage: MakeStage) -> None:
    stage = make_stage("statuspage", "cachet2", "pingpong")
    stage.open()
    stage.posts("cachet2", 2, IncidentStatus.RESOLVED)
    stage.run(4)
    for page in stage.pages:
        assert stage.bridge.page(page).open_incidents == (), page
    assert stage.bridge.owed() == 0


def test_a_ring_of_pages_agrees_wherever_somebody_writes(make_stage: MakeStage) -> None:
    stage = make_stage("cachet3", "statuspage", "pingpong")
    settings = stage.bridge.runtime.settings
    ring = zip(stage.pages, (*stage.pages[1:], stage.pages[0]), strict=True)
    mirrors = tuple(MirrorSettings(one, (other,), two_way=True) for one, other in ring)
    stage.bridge = replace(
        stage.bridge, runtime=replace(stage.bridge.runtime, settings=replace(settings, mirrors=mirrors))
    )
    stage.open()
    for number, page in enumerate(("pingpong", "cachet3", "statuspage"), start=2):
        stage.posts(page, number)
        stage.run(4)
    expected = ["Step number 1.", *(f"A person says number {number}." for number in (2, 3, 4))]
    assert [stage.bodies(page) for page in stage.pages] == [expected] * 3
    writes = {page: len(stage.bridge.writes(page)) for page in stage.pages}
    stage.run(5)
    assert {page: len(stage.bridge.writes(page)) for page in stage.pages} == writes


@pytest.mark.parametrize("call", ["keep", "amend"])
def test_a_look_that_is_killed_while_something_travels_does_no_harm(
    make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    stage = make_stage("cachet2", "cachet3", "statuspage")
    stage.open()
    stage.posts("cachet3", 2)
    where = Links if call == "keep" else Pages
    with monkeypatch.context() as patch:
        real = getattr(where, call)

        def killed(*args: object, **kwargs: object) -> None:
            real(*args, **kwargs)
            raise Killed

        patch.setattr(where, call, killed)
        with pytest.raises(Killed):
            stage.run(3)
    stage.run(3)
    for page in stage.pages:
        assert stage.bodies(page) == ["Step number 1.", "A person says number 2."], page


def test_what_comes_back_from_a_page_that_shows_less_is_no_edit(make_stage: MakeStage) -> None:
    stage = make_stage("statuspage", "cachet2", "pingpong")
    stage.run()
    long = update(1, text="Text with **Markdown**, <b>HTML</b> & an emoji \N{ROCKET}.\n\n" + "Very long. " * 400)
    stage.people["statuspage"].writes(incident(long, title="A title " * 30))
    stage.run(3)
    writes = {page: len(stage.bridge.writes(page)) for page in stage.pages}
    stage.run(10)
    assert {page: len(stage.bridge.writes(page)) for page in stage.pages} == writes


def test_only_a_page_of_a_two_way_mirror_can_be_taken_from(make_stage: MakeStage) -> None:
    stage = make_stage("cachet2", "cachet3")
    stage.open()
    with pytest.raises(NothingToTake, match="no mirrored object"):
        take(stage.bridge.runtime, "cachet3", "inc_unknown")
    settings = stage.bridge.runtime.settings
    one_way = replace(settings, mirrors=(replace(settings.mirrors[0], two_way=False),))
    with pytest.raises(NothingToTake, match="no two-way mirror"):
        take(replace(stage.bridge.runtime, settings=one_way), "cachet3", stage.key.id)


@pytest.mark.parametrize("copy", PROVIDERS[1:])
def test_a_copy_that_goes_on_is_compared_however_old_it_is(
    make_stage: MakeStage, monkeypatch: pytest.MonkeyPatch, copy: str
) -> None:
    stage = make_stage("cachet2", copy)
    stage.open()
    monkeypatch.setattr("bridge.sync.pages.sight.DEPTH", 2)
    for number in range(2):
        stage.bridge.clock.advance(60)
        started = stage.bridge.clock.now()
        newer = incident(identity=f"new_{number}", title=f"Newer {number}", components={}, started_at=started)
        stage.people[copy].writes(newer)
    stage.edits(copy, "title", title="Problems with logging in")
    stage.run(3)
    assert "Problems with logging in" in stage.titles("cachet2")
    assert stage.bridge.owed() == 0
