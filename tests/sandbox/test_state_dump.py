"""The state of the sandbox is written, checked, and read back."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_driver import Draw, HandClock, draw_request, drive, send

from bridge.sandbox.app import Sandbox
from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.document import from_text, to_text
from bridge.sandbox.faults import Fault

SEEDS = st.integers(0, 2**32)


def _full(count: int = 250, seed: int = 5) -> tuple[Sandbox, HandClock]:
    """A sandbox in which much has happened."""
    clock = HandClock()
    sandbox = Sandbox(clock)
    sandbox.plugins["statuspage"].settings.rate_limit = None
    drive(sandbox, clock, seed, count)
    return sandbox, clock


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, count=st.integers(0, 120))
def test_what_is_loaded_is_dumped_again_to_the_byte(seed: int, count: int) -> None:
    sandbox, clock = _full(count, seed)
    text = to_text(sandbox.dump())
    other = Sandbox(clock, seed=77)
    other.load(from_text(text))
    assert to_text(other.dump()) == text


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, before=st.integers(0, 80), after=st.integers(1, 50))
def test_a_loaded_sandbox_goes_on_as_one_that_was_never_dumped(seed: int, before: int, after: int) -> None:
    sandbox, clock = _full(before, seed)
    loaded = Sandbox(clock, seed=3)
    loaded.load(from_text(to_text(sandbox.dump())))
    draw = Draw(seed + 1)
    draw.sandbox = sandbox
    for _ in range(after):
        request = draw_request(draw)
        assert send(loaded, request) == send(sandbox, request), request
        clock.go_on(draw.choice((0, 0.4, 40, 400)))
    assert to_text(loaded.dump()) == to_text(sandbox.dump())


def test_dumping_changes_nothing_but_what_any_look_does() -> None:
    sandbox, _ = _full(80)
    assert sandbox.dump() == sandbox.dump()


def test_every_kind_of_object_and_both_lives_of_a_row_are_in_a_dump() -> None:
    objects = {name: saved["objects"] for name, saved in _full(700, 7)[0].dump()["providers"].items()}
    empty = {(name, kind) for name, kinds in objects.items() for kind, part in kinds.items() if not part["rows"]}
    assert empty == {("cachet3", "webhooks")}
    deleted = [row for row in objects["cachet2"]["incidents"]["rows"] if row["deleted_at"]]
    assert deleted
    assert objects["statuspage"]["removed_subscribers"]["rows"]


def test_a_fault_that_was_armed_strikes_after_the_load_as_it_would_have() -> None:
    clock = HandClock()
    sandbox = Sandbox(clock)
    sandbox.faults.add(Fault("status", status=503, probability=0.5, times=None))
    request = ("GET", "/cachet2/api/v1/components", None)
    for _ in range(5):
        send(sandbox, request)
    loaded = Sandbox(clock, seed=9)
    loaded.load(sandbox.dump())
    mine = [send(sandbox, request)[0] for _ in range(20)]
    assert mine == [send(loaded, request)[0] for _ in range(20)]
    assert set(mine) == {200, 503}
    assert loaded.faults.to_json() == sandbox.faults.to_json()
    assert loaded.faults.add(Fault("reset")) == 2


def test_neither_the_token_nor_the_secret_of_a_listener_is_in_a_dump() -> None:
    sandbox = Sandbox(token="a-key-that-nobody-may-see")
    sandbox.listen("cachet3", "http://127.0.0.1:9/", "a-secret-of-a-hook")
    text = to_text(sandbox.dump())
    assert "a-key-that-nobody-may-see" not in text
    assert "a-secret-of-a-hook" not in text
    sandbox.load(from_text(text))
    assert sandbox.plugins["cachet3"].listening.all() == []
    assert sandbox.listen("cachet3", "http://127.0.0.1:9/", "another") == "2", "its counter is in the dump"


def test_loading_empties_journal_and_call_log_and_keeps_the_token() -> None:
    sandbox, clock = _full(30)
    other = Sandbox(clock, token="other")
    assert other.app.test_client().post("/cachet2/api/v1/incidents", headers={"X-Cachet-Token": "other"}).status_code
    other.load(sandbox.dump())
    assert (other.journal.entries(), other.calls.all()) == ([], [])
    answer = other.app.test_client().get("/cachet2/api/v1/subscribers", headers={"X-Cachet-Token": "other"})
    assert answer.status_code == 200


def test_a_dump_of_one_provider_leaves_the_others_alone() -> None:
    sandbox, clock = _full(120)
    part = sandbox.dump(["pingpong"])
    assert list(part["providers"]) == ["pingpong"]
    other = Sandbox(clock)
    others = other.dump(["cachet2", "cachet3", "statuspage"])
    other.load(part)
    assert other.dump(["pingpong"]) == part
    assert other.dump(["cachet2", "cachet3", "statuspage"]) == others


def test_switches_are_state_and_one_that_a_dump_does_not_name_gets_its_default() -> None:
    sandbox = Sandbox(HandClock())
    sandbox.plugins["cachet2"].settings.version = "2.3"
    state = sandbox.dump()
    other = Sandbox(HandClock())
    other.plugins["cachet3"].settings.rate_limit = 5
    del state["providers"]["cachet3"]["settings"]["rate_limit"]
    other.load(state)
    assert other.plugins["cachet2"].settings.version == "2.3"
    assert other.plugins["cachet3"].settings.rate_limit == 300


def test_time_goes_on_from_the_dump_where_that_is_wanted() -> None:
    sandbox, clock = _full(10)
    state, begin = sandbox.dump(), clock.now()
    clock.go_on(86_400)
    sandbox.load(state, resume=True)
    assert sandbox.time.now() == begin
    again = sandbox.dump()
    assert again["shift_seconds"] == -86_400
    clock.go_on(5)
    other = Sandbox(clock)
    other.load(again)
    assert other.time.now() == begin + timedelta(seconds=5), "a shift is state"
    other.load(state)
    assert other.time.now() == clock.now()


Break = Callable[[dict[str, Any]], None]


def _rows(state: dict[str, Any], provider: str, kind: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = state["providers"][provider]["objects"][kind]["rows"]
    return rows


def _set(provider: str, kind: str, name: str, value: Any) -> Break:
    return lambda state: _rows(state, provider, kind)[0].__setitem__(name, value)


def _twice(state: dict[str, Any]) -> None:
    rows = _rows(state, "pingpong", "components")
    rows.append(copy.deepcopy(rows[0]))


BROKEN: dict[str, tuple[Break, str]] = {
    "another version": (lambda state: state.update(version=2), "version"),
    "another format": (lambda state: state.update(format="a shopping list"), ""),
    "a part is missing": (lambda state: state.pop("faults"), "dump.faults"),
    "no time": (lambda state: state.update(at="yesterday"), "dump.at"),
    "a provider nobody knows": (lambda state: state["providers"].update(cachet4={}), "providers.cachet4"),
    "a kind is missing": (
        lambda state: state["providers"]["cachet2"]["objects"].pop("tags"),
        "providers.cachet2.objects.tags",
    ),
    "a column is missing": (
        lambda state: _rows(state, "cachet3", "incidents")[1].pop("guid"),
        "providers.cachet3.objects.incidents.rows[1].guid",
    ),
    "a column too many": (
        _set("statuspage", "components", "colour", "red"),
        "providers.statuspage.objects.components.rows[0].colour",
    ),
    "a time is none": (
        _set("cachet2", "incidents", "occurred_at", "2026-13-01"),
        "providers.cachet2.objects.incidents.rows[0].occurred_at",
    ),
    "a status is none": (
        _set("pingpong", "components", "status", "Fine"),
        "providers.pingpong.objects.components.rows[0].status",
    ),
    "a number is a truth": (
        _set("cachet2", "components", "status", True),
        "providers.cachet2.objects.components.rows[0].status",
    ),
    "a reference leads nowhere": (
        _set("statuspage", "incident_updates", "incident_id", "nobody"),
        "providers.statuspage.objects.incident_updates.rows[0].incident_id",
    ),
    "an id within a list leads nowhere": (
        _set("pingpong", "incidents", "imposed", [["nobody", "Unknown"]]),
        "providers.pingpong.objects.incidents.rows[0].imposed[0][0]",
    ),
    "an id is there twice": (_twice, "providers.pingpong.objects.components.rows[5].id"),
    "a counter is behind": (
        lambda state: state["providers"]["cachet3"]["objects"]["groups"].update(last_id=0),
        "providers.cachet3.objects.groups.rows[0].id",
    ),
    "two parents": (
        lambda state: _rows(state, "cachet3", "updates")[0].update(incident_id=1, schedule_id=1),
        "providers.cachet3.objects.updates.rows[0]",
    ),
    "membership that does not agree": (
        _set("statuspage", "components", "group_id", None),
        "providers.statuspage.objects.components.rows[0].group_id",
    ),
    "no generator": (
        lambda state: state["providers"]["pingpong"].update(random="AAAA"),
        "providers.pingpong.random",
    ),
    "a switch of another type": (
        lambda state: state["providers"]["cachet3"]["settings"].update(rate_limit="many"),
        "providers.cachet3.settings.rate_limit",
    ),
    "no fault": (
        lambda state: state["faults"]["armed"].append({"id": 1, "seen": 0, "struck": 0, "kind": "gremlin"}),
        "faults.armed[0]",
    ),
}


@pytest.fixture(scope="module")
def small() -> str:
    clock = HandClock()
    sandbox = Sandbox(clock)
    body = {"name": "I", "message": "m", "status": 1, "visible": True, "components": [{"id": 1, "status": 4}]}
    for _ in range(2):
        assert send(sandbox, ("POST", "/cachet3/api/incidents", body))[0] == 201
    send(sandbox, ("POST", "/cachet3/api/incidents/1/updates", {"status": 4, "message": "m"}))
    window = {"name": "S", "message": "m", "scheduled_at": "2026-05-05"}
    assert send(sandbox, ("POST", "/cachet3/api/schedules", window))[0] == 201
    send(sandbox, ("POST", "/cachet2/api/v1/incidents", {"name": "I", "message": "m", "status": 1}))
    send(sandbox, ("POST", "/statuspage/v1/pages/sandboxpage1/incidents", {"incident": {"name": "I"}}))
    send(sandbox, ("POST", "/pingpong/rest/v1/incidents", {"title": "I"}))
    send(sandbox, ("POST", "/pingpong/rest/v1/components", {"name": "C"}))
    return to_text(sandbox.dump())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_dump_is_refused_with_the_place_and_changes_nothing(small: str, name: str) -> None:
    state, (spoil, where) = json.loads(small), BROKEN[name]
    spoil(state)
    sandbox = Sandbox(HandClock())
    before = sandbox.dump()
    with pytest.raises(BrokenDump) as caught:
        sandbox.load(state)
    assert caught.value.where == where
    assert where in str(caught.value)
    assert sandbox.dump() == before
    answer = sandbox.app.test_client().put("/_sandbox/state", data=json.dumps(state))
    assert answer.status_code == 422
    assert answer.json["where"] == where
    with pytest.raises(BrokenDump):
        Sandbox(state=state)


def test_reset_goes_back_to_the_rows_it_began_with_also_to_none_and_to_a_dump(small: str) -> None:
    clock = HandClock()
    for begin in ({"rows": "demo"}, {"rows": "empty"}, {"state": json.loads(small)}):
        sandbox = Sandbox(clock, **begin)  # type: ignore[arg-type]
        state = sandbox.dump()
        drive(sandbox, clock, 3, 40)
        sandbox.reset()
        for name, saved in sandbox.dump()["providers"].items():
            was = state["providers"][name]
            left_alone = {"objects": None, "settings": None if "rows" in begin else saved["settings"]}
            assert {**saved, **left_alone} == {**was, **left_alone}, "a reset leaves switches as they are"
            kinds = {kind: [row["id"] for row in part["rows"]] for kind, part in saved["objects"].items()}
            assert kinds == {kind: [row["id"] for row in part["rows"]] for kind, part in was["objects"].items()}


def test_an_empty_sandbox_has_nothing_but_a_page_and_its_owner() -> None:
    counts = Sandbox(HandClock(), rows="empty").app.test_client().get("/_sandbox/state/counts").json
    there = {(name, kind) for name, kinds in counts.items() for kind, count in kinds.items() if count}
    assert there == {("statuspage", kind) for kind in ("page", "embed", "users", "permissions")}


def test_state_is_dumped_loaded_compared_reset_and_seeded_over_http(small: str) -> None:
    sandbox = Sandbox(HandClock())
    client = sandbox.app.test_client()
    begin = client.get("/_sandbox/state").data
    assert client.put("/_sandbox/state", data=small).json["cachet3"]["incidents"] == 2
    assert client.get("/_sandbox/state").text == small
    assert client.post("/_sandbox/state/compare", data=small).json == []
    found = client.post("/_sandbox/state/compare?ids=aligned&times=told", data=begin).json
    assert {(row["provider"], row["kind"]) for row in found} >= {("cachet2", "incidents"), ("pingpong", "components")}
    assert client.post("/_sandbox/state/compare?ids=similar", data=begin).status_code == 422
    assert client.post("/_sandbox/state/compare", data=b"{").status_code == 422
    part = client.get("/_sandbox/state?provider=statuspage&provider=pingpong").json
    assert list(part["providers"]) == ["statuspage", "pingpong"]
    assert client.get("/_sandbox/state?provider=cachet9").status_code == 404
    assert client.post("/_sandbox/reset").status_code == 204
    assert client.get("/_sandbox/state").data == begin
    assert client.post("/_sandbox/seed", json={"rows": "empty"}).json["cachet2"]["components"] == 0
    for body in ({"rows": "fairy tales"}, {}, [], None):
        assert client.post("/_sandbox/seed", json=body).status_code == 422
    client.put("/_sandbox/state?clock=resume", data=small)
    assert sandbox.time.shift == timedelta()
