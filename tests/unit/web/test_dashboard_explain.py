"""The story of one object on a page of the dashboard: what ``explain`` tells, escaped, bounded, no secrets."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from web_side import NOW, FixedClock, source

from bridge.cli.explain import lines_of
from bridge.cli.main import main
from bridge.config.settings import AuthKind, AuthSettings, ComponentSettings, DestinationSettings, Settings
from bridge.model.chronicle import CallTold, DeliveryTold
from bridge.model.enums import (
    Action,
    AlertSeverity,
    ComponentStatus,
    IncidentStatus,
    Kind,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.events import Delivery, Event, Parsed
from bridge.model.facts import Call, Link, LinkState, ObjectKey
from bridge.model.loss import Loss
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.model.state import Changes, Decision, Why
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.lanes import MIRROR, Lane
from bridge.store.state import Mark
from bridge.sync.chronicle import chronicle_of
from bridge.web.app import create_app

INCIDENT = "inc_0h6x2k9vw8c3m1p4q7r2"
HOSTILE = "<script>alert('x')</script>\"'{{ 7 * 7 }}"
KEY = ObjectKey(Kind.INCIDENT, INCIDENT)
TOKEN = "a-token-that-nobody-sees"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    prom = source("prom", "alertmanager", AuthSettings(AuthKind.BEARER, (Secret(TOKEN),)))
    destinations = {"public": DestinationSettings("public", "cachet3", Secret(TOKEN), url="https://status.example.com")}
    components = {"api": ComponentSettings("api", HOSTILE, on={"public": "3"})}
    return Settings({"prom": prom}, destinations, components, settings.rules, settings.store)


def call(seconds: float, status: int | None, error: str | None = None) -> Call:
    return Call(NOW + timedelta(seconds=seconds), "POST", "/api/incidents", status, 123.4, error)


def incident(title: str) -> Incident:
    told = IncidentUpdate("upd_1", Text("We look."), NOW, IncidentStatus.INVESTIGATING)
    return Incident(
        INCIDENT, title, IncidentStatus.INVESTIGATING, Severity.MAJOR, {"api": ComponentStatus.MAJOR_OUTAGE}, (told,),
        NOW, Visibility.PUBLIC, Publication.PUBLISHED, notify=True,
    )  # fmt: skip


@pytest.fixture
def told(settings: Settings, store: Store) -> Store:
    """A store in which an incident has a story: a delivery, a decision, a refused and a repeated call, a link."""
    mine = Event("down", Action.TRIGGER, HOSTILE, AlertSeverity.MAJOR, labels={"password": "hunter2"}, started_at=NOW)
    other = Event("else", Action.TRIGGER, "Something else")
    store.accept(Delivery("dlv_1", "prom", NOW, b'{"secret": "hunter2"}'), Parsed((mine, other)))
    decisions = (
        Decision(NOW, "prom/down", Why.FIRED, HOSTILE, "dlv_1", INCIDENT),
        Decision(NOW, "prom/down", Why.REPEATED, "said again", "dlv_forgotten", INCIDENT),
        Decision(NOW, INCIDENT, Why.OPENED, "because of the route all", None, INCIDENT),
    )
    store.state.commit(
        store.state.snapshot(()),
        Changes(incidents=(incident(HOSTILE),), decisions=decisions),
        [Mark("public", KEY, 1, 0)],
        NOW,
    )
    store.story.add_calls("public", KEY, [call(1, None, "timed out"), call(5, 503), call(9, 201)])
    lease = store.lanes.take(Lane(MIRROR, "public"))
    assert lease is not None
    loss = Loss(str(KEY), "title", HOSTILE, "short", "Too long.")
    link = Link(LinkState.LINKED, "77", revision=1, losses=(loss,), since=NOW)
    store.links.done(lease, KEY, 0, 1, {KEY: link})
    store.lanes.release(lease)
    return store


def page(settings: Settings, store: Store, identity: str = INCIDENT) -> tuple[int, str]:
    answer = create_app(settings, store, FixedClock()).test_client().get(f"/story/{identity}")
    return answer.status_code, answer.text


def test_the_story_has_deliveries_decisions_calls_and_retries_in_order(settings: Settings, told: Store) -> None:
    chronicle = chronicle_of(settings, told, INCIDENT)
    assert chronicle is not None
    calls = [entry for entry in chronicle.told if isinstance(entry, CallTold)]
    assert [(item.attempt, item.call.status) for item in calls] == [(1, None), (2, 503), (3, 201)]
    deliveries = {entry.id: entry for entry in chronicle.told if isinstance(entry, DeliveryTold)}
    assert [event.key for event in deliveries["dlv_1"].events] == ["down"]
    assert (deliveries["dlv_1"].others, deliveries["dlv_1"].kept) == (1, True)
    assert deliveries["dlv_forgotten"].kept is False
    assert [entry.why for entry in chronicle.told if isinstance(entry, Decision)] == ["fired", "repeated", "opened"]
    assert [(item.destination, item.state, item.remote_id) for item in chronicle.standings] == [
        ("public", "in_sync", "77")
    ]
    assert [entry.at for entry in chronicle.told] == sorted(entry.at for entry in chronicle.told)


@pytest.mark.parametrize(
    "words",
    ["dlv_1", "dlv_forgotten", "not kept any more", "trigger down", "because of the route all", "POST /api/incidents",
     "no answer", "attempt 3", "123 ms", "timed out", "in sync", "remote id 77", "Too long.", "1 event about other"],
)  # fmt: skip
def test_the_page_tells_what_explain_tells(settings: Settings, told: Store, words: str) -> None:
    status, text = page(settings, told)
    assert status == 200
    assert words in text


def test_nothing_of_a_hostile_title_becomes_markup(settings: Settings, told: Store) -> None:
    _, text = page(settings, told)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)[0]


def test_neither_page_nor_json_shows_a_secret_a_label_or_a_body(settings: Settings, told: Store) -> None:
    chronicle = chronicle_of(settings, told, INCIDENT)
    assert chronicle is not None
    for text in (page(settings, told)[1], json.dumps(list(lines_of(chronicle)))):
        assert TOKEN not in text
        assert "hunter2" not in text


def test_the_page_needs_nothing_from_elsewhere_and_runs_no_script(settings: Settings, told: Store) -> None:
    answer = create_app(settings, told, FixedClock()).test_client().get(f"/story/{INCIDENT}")
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", answer.text)
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert 'name="viewport"' in answer.text


def test_a_story_without_end_is_shown_in_part(settings: Settings, told: Store) -> None:
    many = tuple(Event("down", Action.UPDATE, "x" * 5000, started_at=NOW) for _ in range(2000))
    told.accept(Delivery("dlv_2", "prom", NOW, b"{}"), Parsed(many))
    decisions = tuple(
        Decision(NOW + timedelta(seconds=number), "prom/down", Why.REPEATED, "y" * 200, "dlv_2", INCIDENT)
        for number in range(1200)
    )
    told.state.commit(told.state.snapshot(()), Changes(decisions=decisions), [], NOW)
    _, text = page(settings, told)
    assert len(text) < 600_000
    assert "not kept any more" in text
    assert "and 1980 more" in text


def test_an_unknown_id_is_told_so(settings: Settings, told: Store) -> None:
    status, text = page(settings, told, "inc_nothing")
    assert status == 404
    assert "Nothing goes by this id" in text


def test_a_component_has_a_story_too(settings: Settings, told: Store) -> None:
    status, text = page(settings, told, "api")
    assert status == 200
    assert "&lt;script&gt;" in text


def test_the_matrix_leads_to_the_story(settings: Settings, told: Store) -> None:
    board = create_app(settings, told, FixedClock()).test_client().get("/board").text
    assert 'href="story/api"' in board
    assert f'href="story/{INCIDENT}"' in board


def test_explain_tells_the_same_on_the_command_line(tmp_path: Path, told: Store) -> None:
    config = tmp_path / "bridge.yaml"
    config.write_text(
        "sources: {prom: {type: alertmanager, auth: {bearer: xyzzy-1}}}\n"
        "destinations: {public: {type: cachet3, url: 'https://status.example.com', token: t}}\n"
        "components: {api: {on: {public: 3}}}\n"
        f"store: {{redis_url: '{told.url}'}}\n"
    )
    plain = CliRunner().invoke(main, ["--config", str(config), "explain", INCIDENT[:12]]).stdout
    assert "event\ttrigger down" in plain
    assert "→ 201 in 123 ms (attempt 3)" in plain
    assert "now\tpublic\tin sync\t77" in plain
    answer = CliRunner().invoke(main, ["--config", str(config), "explain", INCIDENT, "--json"]).stdout
    lines = [json.loads(line) for line in answer.splitlines()]
    sorts = [next(iter(line)) for line in lines]
    assert sorts[0] == "about"
    assert {"delivery", "decision", "call", "standing"} <= set(sorts)
