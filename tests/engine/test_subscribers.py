"""Subscribers are copied when somebody says so: once, unasked by anybody, and without their addresses in any text."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from bridge import observe
from bridge.config.settings import ComponentSettings, PageSettings
from bridge.errors import Down, Outcome, Refused
from bridge.model.actions import Create, Reason, Remove
from bridge.model.enums import ComponentStatus, Kind
from bridge.model.facts import LinkState, ObjectKey, Refs
from bridge.model.objects import Component, Subscriber
from bridge.model.overview import Overview
from bridge.model.pages import Original
from bridge.model.schemas import schema_of
from bridge.providers import registry
from bridge.providers.base.http import Http
from bridge.providers.base.provider import Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.store import Store, keys
from bridge.store import subscribers as stored
from bridge.store.links import Links
from bridge.store.restore import load_state
from bridge.store.subscribers import Subscribers, key_of
from bridge.sync.decisions import dead_letters
from bridge.sync.decisions.subscribers import Copy, Verdict, listeners_of, owe_copy, plan_copy
from bridge.sync.pages.audience import NoAudience
from bridge.sync.sweep import housekeep
from bridge.web.app import create_app
from tests.engine.harness import Bridge, Unlimited, incident, make_bridge, with_destination
from tests.engine.test_killed_at_every_step import Killed, Reaper, run_killed

ABLE = ("cachet2", "cachet3", "statuspage")
EACH = pytest.mark.parametrize("pair", [*ABLE, "cachet2-2.3"], indirect=True)
TWO = pytest.mark.parametrize("pair", ["cachet2", "statuspage"], indirect=True)
ONE = pytest.mark.parametrize("pair", ["cachet3"], indirect=True)
SOURCES = {"cachet2": "cachet3", "cachet3": "statuspage", "statuspage": "cachet2", "pingpong": "cachet3"}
STEPS = ((Links, "_write"), (Http, "write"), (Subscribers, "forget"))
ANNA, BERT = "Anna.Example@mail.test", "bert@mail.test"
MAJOR = ComponentStatus.MAJOR_OUTAGE
LAST = 14
"""Steps of the first slice with one subscriber: two components are bound, and one call is made."""


@dataclass(frozen=True)
class Pair:
    """Two pages of one bridge: who subscribes to ``source`` is copied to ``target``."""

    bridge: Bridge
    source: str
    target: str

    def plan(self, **wishes: bool) -> Copy:
        return plan_copy(self.bridge.runtime, self.source, [self.target], **wishes)

    def copy(self, **wishes: bool) -> int:
        return owe_copy(self.bridge.runtime, self.plan(**wishes))

    def on(self, page: str) -> list[Subscriber]:
        """Who subscribes to a page; components by their remote ids."""
        provider = speaking(self.bridge, page)
        return [as_read(provider, seen) for seen in provider.scan(Kind.SUBSCRIBER)]

    def calls(self, method: str = "POST") -> list[str]:
        """Calls about subscribers that reached the target."""
        made = self.bridge.sandbox.calls.all(self.target, None)
        return [call.path for call in made if call.method == method and "/subscribers" in call.path]


def speaking(bridge: Bridge, name: str) -> Provider:
    return registry.make(bridge.runtime.settings.destinations[name], Unlimited(), lambda call: None)


def as_read(provider: Provider, seen: object) -> Subscriber:
    person, _ = provider.read(Kind.SUBSCRIBER, seen, "x", lambda kind, remote_id, at: remote_id)  # type: ignore[arg-type]
    assert isinstance(person, Subscriber)
    return person


def subscribes(bridge: Bridge, page: str, address: str, *components: str, verified: bool = True) -> str:
    """Somebody subscribes to a page by themselves; components by the names that the page shows."""
    provider = speaking(bridge, page)
    remote = {str(ObjectKey(Kind.COMPONENT, seen.name)): seen.remote_id for seen in provider.scan(Kind.COMPONENT)}
    person = Subscriber("theirs", address, components, verified)
    wanted, _ = provider.translate(person, Refs(remote))
    key = ObjectKey(Kind.SUBSCRIBER, "theirs")
    return provider.perform(Create(key, wanted.create, wanted.find, wanted.creates, None, Reason.FIRST)).remote_id


def follows(bridge: Bridge, page: str, person: Subscriber) -> list[str]:
    names = {seen.remote_id: seen.name for seen in speaking(bridge, page).scan(Kind.COMPONENT)}
    return sorted(names[remote_id] for remote_id in person.components)


@pytest.fixture(params=ABLE)
def pair(
    request: pytest.FixtureRequest, store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server]
) -> Iterator[Pair]:
    """Pages on which nobody is but whom a test puts there."""
    target, _, version = str(request.param).partition("-")
    settings = sandbox.plugins["cachet2"].settings
    before = settings.version
    source = SOURCES[target]
    bridge = make_bridge(store, sandbox_and_server[1], sandbox, (source, target))
    for name in {source, target} - {"pingpong"}:
        provider = speaking(bridge, name)
        for seen in list(provider.scan(Kind.SUBSCRIBER)):
            provider.perform(Remove(ObjectKey(Kind.SUBSCRIBER, "x"), seen.remote_id))
    settings.version = version or before
    yield Pair(bridge, source, target)
    settings.version = before


def calm(bridge: Bridge) -> None:
    """Long enough for every outcome to become known, and every pause to end."""
    bridge.run(80, step=20)


def confirmed(pair: Pair) -> set[str]:
    """Whom the target asked nothing. A 2.3 does not tell, so its own rows are looked at."""
    if pair.target == "cachet2":
        rows = pair.bridge.sandbox.plugins["cachet2"].world.subscribers
        return {row["email"] for row in rows if row["verified_at"] is not None}
    return {person.address for person in pair.on(pair.target) if person.verified}


def everything_stored(store: Store) -> str:
    return "\n".join(store.backup())


# --- what is copied -----------------------------------------------------------------------------------------------


@EACH
def test_those_who_confirmed_are_subscribed_without_being_asked(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    subscribes(pair.bridge, pair.source, BERT, "Public API")
    assert pair.copy() == 2
    pair.bridge.run(3)
    there = {person.address: person for person in pair.on(pair.target)}
    assert set(there) == {ANNA, BERT}
    assert confirmed(pair) == {ANNA, BERT}
    assert there[ANNA].components == ()
    assert follows(pair.bridge, pair.target, there[BERT]) == ["Public API"]
    assert len(pair.calls()) == 2
    assert pair.calls("PUT") == pair.calls("PATCH") == []
    assert pair.bridge.owed() == 0


@ONE
def test_planning_a_copy_writes_nowhere(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    before = pair.bridge.writes(pair.source)
    (entry,) = pair.plan().entries
    assert (entry.verdict, entry.listener.address) == (Verdict.MAKE, ANNA)
    pair.bridge.run(3)
    assert (pair.on(pair.target), pair.bridge.writes(pair.source)) == ([], before)


@ONE
def test_a_second_copy_makes_nothing(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    pair.copy()
    pair.bridge.run(3)
    (entry,) = pair.plan().entries
    assert entry.verdict is Verdict.THERE
    assert pair.copy() == 0
    pair.bridge.run(3)
    assert len(pair.on(pair.target)) == len(pair.calls()) == 1


@ONE
def test_two_copies_at_once_make_everybody_once(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    first, second = pair.plan(), pair.plan()
    owe_copy(pair.bridge.runtime, first)
    assert [entry.verdict for entry in pair.plan().entries] == [Verdict.UNDER_WAY]
    owe_copy(pair.bridge.runtime, second)
    pair.bridge.run(3)
    assert len(pair.on(pair.target)) == 1


@ONE
def test_an_address_that_is_there_in_other_capitals_is_not_made(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    subscribes(pair.bridge, pair.target, ANNA.lower(), "Website")
    assert [entry.verdict for entry in pair.plan().entries] == [Verdict.THERE]


def test_who_subscribes_between_plan_and_call_is_left_as_they_are(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA, "Public API")
    pair.copy()
    theirs = subscribes(pair.bridge, pair.target, ANNA, "Website")
    pair.bridge.run(3)
    (person,) = pair.on(pair.target)
    assert follows(pair.bridge, pair.target, person) == ["Website"]
    (identity,) = pair.bridge.store.subscribers.ids([ANNA])
    link = pair.bridge.store.links.get(pair.target, key_of(identity))
    assert (link.state, link.remote_id) == (LinkState.LINKED, theirs)


@TWO
def test_who_unsubscribed_since_the_last_copy_is_not_subscribed_again(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    pair.copy()
    pair.bridge.run(3)
    provider = speaking(pair.bridge, pair.target)
    (seen,) = provider.scan(Kind.SUBSCRIBER)
    provider.perform(Remove(ObjectKey(Kind.SUBSCRIBER, "x"), seen.remote_id))
    (entry,) = pair.plan().entries
    assert (entry.verdict, "subscribed there" in entry.why) == (Verdict.LEFT_OUT, True)
    assert pair.copy() == 0


@pytest.mark.parametrize("pair", ["statuspage"], indirect=True)
def test_who_left_a_page_that_remembers_it_is_not_subscribed_by_the_first_copy(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    remote = subscribes(pair.bridge, pair.target, ANNA.lower())
    speaking(pair.bridge, pair.target).perform(Remove(ObjectKey(Kind.SUBSCRIBER, "x"), remote))
    (entry,) = pair.plan().entries
    assert (entry.verdict, entry.why) == (Verdict.LEFT_OUT, "they unsubscribed there")


@TWO
def test_those_who_never_confirmed_are_taken_along_only_when_asked_and_are_then_told(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA, verified=False)
    (entry,) = pair.plan().entries
    assert (entry.verdict, "never confirmed" in entry.why) == (Verdict.LEFT_OUT, True)
    (entry,) = pair.plan(unverified=True).entries
    assert (entry.verdict, entry.is_asked) == (Verdict.MAKE, True)
    pair.copy(unverified=True)
    pair.bridge.run(3)
    assert (len(pair.on(pair.target)), confirmed(pair)) == (1, set())


# --- components ---------------------------------------------------------------------------------------------------


def test_a_component_without_a_counterpart_is_a_loss(pair: Pair) -> None:
    strange = strange_component(pair)
    subscribes(pair.bridge, pair.source, ANNA, "Public API", strange)
    (entry,) = pair.plan().entries
    assert entry.verdict is Verdict.MAKE
    assert [(loss.field, loss.had, loss.became) for loss in entry.losses] == [("components", strange, "")]
    pair.copy()
    pair.bridge.run(3)
    (person,) = pair.on(pair.target)
    assert follows(pair.bridge, pair.target, person) == ["Public API"]


def test_who_follows_only_what_is_missing_is_not_told_of_everything(pair: Pair) -> None:
    strange = strange_component(pair)
    subscribes(pair.bridge, pair.source, ANNA, strange)
    (entry,) = pair.plan().entries
    assert (entry.verdict, strange in entry.why) == (Verdict.LEFT_OUT, True)
    assert pair.copy() == 0


@TWO
def test_who_follows_only_what_the_other_page_does_not_show_is_left_out(pair: Pair) -> None:
    bridge = pair.bridge
    shown = bridge.runtime.settings.components["web"]
    only_here = replace(shown, on={pair.source: "Website"})
    components = {**bridge.runtime.settings.components, "web": only_here}
    settings = replace(bridge.runtime.settings, components=components)
    pair = replace(pair, bridge=replace(bridge, runtime=replace(bridge.runtime, settings=settings)))
    subscribes(bridge, pair.source, ANNA, "Website")
    subscribes(bridge, pair.source, BERT, "Website", "Public API")
    entries = {entry.listener.address: entry for entry in pair.plan().entries}
    assert entries[ANNA].verdict is Verdict.LEFT_OUT
    assert [loss.had for loss in entries[BERT].losses] == ["web"]


def strange_component(pair: Pair) -> str:
    """The name of a component of the source that is none of ours."""
    names = [seen.name for seen in speaking(pair.bridge, pair.source).scan(Kind.COMPONENT)]
    return next(name for name in names if name not in ("Public API", "Website"))


@ONE
def test_a_component_that_is_still_to_be_made_is_waited_for(pair: Pair) -> None:
    bridge = pair.bridge
    original = Original(Component("search", "Search", ComponentStatus.OPERATIONAL))
    made = speaking(bridge, pair.source)
    wanted, _ = made.translate(original.component, Refs())
    key = ObjectKey(Kind.COMPONENT, "search")
    made.perform(Create(key, wanted.create, wanted.find, wanted.creates, None, Reason.FIRST))
    search = ComponentSettings("search", "Search", on={pair.source: "Search", pair.target: "Search"}, original=original)
    settings = replace(bridge.runtime.settings, components={**bridge.runtime.settings.components, "search": search})
    pair = replace(pair, bridge=replace(bridge, runtime=replace(bridge.runtime, settings=settings)))
    subscribes(bridge, pair.source, ANNA, "Search")
    assert pair.plan().entries[0].losses == ()
    pair.copy()
    pair.bridge.run(10)
    (person,) = pair.on(pair.target)
    assert follows(pair.bridge, pair.target, person) == ["Search"]


# --- kinds of addresses -------------------------------------------------------------------------------------------


@ONE
def test_a_provider_that_writes_mails_only_takes_no_telephones_and_no_programs(pair: Pair) -> None:
    provider = speaking(pair.bridge, pair.source)
    for body in ({"endpoint": "https://hook.test/secret"}, {"phone_number": "5550100", "phone_country": "us"}):
        action = Create(ObjectKey(Kind.SUBSCRIBER, "x"), body, None, {}, None, Reason.FIRST)  # type: ignore[arg-type]
        provider.perform(action)
    entries = pair.plan().entries
    assert {entry.verdict for entry in entries} == {Verdict.LEFT_OUT}
    assert all("nothing else" in entry.why and "5550100" not in entry.why for entry in entries)


@pytest.mark.parametrize("pair", ["pingpong"], indirect=True)
def test_a_provider_without_subscribers_says_so(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    copy = pair.plan()
    assert copy.entries == ()
    assert "no subscribers" in copy.troubles["pingpong"]
    with pytest.raises(NoAudience, match="no subscribers"):
        listeners_of(pair.bridge.runtime, "pingpong")


@ONE
def test_a_page_that_is_only_looked_at_can_be_copied_from(pair: Pair) -> None:
    bridge = pair.bridge
    destinations = dict(bridge.runtime.settings.destinations)
    page = PageSettings("page", replace(destinations.pop(pair.source), name="page"))
    subscribes(bridge, pair.source, ANNA, "Public API")
    settings = replace(bridge.runtime.settings, destinations=destinations, pages={"page": page})
    changed = replace(pair, source="page", bridge=replace(bridge, runtime=replace(bridge.runtime, settings=settings)))
    changed.copy()
    changed.bridge.run(3)
    (person,) = changed.on(pair.target)
    assert (person.address, follows(bridge, pair.target, person)) == (ANNA, ["Public API"])


@ONE
def test_an_unknown_page_is_named_with_the_known_ones(pair: Pair) -> None:
    with pytest.raises(NoAudience, match="cachet3"):
        listeners_of(pair.bridge.runtime, "nowhere")


@ONE
def test_reading_waits_for_the_rate_that_workers_share(pair: Pair) -> None:
    for number in range(3):
        subscribes(pair.bridge, pair.source, f"p{number}@mail.test")
    slow = with_destination(pair.bridge, pair.source, rate=(2, 0.2))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    assert len(listeners_of(slow.runtime, pair.source, wait)) == 3
    assert 0 < sum(waits) < 5


# --- exactly once in effect ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(1, LAST + 1))
def test_a_copy_that_is_killed_subscribes_everybody_once(pair: Pair, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    subscribes(pair.bridge, pair.source, ANNA, "Public API")
    pair.copy()
    run_killed(pair.bridge, monkeypatch, pair.target, at, *STEPS)
    calm(pair.bridge)
    housekeep(pair.bridge.runtime)
    (person,) = pair.on(pair.target)
    assert (person.address, follows(pair.bridge, pair.target, person)) == (ANNA, ["Public API"])
    assert len(pair.calls()) == 1
    assert pair.bridge.owed() == 0
    assert "mail.test" not in everything_stored(pair.bridge.store).lower()


def test_there_are_no_more_steps_at_which_it_could_be_killed(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    subscribes(pair.bridge, pair.source, ANNA, "Public API")
    pair.copy()
    assert run_killed(pair.bridge, monkeypatch, pair.target, 1000, *STEPS) == LAST


@pytest.mark.parametrize("at", range(1, 5))
@ONE
def test_a_command_that_is_killed_while_it_owes_is_said_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    for address in (ANNA, BERT):
        subscribes(pair.bridge, pair.source, address)
    with monkeypatch.context() as patch:
        patch.setattr(stored, "_AT_ONCE", 1)
        patch.setattr(stored, "write_marks", Reaper(at).around(stored.write_marks))
        with contextlib.suppress(Killed):
            pair.copy()
    pair.copy()
    pair.bridge.run(3)
    assert sorted(person.address for person in pair.on(pair.target)) == [ANNA, BERT]
    assert len(pair.calls()) == 2


@EACH
@pytest.mark.parametrize("kind", ["reset", "status"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_subscribes_nobody_twice_and_loses_nobody(pair: Pair, kind: str, when: str) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    status = 503 if kind == "status" else None
    fault = Fault(kind, pair.target, "POST", "*/subscribers", when=when, times=1, status=status)  # type: ignore[arg-type]
    pair.bridge.sandbox.faults.add(fault)
    pair.copy()
    calm(pair.bridge)
    (person,) = pair.on(pair.target)
    assert person.address == ANNA
    assert pair.bridge.owed() == 0
    if when == "after":  # it was looked for before it was written again, and found
        assert len(pair.calls()) == 1


@TWO
def test_an_incident_overtakes_a_copy(pair: Pair) -> None:
    for number in range(12):
        subscribes(pair.bridge, pair.source, f"p{number}@mail.test")
    pair.copy()
    pair.bridge.commit(incident(), api=MAJOR)
    pair.bridge.settle()
    made = [call.path for call in pair.bridge.sandbox.calls.all(pair.target, None) if call.method == "POST"]
    first = next(place for place, path in enumerate(made) if "/incidents" in path)
    assert first <= pair.bridge.runtime.settings.destinations[pair.target].concurrency
    pair.bridge.run(5)
    assert len(pair.on(pair.target)) == 12


# --- what is refused ----------------------------------------------------------------------------------------------


def test_who_is_refused_becomes_a_dead_letter_and_can_be_tried_again(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    pair.bridge.sandbox.faults.add(Fault("status", pair.target, "POST", "*/subscribers", status=422, times=1))
    pair.copy()
    pair.bridge.run(3)
    (letter,) = dead_letters.dead_letters(pair.bridge.runtime, pair.target)
    assert ("422" in letter.why, pair.on(pair.target)) == (True, [])
    dead_letters.retry(pair.bridge.runtime, letter)
    pair.bridge.run(3)
    assert len(pair.on(pair.target)) == 1
    assert list(dead_letters.dead_letters(pair.bridge.runtime, pair.target)) == []


@ONE
def test_who_was_given_up_is_forgotten_and_may_be_copied_again(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    pair.bridge.sandbox.faults.add(Fault("status", pair.target, "POST", "*/subscribers", status=422, times=1))
    pair.copy()
    pair.bridge.run(3)
    assert ANNA in everything_stored(pair.bridge.store)
    (letter,) = dead_letters.dead_letters(pair.bridge.runtime, pair.target)
    dead_letters.discard(pair.bridge.runtime, letter)
    housekeep(pair.bridge.runtime)
    assert "mail.test" not in everything_stored(pair.bridge.store).lower()
    assert pair.copy() == 1
    pair.bridge.run(3)
    assert len(pair.on(pair.target)) == 1


# --- addresses ----------------------------------------------------------------------------------------------------


def test_once_somebody_is_subscribed_their_address_is_forgotten(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA, "Public API")
    pair.copy()
    assert ANNA in everything_stored(pair.bridge.store)
    pair.bridge.run(3)
    assert "mail.test" not in everything_stored(pair.bridge.store).lower()
    (identity,) = pair.bridge.store.subscribers.ids([ANNA.upper()])
    assert pair.bridge.store.links.get(pair.target, key_of(identity)).remote_id is not None


def test_ids_cannot_be_made_without_the_key_of_the_store(store: Store, valkey: str) -> None:
    (before,) = store.subscribers.ids([ANNA])
    store._client.delete(keys.ADDRESS_KEY)  # as another store
    (other,) = store.subscribers.ids([ANNA])
    assert before != other
    assert store.subscribers.ids([ANNA, f" {ANNA.lower()} "]) == [other, other]


@ONE
def test_a_copy_under_way_goes_on_from_a_backup(pair: Pair) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    pair.copy()
    lines = list(pair.bridge.store.backup())
    assert any(ANNA in line for line in lines)
    pair.bridge.store._client.flushall()
    load_state(pair.bridge.store._client, lines)
    pair.bridge.run(3)
    assert [person.address for person in pair.on(pair.target)] == [ANNA]


@pytest.mark.parametrize("pair", ["cachet3", "statuspage"], indirect=True)
@pytest.mark.parametrize("kind", ["refused", "down", "broken", "done"])
def test_no_text_tells_an_address(
    pair: Pair, kind: str, monkeypatch: pytest.MonkeyPatch, told: Callable[[Bridge], str]
) -> None:
    subscribes(pair.bridge, pair.source, ANNA)
    pair.copy()
    if kind != "done":
        write = Http.write

        def fail(self: Http, method: str, path: str, *args: object, **options: object) -> object:
            if "/subscribers" not in path:
                return write(self, method, path, *args, **options)  # type: ignore[arg-type]
            if kind == "broken":
                raise ValueError(f"{ANNA} broke it")
            error = Refused if kind == "refused" else Down
            raise error(f"no {ANNA.lower()} here", status=422, detail=f"{ANNA} is odd", outcome=Outcome.UNKNOWN)

        monkeypatch.setattr(Http, "write", fail)
    shown = told(pair.bridge)
    pair.bridge.run(3)
    shown += told(pair.bridge)
    assert "example" not in shown.lower().replace("statusbridge.example", "")
    assert f'"{pair.target}"' in shown


@pytest.fixture
def told() -> Iterator[Callable[[Bridge], str]]:
    """Everything that is told about a bridge: logs, overview, dead letters, metrics, dashboard, stories, counters."""
    logs = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    observe.configure(logging.DEBUG, logs, libraries=logging.DEBUG, json=True)

    def tell(bridge: Bridge) -> str:
        store, settings = bridge.store, bridge.runtime.settings
        texts = [logs.getvalue(), json.dumps(schema_of(Overview).dump(store.overview(settings, bridge.clock.now())))]
        texts += [f"{letter.key} {letter.title} {letter.why}" for letter in dead_letters.dead_letters(bridge.runtime)]
        (identity,) = store.subscribers.ids([ANNA])
        with create_app(settings, store, bridge.clock).test_client() as client:
            texts += [
                client.get(path).get_data(as_text=True) for path in ("/metrics", "/", "/board", f"/story/{identity}")
            ]
        texts += [json.dumps(store.story.entries(identity)), json.dumps(dict(store.counters()))]
        return "\n".join(texts)

    yield tell
    root.handlers[:] = handlers
    root.setLevel(level)
