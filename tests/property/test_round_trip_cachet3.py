"""Cachet 3 → canonical → Cachet 3, and canonical → Cachet 3 → canonical over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
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
    subscribers,
    texts,
    told,
)

from bridge.errors import Refused
from bridge.model.actions import Remove
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MetricAggregation, Severity, Visibility
from bridge.model.facts import ObjectKey, Refs, Seen
from bridge.model.objects import (
    CanonicalObject,
    Component,
    Incident,
    IncidentTemplate,
    Maintenance,
    Metric,
    MetricPoint,
    Subscriber,
    Text,
)
from bridge.providers.base.mapping import load
from bridge.providers.cachet3.reader import EMBARGOED, LISTED, Reader
from bridge.providers.cachet3.translator import Translator
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.testing.stage import TOKEN, Stage, Ticking, assert_shows
from tests.contract.recording import recorded

WORDS = load("cachet3")
TRANSLATOR, READER = Translator(WORDS, UTC), Reader(WORDS, UTC)
OVER_HTTP = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def enum(value: int) -> dict[str, Any]:
    return {"human": "In whatever language", "value": value}


def time(text: str | None) -> dict[str, Any]:
    return {"human": "a while ago", "string": text}


MADE = {"created": time("2026-03-04 05:06:07"), "updated": time("2026-03-04 08:00:00")}


def numbers(enumeration: Any, *new: int) -> st.SearchStrategy[int]:
    """The provider's numbers, and some that it may learn tomorrow."""
    return st.sampled_from([*WORDS.table(enumeration).values, *new])


def stored() -> st.SearchStrategy[str]:
    """Messages as Cachet keeps them: trimmed, and never empty."""
    odd = st.sampled_from(["\u202eleft\u202c right", "<div>*as it is*</div>", "a\r\nb"])
    return (st.sampled_from(SAMPLES) | odd | st.text(min_size=1, max_size=40)).map(str.strip).filter(bool)


def named() -> st.SearchStrategy[str]:
    """Names as Cachet keeps them."""
    return lines().map(lambda line: line[:255].strip()).filter(bool)


def meta() -> st.SearchStrategy[dict[str, Any]]:
    values = st.sampled_from(["core", 7, True, ["a"], {"b": 1}, None])
    return st.dictionaries(st.sampled_from(["team", "tier", "size"]), values)


@st.composite
def component_rows(draw: st.DrawFn) -> dict[str, Any]:
    status = draw(numbers(ComponentStatus, 9))
    return {
        "id": "7",
        "name": draw(named()),
        "description": draw(st.none() | named()),
        "link": draw(st.sampled_from([None, "https://status.example.com/part"])),
        "order": draw(st.none() | st.integers(0, 50)),
        "status": enum(status),
        "latest_status": enum(draw(numbers(ComponentStatus, 9))),
        "enabled": draw(st.booleans()),
        "meta": draw(st.just([]) | meta()),
        "group": draw(st.sampled_from([None, {"id": "3", "name": "Core"}])),
        **MADE,
    }


@st.composite
def incident_rows(draw: st.DrawFn) -> dict[str, Any]:
    phases = draw(st.lists(numbers(IncidentStatus, 8), max_size=3))
    impacts = draw(st.dictionaries(st.integers(1, 3), numbers(ComponentStatus, 9)))
    updates = [
        {
            "id": str(20 + at),
            "message": draw(stored()),
            "status": enum(value),
            "created": time(f"2026-03-04 06:0{at}:00"),
        }
        for at, value in enumerate(phases)
    ]
    own = draw(numbers(IncidentStatus, 8))
    return {
        "id": "5",
        "guid": "0d8f8a6e-9c1d-4b5a-8f7e-000000000001",
        "name": draw(named()),
        "message": draw(stored()),
        "visible": draw(st.sampled_from([0, 1])),
        "stickied": draw(st.booleans()),
        "notifications": 1,
        "status": enum(own),
        "occurred": time(draw(st.sampled_from([None, "2026-03-01 00:00:01"]))),
        "published": time("2026-03-04 05:06:07"),
        "meta": draw(st.just([]) | meta()),
        "updates": updates,
        "components": [
            {"id": str(number), "pivot": {"component_status": enum(value)}} for number, value in impacts.items()
        ],
        **MADE,
    }


def back_and_forth(kind: Kind, row: dict[str, Any]) -> tuple[Any, Any, Seen]:
    seen = TRANSLATOR.seen(kind, row)
    obj, _ = READER.read(kind, seen, "page", identify)
    wanted, _ = TRANSLATOR.translate(obj, EVERYTHING)
    assert {name: seen.echo[name] for name in wanted.echo} == dict(wanted.echo)
    return obj, wanted, seen


def without_mark(free: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in free.items() if not name.startswith("status_bridge")}


@given(component_rows())
def test_a_component_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, _ = back_and_forth(Kind.COMPONENT, row)
    made = dict(wanted.create)
    assert without_mark(made.pop("meta")) == dict(row["meta"] or {})
    expected = {name: row[name] for name in ("name", "description", "link", "order", "enabled")}
    expected |= {
        "status": row["status"]["value"],
        "component_group_id": int(row["group"]["id"]) if row["group"] else None,
    }
    assert made == {name: value for name, value in expected.items() if value is not None}
    assert obj.effective_status is WORDS.of(ComponentStatus, row["latest_status"]["value"])


@given(numbers(ComponentStatus, 9), numbers(ComponentStatus, 9))
def test_the_own_status_and_the_shown_one_are_told_apart_and_news_is_never_fine(own: int, shown: int) -> None:
    row = {"id": "7", "name": "x", "status": enum(own), "latest_status": enum(shown), **MADE}
    obj, losses = READER.read(Kind.COMPONENT, TRANSLATOR.seen(Kind.COMPONENT, row), "page", identify)
    assert isinstance(obj, Component)
    assert (obj.status is ComponentStatus.OPERATIONAL) == (own == 1)
    assert (obj.effective_status is ComponentStatus.OPERATIONAL) == (shown == 1)
    assert bool(losses) == (9 in (own, shown))


@given(named(), st.sampled_from([0, 1]), st.sampled_from([0, 1, 2]), st.sampled_from([None, "name", "manual"]), meta())
def test_a_group_gets_back_everything_that_it_has(
    name: str, visible: int, collapsed: int, column: str | None, free: dict[str, Any]
) -> None:
    direction = "desc" if column == "name" else None
    row = {"id": "3", "name": name, "order": 4, "visible": visible, "collapsed": collapsed, "meta": free, **MADE}
    row |= {"order_column": column, "order_direction": direction}
    _, wanted, _ = back_and_forth(Kind.COMPONENT_GROUP, row)
    made = {"order_column": None, "order_direction": None, **wanted.create}
    assert without_mark(made.pop("meta")) == free
    shown = {field: row[field] for field in ("name", "order", "collapsed", "order_column", "order_direction")}
    assert made == {**shown, "visible": bool(visible)}


@given(incident_rows())
def test_an_incident_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, seen = back_and_forth_of_incident(row)
    made = wanted.create
    assert (made["name"], made["message"], made["stickied"]) == (row["name"], row["message"], row["stickied"])
    assert made["visible"] is bool(row["visible"])
    assert made["published_at"] == "2026-03-04T05:06:07Z"
    assert without_mark(made["meta"]) == dict(row["meta"] or {})
    assert [append.echo for append in wanted.appends] == [item.echo for item in seen.appended]
    assert {str(part["id"]): part["status"] for part in made["components"]} == {
        part["id"]: part["pivot"]["component_status"]["value"] for part in row["components"]
    }
    assert made["notifications"] is False
    if wanted.appends and wanted.appends[-1].echo["status"] != row["status"]["value"]:
        assert wanted.update["status"] == row["status"]["value"]
    assert obj.updates[0].origin is not None


def back_and_forth_of_incident(row: dict[str, Any]) -> tuple[Any, Any, Seen]:
    """Where nobody said when it occurred, it did when it was made."""
    seen = TRANSLATOR.seen(Kind.INCIDENT, row)
    obj, _ = READER.read(Kind.INCIDENT, seen, "page", identify)
    wanted, _ = TRANSLATOR.translate(obj, EVERYTHING)
    shown = {**seen.echo, "occurred": seen.echo["occurred"] or "2026-03-04T05:06:07Z"}
    assert shown == dict(wanted.echo)
    return obj, wanted, seen


@given(stored(), named(), st.lists(stored(), max_size=2), st.sampled_from([None, "2026-03-05 00:00:00"]), meta())
def test_a_maintenance_gets_back_everything_that_it_has(
    message: str, name: str, told_later: list[str], completed: str | None, free: dict[str, Any]
) -> None:
    row = {
        "id": "9", "name": name, "message": message, "status": enum(1), "scheduled": time("2026-03-04 06:00:00"),
        "completed": time(completed), "published": time("2026-03-04 05:06:07"), "meta": free,
        "components": [{"id": "2", "pivot": {"component_status": enum(3)}}],
        "updates": [
            {"id": str(number), "message": text, "created": time("2026-03-04 07:00:00")}
            for number, text in enumerate(told_later, 1)
        ],
        **MADE,
    }  # fmt: skip
    seen = TRANSLATOR.seen(Kind.MAINTENANCE, row)
    obj, _ = READER.read(Kind.MAINTENANCE, seen, "page", identify)
    wanted, _ = TRANSLATOR.translate(obj, EVERYTHING)
    assert {"completed": None, **wanted.echo} == seen.echo
    assert [append.echo for append in wanted.appends] == [item.echo for item in seen.appended]
    assert wanted.create["components"] == [{"id": 2, "status": 3}]
    assert without_mark(wanted.create["meta"]) == free


@given(
    named(),
    numbers(MetricAggregation, 4),
    st.sampled_from([None, 0.5, "1.250", "3.000"]),
    st.sampled_from([1, 5, 60]),
    st.integers(0, 4),
    st.booleans(),
)
def test_a_metric_gets_back_everything_that_it_has(
    name: str, kind: int, default: Any, threshold: int, places: int, chart: bool
) -> None:
    row = {
        "id": "4", "name": name, "suffix": "ms", "description": None, "default_value": default, "calc_type": kind,
        "display_chart": chart, "places": places, "default_view": 1, "threshold": threshold, "order": 0, "visible": 1,
        **MADE,
    }  # fmt: skip
    _, wanted, _ = back_and_forth(Kind.METRIC, row)
    made = wanted.create
    assert (made["calc_type"], made["places"], made["display_chart"]) == (kind, places, chart)
    assert made["threshold"] == threshold
    assert (None if default is None else float(default)) == (float(made["default_value"]) if default else None)


def test_a_metric_that_is_not_for_everybody_is_not_made_for_everybody() -> None:
    for visibility in (Visibility.HIDDEN, Visibility.AUTHENTICATED):
        with pytest.raises(Refused, match="everybody"):
            TRANSLATOR.translate(Metric("m", "x", MetricAggregation.SUM, visibility), Refs())


@given(st.booleans(), st.sets(st.integers(1, 4)), st.booleans(), meta())
def test_a_subscriber_gets_back_everything_that_it_has(
    everything: bool, parts: set[int], verified: bool, free: dict[str, Any]
) -> None:
    row = {
        "id": "8", "email": "a@example.com", "global": everything, "verified": verified, "meta": free,
        "components": [{"id": str(number)} for number in parts], **MADE,
    }  # fmt: skip
    if not everything and not parts:
        with pytest.raises(Refused, match="nobody"):
            back_and_forth(Kind.SUBSCRIBER, row)
        return
    _, wanted, _ = back_and_forth(Kind.SUBSCRIBER, row)
    made = dict(wanted.create)
    assert without_mark(made.pop("meta")) == free
    expected = {"email": "a@example.com", "global": everything, "components": sorted(parts), "verified": verified}
    assert made == expected


@given(named(), stored())
def test_a_template_gets_back_everything_that_it_has(name: str, text: str) -> None:
    row = {"id": "6", "name": name, "slug": "some-slug", "template": text, "engine": "twig", **MADE}
    _, wanted, _ = back_and_forth(Kind.INCIDENT_TEMPLATE, row)
    assert wanted.create == {"name": name, "slug": "some-slug", "template": text, "engine": "twig"}


def test_a_closed_incident_of_a_listing_does_not_make_up_what_it_did() -> None:
    part = {"id": "2", "pivot": {"component_status": enum(4)}}
    row = {"id": "5", "name": "x", "message": "y", "visible": 1, "status": enum(4), "components": [part], LISTED: True}
    seen = TRANSLATOR.seen(Kind.INCIDENT, {**row, "occurred": time(None), **MADE})
    obj, losses = READER.read(Kind.INCIDENT, seen, "page", identify)
    assert isinstance(obj, Incident)
    assert obj.components == {"component-2": ComponentStatus.UNKNOWN}
    assert [loss.field for loss in losses] == ["components"]


def test_what_is_still_to_be_published_is_hidden_and_gets_its_time_back() -> None:
    row = {"id": "5", "name": "x", "message": "y", "visible": 1, "status": enum(1), "components": [], EMBARGOED: True}
    published = {"published": time("2030-01-01 00:00:00"), "occurred": time("2026-01-01 00:00:00")}
    obj, wanted, _ = back_and_forth(Kind.INCIDENT, {**row, **published, **MADE})
    assert obj.visibility is Visibility.HIDDEN
    assert (wanted.create["visible"], wanted.create["published_at"]) == (True, "2030-01-01T00:00:00Z")


# --- canonical → Cachet 3 → canonical, over HTTP -----------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    sandbox = Sandbox(clock=Ticking(BEGIN), token=TOKEN)
    sandbox.plugins["cachet3"].settings.rate_limit = None  # type: ignore[attr-defined]
    with serve(sandbox) as server, recorded() as requests:
        made = Quiet("cachet3", "/cachet3", {}, sandbox, server)
        yield made
        made.provider.close()
    assert requests.problems() == []


def there_and_back(stage: Stage, obj: CanonicalObject, refs: Refs, *but: str) -> CanonicalObject:
    """Write an object, look at it, read it; whatever differs must have been announced."""
    wanted, losses = stage.provider.translate(obj, refs)
    link, _ = stage.settle(obj, refs)
    seen = stage.seen(obj.kind, link.remote_id)
    assert_shows(seen, wanted.echo)
    names = {remote: ObjectKey.parse(key).id for key, remote in refs.remote.items()}
    after, found = stage.provider.read(obj.kind, seen, "page", lambda _, remote, at: names.get(remote, obj.id))
    assert after.origin is not None
    assert (after.kind, after.origin.provider) == (obj.kind, "cachet3")
    for field, (was, now) in differing(obj, after).items():
        assert field in but or told(field, (*losses, *found)), f"{field} was {was!r} and is {now!r}; told: {losses}"
    if obj.kind is not Kind.METRIC:
        remembered = [other.remote_id for other in stage.provider.find(obj.kind, wanted.find)]
        assert link.remote_id in remembered
    return after


@OVER_HTTP
@given(components())
def test_what_a_component_loses_is_told(stage: Stage, component: Component) -> None:
    group = next(seen.remote_id for seen in stage.provider.scan(Kind.COMPONENT_GROUP))
    there_and_back(stage, component, Refs({**stage.refs().remote, "component_group:core": group}), "group")


@OVER_HTTP
@given(groups())
def test_what_a_group_loses_is_told(stage: Stage, group: Any) -> None:
    there_and_back(stage, group, Refs())


@OVER_HTTP
@given(incidents())
def test_what_an_incident_loses_is_told(stage: Stage, incident: Incident) -> None:
    after = there_and_back(stage, incident, stage.refs())
    assert isinstance(after, Incident)
    assert (after.notify, after.impact) == (False, incident.impact)


@OVER_HTTP
@given(maintenances())
def test_what_a_maintenance_loses_is_told(stage: Stage, maintenance: Maintenance) -> None:
    # Where a maintenance is follows its two times and the clock.
    there_and_back(stage, maintenance, stage.refs(), "status")


@OVER_HTTP
@given(metrics())
def test_what_a_metric_loses_is_told(stage: Stage, metric: Metric) -> None:
    there_and_back(stage, replace(metric, visibility=Visibility.PUBLIC), stage.refs())


@OVER_HTTP
@given(points())
def test_what_a_point_loses_is_told_and_it_is_found_again(stage: Stage, point: MetricPoint) -> None:
    link, _ = stage.settle(Metric("met_1", "Fed", MetricAggregation.SUM, Visibility.PUBLIC), Refs())
    there_and_back(stage, point, Refs({"metric:met_1": str(link.remote_id)}))


@OVER_HTTP
@given(subscribers())
def test_what_a_subscriber_loses_is_told(stage: Stage, subscriber: Subscriber) -> None:
    for known in stage.provider.scan(Kind.SUBSCRIBER):  # a known address keeps what it has
        stage.provider.perform(Remove(ObjectKey(Kind.SUBSCRIBER, "old"), known.remote_id))
    there_and_back(stage, subscriber, stage.refs())


@OVER_HTTP
@given(lines(), texts(), st.none() | lines(), st.none() | st.sampled_from(IncidentStatus))
def test_what_a_template_loses_is_told(
    stage: Stage, name: str, text: Text, title: str | None, status: IncidentStatus | None
) -> None:
    template = IncidentTemplate("tpl_1", name, text, title, status)
    try:
        there_and_back(stage, template, Refs())
    except Refused as refused:
        assert "needs a text" in str(refused)


def test_a_point_that_cachet_merged_into_another_one_is_told_and_not_taken_for_written(stage: Stage) -> None:
    link, _ = stage.settle(Metric("met_2", "Slow", MetricAggregation.MEAN, Visibility.PUBLIC), Refs())
    refs = Refs({"metric:met_2": str(link.remote_id)})
    stage.settle(MetricPoint("mpt_1", "met_2", 1.0, BEGIN), refs)
    with pytest.raises(Refused, match="threshold"):
        stage.settle(MetricPoint("mpt_2", "met_2", 2.0, BEGIN + timedelta(seconds=30)), refs)
    seen = [row for row in stage.provider.scan(Kind.METRIC_POINT) if row.name == str(link.remote_id)]
    obj, losses = stage.provider.read(Kind.METRIC_POINT, seen[0], "page", identify)
    assert isinstance(obj, MetricPoint)
    assert (obj.value, [loss.had for loss in losses]) == (1.0, ["2 points"])


def test_open_incidents_of_a_listing_tell_their_own_impacts(stage: Stage) -> None:
    remote = int(str(stage.refs().remote_id(Kind.COMPONENT, "api")))
    made = []
    for status in (2, 3):
        body = {"name": f"Trouble {status}", "message": "x", "status": 1, "visible": True}
        rows = stage.provider._resources[Kind.INCIDENT]  # type: ignore[attr-defined]
        made.append(rows.create({**body, "components": [{"id": remote, "status": status}]})["id"])
    shown = {seen.remote_id: seen for seen in stage.provider.scan(Kind.INCIDENT) if seen.remote_id in made}
    objects = [stage.provider.read(Kind.INCIDENT, shown[name], "page", identify)[0] for name in made]
    assert [obj.impact for obj in objects] == [Severity.MINOR, Severity.MAJOR]  # type: ignore[union-attr]


def test_every_seeded_object_is_read(stage: Stage) -> None:
    for kind in (
        Kind.COMPONENT,
        Kind.COMPONENT_GROUP,
        Kind.INCIDENT,
        Kind.MAINTENANCE,
        Kind.METRIC,
        Kind.INCIDENT_TEMPLATE,
    ):
        for seen in stage.provider.scan(kind):
            obj, _ = stage.provider.read(kind, seen, "page", identify)
            assert (obj.kind, obj.id) == (kind, f"{kind}-{seen.remote_id}")
