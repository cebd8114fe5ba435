"""Statuspage → canonical → Statuspage, and canonical → Statuspage → canonical over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentTemplate,
    Maintenance,
    Metric,
    MetricPoint,
    Subscriber,
    Text,
)
from bridge.providers.base.mapping import load
from bridge.providers.statuspage.clockwork import AUTOMATION, TURNING
from bridge.providers.statuspage.reader import Reader
from bridge.providers.statuspage.translator import Translator
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.testing.stage import TOKEN, Stage, Ticking, assert_shows
from tests.contract.recording import recorded

WORDS = load("statuspage")
TRANSLATOR, READER = Translator(WORDS), Reader(WORDS)
MADE = "2026-03-04T05:06:07Z"
DATES = {"created_at": MADE, "updated_at": MADE}
FOR_GOOD = replace(EVERYTHING, unattended=True)
"""Objects leave their source for good."""
OVER_HTTP = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def words(enum: Any, *new: str) -> st.SearchStrategy[str]:
    """The provider's words, and some that it may learn tomorrow."""
    return st.sampled_from([*WORDS.table(enum).values, *new])


def named() -> st.SearchStrategy[str]:
    """Names as Statuspage keeps them."""
    return lines().map(lambda line: line[:255].strip()).filter(bool)


def bodies() -> st.SearchStrategy[str]:
    """Bodies as Statuspage keeps them: text, text with tags in it, and whatever else."""
    odd = st.sampled_from(
        ["One.<br />\n<br />\nTwo.", "see <a href='https://example.com'>here</a>\r\nnext", "\u202eleft"]
    )
    return (st.sampled_from(SAMPLES) | odd | st.text(min_size=1, max_size=40)).filter(lambda text: bool(text.strip()))


def component_row(identity: str, status: str, **more: Any) -> dict[str, Any]:
    base = {"id": identity, "page_id": "p", "group_id": None, "group": False, "name": "Public API", "position": 1}
    extra = {"description": None, "showcase": True, "only_show_if_degraded": False, "start_date": "2024-06-06"}
    return {**base, **extra, "status": status, **DATES, **more}


@st.composite
def component_rows(draw: st.DrawFn) -> dict[str, Any]:
    return component_row(
        "aaa",
        draw(words(ComponentStatus, "on_holiday", "")),
        name=draw(named()),
        group_id=draw(st.sampled_from([None, "ggg"])),
        description=draw(st.none() | named()),
        showcase=draw(st.booleans()),
        only_show_if_degraded=draw(st.booleans()),
        start_date=draw(st.sampled_from([None, "2024-06-06"])),
    )


def update_row(number: int, status: str, body: str, moved: dict[str, str] | None) -> dict[str, Any]:
    affected = None
    if moved is not None:
        affected = [{"code": code, "name": code, "old_status": "x", "new_status": word} for code, word in moved.items()]
        affected.append({"name": "No components were affected by this update."})
    at = f"2026-03-04T06:0{number}:00.123Z"
    return {
        "id": f"u{number}", "incident_id": "iii", "status": status, "body": body, "affected_components": affected,
        "created_at": at, "display_at": at, "updated_at": at, "deliver_notifications": True,
    }  # fmt: skip


@st.composite
def updates(draw: st.DrawFn, phases: list[str]) -> list[dict[str, Any]]:
    moved = st.none() | st.dictionaries(st.sampled_from(["aaa", "bbb"]), words(ComponentStatus, "on_holiday"))
    rows = [update_row(number, phase, draw(bodies()), draw(moved)) for number, phase in enumerate(phases)]
    return list(reversed(rows))


@st.composite
def incident_rows(draw: st.DrawFn) -> dict[str, Any]:
    phase = words(IncidentStatus, "escalated").filter(lambda word: word != "postmortem")
    phases = draw(st.lists(phase, min_size=1, max_size=3))
    impact = draw(st.sampled_from(["none", "minor", "major", "critical", "maintenance", "dreadful"]))
    return {
        "id": "iii",
        "name": draw(named()),
        "status": phases[-1],
        "impact": impact,
        "impact_override": draw(st.sampled_from([None, impact])),
        "incident_updates": draw(updates(phases)),
        "components": [component_row("aaa", "operational"), component_row("ggg", "operational", group=True)],
        "metadata": draw(st.sampled_from([None, {}, {"jira": {"key": "X-1"}}])),
        "reminder_intervals": draw(st.sampled_from([None, "[]", "[1, 5]"])),
        "scheduled_for": None,
        "started_at": "2026-03-04T05:00:01Z",
        "resolved_at": "2026-03-04T06:09:00Z",
        **DATES,
    }


@st.composite
def maintenance_rows(draw: st.DrawFn) -> dict[str, Any]:
    phases = draw(st.lists(words(MaintenanceStatus, "cancelled"), min_size=1, max_size=3))
    return {
        "id": "www",
        "name": draw(named()),
        "status": phases[-1],
        "impact": "maintenance",
        "incident_updates": draw(updates(phases)),
        "components": [component_row("aaa", "operational")],
        "scheduled_for": "2026-03-05T00:00:00Z",
        "scheduled_until": "2026-03-05T02:30:00Z",
        "resolved_at": draw(st.sampled_from([None, "2026-03-05T01:15:00Z"])),
        "metadata": None,
        **{name: draw(st.sampled_from([None, True, False])) for name in AUTOMATION},
        **DATES,
    }


def back_and_forth(kind: Kind, row: dict[str, Any]) -> tuple[Any, Any, Seen]:
    seen = TRANSLATOR.seen(kind, row)
    obj, _ = READER.read(kind, seen, "page", identify)
    wanted, _ = TRANSLATOR.translate(obj, FOR_GOOD)
    shown = {**seen.echo, "impact_override": row.get("impact_override") or row.get("impact")}
    assert {name: shown[name] for name in wanted.echo} == dict(wanted.echo)
    return obj, wanted, seen


@given(component_rows())
def test_a_component_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, _ = back_and_forth(Kind.COMPONENT, row)
    fields = ("name", "description", "status", "group_id", "showcase", "only_show_if_degraded", "start_date")
    expected = {name: row[name] for name in fields if row[name] not in (None, "")}
    assert dict(wanted.create) == expected
    assert (obj.status is ComponentStatus.OPERATIONAL) == (row["status"] == "operational")
    assert obj.effective_status is obj.status


@given(named(), st.none() | named(), st.lists(st.sampled_from(["aaa", "bbb"]), min_size=1, unique=True))
def test_a_group_gets_back_everything_that_it_has(name: str, description: str | None, members: list[str]) -> None:
    row = {"id": "ggg", "name": name, "description": description, "components": members, "position": 2, **DATES}
    _, wanted, _ = back_and_forth(Kind.COMPONENT_GROUP, row)
    assert {"description": None, **wanted.create} == {"name": name, "description": description, "components": members}


@given(incident_rows())
def test_an_incident_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    obj, wanted, seen = back_and_forth(Kind.INCIDENT, row)
    made = wanted.create
    oldest, *later = reversed(row["incident_updates"])
    assert (made["name"], made["status"], made["body"]) == (row["name"], oldest["status"], oldest["body"])
    said = [append for append in wanted.appends if append.about is None]
    assert [(append.body["status"], append.body["body"]) for append in said] == [
        (update["status"], update["body"]) for update in later
    ]
    assert [append.echo for append in said] == [item.echo for item in seen.appended[1:]]
    times = [append.body["display_at"] for append in wanted.appends if append.about]
    assert times == [update["display_at"].replace(".123", "") for update in (oldest, *later)]
    assert made["impact_override"] == row["impact"]
    assert made.get("reminder_intervals") == row["reminder_intervals"]
    assert {**made["metadata"], "status_bridge": None} == {**(row["metadata"] or {}), "status_bridge": None}
    assert made["deliver_notifications"] is False
    assert "aaa" in made["component_ids"]
    assert "ggg" not in made["component_ids"]
    assert obj.impact is not Severity.NONE or row["impact"] in ("none", "maintenance")


@given(maintenance_rows())
def test_a_maintenance_gets_back_everything_that_it_has(row: dict[str, Any]) -> None:
    _, wanted, _ = back_and_forth(Kind.MAINTENANCE, row)
    oldest, *later = reversed(row["incident_updates"])
    made = wanted.create
    assert (made["name"], made["status"], made["body"]) == (row["name"], oldest["status"], oldest["body"])
    assert (made["scheduled_for"], made["scheduled_until"]) == (row["scheduled_for"], row["scheduled_until"])
    assert {name: made[name] for name in AUTOMATION} == {name: bool(row[name]) for name in AUTOMATION}
    told_later = [(append.body["status"], append.body["body"]) for append in wanted.appends if append.about is None]
    assert told_later == [(update["status"], update["body"]) for update in later]


def test_work_that_is_over_has_its_real_end_elsewhere_and_its_planned_one_at_home() -> None:
    update = update_row(1, "completed", "Done.", None)
    row = {"id": "www", "name": "Disks", "status": "completed", "incident_updates": [update], "components": []}
    times = {"scheduled_for": "2026-03-05T00:00:00Z", "scheduled_until": "2026-03-05T02:30:00Z"}
    obj, wanted, _ = back_and_forth(Kind.MAINTENANCE, {**row, **times, "resolved_at": "2026-03-05T01:15:00Z", **DATES})
    assert obj.ends_at.isoformat() == "2026-03-05T01:15:00+00:00"
    assert wanted.create["scheduled_until"] == "2026-03-05T02:30:00Z"


@given(maintenance_rows())
def test_the_clockwork_of_a_mirrored_maintenance_stands_still_and_that_is_told(row: dict[str, Any]) -> None:
    obj, _ = READER.read(Kind.MAINTENANCE, TRANSLATOR.seen(Kind.MAINTENANCE, row), "page", identify)
    wanted, losses = TRANSLATOR.translate(obj, EVERYTHING)
    assert not any(wanted.create[name] for name in AUTOMATION)
    assert {wanted.echo[name] for name in TURNING} == {False}
    ran = any(row[name] for name in AUTOMATION[1:])
    assert ("clockwork" in {loss.field for loss in losses}) == ran


@given(bodies(), st.booleans())
def test_a_published_postmortem_is_saved_and_published_again(body: str, came_back: bool) -> None:
    told = [update_row(1, "resolved", "Over.", None)]
    row = {
        "id": "iii", "name": "x", "status": "resolved", "impact": "minor", "components": [], "scheduled_for": None,
        "incident_updates": told, "postmortem_body": body, "postmortem_published_at": "2026-03-09T00:00:00Z",
        "started_at": MADE, **DATES,
    }  # fmt: skip
    if came_back:
        later = {**update_row(2, "investigating", "Again.", None), "display_at": "2026-03-10T00:00:00Z"}
        row |= {"status": "investigating", "incident_updates": [later, *told]}
    obj, wanted, seen = back_and_forth(Kind.INCIDENT, row)
    postmortem = next(update for update in obj.updates if update.status is IncidentStatus.POSTMORTEM)
    assert postmortem.message.source == body
    losses = TRANSLATOR.translate(obj, EVERYTHING)[1]
    if came_back:
        assert obj.updates[-1].message.source == "Again."
        assert "status" in {loss.field for loss in losses}
        return
    assert obj.status is IncidentStatus.POSTMORTEM
    draft, publish = wanted.appends[-2:]
    assert draft.body["postmortem_draft"]["body_draft"] == body
    assert publish.body["postmortem_publish"] == {"notify_subscribers": False, "notify_twitter": False}
    assert publish.echo == seen.appended[-1].echo
    assert "status" not in {loss.field for loss in losses}


@given(named(), st.none() | named(), st.sampled_from([None, "ms"]), st.integers(0, 4), st.booleans())
def test_a_metric_gets_back_everything_that_it_has(
    name: str, tooltip: str | None, suffix: str | None, places: int, display: bool
) -> None:
    row = {
        "id": "mmm", "name": name, "tooltip_description": tooltip, "suffix": suffix, "decimal_places": places,
        "display": display, "metric_identifier": "cpu", "y_axis_min": None, "y_axis_max": 3.5, "y_axis_hidden": False,
        "metrics_provider_id": "prv", **DATES,
    }  # fmt: skip
    _, wanted, _ = back_and_forth(Kind.METRIC, row)
    not_written = ("id", "metrics_provider_id", *DATES)
    assert dict(wanted.create) == {
        field: row[field] for field in row if field not in not_written and row[field] is not None
    }


@given(
    st.sampled_from(["email", "sms", "webhook"]), st.lists(st.sampled_from(["aaa", "bbb"]), unique=True), st.booleans()
)
def test_a_subscriber_gets_back_everything_that_it_has(mode: str, parts: list[str], confirmed: bool) -> None:
    contacts: dict[str, dict[str, Any]] = {
        "email": {"email": "a@example.com"},
        "sms": {"phone_number": "5550100", "phone_country": "us"},
        "webhook": {"endpoint": "https://example.com/hook", "email": "owner@example.com"},
    }
    row = {"id": "sss", "mode": mode, **contacts[mode], "components": parts or None, "confirmed": confirmed, **DATES}
    _, wanted, _ = back_and_forth(Kind.SUBSCRIBER, row)
    listed = {"component_ids": sorted(parts)} if parts else {}
    assert wanted.create == {**contacts[mode], "skip_confirmation_notification": confirmed, **listed}


def test_a_subscriber_without_an_address_is_not_carried_over() -> None:
    row = {"id": "sss", "mode": "slack", "obfuscated_channel_name": "#st***", "components": None, **DATES}
    with pytest.raises(Refused, match="slack"):
        back_and_forth(Kind.SUBSCRIBER, row)


PHASES_OF_TEMPLATES = st.none() | words(IncidentStatus, "in_progress").filter(lambda word: word != "postmortem")


@given(named(), named(), bodies(), PHASES_OF_TEMPLATES, st.booleans())
def test_a_template_gets_back_everything_that_it_has(
    name: str, title: str, body: str, status: str | None, tweet: bool
) -> None:
    row = {
        "id": "ttt", "name": name, "title": title, "body": body, "update_status": status, "should_tweet": tweet,
        "should_send_notifications": True, "components": [component_row("aaa", "operational")], **DATES,
    }  # fmt: skip
    obj, _ = READER.read(Kind.INCIDENT_TEMPLATE, TRANSLATOR.seen(Kind.INCIDENT_TEMPLATE, row), "page", identify)
    wanted, _ = TRANSLATOR.translate(obj, EVERYTHING)
    shown = {"update_status": None, **wanted.create}
    assert shown.pop("component_ids") == ["aaa"]
    assert shown == {field: row[field] for field in row if field not in ("id", "components", *DATES)}


# --- canonical → Statuspage → canonical, over HTTP ---------------------------------------------------------------


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    sandbox = Sandbox(clock=Ticking(BEGIN), token=TOKEN)
    with serve(sandbox) as server, recorded() as requests:
        made = Quiet("statuspage", "/statuspage/v1", {"page_id": "sandboxpage1"}, sandbox, server)
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
    assert (after.kind, after.origin.provider) == (obj.kind, "statuspage")
    for field, (was, now) in differing(obj, after).items():
        assert field in but or told(field, (*losses, *found)), f"{field} was {was!r} and is {now!r}; told: {losses}"
    assert link.remote_id in [other.remote_id for other in stage.provider.find(obj.kind, wanted.find)]
    return after


@OVER_HTTP
@given(components("core"))
def test_what_a_component_loses_is_told(stage: Stage, component: Component) -> None:
    group = next(seen.remote_id for seen in stage.provider.scan(Kind.COMPONENT_GROUP) if seen.name == "Core")
    there_and_back(stage, component, Refs({**stage.refs().remote, "component_group:core": group}), "position")


@OVER_HTTP
@given(groups())
def test_what_a_group_loses_is_told(stage: Stage, group: ComponentGroup) -> None:
    # A group has members here, or it is not; its place among the others is the page's.
    remote = str(stage.refs().remote_id(Kind.COMPONENT, "jobs"))
    seen = Seen("ggg", {}, raw={"id": "ggg", "name": group.name, "components": [remote]})
    read, _ = READER.read(Kind.COMPONENT_GROUP, seen, "page", lambda *_: "jobs")
    there_and_back(stage, replace(group, origin=read.origin), stage.refs(), "position")


@OVER_HTTP
@given(incidents())
def test_what_an_incident_loses_is_told(stage: Stage, incident: Incident) -> None:
    incident = replace(incident, visibility=Visibility.PUBLIC)
    refs = replace(stage.refs(), statuses=incident.components)
    after = there_and_back(stage, incident, refs)
    assert isinstance(after, Incident)
    assert (after.notify, after.impact) == (False, incident.impact)


@OVER_HTTP
@given(maintenances())
def test_what_a_maintenance_loses_is_told(stage: Stage, maintenance: Maintenance) -> None:
    there_and_back(stage, maintenance, stage.refs())


@OVER_HTTP
@given(metrics())
def test_what_a_metric_loses_is_told(stage: Stage, metric: Metric) -> None:
    there_and_back(stage, metric, stage.refs())


@OVER_HTTP
@given(points())
def test_a_point_is_kept_at_its_half_minute_and_may_be_sent_twice(stage: Stage, point: MetricPoint) -> None:
    metric, _ = stage.settle(Metric("met_1", "Fed", MetricAggregation.SUM, Visibility.PUBLIC), Refs())
    refs = Refs({"metric:met_1": str(metric.remote_id)})
    wanted, losses = stage.provider.translate(point, refs)
    for _ in range(2):
        link, done = stage.settle(point, refs)
        assert done == ["create"]
    kept = stage.sandbox.plugins["statuspage"].world.table("metrics")[str(metric.remote_id)]  # type: ignore[attr-defined]
    assert kept["points"] == {wanted.create["timestamp"]: point.value}
    assert bool(losses) == (wanted.create["timestamp"] != point.at.timestamp())
    assert stage.seen(Kind.METRIC_POINT, link.remote_id).remote_id == link.remote_id
    assert list(stage.provider.find(Kind.METRIC_POINT, wanted.find)) == []
    with pytest.raises(Refused, match="never shows"):
        list(stage.provider.scan(Kind.METRIC_POINT))


@OVER_HTTP
@given(subscribers())
def test_what_a_subscriber_loses_is_told(stage: Stage, subscriber: Subscriber) -> None:
    for known in stage.provider.scan(Kind.SUBSCRIBER):
        stage.provider.perform(Remove(ObjectKey(Kind.SUBSCRIBER, "old"), known.remote_id))
    after = there_and_back(stage, subscriber, stage.refs())
    assert isinstance(after, Subscriber)
    shown = [
        stage.provider.read(Kind.SUBSCRIBER, seen, "page", identify)[0] for seen in stage.provider.scan(after.kind)
    ]
    assert [other.verified for other in shown] == [subscriber.verified]  # type: ignore[union-attr]


@OVER_HTTP
@given(named(), texts(), st.none() | named(), st.none() | st.sampled_from(IncidentStatus))
def test_what_a_template_loses_is_told(
    stage: Stage, name: str, text: Text, title: str | None, status: IncidentStatus | None
) -> None:
    template = IncidentTemplate("tpl_1", name, text, title, status)
    try:
        after = there_and_back(stage, template, Refs(), "title")
    except Refused as refused:
        assert "needs a text" in str(refused)
        return
    assert isinstance(after, IncidentTemplate)
    assert after.title is not None
    with pytest.raises(Refused, match="on the page"):
        stage.provider.perform(Remove(ObjectKey(Kind.INCIDENT_TEMPLATE, "tpl_1"), "ttt"))


def test_one_who_follows_some_components_is_never_subscribed_to_all() -> None:
    with pytest.raises(Refused, match="no copy"):
        TRANSLATOR.translate(Subscriber("sub_1", "a@example.com", ("elsewhere",)), Refs())


def test_the_pages_own_provider_of_metrics_is_made_once(stage: Stage) -> None:
    for number in (1, 2):
        stage.settle(Metric(f"met_{number}0", f"Own {number}", MetricAggregation.SUM, Visibility.PUBLIC), Refs())
    assert len(stage.sandbox.plugins["statuspage"].world.table("metrics_providers")) == 1  # type: ignore[attr-defined]


def test_every_seeded_object_is_read(stage: Stage) -> None:
    for kind in (Kind.COMPONENT, Kind.COMPONENT_GROUP, Kind.INCIDENT, Kind.MAINTENANCE, Kind.METRIC, Kind.SUBSCRIBER):
        for seen in stage.provider.scan(kind):
            obj, _ = stage.provider.read(kind, seen, "page", identify)
            assert (obj.kind, obj.id) == (kind, f"{kind}-{seen.remote_id}")
