"""Groups of alerts open, update and resolve incidents."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from policy_stage import Stage, apply, at, ends, fires, route, rules, said, whys

from bridge.model.enums import (
    Action,
    AlertSeverity,
    ComponentStatus,
    IncidentStatus,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.state import Changes, Why, World
from bridge.policy import engine
from bridge.policy.rules import Wording

OPERATIONAL, DEGRADED, PARTIAL, MAJOR_OUTAGE = (
    ComponentStatus.OPERATIONAL,
    ComponentStatus.DEGRADED,
    ComponentStatus.PARTIAL_OUTAGE,
    ComponentStatus.MAJOR_OUTAGE,
)
TWO_MINUTES = timedelta(minutes=2)
SPEAKING = Wording(
    title="{{ component.name }} is down",
    message="opened by {{ title }}",
    joined="joined by {{ title }}, {{ alerts_firing }} fire",
    left="left by {{ title }}, {{ alerts_firing }} fire",
    resolved="closed by {{ title }}, {{ status }}",
)


@pytest.fixture
def stage() -> Stage:
    return Stage(route(wording=SPEAKING))


def test_the_first_alert_opens_an_incident(stage: Stage) -> None:
    changes = stage.play(fires(start=-30), now=5)
    incident = stage.incident
    assert (incident.title, incident.status, incident.impact) == (
        "Public API is down",
        IncidentStatus.INVESTIGATING,
        Severity.CRITICAL,
    )
    assert (incident.started_at, incident.publication, incident.revision) == (at(-30), Publication.PUBLISHED, 1)
    assert stage.messages == ["opened by Alert a"]
    assert incident.components == incident.updates[0].components == {"api": MAJOR_OUTAGE}
    assert changes.components == {"api": MAJOR_OUTAGE}
    assert whys(changes) == [Why.FIRED, Why.OPENED, Why.COMPONENT_STATUS]


def test_an_incident_takes_visibility_and_notification_from_its_route() -> None:
    stage = Stage(route(visibility=Visibility.AUTHENTICATED, notify=False))
    stage.play(fires(), now=0)
    assert (stage.incident.visibility, stage.incident.notify) == (Visibility.AUTHENTICATED, False)


def test_a_start_in_the_future_becomes_now(stage: Stage) -> None:
    stage.play(fires(start=3600), now=5)
    assert stage.incident.started_at == at(5)


def test_alerts_of_one_component_join_one_incident(stage: Stage) -> None:
    stage.play(fires("a"), now=0)
    changes = stage.play(fires("b", start=10), now=10)
    assert stage.messages == ["opened by Alert a", "joined by Alert b, 2 fire"]
    assert (stage.incident.revision, whys(changes, Why.JOINED)) == (2, [Why.JOINED])


def test_alerts_of_other_components_open_incidents_of_their_own(stage: Stage) -> None:
    changes = stage.play(fires("a"), fires("b", labels={"service": "web"}), now=0)
    assert len(changes.incidents) == 2


def test_many_alerts_in_one_batch_make_one_update(stage: Stage) -> None:
    stage.play(fires("a"), now=0)
    stage.play(*[fires(f"k{number}", start=5) for number in range(100)], now=5)
    assert stage.messages[1:] == ["joined by Alert k0, 101 fire"]


def test_joining_and_leaving_in_one_batch_make_one_update(stage: Stage) -> None:
    stage.play(fires("a"), fires("b"), now=0)
    changes = stage.play(ends("a", end=10), fires("c", start=10), now=10)
    assert stage.messages[1:] == ["joined by Alert c, 2 fire"]
    assert whys(changes, Why.JOINED, Why.LEFT) == [Why.JOINED, Why.LEFT]


def test_an_alert_that_leaves_is_told_while_others_fire(stage: Stage) -> None:
    stage.play(fires("a"), fires("b"), now=0)
    stage.play(ends("a"), now=60)
    assert stage.messages[1:] == ["left by Alert a, 1 fire"]
    assert stage.incident.status is IncidentStatus.INVESTIGATING


def test_the_last_alert_to_be_resolved_resolves_the_incident(stage: Stage) -> None:
    stage.play(fires("a"), fires("b"), now=0)
    stage.play(ends("a", end=50), now=60)
    changes = stage.play(ends("b", end=55), now=60)
    assert (stage.incident.status, stage.incident.resolved_at) == (IncidentStatus.RESOLVED, at(55))
    assert stage.messages[-1] == "closed by Alert b, resolved"
    assert stage.incident.components == {"api": OPERATIONAL}
    assert changes.components == {"api": OPERATIONAL}
    assert (stage.world.groups, stage.world.incidents) == ({}, {})
    assert [alert.group for alert in changes.alerts] == [None]


@pytest.mark.parametrize(
    ("end", "resolved_at"),
    [(-500, -30), (9999, 60), (None, 60)],
    ids=["not before it began", "not in the future", "now when no end was told"],
)
def test_the_end_of_an_incident_is_plausible(stage: Stage, end: float | None, resolved_at: float) -> None:
    stage.play(fires(start=-30), now=0)
    stage.play(ends(end=end, happened=60 if end else None, heard=60), now=60)
    assert stage.incident.resolved_at == at(resolved_at)


def test_a_new_life_after_a_resolve_opens_a_new_incident(stage: Stage) -> None:
    stage.play(fires(), now=0)
    stage.play(ends(), now=60)
    stage.play(fires(start=61), now=61)
    first, second = stage.incidents.values()
    assert (first.is_open, second.is_open) == (False, True)


def test_what_stops_and_starts_within_one_batch_stays_one_incident(stage: Stage) -> None:
    stage.play(fires(), now=0)
    changes = stage.play(ends(end=60), fires(start=61), now=61)
    assert (changes.incidents, stage.messages) == ((), ["opened by Alert a"])


def test_what_starts_and_stops_within_one_batch_is_told_from_beginning_to_end(stage: Stage) -> None:
    changes = stage.play(fires(), ends(), now=60)
    (incident,) = changes.incidents
    assert ([update.status for update in incident.updates], incident.is_open) == (["investigating", "resolved"], False)
    assert (changes.groups, changes.closed_groups, changes.components) == ((), (), {})
    assert whys(changes) == [Why.FIRED, Why.RESOLVED, Why.OPENED, Why.CLOSED]


@pytest.mark.parametrize(("heard", "published"), [(119, 0), (120, 1)], ids=["shorter", "as long"])
def test_a_backlog_is_decided_by_when_things_arrived(heard: float, published: int) -> None:
    stage = Stage(route(open_after=timedelta(minutes=2)))
    changes = stage.play(fires(heard=0), ends(heard=heard), now=3600)
    assert len(changes.incidents) == published


def test_what_waited_to_open_and_ended_in_a_backlog_is_decided_by_when_things_arrived() -> None:
    stage = Stage(route(open_after=timedelta(minutes=2)))
    stage.play(fires(), now=0)
    changes = stage.play(ends(heard=300), now=3600)
    assert [update.status for update in changes.incidents[0].updates] == ["investigating", "resolved"]


@pytest.mark.parametrize(
    ("received", "why"),
    [
        (fires(heard=300), Why.REPEATED),
        (fires(start=-100, heard=300), Why.LATE),
        (ends(end=-1, heard=300), Why.LATE),
        (said(Action.UPDATE, heard=300, internal_note="bob is looking"), Why.REPEATED),
        (said(Action.IGNORE, heard=300), Why.IGNORED),
    ],
    ids=[
        "a repeat changes no object",
        "a late firing changes no object",
        "a late resolve changes no object",
        "an acknowledgement changes no object",
        "an ignored statement changes no object",
    ],
)
def test_statements_without_news_change_nothing(stage: Stage, received: object, why: Why) -> None:
    stage.play(fires(), now=0)
    changes = stage.play(received, now=300)  # type: ignore[arg-type]
    assert replace(changes, decisions=()) == Changes()
    ((subject, reason, delivery),) = [(one.subject, one.why, one.delivery) for one in changes.decisions]
    assert (subject, reason, delivery) == ("prometheus/a", why, received.delivery)  # type: ignore[attr-defined]


def test_a_resolve_that_nobody_asked_about_publishes_nothing(stage: Stage) -> None:
    changes = stage.play(ends(), now=60)
    assert (whys(changes), changes.incidents, changes.groups) == ([Why.UNKNOWN_RESOLVE], (), ())
    assert whys(stage.play(fires(heard=61), now=61)) == [Why.LATE]


def test_a_change_of_severity_moves_status_and_keeps_the_worst_impact(stage: Stage) -> None:
    stage.play(fires(), now=0)
    changes = stage.play(fires(severity=AlertSeverity.MINOR, heard=10), now=10)
    assert (stage.incident.components, stage.incident.impact) == ({"api": DEGRADED}, Severity.CRITICAL)
    assert (len(stage.incident.updates), stage.incident.revision) == (1, 2)
    assert changes.components == {"api": DEGRADED}


def test_the_component_recovers_with_its_worst_alert(stage: Stage) -> None:
    stage.play(fires("a"), fires("b", severity=AlertSeverity.MAJOR), now=0)
    stage.play(ends("a"), now=60)
    assert (stage.incident.components, stage.world.components) == ({"api": PARTIAL}, {"api": PARTIAL})


def test_an_informational_alert_touches_no_component(stage: Stage) -> None:
    changes = stage.play(fires(severity=AlertSeverity.INFO), now=0)
    assert (stage.incident.impact, stage.incident.components) == (Severity.NONE, {"api": OPERATIONAL})
    assert changes.components == {}


def test_a_route_says_what_status_a_severity_means() -> None:
    stage = Stage(route(statuses={AlertSeverity.CRITICAL: DEGRADED}))
    stage.play(fires(), now=0)
    assert stage.incident.components == {"api": DEGRADED}
    stage.play(fires("b", severity=AlertSeverity.MAJOR), now=1)
    assert stage.incident.components == {"api": PARTIAL}, "the default where the route says nothing"


def test_a_tick_without_anything_due_changes_nothing(stage: Stage) -> None:
    stage.play(fires(), now=0)
    assert stage.play(now=9999) == Changes()


def test_an_incident_opens_only_after_open_after() -> None:
    stage = Stage(route(open_after=TWO_MINUTES))
    changes = stage.play(fires(start=-9999), now=0)
    assert (whys(changes), changes.incidents) == ([Why.FIRED, Why.WAITING_TO_OPEN], ())
    assert engine.next_due(changes.groups) == at(120)
    assert stage.play(now=119) == Changes()
    assert engine.due_groups(stage.world, at(119)) == ()
    assert engine.due_groups(stage.world, at(120)) == tuple(stage.world.groups)
    assert whys(stage.play(now=120)) == [Why.OPENED, Why.COMPONENT_STATUS]
    assert engine.next_due(stage.world.groups.values()) is None


def test_open_after_counts_from_arrival_when_work_was_late() -> None:
    stage = Stage(route(open_after=TWO_MINUTES))
    assert len(stage.play(fires(heard=0), now=130).incidents) == 1


def test_waiting_to_open_is_told_once_and_not_prolonged_by_others() -> None:
    stage = Stage(route(open_after=TWO_MINUTES))
    stage.play(fires("a"), now=0)
    changes = stage.play(fires("b", heard=60), now=60)
    assert whys(changes) == [Why.FIRED]
    assert len(stage.play(now=120).incidents) == 1


def test_what_is_over_before_open_after_is_never_published() -> None:
    stage = Stage(route(open_after=TWO_MINUTES))
    stage.play(fires(), now=0)
    changes = stage.play(ends(), now=60)
    assert whys(changes) == [Why.RESOLVED, Why.NEVER_OPENED]
    assert (len(changes.closed_groups), stage.incidents, stage.world.groups) == (1, {}, {})


def test_an_incident_closes_only_after_close_after() -> None:
    stage = Stage(route(close_after=TWO_MINUTES, wording=SPEAKING))
    stage.play(fires(), now=0)
    changes = stage.play(ends(end=58, heard=60), now=60)
    assert whys(changes) == [Why.RESOLVED, Why.WAITING_TO_CLOSE]
    assert (changes.incidents, changes.components) == ((), {})
    assert engine.next_due(changes.groups) == at(180)
    stage.play(now=180)
    assert (stage.incident.status, stage.incident.resolved_at) == (IncidentStatus.RESOLVED, at(58))
    assert stage.messages[-1] == "closed by Alert a, resolved"
    assert stage.world.alerts["prometheus/a"].group is None


def test_a_return_within_close_after_keeps_the_incident_open_without_noise() -> None:
    stage = Stage(route(close_after=TWO_MINUTES))
    stage.play(fires(), now=0)
    stage.play(ends(), now=60)
    changes = stage.play(fires(start=90, heard=90), now=90)
    assert (changes.incidents, len(stage.incident.updates)) == ((), 1)
    assert stage.play(now=999) == Changes()
    stage.play(ends(end=1000, heard=1000), now=1000)
    assert stage.play(now=1119).incidents == ()
    assert stage.play(now=1120).incidents[0].status is IncidentStatus.RESOLVED


def test_another_alert_within_close_after_makes_no_noise_either() -> None:
    stage = Stage(route(close_after=TWO_MINUTES))
    stage.play(fires("a"), now=0)
    stage.play(ends("a"), now=60)
    changes = stage.play(fires("b", start=90, heard=90), now=90)
    assert (changes.incidents, whys(changes)) == ((), [Why.FIRED, Why.JOINED])


def test_closing_words_are_found_even_when_the_tombstones_are_not_at_hand() -> None:
    stage = Stage(route(close_after=TWO_MINUTES, wording=SPEAKING))
    stage.play(fires(), now=0)
    stage.play(ends(heard=60), now=60)
    stage.world = replace(stage.world, alerts={})
    changes = stage.play(now=180)
    assert stage.messages[-1] == "The problems with Public API are over."
    assert (stage.incident.resolved_at, whys(changes, Why.TEMPLATE_FAILED)) == (at(60), [Why.TEMPLATE_FAILED])


def test_a_failing_template_gives_way_to_the_default_words_and_says_so() -> None:
    stage = Stage(route(wording=Wording(title="{{ labels.nothing }}", message="{{ labels.service }}")))
    changes = stage.play(fires(), now=0)
    assert (stage.incident.title, stage.messages) == ("Problems with Public API", ["api"])
    (failure,) = [one for one in changes.decisions if one.why is Why.TEMPLATE_FAILED]
    assert failure.subject == stage.incident.id
    assert "'title' of route 'by-service'" in failure.text


def test_the_story_of_an_alert_leads_to_its_incident_but_repeats_do_not(stage: Stage) -> None:
    stage.play(fires(), now=0)
    stage.play(fires(heard=10), now=10)
    stage.play(ends(), now=60)
    links = [(one.why, one.incident) for one in stage.decisions if one.subject == "prometheus/a"]
    incident = stage.incident.id
    assert links == [(Why.FIRED, incident), (Why.REPEATED, None), (Why.RESOLVED, incident)]


def test_what_changes_an_incident_names_the_delivery_that_did(stage: Stage) -> None:
    changes = stage.play(fires(delivery="dlv_7"), now=0)
    assert {one.delivery for one in changes.decisions if one.why is Why.OPENED} == {"dlv_7"}


def test_an_incident_that_disappeared_is_opened_anew(stage: Stage) -> None:
    stage.play(fires(), now=0)
    stage.world = replace(stage.world, incidents={})
    changes = stage.play(fires("b"), now=10)
    assert whys(changes, Why.OPENED) == [Why.OPENED]


def test_updates_stay_in_order_when_the_clock_steps_back(stage: Stage) -> None:
    stage.play(fires("a"), now=100)
    stage.play(fires("b"), now=40)
    assert [update.at for update in stage.incident.updates] == [at(100), at(100)]
    assert len({update.id for update in stage.incident.updates}) == 2


def test_the_same_call_gives_the_same_changes() -> None:
    events = [fires("a"), fires("b"), fires("c", labels={"service": "web"})]
    world = apply(World(), engine.advance(World(), events, at(1), rules()))
    again = [ends("a"), ends("c")]
    assert engine.advance(world, again, at(60), rules()) == engine.advance(world, again, at(60), rules())


def test_an_incident_may_concern_several_components() -> None:
    stage = Stage(route(components=("web", "api")))
    changes = stage.play(fires(), now=0)
    assert stage.incident.title == "Problems with Website"
    assert stage.messages == ["We are looking into problems with Website and Public API."]
    assert changes.components == {"web": MAJOR_OUTAGE, "api": MAJOR_OUTAGE}


def test_an_incident_may_concern_no_component() -> None:
    stage = Stage(route(components=()))
    changes = stage.play(fires(), now=0)
    assert (stage.incident.title, changes.components) == ("Problems", {})
