"""The public v2 JSON of the Statuspage sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import COMPONENT_IDS, GROUP_ID, PAGE_ID

API = COMPONENT_IDS["Public API"]
LISTS = ("incidents", "incidents/unresolved", "scheduled-maintenances", "scheduled-maintenances/upcoming")


class Page:
    """Writes with a key, reads without one."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/statuspage"

    def write(self, method: str, path: str, body: Any) -> Any:
        headers = {"Authorization": "OAuth sandbox"}
        url = f"{self._url}/v1/pages/{PAGE_ID}{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=5)
        assert answer.ok, answer.text
        return answer.json()

    def read(self, name: str) -> Any:
        answer = requests.get(f"{self._url}/api/v2/{name}.json", timeout=5)
        assert answer.ok
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        return answer.json()


@pytest.fixture
def page() -> Iterator[Page]:
    sandbox = Sandbox()
    sandbox.plugins["statuspage"].settings.rate_limit = None
    with serve(sandbox) as server:
        yield Page(server.url)


def test_open_incidents_do_not_move_the_indicator(page: Page) -> None:
    page.write("POST", "/incidents", {"incident": {"name": "x", "body": "y"}})
    assert page.read("status")["status"] == {"indicator": "none", "description": "All Systems Operational"}
    page.write("PATCH", f"/components/{API}", {"component": {"status": "partial_outage"}})
    assert page.read("status")["status"] == {"indicator": "minor", "description": "Minor Service Outage"}


def test_only_group_rows_list_components(page: Page) -> None:
    rows = page.read("components")["components"]
    assert [row["id"] for row in rows if "components" in row] == [GROUP_ID]
    assert all("automation_email" not in row for row in rows)


def test_no_parameter_pages_and_50_is_the_end(page: Page) -> None:
    for number in range(51):
        page.write("POST", "/incidents", {"incident": {"name": f"n{number}"}})
    rows = page.read("incidents")["incidents"]
    assert len(rows) == 50
    assert rows[0]["name"] == "n50"
    assert page.read("incidents.json?page=2&x=")["incidents"][0]["name"] == "n50"


def test_metadata_and_overrides_stay_private(page: Page) -> None:
    fields = {"name": "x", "metadata": {"bridge": {"key": "secret"}}, "impact_override": "critical"}
    page.write("POST", "/incidents", {"incident": fields})
    (shown,) = page.read("summary")["incidents"]
    assert "metadata" not in shown
    assert "impact_override" not in shown
    assert shown["impact"] == "critical"


def test_maintenances_have_lists_of_their_own(page: Page) -> None:
    start = datetime.now(UTC) + timedelta(days=1)
    times = {"scheduled_for": start.isoformat(), "scheduled_until": (start + timedelta(hours=1)).isoformat()}
    made = page.write("POST", "/incidents", {"incident": {"name": "Upgrade", **times}})
    counts = {name: len(next(v for k, v in page.read(name).items() if k != "page")) for name in LISTS}
    assert list(counts.values()) == [0, 0, 1, 1]
    page.write("PATCH", f"/incidents/{made['id']}", {"incident": {"status": "in_progress"}})
    assert page.read("scheduled-maintenances/active")["scheduled_maintenances"][0]["status"] == "in_progress"
    assert page.read("summary")["scheduled_maintenances"][0]["scheduled_for"].endswith("Z")


def test_a_published_postmortem_shows_as_the_status(page: Page) -> None:
    made = page.write("POST", "/incidents", {"incident": {"name": "x", "status": "resolved"}})
    path = f"/incidents/{made['id']}/postmortem"
    page.write("PUT", path, {"postmortem": {"body_draft": "It was DNS."}})
    assert page.read("incidents")["incidents"][0]["status"] == "resolved"
    page.write("PUT", path + "/publish", {"postmortem": {"notify_subscribers": False}})
    assert page.read("incidents")["incidents"][0]["status"] == "postmortem"


def test_times_carry_the_zone_of_the_page(page: Page) -> None:
    page.write("PATCH", "", {"page": {"time_zone": "Tokyo"}})
    page.write("POST", "/incidents", {"incident": {"name": "x"}})
    answer = page.read("incidents")
    assert answer["page"]["time_zone"] == "Asia/Tokyo"
    assert answer["incidents"][0]["created_at"].endswith("+09:00")
