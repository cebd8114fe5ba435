"""Outbound webhooks: what is sent, to whom, how often, and that statusbridge's own sources understand it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from webhook_listener import Heard, Listener, listening

from bridge.errors import NotAuthentic
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event
from bridge.sandbox import postbox as postbox_module
from bridge.sandbox.app import Sandbox
from bridge.sandbox.postbox import Posting
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage.hooks import DELAYS
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.verifier import Request

SAMPLES = Path(__file__).parents[1] / "data" / "sources" / "cachet3-webhook"
SECRET = "lab-webhook-secret"
CACHET = {"Authorization": "Bearer sandbox"}
PAGE = "/statuspage/v1/pages/sandboxpage1"
STATUSPAGE = {"Authorization": "OAuth sandbox"}
API = "cmpp8bl1c4p1"


@dataclass
class HandClock:
    """A clock that is moved by hand."""

    moment: datetime = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def forward(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Side:
    """A sandbox with one listener."""

    listener: Listener
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(clock=self.clock)
        self.client: FlaskClient = self.sandbox.app.test_client()

    def cachet(self, method: str, path: str, **body: Any) -> Any:
        answer = self.client.open(f"/cachet3/api{path}", method=method, json=body or None, headers=CACHET)
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def statuspage(self, method: str, path: str, **body: Any) -> Any:
        answer = self.client.open(f"{PAGE}{path}", method=method, json=body or None, headers=STATUSPAGE)
        assert answer.status_code < 300, answer.text
        return answer.get_json(silent=True)

    def heard(self) -> list[Heard]:
        """Everything so far, after all that is due was sent."""
        assert self.sandbox.postbox.settle()
        return self.listener.heard

    def names(self) -> list[str]:
        return [heard.json["event"] for heard in self.heard()]

    def tried(self) -> list[tuple[int, int | None]]:
        assert self.sandbox.postbox.settle()
        return [(attempt.number, attempt.status) for attempt in self.sandbox.postbox.attempts()]


@pytest.fixture
def side() -> Iterator[Side]:
    with listening() as listener:
        made = Side(listener)
        yield made
        made.sandbox.postbox.close()


@pytest.fixture
def cachet(side: Side) -> Side:
    side.sandbox.listen("cachet3", side.listener.url, SECRET)
    return side


@pytest.fixture
def page(side: Side) -> Side:
    side.statuspage("POST", "/subscribers", subscriber={"endpoint": side.listener.url, "email": "a@example.com"})
    return side


def _sample(start: str) -> dict[str, Any]:
    found = next(file for file in SAMPLES.glob(f"{start}-*.json") if ".expected." not in file.name)
    sample: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return sample


def _plain(raw: str) -> str:
    return re.sub(r'"guid":"[^"]*"', '"guid":"…"', raw)


def _do(side: Side, sample: dict[str, Any]) -> None:
    trigger, body = sample["trigger"], sample["request"]["json"]["body"]
    at = body.get("deleted_at") or body.get("updated_at")
    if at:
        side.clock.moment = max(side.clock.moment, datetime.fromisoformat(at))
    side.cachet(trigger["method"], trigger["path"].removeprefix("/api"), **(trigger["json"] or {}))


def test_cachet_sends_byte_for_byte_what_was_recorded(cachet: Side) -> None:
    """All 18 recorded requests in their order; a merged point and a changed flag came between them unseen."""
    world = cachet.sandbox.plugins["cachet3"].world  # type: ignore[attr-defined]
    for table, last in ((world.components, 10), (world.incidents, 18), (world.metrics, 4), (world.points, 10)):
        while table.last_id < last:
            table.burn_id()
    world.subscribers.burn_id(), world.subscribers.burn_id()
    samples = {number: _sample(f"{number:02}") for number in range(1, 19)}
    for number in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13):
        _do(cachet, samples[number])
    cachet.clock.moment = datetime(2026, 11, 21, 2, 52, 11, tzinfo=UTC)
    cachet.cachet("POST", "/metrics/5/points", value=4, timestamp="2026-11-21 00:00:20")
    for number in (14, 15, 16):
        _do(cachet, samples[number])
    cachet.clock.moment = datetime(2026, 11, 21, 2, 52, 24, tzinfo=UTC)
    cachet.cachet("PUT", "/subscribers/3", **{"global": False})
    for number in (17, 18):
        _do(cachet, samples[number])
    recorded = [_plain(sample["request"]["raw"]) for sample in samples.values()]
    assert [_plain(heard.body.decode()) for heard in cachet.heard()] == recorded


def test_cachet_signs_and_names_itself_as_recorded(cachet: Side) -> None:
    cachet.cachet("POST", "/components", name="Hooked", status=1)
    (heard,) = cachet.heard()
    recorded = _sample("01")["request"]["headers"]
    for name in ("Content-Type", "User-Agent"):
        assert heard.headers[name] == recorded[name]
    assert re.fullmatch("[0-9a-f]{64}", heard.headers["Signature"])


def test_cachet_says_nothing_about_what_it_keeps_to_itself(cachet: Side) -> None:
    group = cachet.cachet("POST", "/component-groups", name="G", components=[3])["data"]["id"]
    cachet.cachet("PUT", "/components/1", meta={"k": "v"})
    cachet.cachet("PUT", "/components/1", status=1)
    incident = cachet.cachet("POST", "/incidents", name="n", message="m", status=2)["data"]["id"]
    cachet.cachet("POST", f"/incidents/{incident}/updates", status=2, message="still")
    cachet.cachet("POST", "/schedules", name="s", message="m", scheduled_at="2026-12-01 00:00:00")
    cachet.cachet("DELETE", f"/component-groups/{group}")
    assert cachet.names() == ["incident_created"]


def test_cachet_sends_only_the_chosen_events_and_nothing_after_removal(side: Side) -> None:
    id = side.sandbox.listen("cachet3", side.listener.url, SECRET, ["component_status_changed"])
    side.cachet("PUT", "/components/1", status=4)
    assert side.names() == ["component_status_changed"]
    assert side.client.delete(f"/_sandbox/webhooks/cachet3/{id}").status_code == 204
    side.cachet("PUT", "/components/1", status=1)
    assert len(side.heard()) == 1


def test_cachet_tries_three_times_with_its_delays_and_the_same_bytes(cachet: Side) -> None:
    cachet.listener.statuses = [500, 302, 404]
    cachet.cachet("POST", "/components", name="c", status=1)
    assert cachet.tried() == [(1, 500)]
    cachet.clock.forward(9)
    assert cachet.tried() == [(1, 500)]
    cachet.clock.forward(1)
    assert cachet.tried() == [(1, 500), (2, 302)]
    cachet.clock.forward(99)
    assert len(cachet.tried()) == 2
    cachet.clock.forward(1)
    assert cachet.tried() == [(1, 500), (2, 302), (3, 404)]
    cachet.clock.forward(1000)
    assert len(cachet.tried()) == 3
    assert {heard.body for heard in cachet.heard()} == {cachet.heard()[0].body}
    assert {heard.path for heard in cachet.heard()} == {"/hook"}, "redirects are not followed"


def test_statuspage_tells_webhook_subscribers_of_the_api_about_incidents(page: Side) -> None:
    incident = page.statuspage(
        "POST", "/incidents", incident={"name": "Slow", "body": "We look.", "components": {API: "major_outage"}}
    )
    page.statuspage("PATCH", f"/incidents/{incident['id']}", incident={"status": "resolved", "body": "Over."})
    first, component, last = (heard.json for heard in page.heard())
    assert set(first) == {"meta", "page", "incident"}
    assert set(component) == {"meta", "page", "component", "component_update"}
    assert first["page"] == {
        "id": "sandboxpage1",
        "status_indicator": "major",
        "status_description": "Partial System Outage",
    }
    assert first["meta"]["unsubscribe"].endswith(f"/?unsubscribe={page.statuspage('GET', '/subscribers')[0]['id']}")
    assert [update["body"] for update in last["incident"]["incident_updates"]] == ["Over.", "We look."]
    assert component["component_update"]["old_status"] == "operational"
    assert component["component_update"]["new_status"] == component["component"]["status"] == "major_outage"


def test_statuspage_bodies_have_the_keys_of_the_captures(page: Side) -> None:
    captures = SAMPLES.parent / "statuspage-webhook"
    page.statuspage("POST", "/incidents", incident={"name": "n", "components": {API: "partial_outage"}})
    incident, component = (heard.json for heard in page.heard())
    recorded = json.loads((captures / "incident-created-identified-2017.json").read_text())
    assert set(incident["incident"]) == {*recorded["incident"], "started_at", "metadata"}
    assert set(incident["incident"]["incident_updates"][0]) == set(recorded["incident"]["incident_updates"][0])
    assert set(incident["incident"]["components"][0]) == set(recorded["incident"]["components"][0])
    moved = json.loads((captures / "component-update-under-maintenance-2017.json").read_text())
    assert {key: set(part) for key, part in component.items()} == {key: set(part) for key, part in moved.items()}


def test_statuspage_tells_about_a_status_but_not_about_a_name_or_what_nobody_is_to_hear(page: Side) -> None:
    page.statuspage("PATCH", f"/components/{API}", component={"name": "New name"})
    page.statuspage("PATCH", f"/components/{API}", component={"status": "operational"})
    page.statuspage("POST", "/incidents", incident={"name": "quiet", "deliver_notifications": False})
    assert page.heard() == []
    page.statuspage("PATCH", f"/components/{API}", component={"status": "degraded_performance"})
    assert [set(heard.json) for heard in page.heard()] == [{"meta", "page", "component", "component_update"}]


def test_statuspage_tells_followers_of_components_only_about_these(side: Side) -> None:
    side.statuspage("POST", "/subscribers", subscriber={"endpoint": side.listener.url, "component_ids": [API]})
    side.statuspage("PATCH", "/components/cmpw3bs1t300", component={"status": "major_outage"})
    side.statuspage("POST", "/incidents", incident={"name": "elsewhere", "component_ids": ["cmpw3bs1t300"]})
    side.statuspage("PATCH", f"/components/{API}", component={"status": "major_outage"})
    assert [heard.json["component"]["id"] for heard in side.heard()] == [API]


def test_statuspage_quarantines_a_subscriber_after_ten_failures_in_an_hour(page: Side) -> None:
    page.listener.statuses = [500] * 10
    page.statuspage("PATCH", f"/components/{API}", component={"status": "major_outage"})
    for number, delay in enumerate(DELAYS, 1):
        assert len(page.tried()) == number
        page.clock.forward(delay)
    assert len(page.tried()) == 10
    assert sum(DELAYS) == 3600
    (row,) = page.statuspage("GET", "/subscribers?state=quarantined")
    assert row["quarantined_at"] is not None
    assert row["purge_at"] > row["quarantined_at"]
    page.statuspage("PATCH", f"/components/{API}", component={"status": "operational"})
    assert len(page.heard()) == 10
    entry = page.sandbox.journal.entries("statuspage", "subscriber")[-1]
    assert (entry.event, (entry.row or {})["id"]) == ("updated", row["id"])


def _parse(type_name: str, heard: Heard) -> list[Event]:
    source = registry.make(type_name, {})
    parsed = source.parse(Delivery("dlv_1", "hooks", datetime.now(UTC), heard.body, heard.headers["Content-Type"]))
    assert not parsed.quarantined
    return list(parsed.events)


def test_the_cachet_source_accepts_the_signature_and_understands_every_body(cachet: Side) -> None:
    cachet.cachet("PUT", "/components/1", status=4)
    number = cachet.cachet("POST", "/incidents", name="Slow", message="We look.", status=1, visible=True)["data"]["id"]
    cachet.cachet("POST", f"/incidents/{number}/updates", status=4, message="Over.")
    scheme = registry.scheme("cachet3-webhook")
    assert scheme is not None
    verifiers, events = Verifiers(), []
    for heard in cachet.heard():
        lower = {name.lower(): text for name, text in heard.headers.items()}
        request = Request(heard.body, lower.get, "", cachet.clock.now())
        verifiers.make(scheme, [Secret(SECRET)]).verify(request)
        with pytest.raises(NotAuthentic):
            verifiers.make(scheme, [Secret("wrong")]).verify(request)
        events += _parse("cachet3-webhook", heard)
    assert [event.action for event in events] == [Action.TRIGGER, Action.UPDATE, Action.TRIGGER, Action.RESOLVE]
    assert [event.title for event in events[2:]] == ["Slow", "Slow"]


def test_the_statuspage_source_understands_every_body(page: Side) -> None:
    incident = page.statuspage("POST", "/incidents", incident={"name": "Slow", "components": {API: "major_outage"}})
    page.statuspage(
        "PATCH", f"/incidents/{incident['id']}", incident={"status": "resolved", "components": {API: "operational"}}
    )
    page.statuspage(
        "POST",
        "/incidents",
        incident={
            "name": "Works",
            "scheduled_for": "2026-12-01T00:00:00Z",
            "scheduled_until": "2026-12-01T01:00:00Z",
        },
    )
    events = [event for heard in page.heard() for event in _parse("statuspage-webhook", heard)]
    assert [event.action for event in events] == [
        Action.TRIGGER,
        Action.TRIGGER,
        Action.RESOLVE,
        Action.RESOLVE,
        Action.IGNORE,
    ]


def test_other_machines_are_never_called(side: Side) -> None:
    side.sandbox.listen("cachet3", "https://hooks.example.com/x", SECRET)
    side.cachet("POST", "/components", name="c", status=1)
    (attempt,) = side.sandbox.postbox.attempts("cachet3")
    assert (attempt.status, attempt.problem) == (None, "not sent: the address is not on this machine")


def test_listeners_are_managed_over_http(side: Side) -> None:
    def add(**body: Any) -> Any:
        return side.client.post("/_sandbox/webhooks", json=body)

    assert add(provider="cachet3", url=side.listener.url, secret=SECRET).status_code == 201
    assert add(provider="statuspage", url=side.listener.url).status_code == 201
    listed = side.client.get("/_sandbox/webhooks").get_json()
    assert [(row["provider"], row["url"]) for row in listed] == [
        ("cachet3", side.listener.url),
        ("statuspage", side.listener.url),
    ]
    assert SECRET not in json.dumps(listed)
    side.statuspage("PATCH", f"/components/{API}", component={"status": "major_outage"})
    side.heard()
    (attempt,) = side.client.get("/_sandbox/webhooks/attempts?provider=statuspage").get_json()
    assert (attempt["status"], attempt["event"], attempt["number"]) == (200, "component", 1)
    assert side.client.delete(f"/_sandbox/webhooks/statuspage/{listed[1]['id']}").status_code == 204
    assert side.client.delete("/_sandbox/webhooks/statuspage/nobody").status_code == 404
    assert [row["provider"] for row in side.client.get("/_sandbox/webhooks").get_json()] == ["cachet3"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"provider": "cachet2", "url": "http://127.0.0.1/"}, "sends no webhooks"),
        ({"provider": "cachet3", "url": "http://127.0.0.1/"}, "needs a secret"),
        ({"provider": "cachet3", "url": "http://127.0.0.1/", "secret": "s", "events": ["x"]}, "unknown events"),
        ({"provider": "statuspage", "url": "ftp://127.0.0.1/"}, "http or https"),
        ({"provider": "statuspage", "url": "http://127.0.0.1/", "secret": "s"}, "signs nothing"),
        ({"provider": "statuspage", "adress": "x"}, "unknown keys"),
        ({"provider": "statuspage"}, "missing: url"),
        ([], "must be an object"),
    ],
)
def test_a_listener_that_makes_no_sense_is_refused_with_words(body: Any, words: str) -> None:
    answer = Sandbox().app.test_client().post("/_sandbox/webhooks", json=body)
    assert answer.status_code == 422
    assert words in answer.get_json()["error"]


def test_a_reset_forgets_listeners_and_what_was_to_be_sent(cachet: Side) -> None:
    cachet.listener.statuses = [500]
    cachet.cachet("POST", "/components", name="c", status=1)
    assert cachet.tried() == [(1, 500)]
    cachet.sandbox.reset()
    cachet.clock.forward(1000)
    cachet.cachet("POST", "/components", name="c", status=1)
    assert cachet.tried() == []
    assert len(cachet.listener.heard) == 1


def test_stopping_the_server_ends_the_sending(side: Side) -> None:
    side.listener.statuses = [500]
    with serve(side.sandbox):
        side.sandbox.listen("cachet3", side.listener.url, SECRET)
        side.cachet("POST", "/components", name="c", status=1)
        assert side.tried() == [(1, 500)]
    assert "sandbox-postbox" not in [thread.name for thread in threading.enumerate() if thread.is_alive()]


def test_a_write_never_waits_for_a_listener_and_a_full_queue_drops(
    cachet: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postbox_module, "QUEUE_LIMIT", 3)
    release = threading.Event()
    monkeypatch.setattr(postbox_module, "send", lambda *_: 200 if release.wait(5) else 500)
    begun = time.monotonic()
    for number in range(8):
        cachet.cachet("POST", "/components", name=f"c{number}", status=1)
    assert time.monotonic() - begun < 2
    dropped = [attempt.problem for attempt in cachet.sandbox.postbox.attempts() if attempt.status is None]
    release.set()
    assert cachet.sandbox.postbox.settle()
    sent = [attempt for attempt in cachet.sandbox.postbox.attempts() if attempt.status == 200]
    assert 3 <= len(sent) <= 4
    assert len(sent) + len(dropped) == 8
    assert set(dropped) == {"not sent: 3 messages are waiting already"}


def test_a_listener_that_is_not_there_is_a_failed_attempt() -> None:
    sandbox = Sandbox(clock=HandClock())
    sandbox.postbox.post(Posting("cachet3", "x", "http://127.0.0.1:9/", b"{}", {}, 1.0))
    assert sandbox.postbox.settle()
    (attempt,) = sandbox.postbox.attempts()
    assert (attempt.status, attempt.problem) == (None, "ConnectionError")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failure_while_giving_up_does_not_stop_later_messages(side: Side) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    side.listener.statuses = [500]
    side.sandbox.postbox.post(Posting("cachet3", "x", side.listener.url, b"1", {}, 1.0, (), fail))
    side.heard()
    side.sandbox.postbox.post(Posting("cachet3", "x", side.listener.url, b"2", {}, 1.0))
    assert [heard.body for heard in side.heard()] == [b"1", b"2"]
