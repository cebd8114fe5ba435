"""What the samples of the hosted senders do not show: settings, encodings, whole lives, and what must never leak."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity, AlertStatus
from bridge.model.events import Alert, Delivery, Event, Parsed, ReceivedEvent
from bridge.policy.alerts import fold
from bridge.sources.datadog import _headline
from bridge.sources.envelope import delivery_of, normalized
from bridge.sources.fields import is_left_over
from bridge.sources.registry import load, make, options_schema
from bridge.sources.scale import rank_of
from bridge.sources.single import facts, reach, tagged

DATA = Path(__file__).parents[2] / "data" / "sources"
DOCS = Path(__file__).parents[3] / "docs" / "sources"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def sample(source: str, case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / source / f"{case}.json").read_text(encoding="utf-8"))
    return loaded


def parse(source: str, body: Any, **options: Any) -> Parsed:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return make(source, options_schema(source)().load(options)).parse(delivery_of(content, "it", NOW))


def only(source: str, body: Any, **options: Any) -> Event:
    parsed = parse(source, body, **options)
    assert parsed.quarantined == ()
    (event,) = parsed.events
    return event


LIVES = [
    ("pagerduty", "incident_triggered", "incident_resolved"),
    ("opsgenie", "create", "close"),
    ("opsgenie", "create", "delete"),
    ("datadog", "triggered", "recovered"),
    ("newrelic", "activated", "closed"),
    ("newrelic", "old_channel_open", "old_channel_closed"),
    ("uptimerobot", "down", "up"),
    ("uptimerobot", "get_down", "numbers"),
    ("pingdom", "down", "up"),
    ("statuscake", "down.http", "up.http"),
    ("betterstack", "started", "resolved"),
    ("aws-sns", "cloudwatch_alarm", "cloudwatch_ok"),
    ("aws-sns", "without_arn", "cloudwatch_ok"),
    ("aws-eventbridge", "cloudwatch_alarm", "cloudwatch_ok"),
    ("aws-health", "issue_open", "issue_closed"),
    ("gcp-monitoring", "open", "closed"),
    ("azure-monitor", "metric_fired", "metric_resolved"),
    ("site24x7", "down", "up"),
    ("checkly", "failure", "recovery"),
    ("splunk-oncall", "triggered", "resolved"),
    ("rootly", "incident_created", "incident_resolved"),
    ("incident-io", "incident_created", "incident_closed"),
    ("firehydrant", "incident_created", "incident_resolved"),
    ("instatus", "incident_investigating", "incident_resolved"),
    ("instatus", "maintenance_begun", "maintenance_done"),
    ("freshstatus", "incident_open", "incident_note_closed"),
    ("freshping", "not_responding", "available"),
    ("hetrixtools", "offline", "online"),
    ("dynatrace", "open", "resolved"),
    ("appdynamics", "open_critical", "close_critical"),
    ("honeycomb", "triggered", "ok"),
    ("sumologic", "critical", "resolved_critical"),
    ("cloudflare", "health_check_start", "health_check_end"),
    ("cloudflare", "pool_unhealthy", "pool_healthy"),
    ("cloudflare", "health_check_status_only", "health_check_status_only_healthy"),
    ("cloudflare", "incident_investigating", "incident_resolved"),
    ("cloudflare", "workers_observability", "workers_observability_normal"),
    ("dynatrace", "workflow", "workflow_closed"),
    ("honeycomb", "generic_template", "generic_template_ok"),
    ("statuspage-webhook", "incident-created-identified-2017", "incident-resolved-2017"),
    ("cachet3-webhook", "05-incident_created-incident-create", "07-incident_updated-incident-update-fixed"),
]


@pytest.mark.parametrize(("source", "first", "last"), LIVES)
def test_what_begins_ends_and_may_arrive_twice_or_the_wrong_way_round(source: str, first: str, last: str) -> None:
    events = [only(source, sample(source, case)) for case in (first, last)]
    begins, ends = (ReceivedEvent("it", "dlv_1", NOW + timedelta(seconds=at), event) for at, event in enumerate(events))
    assert events[0].dedup_key == events[1].dedup_key

    def state(*received: ReceivedEvent) -> Alert:
        alert: Alert | None = None
        for one in received:
            alert = fold(alert, one).alert
        assert alert is not None
        return alert

    assert state(begins).status is AlertStatus.FIRING
    assert state(begins, begins, ends, ends).status is AlertStatus.RESOLVED
    if events[0].started_at is not None:  # without any time only the order of arrival counts
        assert state(ends, begins).status is AlertStatus.RESOLVED


@pytest.mark.parametrize(
    ("source", "planned", "called_off"),
    [
        ("aws-health", "scheduled_upcoming", "scheduled_called_off"),
        ("azure-monitor", "service_health_maintenance", "service_health_maintenance_canceled"),
    ],
)
def test_works_that_are_called_off_before_they_begin_are_over(source: str, planned: str, called_off: str) -> None:
    begins, ends = (only(source, sample(source, case)) for case in (planned, called_off))
    assert begins.started_at and ends.happened_at
    assert begins.happened_at
    assert begins.happened_at < ends.happened_at < begins.started_at
    announced = fold(None, ReceivedEvent("it", "dlv_1", NOW, begins)).alert
    after = fold(announced, ReceivedEvent("it", "dlv_2", NOW, ends)).alert
    assert after is not None
    assert after.status is AlertStatus.RESOLVED
    assert after.ended_at == ends.happened_at


TESTS_AND_HANDSHAKES = [
    ("pagerduty", "ping"),
    ("aws-sns", "subscription_confirmation"),
    ("aws-sns", "unsubscribe_confirmation"),
    ("cloudflare", "webhook_test"),
    ("gcp-monitoring", "test"),
    ("honeycomb", "test"),
    ("incident-io", "test_mode"),
    ("azure-monitor", "test_action"),
    ("azure-monitor", "service_health_test"),
    ("dynatrace", "test"),
    ("freshstatus", "sample_button"),
    ("datadog", "test_notification"),
]


@pytest.mark.parametrize(("source", "case"), TESTS_AND_HANDSHAKES)
def test_tests_and_handshakes_publish_nothing(source: str, case: str) -> None:
    event = only(source, sample(source, case))
    assert event.action is Action.IGNORE
    assert event.reason


def test_accounts_name_their_own_levels() -> None:
    body = sample("pagerduty", "escalated_unknown_priority")
    assert only("pagerduty", body, severities={"blocker": "critical"}).severity is AlertSeverity.CRITICAL
    body = sample("incident-io", "unknown_severity")
    parsed = parse("incident-io", body, severities={"Kaputt": "minor"})
    assert parsed.events[0].severity is AlertSeverity.MINOR
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("P1", AlertSeverity.CRITICAL),
        ("P0 – all hands", AlertSeverity.CRITICAL),
        ("sev2", AlertSeverity.MAJOR),
        ("SEV-3 (minor)", AlertSeverity.MINOR),
        ("Severity 4", AlertSeverity.INFO),
        ("P5", AlertSeverity.INFO),
        ("Major", AlertSeverity.MAJOR),
        ("P12", None),
        ("P", None),
        ("Printer", None),
        ("ok", None),
    ],
)
def test_ranks_are_read_from_the_beginning_of_a_name(name: str, severity: AlertSeverity | None) -> None:
    assert rank_of(name) is severity


def test_the_default_severity_of_probes_is_critical_and_can_be_set() -> None:
    body = sample("uptimerobot", "down")
    assert only("uptimerobot", body).severity is AlertSeverity.CRITICAL
    assert only("uptimerobot", body, severity="minor").severity is AlertSeverity.MINOR
    assert only("checkly", sample("checkly", "failure"), severity="major").severity is AlertSeverity.MAJOR
    assert only("aws-health", sample("aws-health", "issue_open"), severity="minor").severity is AlertSeverity.MINOR


def test_a_text_through_sns_is_an_alert_or_not_by_choice() -> None:
    body = sample("aws-sns", "plain_text")
    assert only("aws-sns", body).dedup_key == body["MessageId"]
    assert only("aws-sns", body, text="ignore").action is Action.IGNORE
    assert options_schema("aws-sns")().validate({"text": "resolve"})


def test_the_same_alarm_has_one_key_on_every_way() -> None:
    through_sns = only("aws-sns", sample("aws-sns", "eventbridge_inside"))
    direct = only("aws-eventbridge", sample("aws-eventbridge", "cloudwatch_alarm"))
    assert through_sns == direct


def test_a_deleted_alarm_closes_what_is_open_by_choice() -> None:
    body = sample("aws-eventbridge", "configuration_deleted")
    assert only("aws-eventbridge", body, deleted="resolve").action is Action.RESOLVE
    created = sample("aws-eventbridge", "configuration_created")
    assert only("aws-eventbridge", created, deleted="resolve").action is Action.IGNORE


def test_incidents_in_triage_and_stateless_alerts_are_taken_by_choice() -> None:
    assert only("incident-io", sample("incident-io", "triage"), triage=True).action is Action.TRIGGER
    event = only("azure-monitor", sample("azure-monitor", "activity_log"), stateless="trigger")
    assert event.action is Action.TRIGGER


def alert_of_incident_io(event: str, **changes: Any) -> dict[str, Any]:
    kind = f"public_alert.alert_{event}_v1"
    alert = {
        "id": "01A",
        "title": "CPU",
        "description": "hot",
        "deduplication_key": "cpu",
        "source_url": "https://a.example",
    }
    return {
        "event_type": kind,
        kind: {**alert, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:09:00Z", **changes},
    }


def test_alerts_of_incident_io_are_taken_by_choice() -> None:
    assert only("incident-io", alert_of_incident_io("created")).action is Action.IGNORE
    begun = only("incident-io", alert_of_incident_io("created"), alerts=True)
    assert (begun.dedup_key, begun.action, begun.severity) == ("01A", Action.TRIGGER, AlertSeverity.MAJOR)
    assert (begun.title, begun.text, begun.url) == ("CPU", "hot", "https://a.example")
    assert begun.started_at == datetime(2026, 1, 1, tzinfo=UTC)
    over = only("incident-io", alert_of_incident_io("resolved", resolved_at="2026-01-01T00:08:00Z"), alerts=True)
    assert (over.dedup_key, over.action, over.ended_at) == (
        "01A",
        Action.RESOLVE,
        datetime(2026, 1, 1, 0, 8, tzinfo=UTC),
    )
    private = {"event_type": "private_alert.alert_created_v1", "private_alert.alert_created_v1": {"id": "01B"}}
    assert only("incident-io", private, alerts=True).action is Action.IGNORE
    assert parse("incident-io", alert_of_incident_io("created", id=None), alerts=True).quarantined


@pytest.mark.parametrize(
    ("priority", "severity"), [(1, "critical"), ("2", "major"), ("P4", "info"), ("normal", "major")]
)
def test_priorities_of_datadog_may_be_numbers(priority: Any, severity: str) -> None:
    told = {"alert_cycle_key": "1", "alert_transition": "Triggered", "alert_type": "error", "alert_priority": priority}
    assert only("datadog", told).severity is AlertSeverity(severity)


def test_a_test_of_statuscake_that_is_up_did_not_time_out() -> None:
    told = {"TestID": "1", "Name": "Shop", "StatusCode": "0"}
    assert only("statuscake", {**told, "Status": "Down"}).text == "The test timed out."
    assert only("statuscake", {**told, "Status": "Up"}).text == "HTTP status 0"


@pytest.mark.parametrize("source", ["uptimerobot", "statuscake", "site24x7", "datadog", "splunk-oncall"])
def test_senders_of_forms_take_every_encoding(source: str) -> None:
    bodies = {
        "uptimerobot": {"monitorID": "7", "alertType": "1"},
        "statuscake": {"TestID": "7", "Status": "Down"},
        "site24x7": {"MONITOR_ID": "7", "STATUS": "DOWN"},
        "datadog": {"alert_cycle_key": "7", "alert_transition": "Triggered"},
        "splunk-oncall": {"incident_number": "7", "alert_phase": "UNACKED"},
    }
    values = bodies[source]
    form = "&".join(f"{name}={value}" for name, value in values.items()).encode()
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in values.items())
    multipart = {"content_type": 'multipart/form-data; boundary="x"', "body": f"{parts}--x--\r\n".encode()}
    kind = make(source, options_schema(source)().load({}))
    deliveries = [
        Delivery("dlv_1", "it", NOW, json.dumps(values).encode(), content_type="text/plain"),
        Delivery("dlv_1", "it", NOW, form, content_type="application/json"),
        Delivery("dlv_1", "it", NOW, b" ", method="GET", query=values),
        Delivery("dlv_1", "it", NOW, b'{"other": 1}', query=values),
        Delivery("dlv_1", "it", NOW, **multipart),  # type: ignore[arg-type]
    ]
    events = [kind.parse(delivery).events for delivery in deliveries]
    assert len({event[0].dedup_key for event in events}) == 1
    assert {event[0].action for event in events} == {Action.TRIGGER}
    assert {"GET", "POST"} <= set(load(source).methods)


@pytest.mark.parametrize("source", ["uptimerobot", "healthchecks", "uptime-kuma", "upptime"])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (gzip.compress(b"", mtime=0) + b"=", "gzip"),
        ("\ufeffa=b".encode("utf-16-le"), "UTF-16"),
        (b'<html lang="en"></html>', "not JSON"),
    ],
)
def test_an_equals_sign_in_what_is_no_text_makes_no_form(source: str, body: bytes, told: str) -> None:
    with pytest.raises(Unparsable, match=told):
        parse(source, body)


def test_json_under_the_type_of_a_multipart_form_is_read_as_json() -> None:
    for source, body in (
        ("uptimerobot", {"monitorID": "7", "alertType": "1"}),
        ("uptime-kuma", {"heartbeat": {"status": 0}, "monitor": {"id": 7, "name": "Shop"}, "msg": "down"}),
    ):
        kind = make(source, options_schema(source)().load({}))
        content_type = "multipart/form-data; boundary=x"
        delivery = Delivery("dlv_1", "it", NOW, json.dumps(body).encode(), content_type=content_type)
        assert [event.dedup_key for event in kind.parse(delivery).events] == ["7"]


def test_an_outage_that_would_have_begun_before_1970_has_no_start() -> None:
    body = {"monitorID": "7", "alertType": "2", "alertDateTime": 1_000_000, "alertDuration": "1000001"}
    (event,) = parse("uptimerobot", json.dumps(body).encode()).events
    assert event.ended_at is not None
    assert event.started_at is None


def test_a_form_of_thousands_of_fields_is_refused() -> None:
    with pytest.raises(Unparsable, match="more than"):
        parse("uptimerobot", b"&".join(b"a%d=1" % number for number in range(5_000)))


@pytest.mark.parametrize(
    "text",
    ["$HOSTNAME", "$TAGS[env]", "*alertFriendlyDuration*", "${{ALERT.x}}", "{{CHECK_ID}}", "{{{CHECK_NAME}}}", "None",
     "{ProblemID}", "${latestEvent.incident.id}", "|URL|", "null", " ", "{{ json annotations.title.[0] }}"],
)  # fmt: skip
def test_variables_that_were_never_filled_in_say_nothing(text: str) -> None:
    assert is_left_over(text)


@pytest.mark.parametrize("text", ["$5 missing in till", "5 * 3 * 2", "{a} and {b}", "a|b", "[Shop] down", "0", "*"])
def test_texts_that_only_look_like_variables_are_kept(text: str) -> None:
    assert not is_left_over(text)


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("[Triggered on {host:a[1]}] [P1] CPU is high", "CPU is high"),
        ("CPU [high]", "CPU [high]"),
        ("[Triggered", "[Triggered"),
        ("[Triggered]", "[Triggered]"),
    ],
)
def test_groups_before_a_title_of_datadog_are_cut(title: str, headline: str) -> None:
    assert _headline(title) == headline


def test_what_is_private_shows_no_words() -> None:
    for source, case in (("rootly", "private"), ("freshstatus", "private"), ("cachet3-webhook", "incident_hidden")):
        shown = normalized(parse(source, sample(source, case)))["events"][0]
        assert (shown["action"], shown["title"], shown["text"]) == ("ignore", "", None), source


def test_addresses_of_subscribers_and_tokens_are_not_kept() -> None:
    hook = sample("cachet3-webhook", "16-subscriber_created-subscriber-create-verified")
    assert "hook@example.com" not in json.dumps(normalized(parse("cachet3-webhook", hook)))
    for case in ("down.http", "unknown_status"):
        assert "8e1326cdf4c9c0c68bef74944862ed60" not in json.dumps(
            normalized(parse("statuscake", sample("statuscake", case)))
        )


def test_notes_are_internal() -> None:
    event = only("incident-io", sample("incident-io", "incident_closed"))
    assert event.internal_note == "Resolved after deploy rollback"
    assert event.text != event.internal_note


@pytest.mark.parametrize(
    ("source", "case"),
    [
        ("datadog", "triggered"),
        ("uptimerobot", "up"),
        ("checkly", "failure"),
        ("splunk-oncall", "triggered"),
        ("dynatrace", "open"),
        ("appdynamics", "open_critical"),
        ("sumologic", "critical"),
    ],
)
def test_the_template_of_the_page_sends_all_that_is_looked_at(source: str, case: str) -> None:
    page = (DOCS / f"{source}.md").read_text(encoding="utf-8")
    template = re.search(r"```(?:json|text)\n(\{.*?\})\n```", page, re.DOTALL)
    assert template is not None
    names = set(re.findall(r'"(\w+)":', template[1]))
    body = sample(source, case)
    assert only(source, {name: value for name, value in body.items() if name in names}) == only(source, body)
    unfilled = parse(source, re.sub(r": (\{\w+\})", r': "\1"', template[1]).encode())
    assert [bad.reason for bad in unfilled.quarantined], "a template that nobody filled in says nothing"


@pytest.mark.parametrize(
    "file",
    ["appdynamics.json", "checkly.json", "datadog.json", "dynatrace.txt", "freshstatus-note.json", "freshstatus.json",
     "newrelic.txt", "splunk-oncall.json", "statuscake.txt", "sumologic.json", "uptimerobot.json"],
)  # fmt: skip
def test_a_template_is_the_same_on_its_page_and_in_its_file(file: str) -> None:
    name = Path(file).stem.removesuffix("-note")
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert f"\n{(DOCS / 'templates' / file).read_text(encoding='utf-8')}```" in page
    assert f"(templates/{file})" in page


def test_the_values_of_the_freshstatus_template_are_looked_at() -> None:
    for case, file in (("incident_open", "freshstatus.json"), ("incident_note_closed", "freshstatus-note.json")):
        names = set(json.loads((DOCS / "templates" / file).read_text(encoding="utf-8")))
        body = sample("freshstatus", case)
        sent = {name: value for name, value in body.items() if name in {*names, "event_data"}}
        assert only("freshstatus", sent) == only("freshstatus", body)


def test_the_template_for_new_relic_is_json_once_it_is_filled_in() -> None:
    template = (DOCS / "templates" / "newrelic.txt").read_text(encoding="utf-8")
    body = sample("newrelic", "closed_with_times")
    names = re.findall(r'"(\w+)":', template)
    values = re.sub(r'"(\w+)": \{\{.*?\}\}', lambda found: f'"{found[1]}": {json.dumps(body.get(found[1]))}', template)
    filled = json.loads(values)
    assert set(filled) == set(names)
    assert only("newrelic", filled) == only("newrelic", body)


def test_an_acknowledgement_without_a_trigger_is_told_by_its_time() -> None:
    body = sample("newrelic", "without_trigger")
    assert only("newrelic", body).action is Action.TRIGGER
    assert only("newrelic", {**body, "acknowledgedAt": 1713770077412}).action is Action.UPDATE


def test_paths_go_through_objects_and_lists() -> None:
    assert reach({"a": [{"b": 1}]}, ("a", "0", "b")) == 1
    assert reach({"a": [{"b": 1}]}, ("a", "1", "b")) is None
    assert reach("text", ("a",)) is None
    assert tagged("env:prod, web, team: shop,:x,y:") == {"env": "prod", "team": "shop"}
    assert facts(a="x", b=None, c=("y", "z"), d="") == {"a": "x", "c": "y, z"}
