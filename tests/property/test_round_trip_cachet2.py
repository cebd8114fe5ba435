"""Cachet 2 → canonical → Cachet 2, and canonical → Cachet 2 → canonical over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
    told,
)

from bridge.errors import Refused
from bridge.model.actions import Remove
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Severity,
    Visibility,
)
from bridge.model.facts import ObjectKey, Refs, Seen
from bridge.model.objects import CanonicalObject, Incident, IncidentTemplate, Metric, MetricPoint, Subscriber, Text
from bridge.providers import registry
from bridge.providers.base.mapping import load
from bridge.providers.base.text import cleaned_form
from bridge.providers.cachet2.reader import LINKED, READ_AT, TO_ALL, Reader, is_verified
from bridge.providers.cachet2.translator import Translator
from bridge.sandbox.app import Sandbox
from bridge.sandbox.cachet2.cleaner import clean
from bridge.sandbox.server import serve
from bridge.testing.stage import TOKEN, Stage, Ticking, assert_shows

WORDS = load("cachet2")
TRANSLATOR, READER = Translator(WORDS), Reader(WORDS)
MADE = "2026-03-04 05:06:07"
OVER_HTTP = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NEW = 9
"""A number that Cachet may learn tomorrow."""


def numbers(enum: Any, *new: int) -> st.SearchStrategy[int]:
    return st.sampled_from([*WORDS.table(enum).values, *new])


def stored() -> st.SearchStrategy[str]:
    """Texts as Cachet keeps them: the creating call's as they came, all others cleaned."""
    return (st.sampled_from(SAMPLES) | lines()).flatmap(lambda text: st.sampled_from([text, clean(text)]))


def names() -> st.SearchStrategy[str]:
    """Names as Cachet keeps them, without what it takes for tags."""
    return lines().map(lambda name: clean(name)[:191].strip()).filter(lambda name: name and not set(name) & set("<>"))


def marked(**more: Any) -> dict[str, Any]:
    return {**more, "status_bridge_id": "ours"}


@st.composite
def component_rows(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "id": 3,
        "name": draw(names()),
        "description": draw(stored()),
        "link": draw(st.sampled_from(["", "https://example.com/a"])),
        "status": draw(numbers(ComponentStatus, NEW)),
        "order": draw(st.integers(0, 90)),
        "group_id": draw(st.sampled_from([0, 2])),
        "enabled": draw(st.booleans()),
        "meta": draw(st.sampled_from([None, {}, {"team": "core"}, marked(team="core")])),
        "tags": draw(st.sampled_from([{}, {"beta-two": "Beta Two", "ao": "Ä/ö"}])),
        "created_at": MADE,
    }


@st.composite
def incident_rows(draw: st.DrawFn) -> dict[str, Any]:
    phases = draw(st.lists(numbers(IncidentStatus, NEW), max_size=3))
    first = draw(numbers(IncidentStatus, NEW))
    component = {"id": 3, "name": "API", "status": draw(numbers(ComponentStatus, NEW))}
    linked = draw(st.booleans())
    updates = [
        {
            "id": number,
            "status": phase,
            "message": draw(stored().filter(bool)),
            "created_at": f"2026-03-04 06:0{number}:00",
        }
        for number, phase in enumerate(phases)
    ]
    return {
        "id": 5,
        "name": draw(names()),
        "message": draw(stored().filter(str.strip)),
        "status": phases[-1] if phases else first,
        "latest_status": phases[-1] if phases else first,
        "visible": draw(st.sampled_from([0, 1])),
        "stickied": draw(st.booleans()),
        "user_id": 1,
        "component_id": 3 if linked else 0,
        "occurred_at": draw(st.sampled_from(["2026-03-04 05:06:00", "2019-12-31 23:59:00"])),
        "created_at": MADE,
        "updated_at": MADE,
        "meta": draw(st.sampled_from([{}, {"severity": "critical"}, {"severity": "sev1"}, marked(ticket="A-1")])),
        "updates": updates[::-1],
        **({LINKED: component} if linked else {}),
    }


@st.composite
def metric_rows(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "id": 7,
        "name": draw(names()),
        "suffix": draw(st.sampled_from(["ms", "requests / s", "%"])),
        "description": draw(stored()),
        "default_value": draw(st.integers(0, 10)),
        "calc_type": draw(numbers(MetricAggregation, NEW)),
        "display_chart": draw(st.booleans()),
        "places": draw(st.integers(0, 4)),
        "default_view": draw(st.integers(0, 3)),
        "threshold": draw(st.sampled_from([1, 5, 60])),
        "order": draw(st.integers(0, 90)),
        "visible": draw(st.sampled_from([0, 1, 2])),
        "created_at": MADE,
    }


def back_and_forth(kind: Kind, row: dict[str, Any], **changes: Any) -> tuple[Any, Any, Seen]:
    seen = TRANSLATOR.seen(kind, row)
    obj, _ = READER.read(kind, seen, "page", identify)
    statuses = {"component-3": READER.words.of(ComponentStatus, row.get(LINKED, {}).get("status"))}
    wanted, _ = TRANSLATOR.translate(replace(obj, **changes), replace(EVERYTHING, statuses=statuses))
    assert {name: seen.echo[name] for name in wanted.echo} == dict(wanted.echo)
    return obj, wanted, seen


@given(component_rows())
def test_a_component_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    _, wanted, _ = back_and_forth(Kind.COMPONENT, row)
    kept = {"description": "", "link": "", "group_id": 0, "order": 0, "tags": [], **wanted.create}
    for field in ("link", "status", "order", "group_id", "enabled"):
        assert kept[field] == row[field]
    for field in ("name", "description"):
        assert cleaned_form(kept[field]) == cleaned_form(row[field])
    assert kept["tags"] == list(row["tags"].values())
    assert kept["meta"] == {**(row["meta"] or {}), "status_bridge_id": "component-3"}


@given(names(), st.sampled_from([0, 1]), st.integers(0, 4), st.integers(0, 90))
def test_a_group_gets_back_everything_that_it_has(name: str, visible: int, collapsed: int, order: int) -> None:
    row = {"id": 2, "name": name, "visible": visible, "collapsed": collapsed, "order": order, "created_at": MADE}
    _, wanted, _ = back_and_forth(Kind.COMPONENT_GROUP, row)
    assert {field: wanted.update[field] for field in ("visible", "collapsed", "order")} == {
        "visible": visible,
        "collapsed": collapsed,
        "order": order,
    }


@given(incident_rows())
def test_an_incident_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, seen = back_and_forth(Kind.INCIDENT, row, notify=True)
    for field in ("visible", "stickied"):
        assert wanted.create[field] == wanted.update[field] == row[field]
    assert wanted.create["occurred_at"] == row["occurred_at"][:-3]
    assert wanted.create["meta"] == {**row["meta"], "status_bridge_id": "incident-5"}
    assert wanted.create.get("component_id", 0) == row["component_id"]
    if row["component_id"]:
        assert WORDS.of(ComponentStatus, wanted.create["component_status"]) is WORDS.of(
            ComponentStatus, row[LINKED]["status"]
        )
    if not row["updates"]:
        assert wanted.create["status"] == row["status"]
    assert [append.echo for append in wanted.appends] == [item.echo for item in seen.appended]
    assert obj.notify is False


@given(incident_rows())
def test_what_a_closed_incident_did_is_not_made_up(row: dict[str, Any]) -> None:
    obj, losses = READER.read(Kind.INCIDENT, TRANSLATOR.seen(Kind.INCIDENT, row), "page", identify)
    assert isinstance(obj, Incident)
    over = obj.status.is_terminal and bool(row["component_id"])
    assert ("components" in {loss.field for loss in losses}) is over
    if over:
        assert set(obj.components.values()) == {ComponentStatus.UNKNOWN}
        nothing_known = TRANSLATOR.translate(replace(obj, origin=None), EVERYTHING)
        assert "component_id" not in nothing_known[0].create
        assert "components" in {loss.field for loss in nothing_known[1]}


@given(incident_rows())
def test_severity_is_that_of_the_free_data_or_of_the_component(row: dict[str, Any]) -> None:
    obj, _ = READER.read(Kind.INCIDENT, TRANSLATOR.seen(Kind.INCIDENT, row), "page", identify)
    assert isinstance(obj, Incident)
    if row["meta"].get("severity") == "critical":
        assert obj.impact is Severity.CRITICAL
    elif not obj.components:
        assert obj.impact is Severity.NONE


@given(names(), st.none() | stored(), numbers(MaintenanceStatus, NEW), st.sampled_from([None, "2026-04-01 03:00:00"]))
def test_a_schedule_gets_back_everything_that_it_has(
    name: str, message: str | None, status: int, ends: str | None
) -> None:
    row = {
        "id": 4,
        "name": name,
        "message": message,
        "status": status,
        "scheduled_at": "2026-04-01 01:00:00",
        "completed_at": ends or "2026-03-04 05:06:09",
        "created_at": MADE,
        READ_AT: "2026-03-04T05:06:09Z",
    }
    obj, wanted, _ = back_and_forth(Kind.MAINTENANCE, row)
    assert (wanted.create["status"], wanted.create["scheduled_at"]) == (status, "2026-04-01 01:00")
    assert cleaned_form(wanted.create["message"]) == cleaned_form(message or "")
    assert wanted.create.get("completed_at") == (ends[:-3] if ends else None)
    assert obj.ends_at == (datetime.fromisoformat(ends).replace(tzinfo=UTC) if ends else None)


@pytest.mark.parametrize(
    ("shown", "read_at", "ends"),
    [
        ("2026-03-04 05:06:07", "2026-03-04T05:06:07Z", False),
        ("2026-03-04 05:06:00", "2026-03-04T05:06:00Z", False),
        ("2026-03-04 05:06:00", "2026-03-04T05:06:03Z", False),
        ("2026-03-04 05:06:00", "2026-03-04T05:09:00Z", True),
        ("2026-03-04 05:06:00", "2026-03-01T05:06:00Z", True),
        (None, "2026-03-04T05:06:00Z", False),
    ],
)
def test_an_end_that_is_shown_as_now_is_none(shown: str | None, read_at: str, ends: bool) -> None:
    row = {"id": 4, "name": "n", "status": 0, "scheduled_at": MADE, "completed_at": shown, READ_AT: read_at}
    obj, _ = READER.read(Kind.MAINTENANCE, TRANSLATOR.seen(Kind.MAINTENANCE, row), "page", identify)
    assert (obj.ends_at is not None) is ends  # type: ignore[union-attr]


@given(metric_rows())
def test_a_metric_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    _, wanted, _ = back_and_forth(Kind.METRIC, row)
    for field, value in row.items():
        if field not in ("id", "created_at", "name", "description"):
            assert wanted.create[field] == value
    assert ("calc_type" in wanted.update) is (row["calc_type"] != NEW)


@given(st.integers(-9999, 9999).map(lambda value: value / 8), st.integers(1, 5))
def test_a_point_counts_as_often_as_it_came(value: float, counter: int) -> None:
    row = {"id": "7/1", "metric_id": 7, "value": value, "counter": counter, "created_at": "2026-03-04 05:06:30"}
    obj, wanted, _ = back_and_forth(Kind.METRIC_POINT, {**row, "calculated_value": value * counter})
    assert isinstance(obj, MetricPoint)
    assert (obj.metric, obj.value) == ("metric-7", value * counter)
    assert wanted.create["timestamp"] == obj.at.timestamp()


@given(st.booleans(), st.booleans())
def test_a_subscriber_gets_back_everything_that_it_has(verified: bool, to_all: bool) -> None:
    row = {
        "id": 6,
        "email": "reader@example.com",
        "verify_code": "s3cret",
        "verified_at": "Saturday 21st November 2026 00:00:00" if verified else "Saturday 21st November 2026 14:05:06",
        "subscriptions": [{"id": 1, "component_id": 12}, {"id": 2, "component_id": 3}],
        "created_at": MADE,
        TO_ALL: to_all,
    }
    obj, wanted, seen = back_and_forth(Kind.SUBSCRIBER, row)
    expected = {"email": "reader@example.com", "verify": verified}
    assert wanted.create == (expected if to_all else {**expected, "components": [3, 12]})
    assert "s3cret" not in f"{seen}{obj}"


@pytest.mark.parametrize(
    ("text", "verified"),
    [
        ("Saturday 21st November 2026 00:00:00", True),
        ("21/11/2026 12:00 AM", True),
        ("21/11/2026 02:55", False),
        ("11/21/2026 12:00 pm", False),
        ("21 November 2026", None),
        (None, None),
    ],
)
def test_an_address_is_verified_when_midnight_is_shown(text: str | None, verified: bool | None) -> None:
    assert is_verified(text) is verified


# --- canonical → Cachet 2 → canonical, over HTTP -----------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One sandbox for the whole file; what a test makes it takes away again."""
    sandbox = Sandbox(clock=Ticking(BEGIN), token=TOKEN)
    with serve(sandbox) as server:
        options = registry.options_schema("cachet2")().load({})
        made = Quiet("cachet2", "/cachet2", options, sandbox, server)
        yield made
        made.provider.close()


def there_and_back(stage: Stage, obj: CanonicalObject, refs: Refs) -> CanonicalObject:
    """Write an object, find it, look at it, read it; whatever differs must have been announced."""
    wanted, losses = stage.provider.translate(obj, refs)
    link, _ = stage.settle(obj, refs)
    seen = stage.seen(obj.kind, link.remote_id)
    assert_shows(seen, wanted.echo)
    assert link.remote_id in [found.remote_id for found in stage.provider.find(obj.kind, wanted.find)]
    names = {(ObjectKey.parse(key).kind, remote): ObjectKey.parse(key).id for key, remote in refs.remote.items()}
    after, found = stage.provider.read(obj.kind, seen, "page", lambda kind, id, at: names.get((kind, id), obj.id))
    for field, (was, now) in differing(obj, after).items():
        assert told(field, (*losses, *found)), f"{field} was {was!r} and is {now!r}; told: {losses}"
    stage.provider.perform(Remove(ObjectKey(obj.kind, obj.id), str(link.remote_id)))
    assert stage.provider.look(obj.kind, str(link.remote_id)) is None
    return after


@OVER_HTTP
@given(components())
def test_what_a_component_loses_is_told(stage: Stage, component: Any) -> None:
    group = next(seen.remote_id for seen in stage.provider.scan(Kind.COMPONENT_GROUP) if seen.name == "Core")
    there_and_back(stage, component, Refs({"component_group:core": group}))


@OVER_HTTP
@given(groups())
def test_what_a_group_loses_is_told(stage: Stage, group: Any) -> None:
    there_and_back(stage, group, Refs())


@OVER_HTTP
@given(incidents(), st.booleans())
def test_what_an_incident_loses_is_told(stage: Stage, incident: Incident, notify: bool) -> None:
    # The start is kept to the minute, which the capabilities tell for all incidents at once.
    started = stage.provider.capabilities.floor(incident.started_at)
    refs = replace(stage.refs(), statuses=incident.components)
    after = there_and_back(stage, replace(incident, started_at=started, notify=notify), refs)
    assert isinstance(after, Incident)
    assert after.impact is incident.impact


@OVER_HTTP
@given(maintenances())
def test_what_a_maintenance_loses_is_told(stage: Stage, maintenance: Any) -> None:
    floor = stage.provider.capabilities.floor
    ends = floor(maintenance.ends_at) if maintenance.ends_at else None
    there_and_back(stage, replace(maintenance, starts_at=floor(maintenance.starts_at), ends_at=ends), stage.refs())


@OVER_HTTP
@given(metrics())
def test_what_a_metric_loses_is_told(stage: Stage, metric: Metric) -> None:
    there_and_back(stage, metric, stage.refs())


@pytest.fixture(scope="module")
def fed(stage: Stage) -> Refs:
    """A metric that has a copy."""
    link, _ = stage.settle(Metric("met_1", "Fed", MetricAggregation.SUM, Visibility.PUBLIC, suffix="ms"), Refs())
    return Refs({"metric:met_1": str(link.remote_id)})


@OVER_HTTP
@given(points())
def test_what_a_point_loses_is_told(stage: Stage, fed: Refs, point: MetricPoint) -> None:
    there_and_back(stage, point, fed)


@OVER_HTTP
@given(subscribers())
def test_what_a_subscriber_loses_is_told(stage: Stage, subscriber: Subscriber) -> None:
    there_and_back(stage, subscriber, stage.refs())


def test_points_a_threshold_apart_do_not_fold(stage: Stage, fed: Refs) -> None:
    for number in range(3):
        at = BEGIN + timedelta(minutes=number)
        there = stage.settle(MetricPoint(f"mpt_{number}", "met_1", 5.0, at), fed)[0]
        assert stage.seen(Kind.METRIC_POINT, there.remote_id).raw["counter"] == 1
    metric = fed.remote["metric:met_1"]
    times = [seen.at for seen in stage.provider.scan(Kind.METRIC_POINT) if seen.echo["metric"] == metric]
    assert times == [BEGIN + timedelta(minutes=number) for number in (2, 1, 0)]


def test_what_would_tell_somebody_of_everything_is_refused(stage: Stage) -> None:
    with pytest.raises(Refused, match="tell it of all"):
        stage.provider.translate(Subscriber("sub_1", "a@example.com", ("elsewhere",)), Refs())
    with pytest.raises(Refused, match="mail addresses only"):
        stage.provider.translate(Subscriber("sub_1", "+49 30 123456"), Refs())


def test_templates_are_read_and_not_written(stage: Stage) -> None:
    seen = list(stage.provider.scan(Kind.INCIDENT_TEMPLATE))
    for row in seen:
        obj, losses = stage.provider.read(Kind.INCIDENT_TEMPLATE, row, "page", identify)
        assert isinstance(obj, IncidentTemplate)
        assert obj.message.source == row.raw["template"]
        assert losses == ()
    with pytest.raises(Refused, match="takes none"):
        stage.provider.translate(IncidentTemplate("tpl_1", "Down", Text("It is down.")), Refs())
    assert seen


def test_every_seeded_object_is_read(stage: Stage) -> None:
    for kind in stage.provider.capabilities.kinds:
        for seen in stage.provider.scan(kind):
            obj, _ = stage.provider.read(kind, seen, "page", identify)
            assert (obj.kind, obj.id) == (kind, f"{kind}-{seen.remote_id}")
