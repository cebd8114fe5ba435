from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.demo import story
from bridge.demo.page import Incident, Page, Shown, differences, read_page
from bridge.demo.story import Expected
from bridge.sandbox.server import Server

HTML = """<!doctype html><main>
<section data-section="open-incidents">
 <article data-incident="Slow &amp; odd" data-incident-id="i7" data-incident-status="watching">
 <ol><li data-update="b"><div data-update-body><p>Better<br>now.</p></div></li>
     <li data-update="a"><div data-update-body><div>Bad.</div></div></li></ol></article></section>
<section><ul><li data-component="Public API" data-status="up" data-tone="good">
 <span class="name">Public API</span><span class="state good">Up &amp; well</span></li></ul>
</section>
<section data-section="past-incidents"><article data-incident="Old" data-incident-id="i1" data-incident-status="over">
</article></section></main>"""

RIGHT = Page(
    {story.COMPONENT: Shown("Down", "critical")},
    (Incident("1", story.TITLE, "Investigating", True, (story.OPENED,)),),
)
EXPECTED = Expected("critical", (story.OPENED,), is_open=True)


def test_a_page_is_read_as_a_visitor_reads_it() -> None:
    page = read_page(HTML)
    assert page.components == {"Public API": Shown("Up & well", "good")}
    assert page.incidents == (
        Incident("i7", "Slow & odd", "watching", True, ("Bad.", "Better now.")),
        Incident("i1", "Old", "over", False, ()),
    )


def test_a_right_page_has_no_differences() -> None:
    assert list(differences(RIGHT, EXPECTED)) == []


@pytest.mark.parametrize(
    ("page", "words"),
    [
        pytest.param(replace(RIGHT, components={}), "no component", id="component missing"),
        pytest.param(
            replace(RIGHT, components={story.COMPONENT: Shown("Up", "good")}), "instead of something", id="wrong status"
        ),
        pytest.param(replace(RIGHT, incidents=()), "0 incidents", id="no incident"),
        pytest.param(replace(RIGHT, incidents=RIGHT.incidents * 2), "2 incidents", id="published twice"),
        pytest.param(replace(RIGHT, incidents=(replace(RIGHT.incidents[0], title="x"),)), "titled", id="wrong title"),
        pytest.param(
            replace(RIGHT, incidents=(replace(RIGHT.incidents[0], updates=(story.OPENED, story.OPENED)),)),
            "updates are",
            id="update twice",
        ),
        pytest.param(
            replace(RIGHT, incidents=(replace(RIGHT.incidents[0], is_open=False),)), "already resolved", id="closed"
        ),
    ],
)
def test_everything_that_is_wrong_on_a_page_is_told(page: Page, words: str) -> None:
    found = list(differences(page, EXPECTED))
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize("provider", ["cachet2", "cachet3", "statuspage", "pingpong"])
def test_the_sandbox_s_pages_can_be_read(sandbox_server: Server, provider: str) -> None:
    from urllib.request import urlopen

    with urlopen(f"{sandbox_server.url}/{provider}/", timeout=5) as answer:
        page = read_page(answer.read().decode())
    assert page.components.keys() >= {"Public API", "Website", "Dashboard", "Background jobs"}
    assert {shown.tone for shown in page.components.values()} == {"good"}
    assert page.incidents == ()
