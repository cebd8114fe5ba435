from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Delivery, Parsed
from bridge.sources.generic import Generic, GenericOptions


def parse(body: Any, **options: Any) -> Parsed:
    source = Generic(GenericOptions().load(options))
    return source.parse(Delivery("dlv_1", "custom", datetime(2026, 11, 21, tzinfo=UTC), json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("word", "action"),
    [(word, Action.TRIGGER) for word in ("trigger", "Firing", "problem", "DOWN", "alerting", "open")]
    + [(word, Action.UPDATE) for word in ("update", "acknowledge", "Acknowledged")]
    + [(word, Action.RESOLVE) for word in ("resolve", "resolved", "OK", " up ", "closed", "recovery")],
)
@pytest.mark.parametrize("field", ["action", "state", "status"])
def test_every_word_for_an_action(word: str, action: Action, field: str) -> None:
    assert parse({"dedup_key": "k", field: word}).events[0].action is action


def test_a_component_status_is_taken_beside_an_action() -> None:
    event = parse({"dedup_key": "k", "action": "down", "status": "Partial_Outage"}).events[0]
    assert event.status is ComponentStatus.PARTIAL_OUTAGE


def test_a_component_status_that_nobody_knows_costs_no_alert() -> None:
    parsed = parse({"dedup_key": "k", "action": "trigger", "status": "purple"})
    assert (parsed.events[0].action, parsed.events[0].status) == (Action.TRIGGER, None)
    assert parsed.warnings == ("status: unknown word “purple”, taken as missing.",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"action": "trigger", "title": "T"}, "dedup_key: is missing."),
        ({"dedup_key": "k"}, "action: is missing."),
        ({"dedup_key": "k", "status": "operational"}, "action: is missing."),
        ({"dedup_key": "k", "action": "explode"}, "action: unknown word “explode”"),
        ({"dedup_key": {"a": 1}, "action": "down"}, "dedup_key: must be a text or a number."),
        ({"dedup_key": "k", "action": "down", "labels": "x"}, "labels: must be an object"),
    ],
)
def test_what_is_missing_or_wrong_is_named(body: dict[str, Any], reason: str) -> None:
    parsed = parse(body)
    assert parsed.events == ()
    assert parsed.quarantined[0].reason.startswith(reason)
    assert parsed.quarantined[0].element == body


@pytest.mark.parametrize("body", ["x", 3, None, True])
def test_what_is_neither_object_nor_array_is_refused(body: Any) -> None:
    with pytest.raises(Unparsable, match="object or an array"):
        parse(body)


def test_an_empty_array_is_a_valid_nothing() -> None:
    assert parse([]) == Parsed(())


def test_severity_none_is_ignored_and_a_missing_one_is_the_sources() -> None:
    ignored, plain = parse(
        [{"dedup_key": "a", "action": "down", "severity": "None"}, {"dedup_key": "b", "action": "down"}],
        severity="info",
    ).events
    assert (ignored.action, ignored.reason) == (Action.IGNORE, "severity is None")
    assert plain.severity is AlertSeverity.INFO


def test_the_time_of_the_statement_stands_in_for_start_and_end() -> None:
    at = datetime(2026, 8, 20, 10, 11, 12, tzinfo=UTC)
    down, up = parse(
        [{"dedup_key": "k", "action": word, "timestamp": "2026-08-20T10:11:12Z"} for word in ("down", "up")]
    ).events
    assert (down.started_at, down.ended_at, down.happened_at) == (at, None, at)
    assert (up.started_at, up.ended_at, up.happened_at) == (None, at, at)


def test_oncall_without_a_state_is_alerting() -> None:
    event = parse({"alert_uid": "u", "title": "T", "state": None}).events[0]
    assert (event.dedup_key, event.action) == ("u", Action.TRIGGER)


def test_pagerduty_clients_get_the_answer_they_expect() -> None:
    body = {
        "event_action": "trigger",
        "dedup_key": "k",
        "payload": {"summary": "S", "source": "s", "severity": "error"},
    }
    parsed = parse(body)
    assert parsed.answer == {"status": "success", "message": "Event processed", "dedup_key": "k"}
    assert parsed.events[0].severity is AlertSeverity.MAJOR


def test_pagerduty_without_a_key_gets_the_same_one_each_time() -> None:
    body = {"event_action": "trigger", "payload": {"summary": "S", "source": "s", "severity": "critical"}}
    first, again = parse(body), parse({**body, "client": "other"})
    assert first.events[0].dedup_key == again.events[0].dedup_key == first.answer["dedup_key"]
    assert parse({**body, "event_action": "resolve"}).quarantined[0].reason == "dedup_key: is missing."
    assert parse({**body, "event_action": "resolve"}).answer == {}


@pytest.mark.parametrize(
    "hostile",
    [{"payload": []}, {"payload": "x"}, {"links": [1]}, {"links": {}}, {"payload": {"custom_details": [1]}}],
)
def test_pagerduty_members_of_another_type_do_no_harm(hostile: dict[str, Any]) -> None:
    event = parse({"event_action": "trigger", "dedup_key": "k", **hostile}).events[0]
    assert (event.dedup_key, event.title) == ("k", "k")


def test_any_body_at_all_through_the_field_map() -> None:
    options = {
        "items": "$.data.checks",
        "fields": {
            "dedup_key": "id",
            "action": "run.state",
            "title": "run.lines[1]",
            "severity": "prio",
            "url": "gone.x",
        },
        "actions": {"BROKEN": "trigger", "fine": "resolve"},
        "severities": {"5": "critical"},
    }
    checks = [
        {"id": 1, "run": {"state": "broken", "lines": ["a", "It broke"]}, "prio": 5},
        {"id": 2, "run": {"state": "fine"}},
        {"id": 3, "run": {}},
    ]
    parsed = parse({"data": {"checks": checks}}, **options)
    broken, fine = parsed.events
    assert (broken.dedup_key, broken.action, broken.title) == ("1", Action.TRIGGER, "It broke")
    assert broken.severity is AlertSeverity.CRITICAL
    assert (fine.dedup_key, fine.action) == ("2", Action.RESOLVE)
    assert parsed.quarantined[0].reason == "action: is missing."
    with pytest.raises(Unparsable, match=r"no list or object at “\$.data.checks”"):
        parse({"data": {}}, **options)


@pytest.mark.parametrize(
    "options",
    [{"fields": {"nonsense": "a"}}, {"fields": {"title": ""}}, {"actions": {"x": "explode"}},
     {"severities": {"x": "y"}}, {"severity": "spicy"}, {"surprise": 1}],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GenericOptions().load(options)
