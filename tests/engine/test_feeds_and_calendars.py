"""Feeds and calendars as pages: what they tell happens on status pages, and nothing is asked for but their address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest

from bridge.config.load import parse_settings
from bridge.config.settings import DestinationSettings, MirrorSettings, PageSettings
from bridge.errors import ConfigError, ProviderError
from bridge.model.enums import ComponentStatus, IncidentStatus, Kind, MaintenanceStatus
from bridge.model.facts import Call
from bridge.model.objects import Incident, Maintenance
from bridge.pages import registry
from bridge.providers.base.provider import Page, Unchanged
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.lanes import POLL, Lane
from tests.engine.harness import START, Bridge, ManualClock, Unlimited, make_bridge
from tests.engine.little_web import LittleWeb
from tests.engine.test_mirroring_pages import EVERY

TARGETS = ("cachet3", "statuspage")
OPEN, RESOLVED = IncidentStatus.INVESTIGATING, IncidentStatus.RESOLVED


@pytest.fixture
def web() -> Iterator[LittleWeb]:
    with LittleWeb() as made:
        yield made


Maker = Callable[..., Bridge]


@pytest.fixture
def make(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], web: LittleWeb) -> Maker:
    def make(kind: str, path: str, components: dict[str, str] | None = None, **options: Any) -> Bridge:
        bridge = make_bridge(store, sandbox_and_server[1], sandbox, TARGETS)
        reach = DestinationSettings(
            "page", kind, Secret(""), url=web.url + path if path else None, options=options, rate=(10_000, 1.0)
        )
        settings = replace(
            bridge.runtime.settings,
            pages={"page": PageSettings("page", reach, EVERY)},
            mirrors=(MirrorSettings("page", TARGETS, components=components),),
        )
        return replace(bridge, runtime=replace(bridge.runtime, settings=settings))

    return make


def stamp(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def feed(*entries: str) -> str:
    return '<feed xmlns="http://www.w3.org/2005/Atom"><title>S</title>' + "".join(entries) + "</feed>"


def entry(*steps: tuple[float, str, str], title: str = "Mail outage", text: str = "", identity: str = "tag:1") -> str:
    """An entry as hosted pages write it; steps are given oldest first, in seconds after the start."""
    told = "".join(
        f"<p><small>{START + timedelta(seconds=at):%b %d, %H:%M} UTC</small><br><strong>{word}</strong> - {body}</p>"
        for at, word, body in reversed(steps)
    )
    last = steps[-1][0] if steps else 0
    return (
        f"<entry><id>{identity}</id><published>{stamp(steps[0][0] if steps else 0)}</published>"
        f"<updated>{stamp(last)}</updated><title>{title}</title>"
        f'<content type="html">{escape(told or text)}</content></entry>'
    )


def shown(bridge: Bridge) -> list[list[tuple[str, int]]]:
    """On each page: title and number of updates of what is open."""
    return [[(item.title, len(item.updates)) for item in bridge.page(name).open_incidents] for name in TARGETS]


def test_an_entry_is_opened_followed_and_resolved(make: Maker, web: LittleWeb) -> None:
    web.put("/history.atom", feed())
    bridge = make("feed", "/history.atom", component="api")
    bridge.run(35, step=5)
    first, second, last = (0, "Investigating", "We look."), (60, "Identified", "Found."), (120, "Resolved", "Over.")
    web.put("/history.atom", feed(entry(first)))
    bridge.run(60, step=5)
    assert shown(bridge) == [[("Mail outage", 1)]] * 2
    assert [bridge.status(name) for name in TARGETS] != ["good"] * 2
    web.put("/history.atom", feed(entry(first, second)))
    bridge.run(60, step=5)
    assert shown(bridge) == [[("Mail outage", 2)]] * 2
    web.put("/history.atom", feed(entry(first, second, last)))
    bridge.run(60, step=5)
    assert shown(bridge) == [[], []]
    assert [bridge.status(name) for name in TARGETS] == ["good"] * 2
    assert [len(bridge.incidents(name)) for name in TARGETS] == [1, 1]
    assert bridge.owed() == 0


def newest_only(at: float, word: str, text: str) -> str:
    """An entry of a page that shows its newest update only."""
    body = f"<b>Status: {word}</b><br/><br/>{text}<br/><br/><b>Affected components</b><ul><li>Login (Up)</li></ul>"
    return (
        f"<entry><id>tag:1</id><updated>{stamp(at)}</updated><title>Mail outage</title>"
        f'<content type="html">{escape(body)}</content></entry>'
    )


def test_each_update_of_an_entry_that_shows_its_newest_only_is_copied(make: Maker, web: LittleWeb) -> None:
    web.put("/feed.atom", feed())
    bridge = make("feed", "/feed.atom", component="api")
    bridge.run(35, step=5)
    for number, (word, text) in enumerate((("Investigating", "We look."), ("Identified", "Found.")), start=1):
        web.put("/feed.atom", feed(newest_only(60 * number, word, text)))
        bridge.run(60, step=5)
        assert shown(bridge) == [[("Mail outage", 1 + number)]] * 2  # that it began is not in the feed
    web.put("/feed.atom", feed(newest_only(180, "Resolved", "It is over.")))
    bridge.run(60, step=5)
    assert shown(bridge) == [[], []]
    assert [len(bridge.incidents(name)) for name in TARGETS] == [1, 1]
    assert bridge.owed() == 0


def one_of_several(number: int, label: str, text: str) -> str:
    """The entry of one update, in a feed that has an entry for each."""
    where = "https://cloud.example.com/incidents/B1hD4KAtcxiyAWkcANfV"
    return (
        f"<entry><id>tag:feed:B1hD4KAtcxiyAWkcANfV.{number}</id><updated>{stamp(60 * number)}</updated>"
        f'<title>{label}: Slow disks</title><link href="{where}"/><content type="html">{text}</content></entry>'
    )


def test_entries_of_one_incident_are_one_on_the_copies_also_when_the_older_ones_are_gone(
    make: Maker, web: LittleWeb
) -> None:
    web.put("/feed.atom", feed())
    bridge = make("feed", "/feed.atom", component="api")
    bridge.run(35, step=5)
    entries = [one_of_several(1, "UPDATE", "We look."), one_of_several(2, "MONITORING", "Better.")]
    for number in (1, 2):
        web.put("/feed.atom", feed(*reversed(entries[:number])))
        bridge.run(60, step=5)
        assert [[count for _, count in found] for found in shown(bridge)] == [[number]] * 2
    entries.append(one_of_several(3, "RESOLVED", "Over."))
    for gone in (0, 2):
        web.put("/feed.atom", feed(*reversed(entries[gone:])))
        bridge.run(60, step=5)
        assert shown(bridge) == [[], []]
        assert [[len(item.updates) for item in bridge.incidents(name)] for name in TARGETS] == [[3], [3]]
    assert bridge.owed() == 0


def test_a_feed_with_nothing_new_costs_a_304_and_nothing_else(make: Maker, web: LittleWeb) -> None:
    web.put("/history.atom", feed(entry((0, "Identified", "We look."))))
    bridge = make("feed", "/history.atom", component="api")
    bridge.run(60, step=5)
    writes, asked = [bridge.writes(name) for name in TARGETS], len(web.asked)
    bridge.run(3600, step=300)
    assert {call.status for call in web.asked[asked:]} == {304}
    assert {call.path for call in web.asked} == {"/history.atom"}
    assert [bridge.writes(name) for name in TARGETS] == writes


def test_an_entry_that_nobody_understands_is_open_until_it_is_old(make: Maker, web: LittleWeb) -> None:
    web.put("/rss", feed())
    bridge = make("feed", "/rss", component="api", unknown_for=timedelta(hours=2))
    bridge.run(35, step=5)
    web.put("/rss", feed(entry(title="Something is fine", text="It works nicely.")))
    bridge.run(60, step=5)
    assert shown(bridge) == [[("Something is fine", 1)]] * 2
    bridge.run(2 * 3600, step=600)  # the document never changes again
    assert shown(bridge) == [[], []]
    assert [bridge.status(name) for name in TARGETS] == ["good"] * 2


def test_old_entries_are_left_where_they_are(make: Maker, web: LittleWeb) -> None:
    old = entry((-9e5, "Investigating", "x"), (-8e5, "Resolved", "y"))
    unknown = entry(title="Riddle", identity="tag:2").replace(stamp(0), stamp(-9e5))
    web.put("/rss", feed(old, unknown))
    bridge = make("feed", "/rss", component="api")
    bridge.run(60, step=5)
    assert [bridge.incidents(name) for name in TARGETS] == [[], []]


@pytest.mark.parametrize(
    "body", ["<html>sorry</html>", "", "<feed", '<!DOCTYPE x [<!ENTITY a "b">]><rss version="2.0"/>']
)
def test_a_feed_that_is_broken_resolves_nothing(make: Maker, web: LittleWeb, body: str) -> None:
    web.put("/rss", feed(entry((0, "Identified", "We look."))))
    bridge = make("feed", "/rss", component="api")
    bridge.run(60, step=5)
    web.put("/rss", body)
    bridge.run(120, step=5)
    assert shown(bridge) == [[("Mail outage", 1)]] * 2
    assert bridge.store.lanes.state(Lane(POLL, "page")).state == "down"


def test_a_feed_that_is_too_long_is_not_read(make: Maker, web: LittleWeb) -> None:
    web.put("/rss", feed("<!--" + "x" * 1_100_000 + "-->"))
    bridge = make("feed", "/rss", component="api")
    bridge.run(35, step=5)
    assert bridge.store.lanes.state(Lane(POLL, "page")).state == "down"


def test_planned_work_of_a_feed_is_a_maintenance(make: Maker, web: LittleWeb) -> None:
    web.put("/rss", feed())
    bridge = make("feed", "/rss", component="api")
    bridge.run(35, step=5)
    begins = START + timedelta(hours=2)
    plan = f"<p>THIS IS A SCHEDULED EVENT {begins:%b %d, %H:%M} - {begins + timedelta(hours=1):%H:%M} UTC</p>"
    said = f"<p><small>{START:%b %d, %H:%M} UTC</small><br><strong>Scheduled</strong> - New disks.</p>"
    web.put("/rss", feed(entry(title="Disks", text=plan + said)))
    bridge.run(60, step=5)
    assert [[item.title for item in bridge.page(name).maintenances] for name in TARGETS] == [["Disks"]] * 2
    assert [bridge.incidents(name) for name in TARGETS] == [[], []]


# --- calendars ---------------------------------------------------------------------------------------------------


def ics_time(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def calendar(*more: str, begins: float = 2.0, hours: float = 1.0, title: str = "Public API: new disks") -> str:
    """A calendar with one event, so many hours after the start."""
    begin = START + timedelta(hours=begins)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", "UID:u1", "DTSTAMP:20260101T000000Z",
        f"DTSTART:{ics_time(begin)}", f"DTEND:{ics_time(begin + timedelta(hours=hours))}", f"SUMMARY:{title}",
        "DESCRIPTION:We change disks.", *more, "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def plans(bridge: Bridge) -> list[list[str]]:
    return [[item.title for item in bridge.page(name).maintenances] for name in TARGETS]


def test_an_event_is_announced_moved_begun_and_over(make: Maker, web: LittleWeb) -> None:
    web.put("/x.ics", calendar())
    bridge = make("icalendar", "/x.ics")
    bridge.run(60, step=5)
    assert plans(bridge) == [["Public API: new disks"]] * 2
    web.put("/x.ics", calendar("SEQUENCE:1", begins=3.0, title="Public API: newer disks"))
    bridge.run(60, step=5)
    assert plans(bridge) == [["Public API: newer disks"]] * 2
    bridge.run(3.2 * 3600, step=300)
    (work,) = bridge.store.pages.open()
    assert isinstance(work, Maintenance)
    assert (work.status, work.components) == (MaintenanceStatus.IN_PROGRESS, ("api",))
    assert bridge.status("cachet3") != "good"
    bridge.run(1.5 * 3600, step=300)
    assert bridge.store.pages.open() == []
    assert [bridge.status(name) for name in TARGETS] == ["good"] * 2


def test_a_cancelled_event_does_not_stay_announced(make: Maker, web: LittleWeb) -> None:
    web.put("/x.ics", calendar())
    bridge = make("icalendar", "/x.ics")
    bridge.run(60, step=5)
    web.put("/x.ics", calendar("SEQUENCE:1", "STATUS:CANCELLED"))
    bridge.run(120, step=5)
    assert bridge.store.pages.open() == []


def test_a_recurring_event_is_one_maintenance_each_time(make: Maker, web: LittleWeb) -> None:
    web.put("/x.ics", calendar("RRULE:FREQ=WEEKLY"))
    bridge = make("icalendar", "/x.ics", horizon=timedelta(days=20))
    bridge.run(60, step=5)
    assert [len(each) for each in plans(bridge)] == [3, 3]


def test_words_of_the_mirror_name_components(make: Maker, web: LittleWeb) -> None:
    web.put("/x.ics", calendar("CATEGORIES:Disks,Shelves", title="Work"))
    bridge = make("icalendar", "/x.ics", {"Shelves": "web"})
    bridge.run(60, step=5)
    (work,) = bridge.store.pages.open()
    assert isinstance(work, Maintenance)
    assert work.components == ("web",)


def test_a_calendar_at_rest_costs_304s(make: Maker, web: LittleWeb) -> None:
    web.put("/x.ics", calendar(begins=30.0))
    bridge = make("icalendar", "/x.ics")
    bridge.run(60, step=5)
    writes, asked = [bridge.writes(name) for name in TARGETS], len(web.asked)
    bridge.run(3600, step=300)
    assert {call.status for call in web.asked[asked:]} == {304}
    assert [bridge.writes(name) for name in TARGETS] == writes


@pytest.mark.parametrize("broken", ["", "<html>", "BEGIN:VCALENDAR"])
def test_a_calendar_that_is_broken_ends_nothing(make: Maker, web: LittleWeb, broken: str) -> None:
    web.put("/x.ics", calendar())
    bridge = make("icalendar", "/x.ics")
    bridge.run(60, step=5)
    web.put("/x.ics", broken)
    bridge.run(120, step=5)
    assert len(bridge.store.pages.open()) == 1
    assert bridge.store.lanes.state(Lane(POLL, "page")).state == "down"


def test_a_calendar_may_be_a_file(make: Maker, tmp_path: Path) -> None:
    file = tmp_path / "plans.ics"
    file.write_text(calendar(), encoding="utf-8")
    bridge = make("icalendar", "", file=str(file))
    bridge.run(60, step=5)
    assert plans(bridge) == [["Public API: new disks"]] * 2
    file.unlink()
    bridge.run(120, step=5)
    assert len(bridge.store.pages.open()) == 1
    assert "cannot be read" in str(bridge.store.lanes.state(Lane(POLL, "page")).why)


# --- one page by itself ------------------------------------------------------------------------------------------


def page_at(url: str | None, kind: str, calls: list[Call], **options: Any) -> Page:
    settings = DestinationSettings("page", kind, Secret(""), url=url, options=options, read_timeout=1.0)
    return registry.make(settings, Unlimited(), calls.append, ManualClock())


def test_the_path_of_a_calendar_is_a_secret_and_is_told_nowhere(web: LittleWeb) -> None:
    calls: list[Call] = []
    page = page_at(f"{web.url}/private-9f3a/basic.ics", "icalendar", calls)
    with pytest.raises(ProviderError) as failed:
        list(page.scan(Kind.COMPONENT))
    assert "9f3a" not in f"{failed.value} {failed.value.where} {calls}"


def test_no_redirect_is_followed(web: LittleWeb) -> None:
    web.put("/rss", "", status=301, Location=f"{web.url}/elsewhere")
    with pytest.raises(ProviderError):
        list(page_at(f"{web.url}/rss", "feed", []).scan(Kind.COMPONENT))
    assert [asked.path for asked in web.asked] == ["/rss"]


def test_a_feed_without_a_component_tells_of_incidents_only(web: LittleWeb) -> None:
    web.put("/rss", feed(entry((0, "Identified", "We look."))))
    page = page_at(f"{web.url}/rss", "feed", [])
    assert list(page.scan(Kind.COMPONENT)) == []
    (seen,) = page.scan(Kind.INCIDENT)
    incident, losses = page.read(Kind.INCIDENT, seen, "page", lambda kind, remote, at: f"{kind}-{remote}")
    assert isinstance(incident, Incident)
    assert (incident.components, incident.status, losses) == ({}, IncidentStatus.IDENTIFIED, ())


def test_the_component_shows_the_worst_of_what_is_open(web: LittleWeb) -> None:
    web.put(
        "/rss",
        feed(
            entry((0, "Identified", "x"), title="Slow mail", identity="a"),
            entry((0, "Identified", "x"), title="Major outage of mail", identity="b"),
            entry((0, "Identified", "x"), (60, "Resolved", "x"), title="Total outage", identity="c"),
        ),
    )
    page = page_at(f"{web.url}/rss", "feed", [], component="mail")
    (seen,) = page.scan(Kind.COMPONENT)
    component, _ = page.read(Kind.COMPONENT, seen, "page", lambda kind, remote, at: remote)
    assert getattr(component, "status", None) is ComponentStatus.MAJOR_OUTAGE


def test_unchanged_is_said_once_for_a_whole_look(web: LittleWeb) -> None:
    web.put("/rss", feed())
    first = page_at(f"{web.url}/rss", "feed", [])
    assert list(first.scan(Kind.COMPONENT)) == list(first.scan(Kind.INCIDENT)) == []
    assert len(web.asked) == 1
    later = page_at(f"{web.url}/rss", "feed", [])
    getattr(later, "etags").update(getattr(first, "etags"))  # noqa: B009 - not of every page
    with pytest.raises(Unchanged):
        list(later.scan(Kind.COMPONENT))


@pytest.mark.parametrize(("url", "options"), [(None, {}), ("http://127.0.0.1:1/x", {"file": "x.ics"})])
def test_a_calendar_is_at_an_address_or_in_a_file(url: str | None, options: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="either"):
        page_at(url, "icalendar", [], **options)


YAML = """\
sources:
  page: {PAGE}
destinations:
  public: {type: cachet3, url: "https://status.example.com", token: abcdefgh}
components:
  api: {on: {public: "3"}}
mirrors:
  - {from: page, to: public}
"""


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("type: feed, url: 'https://x.example.com/rss', component: api, unknown_for: 2h", None),
        ("type: icalendar, file: /etc/plans.ics, horizon: 30d, time_zone: Europe/Berlin", None),
        ("type: icalendar, url: 'https://x.example.com/a.ics', every: 15m", None),
        ("type: statuspage-public", "url is missing"),
        ("type: feed", "url is missing"),
        ("type: icalendar", "either the url"),
        ("type: icalendar, file: a, url: 'https://x.example.com/a.ics'", "either the url"),
        ("type: icalendar, file: a, time_zone: Berlin", "no such time zone"),
        ("type: icalendar, file: a, horizon: 5y", "not a duration"),
        ("type: feed, url: 'file:///etc/passwd'", "not an address"),
        ("type: feed, url: 'https://x.example.com/rss', file: a", "unknown key"),
    ],
)
def test_settings_in_bridge_yaml(page: str, why: str | None) -> None:
    reading = parse_settings(YAML.replace("PAGE", page).encode(), Path("bridge.yaml"), {})
    if why is None:
        assert reading.settings is not None, reading.problems
    else:
        assert reading.settings is None
        assert any(why in problem.why for problem in reading.problems), reading.problems
