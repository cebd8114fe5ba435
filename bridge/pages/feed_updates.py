"""What the text of an entry of a feed tells: its updates, how it stands, and when planned work takes place. Pure.

Facts (feeds of hosted pages and of Cachet): each update is a time, a status in bold, a dash and a text, newest first or
oldest first; planned work says ``THIS IS A SCHEDULED EVENT`` with its times. Feeds of incident.io show the newest
update only, under ``Status: Resolved`` and above the components. Those of Instatus begin with ``Type: Maintenance``
and a duration; planned work is published at the time at which it begins, and is *Identified* until it is over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from bridge.model.enums import IncidentStatus, MaintenanceStatus, Severity
from bridge.pages.feed_times import ZONE, Times
from bridge.policy.literal import clean_block

MOST_TEXT = 10_000
_MOST_UPDATES = 100
_WHEN = (
    r"(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2})? "
    rf"(?P<zone>{ZONE})"
)
_SAID = r"(?P<word>[^\W\d_](?:[^\W\d_]| ){1,30}?) [-–](?:\s+(?P<text>.*))?\Z"
_UPDATE = re.compile(rf"(?:{_WHEN}(?:\s+-)?\s+)?{_SAID}", re.DOTALL)
_UPDATE_AT_SOME_TIME = re.compile(rf"(?=[^\n]{{0,79}}\d)[^\n]{{4,80}}\n{_SAID}", re.DOTALL)
_PLANNED = re.compile(
    r"SCHEDULED EVENT (?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}), (?P<hour>\d{1,2}):(?P<minute>\d{2}) - "
    rf"(?:(?P<month2>[A-Z][a-z]{{2}}) (?P<day2>\d{{1,2}}), )?(?P<hour2>\d{{1,2}}):(?P<minute2>\d{{2}}) (?P<zone>{ZONE})"
)
_STATED = re.compile(r"Status: ([^\n]{2,40})(?:\n+(.*))?\Z", re.DOTALL)
_CONCERNED = "\n\nAffected components"
_WORK = re.compile(r"Type: Maintenance(?:\n+Duration: ([^\n]{1,60}))?(?:\n|\Z)")
_LENGTHS = re.compile(r"(\d{1,3}) (minute|hour|day)s?")

Status = IncidentStatus | MaintenanceStatus


@dataclass(frozen=True, slots=True)
class Step:
    """One update of an entry.

    Attributes:
        status: None where its word is not known.
        name: what tells it from others of the entry, where its place among them may change.
    """

    at: datetime
    status: Status | None
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The words that are known, in small letters."""

    status: Mapping[str, Status]
    severity: Mapping[str, Severity]

    def status_of(self, word: str) -> Status | None:
        """What a word says; None for one that is not known."""
        return self.status.get(" ".join(word.split()).lower())


@dataclass(slots=True)
class _Told:
    """An update as it stands in the text."""

    at: datetime | None
    status: Status | None
    text: str


@cache
def words() -> Words:
    """The words of ``feed_words.yaml``."""
    data = yaml.safe_load(files("bridge.pages").joinpath("feed_words.yaml").read_text(encoding="utf-8"))
    status: dict[str, Status] = {word: IncidentStatus(name) for word, name in data["incident"].items()}
    status |= {word: MaintenanceStatus(name) for word, name in data["maintenance"].items()}
    return Words(status, {phrase: Severity(name) for phrase, name in data["severity"].items()})


def updates_in(text: str, published: datetime, updated: datetime, times: Times) -> list[Step]:
    """The updates that a text holds, oldest first; those of unknown words only beside one that is known."""
    found: list[_Told] = []
    for paragraph in text.split("\n\n")[:_MOST_UPDATES]:
        said = paragraph.strip()
        told = _UPDATE.match(said)
        status = words().status_of(told["word"]) if told else None
        if told is not None and (status is not None or told["month"] is not None):
            at = times.of_update(told) if told["month"] else None
            found.append(_Told(at, status, clean_block(told["text"] or "", MOST_TEXT)))
        elif (told := _UPDATE_AT_SOME_TIME.match(said)) and (status := words().status_of(told["word"])):
            found.append(_Told(None, status, clean_block(told["text"] or "", MOST_TEXT)))
        elif found:  # a further paragraph of the update above
            found[-1].text = f"{found[-1].text}\n\n{said}"[:MOST_TEXT]
    return _in_order(found, published, updated) if any(told.status for told in found) else []


def last_word(steps: Sequence[Step]) -> Status | None:
    """The status that was told last; an end after which something unknown was said is none."""
    told = next((step.status for step in reversed(steps) if step.status), None)
    return None if told is not None and told.is_terminal and steps[-1].status is None else told


def stated(text: str) -> tuple[str, str] | None:
    """The word for how things stand, and the text, of an entry that shows its newest update only."""
    told = _STATED.match(text)
    return (told[1], (told[2] or "").partition(_CONCERNED)[0].strip()) if told else None


def planned(text: str, about: datetime, times: Times) -> tuple[datetime, datetime] | None:
    """Begin and end of planned work, where its text tells them."""
    told = _PLANNED.search(text)
    begins = times.of_plan(told, "", about + timedelta(days=150)) if told else None
    if told is None or begins is None:
        return None
    if told["month2"]:
        ends = times.of_plan(told, "2", begins + timedelta(days=300))
    else:
        lasts = timedelta(
            hours=int(told["hour2"]) - int(told["hour"]), minutes=int(told["minute2"]) - int(told["minute"])
        )
        ends = begins + lasts if int(told["hour2"]) < 24 and int(told["minute2"]) < 60 else None
    return (begins, ends) if ends is not None and ends > begins else None


def is_typed_work(text: str) -> bool:
    """Whether an entry calls itself planned work, with its begin as the time at which it was published."""
    return _WORK.match(text) is not None


def typed_plan(text: str, begins: datetime) -> tuple[datetime, datetime] | None:
    """Begin and end of planned work that tells how long it takes."""
    told = _WORK.match(text)
    lengths = _LENGTHS.findall(told[1] or "") if told else []
    lasts = sum((timedelta(**{f"{unit}s": int(count)}) for count, unit in lengths), timedelta())
    return (begins, begins + lasts) if lasts else None


def as_work(step: Step, begins: datetime) -> Step:
    """An update of planned work that was told in the words of incidents."""
    if not isinstance(step.status, IncidentStatus):
        return step
    if step.status.is_terminal:
        return replace(step, status=MaintenanceStatus.COMPLETED)
    has_begun = step.at >= begins.replace(second=0)
    return replace(step, status=MaintenanceStatus.IN_PROGRESS if has_begun else MaintenanceStatus.SCHEDULED)


def _in_order(found: Sequence[_Told], published: datetime, updated: datetime) -> list[Step]:
    """The updates oldest first, none before the one that came before it."""
    known = [told.at for told in found if told.at]
    newest_first = found if len(known) < 2 or known[0] >= known[-1] else found[::-1]
    steps: list[Step] = []
    for told in newest_first:
        at = told.at or (published if steps else updated)
        at = max(min(at, steps[-1].at) if steps else at, published - timedelta(days=1))
        steps.append(Step(at, told.status, told.text))
    return steps[::-1]
