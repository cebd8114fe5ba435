"""A source without code: what expressions find, what envelopes add, and what goes wrong at start and at run time."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Parsed
from bridge.sources.base import Knock
from bridge.sources.custom import Custom, CustomOptions
from bridge.sources.expressions import compiled
from bridge.testing.source_suite import check_rules
from tests.unit.config.reading import read_text

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PLAIN = {"key": "id", "action": "state"}


def parse(options: Mapping[str, Any], body: Any, content_type: str = "", headers: Mapping[str, str] = {}) -> Parsed:
    source = Custom(CustomOptions().load(dict(options)))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    parsed = source.parse(Delivery("dlv_1", "s", NOW, raw, content_type, headers=headers))
    check_rules(parsed)
    return parsed


def test_every_member_of_an_event_comes_from_an_expression() -> None:
    options = {
        "key": "join('/', [host, check.name])",
        "action": "check.state", "actions": {"BAD": "trigger", "good": "resolve"},
        "severity": "to_string(prio)", "severities": {"1": "critical"},
        "title": "join(' ', ['Trouble on', host])", "text": "notes[0]",
        "labels": {"host": "host", "zone": "zone || 'none'", "missing": "nothing"},
        "component": "service", "status": "'degraded_performance'", "url": "links[?rel == 'self'].href | [0]",
        "note": "who", "started_at": "times.began", "happened_at": "times.now",
    }  # fmt: skip
    body = {
        "host": "web-1", "check": {"name": "http", "state": "Bad"}, "prio": 1, "notes": ["It burns"], "service": "api",
        "links": [{"rel": "up", "href": "u"}, {"rel": "self", "href": "s"}], "who": "ann",
        "times": {"began": "2026-11-21T01:00:00+01:00", "now": 1795222800},
    }  # fmt: skip
    (event,) = parse(options, body).events
    assert (event.dedup_key, event.action, event.severity) == ("web-1/http", Action.TRIGGER, AlertSeverity.CRITICAL)
    assert (event.title, event.text, event.component, event.url) == ("Trouble on web-1", "It burns", "api", "s")
    assert event.labels == {"host": "web-1", "zone": "none"}
    assert (event.status, event.internal_note) == ("degraded", "ann")
    assert event.started_at == datetime(2026, 11, 21, tzinfo=UTC)


def test_labels_may_be_one_expression() -> None:
    options = {**PLAIN, "labels": "{a: a, b: to_string(b)}"}
    assert parse(options, {"id": 1, "state": "down", "a": "x", "b": 2}).events[0].labels == {"a": "x", "b": "2"}
    bad = parse({**PLAIN, "labels": "a"}, {"id": 1, "state": "down", "a": "x"})
    assert bad.quarantined[0].reason == "labels: must be an object of names and texts."


def test_words_that_all_sources_share_need_no_table_and_a_star_takes_the_rest() -> None:
    body = [{"id": 1, "state": word} for word in ("firing", "OK", "acknowledged", "paused", True)]
    plain = parse(PLAIN, body)
    assert [event.action for event in plain.events] == [Action.TRIGGER, Action.RESOLVE, Action.UPDATE]
    assert [bad.index for bad in plain.quarantined] == [3, 4]
    assert "unknown word “paused”" in plain.quarantined[0].reason
    star = parse({**PLAIN, "actions": {"*": "ignore", "true": "trigger"}}, body)
    assert [event.action for event in star.events][3:] == [Action.IGNORE, Action.TRIGGER]
    assert star.events[3].reason


def test_a_batch_and_what_stands_around_it() -> None:
    options = {"items": "data.alerts", "key": "join(':', [_body.site, id])", "action": "state"}
    body = {"site": "ams", "data": {"alerts": [{"id": "1", "state": "down"}, {"id": "2"}, 3]}}
    parsed = parse(options, body)
    assert [event.dedup_key for event in parsed.events] == ["ams:1"]
    assert [(bad.index, bad.element) for bad in parsed.quarantined] == [(1, {"id": "2"}), (2, {"_item": 3})]
    assert parse(options, {"site": "ams", "data": {"alerts": []}}) == Parsed(())
    assert parse(options, {"site": "ams"}).quarantined[0].reason == "items: finds nothing in this body."


def test_a_condition_says_what_is_no_alert() -> None:
    options = {**PLAIN, "when": "kind == 'alert' && !test"}
    parsed = parse(
        options, [{"kind": "alert", "id": 1, "state": "up"}, {"kind": "chat"}, {"kind": "alert", "test": True}]
    )
    assert [event.action for event in parsed.events] == [Action.RESOLVE, Action.IGNORE, Action.IGNORE]
    assert parsed.quarantined == ()


def test_an_expression_that_fails_costs_its_element_only_and_tells_no_value() -> None:
    parsed = parse(
        {**PLAIN, "title": "join('-', names)"},
        [{"id": 1, "state": "up", "names": "s3cret"}, {"id": 2, "state": "up", "names": []}],
    )
    assert [event.dedup_key for event in parsed.events] == ["2"]
    assert parsed.quarantined[0].reason == "title: its expression cannot apply join() to a value of the type string."
    assert parse({**PLAIN, "when": "abs(id)"}, {"id": "x"}).quarantined[0].reason.startswith("when: its expression")
    assert parse({**PLAIN, "items": "sort(@)"}, {"id": "x"}).quarantined[0].reason.startswith("items: its expression")


def test_a_bad_time_is_missing_and_a_missing_key_is_named() -> None:
    parsed = parse({**PLAIN, "started_at": "at"}, [{"id": 1, "state": "down", "at": "tea"}, {"state": "down"}])
    assert parsed.warnings == ("started_at: is not a time, taken as missing.",)
    assert parsed.quarantined[0].reason == "key: is missing."


# --- envelopes --------------------------------------------------------------------------------------------------------

EVENT = {"specversion": "1.0", "id": "1", "source": "/disks", "type": "com.example.disk.firing", "subject": "sda"}
CLOUD = {"envelope": "cloudevents", "title": "join(' ', [_envelope.subject, msg])"}


def test_a_cloud_event_says_key_action_and_time() -> None:
    event = {**EVENT, "time": "2026-11-21T00:00:00Z", "data": {"msg": "is full"}}
    (told,) = parse(CLOUD, event, "application/cloudevents+json").events
    assert (told.dedup_key, told.action, told.title) == ("/disks:sda", Action.TRIGGER, "sda is full")
    assert told.happened_at == datetime(2026, 11, 21, tzinfo=UTC)
    coded = {**EVENT, "data_base64": base64.b64encode(b'{"msg": "is full"}').decode()}
    assert parse(CLOUD, coded).events[0].title == "sda is full"


def test_cloud_events_in_a_batch_or_in_headers() -> None:
    events = [
        {**EVENT, "data": {"msg": "a"}},
        "none",
        {**EVENT, "type": "com.example.disk.resolved", "data": {"msg": "b"}},
    ]
    parsed = parse(CLOUD, events, "application/cloudevents-batch+json")
    assert [event.action for event in parsed.events] == [Action.TRIGGER, Action.RESOLVE]
    assert [(bad.index, bad.reason) for bad in parsed.quarantined] == [
        (1, "type: is missing: this is no such envelope.")
    ]
    headers = {f"ce-{name}": value for name, value in {**EVENT, "subject": "s%C3%A4"}.items()}
    (told,) = parse(CLOUD, {"msg": "x"}, "application/json", headers).events
    assert (told.dedup_key, told.title) == ("/disks:sä", "sä x")


def test_a_type_that_says_nothing_is_ignored_unless_the_table_knows_it() -> None:
    event = {**EVENT, "type": "com.example.disk.seen", "data": {"msg": "x"}}
    (told,) = parse(CLOUD, event).events
    assert (told.action, told.reason) == (Action.IGNORE, "the type com.example.disk.seen concerns no alert")
    assert parse({**CLOUD, "actions": {"seen": "trigger"}}, event).events[0].action is Action.TRIGGER


def test_items_within_every_event() -> None:
    options = {**CLOUD, "items": "disks", "key": "join('/', [_envelope.source, name])", "title": "name"}
    events = [
        {**EVENT, "data": {"disks": [{"name": "a"}, {"name": "b"}]}},
        {**EVENT, "data": {"disks": [{"name": "c"}]}},
    ]
    assert [event.dedup_key for event in parse(options, events).events] == ["/disks/a", "/disks/b", "/disks/c"]


def test_a_standard_webhook_says_key_action_and_time() -> None:
    body = {"type": "check.resolved", "timestamp": "2026-11-21T00:00:00Z", "data": {"id": 7, "name": "n"}}
    (told,) = parse({"envelope": "standard_webhooks", "title": "name"}, body).events
    assert (told.dedup_key, told.action, told.title) == ("7", Action.RESOLVE, "n")
    assert told.ended_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert parse({"envelope": "standard_webhooks"}, {"data": {}}).quarantined[0].reason.startswith("type: is missing")
    thin = parse({"envelope": "standard_webhooks"}, {"type": "check.firing", "data": "7"})
    assert thin.quarantined[0].reason == "key: is missing."


# --- handshake --------------------------------------------------------------------------------------------------------


def test_a_challenge_is_repeated_when_it_was_agreed_on() -> None:
    source = Custom(CustomOptions().load({**PLAIN, "challenge": "challenge"}))
    reply = source.handshake(Knock("GET", {"challenge": "abc-1"}), ())
    assert reply is not None
    assert (reply.status, reply.body, reply.content_type) == (200, "abc-1", "text/plain; charset=utf-8")
    for query in ({}, {"challenge": ""}, {"challenge": "a\nb"}, {"challenge": "x" * 501}, {"other": "abc"}):
        assert source.handshake(Knock("GET", query), ()) is None
    assert Custom(CustomOptions().load(PLAIN)).handshake(Knock("GET", {"challenge": "abc"}), ()) is None


# --- at start ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "why", "place"),
    [
        ("key: 'a..b'", "as its character 3 shows", (5, 10)),
        ("key: 'a['", "as its character", (5, 10)),
        ("key: 'a.`'", "not a JMESPath expression", (5, 10)),
        ("key: ''", "empty or too long", (5, 10)),
        ("key: 'jion(a)'", "there is no function jion()", (5, 10)),
        ("key: 'a[?jion(b)]'", "there is no function jion()", (5, 10)),
        ("key: 'length(a, b)'", "length() takes 1 argument", (5, 10)),
        ("labels: {a: 'x y', b: c}", "as its character 3 shows", (5, 17)),
        ("severities: {a: b}", "Must be one of", (5, 21)),
        ("actions: {a: b}", "Must be one of", (5, 18)),
        ("envelope: soap", "Must be one of", (5, 15)),
        ("kye: id", "unknown key 'kye'", (5, 5)),
    ],
)
def test_each_mistake_is_told_with_its_place(line: str, why: str, place: tuple[int, int]) -> None:
    text = f"sources:\n  one:\n    type: custom\n    auth: none\n    {line}\n    action: state\n"
    text += "" if line.startswith("key") else "    key: id\n"
    problems = [problem for problem in read_text(text).problems if problem.severity == "error"]
    assert [(problem.where.line, problem.where.column) for problem in problems] == [place], problems
    assert why in problems[0].why


def test_key_and_action_are_needed_outside_an_envelope() -> None:
    problems = read_text("sources:\n  one: {type: custom, auth: none}\n").problems
    whys = [problem.why for problem in problems if problem.severity == "error"]
    assert whys == ["the key 'action' is missing", "the key 'key' is missing"]
    good = read_text("sources:\n  one: {type: custom, auth: none, envelope: cloudevents}\n")
    assert good.settings


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_an_expression(text: str) -> None:
    try:
        compiled(text)
    except ValidationError as error:
        assert str(error)


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "state", "data", "type", "names", "source", "subject", "data_base64"]), inner
        )
    ),
    max_leaves=12,
)


@given(DATA, st.sampled_from([None, "cloudevents", "standard_webhooks"]), st.booleans())
def test_whatever_is_posted_gives_events_or_a_quarantine(data: Any, envelope: str | None, with_items: bool) -> None:
    options = {**PLAIN, "title": "join('', names)", "labels": "@", "when": "length(@) > `0`"}
    options |= {"envelope": envelope} if envelope else {}
    options |= {"items": "data[].names"} if with_items else {}
    try:
        parse(options, data)
    except Unparsable as error:
        assert error.reason
