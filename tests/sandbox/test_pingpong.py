"""The PingPong sandbox over HTTP: derived statuses, updates that move incidents, windows that follow the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.pingpong import COMPONENT_IDS, GROUP_ID, WIDGET_KEY
from bridge.sandbox.server import serve

API, WEBSITE = COMPONENT_IDS["Public API"], COMPONENT_IDS["Website"]
ID = re.compile(r"[2-9A-HJ-NP-Za-km-z]{22}\Z")


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 4, 12, 0, 0, 700_000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **delta: float) -> None:
        self.time += timedelta(**delta)


class Client:
    """Calls the API of a served sandbox."""

    def __init__(self, sandbox: Sandbox, clock: Hands, url: str) -> None:
        self.sandbox, self.clock, self.url = sandbox, clock, f"{url}/pingpong"
        self.settings = sandbox.plugins["pingpong"].settings

    def raw(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        options.setdefault("headers", {"Authorization": "Token sandbox"})
        return requests.request(method, f"{self.url}/rest/v1{path}", json=body, timeout=5, **options)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.raw(method, path, body)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def incident(self, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ok("POST", "/incidents", {"title": "Errors", "message": "x", **fields})
        return made

    def update(self, incident: dict[str, Any], status: str, message: str = "x") -> dict[str, Any]:
        path = f"/incidents/{incident['id']}/updates"
        made: dict[str, Any] = self.ok("POST", path, {"status": status, "message": message})
        return made

    def seen(self, incident: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.ok("GET", f"/incidents/{incident['id']}")
        return found

    def status(self, component: str) -> str:
        return str(self.ok("GET", f"/components/{component}")["status"])

    def mails(self) -> list[str]:
        return [str((entry.row or {})["reason"]) for entry in self.sandbox.journal.entries("pingpong", "notification")]


@pytest.fixture
def page() -> Iterator[Client]:
    clock = Hands()
    sandbox = Sandbox(clock)
    with serve(sandbox) as server:
        yield Client(sandbox, clock, server.url)


def imposed(status: str, component: str = API) -> dict[str, Any]:
    return {"affected_components": [{"id": component, "status": status}]}


def window(page: Client, **fields: Any) -> dict[str, Any]:
    times = {"scheduled_for": "2026-05-04T13:00:00Z", "ends_at": "2026-05-04T14:00:00Z"}
    body = {"title": "Upgrade", "message": "m", "affected_components": [API], **times, **fields}
    made: dict[str, Any] = page.ok("POST", "/maintenance", body)
    return made


def test_the_seeded_project_has_four_components_and_one_group(page: Client) -> None:
    rows = page.ok("GET", "/components")
    assert {row["name"]: row["id"] for row in rows} == COMPONENT_IDS
    assert [row["group"]["id"] for row in rows if row["group"]] == [GROUP_ID, GROUP_ID]
    assert page.ok("GET", "/status") == {"status": "All systems operational", "status_color": "green"}


def test_a_new_incident_is_in_progress_and_only_updates_move_it(page: Client) -> None:
    made = page.incident(status="Resolved")
    assert ID.match(made["id"])
    assert (made["status"], made["updates"]) == ("In progress", [])
    page.ok("PATCH", f"/incidents/{made['id']}", {"status": "Resolved", "title": "Renamed"})
    assert page.seen(made)["status"] == "In progress"
    page.update(made, "Identified")
    assert page.seen(made)["status"] == "Identified"


@pytest.mark.parametrize("status", ["In progress", "identified", "Fixed", None])
def test_in_progress_and_other_words_cannot_be_written(page: Client, status: Any) -> None:
    made = page.incident()
    answer = page.raw("POST", f"/incidents/{made['id']}/updates", {"status": status, "message": "x"})
    assert answer.status_code == 400
    assert list(answer.json()) == ["status"]


def test_deleting_the_resolving_update_reopens(page: Client) -> None:
    made = page.incident()
    last = page.update(made, "Resolved")
    assert page.ok("GET", "/incidents/ongoing") == []
    assert page.raw("DELETE", f"/incidents/{made['id']}/updates/{last['id']}").status_code == 204
    assert page.seen(made)["status"] == "In progress"
    assert len(page.ok("GET", "/live")["incidents"]) == 1


def test_editing_the_newest_update_moves_the_incident(page: Client) -> None:
    made = page.incident()
    page.update(made, "Investigating")
    last = page.update(made, "Identified")
    page.ok("PUT", f"/incidents/{made['id']}/updates/{last['id']}", {"status": "Verifying", "message": "y"})
    assert page.seen(made)["status"] == "Verifying"
    assert [update["status"] for update in page.ok("GET", f"/incidents/{made['id']}/updates")] == [
        "Investigating",
        "Verifying",
    ]


def test_a_live_incident_overlays_the_base_status_until_it_is_resolved(page: Client) -> None:
    made = page.incident(**imposed("Critical state"))
    other = page.incident(**imposed("minor issues"))
    page.ok("PATCH", f"/components/{API}/status", {"status": "Operational"})
    assert page.status(API) == "Critical state"
    assert made["affected_components"][0]["status_color"] == "red"
    page.update(made, "Resolved")
    assert page.status(API) == "Minor issues"
    page.update(other, "Resolved")
    assert page.status(API) == "Operational"


def test_the_status_answer_has_three_fields(page: Client) -> None:
    answer = page.ok("PUT", f"/components/{API}/status", {"status": "MAJOR issues"})
    assert answer == {"id": API, "status": "Major issues", "status_color": "orange"}


def test_a_new_list_of_components_replaces_the_former_one(page: Client) -> None:
    made = page.incident(**imposed("Unavailable"))
    page.ok("PATCH", f"/incidents/{made['id']}", imposed("Major issues", WEBSITE))
    assert (page.status(API), page.status(WEBSITE)) == ("Operational", "Major issues")


def test_maintenance_follows_the_clock_and_is_outranked_by_incidents(page: Client) -> None:
    made = window(page)
    assert (made["status"], page.ok("GET", "/live")["maintenance"]) == ("Upcoming", [])
    page.clock.move(hours=1)
    assert page.status(API) == "Maintenance mode"
    assert page.ok("GET", "/status")["status"] == "Under maintenance"
    assert [row["status"] for row in page.ok("GET", "/live")["maintenance"]] == ["In progress"]
    page.incident(**imposed("Minor issues"))
    assert page.status(API) == "Minor issues"
    page.settings.maintenance_wins = True
    assert page.status(API) == "Maintenance mode"
    page.clock.move(hours=1)
    assert page.ok("GET", f"/maintenance/{made['id']}")["status"] == "Complete"
    assert page.status(API) == "Minor issues"


def test_a_maintenance_is_written_as_title_and_read_as_a_shorter_name(page: Client) -> None:
    made = window(page, title="x" * 60)
    assert "title" not in made
    assert made["name"] == "x" * 50
    page.settings.cut_names = False
    assert page.ok("PATCH", f"/maintenance/{made['id']}", {"title": "y" * 60})["name"] == "y" * 60
    assert page.raw("PATCH", f"/maintenance/{made['id']}", {"title": "y" * 101}).status_code == 400


def test_a_maintenance_must_end_after_it_starts(page: Client) -> None:
    made = window(page)
    answer = page.raw("PATCH", f"/maintenance/{made['id']}", {"ends_at": "2026-05-04T13:00:00Z"})
    assert (answer.status_code, list(answer.json())) == (400, ["ends_at"])
    page.settings.check_window = False
    page.ok("PATCH", f"/maintenance/{made['id']}", {"ends_at": "2026-05-04T13:00:00Z"})


def test_occurred_at_null_means_now_and_moves_the_start(page: Client) -> None:
    made = page.incident(occurred_at="2026-05-01T10:00:00+02:00")
    assert made["occurred_at"] == "2026-05-01T08:00:00Z"
    path = f"/incidents/{made['id']}"
    assert page.ok("PATCH", path, {"title": "y"})["occurred_at"] == "2026-05-01T08:00:00Z"
    page.clock.move(minutes=5)
    assert page.ok("PATCH", path, {"occurred_at": None})["occurred_at"] == "2026-05-04T12:05:00Z"
    assert page.incident(occurred_at=None)["occurred_at"] == "2026-05-04T12:05:00Z"


def test_messages_come_back_cleaned_and_wrapped(page: Client) -> None:
    sent = 'Hi <b onclick="x()">there</b><script>x()</script><!-- id 7 --> <a href="javascript:x()">a</a>'
    assert page.incident(message=sent)["message"] == "<div>Hi <b>there</b> <a>a</a></div>"


def test_everybody_is_mailed_unless_told_otherwise_and_updates_always_mail(page: Client) -> None:
    quiet = page.incident(notify_subscribers=False)
    assert page.mails() == []
    page.update(quiet, "Resolved")
    page.ok("PATCH", f"/incidents/{quiet['id']}", {"title": "y"})
    window(page)
    assert page.mails() == ["update", "incident", "maintenance"]


@pytest.mark.parametrize("path", ["/components/{}", "/component-groups/{}", "/incidents/{}", "/maintenance/{}"])
def test_nothing_but_updates_can_be_deleted(page: Client, path: str) -> None:
    answer = page.raw("DELETE", path.format(API))
    assert answer.status_code == 405
    assert answer.json() == {"detail": 'Method "DELETE" not allowed.'}
    assert "DELETE" not in answer.headers["Allow"]


def test_references_are_objects_on_read_and_ids_on_write(page: Client) -> None:
    component = page.ok("GET", f"/components/{API}")
    answer = page.raw("PUT", f"/components/{API}", component)
    assert (answer.status_code, list(answer.json())) == (400, ["group"])
    assert page.ok("PATCH", f"/components/{API}", {"group": None})["group"] is None


def test_a_put_that_leaves_fields_out_keeps_them_or_resets_them(page: Client) -> None:
    page.ok("PUT", f"/components/{API}", {"description": "d", "status": "Major issues"})
    assert page.ok("PUT", f"/components/{API}", {"name": "Renamed"})["description"] == "d"
    page.settings.put_keeps = False
    shown = page.ok("PUT", f"/components/{API}", {"name": "Bare"})
    assert (shown["group"], shown["description"], shown["status"], shown["showcased"]) == (None, None, "Unknown", False)
    assert page.raw("PUT", f"/components/{API}", {"description": "d"}).json() == {"name": ["This field is required."]}


def test_one_of_put_and_patch_can_be_taken_away(page: Client) -> None:
    page.settings.update_methods = ["PUT"]
    answer = page.raw("PATCH", f"/components/{API}", {"name": "x"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PUT, HEAD, OPTIONS")
    page.ok("PUT", f"/components/{API}", {"name": "x"})


def test_a_null_status_means_unknown_or_is_refused(page: Client) -> None:
    assert page.ok("PATCH", f"/components/{API}/status", {"status": None})["status"] == "Unknown"
    page.settings.null_status = False
    assert page.raw("PATCH", f"/components/{API}/status", {"status": None}).status_code == 400


def test_reopening_is_a_switch(page: Client) -> None:
    made = page.incident()
    page.update(made, "Resolved")
    page.update(made, "Investigating")
    page.update(made, "Resolved")
    page.settings.reopening = False
    again = {"status": "Investigating", "message": "x"}
    assert page.raw("POST", f"/incidents/{made['id']}/updates", again).status_code == 400


def test_points_are_cut_to_the_minute_replaced_and_dropped_when_old(page: Client) -> None:
    metric = page.ok("POST", "/custom-metrics", {"name": "Queue", "rollup": "sum of ALL values"})
    assert metric["rollup"] == "Sum of all values"
    now = int(page.clock.now().timestamp())
    limit = now - 30 * 86_400
    seconds = [now + 59, now, limit, limit - 1, now + 30]
    points = [{"timestamp": second, "value": number} for number, second in enumerate(seconds)]
    answer = page.ok("POST", "/custom-metrics/data", {"data": {metric["id"]: points}})
    assert answer == {metric["id"]: [{"timestamp": limit, "value": 2}, {"timestamp": now, "value": 4}]}


def test_an_unknown_metric_refuses_the_whole_call_or_is_passed_over(page: Client) -> None:
    metric = page.ok("POST", "/custom-metrics", {"name": "Queue"})["id"]
    point = [{"timestamp": int(page.clock.now().timestamp()), "value": 1}]
    body = {"data": {metric: point, "nobody": point}}
    assert page.raw("POST", "/custom-metrics/data", body).status_code == 400
    assert page.sandbox.journal.entries("pingpong", "metric_points") == []
    page.settings.refuse_unknown_metrics = False
    assert list(page.ok("POST", "/custom-metrics/data", body)) == [metric]


def test_the_badges_need_no_key(page: Client) -> None:
    page.incident(**imposed("Critical state"), occurred_at="2026-05-03T12:00:00Z")

    def badge(what: str, key: str = WIDGET_KEY) -> requests.Response:
        return requests.get(f"{page.url}/widget/shields/{what}/{key}", timeout=5)

    assert badge("status").json() == {"status": "Major issues"}
    assert badge("uptime").json() == {"uptime": 96.67}
    assert badge("status", "sp_00").status_code == 404
