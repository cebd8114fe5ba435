"""The dashboard of a made-up overview: what it says, that it escapes, and how it behaves in a real browser."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from web_side import NOW, FixedClock
from werkzeug.serving import WSGIRequestHandler, make_server

from bridge.config.settings import Settings
from bridge.errors import StoreDown
from bridge.model.overview import Cell, CellState, DestinationView, Overview, Row, SourceView
from bridge.web.app import create_app
from bridge.web.dashboard.words import age, cell_words

PAGES = ("public", "intranet", "legacy")
HOSTILE = "<script>alert('x')</script>\"'{{ 7 * 7 }}"
INCIDENT, HELD = "inc_0h6x2k9vw8c3m1p4q7r2", "inc_0h6x2k9vw8c3m1p4q7r9"


DRIFT = Cell(CellState.DRIFT, why="a person changed status", remote_id="r9")


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def row(kind: str, identity: str, title: str, status: str, *cells: Cell) -> Row:
    return Row(kind, identity, title, status, ago(130), dict(zip(PAGES, cells, strict=True)))


SYNC = Cell(CellState.IN_SYNC, remote_id="r1", synced_at=NOW)
OVERVIEW = Overview(
    at=NOW,
    sources=(SourceView("prometheus", "alertmanager", ago(14), 2, {"deliveries.accepted": 128}),),
    destinations=(
        DestinationView("public", "statuspage", owed=1, oldest_owed_at=ago(12)),
        DestinationView("intranet", "cachet3", "down", "Connection refused", NOW + timedelta(seconds=42), owed=1),
        DestinationView("legacy", "cachet2", "paused", HOSTILE, dead=1),
    ),
    rows=(
        row("component", "api", HOSTILE, "major_outage", Cell(CellState.OWED, ago(12)), SYNC, Cell(CellState.ABSENT)),
        row("incident", INCIDENT, "Problems", "investigating", SYNC, SYNC, Cell(CellState.FAILED, ago(61), HOSTILE)),
        row("incident", HELD, "Held", "reported", *[Cell(CellState.HELD, why="held: not published")] * 3),
        row("incident", "inc_1", "Rejected", "reported", *[Cell(CellState.HELD, why="rejected: not published")] * 3),
    ),
    unrouted=3,
    quarantined=7,
    held=1,
)


class ShownStore:
    """A store that shows what a test wants to be shown."""

    def __init__(self) -> None:
        self.shown: Overview | None = OVERVIEW

    def overview(self, settings: Settings, now: datetime) -> Overview:
        if self.shown is None:
            raise StoreDown("away")
        return self.shown


@pytest.fixture
def shown() -> ShownStore:
    return ShownStore()


@pytest.fixture
def app(settings: Settings, shown: ShownStore) -> Flask:
    return create_app(settings, shown, FixedClock())  # type: ignore[arg-type]


class Outline(HTMLParser):
    """Every tag with its attributes, and the text of the whole."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def with_data(self, **data: str) -> list[dict[str, str | None]]:
        wanted = {f"data-{name.replace('_', '-')}": value for name, value in data.items()}
        return [attrs for _, attrs in self.tags if wanted.items() <= attrs.items()]


def board(app: Flask) -> Outline:
    return Outline(app.test_client().get("/board").text)


def test_each_component_and_incident_has_a_cell_for_each_destination(app: Flask) -> None:
    outline = board(app)
    assert len(outline.with_data(kind="component")) == 1
    assert len(outline.with_data(kind="incident")) == 3
    cells = [attrs for tag, attrs in outline.tags if tag == "td"]
    assert len(cells) == len(OVERVIEW.rows) * len(PAGES)
    assert len(outline.with_data(destination="public", state="owed")) == 1
    assert len(outline.with_data(destination="legacy", state="failed")) == 1


@pytest.mark.parametrize(
    "words",
    ["owed for 12 s", "failed 1 min ago", "in sync", "not shown here", "Last delivery 14 s ago", "2 deliveries waiting",
     "Connection refused", "tried again in 42 s", "waits for a person", "1 dead letter", "major outage"],
)  # fmt: skip
def test_it_says_what_stands_where_in_words(app: Flask, words: str) -> None:
    assert words in re.sub(r"\s+", " ", board(app).text)


def test_what_was_over_last_leads_to_its_story(app: Flask, shown: ShownStore) -> None:
    assert "Over lately" not in board(app).text
    over = row("incident", "inc_over", "Was slow", "resolved", SYNC, SYNC, SYNC)
    shown.shown = replace(OVERVIEW, recent=(over,))
    outline = board(app)
    assert "Over lately" in outline.text
    assert [attrs["href"] for _, attrs in outline.tags if "over" in (attrs.get("href") or "")] == ["story/inc_over"]


def test_bulk_work_that_waits_is_told_while_the_destination_is_in_order(app: Flask, shown: ShownStore) -> None:
    waiting = DestinationView("public", "statuspage", owed=3, bulk_until=NOW + timedelta(seconds=20))
    shown.shown = replace(OVERVIEW, rows=(), destinations=(waiting,), held=0)
    outline = board(app)
    assert "bulk work waits for its share of the rate, 20 s more" in re.sub(r"\s+", " ", outline.text)
    assert outline.with_data(view="destination", state="ok")


def test_held_incidents_come_with_the_command_and_rejected_ones_do_not(app: Flask) -> None:
    outline = board(app)
    assert [attrs["data-held"] for _, attrs in outline.tags if "data-held" in attrs] == [HELD]
    assert f"statusbridge approve {HELD}" in outline.text
    assert "approve inc_1" not in outline.text


def test_what_is_set_aside_is_counted(app: Flask) -> None:
    outline = board(app)
    for name, value in (("unrouted", "3"), ("quarantined", "7"), ("held", "1")):
        assert outline.with_data(count=name)[0]["data-value"] == value


def test_nothing_of_the_text_becomes_markup_or_template(app: Flask) -> None:
    page = app.test_client().get("/board").text
    assert "<script" not in page
    assert HOSTILE in Outline(page).text
    assert "49" not in page


def test_the_policy_allows_only_what_the_page_itself_brings(app: Flask) -> None:
    client = app.test_client()
    first, second = client.get("/"), client.get("/")
    policy = first.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert policy != second.headers["Content-Security-Policy"]
    outline = Outline(first.text)
    assert {attrs["nonce"] for tag, attrs in outline.tags if tag in ("script", "style")} == {nonce[1]}
    assert not [attrs for _, attrs in outline.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    addresses = [attrs.get("href") or attrs.get("src") for _, attrs in outline.tags if attrs.keys() & {"href", "src"}]
    assert all(str(address).startswith(("data:", "story/")) for address in addresses)


def test_without_a_store_the_page_says_so(app: Flask, shown: ShownStore) -> None:
    shown.shown = None
    for path in ("/", "/board"):
        answer = app.test_client().get(path)
        assert answer.status_code == 503
        assert "The store does not answer." in answer.text


def test_all_in_sync_is_said_in_one_line(app: Flask, shown: ShownStore) -> None:
    shown.shown = replace(OVERVIEW, rows=(), destinations=(DestinationView("public", "statuspage"),), held=0)
    outline = board(app)
    assert outline.with_data(mood="good")
    assert "Everything is in sync" in outline.text
    assert "No incident is open." in outline.text


def test_what_people_changed_is_told_with_the_field(app: Flask, shown: ShownStore) -> None:
    changed = row("incident", INCIDENT, "Problems", "investigating", DRIFT, SYNC, SYNC)
    shown.shown = replace(OVERVIEW, rows=(changed,), destinations=(DestinationView("public", "statuspage"),), held=0)
    outline = board(app)
    assert len(outline.with_data(destination="public", state="drift")) == 1
    assert "a person changed status" in outline.text
    assert "1 changed by people" in outline.text
    assert outline.with_data(mood="good"), "a person did it, so nobody has to be woken"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (7500, "2 h 5 min"),
     (86400, "1 d"), (90000, "1 d 1 h"), (40 * 86400, "40 d")],
)  # fmt: skip
def test_ages_are_told_in_words(seconds: float, words: str) -> None:
    assert age(ago(seconds), NOW) == words


def test_a_cell_without_a_time_still_says_what_it_is() -> None:
    assert [cell_words(Cell(state), NOW) for state in CellState] == [
        "in sync",
        "owed",
        "failed",
        "held",
        "drift",
        "not shown here",
    ]


# --- in a real browser ------------------------------------------------------------------------------------------------


class Quiet(WSGIRequestHandler):
    """A development server that prints nothing."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium is installed; on Debian: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_fits_and_refreshes_itself(
    browser: Any, url: str, shown: ShownStore, width: int, scheme: str, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    assert page.locator("[data-kind=component] [data-destination=public]").get_attribute("data-state") == "owed"
    assert page.evaluate("document.documentElement.scrollWidth") == width
    (component, *incidents) = OVERVIEW.rows
    settled = replace(component, cells={**component.cells, "public": SYNC})
    shown.shown = replace(OVERVIEW, rows=(settled, *incidents))
    page.locator("[data-kind=component] [data-destination=public][data-state=in_sync]").wait_for(timeout=6000)
    assert complaints == []
    page.close()


@pytest.mark.browser
def test_the_page_tells_when_what_it_shows_is_old(browser: Any, url: str) -> None:
    page = browser.new_page()
    page.goto(url)
    page.route("**/board", lambda route: route.abort())
    page.locator("#stale", has_text="does not answer").wait_for(timeout=6000)
    page.unroute("**/board")
    page.locator("#stale").wait_for(state="hidden", timeout=6000)
    page.close()
