"""RSS and Atom entries as incidents and maintenances. Pure; cautious: what is not understood is never taken for fine.

How an entry stands is told by its text (``feed_updates``), else at the beginning or the end of its title, or by a
category. Some feeds have an entry for each update: those of Google Cloud and Better Stack name the incident in the link
and in the id, those of AWS name the service in the id; such entries are one incident.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from bridge.model.enums import MaintenanceStatus, Severity
from bridge.pages.feed_text import plain
from bridge.pages.feed_times import Times
from bridge.pages.feed_updates import (
    MOST_TEXT,
    Status,
    Step,
    as_work,
    is_typed_work,
    last_word,
    planned,
    stated,
    typed_plan,
    updates_in,
    words,
)
from bridge.policy.literal import clean_block, clean_line

MOST_ENTRIES = 200
_TITLE = 255
_ENTITY = re.compile(rb"<!\s*(?:entity|doctype[^>\[]*\[)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']{1,40})", re.IGNORECASE)
_ENCODINGS = re.compile(rb"(?:utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d|utf-?16(?:le|be)?)\Z", re.IGNORECASE)
_LABEL = re.compile(r"\[([^\[\]]{2,30})\]|\A((?:[^\W\d_]| ){2,30}?)\s*:|\s[-–]\s((?:[^\W\d_]| ){2,30})\Z")
_OF_AWS = re.compile(r"(.{1,200}#[\w-]{3,80})_\d{9,11}\Z")
_YEARS = range(1970, 2100)
_TELLING = 12
"""Characters from which on the last part of a link names one incident for sure."""


class NoFeed(Exception):
    """The document is no feed that can be trusted; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        steps: oldest first, never empty.
        status: None where nothing tells it.
        plan: begin and end of planned work, where they are told.
        name: what tells it from the other entries of its incident, where a feed has one for each update.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    status: Status | None
    severity: Severity
    plan: tuple[datetime, datetime] | None = None
    name: str = ""

    @property
    def is_work(self) -> bool:
        """Whether it is planned work and no incident."""
        return isinstance(self.status, MaintenanceStatus)


def read_feed(body: bytes) -> list[Entry]:
    """The entries of a feed, in its order.

    Raises:
        NoFeed: it declares entities of its own, is not well-formed, or no feed at all.
    """
    _refuse_tricks(body)
    feed: Any = feedparser.parse(io.BytesIO(body), sanitize_html=True, resolve_relative_uris=False)
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    if feed.get("bozo") and not isinstance(feed.get("bozo_exception"), harmless):
        raise NoFeed("it is not well-formed")
    if not feed.get("version"):
        raise NoFeed("it is neither RSS nor Atom")
    found: dict[str, list[Entry]] = {}
    for row in feed.entries[:MOST_ENTRIES]:
        entry = _entry(row)
        if entry is not None:
            found.setdefault(entry.id, []).append(entry)
    return [_whole(entries) for entries in found.values()]


def _refuse_tricks(body: bytes) -> None:
    """No feed needs entities of its own: they can grow without bound, or name files. Looked for in any encoding."""
    bare = body.replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n")
    declared = _DECLARED.match(bare)
    if declared and not _ENCODINGS.match(declared[1]):
        raise NoFeed("its encoding is not one that feeds have")
    if not bare.startswith(b"<"):
        raise NoFeed("it is no XML")
    if _ENTITY.search(bare):
        raise NoFeed("it declares entities of its own")


def _entry(row: Any) -> Entry | None:
    # As they are there: feedparser's own way of reading takes one for the other, with a warning.
    updated, published = (_moment(dict.get(row, name)) for name in ("updated_parsed", "published_parsed"))
    updated, published = updated or published, published or updated
    identity, link = str(row.get("id") or row.get("link") or ""), str(row.get("link") or "")
    title = _title(row)
    if updated is None or published is None or not identity or not title:
        return None  # without them an entry cannot be told from others, or placed in time
    content = row.get("content") or ()
    text = plain(str(content[0].get("value") if content else row.get("summary") or ""))
    thread = _thread(identity, link, title)
    name = _hash(identity) if thread else ""
    entry = Entry(_hash(thread or identity), _without_status(title), (), None, _severity(title), name=name)
    if is_typed_work(text):
        return _work(entry, text, published, updated)
    return _told(entry, row, text, published, updated)


def _told(entry: Entry, row: Any, text: str, published: datetime, updated: datetime) -> Entry:
    """An entry with what its text says, or its title."""
    published, times = min(published, updated), Times(published, updated)
    steps = updates_in(text, published, updated, times)
    if steps:
        status = last_word(steps)
    elif said := stated(text):
        status = _labelled(row, said[0])
        newest = Step(updated, status, clean_block(said[1], MOST_TEXT), _hash("\x1f".join(said)))
        steps = [Step(published, None, ""), newest]
    else:
        status = _labelled(row)
        steps = _two_steps(clean_block(text, MOST_TEXT), status, published, updated)
    return replace(entry, steps=tuple(steps), status=status, plan=planned(text, updated, times))


def _work(entry: Entry, text: str, begins: datetime, updated: datetime) -> Entry:
    """Planned work that calls itself so."""
    told = updates_in(text, min(begins, updated), updated, Times(begins, updated))
    steps = [as_work(step, begins) for step in told] or [Step(updated, MaintenanceStatus.SCHEDULED, "")]
    return replace(entry, steps=tuple(steps), status=last_word(steps), plan=typed_plan(text, begins))


def _whole(entries: Sequence[Entry]) -> Entry:
    """The entries of one incident as one; of those that are the same the first."""
    each = {entry.name: entry for entry in reversed(entries)}
    if not entries[0].name:
        return entries[0]
    in_order = sorted(each.values(), key=lambda entry: entry.steps[-1].at)
    steps = tuple(
        Step(entry.steps[-1].at, entry.status, entry.steps[-1].text or entry.steps[0].text, entry.name)
        for entry in in_order
    )
    return replace(in_order[-1], steps=steps, status=last_word(steps))


def _thread(identity: str, link: str, title: str) -> str | None:
    """What the entries of one incident have in common, where a feed has one for each update."""
    bare = " ".join(_LABEL.sub(" ", title).split()).casefold()
    of_aws = _OF_AWS.match(identity)
    if of_aws:
        return f"{of_aws[1]}\x1f{bare}"
    last = link.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    one_of_several = f"{last}." in identity or f"{last}#" in identity
    if not one_of_several or not any(letter.isdigit() for letter in last):
        return None
    return link if len(last) >= _TELLING else f"{link}\x1f{bare}"


def _hash(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _two_steps(text: str, status: Status | None, published: datetime, updated: datetime) -> list[Step]:
    """The course of an entry that is one text: that it began, and that it is over, if it is."""
    if status is None or not status.is_terminal:
        return [Step(published, status, text)]
    return [Step(published, None, text), Step(updated, status, "")]


def _labelled(row: Any, said: str = "") -> Status | None:
    """The status by the title's beginning, end or brackets, by a category or the text. An end is to be said by all."""
    labels = [said, *(_label(found) for found in _LABEL.finditer(_title(row)))]
    labels += [str(tag.get("term") or "") for tag in row.get("tags") or ()]
    found = [status for status in map(words().status_of, labels) if status is not None]
    return next((status for status in found if not status.is_terminal), found[0] if found else None)


def _title(row: Any) -> str:
    return clean_line(plain(str(row.get("title") or "")), _TITLE)


def _label(found: re.Match[str]) -> str:
    return str(next(filter(None, found.groups())))


def _without_status(title: str) -> str:
    """A title without the words for how things stand: what an incident is called does not change with them."""
    bare = _LABEL.sub(lambda found: " " if words().status_of(_label(found)) else found[0], title)
    return " ".join(bare.split()) or title


def _severity(title: str) -> Severity:
    lower = title.lower()
    return next((severity for phrase, severity in words().severity.items() if phrase in lower), Severity.MINOR)


def _moment(parsed: Sequence[int] | None) -> datetime | None:
    """A time as feedparser gives it: in UTC. One of another century is none."""
    try:
        year, month, day, hour, minute, second = parsed[:6] if parsed else ()
        at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, TypeError):
        return None
    return at if at.year in _YEARS else None
