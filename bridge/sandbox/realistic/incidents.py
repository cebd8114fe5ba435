"""Four hundred incidents over three years, with fifteen hundred updates in a rhythm that people keep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from bridge.sandbox.realistic.oddities import ODD_TEXTS
from bridge.sandbox.realistic.phrases import (
    CAUSES,
    POSTMORTEMS,
    PROGRESS,
    REGIONS,
    RELAPSED,
    RESOLVED,
    WATCHED,
    Cause,
)
from bridge.sandbox.realistic.plan import Entry, Health, Phase, PlannedComponent, PlannedGroup, PlannedIncident

INCIDENTS = 400
UPDATES = 1500
DAYS = 3 * 365
_OPEN: tuple[tuple[timedelta, Phase, int], ...] = (
    (timedelta(hours=26), "monitoring", 6),
    (timedelta(hours=3), "identified", 2),
    (timedelta(minutes=35), "investigating", 0),
)
"""What is going on at the end: begun how long ago, where it stands, how many updates."""
_MARATHONS = (31, 24, 18)
_USUAL = (1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8)
_FEWEST, _MOST = 1, 12
_HIDDEN_EVERY, _STICKIED_EVERY, _POSTMORTEM_EVERY = 50, 133, 28
_SHORTEST = 4.0
_OVER_BEFORE = 60
"""Minutes before the present at which everything that is over is over."""
_QUIET_DAYS = 2
"""Days before the present in which only what is open begins."""


class Narrator:
    """Fills in sentences for one incident, which keeps to one story.

    Args:
        draw: of the story and the figures in it.
        cause: what it is about.
        what: is hit.
    """

    def __init__(self, draw: Random, cause: Cause, what: str) -> None:
        self._draw = draw
        self._what = what
        self._where = draw.choice(REGIONS)
        self._line = draw.randrange(2)
        self._progress: list[str] = []
        self._cause = cause
        self.minutes = 0
        self.time = ""

    def title(self) -> str:
        """What the incident is called."""
        titles = self._cause.titles
        return self._fill(self._draw.choice((titles[self._line], *titles[2:])))

    def story(self, told: Sequence[str]) -> str:
        """That of the cause's sentences which belongs to the story."""
        return self._fill(told[self._line])

    def progress(self) -> str:
        """That it goes on, in other words than before."""
        if not self._progress:
            self._progress = self._draw.sample(PROGRESS, len(PROGRESS))
        return self._fill(self._progress.pop())

    def say(self, choices: Sequence[str]) -> str:
        """One of the sentences."""
        return self._fill(self._draw.choice(choices))

    def _fill(self, sentence: str) -> str:
        return sentence.format(
            what=self._what,
            share=f"{self._draw.choice((2, 3, 5, 8, 12, 20, 35, 60))} %",
            where=self._where,
            number=self._draw.randrange(3, 50),
            minutes=self.minutes,
            time=self.time,
        )


def draw_incidents(
    draw: Random, now: datetime, groups: Sequence[PlannedGroup], components: Sequence[PlannedComponent]
) -> tuple[PlannedIncident, ...]:
    """All incidents, by their begin.

    Args:
        draw: same generator, same incidents.
        now: the present; three incidents are open then.
        groups: of the page.
        components: of the page.
    """
    author = _Author(draw, now, groups, components)
    begins = _draw_begins(draw, now)
    places = dict(zip(draw.sample(range(5, len(begins) - 5), len(ODD_TEXTS)), ODD_TEXTS, strict=True))
    found = [
        author.write_past(key, begin, length, places.get(key))
        for key, (begin, length) in enumerate(zip(begins, _draw_lengths(draw), strict=True))
    ]
    return (*found, *(author.write_open(len(found) + place, place) for place in range(len(_OPEN))))


def _draw_begins(draw: Random, now: datetime) -> list[datetime]:
    """Mostly when people work and change things, and never two in one minute."""
    minutes = DAYS * 1440
    found: set[int] = set()
    while len(found) < INCIDENTS - len(_OPEN):
        minute = draw.randrange(_QUIET_DAYS * 1440, minutes)
        moment = now - timedelta(minutes=minute)
        likely = (1.0 if 8 <= moment.hour < 18 else 0.35) * (1.0 if moment.weekday() < 5 else 0.4)
        if draw.random() < likely:
            found.add(minute)
    return [now - timedelta(minutes=minute, seconds=-draw.randrange(60)) for minute in sorted(found, reverse=True)]


def _draw_lengths(draw: Random) -> list[int]:
    """How many updates each of the incidents that are over has; together with the open ones exactly ``UPDATES``."""
    wanted = UPDATES - sum(length for _, _, length in _OPEN)
    usual = [draw.choice(_USUAL) for _ in range(INCIDENTS - len(_OPEN) - len(_MARATHONS))]
    while missing := wanted - sum(_MARATHONS) - sum(usual):
        place, step = draw.randrange(len(usual)), 1 if missing > 0 else -1
        if _FEWEST <= usual[place] + step <= _MOST:
            usual[place] += step
    for length in _MARATHONS:
        usual.insert(draw.randrange(len(usual)), length)
    return usual


def _draw_minutes(draw: Random, length: int) -> float:
    """How long it takes: an hour or so, and longer the more there is to tell; the longest ones take days."""
    minutes = draw.lognormvariate(math.log(12 * (length + 1)), 0.8)
    if length > _MOST:
        minutes = draw.uniform(1.5, 4) * 1440
    return max(_SHORTEST, 1.5 * (length + 1), min(minutes, 5 * 1440.0))


class _Author:
    """Writes incidents about the components that are in sight; never about one that is hidden."""

    def __init__(
        self, draw: Random, now: datetime, groups: Sequence[PlannedGroup], components: Sequence[PlannedComponent]
    ) -> None:
        self._draw = draw
        self._now = now
        self._shown = {group.key: group.name for group in groups if not group.hidden}
        self._components = [
            component
            for component in components
            if not component.hidden and (component.group is None or component.group in self._shown)
        ]

    def write_past(self, key: int, begin: datetime, length: int, odd: tuple[str, str] | None) -> PlannedIncident:
        """One that is over after so many updates; an odd one has its own title and report."""
        cause = self._draw.choice(CAUSES)
        hit = self._hit(cause)
        minutes = min(_draw_minutes(self._draw, length), (self._now - begin) / timedelta(minutes=1) - _OVER_BEFORE)
        narrator = Narrator(self._draw, cause, _named([component.name for component in hit]))
        narrator.minutes, narrator.time = round(minutes), begin.strftime("%H:%M")
        severity = self._health(cause, hit)
        phases = _draw_phases(self._draw, length)
        entries = _write(narrator, cause, _moments(self._draw, begin, minutes, length), phases, severity)
        title = narrator.title()
        if odd is not None:
            title, entries[0] = odd[0], replace(entries[0], text=odd[1])
        postmortem = narrator.say(POSTMORTEMS) if key % _POSTMORTEM_EVERY == 9 else None
        return PlannedIncident(
            key=key,
            title=title,
            entries=tuple(entries),
            hidden=key % _HIDDEN_EVERY == 17,
            stickied=key % _STICKIED_EVERY == 50,
            postmortem=postmortem,
            labels={"ticket": f"OPS-{1000 + key}"} if key % 3 == 0 else {},
        )

    def write_open(self, key: int, place: int) -> PlannedIncident:
        """One of those that are going on."""
        ago, phase, length = _OPEN[place]
        cause = CAUSES[(3, 0, 1)[place]]
        hit = self._hit(cause)
        narrator = Narrator(self._draw, cause, _named([component.name for component in hit]))
        between: list[Phase] = ["identified"] * length
        phases: list[Phase] = ["investigating", *between]
        phases[-1] = phase
        moments = _moments(self._draw, self._now - ago, ago.total_seconds() / 60 - 9, length)
        entries = _write(narrator, cause, moments, phases, self._health(cause, hit))
        return PlannedIncident(key, narrator.title(), tuple(entries), labels={"ticket": f"OPS-{1000 + key}"})

    def _hit(self, cause: Cause) -> list[PlannedComponent]:
        """One component mostly, two to five sometimes, none now and then."""
        areas = {key for key, name in self._shown.items() if name in cause.area}
        possible = [component for component in self._components if not areas or component.group in areas]
        count = self._draw.choices((0, 1, 2, 3, 5), weights=(4, 62, 20, 10, 4))[0]
        return self._draw.sample(possible, count)

    def _health(self, cause: Cause, hit: Sequence[PlannedComponent]) -> dict[int, Health]:
        severe: Sequence[Health] = ("partial", "major")
        draw = self._draw
        return {c.key: draw.choice(severe) if draw.random() < cause.severe else "degraded" for c in hit}


def _named(names: Sequence[str]) -> str:
    """What is hit, in the singular, so that every sentence fits."""
    if not names:
        return "Our service"
    return names[0] if len(names) == 1 else f"{names[0]} (and {len(names) - 1} more)"


def _draw_phases(draw: Random, length: int) -> list[Phase]:
    """From a report to the end: found, mended, watched, sometimes back to the beginning on the way."""
    between: list[Phase] = []
    for place in range(length - 1):
        done = (place + 1) / length
        likely: Phase = "investigating" if done < 0.2 else "identified" if done < 0.65 else "monitoring"
        relapsed = between[-1:] == ["monitoring"] and draw.random() < 0.08
        between.append("investigating" if relapsed else likely)
    first: Phase = "identified" if draw.random() < 0.12 else "investigating"
    return [first, *between, "resolved"]


def _moments(draw: Random, begin: datetime, minutes: float, length: int) -> list[datetime]:
    """The report at the begin, the last update at the end, the others between, early ones closer together."""
    steps = [draw.uniform(0.5, 1.5) * (1 + place * 0.35) for place in range(length)]
    total, gone, found = sum(steps), 0.0, [begin]
    for step in steps:
        gone += step
        found.append((begin + timedelta(minutes=minutes * gone / total)).replace(microsecond=0))
    return found


def _write(
    narrator: Narrator,
    cause: Cause,
    moments: Sequence[datetime],
    phases: Sequence[Phase],
    severity: Mapping[int, Health],
) -> list[Entry]:
    entries: list[Entry] = []
    for at, phase in zip(moments, phases, strict=True):
        before = [entry.phase for entry in entries]
        health: dict[int, Health] = dict(severity)
        if phase == "resolved":
            health = dict.fromkeys(severity, "operational")
        elif phase == "monitoring":
            health = dict.fromkeys(severity, "degraded")
        changed = health if not entries or health != _latest(entries) else {}
        entries.append(Entry(at, phase, _sentence(narrator, cause, phase, before), changed))
    return entries


def _latest(entries: Sequence[Entry]) -> Mapping[int, Health]:
    return next((entry.health for entry in reversed(entries) if entry.health), {})


def _sentence(narrator: Narrator, cause: Cause, phase: Phase, before: Sequence[Phase]) -> str:
    if not before:
        return narrator.story(cause.reports)
    if phase == "resolved":
        return narrator.say(RESOLVED)
    if phase == "investigating":
        return narrator.say(RELAPSED) if before[-1] == "monitoring" else narrator.progress()
    if phase == "identified":
        return narrator.progress() if "identified" in before[1:] else narrator.story(cause.found)
    return narrator.say(WATCHED) if "monitoring" in before else narrator.story(cause.mended)
