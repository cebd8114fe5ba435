"""Status feeds: what their entries say, and what is never believed."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from html import escape

import pytest

from bridge.model.enums import IncidentStatus, MaintenanceStatus, Severity
from bridge.pages.feed_entries import Entry, NoFeed, read_feed
from bridge.pages.feed_updates import words

RESOLVED = IncidentStatus.RESOLVED


def hosted(*steps: tuple[str, str, str]) -> str:
    """The body of an entry as hosted pages write it: newest first."""
    return "".join(
        f"<p><small>Sep <var data-var='date'>{when[:2]}</var>, <var data-var='time'>{when[3:]}</var> UTC</small><br>"
        f"<strong>{word}</strong> - {text}</p>"
        for when, word, text in steps
    )


def atom(*entries: str) -> bytes:
    return ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>S</title>' + "".join(entries)
            + "</feed>").encode()  # fmt: skip


def entry(content: str = "", title: str = "Trouble", more: str = "", identity: str = "tag:1") -> str:
    return (
        f"<entry><id>{identity}</id><published>2024-09-16T21:31:02Z</published><updated>2024-09-16T22:08:39Z</updated>"
        f'<title>{title}</title>{more}<content type="html">{escape(content)}</content></entry>'
    )


def rss(title: str, description: str = "Text.", more: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>S</title><item>'
        f"<title>{title}</title><description>{escape(description)}</description>{more}"
        "<pubDate>Mon, 16 Sep 2024 22:08:39 +0000</pubDate><guid>g-1</guid></item></channel></rss>"
    ).encode()


def only(body: bytes) -> Entry:
    (found,) = read_feed(body)
    return found


def test_the_updates_of_a_hosted_page_are_read_oldest_first() -> None:
    found = only(
        atom(entry(hosted(("16 22:08", "Resolved", "It is over."), ("16 21:31", "Investigating", "Looking."))))
    )
    assert [(step.status, step.text) for step in found.steps] == [
        (IncidentStatus.INVESTIGATING, "Looking."),
        (RESOLVED, "It is over."),
    ]
    assert [step.at.isoformat() for step in found.steps] == ["2024-09-16T21:31:00+00:00", "2024-09-16T22:08:00+00:00"]
    assert (found.status, found.severity) == (RESOLVED, Severity.MINOR)


def test_an_update_of_several_paragraphs_stays_one() -> None:
    found = only(atom(entry(hosted(("16 21:31", "Identified", "First.")) + "<p>Second.</p>")))
    assert [step.text for step in found.steps] == ["First.\n\nSecond."]


def test_a_new_word_after_the_end_means_that_nothing_is_known() -> None:
    found = only(atom(entry(hosted(("16 22:10", "Reopened", "Again."), ("16 22:08", "Resolved", "Over.")))))
    assert found.status is None


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("[Resolved] Trouble", RESOLVED),
        ("RESOLVED: Trouble", RESOLVED),
        ("Trouble - Monitoring", IncidentStatus.MONITORING),
        ("[Resolved] Trouble - Investigating", IncidentStatus.INVESTIGATING),
        ("Service is operating normally", None),
        ("All good: nothing to see", None),
        ("We resolved trouble", None),
        ("[Fine] Trouble", None),
    ],
)
def test_a_title_tells_the_status_by_known_words_only(title: str, status: IncidentStatus | None) -> None:
    assert only(rss(title)).status is status


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("[Resolved] Mail is slow", "Mail is slow"),
        ("RESOLVED: Global: mail is slow", "Global: mail is slow"),
        ("Service is operating normally: [RESOLVED] Mail is slow", "Mail is slow"),
        ("Mail is slow - Monitoring", "Mail is slow"),
        ("[Mail] It is slow: monitoring", "[Mail] It is slow: monitoring"),
        ("[Resolved]", "[Resolved]"),
    ],
)
def test_what_an_incident_is_called_does_not_change_with_its_status(title: str, name: str) -> None:
    assert only(rss(title)).title == name


def test_a_category_tells_the_status_and_never_ends_what_the_title_calls_open() -> None:
    assert only(rss("Trouble", more="<category>resolved</category>")).status is RESOLVED
    found = only(rss("Investigating: Trouble", more="<category>resolved</category>"))
    assert found.status is IncidentStatus.INVESTIGATING


@pytest.mark.parametrize(
    ("title", "severity"),
    [("Major outage of mail", "critical"), ("Mail outage", "major"), ("Degraded mail", "minor"), ("Mail", "minor")],
)
def test_the_severity_is_told_by_the_title_and_never_none(title: str, severity: str) -> None:
    assert only(rss(title)).severity == severity


def test_an_end_without_a_course_has_a_beginning_as_well() -> None:
    found = only(atom(entry("We fixed it.", "[Resolved] Trouble")))
    assert [(step.status, step.text) for step in found.steps] == [(None, "We fixed it."), (RESOLVED, "")]
    assert found.steps[0].at == datetime(2024, 9, 16, 21, 31, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "begins", "ends"),
    [
        ("Sep 20, 10:00 - 12:00 UTC", "2024-09-20T10:00:00+00:00", "2024-09-20T12:00:00+00:00"),
        ("Sep 20, 23:00 - Sep 21, 01:00 UTC", "2024-09-20T23:00:00+00:00", "2024-09-21T01:00:00+00:00"),
        ("Jan 3, 10:00 - 12:00 UTC", "2025-01-03T10:00:00+00:00", "2025-01-03T12:00:00+00:00"),
    ],
)
def test_planned_work_has_its_times(times: str, begins: str, ends: str) -> None:
    body = f"<p><strong>THIS IS A SCHEDULED EVENT {times}</strong></p>" + hosted(("16 21:31", "Scheduled", "Disks."))
    found = only(atom(entry(body)))
    assert (found.status, found.is_work) == (MaintenanceStatus.SCHEDULED, True)
    assert found.plan and [moment.isoformat() for moment in found.plan] == [begins, ends]


def test_markup_becomes_text() -> None:
    body = hosted(
        ("16 21:31", "Identified", 'A <b>b</b><script>alert(1)</script> <a href="javascript:x()">c</a> &lt;d&gt;')
    )
    assert only(atom(entry(body, title="A &amp;lt;b&amp;gt; &lt;i&gt;c&lt;/i&gt;"))).steps[0].text == "A b c <d>"


def test_entries_without_a_name_or_a_time_are_left_out_and_repeated_ones_are_one() -> None:
    nameless = "<entry><title>x</title><updated>2024-09-16T22:08:39Z</updated></entry>"
    timeless = "<entry><id>t</id><title>x</title></entry>"
    assert len(read_feed(atom(nameless, timeless, entry(), entry(), entry(identity="tag:2")))) == 2


@pytest.mark.parametrize("year", ["0001", "1601", "9999"])
def test_a_time_of_another_century_is_none(year: str) -> None:
    work = "<p>Type: Maintenance</p><p>Duration: 900 days</p>" + in_zone("UTC", ("16, 10:00", "Identified"))
    body = atom(entry(work), entry(work, identity="tag:2")).replace(b"2024-", f"{year}-".encode(), 2)
    assert len(read_feed(body)) == 1


def in_zone(zone: str, *lines: tuple[str, str]) -> str:
    return "".join(
        f"<p><small>Sep {when} {zone}</small><br><strong>{word}</strong> - Text.</p>" for when, word in lines
    )


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("EDT", 4), ("PDT", 7), ("CEST", -2), ("-03", 3), ("+0530", -6), ("GMT+2", -2), ("GMT+0", 0), ("AEST", -10)],
)
def test_times_are_in_the_zone_of_the_page(zone: str, hour: int) -> None:
    found = only(atom(entry(in_zone(zone, ("16, 12:08", "Resolved"), ("16, 11:31:20", "Investigating")))))
    assert found.status is RESOLVED
    assert [step.at.hour for step in found.steps] == [11 + hour + (zone == "+0530"), 12 + hour]


@pytest.mark.parametrize(("written", "zone"), [("16, 16:08", "CST"), ("17, 06:08", "CST"), ("16, 23:08", "IST")])
def test_a_name_of_several_zones_means_the_one_that_fits_the_time_of_the_entry(written: str, zone: str) -> None:
    found = only(atom(entry(in_zone(zone, (written, "Resolved")))))
    at = found.steps[-1].at
    assert abs((at - datetime(2024, 9, 16, 22, 8, tzinfo=UTC)).total_seconds()) <= 3600


def test_a_time_that_cannot_be_placed_is_that_of_the_entry_and_hides_no_status() -> None:
    for written in ("Sep 16, 12:08 XYZ", "le 16 septembre, 12 h 08"):
        said = f"<p><small>{written}</small><br><strong>Résolu</strong> - C'est fini.</p>"
        found = only(atom(entry(said)))
        assert (found.status, found.steps[0].at) == (RESOLVED, datetime(2024, 9, 16, 22, 8, 39, tzinfo=UTC))


def test_updates_may_stand_oldest_first_and_come_after_the_time_of_the_item() -> None:
    said = in_zone("GMT+0", ("16, 22:10:00", "Investigating"), ("18, 01:05:00", "Resolved"))
    found = only(rss("Trouble", "<p>Type: Incident</p><p>Duration: 1 day</p>" + said))
    assert [(step.status, step.at.isoformat()) for step in found.steps] == [
        (IncidentStatus.INVESTIGATING, "2024-09-16T22:10:00+00:00"),
        (RESOLVED, "2024-09-18T01:05:00+00:00"),
    ]


def test_markup_that_was_escaped_twice_is_read() -> None:
    said = escape(in_zone("GMT+0", ("16, 22:08:00", "Resolved")))
    assert only(rss("Trouble", f"<p><strong>Type:</strong> Incident</p>{said}")).status is RESOLVED


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ((("15, 10:00:00", "Identified"),), MaintenanceStatus.SCHEDULED),
        ((("15, 10:00:00", "Identified"), ("16, 21:31:02", "Identified")), MaintenanceStatus.IN_PROGRESS),
        ((("15, 10:00:00", "Identified"), ("16, 22:00:00", "Completed")), MaintenanceStatus.COMPLETED),
        ((), MaintenanceStatus.SCHEDULED),
    ],
)
def test_planned_work_may_tell_its_length(steps: tuple[tuple[str, str], ...], status: MaintenanceStatus) -> None:
    head = "<p><strong>Type:</strong> Maintenance</p><p><strong>Duration:</strong> 1 hour and 30 minutes</p>"
    found = only(atom(entry(head + in_zone("GMT+0", *steps))))
    assert (found.status, found.is_work) == (status, True)
    assert found.plan == (datetime(2024, 9, 16, 21, 31, 2, tzinfo=UTC), datetime(2024, 9, 16, 23, 1, 2, tzinfo=UTC))


def test_an_entry_may_state_how_things_stand_above_its_newest_update() -> None:
    said = "<b>Status: {}</b><br/><br/>Fixed.<br/><br/><b>Affected components</b><ul><li>A (Operational)</li></ul>"
    found = only(atom(entry(said.format("Resolved"))))
    assert (found.status, [step.text for step in found.steps]) == (RESOLVED, ["", "Fixed."])
    assert only(atom(entry(said.format("Resolvido")))).status is RESOLVED
    assert only(atom(entry(said.format("Quite fine")))).status is None
    later = only(atom(entry(said.format("Monitoring").replace("Fixed", "Watching"))))
    assert later.steps[0].name == found.steps[0].name
    assert later.steps[1].name != found.steps[1].name


def update(identity: str, title: str, minute: int, link: str, text: str = "Text.") -> str:
    return (
        f"<entry><id>{identity}</id><updated>2024-09-16T22:{minute:02}:00Z</updated><title>{title}</title>"
        f'<link href="{link}"/><content type="html">{text}</content></entry>'
    )


@pytest.mark.parametrize(
    ("identity", "link"),
    [
        ("tag:x,2024:feed:B1hD4KAtcxiyAWkcANfV.{}", "https://x.example.com/incidents/B1hD4KAtcxiyAWkcANfV"),
        ("https://x.example.com/incidents/98765#update-{}", "https://x.example.com/incidents/98765"),
        ("http://x.example.com/#ec2-north-1_156655911{}", "http://x.example.com/"),
    ],
)
def test_the_entries_of_one_incident_are_one(identity: str, link: str) -> None:
    newer = update(identity.format(2), "RESOLVED: Disks are slow", 30, link, "Over.")
    older = update(identity.format(1), "UPDATE: Disks are slow", 10, link, "Found.")
    found = only(atom(newer, older))
    assert [(step.status, step.text) for step in found.steps] == [
        (IncidentStatus.INVESTIGATING, "Found."),
        (RESOLVED, "Over."),
    ]
    assert found.status is RESOLVED
    alone = only(atom(older))
    assert (alone.id, alone.steps) == (found.id, found.steps[:1])


def test_entries_that_only_share_a_link_are_not_one() -> None:
    link = "https://x.example.com/history/2024"
    assert len(read_feed(atom(update("t:1", "A", 1, link), update("t:2", "A", 2, link)))) == 2
    short = "https://x.example.com/incidents/98765"
    assert len(read_feed(atom(update(f"{short}#1", "A", 1, short), update(f"{short}#2", "B", 2, short)))) == 2


BOMB = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<rss version="2.0"><channel><item><title>&d;</title><guid>x</guid></item></channel></rss>"""
OUTSIDE = BOMB.replace(b'<!ENTITY a "aaaaaaaaaa">', b'<!ENTITY a SYSTEM "file:///etc/hostname">')
FROM_AFAR = (
    b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><rss version="2.0"/>"""
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB,
        OUTSIDE,
        FROM_AFAR,
        BOMB.decode().encode("utf-16"),
        BOMB.decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"),
        BOMB.replace(b"<!ENTITY", b"<!entity"),
        b"\n " + BOMB,
        BOMB.decode().replace('"1.0"', '"1.0" encoding="utf-7"').encode("utf-7"),
        b'<?xml version="1.0" encoding="utf-7"?>+ADw-+ACE-DOCTYPE x+AD4-',
        BOMB.decode().encode("cp037"),
    ],
    ids=["bomb", "file", "dtd", "utf16", "utf16 declared", "small", "blank first", "utf7", "utf7 mixed", "ebcdic"],
)
def test_entities_of_its_own_are_refused_before_they_are_read(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(NoFeed):
        read_feed(body)
    assert time.process_time() - started < 1.0


def test_a_reference_to_a_doctype_elsewhere_is_not_followed() -> None:
    body = rss("Trouble").replace(b"<rss", b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd"><rss', 1)
    assert only(body).title == "Trouble"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html><body>sorry</body></html>", rss("x")[:-40], b"\xff\xfe", b"<" * 999]
)
def test_what_is_no_whole_feed_is_refused(body: bytes) -> None:
    with pytest.raises(NoFeed):
        read_feed(body)


def test_deep_and_long_feeds_are_read_in_bounded_time() -> None:
    started = time.process_time()
    deep = rss("x", "<div>" * 60_000)
    many = atom(*(entry(hosted(("16 21:31", "Identified", "x" * 50)), identity=f"t:{n}") for n in range(2_000)))
    assert len(read_feed(deep)) == 1
    assert len(read_feed(many)) == 200
    assert time.process_time() - started < 20.0


def test_no_word_of_the_table_is_written_in_a_way_that_is_never_found() -> None:
    table = words()
    assert all(table.status_of(word.upper()) is status for word, status in table.status.items())
    assert all(phrase == phrase.lower() for phrase in table.severity)
