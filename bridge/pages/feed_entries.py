"""RSS and Atom entries as incidents and maintenances. Pure; cautious: what is not understood is never taken for fine.

Facts (feeds of hosted pages and of Cachet): the body of an entry holds its updates, newest first, each as
``Sep 16, 22:08 UTC``, a status in bold, a dash and a text; planned work says ``THIS IS A SCHEDULED EVENT`` with its
times. Other feeds name the status at the beginning or the end of the title, or as a category. Times have no year.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import feedparser
import yaml

from bridge.model.enums import IncidentStatus, MaintenanceStatus, Severity
from bridge.policy.literal import clean_block, clean_line

MOST_ENTRIES = 200
_TITLE, _TEXT, _MOST_UPDATES = 255, 10_000, 100
_ENTITY = re.compile(rb"<!\s*(?:entity|doctype[^>\[]*\[)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']{1,40})", re.IGNORECASE)
_ENCODINGS = re.compile(rb"(?:utf-?8|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d|utf-?16(?:le|be)?)\Z", re.IGNORECASE)
_BLOCKS = frozenset({"p", "br", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "hr", "blockquote"})
_WHEN = r"(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<hour>\d{1,2}):(?P<minute>\d{2}) (?:UTC|GMT)"
_UPDATE = re.compile(rf"(?:{_WHEN}\s+)?(?P<word>[A-Za-z][A-Za-z ]{{1,30}}?) - (?P<text>.*)\Z", re.DOTALL)
_PLANNED = re.compile(
    r"SCHEDULED EVENT (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<hour>\d{1,2}):(?P<minute>\d{2}) - "
    r"(?:(?P<month2>[A-Z][a-z]{2}) (?P<day2>\d{1,2}), )?(?P<hour2>\d{1,2}):(?P<minute2>\d{2}) (?:UTC|GMT)"
)
_LABEL = re.compile(r"\[([^\[\]]{2,30})\]|\A([A-Za-z ]{2,30}?)\s*:|\s[-–]\s([A-Za-z ]{2,30})\Z")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Status = IncidentStatus | MaintenanceStatus


class NoFeed(Exception):
    """The document is no feed that can be trusted; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One update of an entry; ``status`` is None where its word is not known."""

    at: datetime
    status: Status | None
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    Attributes:
        steps: oldest first, never empty.
        status: None where nothing tells it.
        plan: begin and end of planned work, where they are told.
    """

    id: str
    title: str
    steps: tuple[Step, ...]
    status: Status | None
    severity: Severity
    plan: tuple[datetime, datetime] | None = None

    @property
    def is_work(self) -> bool:
        """Whether it is planned work and no incident."""
        return isinstance(self.status, MaintenanceStatus)


@dataclass(frozen=True, slots=True)
class Words:
    """The words that are known, in small letters."""

    status: Mapping[str, Status]
    severity: Mapping[str, Severity]

    def status_of(self, word: str) -> Status | None:
        """What a word says; None for one that is not known."""
        return self.status.get(" ".join(word.split()).lower())


@cache
def words() -> Words:
    """The words of ``feed_words.yaml``."""
    data = yaml.safe_load(files("bridge.pages").joinpath("feed_words.yaml").read_text(encoding="utf-8"))
    status: dict[str, Status] = {word: IncidentStatus(name) for word, name in data["incident"].items()}
    status |= {word: MaintenanceStatus(name) for word, name in data["maintenance"].items()}
    return Words(status, {phrase: Severity(name) for phrase, name in data["severity"].items()})


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
    found: dict[str, Entry] = {}
    for row in feed.entries[:MOST_ENTRIES]:
        entry = _entry(row)
        if entry is not None:
            found.setdefault(entry.id, entry)
    return list(found.values())


def _refuse_tricks(body: bytes) -> None:
    """No feed needs entities of its own: they can grow without bound, or name files. Looked for in any encoding."""
    plain = body.replace(b"\0", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n")
    declared = _DECLARED.match(plain)
    if declared and not _ENCODINGS.match(declared[1]):
        raise NoFeed("its encoding is not one that feeds have")
    if not plain.startswith(b"<"):
        raise NoFeed("it is no XML")
    if _ENTITY.search(plain):
        raise NoFeed("it declares entities of its own")


def _entry(row: Any) -> Entry | None:
    # As they are there: feedparser's own way of reading takes one for the other, with a warning.
    updated, published = (_moment(dict.get(row, name)) for name in ("updated_parsed", "published_parsed"))
    updated, published = updated or published, published or updated
    identity = str(row.get("id") or row.get("link") or "")
    title = clean_line(_plain(str(row.get("title") or "")), _TITLE)
    if updated is None or published is None or not identity or not title:
        return None  # without them an entry cannot be told from others, or placed in time
    published = min(published, updated)
    content = row.get("content") or ()
    text = _plain(str(content[0].get("value") if content else row.get("summary") or ""))
    steps = _steps(text, published, updated)
    status = _last_word(steps) if steps else _labelled(row, title)
    if not steps:
        steps = _two_steps(clean_block(text, _TEXT), status, published, updated)
    key = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Entry(key, title, tuple(steps), status, _severity(title), _plan(text, updated))


def _steps(text: str, published: datetime, updated: datetime) -> list[Step]:
    """The updates that the text holds, oldest first; those of unknown words only beside one that is known."""
    steps: list[Step] = []
    before = updated
    for paragraph in text.split("\n\n")[:_MOST_UPDATES]:
        told = _UPDATE.match(paragraph.strip())
        status = words().status_of(told["word"]) if told else None
        if told is None or (status is None and told["month"] is None):
            if steps:  # a further paragraph of the update above
                last = steps[-1]
                steps[-1] = Step(last.at, last.status, f"{last.text}\n\n{paragraph.strip()}"[:_TEXT])
            continue
        at = _near(told, "", before) or (published if steps else updated)
        before = at = max(min(at, before), published - timedelta(days=1))
        steps.append(Step(at, status, clean_block(told["text"], _TEXT)))
    return steps[::-1] if any(step.status for step in steps) else []


def _last_word(steps: Sequence[Step]) -> Status | None:
    """The status that was told last; an end after which something unknown was said is none."""
    told = next((step.status for step in reversed(steps) if step.status), None)
    return None if told is not None and told.is_terminal and steps[-1].status is None else told


def _two_steps(text: str, status: Status | None, published: datetime, updated: datetime) -> list[Step]:
    """The course of an entry that is one text: that it began, and that it is over, if it is."""
    if status is None or not status.is_terminal:
        return [Step(published, status, text)]
    return [Step(published, None, text), Step(updated, status, "")]


def _labelled(row: Any, title: str) -> Status | None:
    """The status by the title's beginning, end or brackets, else by a category. An end needs to be said by all."""
    labels = [next(filter(None, found)) for found in _LABEL.findall(title)]
    labels += [str(tag.get("term") or "") for tag in row.get("tags") or ()]
    found = [status for status in map(words().status_of, labels) if status is not None]
    return next((status for status in found if not status.is_terminal), found[0] if found else None)


def _severity(title: str) -> Severity:
    lower = title.lower()
    return next((severity for phrase, severity in words().severity.items() if phrase in lower), Severity.MINOR)


def _plan(text: str, about: datetime) -> tuple[datetime, datetime] | None:
    told = _PLANNED.search(text)
    begins = _near(told, "", about + timedelta(days=150)) if told else None
    if told is None or begins is None:
        return None
    ends = _near(told, "2", begins + timedelta(days=300)) if told["month2"] else _same_day(told, begins)
    return (begins, ends) if ends is not None and ends > begins else None


def _same_day(told: re.Match[str], begins: datetime) -> datetime | None:
    hour, minute = int(told["hour2"]), int(told["minute2"])
    return begins.replace(hour=hour, minute=minute) if hour < 24 and minute < 60 else None


def _near(told: re.Match[str], suffix: str, latest: datetime) -> datetime | None:
    """A time without a year: the last such moment that is not later than a day after ``latest``."""
    month = told[f"month{suffix}"]
    if month not in _MONTHS:
        return None
    for year in (latest.year + 1, latest.year, latest.year - 1):
        try:
            at = datetime(year, _MONTHS.index(month) + 1, int(told[f"day{suffix}"]), int(told[f"hour{suffix}"]),
                          int(told[f"minute{suffix}"]), tzinfo=UTC)  # fmt: skip
        except ValueError:
            continue
        if at <= latest + timedelta(days=1):
            return at
    return None


def _moment(parsed: Sequence[int] | None) -> datetime | None:
    """A time as feedparser gives it: in UTC."""
    try:
        year, month, day, hour, minute, second = parsed[:6] if parsed else ()
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, TypeError):
        return None


class _Reader(HTMLParser):
    """Collects the text of markup: blocks become lines, paragraphs are set apart, scripts are left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line."""
        self._mute += tag in ("script", "style")
        if tag in _BLOCKS:
            self.parts.append("\n\n" if tag == "p" else "\n")

    def handle_endtag(self, tag: str) -> None:
        """The end of a paragraph sets it apart."""
        self._mute -= tag in ("script", "style") and self._mute > 0
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Text stays."""
        if not self._mute:
            self.parts.append(data)


def _plain(markup: str) -> str:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
