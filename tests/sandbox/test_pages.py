"""The public HTML pages: what a visitor sees, what they must never see, and that they keep themselves fresh."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests

from bridge.sandbox.app import Sandbox
from bridge.sandbox.pages.bodies import BodyRenderer
from bridge.sandbox.pages.looks import say
from bridge.sandbox.pingpong import COMPONENT_IDS as PINGPONG_IDS
from bridge.sandbox.server import Server, serve
from bridge.sandbox.statuspage import COMPONENT_IDS as STATUSPAGE_IDS
from bridge.sandbox.statuspage import PAGE_ID

CHROMIUM = Path("/usr/bin/chromium")
EVIL = "<img src=x onerror=alert(1)><script>alert(1)</script>"


class Marks(HTMLParser):
    """Collects elements that carry data attributes, and every address that would be loaded."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.loaded: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if any(name.startswith("data-") for name in values):
            self.found.append(values)
        if tag != "a":
            self.loaded += [values[name] for name in ("src", "href", "srcset") if name in values]
        assert not [name for name in values if name.startswith("on")], "no event attributes"

    def having(self, name: str) -> list[dict[str, str]]:
        return [values for values in self.found if name in values]


class Visitor:
    """Writes through the APIs and looks at the pages."""

    def __init__(self, sandbox: Sandbox, server: Server) -> None:
        self.sandbox, self.url = sandbox, server.url

    def statuspage(self, method: str, path: str, body: Any) -> Any:
        return self._write(method, f"/statuspage/v1/pages/{PAGE_ID}{path}", body, "OAuth sandbox")

    def pingpong(self, method: str, path: str, body: Any) -> Any:
        return self._write(method, f"/pingpong/rest/v1{path}", body, "Token sandbox")

    def see(self, path: str) -> Marks:
        answer = requests.get(self.url + path, timeout=5)
        assert answer.ok
        return Marks(answer.text)

    def _write(self, method: str, path: str, body: Any, key: str) -> Any:
        headers = {"Authorization": key}
        answer = requests.request(method, self.url + path, json=body, headers=headers, timeout=5)
        assert answer.ok, answer.text
        return answer.json()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    sandbox = Sandbox()
    sandbox.plugins["statuspage"].settings.rate_limit = None
    with serve(sandbox) as server:
        yield Visitor(sandbox, server)


def statuses(marks: Marks) -> dict[str, str]:
    return {values["data-component"]: values["data-status"] for values in marks.having("data-component")}


def test_every_provider_has_a_page_with_the_seeded_components(visitor: Visitor) -> None:
    for name in visitor.sandbox.plugins:
        marks = visitor.see(f"/{name}/")
        assert set(statuses(marks)) == {"Public API", "Website", "Dashboard", "Background jobs"}, name
        assert [values["data-group"] for values in marks.having("data-group")] == ["Core"]
        assert marks.having("data-page")[0]["data-page"] == name


def test_the_index_leads_to_every_page(visitor: Visitor) -> None:
    marks = visitor.see("/")
    assert [values["data-provider"] for values in marks.having("data-provider")] == list(visitor.sandbox.plugins)


def test_a_statuspage_visitor_sees_the_incident_its_updates_and_its_end(visitor: Visitor) -> None:
    api = STATUSPAGE_IDS["Public API"]
    fields = {"name": "API errors", "body": "first\nsecond", "components": {api: "major_outage"}}
    made = visitor.statuspage("POST", "/incidents", {"incident": fields})
    marks = visitor.see("/statuspage/")
    assert statuses(marks)["Public API"] == "major_outage"
    (shown,) = marks.having("data-incident")
    assert (shown["data-incident"], shown["data-incident-status"]) == ("API errors", "investigating")
    assert marks.having("data-overall")[0]["data-overall"] == "Partial System Outage"
    visitor.statuspage("PATCH", f"/incidents/{made['id']}", {"incident": {"status": "resolved"}})
    marks = visitor.see("/statuspage/")
    assert [values["data-update"] for values in marks.having("data-update")] == ["resolved", "investigating"]
    assert "open-incidents" not in [values["data-section"] for values in marks.having("data-section")]


def test_a_pingpong_visitor_sees_the_effective_status_and_the_first_report(visitor: Visitor) -> None:
    affected = [{"id": PINGPONG_IDS["Website"], "status": "Critical state"}]
    body = {"title": "Down", "message": "<p>Half <strong>down</strong></p>", "affected_components": affected}
    made = visitor.pingpong("POST", "/incidents", body)
    visitor.pingpong("POST", f"/incidents/{made['id']}/updates", {"status": "Identified", "message": "ok"})
    marks = visitor.see("/pingpong/")
    assert statuses(marks)["Website"] == "Critical state"
    assert [values["data-update"] for values in marks.having("data-update")] == ["Identified", "In progress"]
    assert "strong" in marks.tags


def test_a_hidden_component_and_a_silent_one_are_not_shown(visitor: Visitor) -> None:
    visitor.pingpong("PATCH", f"/components/{PINGPONG_IDS['Website']}", {"showcased": False})
    assert "Website" not in statuses(visitor.see("/pingpong/"))
    path = f"/components/{STATUSPAGE_IDS['Website']}"
    visitor.statuspage("PATCH", path, {"component": {"only_show_if_degraded": True}})
    assert "Website" not in statuses(visitor.see("/statuspage/"))
    visitor.statuspage("PATCH", path, {"component": {"status": "degraded_performance"}})
    assert "Website" in statuses(visitor.see("/statuspage/"))


def test_maintenance_ahead_and_maintenance_past_stand_apart(visitor: Visitor) -> None:
    now = datetime.now(UTC)
    for title, start in (("Done", now - timedelta(hours=3)), ("Ahead", now + timedelta(hours=3))):
        times = {"scheduled_for": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}
        visitor.pingpong("POST", "/maintenance", {"title": title, "message": "m", **times})
    marks = visitor.see("/pingpong/")
    shown = [(v["data-maintenance"], v["data-maintenance-status"]) for v in marks.having("data-maintenance")]
    assert shown == [("Ahead", "Upcoming"), ("Done", "Complete")]


def test_nothing_hostile_gets_through_and_nothing_is_loaded_from_elsewhere(visitor: Visitor) -> None:
    visitor.statuspage("POST", "/incidents", {"incident": {"name": EVIL, "body": EVIL}})
    visitor.statuspage("POST", "/components", {"component": {"name": f'"{EVIL}', "description": EVIL}})
    image = '<img src="https://tracker.example.com/a.png">'
    visitor.pingpong("POST", "/incidents", {"title": EVIL, "message": EVIL + image})
    for path in ("/", *(f"/{name}/" for name in visitor.sandbox.plugins)):
        marks = visitor.see(path)
        assert marks.tags.count("script") == 1, path
        assert "img" not in marks.tags
        assert marks.loaded == ["data:,"]


def test_a_strict_policy_guards_what_the_cleaner_might_miss(visitor: Visitor) -> None:
    answer = requests.get(visitor.url + "/statuspage/", timeout=5)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f'<script nonce="{nonce[1]}">' in answer.text
    assert nonce[1] not in requests.get(visitor.url + "/statuspage/", timeout=5).text


@pytest.mark.parametrize(
    ("body", "text_format", "html"),
    [
        ("**bold**\nnext", "markdown", "<p><strong>bold</strong><br>\nnext</p>\n"),
        ("<b>raw</b>", "markdown", "<p>&lt;b&gt;raw&lt;/b&gt;</p>\n"),
        ("![x](https://e.example.com/i.png)", "markdown", None),
        ("[x](javascript:alert(1))", "markdown", "<p>[x](javascript:alert(1))</p>\n"),
        ("a\n<b>", "text", "a<br>&lt;b&gt;"),
        ('<p onclick="x()">a<script>x()</script></p>', "html", "<p>a</p>"),
    ],
)
def test_bodies_become_safe_html(body: str, text_format: Any, html: str | None) -> None:
    shown = str(BodyRenderer().render(body, text_format))
    assert "<img" not in shown
    if html is not None:
        assert shown == html


def test_words_are_said_like_a_person_would() -> None:
    assert [say("degraded_performance"), say("Operational"), say("")] == [
        "Degraded performance",
        "Operational",
        "No status",
    ]


@pytest.fixture
def chromium() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield browser
        browser.close()


@pytest.mark.browser
def test_an_open_page_shows_a_change_by_itself_and_fits_a_phone(visitor: Visitor, chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text))
    visitor.statuspage("POST", "/incidents", {"incident": {"name": "x" * 200, "body": "y" * 300}})
    page.goto(visitor.url + "/statuspage/")
    path = f"/components/{STATUSPAGE_IDS['Website']}"
    visitor.statuspage("PATCH", path, {"component": {"status": "partial_outage"}})
    page.wait_for_selector('[data-component="Website"][data-status="partial_outage"]', timeout=8000)
    assert "Minor Service Outage" in page.title()
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(width) == 0, "no sideways scrolling"
    assert problems == []
