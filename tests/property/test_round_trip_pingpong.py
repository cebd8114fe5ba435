"""PingPong → canonical → PingPong, and canonical → PingPong → canonical over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from round_trip import (
    BEGIN,
    EVERYTHING,
    SAMPLES,
    Quiet,
    components,
    differing,
    groups,
    identify,
    incidents,
    lines,
    maintenances,
    metrics,
    points,
    told,
)

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MetricAggregation, Visibility
from bridge.model.facts import ObjectKey, Refs, Seen
from bridge.model.objects import (
    CanonicalObject,
    Component,
    IncidentTemplate,
    Maintenance,
    Metric,
    MetricPoint,
    Origin,
    Subscriber,
    Text,
)
from bridge.providers import registry
from bridge.providers.base.mapping import load
from bridge.providers.base.text import html_form
from bridge.providers.cachet2.translator import Translator as Cachet2Translator
from bridge.providers.pingpong.reader import Reader
from bridge.providers.pingpong.translator import Translator
from bridge.sandbox.app import Sandbox
from bridge.sandbox.pingpong.markup import store_message
from bridge.sandbox.server import serve
from bridge.testing.stage import SEEDED, TOKEN, Stage, Ticking, assert_shows
from tests.contract.recording import recorded

WORDS = load("pingpong")
TRANSLATOR, READER = Translator(WORDS), Reader(WORDS)
MADE = "2026-03-04T05:06:07Z"
OVER_HTTP = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def words(enum: Any, *new: str) -> st.SearchStrategy[str]:
    """The provider's words, and some that it may learn tomorrow."""
    return st.sampled_from([*WORDS.table(enum).values, *new])


def stored() -> st.SearchStrategy[str]:
    """Messages as PingPong keeps them."""
    return st.sampled_from(SAMPLES).map(store_message)


def short(width: int) -> st.SearchStrategy[str]:
    return lines().map(lambda line: line[:width].strip()).filter(bool)


def row_of_component(identity: str, status: str, **more: Any) -> dict[str, Any]:
    base = {"id": identity, "name": "Public API", "group": None, "created_at": MADE, "status": status}
    return {**base, "description": None, "showcased": True, "overlaid": False, **more}


@st.composite
def component_rows(draw: st.DrawFn) -> dict[str, Any]:
    group = draw(st.sampled_from([None, {"id": "grp", "name": "Core", "created_at": MADE}]))
    return row_of_component(
        "aaa",
        draw(words(ComponentStatus, "On holiday")),
        name=draw(short(50)),
        group=group,
        description=draw(st.none() | short(255)),
        showcased=draw(st.booleans()),
    )


@st.composite
def incident_rows(draw: st.DrawFn) -> dict[str, Any]:
    phase = words(IncidentStatus, "Escalated").filter(lambda word: word != "In progress")
    phases = draw(st.lists(phase, max_size=3))
    affected = draw(st.dictionaries(st.sampled_from(["aaa", "bbb"]), words(ComponentStatus, "On holiday")))
    updates = [
        {"id": f"u{number}", "created_at": f"2026-03-04T06:0{number}:00Z", "reported_by": "Ada", "status": word}
        for number, word in enumerate(phases)
    ]
    return {
        "id": "iii",
        "title": draw(short(100)),
        "created_at": MADE,
        "occurred_at": draw(st.sampled_from(["2026-03-04T05:00:01Z", "2025-01-01T00:00:00Z"])),
        "status": phases[-1] if phases else "In progress",
        "message": draw(stored()),
        "reported_by": "Ada",
        "affected_components": [row_of_component(identity, status) for identity, status in affected.items()],
        "updates": [{**update, "message": draw(stored().filter(bool))} for update in updates],
    }


@st.composite
def metric_rows(draw: st.DrawFn) -> dict[str, Any]:
    base = {
        "id": "mmm",
        "name": draw(short(50)),
        "description": draw(st.none() | short(255)),
        "created_at": MADE,
        "component": draw(st.sampled_from([None, row_of_component("aaa", "Operational")])),
    }
    if draw(st.booleans()):
        return {
            **base,
            "suffix": draw(st.sampled_from(["", "ms"])),
            "rollup": draw(words(MetricAggregation, "Median value")),
            "showcased": draw(st.booleans()),
        }
    return {
        **base,
        "id": "ping/mmm",
        "url": "https://example.com/health",
        "frequency": draw(st.sampled_from(["minute", "60 minutes", "second"])),
        "location": draw(st.sampled_from(["Italy", "The Moon"])),
        "showcased": draw(st.sampled_from([*WORDS.metric_visibility, "Showcase a picture"])),
    }


def back_and_forth(kind: Kind, row: dict[str, Any]) -> tuple[Any, Any, Seen]:
    seen = TRANSLATOR.seen(kind, row)
    obj, _ = READER.read(kind, seen, "page", identify)
    wanted, _ = TRANSLATOR.translate(obj, EVERYTHING)
    assert {name: seen.echo[name] for name in wanted.echo} == dict(wanted.echo)
    return obj, wanted, seen


@given(component_rows())
def test_a_component_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, _ = back_and_forth(Kind.COMPONENT, row)
    assert dict(wanted.create) == {
        "name": row["name"],
        "status": row["status"],
        "showcased": row["showcased"],
        "group": row["group"]["id"] if row["group"] else None,
        "description": row["description"],
    }
    assert obj.effective_status is obj.status


@given(words(ComponentStatus, "On holiday"))
def test_a_component_below_an_incident_has_a_status_that_nobody_knows(status: str) -> None:
    seen = TRANSLATOR.seen(Kind.COMPONENT, row_of_component("aaa", status, overlaid=True))
    obj, losses = READER.read(Kind.COMPONENT, seen, "page", identify)
    assert isinstance(obj, Component)
    assert (obj.status, obj.effective_status) == (ComponentStatus.UNKNOWN, WORDS.of(ComponentStatus, status))
    assert "component_status" in {loss.field for loss in losses}


@given(short(50), st.none() | short(255))
def test_a_group_gets_back_everything_that_it_has(name: str, description: str | None) -> None:
    row = {"id": "grp", "name": name, "created_at": MADE, "description": description}
    _, wanted, _ = back_and_forth(Kind.COMPONENT_GROUP, row)
    assert {"description": None, **wanted.create} == {"name": name, "description": description}


@given(incident_rows())
def test_an_incident_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, seen = back_and_forth(Kind.INCIDENT, row)
    assert (wanted.create["title"], wanted.create["occurred_at"]) == (row["title"], row["occurred_at"])
    assert html_form(wanted.create["message"]) == html_form(row["message"])
    if not obj.status.is_terminal:
        assert wanted.create["affected_components"] == sorted(
            ({"id": part["id"], "status": part["status"]} for part in row["affected_components"]),
            key=lambda part: part["id"],
        )
    assert [append.echo for append in wanted.appends] == [item.echo for item in seen.appended]
    assert wanted.create["notify_subscribers"] is False


@given(stored(), short(50), st.sampled_from(["Upcoming", "In progress", "Complete", "Cancelled"]))
def test_a_maintenance_gets_back_everything_that_it_has(message: str, name: str, status: str) -> None:
    row = {
        "id": "www",
        "name": name,
        "message": message,
        "status": status,
        "created_at": MADE,
        "scheduled_for": "2026-04-01T00:00:00Z",
        "ends_at": "2026-04-01T02:30:00Z",
        "affected_components": [row_of_component("bbb", "Operational"), row_of_component("aaa", "Maintenance mode")],
    }
    _, wanted, _ = back_and_forth(Kind.MAINTENANCE, row)
    assert (wanted.create["title"], wanted.create["scheduled_for"]) == (name, row["scheduled_for"])
    assert wanted.create["ends_at"] == row["ends_at"]
    assert wanted.create["affected_components"] == ["aaa", "bbb"]


@given(metric_rows())
def test_a_metric_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    _, wanted, _ = back_and_forth(Kind.METRIC, row)
    component = row["component"]["id"] if row["component"] else None
    expected = {**row, "component": component, "description": row["description"] or ""}
    assert {**wanted.create} == {name: value for name, value in expected.items() if name not in ("id", "created_at")}


@given(words(ComponentStatus), words(IncidentStatus))
def test_what_a_closed_incident_did_is_not_made_up(status: str, phase: str) -> None:
    update = {"id": "u", "created_at": MADE, "status": phase, "message": "<div>x</div>"}
    affected = [row_of_component("aaa", status)]
    row = {"id": "i", "title": "t", "status": phase, "created_at": MADE, "occurred_at": MADE, "message": ""}
    seen = TRANSLATOR.seen(Kind.INCIDENT, {**row, "updates": [update], "affected_components": affected})
    obj, losses = READER.read(Kind.INCIDENT, seen, "page", identify)
    over = WORDS.of(IncidentStatus, phase).is_terminal
    expected = ComponentStatus.UNKNOWN if over else WORDS.of(ComponentStatus, status)
    assert obj.components == {"component-aaa": expected}
    assert ("components" in {loss.field for loss in losses}) is over


# --- canonical → PingPong → canonical, over HTTP -----------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One sandbox for the whole file: nothing can be deleted there anyway."""
    sandbox = Sandbox(clock=Ticking(BEGIN), token=TOKEN)
    with serve(sandbox) as server, recorded() as requests:
        options = registry.options_schema("pingpong")().load({})
        made = Quiet("pingpong", "/pingpong/rest/v1", options, sandbox, server)
        yield made
        made.provider.close()
    assert requests.problems() == []


def there_and_back(stage: Stage, obj: CanonicalObject, refs: Refs, but: str = "") -> CanonicalObject:
    """Write an object, look at it, read it; whatever differs must have been announced."""
    wanted, losses = stage.provider.translate(obj, refs)
    link, _ = stage.settle(obj, refs)
    seen = stage.seen(obj.kind, link.remote_id)
    assert_shows(seen, wanted.echo)
    names = {remote: ObjectKey.parse(key).id for key, remote in refs.remote.items()}
    after, found = stage.provider.read(obj.kind, seen, "page", lambda _, remote, at: names.get(remote, obj.id))
    assert after.origin is not None
    assert (after.kind, after.origin.provider) == (obj.kind, "pingpong")
    for field, (was, now) in differing(obj, after).items():
        assert field == but or told(field, (*losses, *found)), f"{field} was {was!r} and is {now!r}; told: {losses}"
    return after


@OVER_HTTP
@given(components())
def test_what_a_component_loses_is_told(stage: Stage, component: Component) -> None:
    group = next(seen.remote_id for seen in stage.provider.scan(Kind.COMPONENT_GROUP) if seen.name == "Core")
    refs = Refs({**stage.refs().remote, "component_group:core": group})
    # That a component is only as bad as its incidents say is how PingPong works, not a loss.
    there_and_back(stage, replace(component, status=ComponentStatus.OPERATIONAL), refs)


@OVER_HTTP
@given(groups())
def test_what_a_group_loses_is_told(stage: Stage, group: Any) -> None:
    there_and_back(stage, group, Refs())


@OVER_HTTP
@given(incidents())
def test_what_an_incident_loses_is_told(stage: Stage, incident: Any) -> None:
    # What an incident does to a component can be seen only as long as no other does more.
    stage.sandbox.plugins["pingpong"].world.incidents.clear()  # type: ignore[attr-defined]
    after = there_and_back(stage, replace(incident, visibility=Visibility.PUBLIC), stage.refs())
    assert after.notify is False  # type: ignore[union-attr]


@OVER_HTTP
@given(maintenances())
def test_what_a_maintenance_loses_is_told(stage: Stage, maintenance: Maintenance) -> None:
    # Where a maintenance is follows its two times and the clock.
    after = there_and_back(stage, maintenance, stage.refs(), but="status")
    assert isinstance(after, Maintenance)


@OVER_HTTP
@given(metrics())
def test_what_a_metric_loses_is_told(stage: Stage, metric: Metric) -> None:
    there_and_back(stage, metric, stage.refs())


def test_a_metric_that_pingpong_measures_is_made_again_as_one(stage: Stage) -> None:
    row = {"id": "x", "name": "Ping", "component": None, "created_at": MADE, "url": "https://example.com/"}
    shown = {**row, "frequency": "5 minutes", "location": "Italy", "showcased": "Showcase uptime", "description": None}
    obj, losses = READER.read(Kind.METRIC, TRANSLATOR.seen(Kind.METRIC, shown), "page", identify)
    link, done = stage.settle(obj, Refs())
    assert done == ["create"]
    assert str(link.remote_id).startswith("ping/")
    seen = stage.seen(Kind.METRIC, link.remote_id)
    assert {seen.raw[name] for name in ("url", "frequency", "location", "showcased")} == {
        "https://example.com/", "5 minutes", "Italy", "Showcase uptime",
    }  # fmt: skip
    assert link.remote_id in [row.remote_id for row in stage.provider.scan(Kind.METRIC)]
    assert losses == ()
    elsewhere = Cachet2Translator(load("cachet2")).translate(obj, Refs())[1]
    assert "frequency" in {loss.field for loss in elsewhere}
    renamed = replace(obj, name="Ping of the front page")  # type: ignore[type-var]
    assert stage.settle(renamed, Refs(), link)[1] == ["update"]
    assert stage.seen(Kind.METRIC, link.remote_id).name == "Ping of the front page"


def test_a_lost_metric_is_not_taken_for_one_that_pingpong_measures(stage: Stage) -> None:
    fed = Metric("met_2", "Load of both", MetricAggregation.SUM, Visibility.PUBLIC)
    wanted, _ = stage.provider.translate(fed, Refs())
    raw = {"url": "https://example.com/", "frequency": "5 minutes", "location": "Italy", "showcased": "Showcase uptime"}
    measured = replace(fed, id="met_3", origin=Origin("page", "ping/x", raw, "pingpong"))
    stage.settle(measured, Refs())
    assert list(stage.provider.find(Kind.METRIC, wanted.find)) == []
    link, _ = stage.settle(fed, Refs())
    assert [seen.remote_id for seen in stage.provider.find(Kind.METRIC, wanted.find)] == [link.remote_id]


@OVER_HTTP
@given(points())
def test_a_point_is_kept_at_its_minute_and_may_be_sent_twice(stage: Stage, point: Any) -> None:
    fed = Metric("met_1", "Fed", MetricAggregation.SUM, Visibility.PUBLIC)
    link, _ = stage.settle(fed, Refs())
    refs = Refs({"metric:met_1": str(link.remote_id)})
    wanted, losses = stage.provider.translate(point, refs)
    for _ in range(2):
        point_link, done = stage.settle(point, refs)
        assert done == ["create"]
    kept = stage.sandbox.plugins["pingpong"].world.custom_metrics[str(link.remote_id)].points  # type: ignore[attr-defined]
    assert kept == {wanted.create["timestamp"]: point.value}
    assert bool(losses) == (wanted.create["timestamp"] != point.at.timestamp())
    assert stage.provider.look(Kind.METRIC_POINT, str(point_link.remote_id)) is not None
    assert list(stage.provider.find(Kind.METRIC_POINT, wanted.find)) == []


def test_a_point_that_pingpong_would_drop_in_silence_is_refused(stage: Stage) -> None:
    fed = Metric("met_1", "Fed", MetricAggregation.SUM, Visibility.PUBLIC)
    link, _ = stage.settle(fed, Refs())
    refs = Refs({"metric:met_1": str(link.remote_id)})
    with pytest.raises(Refused, match="30 days"):
        stage.settle(MetricPoint("p", "met_1", 1.0, BEGIN - timedelta(days=31)), refs)


def test_kinds_that_pingpong_has_not_are_refused_in_words(stage: Stage) -> None:
    for obj in (Subscriber("sub_1", "a@example.com"), IncidentTemplate("tpl_1", "Down", Text("It is down."))):
        with pytest.raises(Refused, match="PingPong's API has no"):
            stage.provider.translate(obj, Refs())
        with pytest.raises(Refused, match="PingPong's API has no"):
            list(stage.provider.scan(obj.kind))
    with pytest.raises(Refused, match="never shows them"):
        list(stage.provider.scan(Kind.METRIC_POINT))


def test_every_seeded_object_is_read(stage: Stage) -> None:
    for kind in (Kind.COMPONENT, Kind.COMPONENT_GROUP, Kind.INCIDENT, Kind.MAINTENANCE, Kind.METRIC):
        for seen in stage.provider.scan(kind):
            obj, _ = stage.provider.read(kind, seen, "page", identify)
            assert (obj.kind, obj.id) == (kind, f"{kind}-{seen.remote_id}")
    assert set(SEEDED.values()) <= {seen.name for seen in stage.provider.scan(Kind.COMPONENT)}
