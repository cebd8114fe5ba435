"""Cachet 3 beyond the recorded exchanges: limits, seeds, the public page, time passing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from replay import SetClock

from bridge.sandbox.app import Sandbox

API = "/cachet3/api"


class Api:
    """A client with the token."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.sandbox = Sandbox(self.clock)
        self.client = self.sandbox.app.test_client()
        self.plugin = self.sandbox.plugins["cachet3"]

    def send(self, method: str, path: str, token: str | None = "sandbox", **options: Any) -> Any:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.open(API + path, method=method, headers=headers, **options)

    def data(self, method: str, path: str, **options: Any) -> Any:
        answer = self.send(method, path, **options)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)
        return answer.get_json()["data"]


@pytest.fixture
def api() -> Api:
    return Api()


def test_the_seed_is_four_operational_components_and_a_visible_group(api: Api) -> None:
    rows = api.data("GET", "/components?sort=id", token=None)
    assert [(row["attributes"]["name"], row["attributes"]["status"]["value"]) for row in rows] == [
        ("Public API", 1), ("Website", 1), ("Dashboard", 1), ("Background jobs", 1),
    ]  # fmt: skip
    assert api.data("GET", "/status", token=None)["status"] == "operational"


def test_reads_count_by_address_and_writes_by_user(api: Api) -> None:
    api.plugin.settings.rate_limit = 2
    assert [api.send("GET", "/ping").status_code for _ in range(3)] == [200, 200, 429]
    assert [api.send("PUT", "/components/1", json={}).status_code for _ in range(2)] == [200, 200]
    refused = api.send("PUT", "/components/1", json={}, token="sandbox-limited")
    assert refused.status_code == 429
    assert (refused.headers["Retry-After"], refused.headers["X-RateLimit-Remaining"]) == ("60", "0")
    assert refused.headers["X-RateLimit-Reset"] == str(int((api.clock.moment + timedelta(minutes=1)).timestamp()))
    api.clock.moment += timedelta(minutes=1)
    assert api.send("GET", "/ping").status_code == 200


def test_the_default_limit_is_told_and_401_is_not_counted(api: Api) -> None:
    assert "X-RateLimit-Limit" not in api.send("POST", "/components", token=None, json={}).headers
    answer = api.send("GET", "/nothing-here/1/2")
    assert (answer.status_code, "X-RateLimit-Limit" in answer.headers) == (404, False)
    headers = api.send("GET", "/components/99").headers
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("300", "299")
    assert "X-RateLimit-Reset" not in headers


def test_a_schedule_starts_and_ends_as_time_passes(api: Api) -> None:
    starts, ends = api.clock.moment + timedelta(hours=1), api.clock.moment + timedelta(hours=2)
    body = {
        "name": "Upgrade", "message": "m", "scheduled_at": starts.isoformat(), "completed_at": ends.isoformat(),
        "components": [{"id": 1, "status": 6}],
    }  # fmt: skip
    api.data("POST", "/schedules", json=body)
    seen = []
    for _ in range(3):
        status = api.data("GET", "/schedules/1")["attributes"]["status"]["value"]
        shown = api.data("GET", "/components/1")["attributes"]["latest_status"]["value"]
        seen.append((status, shown, api.data("GET", "/status")["status"]))
        api.clock.moment += timedelta(minutes=61)
    assert seen == [(0, 1, "operational"), (1, 6, "under_maintenance"), (2, 1, "operational")]


def test_the_page_shows_effective_status_and_only_public_incidents(api: Api) -> None:
    impact = [{"id": 1, "status": 4}]
    api.data("POST", "/incidents", json={"name": "Hidden", "message": "m", "status": 1, "components": impact})
    assert api.plugin.page().groups[0].components[0].status == "Operational"
    body = {"name": "Public", "message": "m", "status": 1, "visible": True, "components": impact}
    api.data("POST", "/incidents", json=body)
    page = api.plugin.page()
    assert (page.groups[0].components[0].status, page.tone) == ("Major outage", "critical")
    assert [(i.title, i.components) for i in page.open_incidents] == [("Public", ("Public API",))]
    api.data("POST", "/incidents/2/updates", json={"status": 4, "message": "done"})
    page = api.plugin.page()
    assert page.overall == "All systems are operational."
    assert [u.body for u in page.past_incidents[0].updates] == ["done", "m"]


def test_the_journal_shows_the_page_after_each_write(api: Api) -> None:
    body = {"name": "P", "message": "m", "status": 1, "visible": True, "components": [{"id": 1, "status": 3}]}
    api.data("POST", "/incidents", json=body)
    api.data("PUT", "/incidents/1", json={"status": 4})
    first, second = api.sandbox.journal.entries("cachet3", "incident")
    assert first.page["components"]["1"]["status"] == "Partial outage"
    assert second.page["components"]["1"]["status"] == "Operational"
    assert (first.row or {})["name"] == "P"


def test_mariadb_shows_decimals_as_text_and_refuses_long_descriptions(api: Api) -> None:
    api.data("POST", "/metrics", json={"name": "M", "suffix": "s", "default_value": 0.5})
    assert api.data("GET", "/metrics/1")["attributes"]["default_value"] == "0.500"
    assert api.send("POST", "/components", json={"name": "x", "description": "d" * 256}).status_code == 500
    api.plugin.settings.database = "sqlite"
    assert api.data("GET", "/metrics/1")["attributes"]["default_value"] == 0.5
