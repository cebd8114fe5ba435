"""Every stored object comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Publication,
    Severity,
    TextFormat,
    Visibility,
    worst,
)
from bridge.model.events import Alert, AlertGroup, Event, Quarantined
from bridge.model.facts import Call, FindBy, Intent, Link, LinkState, ObjectKey
from bridge.model.loss import Loss
from bridge.model.objects import (
    Component,
    ComponentGroup,
    Incident,
    IncidentTemplate,
    IncidentUpdate,
    Maintenance,
    Metric,
    MetricPoint,
    Origin,
    Subscriber,
    Text,
)
from bridge.model.schemas import dump, load, schema_of
from bridge.model.state import Decision

moments = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
st.register_type_strategy(datetime, moments)
words = st.text(max_size=20)
texts = st.builds(Text, words, st.sampled_from(TextFormat))
origins = st.none() | st.builds(
    Origin, words, words, st.dictionaries(words, st.integers() | words | st.none(), max_size=2)
)
statuses = st.dictionaries(words, st.sampled_from(ComponentStatus), max_size=3)
updates = st.builds(
    IncidentUpdate,
    words,
    texts,
    moments,
    st.none() | st.sampled_from(IncidentStatus) | st.sampled_from(MaintenanceStatus),
    statuses,
    origins,
)
echoes = st.dictionaries(words, st.integers() | words | st.none() | st.lists(words, max_size=2), max_size=3)
everything: dict[type, st.SearchStrategy[Any]] = {
    ComponentGroup: st.builds(ComponentGroup, words, words, st.sampled_from(Visibility), origin=origins),
    Component: st.builds(Component, words, words, st.sampled_from(ComponentStatus), labels=st.just({"a": "b"})),
    Incident: st.builds(
        Incident,
        words,
        words,
        st.sampled_from(IncidentStatus),
        st.sampled_from(Severity),
        statuses,
        st.lists(updates, max_size=3).map(tuple),
        moments,
        st.sampled_from(Visibility),
        st.sampled_from(Publication),
        st.booleans(),
        st.none() | moments,
        origin=origins,
    ),
    Maintenance: st.builds(
        Maintenance,
        words,
        words,
        st.sampled_from(MaintenanceStatus),
        texts,
        st.lists(words, max_size=3).map(tuple),
        moments,
        st.sampled_from(Visibility),
        st.booleans(),
        ends_at=st.none() | moments,
        updates=st.lists(updates, max_size=2).map(tuple),
    ),
    Metric: st.builds(
        Metric,
        words,
        words,
        st.sampled_from(MetricAggregation),
        st.sampled_from(Visibility),
        places=st.none() | st.integers(0, 8),
        default_value=st.none() | st.floats(-1e9, 1e9),
        component=st.none() | words,
        origin=origins,
    ),
    MetricPoint: st.builds(MetricPoint, words, words, st.floats(-1e9, 1e9), moments, origin=origins),
    Subscriber: st.builds(
        Subscriber, words, words, st.lists(words, max_size=3).map(tuple), st.booleans(), origin=origins
    ),
    IncidentTemplate: st.builds(
        IncidentTemplate,
        words,
        words,
        texts,
        title=st.none() | words,
        status=st.none() | st.sampled_from(IncidentStatus),
        origin=origins,
    ),
    Event: st.from_type(Event),
    Alert: st.from_type(Alert),
    AlertGroup: st.from_type(AlertGroup),
    Decision: st.from_type(Decision),
    Loss: st.from_type(Loss),
    Call: st.builds(Call, moments, words, words, st.none() | st.integers(), st.floats(0, 1e6), st.none() | words),
    Link: st.builds(
        Link,
        st.sampled_from(LinkState),
        st.none() | words,
        echo=echoes,
        appended=st.dictionaries(words, words, max_size=3),
        intent=st.none() | st.builds(Intent, words, moments, echo=echoes, find=st.builds(FindBy, words, echo=echoes)),
        losses=st.lists(st.from_type(Loss), max_size=2).map(tuple),
        since=st.none() | moments,
    ),
}


@pytest.mark.parametrize("cls", everything, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_it_comes_back_from_json_as_it_was(cls: type, data: st.DataObject) -> None:
    obj = data.draw(everything[cls])
    assert load(cls, json.loads(json.dumps(dump(obj)))) == obj


@pytest.mark.parametrize("cls", everything, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_dumping_gives_what_the_schema_gives_without_the_defaults(cls: type, data: st.DataObject) -> None:
    obj = data.draw(everything[cls])
    whole, short = schema_of(cls).dump(obj), dump(obj)
    assert load(cls, whole) == obj
    assert short.keys() <= whole.keys()
    assert dump(load(cls, {**whole, **short})) == short


def test_times_of_other_zones_are_stored_in_utc() -> None:
    elsewhere = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    update = IncidentUpdate("u", Text("x"), elsewhere)
    assert dump(update)["at"] == "2026-01-01T06:30:00Z"


def test_both_kinds_of_scheduled_stay_apart() -> None:
    for status in (IncidentStatus.SCHEDULED, MaintenanceStatus.SCHEDULED):
        update = IncidentUpdate("u", Text("x"), datetime(2026, 1, 1, tzinfo=UTC), status)
        assert type(load(IncidentUpdate, dump(update)).status) is type(status)


@pytest.mark.parametrize(
    "data", [{}, {"index": "x", "reason": "r"}, {"index": 1, "reason": None}], ids=["empty", "wrong type", "null"]
)
def test_what_is_not_a_dump_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        load(Quarantined, data)


def test_a_field_of_a_newer_version_is_passed_over() -> None:
    assert load(Quarantined, {"index": 1, "reason": "r", "new": 1}) == Quarantined(1, "r")


def test_object_keys_are_their_text() -> None:
    key = ObjectKey(Kind.INCIDENT, "inc:with:colons")
    assert ObjectKey.parse(str(key)) == key


@given(st.lists(st.sampled_from(ComponentStatus)))
def test_the_worst_status_is_never_better_than_any(statuses: list[ComponentStatus]) -> None:
    assert all(worst(statuses).rank >= status.rank for status in statuses)
