"""What the samples of the open-source senders do not show: settings, refusals, handshakes, and whole lives."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import runpy
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Delivery, Event, Parsed
from bridge.secret import Secret
from bridge.sources.base import Knock
from bridge.sources.body import UnknownFormat
from bridge.sources.cloudevents import CloudEvents
from bridge.sources.envelope import delivery_of
from bridge.sources.gatus import endpoint_key
from bridge.sources.netdata import Netdata
from bridge.sources.registry import make, options_schema

DATA = Path(__file__).parents[2] / "data" / "sources"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def sample(source: str, case: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / source / f"{case}.json").read_text(encoding="utf-8"))
    return loaded


def parse(source: str, body: Any, **options: Any) -> Parsed:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return make(source, options_schema(source)().load(options)).parse(Delivery("dlv_1", "it", NOW, content))


def only(source: str, body: Any, **options: Any) -> Event:
    parsed = parse(source, body, **options)
    assert parsed.quarantined == ()
    (event,) = parsed.events
    return event


LIVES = [
    ("prometheus-api", "firing", "resolved"),
    ("grafana-legacy", "alerting", "ok"),
    ("uptime-kuma", "down", "up"),
    ("zabbix", "problem", "recovery"),
    ("zabbix", "oncall_format_problem", "oncall_format_ok"),
    ("gatus", "triggered", "resolved"),
    ("healthchecks", "down", "up"),
    ("sentry", "metric_alert_critical", "metric_alert_resolved"),
    ("netdata", "alert_critical", "alert_clear"),
    ("upptime", "issue_opened_down", "issue_closed_resolved"),
    ("icinga", "service_problem", "service_recovery"),
    ("checkmk", "service_problem", "service_recovery"),
    ("alerta", "open_major", "closed_normal"),
    ("kapacitor", "critical", "ok"),
    ("influxdb2", "crit", "ok"),
    ("keep", "firing", "resolved"),
    ("kibana", "active", "recovered"),
    ("cloudevents", "structured_firing", "structured_resolved"),
    ("standard-webhooks", "firing", "resolved"),
]


@pytest.mark.parametrize(("source", "begin", "end"), LIVES, ids=str)
def test_begin_and_end_of_an_outage_have_one_key(source: str, begin: str, end: str) -> None:
    kind = make(source, options_schema(source)().load({}))
    first, last = (
        kind.parse(delivery_of((DATA / source / f"{case}.json").read_bytes(), "it", NOW)).events[0]
        for case in (begin, end)
    )
    assert first.dedup_key == last.dedup_key
    assert (first.action, last.action) == (Action.TRIGGER, Action.RESOLVE)
    assert first.severity is not None


PROBES = ("uptime-kuma", "gatus")


@pytest.mark.parametrize("source", PROBES)
def test_a_probe_is_critical_unless_the_setting_says_otherwise(source: str) -> None:
    body = sample(source, "down" if source == "uptime-kuma" else "triggered")
    assert only(source, body).severity is AlertSeverity.CRITICAL
    assert only(source, body, severity="minor").severity is AlertSeverity.MINOR
    unloaded = make(source, {}).parse(Delivery("dlv_1", "it", NOW, json.dumps(body).encode()))
    assert unloaded.events[0].severity is AlertSeverity.CRITICAL


def test_missing_data_in_grafana_can_be_let_through() -> None:
    body = sample("grafana", "no_data_meta_alert")
    assert only("grafana", body).action is Action.IGNORE
    assert only("grafana", body, no_data=True).action is Action.TRIGGER


def test_names_on_the_ignore_list_are_the_users_choice() -> None:
    body = {"alerts": [{"status": "firing", "labels": {"alertname": "Chatter"}, "fingerprint": "1"}]}
    assert only("grafana", body).action is Action.TRIGGER
    assert only("grafana", body, ignore=["Chatter"]).reason == "Chatter is on the ignore list"


def test_organisations_of_a_legacy_grafana_can_be_told_apart() -> None:
    body = {"ruleId": 7, "orgId": 3, "state": "alerting", "ruleName": "x"}
    assert only("grafana-legacy", body).dedup_key == "7"
    assert only("grafana-legacy", body, by_org=True).dedup_key == "7:3"


def test_notices_of_expiry_can_be_made_alerts() -> None:
    body = {"heartbeat": None, "monitor": None, "msg": "[Shop][https://x] server certificate x will expire in 7 days"}
    event = only("uptime-kuma", body, expiry=True)
    assert (event.action, event.severity, event.dedup_key) == (Action.TRIGGER, AlertSeverity.INFO, "Shop:cert")


def test_maintenance_in_uptime_kuma_says_so_without_being_an_alert() -> None:
    event = only("uptime-kuma", {"heartbeat": {"status": 3}, "monitor": {"id": 1, "name": "x"}})
    assert (event.action, event.status) == (Action.IGNORE, ComponentStatus.MAINTENANCE)


def test_deadmans_switches_can_be_let_through() -> None:
    name = "node 'stream0' in task 'cpu'"
    body = {"id": name, "message": f"{name} is dead: 0.000 points", "level": "CRITICAL", "time": "2026-08-20T10:00:00Z"}
    assert only("kapacitor", body).action is Action.IGNORE
    assert only("kapacitor", body, deadman=True).action is Action.TRIGGER


ZONED: Mapping[str, tuple[dict[str, Any], str]] = {
    "zabbix": ({"event_id": "1", "event_value": "1", "event_date": "2026.08.20", "event_time": "10:00:00"}, "event_id"),
    "icinga": ({"host": "a", "state": "DOWN", "datetime": "2026-08-20 10:00:00"}, "host"),
    "nagios": ({"HOSTNAME": "a", "HOSTSTATE": "DOWN", "SHORTDATETIME": "2026-08-20 10:00:00"}, "host"),
    "checkmk": ({"host": "a", "event": "UP -> DOWN", "short_date_time": "2026-08-20 10:00:00"}, "host"),
}


@pytest.mark.parametrize("source", ZONED)
def test_times_without_a_zone_are_those_of_the_setting(source: str) -> None:
    body, _ = ZONED[source]
    assert only(source, body).started_at == datetime(2026, 8, 20, 10, tzinfo=UTC)
    assert only(source, body, timezone="Europe/Vienna").started_at == datetime(2026, 8, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", 7])
def test_a_zone_that_does_not_exist_is_refused(zone: Any) -> None:
    assert "timezone" in options_schema("zabbix")().validate({"timezone": zone})


@pytest.mark.parametrize("source", ["cloudevents", "standard-webhooks"])
def test_types_of_the_users_own_can_be_told(source: str) -> None:
    body = {"specversion": "1.0", "id": "1", "source": "/s", "subject": "7", "type": "acme.Broken", "data": {"id": "7"}}
    assert only(source, body).action is Action.IGNORE
    assert only(source, body, types={"broken": "trigger"}).action is Action.TRIGGER
    assert only(source, body, types={"acme.broken": "resolve"}).action is Action.RESOLVE
    versioned = {**body, "type": "acme.Broken.v2"}
    for known in ("broken", "acme.broken", "acme.broken.v2", "v2"):
        assert only(source, versioned, types={known: "trigger"}).action is Action.TRIGGER


def test_the_key_of_a_standard_webhook_can_be_another_member() -> None:
    body = {"type": "check.down", "data": {"check": {"uuid": "u-1"}}}
    assert only("standard-webhooks", body, key="check.uuid").dedup_key == "u-1"
    named = {"type": "check.down", "data": {"check": {"uuid": "u-1", "name": "Mail"}, "summary": "Mail or web"}}
    assert only("standard-webhooks", named, key="check.uuid").title == "Mail"
    unnamed = {"type": "check.down", "data": {"check": {"uuid": "u-1"}, "title": "Web"}}
    assert only("standard-webhooks", unnamed, key="check.uuid").title == "Web"
    assert "data.check.name: is missing" in parse("standard-webhooks", body, key="check.name").quarantined[0].reason


def test_the_key_of_an_endpoint_is_gatuss_own() -> None:
    assert endpoint_key("core", "Back-End.v2/x y,#+&") == "core_back-end-v2-x-y----"
    assert endpoint_key("", "web") == "_web"


REFUSED = [
    ("grafana", {"ruleId": 1, "state": "alerting"}, "“alerts”"),
    ("grafana", {"ruleId": 1, "state": "alerting"}, "type grafana-legacy"),
    ("grafana-legacy", {"status": "firing", "alerts": []}, "type grafana"),
    ("grafana", {"alerts": {}}, "must be a list"),
    ("prometheus-api", {"alerts": []}, "array is expected"),
    ("opensearch", [], "JSON object"),
    ("cloudevents", {"specversion": "1.0", "id": "1", "source": "/s"}, "type: is missing"),
    ("gatus", b'{"name": "x", "errors": "quoted "word""}', "not JSON"),
    ("uptime-kuma", b"", "empty"),
    ("graylog", b"no values", "not JSON"),
]


@pytest.mark.parametrize(("source", "body", "why"), REFUSED)
def test_what_is_no_such_body_at_all_is_refused_with_the_reason(source: str, body: Any, why: str) -> None:
    with pytest.raises(Unparsable, match=why):
        parse(source, body)


def test_a_form_without_the_field_that_holds_the_json_is_refused() -> None:
    form = Delivery("dlv_1", "it", NOW, b"other=1", content_type="application/x-www-form-urlencoded")
    for source, field in (("uptime-kuma", "data"), ("upptime", "payload")):
        with pytest.raises(Unparsable, match=f"no field “{field}”"):
            make(source, {}).parse(form)


def test_netdatas_challenge_is_answered_with_the_token_signed() -> None:
    reply = Netdata({}).handshake(Knock("GET", {"crc_token": "f9c0d1a2b3"}), [Secret("challenge-secret")])
    digest = hmac.new(b"challenge-secret", b"f9c0d1a2b3", hashlib.sha256).digest()
    assert reply is not None
    assert json.loads(reply.body) == {"response_token": "sha256=" + base64.b64encode(digest).decode()}
    assert Netdata({}).handshake(Knock("GET", {}), [Secret("challenge-secret")]) is None
    assert Netdata({}).handshake(Knock("GET", {"crc_token": "x"}), []) is None


def test_a_cloudevents_sender_is_let_in_by_its_origin() -> None:
    headers = {"webhook-request-origin": "sender.example.com", "webhook-request-rate": "120"}
    reply = CloudEvents({}).handshake(Knock("OPTIONS", headers=headers), [])
    assert reply is not None
    assert reply.headers["WebHook-Allowed-Origin"] == "sender.example.com"
    assert reply.headers["WebHook-Allowed-Rate"] == "120"
    assert CloudEvents({}).handshake(Knock("OPTIONS"), []) is None


@pytest.mark.parametrize("media", ["application/cloudevents+avro", "Application/CloudEvents-Batch+Protobuf; x=1"])
def test_events_in_another_format_than_json_are_told_so(media: str) -> None:
    with pytest.raises(UnknownFormat, match="JSON only"):
        CloudEvents({}).parse(Delivery("dlv_1", "it", NOW, b'{"id": "1"}', media))


def test_a_single_event_of_another_version_is_refused() -> None:
    body = {"specversion": "0.3", "id": "1", "source": "/s", "type": "x.firing", "subject": "y"}
    with pytest.raises(Unparsable, match=r"only 1\.0"):
        parse("cloudevents", body)


def test_the_proposed_message_of_opensearch_is_refused_with_what_to_do() -> None:
    with pytest.raises(Unparsable, match="plain text: write the body"):
        parse("opensearch", b"Monitor Checkout just entered alert status. Please investigate the issue.")


def test_an_issue_that_came_back_has_no_start_of_its_first_life() -> None:
    body = sample("sentry", "issue_created") | {"action": "unresolved"}
    event = only("sentry", body)
    assert (event.action, event.started_at, event.happened_at) == (Action.TRIGGER, None, None)


def test_secrets_of_a_monitor_are_not_kept_with_a_quarantined_heartbeat() -> None:
    monitor = {
        "name": "x",
        "basic_auth_pass": "hunter2",
        "headers": '{"Authorization": "hunter2"}',
        "pushToken": "hunter2",
    }
    parsed = parse("uptime-kuma", {"heartbeat": {"status": 0}, "monitor": monitor})
    assert parsed.quarantined[0].reason == "monitor.id: is missing."
    assert "hunter2" not in json.dumps(parsed.quarantined[0].element)


def test_no_event_of_checkmk_holds_parameters_of_the_script() -> None:
    parsed = parse("checkmk", sample("checkmk", "raw_environment"))
    assert parsed.events
    assert "hunter2" not in repr(parsed.events)


TEMPLATES = Path(__file__).parents[3] / "docs" / "sources" / "templates"


def test_the_media_type_for_zabbix_sends_what_the_sample_shows() -> None:
    exported = yaml.safe_load((TEMPLATES / "zabbix-mediatype.yaml").read_text(encoding="utf-8"))["zabbix_export"]
    (media_type,) = exported["media_types"]
    macros = {parameter["name"]: parameter["value"] for parameter in media_type["parameters"]}
    assert set(sample("zabbix", "problem")) <= set(macros)
    untouched = {name: macro for name, macro in macros.items() if name not in ("url", "token")}
    assert only("zabbix", untouched).reason == "test of the media type in Zabbix"


def test_the_script_for_checkmk_posts_what_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("NOTIFY_")]:
        monkeypatch.delenv(name)
    told = {"HOSTNAME": "web-1", "WHAT": "SERVICE", "SERVICEDESC": "HTTP", "NOTIFICATIONTYPE": "PROBLEM"}
    told |= {"PREVIOUSSERVICEHARDSHORTSTATE": "OK", "SERVICESHORTSTATE": "CRIT", "MICROTIME": "1787213472123456"}
    for name, value in told.items():
        monkeypatch.setenv(f"NOTIFY_{name}", value)
    script = runpy.run_path(str(TEMPLATES / "checkmk-statusbridge.py"))
    event = only("checkmk", script["body"]())
    assert (event.dedup_key, event.action, event.severity) == ("web-1/HTTP", Action.TRIGGER, AlertSeverity.CRITICAL)


@pytest.mark.parametrize(
    ("page", "type_name"), [("gatus", "gatus"), ("kibana", "kibana"), ("opensearch", "opensearch")]
)
def test_bodies_on_the_pages_are_json_once_they_are_filled_in(page: str, type_name: str) -> None:
    text = (TEMPLATES.parent / f"{page}.md").read_text(encoding="utf-8")
    bodies = [body for body in re.findall(r"\{\"source\".+?\}\n", text, re.DOTALL) if "error-" not in body]
    assert bodies
    for body in bodies:
        filled = re.sub(r"\{\{[#/][^}]*\}\}", "", body)
        filled = re.sub(r"\{\{[^}]*\}\}|\[[A-Z]+_[A-Z_]+\]", "firing", filled)
        parsed = parse(type_name, filled.encode())
        assert parsed.quarantined == ()
        assert parsed.events
