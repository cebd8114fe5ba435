"""Points of a page's metrics on every destination: in its own steps, once, however the calls end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bridge.config.settings import History, MirrorSettings, PageSettings
from bridge.model.actions import Create, Reason, Remove
from bridge.model.enums import ComponentStatus, Kind, MetricAggregation, Visibility
from bridge.model.facts import FindBy, ObjectKey, Refs
from bridge.model.objects import Metric, MetricPoint
from bridge.providers import registry
from bridge.providers.base.http import Http
from bridge.providers.base.provider import Provider
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.store.lanes import Lane
from bridge.store.links import Links
from bridge.sync.chronicle import chronicle_of
from bridge.sync.decisions.dead_letters import dead_letters, retry
from bridge.sync.pages.points import metric_id
from bridge.sync.pages.poll import poll
from tests.engine.harness import START, Bridge, Unlimited, incident, make_bridge
from tests.engine.test_killed_at_every_step import run_killed

MEAN, SUM = MetricAggregation.MEAN, MetricAggregation.SUM
NAME = "Answer time"


@dataclass
class Feeder:
    """Somebody who feeds metrics of a page by its API."""

    provider: Provider
    metrics: dict[str, str] = field(default_factory=dict)

    def makes(self, name: str = NAME, aggregation: MetricAggregation = MEAN, **fields: object) -> str:
        """Make a metric; gives its id."""
        facts: dict[str, object] = {"visibility": Visibility.PUBLIC, "suffix": "ms", **fields}
        wanted, _ = self.provider.translate(Metric("met", name, aggregation, **facts), Refs())  # type: ignore[arg-type]
        key = ObjectKey(Kind.METRIC, "met")
        made = self.provider.perform(Create(key, wanted.create, FindBy(), {}, None, Reason.FIRST))
        self.metrics[name] = made.remote_id
        return made.remote_id

    def sends(self, value: float, at: object, name: str = NAME) -> None:
        """Send a point."""
        refs = Refs({"metric:met": self.metrics[name]})
        wanted, _ = self.provider.translate(MetricPoint("mpt", "met", value, at), refs)  # type: ignore[arg-type]
        key = ObjectKey(Kind.METRIC_POINT, "mpt")
        self.provider.perform(Create(key, wanted.create, FindBy(), {}, None, Reason.FIRST))


def speaking(bridge: Bridge, name: str) -> Provider:
    settings = bridge.runtime.settings
    reach = settings.destinations.get(name) or settings.pages[name].reach
    return registry.make(reach, Unlimited(), lambda call: None)


def feeder(bridge: Bridge, name: str) -> Feeder:
    return Feeder(speaking(bridge, name))


def shown(bridge: Bridge, provider: str, name: str = NAME) -> list[tuple[int, float, int]]:
    """Time (seconds after the beginning of the test), value and count of the points that a page has of a metric."""
    plugin, begin = bridge.sandbox.plugins[provider], int(START.timestamp())
    if provider == "statuspage":
        (row,) = [row for row in plugin.world.table("metrics").values() if row["name"] == name]
        return [(second - begin, value, 1) for second, value in sorted(row["points"].items())]
    if provider == "pingpong":
        (metric,) = [item for item in plugin.world.custom_metrics.values() if item.name == name]
        return [(second - begin, value, 1) for second, value in sorted(metric.points.items())]
    (row,) = [row for row in plugin.world.metrics if row["name"] == name]
    points = sorted((p for p in plugin.world.points if p["metric_id"] == row["id"]), key=lambda p: p["created_at"])
    return [(int(p["created_at"].timestamp()) - begin, p["value"], p["counter"]) for p in points]


def source_of(provider: str) -> str:
    """A page that shows its points, and is not the destination."""
    return "cachet2" if provider == "cachet3" else "cachet3"


TWO = pytest.mark.parametrize("target", ["statuspage", "cachet2-2.3"], indirect=True)
"""For what is the same wherever the points go."""


@pytest.fixture
def provider(target: str) -> str:
    """Each provider, and the old Cachet."""
    return target


@pytest.fixture
def bridge(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], provider: str) -> Bridge:
    """One destination, and a page whose metrics go along."""
    whole = make_bridge(store, sandbox_and_server[1], sandbox, (provider, source_of(provider)))
    settings = whole.runtime.settings
    page = PageSettings("old", replace(settings.destinations[source_of(provider)], name="old"), timedelta(seconds=30))
    settings = replace(settings, destinations={provider: settings.destinations[provider]}, pages={"old": page})
    bridge = replace(whole, runtime=replace(whole.runtime, settings=settings))
    return mirrored(bridge, metrics=True)


def mirrored(bridge: Bridge, **fields: object) -> Bridge:
    """The same bridge with other words for its mirror."""
    settings = bridge.runtime.settings
    mirror = MirrorSettings("old", tuple(settings.destinations), **fields)  # type: ignore[arg-type]
    return replace(bridge, runtime=replace(bridge.runtime, settings=replace(settings, mirrors=(mirror,))))


def play(bridge: Bridge, someone: Feeder, values: list[float], name: str = NAME) -> list[tuple[int, float, int]]:
    """Send a value a minute, and let the bridge work; gives what is to be seen on the destination."""
    sent = []
    for value in values:
        now = bridge.clock.now()
        someone.sends(value, now, name)
        sent.append((int(now.timestamp() - START.timestamp()), value, 1))
        bridge.run(60, step=60)
    return sent


def calm(bridge: Bridge) -> None:
    """Let everything that is unsettled be settled."""
    bridge.run(180, step=60)


def begun(bridge: Bridge, provider: str, **fields: object) -> Feeder:
    """The metric on both pages, and a bridge that has looked at it."""
    feeder(bridge, provider).makes(**fields)  # type: ignore[arg-type]
    someone = feeder(bridge, "old")
    someone.makes(**fields)  # type: ignore[arg-type]
    bridge.run(60, step=60)
    return someone


def test_points_go_along_to_the_metric_of_equal_name(bridge: Bridge, provider: str) -> None:
    someone = begun(bridge, provider)
    sent = play(bridge, someone, [10.0, 20.5, 30.0, 5.0])
    calm(bridge)
    assert shown(bridge, provider) == sent
    assert bridge.owed() == 0
    before = bridge.writes(provider)
    bridge.run(7200, step=2400)
    assert bridge.writes(provider) == before
    assert shown(bridge, provider) == sent


def test_what_falls_into_one_step_becomes_one_point(bridge: Bridge, provider: str) -> None:
    someone = begun(bridge, provider, aggregation=SUM)
    start = bridge.clock.now()
    for number in range(4):  # a minute apart, which is as near as Cachet 3 lets them be
        someone.sends(number + 1.0, start + timedelta(minutes=number))
        bridge.run(60, step=60)
    calm(bridge)
    assert sum(value * count for _, value, count in shown(bridge, provider)) == 10.0
    assert all(second % 30 == 0 for second, _, _ in shown(bridge, provider))


@TWO
def test_no_history_goes_along_unless_it_is_asked_for(bridge: Bridge, provider: str) -> None:
    feeder(bridge, provider).makes()
    someone = feeder(bridge, "old")
    someone.makes()
    for hours in range(5, 0, -1):
        someone.sends(float(hours), START - timedelta(hours=hours))
    bridge.run(180, step=90)
    assert shown(bridge, provider) == []
    assert play(bridge, someone, [7.0]) == [(180, 7.0, 1)]
    calm(bridge)
    assert shown(bridge, provider) == [(180, 7.0, 1)]


def test_history_goes_along_where_it_is_asked_for(bridge: Bridge, provider: str) -> None:
    bridge = mirrored(bridge, metrics=True, create_metrics=True, history=History.ALL)
    someone = feeder(bridge, "old")
    someone.makes()
    ages = [3600 * 24 * 45, *range(3600 * 30, 0, -3600)]
    for age in ages:
        someone.sends(age / 10, START - timedelta(seconds=age))
    calm(bridge)
    limit = 3600 * 24 * 28 if provider in ("statuspage", "pingpong") else 10**9
    assert shown(bridge, provider) == [(-age, age / 10, 1) for age in ages if age < limit]
    dropped = bridge.store.counters().get(f"points.dropped|{provider}|too_old", 0)
    assert dropped == sum(age >= limit for age in ages)
    assert bridge.owed() == 0


def test_a_missing_metric_is_made_once_and_before_its_points(bridge: Bridge, provider: str) -> None:
    bridge = mirrored(bridge, metrics={NAME: "Latency"}, create_metrics=True)
    someone = feeder(bridge, "old")
    someone.makes(description="How long it takes.")
    bridge.run(60, step=60)
    sent = play(bridge, someone, [1.0, 2.0])
    calm(bridge)
    assert shown(bridge, provider, "Latency") == sent
    assert [seen.name for seen in speaking(bridge, provider).scan(Kind.METRIC)].count("Latency") == 1


@TWO
def test_without_a_metric_of_its_name_nothing_is_written_until_there_is_one(bridge: Bridge, provider: str) -> None:
    someone = feeder(bridge, "old")
    someone.makes()
    bridge.run(60, step=60)
    sent = play(bridge, someone, [1.0, 2.0])
    assert [call for call in bridge.writes(provider) if "metrics" in call] == []
    assert bridge.owed() == 0
    assert list(dead_letters(bridge.runtime)) == []
    feeder(bridge, provider).makes()
    bridge.run(900, step=150)
    assert shown(bridge, provider) == sent


@TWO
def test_a_metric_that_a_person_named_wrongly_is_a_dead_letter(bridge: Bridge, provider: str) -> None:
    bridge = mirrored(bridge, metrics={NAME: "Latncy"})
    someone = begun(bridge, provider)
    sent = play(bridge, someone, [1.0])
    calm(bridge)
    (letter,) = dead_letters(bridge.runtime)
    assert "'Latncy'" in letter.why
    bridge = mirrored(bridge, metrics={NAME: NAME})
    retry(bridge.runtime, letter)
    calm(bridge)
    assert shown(bridge, provider) == sent
    assert list(dead_letters(bridge.runtime)) == []


@TWO
def test_what_is_hidden_on_the_page_is_shown_nowhere(bridge: Bridge, provider: str) -> None:
    feeder(bridge, provider).makes()
    someone = feeder(bridge, "old")
    (row,) = [someone.makes()]
    world = bridge.sandbox.plugins[source_of(provider)].world
    next(metric for metric in world.metrics if str(metric["id"]) == row)["visible"] = 0
    bridge.run(60, step=60)
    play(bridge, someone, [1.0, 2.0])
    calm(bridge)
    assert shown(bridge, provider) == []
    (letter,) = dead_letters(bridge.runtime)
    assert "everybody would see it" in letter.why


def test_a_late_point_changes_its_step_where_that_can_be_and_is_counted_elsewhere(
    bridge: Bridge, provider: str
) -> None:
    someone = begun(bridge, provider)
    sent = play(bridge, someone, [1.0, 2.0, 3.0])
    first = START + timedelta(seconds=sent[0][0])
    step = 30 if provider in ("statuspage",) else 60
    world = bridge.sandbox.plugins[source_of(provider)].world
    (metric,) = [row for row in world.metrics if row["name"] == NAME]
    stamp = {"metric_id": metric["id"], "value": 5.0, "counter": 1, "updated_at": first}
    world.points.add({**stamp, "created_at": first + timedelta(seconds=step / 2)})
    calm(bridge)
    changed = provider in ("statuspage", "pingpong")
    assert shown(bridge, provider) == [(sent[0][0], 3.0 if changed else 1.0, 1), *sent[1:]]
    late = bridge.store.counters().get(f"points.dropped|{provider}|late", 0)
    assert late == (0 if changed else 1)


@TWO
def test_a_metric_that_somebody_deletes_is_a_dead_letter_until_it_is_tried_again(bridge: Bridge, provider: str) -> None:
    someone = begun(bridge, provider)
    play(bridge, someone, [1.0])
    calm(bridge)
    there = speaking(bridge, provider)
    (seen,) = [seen for seen in there.scan(Kind.METRIC) if seen.name == NAME]
    there.perform(Remove(ObjectKey(Kind.METRIC, "met"), seen.remote_id))
    play(bridge, someone, [2.0])
    calm(bridge)
    (letter,) = dead_letters(bridge.runtime)
    assert (letter.title, bridge.owed()) == (NAME, 0)
    feeder(bridge, provider).makes()
    retry(bridge.runtime, letter)
    calm(bridge)
    assert [value for _, value, _ in shown(bridge, provider)] == [2.0]


@TWO
def test_a_page_whose_metrics_cannot_be_read_is_mirrored_all_the_same(bridge: Bridge, provider: str) -> None:
    someone = begun(bridge, provider)
    bridge.sandbox.faults.add(Fault("status", provider=source_of(provider), path="*metrics*", method="GET", status=500))
    bridge.run(120, step=60)
    assert bridge.store.lanes.state(Lane("poll", "old")).state == "ok"
    bridge.sandbox.faults.clear()
    sent = play(bridge, someone, [3.0])
    bridge.run(480, step=120)
    assert shown(bridge, provider) == sent


@pytest.mark.parametrize("target", ["statuspage"], indirect=True)
def test_what_the_store_does_not_keep_is_counted_and_told(
    bridge: Bridge, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.points.MOST", 3)
    feeder(bridge, provider).makes()
    bridge = mirrored(bridge, metrics=True, history=History.ALL)
    someone = feeder(bridge, "old")
    remote_id = someone.makes()
    for hours in range(6, 0, -1):
        someone.sends(float(hours), START - timedelta(hours=hours))
    calm(bridge)
    assert [value for _, value, _ in shown(bridge, provider)] == [3.0, 2.0, 1.0]
    assert bridge.store.counters()["points.left|old|too_many"] == 3
    chronicle = chronicle_of(bridge.runtime.settings, bridge.store, NAME)
    assert chronicle is not None
    assert chronicle.id == metric_id("old", remote_id)
    assert "3 points were dropped" in " ".join(getattr(entry, "text", "") for entry in chronicle.told)


@pytest.mark.parametrize("target", ["cachet2"], indirect=True)
def test_in_a_ring_each_point_goes_once_around(bridge: Bridge, provider: str) -> None:
    settings = bridge.runtime.settings
    other = source_of(provider)
    reach = replace(settings.pages["old"].reach, name=other)
    ends = {provider: settings.destinations[provider], other: reach}
    pages = {name: PageSettings(name, end, timedelta(seconds=30)) for name, end in ends.items()}
    mirrors = (MirrorSettings(provider, (other,), metrics=True), MirrorSettings(other, (provider,), metrics=True))
    settings = replace(settings, destinations=ends, pages=pages, mirrors=mirrors)
    bridge = replace(bridge, runtime=replace(bridge.runtime, settings=settings))
    people = [feeder(bridge, name) for name in ends]
    for someone in people:
        someone.makes()
    bridge.run(60, step=60)
    sent = []
    for number in range(6):  # two minutes between any two, as Cachet 3 wants one at least
        now = bridge.clock.now()
        people[number % 2].sends(float(number + 1), now)
        sent.append((int((now - START).total_seconds()), float(number + 1), 1))
        bridge.run(120, step=40)
    calm(bridge)
    assert shown(bridge, provider) == sent
    assert shown(bridge, other) == sent
    before = [bridge.writes(name) for name in ends]
    bridge.run(3 * 3600, step=1800)
    assert [bridge.writes(name) for name in ends] == before
    assert bridge.owed() == 0


LOST = [
    Fault("timeout", when="after", seconds=1.2),
    Fault("reset", when="after"),
    Fault("status", when="after", status=500),
    Fault("status", when="before", status=502),
    Fault("truncated", when="after"),
]


def test_a_lost_answer_doubles_no_point_and_loses_none(bridge: Bridge, provider: str) -> None:
    someone = begun(bridge, provider)
    sent: list[tuple[int, float, int]] = []
    for number, fault in enumerate(LOST):
        bridge.sandbox.faults.add(replace(fault, provider=provider, method="POST", path="*metrics*", times=1))
        sent += play(bridge, someone, [float(number)])
        bridge.run(180, step=30)
        assert bridge.sandbox.faults.to_json()[number]["struck"] == 1
    calm(bridge)
    assert shown(bridge, provider) == sent
    assert bridge.owed() == 0


STEPS = ((Links, "_write"), (Http, "write"))


def test_sending_that_is_killed_at_any_step_sends_each_point_once(
    bridge: Bridge, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = begun(bridge, provider)
    sent: list[tuple[int, float, int]] = []
    for at in range(1, 10):
        now = bridge.clock.now()
        someone.sends(float(at), now)
        sent.append((int((now - START).total_seconds()), float(at), 1))
        bridge.clock.advance(100)
        poll(bridge.runtime, "old")
        bridge.clock.advance(100)
        poll(bridge.runtime, "old")
        run_killed(bridge, monkeypatch, provider, at, *STEPS)
        bridge.run(100, step=25)
    calm(bridge)
    assert shown(bridge, provider) == sent
    assert bridge.owed() == 0


def test_making_metrics_that_is_killed_at_any_step_makes_each_once(
    bridge: Bridge, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = mirrored(bridge, metrics=True, create_metrics=True)
    someone = feeder(bridge, "old")
    names = [f"{NAME} {at}" for at in range(1, 6)]
    for name in names:
        someone.makes(name)
    bridge.run(60, step=60)
    sent: dict[str, tuple[int, float, int]] = {}
    for at, name in enumerate(names, 1):
        someone.sends(1.0, bridge.clock.now(), name)
        sent[name] = (int((bridge.clock.now() - START).total_seconds()), 1.0, 1)
        bridge.clock.advance(120)
        poll(bridge.runtime, "old")
        run_killed(bridge, monkeypatch, provider, at, *STEPS)
        bridge.run(120, step=40)
    calm(bridge)
    made = [seen.name for seen in speaking(bridge, provider).scan(Kind.METRIC)]
    assert [made.count(name) for name in names] == [1] * len(names)
    assert {name: shown(bridge, provider, name) for name in names} == {name: [point] for name, point in sent.items()}


@TWO
def test_a_sender_whose_clock_is_behind_is_waited_for(bridge: Bridge, provider: str) -> None:
    someone = begun(bridge, provider, aggregation=SUM)
    world = bridge.sandbox.plugins[source_of(provider)].world
    (metric,) = [row for row in world.metrics if row["name"] == NAME]
    bridge.clock.advance(600)
    for number in range(12):  # two in each minute, of four minutes ago
        at = bridge.clock.now() - timedelta(minutes=4)
        stamp = {"metric_id": metric["id"], "counter": 1, "created_at": at, "updated_at": at}
        world.points.add({**stamp, "value": 1.0 + number})
        bridge.run(30, step=30)
    calm(bridge)
    assert sum(value for _, value, _ in shown(bridge, provider)) == sum(range(1, 13))
    assert f"points.dropped|{provider}|late" not in bridge.store.counters()
    assert someone.metrics


@TWO
def test_a_live_incident_goes_before_a_history_of_points(bridge: Bridge, provider: str) -> None:
    bridge = mirrored(bridge, metrics=True, history=History.ALL)
    feeder(bridge, provider).makes()
    someone = feeder(bridge, "old")
    someone.makes()
    for hours in range(20, 0, -1):
        someone.sends(float(hours), START - timedelta(hours=hours))
    bridge.clock.advance(60)
    poll(bridge.runtime, "old")
    bridge.commit(incident(), api=ComponentStatus.MAJOR_OUTAGE)
    before = len(bridge.writes(provider))
    bridge.run(120, step=30)
    posts = [call.rpartition("/")[2] for call in bridge.writes(provider)[before:] if call.startswith("POST")]
    assert posts[0] == "incidents"
    assert len(shown(bridge, provider)) == 20
