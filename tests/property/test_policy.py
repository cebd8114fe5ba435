"""What holds for the policy whatever sources say, in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bridge.model.enums import Action, AlertSeverity, AlertStatus, ComponentStatus, Publication, worst
from bridge.model.events import Alert, AlertGroup, Event, ReceivedEvent
from bridge.model.objects import Incident
from bridge.model.state import Changes, Why, World
from bridge.policy import engine
from bridge.policy.alerts import fold
from bridge.policy.rules import ComponentInfo, Match, Publish, Route, Rules

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COMPONENTS = ("api", "web")
DELAYS = {"open_after": timedelta(seconds=20), "close_after": timedelta(seconds=30)}


def route(team: str, *components: str, **fields: Any) -> Route:
    return Route(team, Match(labels={"team": (team,)}), components, **fields)


RULES = Rules(
    routes=(
        route("held", "{{ labels.service }}", publish=Publish.HOLD),
        route("slow", "{{ labels.service }}", **DELAYS),
        route("fast", "{{ labels.service }}"),
        route("both", *COMPONENTS),
    ),
    components={identity: ComponentInfo(identity, identity.upper()) for identity in COMPONENTS},
)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def said(key: str, action: Action, heard: float, **fields: Any) -> ReceivedEvent:
    moments = [name for name in ("started_at", "ended_at", "happened_at") if name in fields]
    times: dict[str, Any] = {name: at(fields.pop(name)) for name in moments}
    delivery = fields.pop("delivery", "dlv_1")
    return ReceivedEvent("source", delivery, at(heard), Event(key, action, **times, **fields))


# --- Any order, any repetition: the same alert -----------------------------------------------------------------

Lives = list[tuple[int, int, bool]]


@st.composite
def lives(draw: st.DrawFn) -> Lives:
    """Lives of one alert one after the other: start, end, and whether only the last is still open."""
    moments = draw(st.lists(st.integers(0, 500), min_size=1, max_size=8, unique=True).map(sorted))
    starts, ends = moments[::2], moments[1::2]
    return [(start, ends[n] if n < len(ends) else -1, n < len(ends)) for n, start in enumerate(starts)]


def statements(story: Lives, *, happened: bool) -> list[ReceivedEvent]:
    """What a source says about these lives; severity and title are those of the life."""
    events = []
    for number, (start, end, over) in enumerate(story):
        told: dict[str, Any] = {"title": f"life {number}", "severity": list(AlertSeverity)[number % 4]}
        times = {"happened_at": start} if happened else {}
        events.append(said("k", Action.TRIGGER, 501, started_at=start, **told, **times))
        if over:
            times = {"happened_at": end} if happened else {}
            events.append(said("k", Action.RESOLVE, 501, started_at=start, ended_at=end, **told, **times))
    return events


def meaning(events: Sequence[ReceivedEvent]) -> tuple[Any, ...]:
    start: Alert | None = None
    alert = reduce(lambda alert, received: fold(alert, received).alert, events, start)
    assert alert is not None
    if alert.status is AlertStatus.RESOLVED:
        return (alert.status, alert.ended_at)
    return (alert.status, alert.started_at, alert.severity, alert.title)


@given(lives(), st.booleans(), st.data())
def test_any_order_with_repeats_of_timed_events_ends_in_the_same_alert(
    story: Lives, happened: bool, data: st.DataObject
) -> None:
    events = statements(story, happened=happened)
    extra = data.draw(st.lists(st.sampled_from(events), max_size=4))
    shuffled = data.draw(st.permutations([*events, *extra]))
    assert meaning(shuffled) == meaning(events)


@given(lives(), st.data())
def test_the_whole_engine_does_not_mind_the_order_either(story: Lives, data: st.DataObject) -> None:
    events = statements(story, happened=False)
    shuffled = data.draw(st.permutations(events))
    outcomes = []
    for order in (events, shuffled):
        (alert,) = engine.advance(World(), order, at(501), RULES).alerts
        outcomes.append((alert.status, alert.ended_at))
    assert outcomes[0] == outcomes[1]


# --- Whatever is said and decided: the promises hold -----------------------------------------------------------

KEYS = st.sampled_from("abcdefgh")
ACTIONS = st.sampled_from(
    [Action.TRIGGER, Action.TRIGGER, Action.UPDATE, Action.RESOLVE, Action.RESOLVE, Action.IGNORE]
)
MOMENTS = st.one_of(st.none(), st.integers(-60, 10))
LABELS = st.fixed_dictionaries(
    {
        "team": st.sampled_from(["held", "slow", "fast", "both", "nobody"]),
        "service": st.sampled_from([*COMPONENTS, "unheard of"]),
    }
)


class PolicyMachine(RuleBasedStateMachine):
    """Sources say things, time passes, people judge; after every step the invariants are checked."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.seconds = 0.0
        self.deliveries = 0
        self.all: dict[str, Incident] = {}

    def advance(self, events: Sequence[ReceivedEvent]) -> Changes:
        changes = engine.advance(self.world, events, at(self.seconds), RULES)
        assert changes == engine.advance(self.world, events, at(self.seconds), RULES)
        self.commit(changes)
        return changes

    def commit(self, changes: Changes) -> None:
        for incident in changes.incidents:
            before = self.all.get(incident.id)
            grown = len(incident.updates) - (len(before.updates) if before else 0)
            if before is None and not incident.is_open:
                assert (grown, incident.revision) == (2, 2), "what is over already is opened and resolved"
            else:
                assert 0 <= grown <= 1, "at most one public update per incident and call"
                assert incident.revision == (before.revision if before else 0) + 1
            assert before is None or incident.updates[: len(before.updates)] == before.updates
        for component, status in changes.components.items():
            assert self.world.components.get(component, ComponentStatus.OPERATIONAL) is not status
        self.world = apply(self.world, changes)
        self.all |= {incident.id: incident for incident in changes.incidents}

    @rule(data=st.data(), size=st.integers(1, 6))
    def hear(self, data: st.DataObject, size: int) -> None:
        self.deliveries += 1
        delivery, events = f"dlv_{self.deliveries}", []
        for _ in range(size):
            times = {name: data.draw(MOMENTS) for name in ("started_at", "ended_at", "happened_at")}
            action, key = data.draw(ACTIONS), data.draw(KEYS)
            if action is not Action.RESOLVE:
                times.pop("ended_at")
            told = {name: self.seconds + moment for name, moment in times.items() if moment is not None}
            severity = data.draw(st.one_of(st.none(), st.sampled_from(AlertSeverity)))
            events.append(
                said(key, action, self.seconds, delivery=delivery, labels=data.draw(LABELS), severity=severity, **told)
            )
        self.advance(events)

    @rule(seconds=st.sampled_from([0, 1, 10, 31, 1000]))
    def pass_time(self, seconds: int) -> None:
        self.seconds += seconds
        due = engine.due_groups(self.world, at(self.seconds))
        changes = self.advance([])
        assert bool(due) == (changes != Changes())
        assert engine.due_groups(self.world, at(self.seconds)) == ()

    @precondition(lambda self: self.world.alerts)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """The source says once more exactly what is known: no object changes that anybody sees."""
        alert = data.draw(st.sampled_from(sorted(self.world.alerts.values(), key=lambda alert: alert.key)))
        firing = alert.status is AlertStatus.FIRING
        event = Event(
            alert.key,
            Action.TRIGGER if firing else Action.RESOLVE,
            title=alert.title,
            severity=alert.severity,
            labels=alert.labels,
            started_at=alert.started_at,
            ended_at=alert.ended_at,
        )
        self.advance([])
        due = engine.next_due(self.world.groups.values())
        assert due is None or due > at(self.seconds)
        changes = self.advance([ReceivedEvent("source", "dlv_again", at(self.seconds), event)])
        assert changes.incidents == ()
        assert [decision.why for decision in changes.decisions] == [Why.REPEATED]

    @precondition(lambda self: self.world.incidents)
    @rule(data=st.data(), verdict=st.sampled_from([Publication.PUBLISHED, Publication.REJECTED]))
    def judge(self, data: st.DataObject, verdict: Publication) -> None:
        incident = data.draw(st.sampled_from(sorted(self.world.incidents)))
        self.commit(engine.decide(self.world, incident, verdict, at(self.seconds), RULES))

    @invariant()
    def a_group_has_at_most_one_open_incident(self) -> None:
        groups = [incident.group for incident in self.world.incidents.values()]
        assert len(groups) == len(set(groups))
        assert set(groups) == {group.id for group in self.world.groups.values() if group.incident}

    @invariant()
    def components_show_the_worst_of_what_is_open_and_published(self) -> None:
        shown = [one for one in self.world.incidents.values() if one.publication is Publication.PUBLISHED]
        for component in COMPONENTS:
            wanted = worst(one.components[component] for one in shown if component in one.components)
            assert self.world.components.get(component, ComponentStatus.OPERATIONAL) is wanted

    @invariant()
    def every_firing_alert_with_a_route_is_in_its_group_and_only_there(self) -> None:
        for group in self.world.groups.values():
            assert self.firing_members(group) == {
                alert.id
                for alert in self.world.alerts.values()
                if alert.status is AlertStatus.FIRING and alert.group == group.id
            }
        homeless = [alert for alert in self.world.alerts.values() if alert.status is AlertStatus.FIRING and alert.route]
        assert all(alert.group in self.world.groups for alert in homeless)

    @invariant()
    def a_group_waits_exactly_while_it_has_to(self) -> None:
        for group in self.world.groups.values():
            waits = (group.incident is None) or not self.firing_members(group)
            assert (group.due_at is not None) == (group.since is not None) == waits

    @invariant()
    def resolved_incidents_have_ended_and_no_group(self) -> None:
        owned = {group.incident for group in self.world.groups.values()}
        for incident in self.all.values():
            if not incident.is_open:
                assert incident.id not in owned
                assert incident.resolved_at is not None
                assert incident.started_at <= incident.resolved_at <= at(self.seconds)
                assert set(incident.components.values()) <= {ComponentStatus.OPERATIONAL}

    @invariant()
    def tombstones_are_consistent(self) -> None:
        for alert in self.world.alerts.values():
            assert (alert.ended_at is not None) == (alert.status is AlertStatus.RESOLVED)
            assert alert.ended_at is None or alert.started_at <= alert.ended_at

    def firing_members(self, group: AlertGroup) -> set[str]:
        return {identity for identity in group.alerts if self.world.alerts[identity].status is AlertStatus.FIRING}


def apply(world: World, changes: Changes) -> World:
    """The world after changes, as the store keeps it."""
    groups = {**world.groups, **{group.id: group for group in changes.groups}}
    incidents = {**world.incidents, **{incident.id: incident for incident in changes.incidents}}
    return World(
        alerts={**world.alerts, **{alert.id: alert for alert in changes.alerts}},
        groups={identity: group for identity, group in groups.items() if identity not in changes.closed_groups},
        incidents={identity: incident for identity, incident in incidents.items() if incident.is_open},
        components={**world.components, **changes.components},
    )


TestPolicy = PolicyMachine.TestCase
TestPolicy.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
