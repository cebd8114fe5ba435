"""Every operation of the Statuspage v1 API answers with the status and the shape of the vendor's OpenAPI document.

``data/statuspage_shapes.json`` holds the success status and the body's schema of each operation. It follows the
document except where real answers are known to differ (lists typed as strings, dates typed as times and so on). On top
of it every property must be there, may be null, and nothing else may be there.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from bridge.sandbox.app import Sandbox
from bridge.sandbox.statuspage import COMPONENT_IDS, GROUP_ID, ORGANIZATION_ID, PAGE_ID

SHAPES = json.loads((Path(__file__).parent / "data" / "statuspage_shapes.json").read_text())
API, JOBS = COMPONENT_IDS["Public API"], COMPONENT_IDS["Background jobs"]


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


class Checked:
    """Calls the API and compares each answer with the shape of its operation."""

    def __init__(self) -> None:
        sandbox = Sandbox(Still())
        sandbox.plugins["statuspage"].settings.rate_limit = None
        self._client = sandbox.app.test_client()
        self.seen: set[str] = set()

    def call(self, method: str, template: str, body: Any = None, query: str = "", **ids: str) -> Any:
        operation = f"{method} {template}"
        shape = SHAPES["operations"][operation]
        ids = {"page_id": PAGE_ID, "organization_id": ORGANIZATION_ID, **ids}
        path = re.sub(r"\{(\w+)\}", lambda match: ids[match[1]], template)
        headers = {"Authorization": "OAuth sandbox"}
        answer = self._client.open(f"/statuspage/v1{path}{query}", method=method, json=body, headers=headers)
        assert answer.status_code == shape["status"], (operation, answer.text)
        self.seen.add(operation)
        if shape["body"] is None:
            assert answer.data == b"", operation
            return None
        schema = {**shape["body"], "$defs": SHAPES["schemas"]}
        problems = [
            f"{operation} {error.json_path}: {error.message}"
            for error in Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(answer.json)
        ]
        assert problems == []
        return answer.json

    def both(self, template: str, body: Any = None, **ids: str) -> Any:
        self.call("PATCH", template, body, **ids)
        return self.call("PUT", template, body, **ids)


P, O = "/pages/{page_id}", "/organizations/{organization_id}"  # noqa: E741 - as the reference names them


def use_page_and_team(api: Checked) -> None:
    api.call("GET", "/pages")
    api.both(P, {"page": {"name": "Renamed", "time_zone": "Berlin", "css_reds": "ff0000"}})
    assert api.call("GET", P)["name"] == "Renamed"
    api.both(P + "/status_embed_config", {"status_embed_config": {"position": "top-left"}})
    assert api.call("GET", P + "/status_embed_config")["position"] == "top-left"
    user = api.call("POST", O + "/users", {"user": {"email": "new@example.com", "password": "long enough"}})["id"]
    assert len(api.call("GET", O + "/users")) == 2
    roles = {"pages": {PAGE_ID: {"incident_manager": True}}}
    api.call("PUT", O + "/permissions/{user_id}", roles, user_id=user)
    assert api.call("GET", O + "/permissions/{user_id}", user_id=user)["data"]["pages"] == roles["pages"]
    api.call("PUT", O + "/permissions/{user_id}", {"pages": {}}, user_id=user)
    assert api.call("GET", O + "/permissions/{user_id}", user_id=user)["data"]["pages"] == {}
    api.call("DELETE", O + "/users/{user_id}", user_id=user)


def use_components(api: Checked) -> None:
    one = P + "/components/{component_id}"
    made = api.call("POST", P + "/components", {"component": {"name": "New", "description": "d"}})["id"]
    api.both(one, {"component": {"status": "under_maintenance", "group_id": GROUP_ID}}, component_id=made)
    assert api.call("GET", one, component_id=made)["group_id"] == GROUP_ID
    assert len(api.call("GET", P + "/components", query="?per_page=100&page=1")) == 6
    api.call("GET", one + "/uptime", component_id=made, query="?start=2026-05&end=2026-05-04")
    user = api.call("POST", P + "/page_access_users", {"page_access_user": {"email": "c@example.com"}})["id"]
    api.call("POST", one + "/page_access_users", {"page_access_user_ids": [user]}, component_id=made)
    api.call("DELETE", one + "/page_access_users", component_id=made)
    api.call("POST", one + "/page_access_groups", component_id=made)
    api.call("DELETE", one + "/page_access_groups", component_id=made)
    api.call("DELETE", one, component_id=made)


def use_groups(api: Checked) -> None:
    one = P + "/component-groups/{id}"
    body = {"component_group": {"name": "Others", "components": [JOBS]}}
    made = api.call("POST", P + "/component-groups", body)["id"]
    assert len(api.call("GET", P + "/component-groups")) == 2
    assert api.call("GET", one, id=made)["components"] == [JOBS]
    api.both(one, body, id=made)
    api.call("GET", one + "/uptime", id=made)
    api.call("DELETE", one, id=made)


def use_incidents(api: Checked) -> None:
    one = P + "/incidents/{incident_id}"
    fields = {"name": "Down", "body": "x", "components": {API: "major_outage"}, "metadata": {"a": {"b": "c"}}}
    made = api.call("POST", P + "/incidents", {"incident": fields})
    id = made["id"]
    assert len(api.call("GET", P + "/incidents")) == 1
    for name in ("unresolved", "scheduled", "upcoming", "active_maintenance"):
        api.call("GET", f"{P}/incidents/{name}")
    api.both(one, {"incident": {"status": "identified", "body": "y"}}, incident_id=id)
    update = made["incident_updates"][0]["id"]
    edit = {"incident_update": {"body": "z"}}
    api.both(one + "/incident_updates/{incident_update_id}", edit, incident_id=id, incident_update_id=update)
    subscriber = {"subscriber": {"email": "f@example.com"}}
    follower = api.call("POST", one + "/subscribers", subscriber, incident_id=id)["id"]
    ids = {"incident_id": id, "subscriber_id": follower}
    assert len(api.call("GET", one + "/subscribers", incident_id=id)) == 1
    api.call("GET", one + "/subscribers/{subscriber_id}", **ids)
    api.call("POST", one + "/subscribers/{subscriber_id}/resend_confirmation", **ids)
    api.call("DELETE", one + "/subscribers/{subscriber_id}", **ids)
    api.call("PUT", one + "/postmortem", {"postmortem": {"body_draft": "why"}}, incident_id=id)
    published = api.call("PUT", one + "/postmortem/publish", {"postmortem": {}}, incident_id=id)
    assert published["body"] == "why"
    assert api.call("GET", one, incident_id=id)["postmortem_body"] == "why"
    assert api.call("PUT", one + "/postmortem/revert", incident_id=id)["body"] is None
    assert api.call("GET", one + "/postmortem", incident_id=id)["body_draft"] == "why"
    api.call("DELETE", one + "/postmortem", incident_id=id)
    api.call("DELETE", one, incident_id=id)


def use_templates(api: Checked) -> None:
    fields = {"name": "n", "title": "t", "body": "b", "component_ids": [API], "update_status": "identified"}
    api.call("POST", P + "/incident_templates", {"template": fields})
    assert api.call("GET", P + "/incident_templates")[0]["components"][0]["id"] == API


def use_subscribers(api: Checked) -> None:
    one = P + "/subscribers/{subscriber_id}"
    fields = {"email": "s@example.com", "component_ids": [API]}
    made = api.call("POST", P + "/subscribers", {"subscriber": fields})["id"]
    hook = api.call("POST", P + "/subscribers", {"subscriber": {"endpoint": "https://hooks.example.com/x"}})
    assert [row["id"] for row in api.call("GET", P + "/subscribers")] == [hook["id"]], "active ones only"
    assert len(api.call("GET", P + "/subscribers", query="?state=all&q=EXAMPLE&sort_direction=desc")) == 2
    assert api.call("GET", P + "/subscribers/count", query="?state=all")["email"] == 1
    assert api.call("GET", P + "/subscribers/histogram_by_state")["email"]["unconfirmed"] == 1
    api.call("PATCH", one, {"component_ids": [JOBS]}, subscriber_id=made)
    assert api.call("GET", one, subscriber_id=made)["components"] == [JOBS]
    api.call("POST", one + "/resend_confirmation", subscriber_id=made)
    api.call("POST", P + "/subscribers/resend_confirmation", {"subscribers": "all"})
    api.call("POST", P + "/subscribers/reactivate", {"subscribers": [made]})
    api.call("POST", P + "/subscribers/unsubscribe", {"subscribers": [made], "state": "all"})
    api.call("DELETE", one, subscriber_id=hook["id"])
    assert len(api.call("GET", P + "/subscribers/unsubscribed")) == 2


def use_metrics(api: Checked) -> str:
    providers, one = P + "/metrics_providers", P + "/metrics/{metric_id}"
    own = api.call("POST", providers, {"metrics_provider": {"type": "Self"}})["id"]
    other = {"type": "Datadog", "api_key": "k", "application_key": "a", "metric_base_uri": "https://dd.example.com"}
    gone = api.call("POST", providers, {"metrics_provider": other})["id"]
    assert len(api.call("GET", providers)) == 2
    name = providers + "/{metrics_provider_id}"
    api.both(name, {"metrics_provider": {"metric_base_uri": "https://eu.example.com"}}, metrics_provider_id=gone)
    api.call("GET", name, metrics_provider_id=gone)
    api.call("DELETE", name, metrics_provider_id=gone)
    metric = api.call("POST", name + "/metrics", {"metric": {"name": "Latency"}}, metrics_provider_id=own)["id"]
    assert len(api.call("GET", name + "/metrics", metrics_provider_id=own)) == 1
    assert len(api.call("GET", P + "/metrics")) == 1
    api.call("GET", one, metric_id=metric)
    api.both(one, {"metric": {"name": "Response time"}}, metric_id=metric)
    second = int(Still().now().timestamp()) + 17
    point = api.call("POST", one + "/data", {"data": {"timestamp": second, "value": 3.5}}, metric_id=metric)
    assert point["data"]["timestamp"] == second - 17
    many = api.call("POST", P + "/metrics/data", {"data": {metric: [{"timestamp": second, "value": 4}]}})
    assert list(many) == [metric]
    api.call("DELETE", one + "/data", metric_id=metric)
    return str(metric)


def use_access(api: Checked, metric: str) -> None:
    user_path, group_path = P + "/page_access_users/{page_access_user_id}", P + "/page_access_groups"
    made = api.call("POST", P + "/page_access_users", {"page_access_user": {"email": "a@example.com"}})["id"]
    user = {"page_access_user_id": made}
    assert len(api.call("GET", P + "/page_access_users", query="?email=a@example.com")) == 1
    api.both(user_path, **user)
    fields = {"name": "Customers", "page_access_user_ids": [made]}
    group = {"page_access_group_id": api.call("POST", group_path, {"page_access_group": fields})["id"]}
    assert api.call("GET", user_path, **user)["page_access_group_ids"] == list(group.values())
    group_one = group_path + "/{page_access_group_id}"
    assert len(api.call("GET", group_path)) == 1
    api.both(group_one, {"page_access_group": {"name": "Clients"}}, **group)
    assert api.call("GET", group_one, **group)["name"] == "Clients"
    for owner, ids, path, arg, name in (
        (user_path, user, "components", "component_id", "component_ids"),
        (user_path, user, "metrics", "metric_id", "metric_ids"),
        (group_one, group, "components", "component_id", "component_ids"),
    ):
        use_access_list(api, f"{owner}/{path}", ids, arg, name, [metric] if arg == "metric_id" else [API, JOBS])
    api.call("DELETE", group_one, **group)
    api.call("DELETE", user_path, **user)


def use_access_list(api: Checked, path: str, owner: dict[str, str], arg: str, name: str, wanted: list[str]) -> None:
    """PATCH and PUT add, POST replaces."""
    api.call("POST", path, {name: wanted[:1]}, **owner)
    api.both(path, {name: wanted[-1:]}, **owner)
    assert [row["id"] for row in api.call("GET", path, **owner)] == wanted
    api.call("POST", path, {name: wanted[-1:]}, **owner)
    assert [row["id"] for row in api.call("GET", path, **owner)] == wanted[-1:]
    api.call("DELETE", f"{path}/{{{arg}}}", **owner, **{arg: wanted[-1]})
    assert api.call("GET", path, **owner) == []
    api.both(path, {name: wanted}, **owner)
    api.call("DELETE", path, **owner)
    assert api.call("GET", path, **owner) == []


@pytest.fixture(scope="module")
def used() -> Checked:
    api = Checked()
    use_page_and_team(api)
    use_components(api)
    use_groups(api)
    use_incidents(api)
    use_templates(api)
    use_subscribers(api)
    metric = use_metrics(api)
    use_access(api, metric)
    api.call("DELETE", P + "/metrics/{metric_id}", metric_id=metric)
    return api


def test_every_operation_of_the_document_answers_in_its_shape(used: Checked) -> None:
    assert set(SHAPES["operations"]) - used.seen == set()
    assert len(SHAPES["operations"]) == 112


@pytest.fixture
def client() -> Any:
    sandbox = Sandbox(Still())
    sandbox.plugins["statuspage"].settings.rate_limit = None
    flask = sandbox.app.test_client()

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": "OAuth sandbox"}
        answer = flask.open(f"/statuspage/v1/pages/{PAGE_ID}{path}", method=method, json=body, headers=headers)
        return answer.status_code, answer.get_json(silent=True)

    return call


def test_a_second_access_user_with_the_same_email_is_a_conflict(client: Any) -> None:
    body = {"page_access_user": {"email": "a@example.com"}}
    assert client("POST", "/page_access_users", body)[0] == 200
    assert client("POST", "/page_access_users", body)[0] == 409


def test_data_for_a_metric_that_is_not_our_own_is_not_allowed(client: Any) -> None:
    provider = {"type": "Pingdom", "api_token": "t"}
    made = client("POST", "/metrics_providers", {"metrics_provider": provider})[1]["id"]
    metric = {"name": "n", "metric_identifier": "i", "transform": "uptime"}
    id = client("POST", f"/metrics_providers/{made}/metrics", {"metric": metric})[1]["id"]
    assert client("POST", f"/metrics/{id}/data", {"data": {"timestamp": 1, "value": 1}})[0] == 405


def test_a_provider_without_its_secrets_is_refused(client: Any) -> None:
    assert client("POST", "/metrics_providers", {"metrics_provider": {"type": "Librato", "email": "a@b.c"}})[0] == 422


@pytest.mark.parametrize("query", ["start=yesterday", "start=2026-13", "start=2027", "start=0000"])
def test_uptime_refuses_ranges_that_make_no_sense(client: Any, query: str) -> None:
    assert client("GET", f"/components/{API}/uptime?{query}")[0] == 422


def test_uptime_covers_six_months_at_most(client: Any) -> None:
    client("PATCH", f"/components/{API}", {"component": {"start_date": "2020-01-01"}})
    assert client("GET", f"/components/{API}/uptime?start=2025-11-04&end=2026-05-04")[0] == 200
    assert client("GET", f"/components/{API}/uptime?start=2025-11-03&end=2026-05-04")[0] == 422


def test_uptime_tells_what_it_had_to_adjust(client: Any) -> None:
    status, body = client("GET", f"/components/{API}/uptime?start=2026-04-01&end=2026-05-31&skip_related_events=true")
    assert status == 200
    assert (body["range_start"], body["range_end"], len(body["warnings"])) == ("2026-05-04", "2026-05-04", 2)
    assert "related_events" not in body


def test_subscribers_can_be_forbidden_to_use_webhooks(client: Any) -> None:
    client("PATCH", "", {"page": {"allow_webhook_subscribers": False}})
    assert client("POST", "/subscribers", {"subscriber": {"endpoint": "https://a.example.com"}})[0] == 422


def test_all_subscribers_can_only_be_unsubscribed_while_they_are_few(client: Any) -> None:
    for number in range(100):
        fields = {"email": f"{number}@example.com", "skip_confirmation_notification": True}
        client("POST", "/subscribers", {"subscriber": fields})
    assert client("POST", "/subscribers/unsubscribe", {"subscribers": "all"})[0] == 422
    some = [row["id"] for row in client("GET", "/subscribers")[1]][:1]
    assert client("POST", "/subscribers/unsubscribe", {"subscribers": some})[0] == 201
    assert client("POST", "/subscribers/unsubscribe", {"subscribers": "all"})[0] == 201
    assert client("GET", "/subscribers")[1] == []


WORDS = """
    incident component component_group subscriber metric page data pages subscribers name status
    body components component_ids metadata scheduled_for scheduled_until timestamp value email
    endpoint start_date reminder_intervals backfill_date backfilled
"""
KEYS = st.sampled_from(WORDS.split())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from([API, GROUP_ID, "scheduled", "resolved", "0001-01-01T00:00:00+14:00", "2026-05-04T12:00:00Z"]),
)
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


@pytest.fixture(scope="module")
def bare() -> Any:
    sandbox = Sandbox(Still())
    sandbox.plugins["statuspage"].settings.rate_limit = None
    return sandbox.app.test_client()


@settings(max_examples=150, deadline=None)
@given(
    operation=st.sampled_from([name for name in SHAPES["operations"] if not name.startswith(("GET", "DELETE"))]),
    inner=BODIES,
    wrapped=st.booleans(),
)
def test_no_body_breaks_the_sandbox(bare: Any, operation: str, inner: Any, wrapped: bool) -> None:
    method, template = operation.split()
    ids = {"page_id": PAGE_ID, "organization_id": ORGANIZATION_ID, "component_id": API, "id": GROUP_ID}
    path = re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], "nobody"), template)
    wrapper = re.sub(r"(ies|s)$", "", path.rsplit("/", 1)[1]).replace("-", "_")
    body = {wrapper: inner} if wrapped else inner
    headers = {"Authorization": "OAuth sandbox"}
    answer = bare.open(f"/statuspage/v1{path}", method=method, json=body, headers=headers)
    assert answer.status_code < 500
    assert bare.get("/statuspage/").status_code == 200
