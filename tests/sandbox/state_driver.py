"""Random requests to a sandbox, made from what it holds: the same draw gives the same requests."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.sandbox.app import Sandbox
from bridge.sandbox.statuspage import ORGANIZATION_ID, PAGE_ID

PREFIX = {
    "cachet2": "/cachet2/api/v1", "cachet3": "/cachet3/api",
    "statuspage": f"/statuspage/v1/pages/{PAGE_ID}", "pingpong": "/pingpong/rest/v1",
}  # fmt: skip
HEADERS = {
    "cachet2": {"X-Cachet-Token": "sandbox"}, "cachet3": {"Authorization": "Bearer sandbox"},
    "statuspage": {"Authorization": "OAuth sandbox"}, "pingpong": {"Authorization": "Token sandbox"},
}  # fmt: skip
TEXTS = ("Slow", "🔥 <b>down</b> & out", "انقطاع", "# Heading\n\n* a list", "x" * 300, "é", "half \ud83d a pair")
Request = tuple[str, str, Any]
Body = Callable[["Draw"], Any]


class HandClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def go_on(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Draw(random.Random):
    """Draws what bodies are made of."""

    sandbox: Sandbox
    provider: str

    def ids(self, kind: str) -> list[Any]:
        """Ids of all objects of a kind, soft-deleted ones included."""
        rows = self.sandbox.plugins[self.provider].save()["objects"][kind]["rows"]
        return [row["id"] for row in rows]

    def id(self, kind: str) -> Any:
        """One of them, or one that there is not."""
        return self.choice(self.ids(kind) or [99])

    def text(self) -> str:
        return self.choice(TEXTS)

    def iso(self) -> str:
        moment = self.sandbox.time.now() + timedelta(minutes=self.randrange(-300, 300))
        return moment.isoformat(timespec="seconds")

    def minute(self) -> str:
        return (self.sandbox.time.now() + timedelta(minutes=self.randrange(-300, 300))).strftime("%Y-%m-%d %H:%M")

    def second(self) -> int:
        return int(self.sandbox.time.now().timestamp()) - self.randrange(0, 7200)

    def address(self) -> str:
        return f"user{self.randrange(40)}@example.com"


def _attached(d: Draw) -> list[dict[str, Any]]:
    return [{"id": d.id("components"), "status": d.randrange(1, 7)}]


def _pingpong_window(d: Draw) -> dict[str, Any]:
    start = d.sandbox.time.now() + timedelta(minutes=d.randrange(-60, 60))
    ends = (start + timedelta(minutes=90)).isoformat()
    ids = [d.id("components")]
    return {"title": d.text()[:100], "scheduled_for": start.isoformat(), "ends_at": ends, "affected_components": ids}


def _statuspage_window(d: Draw) -> dict[str, Any]:
    start = d.sandbox.time.now() + timedelta(minutes=d.randrange(-5, 20))
    switches = {"scheduled_auto_in_progress": True, "scheduled_auto_completed": True, "scheduled_remind_prior": True}
    times = {"scheduled_for": start.isoformat(), "scheduled_until": (start + timedelta(minutes=9)).isoformat()}
    moves = {"component_ids": [d.id("components")], "auto_transition_to_maintenance_state": True}
    return {"incident": {"name": "Upgrade", **switches, **times, **moves}}


STATUSES = ("operational", "degraded_performance", "major_outage", "under_maintenance")
WORDS = ("Operational", "Minor issues", "Critical state", "Unknown")

TEMPLATES: dict[str, Sequence[tuple[str, str, Body]]] = {
    "cachet2": (
        ("POST", "/components", lambda d: {"name": d.text(), "status": d.randrange(5), "tags": "a", "meta": {"k": 1}}),
        ("PUT", "/components/{components}", lambda d: {"status": d.randrange(5), "group_id": d.id("groups")}),
        ("DELETE", "/components/{components}", lambda d: None),
        ("POST", "/components/groups", lambda d: {"name": d.text(), "visible": d.randrange(2)}),
        ("DELETE", "/components/groups/{groups}", lambda d: None),
        ("POST", "/incidents", lambda d: {
            "name": d.text(), "message": d.text(), "status": d.randrange(5), "visible": d.randrange(2),
            "component_id": d.id("components"), "component_status": d.randrange(5), "meta": {"a": "b"},
        }),
        ("PUT", "/incidents/{incidents}", lambda d: {"status": d.randrange(5), "occurred_at": d.minute()}),
        ("DELETE", "/incidents/{incidents}", lambda d: None),
        ("POST", "/incidents/{incidents}/updates", lambda d: {"status": d.randrange(1, 5), "message": d.text()}),
        ("DELETE", "/incidents/1/updates/{updates}", lambda d: None),
        ("POST", "/schedules", lambda d: {"name": d.text(), "status": d.randrange(3), "scheduled_at": d.minute()}),
        ("PUT", "/schedules/{schedules}", lambda d: {"completed_at": d.minute(), "message": d.text()}),
        ("POST", "/metrics", lambda d: {"name": d.text(), "suffix": "ms", "description": "", "default_value": 1}),
        ("POST", "/metrics/{metrics}/points", lambda d: {"value": d.randrange(9) / 4, "timestamp": d.second()}),
        ("DELETE", "/metrics/{metrics}", lambda d: None),
        ("POST", "/subscribers", lambda d: {"email": d.address(), "verify": d.random() < 0.5}),
        ("DELETE", "/subscribers/{subscribers}", lambda d: None),
        ("GET", "/incidents?per_page=3&page=2", lambda d: None),
        ("GET", "/nothing", lambda d: None),
    ),
    "cachet3": (
        ("POST", "/components", lambda d: {"name": d.text()[:255], "status": d.randrange(1, 7), "meta": {"k": [1]}}),
        ("PUT", "/components/{components}", lambda d: {"status": 4, "component_group_id": d.id("groups")}),
        ("DELETE", "/components/{components}", lambda d: None),
        ("POST", "/component-groups", lambda d: {"name": "G", "visible": True, "components": [d.id("components")]}),
        ("DELETE", "/component-groups/{groups}", lambda d: None),
        ("POST", "/incidents", lambda d: {
            "name": "I", "message": d.text(), "status": d.randrange(5), "visible": True, "components": _attached(d),
        }),
        ("PUT", "/incidents/{incidents}", lambda d: {"occurred_at": d.iso(), "stickied": True}),
        ("DELETE", "/incidents/{incidents}", lambda d: None),
        ("POST", "/incidents/{incidents}/updates", lambda d: {"status": d.randrange(5), "message": d.text()}),
        ("POST", "/schedules", lambda d: {
            "name": "S", "message": d.text(), "scheduled_at": d.iso(), "components": _attached(d),
        }),
        ("POST", "/schedules/{schedules}/updates", lambda d: {"message": d.text(), "completed_at": d.iso()}),
        ("POST", "/incident-templates", lambda d: {"name": d.text()[:200], "template": "{{ a }}"}),
        ("POST", "/metrics", lambda d: {"name": "M", "suffix": "ms", "default_value": 1.5}),
        ("POST", "/metrics/{metrics}/points", lambda d: {"value": d.randrange(9) / 4, "timestamp": d.second()}),
        ("POST", "/subscribers", lambda d: {"email": d.address(), "components": [d.id("components")], "meta": {}}),
        ("DELETE", "/subscribers/{subscribers}", lambda d: None),
        ("GET", "/incidents?include=updates,components&per_page=3", lambda d: None),
        ("GET", "/status", lambda d: None),
    ),
    "statuspage": (
        ("POST", "/components", lambda d: {"component": {"name": d.text(), "status": d.choice(STATUSES)}}),
        ("PATCH", "/components/{components}", lambda d: {"component": {"group_id": d.id("component_groups")}}),
        ("DELETE", "/components/{components}", lambda d: None),
        ("POST", "/component-groups", lambda d: {"component_group": {"name": "G", "components": [d.id("components")]}}),
        ("POST", "/incidents", lambda d: {"incident": {
            "name": d.text()[:255], "components": {d.id("components"): d.choice(STATUSES)}, "metadata": {"a": {"b": 1}},
        }}),
        ("POST", "/incidents", _statuspage_window),
        ("PATCH", "/incidents/{incidents}", lambda d: {"incident": {"status": "monitoring", "body": d.text()}}),
        ("DELETE", "/incidents/{incidents}", lambda d: None),
        ("PUT", "/incidents/{incidents}/postmortem", lambda d: {"postmortem": {"body_draft": d.text()}}),
        ("PUT", "/incidents/{incidents}/postmortem/publish", lambda d: {"postmortem": {"notify_subscribers": True}}),
        ("POST", "/incidents/{incidents}/subscribers", lambda d: {"subscriber": {"email": d.address()}}),
        ("POST", "/incident_templates", lambda d: {"template": {
            "name": "n", "title": "t", "body": d.text(), "component_ids": [d.id("components")],
        }}),
        ("POST", "/subscribers", lambda d: {"subscriber": {
            "email": d.address(), "skip_confirmation_notification": True, "component_ids": [d.id("components")],
        }}),
        ("POST", "/subscribers", lambda d: {"subscriber": {"phone_number": f"55500{d.randrange(99)}"}}),
        ("DELETE", "/subscribers/{subscribers}", lambda d: None),
        ("POST", "/metrics_providers", lambda d: {"metrics_provider": {"type": "Self"}}),
        ("POST", "/metrics_providers/{metrics_providers}/metrics", lambda _: {"metric": {"name": "M", "suffix": "s"}}),
        ("POST", "/metrics/{metrics}/data", lambda d: {"data": {"timestamp": d.second(), "value": d.randrange(9) / 4}}),
        ("POST", "/page_access_users", lambda d: {"page_access_user": {"email": d.address()}}),
        ("POST", "/page_access_groups", lambda d: {"page_access_group": {
            "name": "A", "component_ids": [d.id("components")], "page_access_user_ids": d.ids("page_access_users")[:2],
        }}),
        ("PATCH", "", lambda d: {"page": {"name": d.text(), "time_zone": d.choice(("UTC", "Berlin"))}}),
        ("POST", f"/../../organizations/{ORGANIZATION_ID}/users", lambda d: {"user": {"email": d.address()}}),
        ("GET", "/incidents?limit=3&page=2", lambda d: None),
    ),
    "pingpong": (
        ("POST", "/components", lambda d: {"name": "C", "group": d.id("groups"), "status": d.choice(WORDS)}),
        ("PUT", "/components/{components}/status", lambda d: {"status": d.choice(WORDS)}),
        ("POST", "/component-groups", lambda d: {"name": "G", "description": "é"}),
        ("POST", "/incidents", lambda d: {
            "title": d.text()[:100], "message": d.text(), "occurred_at": d.iso(),
            "affected_components": [{"id": d.id("components"), "status": d.choice(WORDS)}],
        }),
        ("POST", "/incidents/{incidents}/updates", lambda d: {"status": "Verifying", "message": d.text()}),
        ("DELETE", "/incidents/{incidents}/updates/{updates}", lambda d: None),
        ("POST", "/maintenance", _pingpong_window),
        ("POST", "/metrics", lambda d: {"name": "U", "url": "https://example.com/", "component": d.id("components")}),
        ("POST", "/custom-metrics", lambda d: {"name": "Q", "suffix": "jobs", "component": d.id("components")}),
        ("POST", "/custom-metrics/data", lambda d: {"data": {
            d.id("custom_metrics"): [{"timestamp": d.second(), "value": d.randrange(9) / 4}],
        }}),
        ("GET", "/incidents", lambda d: None),
    ),
}  # fmt: skip


SWITCHES: dict[str, Sequence[dict[str, Any]]] = {
    "cachet2": ({"version": "2.3"}, {"version": "2.4"}, {"zone": "Europe/Berlin"}, {"verify_subscribers": True}),
    "cachet3": ({"database": "sqlite"}, {"rate_limit": 40}, {"zone": "Asia/Tokyo"}),
    "statuspage": ({"rate_limit": 10}, {"rate_limit": None, "over_limit_status": 429}, {"error_shape": "object"}),
    "pingpong": ({"wrap_lists": True, "page_size": 2}, {"framework": "3.12"}, {"maintenance_wins": True}),
}


def draw_request(draw: Draw) -> Request:
    """One request to one of the providers, or a change of the sandbox itself."""
    draw.provider = draw.choice(list(TEMPLATES))
    if draw.random() < 0.04:
        moves = {"kind": "moving_rows", "provider": draw.provider}
        breaks = {"kind": "status", "status": 503, "provider": draw.provider, "probability": 0.3, "times": 2}
        return "POST", "/_sandbox/faults", draw.choice((moves, breaks))
    if draw.random() < 0.03:
        return "PUT", f"/_sandbox/settings/{draw.provider}", draw.choice(SWITCHES[draw.provider])
    weights = [1 if method in ("DELETE", "GET") else 4 for method, _, _ in TEMPLATES[draw.provider]]
    method, path, make = draw.choices(TEMPLATES[draw.provider], weights)[0]
    path = re.sub(r"{(\w+)}", lambda match: str(draw.id(match[1])), path)
    full = f"{PREFIX[draw.provider]}{path}".replace(f"/pages/{PAGE_ID}/../..", "")
    return method, full, make(draw)


def send(sandbox: Sandbox, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    """Everything that is answered."""
    method, path, body = request
    headers = next((HEADERS[name] for name in HEADERS if path.startswith(f"/{name}/")), {})
    answer = sandbox.app.test_client().open(path, method=method, json=body, headers=headers)
    return answer.status_code, list(answer.headers), answer.data


def drive(sandbox: Sandbox, clock: HandClock, seed: int, count: int) -> None:
    """Send so many requests, with time between them."""
    draw = Draw(seed)
    draw.sandbox = sandbox
    for _ in range(count):
        send(sandbox, draw_request(draw))
        clock.go_on(draw.choice((0, 0.4, 40, 400)))
