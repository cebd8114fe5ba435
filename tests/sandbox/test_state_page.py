"""The realistic page: what is planned, what each provider makes of it, and that all of it can be read."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import test_pingpong_operations as pingpong_operations
import test_statuspage_operations as statuspage_operations
from state_driver import HEADERS, PREFIX

from bridge.config.settings import DestinationSettings
from bridge.model.enums import Kind
from bridge.providers import registry
from bridge.providers.base.pace import LocalBudget
from bridge.sandbox.app import Sandbox
from bridge.sandbox.dump.document import counts, from_text, to_text
from bridge.sandbox.realistic.page import plan_page
from bridge.sandbox.realistic.plan import PlannedPage
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import ORGANIZATION_ID, PAGE_ID
from bridge.secret import Secret

NOW = datetime(2026, 5, 4, 12, 34, 56, tzinfo=UTC)


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture(scope="module")
def plan() -> PlannedPage:
    return plan_page(1, NOW)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    made = Sandbox(Still(), rows="page")
    made.plugins["statuspage"].settings.rate_limit = None
    made.plugins["cachet3"].settings.rate_limit = None
    return made


def test_the_plan_has_the_size_of_a_page_of_three_years(plan: PlannedPage) -> None:
    assert (len(plan.groups), len(plan.components), len(plan.incidents), len(plan.maintenances)) == (9, 60, 400, 20)
    assert sum(len(incident.updates) for incident in plan.incidents) == 1500
    months = Counter(incident.report.at.strftime("%Y-%m") for incident in plan.incidents)
    assert len(months) >= 36
    assert max(months.values()) < 30
    assert timedelta(days=3 * 365 - 20) < NOW - plan.incidents[0].report.at < timedelta(days=3 * 365)
    assert Counter(maintenance.step for maintenance in plan.maintenances) == {
        "completed": 14, "in_progress": 2, "scheduled": 4,
    }  # fmt: skip
    assert {subscriber.channel for subscriber in plan.subscribers} == {"email", "sms", "webhook", "slack", "teams"}
    assert sum(len(metric.points) for metric in plan.metrics) > 1500


def test_the_same_seed_gives_the_same_page_and_another_one_another(plan: PlannedPage) -> None:
    assert plan_page(1, NOW) == plan
    assert plan_page(1, NOW.replace(minute=2)) == plan, "the present counts to the hour"
    assert plan_page(2, NOW).incidents != plan.incidents


@pytest.mark.parametrize("seed", range(1, 6))
def test_every_history_goes_forward_and_ends_before_the_present(seed: int) -> None:
    plan = plan_page(seed, NOW)
    begins = [incident.report.at for incident in plan.incidents]
    assert begins == sorted(begins)
    for incident in plan.incidents:
        moments = [entry.at for entry in incident.entries]
        assert all(before < after for before, after in pairwise(moments)), incident.title
        assert moments[-1] < plan.now
    for maintenance in plan.maintenances:
        steps = [notice.at for notice in maintenance.notices]
        assert steps == sorted(steps)
        assert maintenance.starts_at < maintenance.ends_at
        assert steps[-1] <= plan.now
    assert len({(s.channel, s.address) for s in plan.subscribers}) == len(plan.subscribers)


def test_incidents_are_as_long_as_told_and_as_bad_as_real_ones(plan: PlannedPage) -> None:
    over = [incident for incident in plan.incidents if incident.phase == "resolved"]
    assert len(over) == 397
    lengths = sorted((i.entries[-1].at - i.report.at) / timedelta(minutes=1) for i in over)
    assert lengths[0] < 10
    assert 20 < lengths[len(lengths) // 2] < 120
    assert sum(length > 1440 for length in lengths) == 3
    assert max(len(incident.updates) for incident in over) == 31
    worst = Counter(health for incident in over for health in incident.worst().values())
    assert set(worst) == {"degraded", "partial", "major"}
    assert sum(not incident.worst() for incident in over) > 5, "some hit nothing in particular"
    assert sum(incident.hidden for incident in over) == 8
    texts = [entry.text for incident in plan.incidents for entry in incident.entries]
    titles = [incident.title for incident in plan.incidents]
    assert any("{what}" in text or "{share}" in text for text in [*texts, *titles]) is False
    assert min(map(len, texts)) == 1
    assert max(map(len, texts)) > 3000
    for odd in ("<script>", "🔥", "{{ incident", "انقطاع", "決済", "&lt;"):
        assert any(odd in title for title in titles), odd


COUNTS = {
    "cachet2": {"groups": 9, "components": 60, "incidents": 400, "updates": 1500, "schedules": 20},
    "cachet3": {"groups": 9, "components": 60, "incidents": 400, "schedules": 20},
    "statuspage": {"component_groups": 9, "components": 60, "incidents": 420, "postmortems": 14},
    "pingpong": {"groups": 9, "components": 60, "incidents": 400, "updates": 1500, "maintenances": 20},
}  # fmt: skip


def test_each_provider_has_all_of_it(sandbox: Sandbox) -> None:
    found = counts(sandbox.dump())
    for provider, wanted in COUNTS.items():
        assert {kind: found[provider][kind] for kind in wanted} == wanted
    planned = plan_page(1, NOW)
    notices = sum(len(maintenance.notices) for maintenance in planned.maintenances)
    assert found["cachet3"]["updates"] == 1500 + notices - 20
    assert found["statuspage"]["incident_updates"] == 400 + 1500 + notices
    for provider in ("cachet2", "cachet3"):
        assert found[provider]["points"] > 1500
        assert found[provider]["subscribers"] > 100
    assert found["statuspage"]["subscribers"] + found["statuspage"]["removed_subscribers"] == 200


@pytest.mark.parametrize("provider", COUNTS)
def test_a_provider_is_seeded_in_less_than_two_seconds(provider: str) -> None:
    sandbox = Sandbox(Still(), rows="empty")
    sandbox.contexts[provider].rows = "page"
    begun = time.process_time()
    sandbox.plugins[provider].reset()
    assert time.process_time() - begun < 2


def test_a_dumped_page_is_loaded_to_the_byte(sandbox: Sandbox) -> None:
    text = to_text(sandbox.dump())
    other = Sandbox(Still(), seed=4)
    other.load(from_text(text))
    assert to_text(other.dump()) == text


def test_a_reset_goes_back_to_the_page(sandbox: Sandbox) -> None:
    other, part = Sandbox(Still()), sandbox.dump(["pingpong"])
    other.fill("page")
    assert other.dump(["pingpong"]) == part
    answer = other.app.test_client().post(
        f"{PREFIX['pingpong']}/incidents", json={"title": "One more"}, headers=HEADERS["pingpong"]
    )
    assert answer.status_code == 201
    assert other.dump(["pingpong"]) != part
    other.reset()
    assert other.dump(["pingpong"]) == part


def _read_all(sandbox: Sandbox, provider: str, path: str, rows: Callable[[Any], list[Any]], size: str) -> list[Any]:
    """All pages of a list, as a client reads them."""
    client, found = sandbox.app.test_client(), []
    first = 0 if path.startswith("/subscribers?") and provider == "statuspage" else 1
    for page in range(first, 100):
        sign = "&" if "?" in path else "?"
        address = f"{PREFIX[provider]}{path}{sign}{size}=50&page={page}"
        answer = client.get(address, headers=HEADERS[provider])
        assert answer.status_code == 200, (address, answer.text[:300])
        got = rows(answer.json)
        found += got
        if len(got) < 50:
            return found
    raise AssertionError(f"{path} does not end")


def _data(body: Any) -> list[Any]:
    found: list[Any] = body["data"]
    return found


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/components", 60), ("/components/groups", 9), ("/incidents", 400), ("/incidents/templates", 4),
        ("/schedules", 20), ("/metrics", 6), ("/metrics/1/points", 325), ("/subscribers", 152),
    ],
)  # fmt: skip
def test_every_list_of_cachet_2_can_be_read_to_its_end(sandbox: Sandbox, path: str, wanted: int) -> None:
    rows = _read_all(sandbox, "cachet2", path, _data, "per_page")
    assert len({row["id"] for row in rows}) == len(rows) == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/components", 58), ("/component-groups", 9), ("/incidents?include=updates,components", 400),
        ("/incident-templates", 4), ("/schedules?include=updates,components", 20), ("/metrics", 6),
        ("/metrics/1/points", 325), ("/subscribers?include=components", 152),
    ],
)  # fmt: skip
def test_every_list_of_cachet_3_can_be_read_to_its_end(sandbox: Sandbox, path: str, wanted: int) -> None:
    rows = _read_all(sandbox, "cachet3", path, _data, "per_page")
    assert len({row["id"] for row in rows}) == len(rows) == wanted


def test_what_is_hidden_is_seen_with_a_token_only(sandbox: Sandbox) -> None:
    client = sandbox.app.test_client()
    for provider, path in (("cachet2", "/incidents?per_page=1000"), ("cachet3", "/incidents?per_page=100&page=4")):
        rows = [
            {str(row["id"]) for row in client.get(f"{PREFIX[provider]}{path}", headers=headers).json["data"]}
            for headers in ({}, HEADERS[provider])
        ]
        assert len(rows[0]) == (392 if provider == "cachet2" else 92)
        assert len(rows[1]) == (400 if provider == "cachet2" else 100)
    assert len(client.get("/cachet3/api/component-groups").json["data"]) == 8


class StatuspagePage(statuspage_operations.Checked):
    """Reads the page, each answer in the shape of its operation."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._client = sandbox.app.test_client()
        self.seen = set()

    def read_all(self, template: str, size: str, first: int = 1, **ids: str) -> list[Any]:
        found: list[Any] = []
        for page in range(first, 60):
            rows = self.call("GET", template, query=f"?{size}=100&page={page}", **ids)
            found += rows
            if len(rows) < 100:
                break
        return found


def test_every_reading_operation_of_statuspage_answers_in_its_shape(sandbox: Sandbox) -> None:
    page, root = StatuspagePage(sandbox), "/pages/{page_id}"
    incidents = page.read_all(root + "/incidents", "limit")
    assert len(incidents) == 420
    assert sum(len(incident["incident_updates"]) for incident in incidents) > 1900
    assert {incident["impact"] for incident in incidents} == {"none", "maintenance", "minor", "major", "critical"}
    assert len(page.read_all(root + "/components", "per_page")) == 69
    assert len(page.read_all(root + "/subscribers", "limit", first=0)) > 150
    groups = page.read_all(root + "/component-groups", "per_page")
    metrics = page.read_all(root + "/metrics", "per_page")
    users = page.read_all(root + "/page_access_users", "per_page")
    access = page.read_all(root + "/page_access_groups", "per_page")
    providers = page.call("GET", root + "/metrics_providers")
    written = next(i for i in incidents if i["postmortem_body"])["id"]
    team = page.call("GET", "/organizations/{organization_id}/users")
    open_ones = page.call("GET", root + "/incidents/unresolved")
    assert len(open_ones) == 3
    follower = page.call("GET", root + "/incidents/{incident_id}/subscribers", incident_id=open_ones[0]["id"])
    ids = {
        "incident_id": written, "component_id": _shown(page), "id": groups[0]["id"], "metric_id": metrics[0]["id"],
        "metrics_provider_id": providers[0]["id"], "page_access_user_id": users[0]["id"],
        "page_access_group_id": access[0]["id"], "user_id": team[0]["id"], "organization_id": ORGANIZATION_ID,
        "subscriber_id": page.call("GET", root + "/subscribers")[0]["id"],
    }  # fmt: skip
    reading = [name for name in statuspage_operations.SHAPES["operations"] if name.startswith("GET ")]
    for operation in sorted(set(reading) - page.seen):
        mine = dict(ids)
        if "/incidents/{incident_id}/subscribers/{subscriber_id}" in operation:
            mine.update(incident_id=open_ones[0]["id"], subscriber_id=follower[0]["id"])
        page.call("GET", operation.removeprefix("GET "), **mine)
    assert page.seen == set(reading)
    uptime = page.call("GET", root + "/components/{component_id}/uptime", query="?start=2026-02&end=2026-04", **ids)
    assert 80 < uptime["uptime_percentage"] <= 100


def _shown(page: StatuspagePage) -> str:
    rows = page.call("GET", "/pages/{page_id}/components", query="?per_page=100")
    return str(next(row["id"] for row in rows if row["showcase"]))


class PingPongPage(pingpong_operations.Checked):
    """Reads the project, each answer in the shape of its operation."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._client = sandbox.app.test_client()
        self.seen = set()


def test_every_reading_operation_of_pingpong_answers_in_its_shape(sandbox: Sandbox) -> None:
    page = PingPongPage(sandbox)
    incidents = page.call("GET", "/incidents")
    assert len(incidents) == 400
    assert max(len(incident["title"]) for incident in incidents) <= 100
    assert all(incident["message"].startswith("<div>") for incident in incidents)
    ids = {path: page.call("GET", path)[0]["id"] for path in (
        "/components", "/component-groups", "/maintenance", "/metrics", "/custom-metrics",
    )}  # fmt: skip
    last = incidents[-1]
    reading = [name for name in pingpong_operations.SHAPES["operations"] if name.startswith("GET ")]
    for operation in sorted(set(reading) - page.seen):
        template = operation.removeprefix("GET ")
        kind = template.rsplit("/", 1)[0]
        more = {"incident_id": last["id"], "update_id": last["updates"][0]["id"], "id": ids.get(kind, last["id"])}
        page.call("GET", template, widget_key=pingpong_operations.WIDGET_KEY, **more)
    assert page.seen == set(reading)
    assert len(page.call("GET", "/incidents/ongoing")) == 3


@pytest.mark.parametrize("provider", COUNTS)
def test_our_own_readers_understand_every_component_incident_and_maintenance(sandbox: Sandbox, provider: str) -> None:
    path, options = ("/statuspage/v1", {"page_id": PAGE_ID}) if provider == "statuspage" else (PREFIX[provider], {})
    with serve(sandbox) as server:
        settings = DestinationSettings(provider, provider, Secret("sandbox"), server.url + path, options=options)
        reader = registry.make(settings, LocalBudget(100_000, 1.0), lambda call: None)
        found = {
            kind: [reader.read(kind, seen, "page", _identify)[0] for seen in reader.scan(kind)]
            for kind in (Kind.COMPONENT, Kind.INCIDENT, Kind.MAINTENANCE)
        }
        reader.close()
    assert {kind: len(read) for kind, read in found.items()} == {
        Kind.COMPONENT: 60, Kind.INCIDENT: 400, Kind.MAINTENANCE: 20,
    }  # fmt: skip
    assert sum(len(incident.updates) for incident in found[Kind.INCIDENT]) >= 1900  # type: ignore[union-attr]


def _identify(kind: Kind, id: str, at: datetime | None = None) -> str:
    return f"{kind.value[:3]}_{id}"


def test_people_and_programs_see_the_page_too(sandbox: Sandbox) -> None:
    client = sandbox.app.test_client()
    for provider in COUNTS:
        page = sandbox.plugins[provider].page()
        assert len(page.open_incidents) == 3
        assert len(page.past_incidents) >= 389
        html = client.get(f"/{provider}/")
        assert html.status_code == 200
        assert "<script>alert(" not in html.text
    summary = client.get("/statuspage/api/v2/summary.json").json
    assert (len(summary["incidents"]), len(summary["scheduled_maintenances"])) == (3, 6)
    assert len(client.get("/statuspage/api/v2/incidents.json").json["incidents"]) == 50
