from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from web_side import AUTHORIZED, NOW, FixedClock

from bridge.config.settings import Settings
from bridge.model.overview import DestinationView, Overview, SourceView
from bridge.store import Store
from bridge.web.app import create_app
from bridge.web.metrics import counter_metrics, overview_metrics


@pytest.fixture
def client(settings: Settings, store: Store) -> FlaskClient:
    return create_app(settings, store, FixedClock()).test_client()


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return f"statusbridge_{name}", frozenset(labels.items())


def test_what_was_accepted_and_refused_is_counted(client: FlaskClient) -> None:
    alerts = [{"status": "firing", "labels": {"alertname": "A"}}, {"status": "resolved", "labels": {"a": "b"}}, 1]
    body = json.dumps({"alerts": alerts})
    client.post("/hooks/prometheus", data=body, headers=AUTHORIZED)
    client.post("/hooks/prometheus", data=body, headers={})
    client.post("/hooks/prometheus", data=body, headers={})
    found = samples(client.get("/metrics").text)
    assert found[key("store_up")] == 1
    assert found[key("deliveries_accepted_total", source="prometheus")] == 1
    assert found[key("deliveries_refused_total", source="prometheus", status="401")] == 2
    assert found[key("events_total", source="prometheus", action="trigger")] == 1
    assert found[key("events_total", source="prometheus", action="resolve")] == 1
    assert found[key("events_quarantined_total", source="prometheus")] == 1
    assert found[key("source_waiting_deliveries", source="prometheus")] == 1
    assert found[key("source_last_delivery_timestamp_seconds", source="prometheus")] == NOW.timestamp()


def test_every_state_of_a_destination_is_a_series_of_its_own() -> None:
    view = DestinationView("public", "statuspage", "paused", owed=4, oldest_owed_at=NOW - timedelta(seconds=90), dead=2)
    overview = Overview(NOW, (SourceView("s", "generic"),), (view,), (), unrouted=3, held=1)
    found = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for metric in overview_metrics(overview)
        for sample in metric.samples
    }
    assert found[key("destination_owed", destination="public")] == 4
    assert found[key("destination_oldest_owed_age_seconds", destination="public")] == 90
    assert found[key("destination_dead_letters", destination="public")] == 2
    states = {
        state: found[key("destination_state", destination="public", state=state)]
        for state in ("ok", "paused", "down", "busy")
    }
    assert states == {"ok": 0, "paused": 1, "down": 0, "busy": 0}
    assert found[key("unrouted_alerts")] == 3
    assert found[key("held_incidents")] == 1


def test_what_people_changed_is_counted_by_kind_of_object() -> None:
    view = DestinationView("public", "statuspage", drift={"incident": 2, "component": 1}, audited_at=NOW)
    found = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for metric in overview_metrics(Overview(NOW, (), (view, DestinationView("new", "cachet2")), ()))
        for sample in metric.samples
    }
    counts = [found[key("drift_fields", destination="public", kind=kind)] for kind in ("incident", "component")]
    assert counts == [2, 1]
    assert found[key("drift_fields", destination="public", kind="maintenance")] == 0
    assert found[key("destination_audited_timestamp_seconds", destination="public")] == NOW.timestamp()
    assert key("destination_audited_timestamp_seconds", destination="new") not in found, "it was never audited"


def test_counters_that_nobody_foresaw_are_shown_all_the_same() -> None:
    counters = {"sweep.woken|mirror": 5, "calls|public|POST|201": 2, "decisions|opened": 1, "calls|short": 1}
    found = [sample for metric in counter_metrics(counters) for sample in metric.samples]
    assert {(sample.name, *sample.labels.values(), sample.value) for sample in found} == {
        ("statusbridge_sweep_woken_total", "mirror", 5),
        ("statusbridge_calls_total", "public", "POST", "201", 2),
        ("statusbridge_decisions_total", "opened", 1),
    }
