"""Components that are made on a destination because that was asked for: once, with their group, kept as private."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.config.settings import ComponentSettings, MirrorSettings, PageSettings
from bridge.model.actions import Create, Reason, Remove
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, Visibility
from bridge.model.facts import LinkState, ObjectKey, Refs, Seen
from bridge.model.objects import CanonicalObject, Component, ComponentGroup
from bridge.model.pages import Original, group_id
from bridge.model.state import Changes
from bridge.providers import registry
from bridge.providers.base.provider import Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.sync.decisions.dead_letters import dead_letters, retry
from bridge.sync.outbox.duties import owe_unmade
from bridge.sync.owed import marks_of
from tests.engine.harness import PROVIDERS, Bridge, Person, Unlimited, incident, make_bridge, update
from tests.engine.test_killed_at_every_step import STEPS, run_killed

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
TARGETS = (*PROVIDERS, "cachet2 2.3")


@pytest.fixture(params=TARGETS)
def provider(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[str]:
    """Where components are made: each provider, and the old Cachet."""
    name, _, version = str(request.param).partition(" ")
    settings = sandbox.plugins["cachet2"].settings
    settings.version = version or "2.4"
    yield name
    settings.version = "2.4"


def declared(identity: str, name: str, group: str | None = None, **fields: object) -> ComponentSettings:
    """What ``components:`` says of a component that is to be made."""
    heading = ComponentGroup(group_id(group), group, Visibility.PUBLIC) if group else None
    like = Component(identity, name, FINE, group=heading.id if heading else None, **fields)  # type: ignore[arg-type]
    on = dict.fromkeys(PROVIDERS, name)
    return ComponentSettings(identity, name, group, like.description, on, Original(like, heading))


def with_components(bridge: Bridge, *components: ComponentSettings) -> Bridge:
    settings = bridge.runtime.settings
    known = {**settings.components, **{item.id: item for item in components}}
    return replace(bridge, runtime=replace(bridge.runtime, settings=replace(settings, components=known)))


def speaking(bridge: Bridge, provider: str) -> Provider:
    """The page by its API, as a person would use it."""
    return registry.make(bridge.runtime.settings.destinations[provider], Unlimited(), lambda call: None)


def rows(bridge: Bridge, provider: str, kind: Kind = Kind.COMPONENT) -> list[Seen]:
    return list(speaking(bridge, provider).scan(kind))


def named(bridge: Bridge, provider: str, name: str, kind: Kind = Kind.COMPONENT) -> list[Seen]:
    return [seen for seen in rows(bridge, provider, kind) if seen.name == name]


def read(bridge: Bridge, provider: str, seen: Seen, kind: Kind = Kind.COMPONENT) -> CanonicalObject:
    return speaking(bridge, provider).read(kind, seen, "page", lambda kind, remote, at: remote)[0]


def group_of(bridge: Bridge, provider: str, name: str) -> str | None:
    """The name of the group that the only component of a name stands under."""
    (seen,) = named(bridge, provider, name)
    component = read(bridge, provider, seen)
    assert isinstance(component, Component)
    groups = {item.remote_id: item.name for item in rows(bridge, provider, Kind.COMPONENT_GROUP)}
    return groups[component.group] if component.group else None


def calm(bridge: Bridge) -> None:
    """Let everything that is unsettled be settled."""
    bridge.run(6, step=2)
    bridge.run(125, step=25)


SEARCH = declared("search", "Search", "Data", description="Finds things.")
INDEX = declared("index", "Index", "Data")


def test_a_declared_component_is_made_with_its_group_and_description(bridge: Bridge, provider: str) -> None:
    bridge = with_components(bridge, SEARCH, INDEX)
    owe_unmade(bridge.runtime)
    bridge.run(5)
    assert [len(named(bridge, provider, name)) for name in ("Search", "Index")] == [1, 1]
    assert len(named(bridge, provider, "Data", Kind.COMPONENT_GROUP)) == 1
    assert [group_of(bridge, provider, name) for name in ("Search", "Index")] == ["Data", "Data"]
    component = read(bridge, provider, *named(bridge, provider, "Search"))
    assert isinstance(component, Component)
    assert component.description == "Finds things."
    assert bridge.status(provider, "Search") == "good"
    assert bridge.owed() == 0


def test_at_rest_nothing_more_is_made(bridge: Bridge, provider: str) -> None:
    bridge = with_components(bridge, SEARCH, INDEX)
    owe_unmade(bridge.runtime)
    bridge.run(5)
    before = bridge.writes(provider)
    for _ in range(3):
        owe_unmade(bridge.runtime)
        bridge.run(120, step=60)
    assert bridge.writes(provider) == before


def test_an_incident_waits_for_its_component_and_shows_it(bridge: Bridge, provider: str) -> None:
    bridge = with_components(bridge, SEARCH)
    bridge.commit(incident(components={"search": MAJOR}), search=MAJOR)
    bridge.run(3)
    assert bridge.status(provider, "Search") == "critical"
    bridge.commit(
        incident(update(1), update(2, IncidentStatus.RESOLVED), components={"search": FINE}, revision=2), search=FINE
    )
    bridge.run(10)
    assert bridge.status(provider, "Search") == "good"
    assert len(bridge.incidents(provider)) == 1
    assert bridge.owed() == 0


@pytest.mark.parametrize("at", range(1, 15))
def test_creation_that_is_killed_makes_everything_once(
    bridge: Bridge, provider: str, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    bridge = with_components(bridge, SEARCH, INDEX)
    bridge.commit(incident(components={"search": MAJOR}), search=MAJOR)
    owe_unmade(bridge.runtime)
    run_killed(bridge, monkeypatch, provider, at, *STEPS)
    calm(bridge)
    assert [len(named(bridge, provider, name)) for name in ("Search", "Index")] == [1, 1]
    assert len(named(bridge, provider, "Data", Kind.COMPONENT_GROUP)) == 1
    assert [group_of(bridge, provider, name) for name in ("Search", "Index")] == ["Data", "Data"]
    assert bridge.status(provider, "Search") == "critical"
    assert len(bridge.incidents(provider)) == 1
    assert bridge.owed() == 0


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_creation_whose_answer_is_lost_is_neither_lost_nor_made_twice(
    bridge: Bridge, provider: str, sandbox: Sandbox, when: str, nth: int
) -> None:
    bridge = with_components(bridge, SEARCH, INDEX)
    sandbox.faults.add(Fault("reset", provider=provider, method="POST", when=when, nth=nth))  # type: ignore[arg-type]
    owe_unmade(bridge.runtime)
    calm(bridge)
    assert [len(named(bridge, provider, name)) for name in ("Search", "Index")] == [1, 1]
    assert len(named(bridge, provider, "Data", Kind.COMPONENT_GROUP)) == 1
    assert bridge.owed() == 0


@pytest.mark.parametrize("provider", PROVIDERS, indirect=True)
def test_a_component_that_is_there_is_taken_and_not_made(bridge: Bridge, provider: str) -> None:
    bridge = with_components(bridge, declared("shop", "Dashboard", "Data"))
    owe_unmade(bridge.runtime)
    before = len(rows(bridge, provider))
    bridge.run(5)
    link = bridge.store.links.get(provider, ObjectKey(Kind.COMPONENT, "shop"))
    assert link.state is LinkState.LINKED
    assert link.adopted
    assert len(rows(bridge, provider)) == before
    assert named(bridge, provider, "Data", Kind.COMPONENT_GROUP) == []


@pytest.mark.parametrize("provider", PROVIDERS, indirect=True)
def test_an_existing_group_is_used(bridge: Bridge, provider: str) -> None:
    there = rows(bridge, provider, Kind.COMPONENT_GROUP)
    bridge = with_components(bridge, declared("search", "Search", there[0].name if there else "Data"))
    owe_unmade(bridge.runtime)
    bridge.run(5)
    assert len(rows(bridge, provider, Kind.COMPONENT_GROUP)) == max(len(there), 1)
    assert group_of(bridge, provider, "Search") == (there[0].name if there else "Data")


@pytest.mark.parametrize("provider", ["cachet2", "cachet3", "statuspage"], indirect=True)
def test_what_a_person_deleted_is_not_made_again_until_asked(bridge: Bridge, provider: str) -> None:
    bridge = with_components(bridge, SEARCH)
    owe_unmade(bridge.runtime)
    bridge.run(5)
    key = ObjectKey(Kind.COMPONENT, "search")
    speaking(bridge, provider).perform(Remove(key, named(bridge, provider, "Search")[0].remote_id))
    state = bridge.store.state
    changes = Changes(components={"search": MAJOR})
    marks = marks_of(changes, bridge.runtime.settings, state.component_statuses())
    state.commit(state.snapshot([]), changes, marks, bridge.clock.now())
    bridge.run(30, step=10)
    owe_unmade(bridge.runtime)
    bridge.run(120, step=30)
    assert named(bridge, provider, "Search") == []
    (letter,) = dead_letters(bridge.runtime)
    assert "deleted" in letter.why
    retry(bridge.runtime, letter)
    bridge.run(10)
    assert len(named(bridge, provider, "Search")) == 1


@pytest.mark.parametrize("provider", PROVIDERS, indirect=True)
def test_creating_many_components_gives_way_to_a_live_incident(bridge: Bridge, provider: str, sandbox: Sandbox) -> None:
    many = [declared(f"part-{number}", f"Part {number}") for number in range(12)]
    bridge = with_components(bridge, *many)
    owe_unmade(bridge.runtime)
    bridge.commit(incident(components={"part-9": MAJOR}), **{"part-9": MAJOR})
    bridge.settle()
    made = [call.path for call in sandbox.calls.all(provider, None) if call.method == "POST"]
    first = next(place for place, path in enumerate(made) if "component" not in path)
    assert first == 1
    bridge.run(10)
    assert [len(named(bridge, provider, item.name)) for item in many] == [1] * 12


# --- components of pages that are mirrored -------------------------------------------------------------------


@pytest.fixture(params=PROVIDERS)
def source(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mirrored(
    store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], source: str
) -> Iterator[Callable[..., Bridge]]:
    """A bridge that mirrors one page to all others and makes its components there; keywords are the mirror's."""

    def make(**mirror: object) -> Bridge:
        targets = tuple(name for name in PROVIDERS if name != source)
        bridge = make_bridge(store, sandbox_and_server[1], sandbox, (source, *targets))
        settings = bridge.runtime.settings
        destinations = dict(settings.destinations)
        page = PageSettings("page", replace(destinations.pop(source), name="page"), timedelta(seconds=30))
        wishes = {"create_components": True, **mirror}
        changed = replace(
            settings,
            destinations=destinations,
            components={},
            pages={"page": page},
            mirrors=(MirrorSettings("page", targets, **wishes),),  # type: ignore[arg-type]
        )
        return replace(bridge, runtime=replace(bridge.runtime, settings=changed))

    yield make


def make_by_hand(bridge: Bridge, component: Component, group: ComponentGroup | None = None) -> str:
    """A person makes a component on the page that is mirrored, under a new group where one is given."""
    page = registry.make(bridge.runtime.settings.pages["page"].reach, Unlimited(), lambda call: None)
    refs: dict[str, str] = {}

    def create(obj: CanonicalObject) -> str:
        wanted, _ = page.translate(obj, Refs(refs))
        key = ObjectKey(obj.kind, obj.id)
        action = Create(key, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST)
        return refs.setdefault(str(key), page.perform(action).remote_id)

    if group is not None and page.capabilities.groups_begin_with_component:
        made = create(component)
        create(replace(group, members=(component.id,)))
        return made
    if group is not None:
        create(group)
    return create(replace(component, group=group.id if group else None))


NEW = Component("new", "Search", FINE, description="Finds things.", position=7)
HEADING = ComponentGroup("head", "Data", Visibility.PUBLIC)


def test_the_components_of_a_page_are_made_on_all_others(mirrored: Callable[..., Bridge], source: str) -> None:
    bridge = mirrored()
    make_by_hand(bridge, NEW, HEADING)
    bridge.run(10, step=5)
    for target in bridge.runtime.settings.destinations:
        (seen,) = named(bridge, target, "Search")
        component = read(bridge, target, seen)
        assert isinstance(component, Component)
        assert (component.description, group_of(bridge, target, "Search")) == ("Finds things.", "Data"), target
        assert len(named(bridge, target, "Public API")) == 1, target
    assert bridge.owed() == 0
    before = [bridge.writes(target) for target in bridge.runtime.settings.destinations]
    bridge.run(300, step=60)
    assert [bridge.writes(target) for target in bridge.runtime.settings.destinations] == before


def test_what_happens_to_a_made_component_is_mirrored(mirrored: Callable[..., Bridge], source: str) -> None:
    bridge = mirrored()
    remote = make_by_hand(bridge, NEW, HEADING)
    bridge.run(10, step=5)
    someone = Person(bridge.runtime.settings.pages["page"].reach)
    someone.remote["component:new"] = remote
    someone.writes(incident(components={"new": MAJOR}), new=MAJOR)
    someone.writes(replace(NEW, status=MAJOR))
    bridge.run(40, step=5)
    for target in bridge.runtime.settings.destinations:
        assert bridge.status(target, "Search") == "critical", target
        assert len(bridge.incidents(target)) == 1, target


def test_nothing_is_made_unless_asked(mirrored: Callable[..., Bridge], source: str) -> None:
    bridge = mirrored(create_components=False)
    make_by_hand(bridge, NEW)
    bridge.run(70, step=10)
    assert [named(bridge, target, "Search") for target in bridge.runtime.settings.destinations] == [[], [], []]


@pytest.mark.parametrize("source", ["cachet2", "cachet3", "pingpong"], indirect=True)
def test_a_hidden_component_stays_hidden_or_is_not_made(mirrored: Callable[..., Bridge], source: str) -> None:
    bridge = mirrored()
    make_by_hand(bridge, replace(NEW, showcased=False))
    bridge.run(10, step=5)
    for target in bridge.runtime.settings.destinations:
        found = [read(bridge, target, seen) for seen in named(bridge, target, "Search")]
        can_hide = speaking(bridge, target).capabilities.can_hide_components
        assert [item.showcased for item in found if isinstance(item, Component)] == [False] * can_hide, target
    assert bridge.owed() == 0


@pytest.mark.parametrize("source", ["cachet2", "cachet3"], indirect=True)
def test_the_components_of_a_hidden_group_are_shown_nowhere(mirrored: Callable[..., Bridge], source: str) -> None:
    bridge = mirrored()
    make_by_hand(bridge, NEW, replace(HEADING, visibility=Visibility.AUTHENTICATED))
    bridge.run(10, step=5)
    for target in bridge.runtime.settings.destinations:
        page = bridge.page(target)
        assert "Search" not in {item.name for group in page.groups for item in group.components}, target
        assert "Data" not in {group.name for group in page.groups}, target
    assert bridge.owed() == 0


def test_two_pages_that_make_each_others_components_settle(
    store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], source: str
) -> None:
    other = PROVIDERS[(PROVIDERS.index(source) + 1) % len(PROVIDERS)]
    bridge = make_bridge(store, sandbox_and_server[1], sandbox, (source, other))
    settings = bridge.runtime.settings
    pages = {name: PageSettings(name, settings.destinations[name], timedelta(seconds=30)) for name in (source, other)}
    mirrors = tuple(
        MirrorSettings(page, (to,), create_components=True) for page, to in ((source, other), (other, source))
    )
    changed = replace(settings, pages={**pages, "page": pages[source]}, mirrors=mirrors, components={})
    bridge = replace(bridge, runtime=replace(bridge.runtime, settings=changed))
    before = {name: len(rows(bridge, name)) for name in (source, other)}
    make_by_hand(bridge, NEW, HEADING)
    bridge.run(200, step=10)
    assert {name: len(rows(bridge, name)) for name in (source, other)} == {
        name: count + 1 for name, count in before.items()
    }
    assert group_of(bridge, other, "Search") == "Data"
    assert bridge.owed() == 0
