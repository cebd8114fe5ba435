"""The Statuspage sandbox over HTTP: what writing incidents, components and groups does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import COMPONENT_IDS, GROUP_ID, PAGE_ID

API, WEBSITE = COMPONENT_IDS["Public API"], COMPONENT_IDS["Website"]
DASHBOARD, JOBS = COMPONENT_IDS["Dashboard"], COMPONENT_IDS["Background jobs"]
ID = re.compile(r"[0-9b-df-hj-np-tv-z]{12}\Z")


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, **delta: float) -> None:
        self.time += timedelta(**delta)


class Client:
    """Calls the v1 API of a served sandbox."""

    def __init__(self, sandbox: Sandbox, clock: Hands, url: str) -> None:
        self.sandbox, self.clock, self.url = sandbox, clock, url
        self.settings = sandbox.plugins["statuspage"].settings
        self._session = requests.Session()
        self._session.headers["Authorization"] = "OAuth sandbox"

    def raw(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        url = f"{self.url}/statuspage/v1/pages/{PAGE_ID}{path}"
        return self._session.request(method, url, json=body, timeout=5, **options)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.raw(method, path, body, **options)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def incident(self, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ok("POST", "/incidents", {"incident": {"name": "Errors", **fields}})
        return made

    def patch(self, incident: dict[str, Any], **fields: Any) -> dict[str, Any]:
        changed: dict[str, Any] = self.ok("PATCH", f"/incidents/{incident['id']}", {"incident": fields})
        return changed

    def status(self, component: str) -> str:
        return str(self.ok("GET", f"/components/{component}")["status"])

    def mails(self) -> list[dict[str, Any]]:
        return [dict(entry.row or {}) for entry in self.sandbox.journal.entries("statuspage", "notification")]


@pytest.fixture
def page() -> Iterator[Client]:
    clock = Hands()
    sandbox = Sandbox(clock)
    sandbox.plugins["statuspage"].settings.rate_limit = None
    with serve(sandbox) as server:
        yield Client(sandbox, clock, server.url)


def window(page: Client, **fields: Any) -> dict[str, Any]:
    start = page.clock.now() + timedelta(hours=2)
    times = {"scheduled_for": start.isoformat(), "scheduled_until": (start + timedelta(hours=1)).isoformat()}
    return page.incident(**{**times, "component_ids": [API], **fields})


def test_the_seeded_page_has_four_components_and_the_group_among_them(page: Client) -> None:
    rows = page.ok("GET", "/components")
    assert [row["name"] for row in rows if not row["group"]] == list(COMPONENT_IDS)
    (group,) = [row for row in rows if row["group"]]
    assert group["id"] == GROUP_ID
    assert group["automation_email"] is None
    assert page.ok("GET", "/component-groups")[0]["components"] == [API, WEBSITE]
    assert [row["position"] for row in rows if row["group_id"] == GROUP_ID] == [1, 2]


def test_a_components_map_moves_components_and_the_update_tells_old_and_new(page: Client) -> None:
    made = page.incident(body="Looking.", components={API: "major_outage"}, component_ids=[API, DASHBOARD])
    assert ID.match(made["id"])
    assert page.status(API) == "major_outage"
    assert page.status(DASHBOARD) == "operational"
    (update,) = made["incident_updates"]
    assert update["affected_components"] == [
        {"code": API, "name": "Core - Public API", "old_status": "operational", "new_status": "major_outage"},
        {"code": DASHBOARD, "name": "Dashboard", "old_status": "operational", "new_status": "operational"},
    ]
    assert [row["name"] for row in made["components"]] == ["Public API", "Dashboard"]


def test_an_update_without_attached_components_has_null_and_not_an_empty_list(page: Client) -> None:
    assert page.incident(body="x")["incident_updates"][0]["affected_components"] is None


def test_a_list_instead_of_a_map_is_refused(page: Client) -> None:
    answer = page.raw("POST", "/incidents", {"incident": {"name": "x", "components": [API]}})
    assert answer.status_code == 422
    assert "map" in answer.json()["error"][0]


def test_resolving_restores_no_component(page: Client) -> None:
    made = page.incident(body="x", components={API: "partial_outage"})
    solved = page.patch(made, status="resolved")
    assert solved["resolved_at"] is not None
    assert page.status(API) == "partial_outage"
    page.patch(made, status="resolved", components={API: "operational"})
    assert page.status(API) == "operational"


def test_status_and_body_together_make_one_update_and_one_after_the_other_two(page: Client) -> None:
    made = page.incident(body="first")
    together = page.patch(made, status="identified", body="second")
    assert [update["body"] for update in together["incident_updates"]] == ["second", "first"]
    page.patch(made, status="monitoring")
    apart = page.patch(made, body="fourth")
    assert [update["status"] for update in apart["incident_updates"][:2]] == ["monitoring", "monitoring"]
    assert len(apart["incident_updates"]) == 4


def test_a_change_of_name_or_metadata_or_components_makes_no_update(page: Client) -> None:
    made = page.incident(body="first")
    changed = page.patch(made, name="Other", metadata={"bridge": {"key": "a"}}, components={API: "major_outage"})
    assert len(changed["incident_updates"]) == 1
    assert changed["metadata"] == {"bridge": {"key": "a"}}
    assert page.status(API) == "major_outage"


@pytest.mark.parametrize("metadata", [{"flat": "text"}, {"number": 1}, {"list": ["a"]}, ["a"]])
def test_metadata_must_be_an_object_of_objects(page: Client, metadata: Any) -> None:
    answer = page.raw("POST", "/incidents", {"incident": {"name": "x", "metadata": metadata}})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"name": "x", "body": "x" * 25_001},
        {"name": "x", "status": "down"},
        {"name": "x", "deliver_notifications": "t"},
        {"name": "x", "components": {API: "broken"}},
        {"name": "x", "components": {"nnnnnnnnnnnn": "operational"}},
        {"name": "x", "reminder_intervals": "[5, 3]"},
        {"name": "x", "scheduled_for": "2026-05-04"},
        {"name": "x", "status": "scheduled"},
        {"name": "x", "backfilled": True, "components": {API: "operational"}},
    ],
)
def test_what_does_not_fit_is_refused_with_422_and_changes_nothing(page: Client, fields: dict[str, Any]) -> None:
    assert page.raw("POST", "/incidents", {"incident": fields}).status_code == 422
    assert page.ok("GET", "/incidents") == []
    assert page.sandbox.journal.entries("statuspage") == []


def test_times_are_whole_seconds_on_incidents_and_milliseconds_on_updates(page: Client) -> None:
    made = page.incident(body="x")
    assert made["created_at"] == "2026-05-04T12:00:00Z"
    assert made["incident_updates"][0]["created_at"] == "2026-05-04T12:00:00.123Z"


def test_editing_display_at_moves_the_derived_times(page: Client) -> None:
    made = page.patch(page.incident(body="x"), status="resolved")
    last, first = made["incident_updates"]
    for update, when in ((first, "2026-05-01T10:00:00Z"), (last, "2026-05-01T13:00:00+02:00")):
        path = f"/incidents/{made['id']}/incident_updates/{update['id']}"
        page.ok("PATCH", path, {"incident_update": {"display_at": when}})
    seen = page.ok("GET", f"/incidents/{made['id']}")
    assert seen["started_at"] == "2026-05-01T10:00:00Z"
    assert seen["resolved_at"] == "2026-05-01T11:00:00Z"
    assert seen["created_at"] == made["created_at"]


def test_impact_is_sticky_and_the_override_wins(page: Client) -> None:
    made = page.incident(body="x", components={API: "major_outage", DASHBOARD: "partial_outage"})
    assert made["impact"] == "major"
    solved = page.patch(made, status="resolved", components={API: "operational", DASHBOARD: "operational"})
    assert solved["impact"] == "major"
    assert page.patch(made, impact_override="minor")["impact"] == "minor"
    assert page.patch(made, impact_override=None)["impact"] == "major"


def test_monitoring_at_is_the_first_monitoring_update(page: Client) -> None:
    made = page.incident(body="x")
    page.clock.move(minutes=5)
    first = page.patch(made, status="monitoring")["monitoring_at"]
    page.clock.move(minutes=5)
    page.patch(made, status="investigating")
    page.clock.move(minutes=5)
    assert page.patch(made, status="monitoring")["monitoring_at"] == first


def test_subscribers_are_mailed_unless_the_update_says_no(page: Client) -> None:
    for email, ids in (("all@example.com", None), ("api@example.com", [API]), ("jobs@example.com", [JOBS])):
        fields = {"email": email, "skip_confirmation_notification": True} | ({"component_ids": ids} if ids else {})
        page.ok("POST", "/subscribers", {"subscriber": fields})
    made = page.incident(body="x", components={API: "major_outage"})
    page.patch(made, body="quiet", deliver_notifications=False)
    page.ok("PATCH", f"/components/{API}", {"component": {"status": "operational"}})
    (mail,) = page.mails()
    assert mail["recipients"] == ["all@example.com", "api@example.com"]
    assert mail["incident_update_id"] == made["incident_updates"][0]["id"]


def test_updates_can_be_edited_but_neither_posted_nor_deleted(page: Client) -> None:
    made = page.incident(body="x")
    path = f"/incidents/{made['id']}/incident_updates"
    update = made["incident_updates"][0]["id"]
    assert page.raw("POST", path, {"incident_update": {"body": "y"}}).status_code == 404
    assert page.raw("DELETE", f"{path}/{update}").status_code == 404
    assert page.ok("PUT", f"{path}/{update}", {"incident_update": {"body": "y"}})["body"] == "y"
    assert len(page.mails()) == 1


def test_a_deleted_incident_is_answered_once_more_and_then_gone(page: Client) -> None:
    made = page.incident(body="x")
    assert page.ok("DELETE", f"/incidents/{made['id']}")["id"] == made["id"]
    gone = page.raw("GET", f"/incidents/{made['id']}")
    assert (gone.status_code, gone.json()) == (404, {"error": "not found"})


def test_the_list_variants_select_by_status(page: Client) -> None:
    open_one, solved, planned = page.incident(body="a"), page.incident(body="b"), window(page)
    running = window(page)
    page.patch(solved, status="resolved")
    page.patch(running, status="in_progress")
    found = {
        name: [row["id"] for row in page.ok("GET", f"/incidents/{name}")]
        for name in ("unresolved", "scheduled", "upcoming", "active_maintenance")
    }
    assert found["unresolved"] == [open_one["id"]]
    assert found["upcoming"] == [planned["id"]]
    assert found["active_maintenance"] == [running["id"]]
    assert set(found["scheduled"]) == {planned["id"], running["id"]}
    assert len(page.ok("GET", "/incidents")) == 4
    assert [row["id"] for row in page.ok("GET", "/incidents?q=RESOLVED")] == [solved["id"]]


def test_a_maintenance_moves_by_itself_only_with_its_flags(page: Client) -> None:
    flags = {
        "scheduled_auto_in_progress": True,
        "scheduled_auto_completed": True,
        "auto_transition_to_maintenance_state": True,
        "auto_transition_to_operational_state": True,
        "auto_transition_deliver_notifications_at_end": False,
    }
    automatic, manual = window(page, **flags), window(page)
    assert automatic["impact"] == "maintenance"
    page.clock.move(hours=2, seconds=1)
    started = page.ok("GET", f"/incidents/{automatic['id']}")
    assert (started["status"], page.status(API)) == ("in_progress", "under_maintenance")
    page.clock.move(hours=1)
    ended = page.ok("GET", f"/incidents/{automatic['id']}")
    assert (ended["status"], page.status(API)) == ("completed", "operational")
    assert [update["deliver_notifications"] for update in ended["incident_updates"]] == [False, True, True]
    assert ended["resolved_at"] == ended["scheduled_until"]
    assert page.ok("GET", f"/incidents/{manual['id']}")["status"] == "scheduled"


def test_the_reminder_comes_an_hour_before(page: Client) -> None:
    made = window(page, scheduled_remind_prior=True, deliver_notifications=False)
    page.clock.move(minutes=61)
    seen = page.ok("GET", f"/incidents/{made['id']}")
    assert seen["scheduled_reminded_at"] == "2026-05-04T13:00:00Z"
    assert [mail["reason"] for mail in page.mails()] == ["reminder"]


def test_a_maintenance_must_end_after_it_starts_and_keeps_to_its_words(page: Client) -> None:
    same = page.clock.now().isoformat()
    fields = {"name": "x", "scheduled_for": same, "scheduled_until": same}
    assert page.raw("POST", "/incidents", {"incident": fields}).status_code == 422
    planned, real = window(page), page.incident(body="x")
    path = f"/incidents/{planned['id']}"
    assert page.raw("PATCH", path, {"incident": {"status": "resolved"}}).status_code == 422
    path = f"/incidents/{real['id']}"
    assert page.raw("PATCH", path, {"incident": {"status": "completed"}}).status_code == 422


def test_a_backfilled_incident_is_resolved_quiet_and_final(page: Client) -> None:
    made = page.incident(body="long ago", backfilled=True, backfill_date="2025-02-03")
    assert (made["status"], made["resolved_at"]) == ("resolved", "2025-02-03T00:00:00Z")
    assert page.mails() == []
    assert page.raw("PATCH", f"/incidents/{made['id']}", {"incident": {"body": "y"}}).status_code == 422


def test_reopening_is_a_switch(page: Client) -> None:
    made = page.patch(page.incident(body="x"), status="resolved")
    assert page.patch(made, status="investigating")["resolved_at"] is None
    page.patch(made, status="resolved")
    page.settings.reopening = False
    assert page.raw("PATCH", f"/incidents/{made['id']}", {"incident": {"status": "identified"}}).status_code == 422


def test_a_group_dies_with_its_last_member_and_leaves_no_orphans_behind(page: Client) -> None:
    assert page.raw("DELETE", f"/components/{API}").status_code == 204
    assert page.ok("GET", f"/component-groups/{GROUP_ID}")["components"] == [WEBSITE]
    page.ok("PATCH", f"/components/{WEBSITE}", {"component": {"group_id": None}})
    assert page.raw("GET", f"/component-groups/{GROUP_ID}").status_code == 404
    assert page.ok("GET", f"/components/{WEBSITE}")["group_id"] is None


def test_a_group_needs_name_and_members_and_takes_its_description_inside(page: Client) -> None:
    body: dict[str, Any] = {"component_group": {"name": "Other", "components": [JOBS, API], "description": "in"}}
    made = page.ok("POST", "/component-groups", body | {"description": "beside"})
    assert (made["description"], made["components"]) == ("in", [JOBS, API])
    assert page.ok("GET", f"/component-groups/{GROUP_ID}")["components"] == [WEBSITE]
    path = f"/component-groups/{made['id']}"
    assert page.raw("PATCH", path, {"component_group": {"name": "Half"}}).status_code == 422
    assert (
        page.raw("POST", "/component-groups", {"component_group": {"name": "x", "components": []}}).status_code == 422
    )
    page.ok("DELETE", path)
    assert page.ok("GET", f"/components/{JOBS}")["group_id"] is None


def test_component_names_need_not_be_unique(page: Client) -> None:
    first = page.ok("POST", "/components", {"component": {"name": "Twin", "group_id": GROUP_ID}})
    second = page.ok("POST", "/components", {"component": {"name": "Twin", "group_id": "null"}})
    assert first["id"] != second["id"]
    assert (first["group_id"], second["group_id"]) == (GROUP_ID, None)
    assert (first["status"], first["showcase"], first["start_date"]) == ("operational", True, "2026-05-04")


def test_the_journal_tells_every_write_in_order(page: Client) -> None:
    page.incident(body="x", components={API: "major_outage"})
    entries = page.sandbox.journal.entries("statuspage")
    assert [entry.kind for entry in entries] == ["incident", "incident_update", "component", "notification"]
    assert entries[0].page["components"][API] == {"name": "Public API", "status": "major_outage"}
    assert entries[0].method == "POST"
