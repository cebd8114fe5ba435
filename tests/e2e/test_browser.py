"""The demo's pages in a real browser: what a visitor of each page, and an operator, really get to see."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bridge.demo import story
from tests.e2e.command import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.slow]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PAGES = ("cachet2", "cachet3", "statuspage", "pingpong")


@dataclass(frozen=True)
class Stage:
    dashboard: str
    sandbox: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no Chromium on this machine (looked for {', '.join(NAMES)}); on Debian: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install '.[dev]'")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A demo that has told its story and stays up."""
    with Running("demo", cwd=tmp_path_factory.mktemp("elsewhere")) as demo:
        demo.await_output("Ctrl-C ends it", within=90)
        dashboard = demo.await_output(r"Dashboard +(http://127\.0\.0\.1:\d+)/").group(1)
        sandbox = demo.await_output(r"Cachet 2 +(http://127\.0\.0\.1:\d+)/").group(1)
        yield Stage(dashboard, sandbox)
        assert demo.end(signal.SIGINT) == 0, demo.output


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_sees_one_resolved_incident_with_every_update_once_and_in_order(
    page: Page, stage: Stage, name: str
) -> None:
    page.goto(f"{stage.sandbox}/{name}/")
    assert page.locator("[data-section=open-incidents]").count() == 0
    incident = page.locator("[data-incident]")
    assert incident.count() == 1
    assert incident.get_by_role("heading").inner_text() == story.TITLE
    incident.locator("summary").click()
    bodies = incident.locator("[data-update-body]")
    assert bodies.first.is_visible()
    assert [text.strip() for text in bodies.all_inner_texts()] == [story.RESOLVED, story.LEFT, story.OPENED]


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_sees_all_components_well_again(page: Page, stage: Stage, name: str) -> None:
    page.goto(f"{stage.sandbox}/{name}/")
    components = page.locator("[data-component]")
    shown = {
        str(item.get_attribute("data-component")): item.locator(".state").inner_text() for item in components.all()
    }
    assert {"Public API", "Website", "Dashboard", "Background jobs"} <= shown.keys()
    assert {word.lower() for word in shown.values()} == {"operational"}


def test_the_operator_sees_every_component_in_sync_on_every_destination(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.dashboard}/")
    text = page.locator("body").inner_text()
    assert "Everything is in sync" in text
    for word in ("Public API", "Website", "Dashboard", *PAGES):
        assert word in text


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_is_wider_than_a_phone_or_loads_anything_from_another_host(
    browser: Browser, stage: Stage, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 780})
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for address in (f"{stage.dashboard}/", *(f"{stage.sandbox}/{name}/" for name in PAGES)):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.close()
    assert [url for url in asked if not re.match(r"http://127\.0\.0\.1:|data:", url)] == []
    assert errors == []
