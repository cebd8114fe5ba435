"""Two states are compared: equal ones give nothing, each change is found, and other ids need not be a difference."""

from __future__ import annotations

import ast
import contextlib
import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from state_driver import HEADERS, PREFIX, HandClock, drive

from bridge.sandbox.app import Sandbox
from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import Checked, Column
from bridge.sandbox.dump.comparison import Difference, compare, sheets_of
from bridge.sandbox.dump.sheets import Sheet

SEEDS = st.integers(0, 2**32)
PROVIDERS = ("cachet2", "cachet3", "statuspage", "pingpong")


@pytest.fixture(scope="module")
def state() -> dict[str, Any]:
    """Every kind has an object."""
    clock = HandClock()
    sandbox = Sandbox(clock)
    sandbox.plugins["statuspage"].settings.rate_limit = None
    drive(sandbox, clock, 7, 700)
    return sandbox.dump()


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**32), ids=st.sampled_from(("exact", "aligned")), times=st.sampled_from(("exact", "ignored"))
)
def test_equal_states_have_no_difference(seed: int, ids: Any, times: Any) -> None:
    clock = HandClock()
    sandbox = Sandbox(clock)
    drive(sandbox, clock, seed, 60)
    state = sandbox.dump()
    assert compare(state, copy.deepcopy(state), ids=ids, times=times) == []


def _others(column: Column, rows: list[dict[str, Any]], name: str) -> list[Any]:
    """Values that the field might have instead."""
    value = rows[0][name]
    found = [row[name] for row in rows if row[name] != value]
    if isinstance(column, Checked) and column.expected.startswith("one of "):
        found += ast.literal_eval(f"({column.expected.removeprefix('one of ')},)")
    if isinstance(value, str):
        found += [value + "x", "2001-01-01T00:00:00+00:00", "2001-01-01"]
    if isinstance(value, bool):
        found.append(not value)
    elif isinstance(value, int | float):
        found += [value + 1, value - 1]
    if isinstance(value, list):
        found += [value[1:], value + value[:1], ["nobody"], [[60, 1.5]]]
    if isinstance(value, dict):
        found.append({**value, "other": 1})
    if value is None:
        found += ["text", 1, True, [], "2001-01-01T00:00:00+00:00"]
    return [other for other in [*found, None] if other != value or type(other) is not type(value)]


@pytest.mark.parametrize(
    ("provider", "sheet"),
    [(provider, sheet) for provider in PROVIDERS for sheet in sheets_of(provider) if sheet.columns],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_change_of_a_single_value_is_found_alone(state: dict[str, Any], provider: str, sheet: Sheet) -> None:
    part = {**state, "providers": {provider: state["providers"][provider]}}
    for name, column in sheet.columns.items():
        right = copy.deepcopy(part)
        rows = right["providers"][provider]["objects"][sheet.name]["rows"]
        was, checked = rows[0][name], False
        for other in _others(column, rows, name):
            rows[0][name] = other
            with contextlib.suppress(BrokenDump):
                found = compare(part, right)
                assert found == [Difference(provider, sheet.name, rows[0]["id"], name, was, other)]
                checked = True
                break
        assert checked, f"no other value of {name} could be thought of"


def test_objects_counters_switches_and_generators_are_compared(state: dict[str, Any]) -> None:
    right = copy.deepcopy(state)
    saved = right["providers"]["cachet2"]
    gone = saved["objects"]["schedules"]["rows"].pop(0)
    saved["objects"]["tags"]["last_id"] += 1
    saved["settings"]["maintenance_mode"] = True
    right["providers"]["pingpong"]["random"] = right["providers"]["cachet3"]["random"]
    right["providers"]["pingpong"]["seed"] = 2
    groups = right["providers"]["pingpong"]["objects"]["groups"]["rows"]
    groups.reverse()
    found = {(d.provider, d.kind, d.id, d.field): (d.left, d.right) for d in compare(state, right)}
    assert set(found) == {
        ("cachet2", "schedules", gone["id"], None), ("cachet2", "tags", None, "last_id"),
        ("cachet2", "settings", None, "maintenance_mode"), ("pingpong", "random", None, None),
        ("pingpong", "seed", None, None), ("pingpong", "groups", None, "order"),
    }  # fmt: skip
    assert found["cachet2", "schedules", gone["id"], None] == (gone, None)
    back = compare(right, state)
    assert [(d.left, d.right) for d in back if d.kind == "schedules"] == [(None, gone)]
    assert {(d.kind, d.field) for d in compare(state, right, ids="aligned")} == {
        ("schedules", None), ("settings", "maintenance_mode"),
    }  # fmt: skip


def test_what_is_used_up_of_a_rate_budget_is_no_difference() -> None:
    sandbox = Sandbox(HandClock())
    before = sandbox.dump()
    for name, prefix in PREFIX.items():
        assert sandbox.app.test_client().get(f"{prefix}/components", headers=HEADERS[name]).status_code == 200
    after = sandbox.dump()
    assert after != before
    assert compare(before, after) == []


class Rehearsal:
    """The same little migration into an empty sandbox, each time in another order, at another time, by other draws."""

    def __init__(self, seed: int, names: tuple[str, ...], word: str = "resolved") -> None:
        self.clock = HandClock()
        self.clock.go_on(seed * 1000)
        self.sandbox = Sandbox(self.clock, seed=seed, rows="empty")
        client = self.sandbox.app.test_client()

        def post(provider: str, path: str, body: Any, method: str = "POST") -> Any:
            headers = HEADERS[provider]
            answer = client.open(f"{PREFIX[provider]}{path}", method=method, json=body, headers=headers)
            assert answer.status_code < 300, answer.text
            self.clock.go_on(1)
            return answer.json

        for name in names:
            self._write(post, name, word)

    @staticmethod
    def _write(post: Any, name: str, word: str) -> None:
        one = post("statuspage", "/components", {"component": {"name": name}})["id"]
        post("statuspage", "/component-groups", {"component_group": {"name": f"{name}s", "components": [one]}})
        fields = {"name": f"Trouble with {name}", "body": "one", "components": {one: "major_outage"}}
        incident = post("statuspage", "/incidents", {"incident": fields})
        for text, status in (("two", "identified"), ("three", word)):
            change = {"incident": {"body": text, "status": status, "components": {one: "operational"}}}
            incident = post("statuspage", f"/incidents/{incident['id']}", change, "PATCH")
        mended = {"incident_update": {"display_at": "2025-01-01T00:00:00Z"}}
        update = incident["incident_updates"][-1]["id"]
        post("statuspage", f"/incidents/{incident['id']}/incident_updates/{update}", mended, "PATCH")
        follower = {"subscriber": {"email": f"{name}@example.com", "component_ids": [one]}}
        post("statuspage", "/subscribers", follower)
        group = post("cachet3", "/component-groups", {"name": f"{name}s", "visible": True})["data"]["id"]
        component = {"name": name, "component_group_id": int(group), "status": 1}
        number = int(post("cachet3", "/components", component)["data"]["id"])
        body = {
            "name": f"Trouble with {name}", "message": "one", "status": 1, "visible": True,
            "occurred_at": "2025-01-01T00:00:00Z",
            "components": [{"id": number, "status": 4}],
        }  # fmt: skip
        made = post("cachet3", "/incidents", body)["data"]["id"]
        for text in ("two", "three"):
            post("cachet3", f"/incidents/{made}/updates", {"message": text, "status": 4 if word == "resolved" else 3})


def test_two_rehearsals_with_the_same_result_are_the_same_but_for_ids_and_stamps() -> None:
    first = Rehearsal(1, ("api", "web", "jobs")).sandbox.dump()
    second = Rehearsal(2, ("jobs", "api", "web")).sandbox.dump()
    assert len(compare(first, second)) > 20
    assert {d.field for d in compare(first, second, ids="aligned", times="exact")} >= {"created_at", "updated_at"}
    told = compare(first, second, ids="aligned", times="told")
    # The order of groups on the page is what really differs.
    assert {(d.kind, d.field) for d in told} == {("component_groups", "position")}
    left = [d for d in compare(first, second, ids="aligned", times="ignored") if d.field != "position"]
    assert left == []


def test_a_time_that_was_told_counts_and_one_that_nobody_told_does_not() -> None:
    first = Rehearsal(1, ("api",)).sandbox.dump()
    moved = copy.deepcopy(first)
    rows = moved["providers"]["statuspage"]["objects"]["incident_updates"]["rows"]
    told = next(row for row in rows if row["display_at"] != row["created_at"])
    untold = next(row for row in rows if row["display_at"] == row["created_at"])
    told["display_at"] = "2024-01-01T00:00:00+00:00"
    untold["display_at"] = untold["created_at"] = "2024-01-01T00:00:00+00:00"
    found = compare(first, moved, ids="aligned", times="told")
    assert [(d.id, d.field) for d in found] == [(told["id"], "display_at")]
    untold["display_at"] = "2024-02-01T00:00:00+00:00"
    found = compare(first, moved, ids="aligned", times="told")
    assert {(d.id, d.field) for d in found} == {(told["id"], "display_at"), (untold["id"], "display_at")}


def test_a_rehearsal_with_another_result_is_found_out_by_its_objects() -> None:
    first = Rehearsal(1, ("api", "web")).sandbox.dump()
    second = Rehearsal(2, ("api", "web"), word="monitoring").sandbox.dump()
    found = compare(first, second, ids="aligned", times="ignored")
    told = {(d.provider, d.kind, d.field, str(d.left), str(d.right)) for d in found}
    assert told == {
        ("statuspage", "incidents", "status", "resolved", "monitoring"),
        ("statuspage", "incident_updates", "status", "resolved", "monitoring"),
        ("cachet3", "incidents", "status", "4", "3"), ("cachet3", "updates", "status", "4", "3"),
    }  # fmt: skip
    third = Rehearsal(3, ("api",)).sandbox.dump()
    gone = [d for d in compare(first, third, ids="aligned", times="ignored") if d.field is None]
    assert {(d.provider, d.kind) for d in gone} >= {
        ("statuspage", "incidents"), ("statuspage", "incident_updates"), ("cachet3", "updates"),
    }  # fmt: skip
    assert all(d.right is None for d in gone)


def test_objects_that_say_the_same_are_told_apart_by_what_belongs_to_them() -> None:
    stories = (("first", 2, 3), ("second", 2), ("third", 2, 3, 4))
    states = []
    for seed, order in ((1, stories), (2, tuple(reversed(stories)))):
        sandbox = Sandbox(HandClock(), seed=seed)
        client, headers = sandbox.app.test_client(), HEADERS["cachet2"]
        for text, *steps in order:
            body = {"name": "Slow", "message": "m", "status": 1}
            number = client.post(f"{PREFIX['cachet2']}/incidents", json=body, headers=headers).json["data"]["id"]
            for step in steps:
                address = f"{PREFIX['cachet2']}/incidents/{number}/updates"
                update = {"message": f"{text} {step}", "status": 4 if step == steps[-1] else step}
                assert client.post(address, json=update, headers=headers).status_code == 200
        states.append(sandbox.dump(["cachet2"]))
    assert len(compare(*states)) > 10
    assert compare(*states, ids="aligned", times="told") == []


def test_a_soft_deleted_row_is_not_the_same_as_a_live_one_even_where_times_do_not_count() -> None:
    clock = HandClock()
    sandbox = Sandbox(clock)
    before = sandbox.dump()
    sandbox.app.test_client().delete("/cachet2/api/v1/components/1", headers=HEADERS["cachet2"])
    found = compare(before, sandbox.dump(), times="ignored")
    assert [(d.kind, d.id, d.field) for d in found] == [("components", 1, "deleted_at")]


def test_states_without_a_common_provider_and_broken_ones_cannot_be_compared(state: dict[str, Any]) -> None:
    one = {**state, "providers": {"pingpong": state["providers"]["pingpong"]}}
    other = {**state, "providers": {"cachet2": state["providers"]["cachet2"]}}
    with pytest.raises(BrokenDump, match="no provider in common"):
        compare(one, other)
    broken = copy.deepcopy(one)
    del broken["providers"]["pingpong"]["objects"]["incidents"]["rows"][0]["title"]
    with pytest.raises(BrokenDump, match=r"rows\[0\]\.title: is missing \(in the right dump\)"):
        compare(one, broken)


def test_a_maintenance_whose_time_has_come_is_moved_on_before_it_is_dumped() -> None:
    clock = HandClock()
    sandbox = Sandbox(clock)
    times = {
        "scheduled_for": (clock.now() + timedelta(minutes=1)).isoformat(),
        "scheduled_until": (clock.now() + timedelta(minutes=5)).isoformat(), "scheduled_auto_in_progress": True,
    }  # fmt: skip
    body = {"incident": {"name": "Upgrade", **times}}
    answer = sandbox.app.test_client().post(
        f"{PREFIX['statuspage']}/incidents", json=body, headers=HEADERS["statuspage"]
    )
    assert answer.status_code == 201
    clock.go_on(120)
    rows = sandbox.dump()["providers"]["statuspage"]["objects"]["incidents"]["rows"]
    assert [row["status"] for row in rows] == ["in_progress"]
