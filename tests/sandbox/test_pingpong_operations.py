"""Every operation of the reconstructed PingPong document answers with its status and in its shape.

``data/pingpong_shapes.json`` holds the success status and the body's schema of each of the 44 operations.
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
from bridge.sandbox.pingpong import COMPONENT_IDS, GROUP_ID, WIDGET_KEY

SHAPES = json.loads((Path(__file__).parent / "data" / "pingpong_shapes.json").read_text())
API = COMPONENT_IDS["Public API"]
TIMES = {"scheduled_for": "2026-05-04T13:00:00Z", "ends_at": "2026-05-04T14:00:00Z"}


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 5, 4, 13, 30, tzinfo=UTC)


class Checked:
    """Calls the API and compares each answer with the shape of its operation."""

    def __init__(self) -> None:
        self._client = Sandbox(Still()).app.test_client()
        self.seen: set[str] = set()

    def call(self, method: str, template: str, body: Any = None, **ids: str) -> Any:
        operation = f"{method} {template}"
        shape = SHAPES["operations"][operation]
        path = re.sub(r"\{(\w+)\}", lambda match: ids[match[1]], template)
        prefix = "/pingpong" if path.startswith("/widget") else "/pingpong/rest/v1"
        headers = {"Authorization": "Token sandbox"}
        answer = self._client.open(prefix + path, method=method, json=body, headers=headers)
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

    def use(self, template: str, body: dict[str, Any]) -> str:
        """Create, list, read and update by both methods."""
        made = self.call("POST", template, body)["id"]
        one = template + "/{id}"
        assert made in [row["id"] for row in self.call("GET", template)]
        self.call("PUT", one, body, id=made)
        assert self.call("PATCH", one, body, id=made) == self.call("GET", one, id=made)
        return str(made)


def test_every_operation_of_the_document_answers_in_its_shape() -> None:
    api = Checked()
    api.use("/components", {"name": "New", "group": GROUP_ID, "status": "Minor issues", "description": "d"})
    for method in ("PUT", "PATCH"):
        api.call(method, "/components/{id}/status", {"status": "Unavailable"}, id=API)
    api.use("/component-groups", {"name": "Other"})
    affected = [{"id": API, "status": "Critical state"}]
    incident = api.use("/incidents", {"title": "Down", "message": "x", "affected_components": affected})
    updates, one = "/incidents/{incident_id}/updates", "/incidents/{incident_id}/updates/{update_id}"
    body = {"status": "Identified", "message": "y"}
    update = api.call("POST", updates, body, incident_id=incident)["id"]
    ids = {"incident_id": incident, "update_id": update}
    assert len(api.call("GET", updates, incident_id=incident)) == 1
    for method in ("PUT", "PATCH"):
        api.call(method, one, body, **ids)
    api.call("GET", one, **ids)
    assert len(api.call("GET", "/incidents/ongoing")) == 1
    api.use("/maintenance", {"title": "Upgrade", "message": "m", "affected_components": [API], **TIMES})
    live = api.call("GET", "/live")
    assert (len(live["incidents"]), len(live["maintenance"])) == (1, 1)
    api.call("GET", "/status")
    api.call("DELETE", one, **ids)
    api.use("/metrics", {"name": "Front", "url": "https://example.com/", "component": API, "location": "japan"})
    custom = api.use("/custom-metrics", {"name": "Queue", "component": API, "suffix": "jobs"})
    point = {"timestamp": int(Still().now().timestamp()), "value": 1.5}
    api.call("POST", "/custom-metrics/data", {"data": {custom: [point]}})
    for what in ("status", "uptime"):
        api.call("GET", f"/widget/shields/{what}/{{widget_key}}", widget_key=WIDGET_KEY)
    assert set(SHAPES["operations"]) - api.seen == set()
    assert len(SHAPES["operations"]) == 44


WORDS = """
    name title message status group description showcased affected_components id data occurred_at
    scheduled_for ends_at notify_subscribers url rollup timestamp value
"""
KEYS = st.sampled_from(WORDS.split())
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        [API, GROUP_ID, "Resolved", "Major issues", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
    ),
)
BODIES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


@pytest.fixture(scope="module")
def bare() -> Any:
    return Sandbox(Still()).app.test_client()


@settings(max_examples=150, deadline=None)
@given(
    operation=st.sampled_from([name for name in SHAPES["operations"] if not name.startswith(("GET", "DELETE"))]),
    body=BODIES,
)
def test_no_body_breaks_the_sandbox(bare: Any, operation: str, body: Any) -> None:
    method, template = operation.split()
    path = template.replace("{id}", API).replace("{incident_id}", "nobody").replace("{update_id}", "nothing")
    headers = {"Authorization": "Token sandbox"}
    answer = bare.open(f"/pingpong/rest/v1{path}", method=method, json=body, headers=headers)
    assert answer.status_code < 500
    assert bare.get("/pingpong/").status_code == 200
