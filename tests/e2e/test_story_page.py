"""The story of an incident in a real browser, on a phone: opened from the dashboard, whole, readable, discreet."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from bridge.config.settings import AuthKind, AuthSettings, SourceSettings
from bridge.sandbox.app import Sandbox
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import serve
from bridge.secret import Secret
from bridge.store import Store
from bridge.web.app import create_app
from tests.e2e.test_browser import browser
from tests.engine.harness import PROVIDERS, START, Bridge, ManualClock, make_bridge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(150), pytest.mark.slow]

PHONE = 375
HIDDEN = ("token-of-the-hook", "value-of-a-label")


@dataclass
class Visit:
    """A page of the dashboard in a browser, and what the browser complained of."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", lambda answer: answer.status >= 400 and self.complaints.append(answer.url))

    def texts(self, where: str) -> list[str]:
        return [" ".join(text.split()) for text in self.page.locator(where).all_inner_texts()]


@pytest.fixture
def bridge(store: Store) -> Iterator[Bridge]:
    """An incident on four pages, one of which failed once, while another refuses it."""
    sandbox = Sandbox(clock=ManualClock(START))
    with serve(sandbox) as server:
        bridge = make_bridge(store, server, sandbox, PROVIDERS)
        hook = SourceSettings("prom", "alertmanager", AuthSettings(AuthKind.BEARER, (Secret(HIDDEN[0]),)))
        settings = replace(bridge.runtime.settings, sources={"prom": hook})
        bridge = replace(bridge, runtime=replace(bridge.runtime, settings=settings))
        sandbox.faults.add(Fault("status", "statuspage", "POST", status=503, path="*/incidents*", times=1))
        sandbox.faults.add(Fault("status", "cachet3", "POST", status=422, path="*/incidents*", times=1))
        bridge.alert("disk", labels={"service": "api", "password": HIDDEN[1]}, title="The disk of api-7 is full " * 6)
        bridge.run(60, step=5)
        yield bridge


@pytest.fixture
def visit(browser: Browser, bridge: Bridge) -> Iterator[Visit]:
    app = create_app(bridge.runtime.settings, bridge.store, bridge.clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    page = browser.new_page(viewport={"width": PHONE, "height": 780})
    yield Visit(page, f"http://127.0.0.1:{server.server_port}/")
    page.close()
    server.shutdown()
    thread.join()


def test_the_story_of_an_incident_is_opened_from_the_dashboard_and_whole(visit: Visit, bridge: Bridge) -> None:
    (incident,) = bridge.store.open_incidents()
    visit.page.goto(visit.address)
    visit.page.locator(f"[data-id={incident.id}] a").click()
    visit.page.wait_for_url(f"**/story/{incident.id}")
    assert visit.texts("h1") == [incident.title]
    assert [text for text in visit.texts("[data-sort=delivery]") if "dlv_0 from prom" in text]
    assert [text for text in visit.texts("[data-sort=decision]") if "delivery dlv_0" in text]
    calls = visit.texts("[data-sort=call]")
    assert all(re.search(r"→ (\d{3}|no answer) in \d+ ms", text) for text in calls), calls
    assert [text for text in calls if "POST" in text and "attempt 2" in text], "what is tried again is counted"
    assert len(visit.texts("[data-sort=call].failed")) >= 2
    states = {
        str(card.get_attribute("data-standing")): str(card.get_attribute("data-state"))
        for card in visit.page.locator("[data-standing]").all()
    }
    assert states == {"cachet2": "in_sync", "cachet3": "failed", "statuspage": "in_sync", "pingpong": "in_sync"}
    assert any("statusbridge failed" in text for text in visit.texts("[data-standing=cachet3]")), "and what ends it"
    assert visit.texts("[data-loss]")
    times = [str(item.get_attribute("datetime")) for item in visit.page.locator(".story time").all()]
    assert times == sorted(times)
    visit.page.get_by_role("link", name="everything").click()
    visit.page.wait_for_url(visit.address)
    assert visit.complaints == []


def test_the_story_is_readable_on_a_phone_and_tells_no_secret(visit: Visit, bridge: Bridge) -> None:
    (incident,) = bridge.store.open_incidents()
    for address in (f"story/{incident.id}", "story/api"):
        visit.page.goto(visit.address + address)
        shown = visit.page.locator("body").inner_text()
        assert not [secret for secret in (*HIDDEN, "Bearer", "sandbox\n") if secret in shown]
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE
        assert visit.page.evaluate(_CUT_OFF, PHONE) == []
        assert visit.page.evaluate(_SMALLEST) >= 12
    assert visit.complaints == []


def test_a_story_that_is_not_there_says_so(visit: Visit) -> None:
    visit.page.goto(visit.address + "story/inc_unknown")
    assert "Nothing goes by this id" in visit.page.locator("main").inner_text()


_CUT_OFF = """width => [...document.querySelectorAll("main *")]
    .filter(item => item.getBoundingClientRect().right > width + 1 || item.getBoundingClientRect().left < 0)
    .map(item => item.outerHTML.slice(0, 80))"""
_SMALLEST = """() => Math.min(...[...document.querySelectorAll("main *")]
    .filter(item => [...item.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    .map(item => parseFloat(getComputedStyle(item).fontSize)))"""
