"""What goes out by itself in quiet times waits for a person when too much happens at once."""

from __future__ import annotations

from dataclasses import replace

from policy_stage import COMPONENTS, Stage, fires, route, whys

from bridge.model.enums import Publication
from bridge.model.state import Why
from bridge.policy.rules import ComponentInfo, Publish, Valves


def stage_with(valves: Valves, components: int = 3) -> Stage:
    stage = Stage(route(components=("{{ labels.service }}",)))
    names = {f"c{number}": ComponentInfo(f"c{number}", f"Part {number}") for number in range(components)}
    stage.rules = replace(stage.rules, valves=valves, components={**COMPONENTS, **names})
    return stage


def one_each(count: int, now: float = 0) -> list[object]:
    return [fires(f"k{n}", labels={"service": f"c{n}"}, heard=now, start=now) for n in range(count)]


def publications(stage: Stage) -> list[Publication]:
    return [incident.publication for incident in stage.incidents.values()]


def test_more_incidents_than_people_can_follow_wait_for_a_person() -> None:
    stage = stage_with(Valves(incidents_a_minute=3, components_at_once=100), components=5)
    changes = stage.play(*one_each(5), now=0)  # type: ignore[arg-type]
    assert publications(stage).count(Publication.PUBLISHED) == 3
    assert publications(stage).count(Publication.HELD) == 2
    assert whys(changes, Why.VALVE) == [Why.VALVE] * 2
    assert len(changes.components) == 3, "what is held colours nothing"


def test_a_minute_later_the_valve_is_open_again() -> None:
    stage = stage_with(Valves(incidents_a_minute=2, components_at_once=100), components=5)
    stage.play(*one_each(2), now=0)  # type: ignore[arg-type]
    stage.play(fires("late", labels={"service": "c4"}, heard=61, start=61), now=61)
    assert publications(stage) == [Publication.PUBLISHED] * 3


def test_half_of_everything_at_once_waits_for_a_person() -> None:
    stage = stage_with(Valves(components_share=0.5, components_at_once=2), components=5)  # eight components in all
    stage.play(*one_each(5), now=0)  # type: ignore[arg-type]
    assert publications(stage).count(Publication.HELD) == 1


def test_on_a_small_page_all_of_it_may_fail() -> None:
    stage = stage_with(Valves(), components=5)
    stage.play(*one_each(5), now=0)  # type: ignore[arg-type]
    assert set(publications(stage)) == {Publication.PUBLISHED}


def test_a_person_lets_it_go() -> None:
    stage = stage_with(Valves(incidents_a_minute=1, components_at_once=100), components=2)
    stage.play(*one_each(2), now=0)  # type: ignore[arg-type]
    (held,) = [incident for incident in stage.incidents.values() if incident.publication is Publication.HELD]
    stage.incidents = {held.id: held}
    stage.judge(Publication.PUBLISHED, now=5)
    assert publications(stage) == [Publication.PUBLISHED]


def test_a_route_that_holds_its_incidents_needs_no_valve() -> None:
    stage = stage_with(Valves(incidents_a_minute=1), components=3)
    stage.rules = replace(stage.rules, routes=(route(publish=Publish.HOLD),))
    changes = stage.play(*one_each(3), now=0)  # type: ignore[arg-type]
    assert set(publications(stage)) == {Publication.HELD}
    assert whys(changes, Why.VALVE) == []
