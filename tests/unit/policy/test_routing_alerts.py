"""Which route takes an alert."""

from __future__ import annotations

from datetime import timedelta

import pytest
from policy_stage import Stage, ends, fires, route, rules, whys

from bridge.model.enums import AlertSeverity
from bridge.model.events import Alert, ReceivedEvent
from bridge.model.state import Why
from bridge.policy.alerts import fold
from bridge.policy.routing import find_route, group_id, matches
from bridge.policy.rules import Match
from bridge.policy.wording import Words


def alert_of(received: ReceivedEvent) -> Alert:
    alert = fold(None, received).alert
    assert alert is not None
    return alert


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        pytest.param(Match(), True, id="a match without parts takes everything"),
        pytest.param(Match(sources=("prometheus", "pager")), True, id="one of the sources is enough"),
        pytest.param(Match(sources=("pager",)), False, id="another source is not taken"),
        pytest.param(Match(severities=(AlertSeverity.CRITICAL,)), True, id="the severity is accepted"),
        pytest.param(Match(severities=(AlertSeverity.MINOR,)), False, id="the severity is not accepted"),
        pytest.param(Match(labels={"service": ("web", "api-*")}), True, id="one alternative of a pattern is enough"),
        pytest.param(Match(labels={"service": ("API-*",)}), False, id="patterns mind the case"),
        pytest.param(Match(labels={"service": ("api-*",), "team": ("*",)}), False, id="every label must be there"),
        pytest.param(Match(labels={"service": ("*",), "env": ("prod",)}), True, id="all labels match"),
    ],
)
def test_every_given_part_of_a_match_must_hold(match: Match, taken: bool) -> None:
    alert = alert_of(fires(labels={"service": "api-eu", "env": "prod"}))
    assert matches(match, alert) is taken


def test_the_first_route_that_matches_takes_the_alert() -> None:
    routes = (route(name="pager", match=Match(sources=("pager",))), route(name="one"), route(name="two"))
    routing = find_route(alert_of(fires()), rules(*routes), Words())
    assert routing.route is not None
    assert (routing.route.name, routing.components, routing.notes) == ("one", ("api",), ())


@pytest.mark.parametrize(
    ("labels", "told"),
    [({"service": "billing"}, "'billing'"), ({}, "no label 'service'")],
    ids=["an unknown component passes the route over", "a missing label passes the route over"],
)
def test_the_next_route_is_tried_when_a_component_is_unknown(labels: dict[str, str], told: str) -> None:
    routing = find_route(
        alert_of(fires(labels=labels)), rules(route(), route(name="rest", components=("web",))), Words()
    )
    assert routing.route is not None
    assert routing.route.name == "rest"
    ((why, text),) = routing.notes
    assert why is Why.UNKNOWN_COMPONENT
    assert told in text


def test_a_component_named_twice_counts_once() -> None:
    twice = route(components=("web", "{{ labels.service }}", "{{ labels.service|lower }}"))
    assert find_route(alert_of(fires()), rules(twice), Words()).components == ("web", "api")


def test_a_template_over_components_renders_no_template_of_the_source() -> None:
    routing = find_route(alert_of(fires(labels={"service": "{{ source }}"})), rules(), Words())
    assert routing.route is None


def test_a_group_is_the_same_in_whatever_order_its_components_are_named() -> None:
    assert group_id("r", ("a", "b")) == group_id("r", ("b", "a")) != group_id("r", ("a",))


def test_an_alert_without_route_is_kept_and_not_published() -> None:
    stage = Stage(route(match=Match(sources=("pager",))))
    changes = stage.play(fires(), now=0)
    assert whys(changes) == [Why.FIRED, Why.NO_ROUTE]
    assert (changes.alerts[0].route, changes.groups, changes.incidents) == (None, (), ())


def test_an_alert_without_route_is_taken_once_a_route_exists() -> None:
    stage = Stage(route(match=Match(sources=("pager",))))
    stage.play(fires(), now=0)
    assert whys(stage.play(fires(heard=60), now=60)) == [Why.REPEATED]
    stage.rules = rules()
    changes = stage.play(fires(heard=120), now=120)
    assert len(changes.incidents) == 1
    assert changes.alerts[0].route == "by-service"


def test_a_route_stays_for_the_life_of_the_alert() -> None:
    critical = route(name="critical", match=Match(severities=(AlertSeverity.CRITICAL,)))
    stage = Stage(critical, route(name="rest"))
    stage.play(fires(), now=0)
    changes = stage.play(fires(heard=60, severity=AlertSeverity.MINOR, labels={"service": "web"}), now=60)
    assert (changes.alerts[0].route, changes.alerts[0].components) == ("critical", ("api",))
    stage.play(ends(heard=120), now=120)
    changes = stage.play(fires(start=200, heard=200, severity=AlertSeverity.MINOR), now=200)
    assert changes.alerts[0].route == "rest"


def test_a_route_that_was_removed_lets_its_waiting_alerts_go() -> None:
    stage = Stage(route(name="old", open_after=timedelta(minutes=2)))
    stage.play(fires(), now=0)
    stage.rules = rules(route(name="new"))
    changes = stage.play(now=120)
    assert whys(changes) == [Why.NEVER_OPENED]
    assert (stage.world.groups, changes.alerts[0].route) == ({}, None)
    assert stage.play(fires(heard=180), now=180).incidents[0].route == "new"


def test_an_incident_outlives_the_route_that_opened_it() -> None:
    stage = Stage(route(name="old"))
    stage.play(fires(), now=0)
    stage.rules = rules(route(name="new"))
    stage.play(ends(heard=60), now=60)
    assert not stage.incident.is_open
