"""Records whose class declares their fields."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from bridge.providers.base.declared import Asked, fields_of
from bridge.providers.base.results import Record
from bridge.providers.cachet3.records import Subscriber


class Part(Record):
    id: str
    note: str | None


class Thing(Record):
    id: str
    name: str
    part: Part | None
    parts: list[Part]
    by_name: Mapping[str, Part]
    labels: Mapping[str, Any] | None
    global_: bool
    extra: Asked[list[Part]]


class Special(Thing):
    more: Part


ROW = {
    "id": 7,
    "name": "x",
    "part": {"id": 8},
    "parts": [{"id": 9}],
    "by_name": {"a": {"id": 10}},
    "labels": {"team": "core"},
    "global": True,
    "tomorrow": {"id": 11},
}


def test_what_is_inside_comes_as_the_class_that_is_declared_for_it() -> None:
    thing = Thing(ROW)
    assert [type(each) for each in (thing.part, thing.parts[0], thing.by_name["a"])] == [Part, Part, Part]
    assert (thing.part.id, thing.parts[0].id, thing.by_name["a"].id) == ("8", "9", "10")
    assert type(thing.labels) is Record
    assert type(thing["parts"][0]) is dict
    assert type(Special({**ROW, "more": {"id": 1}}).more) is Part


def test_a_field_that_nobody_declared_is_there_all_the_same() -> None:
    assert Thing(ROW)["tomorrow"] == {"id": 11}
    assert Thing(ROW).tomorrow.id == "11"


def test_what_may_be_null_is_none_where_it_is_left_out() -> None:
    bare = Thing({"id": 7})
    assert bare.part is bare.labels is None
    assert "part" not in bare
    assert Thing({"id": 7, "part": None}).part is None


def test_what_must_be_there_and_is_not_is_told_with_what_is_there() -> None:
    with pytest.raises(AttributeError, match="this Thing has no 'name'; it has id"):
        _ = Thing({"id": 7}).name
    with pytest.raises(AttributeError, match="this Thing has no 'nam'; it has id, name, part"):
        _ = Thing(ROW).nam
    with pytest.raises(AttributeError, match="no 'extra'; it comes only when the call asks for it; it has id"):
        _ = Thing({"id": 7}).extra
    with pytest.raises(AttributeError, match="no 'id'"):
        _ = Thing({"name": "x"}).id


def test_a_mapping_that_php_tells_as_a_list_is_a_mapping() -> None:
    assert Thing({**ROW, "labels": []}).labels == {}
    assert Thing({**ROW, "labels": ["a", "b"]}).labels == {"0": "a", "1": "b"}
    assert Thing({**ROW, "labels": []})["labels"] == []


def test_a_field_called_like_a_word_of_python_has_an_underscore_behind() -> None:
    assert Thing(ROW).global_ is True
    assert "global" in fields_of(Thing)
    assert Subscriber({"id": 1, "global": False}).global_ is False
    with pytest.raises(AttributeError):
        _ = Thing(ROW).name_


def test_a_record_is_made_again_in_its_class() -> None:
    thing = Thing(ROW, {"raw": 1})
    for again in (
        Thing.from_dict(thing.to_dict()),
        Thing.from_json(json.dumps(thing)),
        pickle.loads(pickle.dumps(thing)),
    ):
        assert (type(again), again) == (Thing, thing)
    assert pickle.loads(pickle.dumps(thing)).raw == {"raw": 1}
    assert [type(each) for each in Thing.list_from_json(json.dumps([thing]))] == [Thing]
    assert repr(Part({"id": 8})) == "Part({'id': 8})"


def test_a_declared_field_cannot_be_set_either() -> None:
    thing = Thing(ROW)
    for change in (lambda: setattr(thing, "name", "y"), lambda: delattr(thing, "name")):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    assert thing.name == "x"
