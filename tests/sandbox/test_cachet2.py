"""Cachet 2 beyond the recorded exchanges: the cleaner, seeds, the public page, switches."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from replay import DATA, SetClock

from bridge.sandbox.app import Sandbox
from bridge.sandbox.cachet2.cleaner import clean, clean_text

SAMPLES = json.loads((DATA / "cachet2-cleaner.json").read_text(encoding="utf-8"))
API = "/cachet2/api/v1"


class Api:
    """A client with the token."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.sandbox = Sandbox(self.clock)
        self.client = self.sandbox.app.test_client()

    def send(self, method: str, path: str, token: str = "sandbox", **options: Any) -> Any:
        headers = {"X-Cachet-Token": token, "Accept": "application/json", **options.pop("headers", {})}
        return self.client.open(API + path, method=method, headers=headers, **options)

    def data(self, method: str, path: str, **options: Any) -> Any:
        answer = self.send(method, path, **options)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()["data"]


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.mark.parametrize(("text", "new", "old"), SAMPLES)
def test_the_cleaner_makes_of_each_sample_what_the_programs_made(text: str, new: str, old: str) -> None:
    assert (clean_text(text, "2.4"), clean_text(text, "2.3")) == (new, old)


def test_cleaning_reaches_into_lists_and_objects_and_drops_nulls() -> None:
    assert clean({"a": [" x ", None, 7], "b": None}) == {"a": ["x", 7]}


def test_the_seed_is_four_operational_components_two_of_them_in_core(api: Api) -> None:
    rows = api.data("GET", "/components")
    assert [(row["name"], row["status"], row["group_id"]) for row in rows] == [
        ("Public API", 1, 1), ("Website", 1, 1), ("Dashboard", 1, 0), ("Background jobs", 1, 0),
    ]  # fmt: skip
    assert api.data("GET", "/components/groups")[0]["name"] == "Core"


def test_updates_within_one_second_leave_the_oldest_as_the_latest(api: Api) -> None:
    api.data("POST", "/incidents", json={"name": "x", "message": "m", "status": 1})
    for status in (2, 3):
        api.data("POST", "/incidents/1/updates", json={"status": status, "message": "u"})
    assert api.data("GET", "/incidents/1")["latest_status"] == 2
    api.clock.moment += timedelta(seconds=1)
    api.data("POST", "/incidents/1/updates", json={"status": 4, "message": "u"})
    assert api.data("GET", "/incidents/1")["is_resolved"] is True


def test_the_page_hides_what_guests_may_not_see(api: Api) -> None:
    api.data("POST", "/components/groups", json={"name": "Internal"})
    api.data("POST", "/components", json={"name": "Secret", "status": 4, "group_id": 2})
    api.data("POST", "/components", json={"name": "Off", "status": 4, "enabled": False})
    api.data("POST", "/incidents", json={"name": "Hidden", "message": "m", "status": 1, "visible": 0})
    page = api.sandbox.plugins["cachet2"].page()
    assert [(group.name, [c.name for c in group.components]) for group in page.groups] == [
        ("Core", ["Public API", "Website"]),
        (None, ["Dashboard", "Background jobs"]),
    ]
    assert page.open_incidents == ()


def test_the_page_shows_the_history_of_an_incident_and_when_it_ended(api: Api) -> None:
    body = {"name": "Slow", "message": "We look", "status": 1, "component_id": 2, "component_status": 3}
    api.data("POST", "/incidents", json=body)
    page = api.sandbox.plugins["cachet2"].page()
    assert (page.overall, page.tone) == ("Some systems are experiencing issues", "minor")
    assert page.groups[0].components[1].status == "Partial Outage"
    api.clock.moment += timedelta(minutes=5)
    api.data("POST", "/incidents/1/updates", json={"status": 4, "message": "Done"})
    page = api.sandbox.plugins["cachet2"].page()
    assert page.open_incidents == ()
    (past,) = page.past_incidents
    assert [(u.status, u.body) for u in past.updates] == [("Fixed", "Done"), ("Investigating", "We look")]
    assert (past.resolved_at, past.components) == (api.clock.moment, ("Website",))


def test_form_bodies_are_read_and_query_keys_merge_with_them(api: Api) -> None:
    row = api.data("POST", "/components?order=7", data={"name": "Form", "status": "2"})
    assert (row["name"], row["status"], row["order"]) == ("Form", 2, 7)


def test_a_limit_can_be_set_as_a_proxy_would_have_one(api: Api) -> None:
    api.sandbox.plugins["cachet2"].settings.rate_limit = 2
    assert [api.send("GET", "/ping").status_code for _ in range(3)] == [200, 200, 429]


def test_answers_escape_slashes_and_non_ascii_as_php_does(api: Api) -> None:
    answer = api.send("POST", "/components", json={"name": "é/x", "status": 1})
    assert b'"name":"\\u00e9\\/x"' in answer.get_data()
